// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("cancellation and deadlines", .watchdog)
struct CancellationTests {
  @Test func aCancelledReceiveHasConsumedNothing() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.lines, on: loop)
      let reader = Task { try await pair.server.receive() }
      try await pair.client.send("unfinished")
      try await settle()
      _ = try await reader.value
      let second = Task { try await pair.server.receive() }
      try await settle()
      second.cancel()
      await #expect(throws: CancellationError.self) { try await second.value }
      try await pair.client.send("next")
      #expect(try await pair.server.receive() == "next")
    }
  }

  @Test func aTaskThatIsCancelledBeforeDoesNotBegin() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.lines, on: loop)
      let task = Task {
        while !Task.isCancelled { await Task.yield() }
        return try await pair.server.receive()
      }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  @Test func aSendThatIsCancelledBetweenMessagesLeavesTheConnectionOpen() async throws {
    try await withLoop { loop in
      let pair = try await Pair(
        .packets(), options: StreamOptions(osSendBufferBytes: 4096, osReceiveBufferBytes: 4096),
        on: loop)
      let sender = Task {
        var count = 0
        do {
          while true {
            try await pair.client.send([UInt8](repeating: 1, count: 30_000))
            count += 1
          }
        } catch is CancellationError { return count }
      }
      try await Task.sleep(for: .milliseconds(50))
      sender.cancel()
      let count = try await sender.value
      try await pair.client.finishSending(whileReading: pair.server, count)
    }
  }

  @Test func aSendThatIsCutCloses() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.bytes, on: loop)
      let sender = Task {
        try await pair.client.send([UInt8](repeating: 1, count: 50_000_000))
      }
      #expect(try await pair.server.receive() != nil)
      sender.cancel()
      await #expect(throws: CancellationError.self) { try await sender.value }
      await #expect(throws: ConnectionError.self) { try await pair.client.send([1]) }
    }
  }

  @Test func aReceiveEndsAtItsDeadline() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.codable(String.self), on: loop)
      let error = await #expect(throws: ConnectionError.self) {
        try await pair.server.receive(within: .milliseconds(20))
      }
      #expect(error?.code == .errTimeout)
      try await pair.client.send("late")
      #expect(try await pair.server.receive(within: .seconds(10)) == "late")
    }
  }
}

extension Connection where Incoming == [UInt8] {
  /// Finishes while the peer reads so many packets, and the end.
  func finishSending(whileReading peer: Connection, _ count: Int) async throws {
    async let finished: Void = finishSending()
    for _ in 0..<count { #expect(try await peer.receive()?.count == 30_000) }
    #expect(try await peer.receive() == nil)
    try await finished
  }
}
