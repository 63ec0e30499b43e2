// SPDX-License-Identifier: MIT
import Harness
import NIOCore
import NIOSSL

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The context of a server with the certificate that scripts/bench has made.
func tlsServer() -> NIOSSLContext {
  do {
    guard let folder = getenv("BENCH_TLS") else { fail("BENCH_TLS names no folder") }
    let path = String(cString: folder)
    let chain = try NIOSSLCertificate.fromPEMFile("\(path)/certificate.pem")
    let key = try NIOSSLPrivateKey(file: "\(path)/key.pem", format: .pem)
    return try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key)))
  } catch {
    fail("\(error)")
  }
}

/// Writes a piece after the OS has taken the one before. During the handshake a channel stays
/// writable, so `PieceWriter` would write without end.
final class SentPieceWriter: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var meter: Meter
  private let done: EventLoopPromise<Void>
  private var piece = ByteBufferAllocator().buffer(capacity: pieceBytes)

  init(_ work: Work, done: EventLoopPromise<Void>, fill: (inout ByteBuffer) -> Void) {
    meter = Meter(work)
    self.done = done
    fill(&piece)
  }

  func channelActive(context: ChannelHandlerContext) { write(context) }

  private func write(_ context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(piece)).whenSuccess {
      let (writer, context) = bound.value
      if writer.meter.add(1) {
        writer.write(context)
      } else {
        writer.done.succeed()
      }
    }
  }
}

/// Sends a message after the handshake, and tells when its echo is back.
private final class Greeter: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let done: EventLoopPromise<Void>
  private var missing = messageBytes

  init(_ done: EventLoopPromise<Void>) { self.done = done }

  func channelActive(context: ChannelHandlerContext) {
    let message = context.channel.allocator.buffer(repeating: 0, count: messageBytes)
    context.writeAndFlush(wrapOutboundOut(message), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    missing -= unwrapInboundIn(data).readableBytes
    if missing == 0 { done.succeed() }
  }
}

/// The heap of an idle TLS peer.
func tlsIdle(_ work: Work) {
  do {
    let context = tlsServer()
    let reads = AdaptiveRecvByteBufferAllocator()
    let greeted = try (0..<work.peers).map { index in
      let done = loop.makePromise(of: Void.self)
      let fd = firstFD + Int32(index)
      _ = try openChannel(fd, reads: reads, over: context) { Greeter(done) }.wait()
      return done.futureResult
    }
    try EventLoopFuture.andAllSucceed(greeted, on: loop).wait()
    printMemory(work)
  } catch {
    fail("\(error)")
  }
}
