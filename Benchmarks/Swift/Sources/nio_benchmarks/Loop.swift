// SPDX-License-Identifier: MIT
import Harness
import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// One event loop, which runs on the processor that the program is pinned to.
let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
let loop = group.next()

/// Creates a channel for a connected socket. After a read that fills its buffer it reads again,
/// without asking the OS first.
func openChannel(
  _ fd: Int32, reads: any RecvByteBufferAllocator & Sendable, over tls: NIOSSLContext? = nil,
  handler: @escaping @Sendable () -> ChannelHandler
) -> EventLoopFuture<Channel> {
  // NIO expects a non-blocking socket.
  _ = fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK)
  return ClientBootstrap(group: loop)
    .channelOption(.recvAllocator, value: reads)
    .channelOption(.maxMessagesPerRead, value: 16)
    .channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        if let tls {
          try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
        }
        try channel.pipeline.syncOperations.addHandler(handler())
      }
    }
    .withConnectedSocket(fd)
}

/// Runs one handler on one connection until the handler fulfils its promise. Its reads have the
/// same size as those of the other programs.
func runHandler(
  over tls: NIOSSLContext? = nil,
  _ make: @escaping @Sendable (EventLoopPromise<Void>) -> ChannelHandler
) {
  let promise = loop.makePromise(of: Void.self)
  do {
    let reads = FixedSizeRecvByteBufferAllocator(capacity: pieceBytes)
    _ = try openChannel(firstFD, reads: reads, over: tls) { make(promise) }.wait()
    try promise.futureResult.wait()
  } catch {
    fail("\(error)")
  }
}
