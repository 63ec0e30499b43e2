// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

// An actor whose executor is a loop.
private actor Counter {
  let loop: SocketLoop
  private(set) var messages = 0

  init(on loop: SocketLoop) { self.loop = loop }

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  func count(_ connection: Connection<String, String>) async throws {
    for try await _ in connection.messages {
      #expect(loop.isCurrent)
      preconditionIsolated()
      note()
    }
  }

  private func note() { assumeIsolated { $0.messages += 1 } }
}

@Suite("actors on a loop", .watchdog)
struct LoopActorTests {
  @Test(arguments: [true, false]) func anActorUsesAConnectionOfItsLoop(prefersLoop: Bool)
    async throws
  {
    try await withLoop { loop in
      let pair = try await Pair(.lines, on: loop)
      let counter = Counter(on: loop)
      let counting = Task(executorPreference: prefersLoop ? loop : nil) {
        try await counter.count(pair.server)
        return await counter.messages
      }
      for number in 0..<100 { try await pair.client.send("\(number)") }
      try await pair.client.finishSending()
      #expect(try await counting.value == 100)
    }
  }
}
