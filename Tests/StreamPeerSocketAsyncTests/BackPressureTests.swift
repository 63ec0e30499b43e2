// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Synchronization
import Testing

@Suite("back-pressure", .watchdog)
struct BackPressureTests {
  // Fifty clients read slowly, each at its own pace.
  @Test func everyMessageReachesEverySlowReader() async throws {
    let (clients, messages, bytes) = (50, 1000, 2000)
    let options = StreamOptions(
      readBufferBytes: 4096, writeBufferBytes: 8192, osSendBufferBytes: 4096,
      osReceiveBufferBytes: 4096)
    let most = Most()
    try await withLoop { loop in
      let listener = try await Listener.tcp(
        port: 0, host: "127.0.0.1", coding: .packets(), options: ServerOptions(stream: options),
        on: loop)
      async let serving: Void = listener.run { connection in
        for number in 0..<messages {
          try await connection.send(packet(number, bytes))
          let pending = try await connection.withStream { $0.pendingWriteBytes }
          most.pending.max(pending, ordering: .relaxed)
        }
      }
      try await withThrowingDiscardingTaskGroup { group in
        for client in 0..<clients {
          group.addTask(executorPreference: loop) {
            let connection = try await Connection.tcp(
              "127.0.0.1", port: listener.port, coding: .packets(), options: options, on: loop)
            var number = 0
            for try await message in connection.messages {
              #expect(message == packet(number, bytes))
              number += 1
              if (number + client) % 25 == 0 {
                try await Task.sleep(for: .milliseconds(client % 7 + 1), clock: loop.clock)
              }
            }
            #expect(number == messages)
          }
        }
      }
      listener.stop()
      try await serving
    }
    #expect((1...8192).contains(most.pending.load(ordering: .relaxed)))
  }

  // A peer that never reads ends its own task only.
  @Test func aSendToAPeerThatDoesNotReadReachesItsDeadline() async throws {
    let options = StreamOptions(osSendBufferBytes: 4096, osReceiveBufferBytes: 4096)
    try await withLoop { loop in
      let pair = try await Pair(.packets(), options: options, on: loop)
      let other = try await Pair(.packets(), options: options, on: loop)
      let error = await #expect(throws: ConnectionError.self) {
        while true { try await pair.client.send(packet(0, 10_000), within: .milliseconds(30)) }
      }
      #expect(error?.code == .errTimeout)
      let isCut = error?.reason == .local
      let isOpen = try await pair.client.withStream { $0.getStatus() == .connected }
      #expect(isCut != isOpen)
      try await other.client.send(packet(1, 10))
      #expect(try await other.server.receive() == packet(1, 10))
    }
  }
}

private func packet(_ number: Int, _ bytes: Int) -> [UInt8] {
  [UInt8](repeating: UInt8(number % 251), count: bytes)
}

private final class Most: Sendable {
  let pending = Atomic(0)
}
