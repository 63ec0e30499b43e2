// SPDX-License-Identifier: MIT
//
// SwiftNIO with awaited calls: NIOAsyncChannel. Its channels have one event loop.
import CCounts
import Harness
import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// One event loop, which runs on the processor that the program is pinned to.
let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()

typealias Channel = NIOAsyncChannel<ByteBuffer, ByteBuffer>
typealias Inbound = NIOAsyncChannelInboundStream<ByteBuffer>
typealias Outbound = NIOAsyncChannelOutboundWriter<ByteBuffer>

// Its reads have the same size as those of the other programs if `readBytes` is given.
func adopt(_ index: Int = 0, readBytes: Int? = nil) async throws -> Channel {
  let fd = firstFD + Int32(index)
  // NIO expects a non-blocking socket.
  _ = fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK)
  var bootstrap = ClientBootstrap(group: loop)
  if let readBytes {
    let reads = FixedSizeRecvByteBufferAllocator(capacity: readBytes)
    bootstrap = bootstrap.channelOption(.recvAllocator, value: reads)
      .channelOption(.maxMessagesPerRead, value: 16)
  }
  return try await bootstrap.withConnectedSocket(fd, channelInitializer: wrap)
}

@Sendable
func wrap(_ channel: any NIOCore.Channel) -> EventLoopFuture<Channel> {
  channel.eventLoop.makeCompletedFuture { try Channel(wrappingChannelSynchronously: channel) }
}

func connect(_ port: Int) async throws -> Channel {
  try await ClientBootstrap(group: loop)
    .connect(host: "127.0.0.1", port: port, channelInitializer: wrap)
}

// A message to an echo server and back.
func trip(
  _ inbound: inout Inbound.AsyncIterator, _ outbound: Outbound, _ message: ByteBuffer
) async throws {
  try await outbound.write(message)
  var missing = messageBytes
  while missing > 0 {
    guard let bytes = try await inbound.next() else { fail("the partner has finished") }
    missing -= bytes.readableBytes
  }
}

func onEachConnection(
  _ work: Work,
  _ body:
    @escaping @Sendable (inout Inbound.AsyncIterator, Outbound, ByteBuffer) async throws -> Void
) -> Never {
  runTasks {
    let message = ByteBuffer(repeating: 0, count: messageBytes)
    try await withThrowingDiscardingTaskGroup { group in
      for index in 0..<work.peers {
        let channel = try await adopt(index)
        group.addTask {
          try await channel.executeThenClose { inbound, outbound in
            var iterator = inbound.makeAsyncIterator()
            try await body(&iterator, outbound, message)
          }
        }
      }
    }
  }
}

func trips(_ work: Work) {
  let meter = SharedMeter(work)
  onEachConnection(work) { inbound, outbound, message in
    while true {
      try await trip(&inbound, outbound, message)
      meter.add()
    }
  }
}

// Each connection makes one trip, and then a task waits for a message.
func idle(_ work: Work) {
  let active = Mutex(work.peers)
  onEachConnection(work) { inbound, outbound, message in
    try await trip(&inbound, outbound, message)
    let isLast = active.withLock { count in
      count -= 1
      return count == 0
    }
    if isLast {
      try await trip(&inbound, outbound, message)  // the others wait by now
      printMemory(work)
      finish()
    }
    _ = try await inbound.next()
  }
}

func bulkIn(_ work: Work) {
  let meter = SharedMeter(work)
  runTasks {
    try await adopt(readBytes: pieceBytes).executeThenClose { inbound, _ in
      var bytes = 0
      for try await message in inbound {
        bytes += message.readableBytes
        while bytes >= pieceBytes {
          bytes -= pieceBytes
          meter.add()
        }
      }
    }
  }
}

func bulkOut(_ work: Work) {
  let meter = SharedMeter(work)
  runTasks {
    let channel = try await adopt()
    try await channel.executeThenClose { _, outbound in
      let piece = ByteBuffer(repeating: 0, count: pieceBytes)
      for count in [work.items / 8 + 1, work.items] {
        for _ in 0..<count { try await outbound.write(piece) }
        // The writer returns before its channel has the pieces. This waits for them.
        try await channel.channel.writeAndFlush(ByteBuffer())
        meter.add(count)
      }
    }
  }
}

func connects(_ work: Work) {
  let meter = SharedMeter(work)
  let port = partnerPort()
  runTasks {
    while true {
      try await connect(port).executeThenClose { _, _ in }
      meter.add()
    }
  }
}

func accepts(_ work: Work) {
  let meter = SharedMeter(work)
  runTasks {
    try await serveEcho(onPort: tellPartner) { meter.add() }
  }
}

// Both ends in one program, from listening to the last byte.
func echoRun(_ work: Work) {
  runTasks {
    let before = allocations()
    try await withThrowingTaskGroup { group in
      let (ports, port) = AsyncStream.makeStream(of: Int.self)
      group.addTask {
        try await serveEcho {
          port.yield($0)
        } onEnd: {
        }
      }
      guard let port = await ports.first(where: { _ in true }) else { fail("no port") }
      try await connect(port).executeThenClose { inbound, outbound in
        group.addTask {
          var missing = work.items * runBytes
          for try await bytes in inbound {
            missing -= bytes.readableBytes
            if missing == 0 { return }
          }
        }
        let message = ByteBuffer(repeating: 0, count: runBytes)
        for _ in 0..<work.items { try await outbound.write(message) }
        try await group.next()
      }
      print("allocations \(allocations() - before) of 1")
      finish()
    }
  }
}

/// Each row's work.
public var rows: [String: (Work) -> Void] {
  [
    "trips": trips, "idle": idle, "bulk_in": bulkIn, "bulk_out": bulkOut, "connects": connects,
    "accepts": accepts, "echo_run": echoRun,
  ]
}
