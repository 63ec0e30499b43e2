// SPDX-License-Identifier: MIT
//
// The edges of what the doc comments promise: ends, closes and times that are unusual.
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

private final class Slot: @unchecked Sendable {
  private let lock = NSLock()
  private var next: UnsafeContinuation<Void, Never>?

  func put(_ new: UnsafeContinuation<Void, Never>) { lock.withLock { next = new } }
  func take() -> UnsafeContinuation<Void, Never>? { lock.withLock { next.take() } }
}

/// A coder that looks for whole frames and never asks why bytes are missing.
private struct Frames: MessageCoder {
  static let coding = MessageCoding<[UInt8], [UInt8]> { Frames() }

  func receive(from stream: StreamPeer) throws -> [UInt8]? {
    let frame = stream.peek(0) { $0.count < 8 ? nil : Array($0.prefix(8)) }
    if frame != nil { stream.consume(8) }
    return frame
  }

  func send(_ message: [UInt8], to stream: StreamPeer) throws {
    try stream.putData(message).orThrow()
  }
}

@Suite("edges of connections and loops", .serialized, .watchdog)
struct EdgeTests {
  @Test func theLoopEndsWhileOthersEnqueue() async {
    for _ in 0..<200 {
      let loop = SocketLoop(name: "short")
      let slot = Slot()
      // Nobody waits for this task, so it may still enqueue when the loop goes away.
      Task.detached {
        while true {
          if let next = slot.take() { return next.resume() }
          await Task.yield()
        }
      }
      // Without a sleep the loop sees the job before the call of enqueue() has ended.
      let spinner = Task(executorPreference: loop) {
        while !Task.isCancelled { await Task.yield() }
      }
      await Task(executorPreference: loop) {
        await withUnsafeContinuation { slot.put($0) }
        spinner.cancel()
      }.value
      await spinner.value
      await loop.shutDown()
    }
  }

  @Test func manyShutDowns() async throws {
    for _ in 0..<300 {
      let loop = SocketLoop(name: "many")
      await withDiscardingTaskGroup { group in
        for number in 0..<6 {
          group.addTask {
            guard number.isMultiple(of: 2) else { return await loop.shutDown() }
            try? await loop.clock.sleep(until: loop.clock.now.advanced(by: .milliseconds(2)))
            _ = try? await Connection.tcp("127.0.0.1", port: 1, on: loop)
          }
        }
        group.addTask { await Task(executorPreference: loop) { await loop.shutDown() }.value }
      }
      await loop.shutDown()
    }
  }

  @Test func connectionsDroppedAnywhere() async throws {
    for _ in 0..<100 {
      let loop = SocketLoop(name: "drop")
      let pair = try await Pair(.bytes, on: loop)
      let (client, server) = (pair.client, pair.server)
      await withDiscardingTaskGroup { group in
        group.addTask { _ = try? await client.receive() }
        group.addTask { try? await client.send([UInt8](repeating: 1, count: 3_000_000)) }
        group.addTask { _ = try? await server.receive(exactly: 1000) }
        group.addTask { await loop.shutDown() }
      }
    }
  }

  @Test func immediateTasksOfTheLoop() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.bytes, on: loop)
      let (client, server) = (pair.client, pair.server)
      // Starts on the loop's thread, and continues on the global executor.
      let tasks = (0..<20).map { _ in
        Task.immediate { try await server.receive(exactly: 5, within: .seconds(200)) }
      }
      let main = Task { @MainActor in try await server.receive(exactly: 5, within: .seconds(200)) }
      try await settle()
      for task in tasks.suffix(5) { task.cancel() }
      for _ in 0..<16 { try await client.send([1, 2, 3, 4, 5]) }
      for task in tasks.prefix(15) { #expect(try await task.value?.count == 5) }
      #expect(try await main.value?.count == 5)
      for task in tasks.suffix(5) {
        await #expect(throws: CancellationError.self) { try await task.value }
      }
    }
  }

  @Test func aBodyWithASpanCloses() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.bytes, on: loop)
      let (client, server) = (pair.client, pair.server)
      try await client.send([1, 2, 3])
      _ = try await server.withReadableSpan { span in
        server.closeNow()
        return (used: 0, result: 0)
      }
      await #expect(throws: ConnectionError.self) { try await server.send([1]) }
      #expect(try await client.receive(within: .seconds(20)) == nil)
    }
  }

  @Test func aCoderThatWaitsLearnsOfTheEnd() async throws {
    try await withLoop { loop in
      let pair = try await Pair(Frames.coding, on: loop)
      let (client, server) = (pair.client, pair.server)
      try await client.send([1, 2, 3])
      try await client.finishSending()
      let error = await #expect(throws: ConnectionError.self) {
        try await server.receive(within: .seconds(20))
      }
      #expect(error?.code == .errFileEof)
    }
  }

  @Test func aCoderThatWaitsLearnsOfTheClose() async throws {
    try await withLoop { loop in
      let pair = try await Pair(Frames.coding, on: loop)
      let (client, server) = (pair.client, pair.server)
      try await client.send([1, 2, 3])
      let reader = Task { try await server.receive(within: .seconds(20)) }
      try await settle()
      server.closeNow()
      let error = await #expect(throws: ConnectionError.self) { try await reader.value }
      #expect(error?.code == .failed && error?.reason == .local)
    }
  }

  @Test func aDescriptorThatIsRefusedStaysTheCallers() async throws {
    let loop = SocketLoop(name: "gone")
    await loop.shutDown()
    var ends: [Int32] = [-1, -1]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    let end = Int(ends[0])
    await #expect(throws: ConnectionError.self) {
      _ = try await Connection.adopting(end, coding: .bytes, on: loop)
    }
    #expect(fcntl(ends[0], F_GETFD) != -1)
    close(ends[0])
    close(ends[1])
  }

  @Test func aCloseWithoutTimeEnds() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.bytes, on: loop)
      let (client, server) = (pair.client, pair.server)
      try await server.send([1, 2, 3])
      // The server has unread bytes, so that it does not close by itself.
      try await client.send([1, 2, 3])
      let begin = loop.clock.now
      await client.close(within: .zero)
      #expect(begin.duration(to: loop.clock.now) < .seconds(20))
      #expect(try await server.receive() == [1, 2, 3])
    }
  }

  @Test func aCloseWithMuchTimeSendsWhatIsLeft() async throws {
    try await withLoop { loop in
      let options = StreamOptions(osSendBufferBytes: 4096, osReceiveBufferBytes: 4096)
      let pair = try await Pair(.bytes, options: options, on: loop)
      try await pair.client.send([UInt8](repeating: 1, count: 60_000))
      async let closed: Void = pair.client.close(within: .seconds(Int64.max))
      var count = 0
      while let bytes = try await pair.server.receive() { count += bytes.count }
      await closed
      #expect(count == 60_000)
    }
  }

  @Test func aConnectWithMuchTimeConnects() async throws {
    try await withLoop { loop in
      let listener = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .bytes, on: loop)
      _ = try await Connection.tcp(
        "127.0.0.1", port: listener.port, timeout: .seconds(Int64.max), on: loop)
    }
  }

  @Test func momentsFarAwayAreInOrder() {
    let now = SocketLoop(name: "idle").clock.now
    let century = Duration.seconds(100 * 365 * 86_400)
    let late = now.advanced(by: century).advanced(by: century).advanced(by: century)
    let early = now.advanced(by: .zero - century).advanced(by: .zero - century)
    #expect(early < now && now < late)
    #expect(early.duration(to: late) > century)
  }

  @Test func aListenerOfALoopThatShutsDown() async throws {
    let loop = SocketLoop(name: "ends")
    let listener = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .bytes, on: loop)
    let waiting = Task { try await listener.accept() }
    // The task waits, or it finds the loop shut down.
    await loop.shutDown()
    let result = await waiting.result
    let error = #expect(throws: ConnectionError.self) { try result.get() }
    #expect(error?.reason == .local)
  }

  @Test func aStoppedListenerAcceptsNothing() async throws {
    try await withLoop { loop in
      let listener = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .bytes, on: loop)
      listener.stop()
      try await listener.run { _ in }
      let other = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .bytes, on: loop)
      async let nothing = other.accept()
      try await settle()
      other.stop()
      #expect(try await nothing == nil)
      try await Task.sleep(for: .milliseconds(20), clock: loop.clock)
      #expect(try await other.accept() == nil)
      #expect(try await other.accept() == nil)
    }
  }
}
