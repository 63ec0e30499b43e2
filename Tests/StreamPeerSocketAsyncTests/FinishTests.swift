// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

// A server that shuts down: what has begun is completed, and idle connections end.
@Suite("a listener that finishes", .watchdog)
struct FinishTests {
  private typealias Client = Connection<String, String>

  /// Serves until the listener finishes, and runs the clients' side meanwhile.
  private func serve(
    over loops: [SocketLoop] = [], on loop: SocketLoop,
    _ serve: @escaping @Sendable (Client) async throws -> Void,
    client body: (Listener<String, String>, Client) async throws -> Void
  ) async throws {
    let listener = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .lines, on: loop)
    let server = Task { try await listener.run(over: loops, serve) }
    let client = try await Client.tcp(
      "127.0.0.1", port: listener.port, coding: .lines, on: loop)
    try await body(listener, client)
    try await server.value
  }

  @Test func idleConnectionsEnd() async throws {
    try await withLoop { loop in
      let other = SocketLoop(name: "other")
      try await self.serve(over: [other], on: loop) { connection in
        for try await line in connection.messages { try await connection.send(line) }
      } client: { listener, client in
        try await client.send("hello")
        #expect(try await client.receive() == "hello")
        listener.finish()
        #expect(try await client.receive() == nil)
        await client.close()
      }
      await other.shutDown()
    }
  }

  @Test func aRequestThatHasBegunIsAnswered() async throws {
    try await withLoop { loop in
      try await self.serve(on: loop) { connection in
        for try await first in connection.messages {
          try await connection.send("more")
          let second = try await connection.receive() ?? "nothing"
          try await connection.send("\(first) \(second)")
        }
      } client: { listener, client in
        try await client.send("a")
        #expect(try await client.receive() == "more")
        listener.finish()
        try await client.send("b")
        #expect(try await client.receive() == "a b")
        #expect(try await client.receive() == nil)
        await client.close()
      }
    }
  }

  @Test func messagesThatHaveArrivedStillCome() async throws {
    try await withLoop { loop in
      try await self.serve(on: loop) { connection in
        for try await line in connection.messages {
          try await connection.send(line)
          if line == "1" {
            // Until all bytes have arrived, and the listener finishes.
            let first = try await connection.withReadableSpan(atLeast: 5) { ($0.byteCount - 5, 0) }
            #expect(first == 0)
            try await settle()
          }
        }
      } client: { listener, client in
        try await client.send("1")
        #expect(try await client.receive() == "1")
        try await client.withStream { #expect($0.putData(Array("2\n3\n4".utf8)) == .ok) }
        listener.finish()
        #expect(try await client.receive() == "2")
        #expect(try await client.receive() == "3")
        // The last line has begun to arrive. Its end comes later.
        try await client.send("")
        #expect(try await client.receive() == "4")
        #expect(try await client.receive() == nil)
        await client.close()
      }
    }
  }

  @Test func aConnectionCanFinishAlone() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.lines, on: loop)
      let reading = Task(executorPreference: loop) {
        for try await line in pair.client.messages { Issue.record("received \(line)") }
      }
      try await settle()
      pair.client.finishMessages()
      try await reading.value
      try await pair.client.send("question")
      #expect(try await pair.server.receive() == "question")
      try await pair.server.send("reply")
      #expect(try await pair.client.receive() == "reply")
      await pair.client.close(within: .zero)
    }
  }
}
