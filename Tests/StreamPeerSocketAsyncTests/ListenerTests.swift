// SPDX-License-Identifier: MIT
import StreamPeerSocket
import Synchronization
import SwiftTestSupport
import Testing

@Suite("listeners", .watchdog)
struct ListenerTests {
  @Test func eachConnectionHasATask() async throws {
    try await withLoop { loop in
      let listener = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .lines, on: loop)
      let server = Task {
        try await listener.run { connection in
          for try await line in connection.messages { try await connection.send("\(line)!") }
        }
      }
      try await withThrowingTaskGroup { group in
        for number in 0..<50 {
          group.addTask {
            try await withConnection(
              to: .tcp("127.0.0.1", port: listener.port), coding: .lines, on: loop
            ) { connection in
              try await connection.send("\(number)")
              #expect(try await connection.receive() == "\(number)!")
            }
          }
        }
        try await group.waitForAll()
      }
      listener.stop()
      try await server.value
    }
  }

  @Test func connectionsHaveALimit() async throws {
    try await withLoop { loop in
      let listener = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .lines, on: loop)
      let open = Atomic(0), most = Atomic(0)
      let served = Atomic(0)
      let server = Task {
        try await listener.run(maxConnections: 3) { connection in
          let now = open.add(1, ordering: .relaxed).newValue
          most.max(now, ordering: .relaxed)
          _ = try await connection.receive()
          // Long enough for all clients to be accepted, if there were no limit.
          try await Task.sleep(for: .milliseconds(20), clock: loop.clock)
          open.subtract(1, ordering: .relaxed)
          served.add(1, ordering: .relaxed)
        }
      }
      try await withThrowingTaskGroup { group in
        for _ in 0..<20 {
          group.addTask {
            let connection = try await Connection.tcp(
              "127.0.0.1", port: listener.port, coding: .lines, on: loop)
            try await connection.send("x")
            _ = try await connection.receive()
          }
        }
        try await group.waitForAll()
      }
      #expect(most.load(ordering: .relaxed) <= 3)
      #expect(served.load(ordering: .relaxed) == 20)
      listener.stop()
      try await server.value
    }
  }

  @Test func cancellingEndsEveryTask() async throws {
    try await withLoop { loop in
      let listener = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .lines, on: loop)
      let ended = Atomic(0)
      let server = Task {
        try await listener.run { connection in
          defer { ended.add(1, ordering: .relaxed) }
          _ = try await connection.receive()
        }
      }
      var clients: [Connection<String, String>] = []
      for _ in 0..<5 {
        clients.append(
          try await .tcp("127.0.0.1", port: listener.port, coding: .lines, on: loop))
      }
      for client in clients { try await client.send("") }
      for client in clients { _ = try await client.receive() }
      let last = try await Connection.tcp(
        "127.0.0.1", port: listener.port, coding: .lines, on: loop)
      try await settle()
      server.cancel()
      await #expect(throws: CancellationError.self) { try await server.value }
      await #expect(throws: (any Error).self) {
        while try await last.receive() != nil {}; throw CancellationError()
      }
      #expect(ended.load(ordering: .relaxed) >= 5)
    }
  }

  @Test func anErrorOfOneConnectionEndsThatOne() async throws {
    struct Broken: Error {}
    try await withLoop { loop in
      let listener = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .lines, on: loop)
      let errors = Atomic(0)
      let server = Task {
        try await listener.run(onError: { _, _ in errors.add(1, ordering: .relaxed) }) {
          connection in
          if try await connection.receive() == "bad" { throw Broken() }
          try await connection.send("good")
        }
      }
      let bad = try await Connection.tcp("127.0.0.1", port: listener.port, coding: .lines, on: loop)
      let good = try await Connection.tcp(
        "127.0.0.1", port: listener.port, coding: .lines, on: loop)
      try await bad.send("bad")
      #expect(try await bad.receive() == nil)
      try await good.send("x")
      #expect(try await good.receive() == "good")
      #expect(errors.load(ordering: .relaxed) == 1)
      listener.stop()
      try await server.value
    }
  }

  @Test func aRefusedConnectHasAReasonAndASentence() async throws {
    try await withLoop { loop in
      let port: Int
      do {
        port = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .bytes, on: loop).port
      }
      let error = await #expect(throws: ConnectionError.self) {
        try await Connection.tcp("127.0.0.1", port: port, on: loop)
      }
      #expect(error?.reason == .refused)
      #expect(error?.description.hasPrefix("127.0.0.1:\(port): nobody listens there") == true)
      let listening = await #expect(throws: ConnectionError.self) {
        try await Listener.tcp(port: 99_999, coding: .bytes, on: loop)
      }
      #expect(listening?.code == .errInvalidParameter)
    }
  }
}
