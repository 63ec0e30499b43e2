// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("connections", .watchdog)
struct ConnectionTests {
  @Test func messagesComeInOrderUntilThePeerFinishes() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.lines, on: loop)
      for line in ["one", "", "drei"] { try await pair.client.send(line) }
      try await pair.client.finishSending()
      var lines: [String] = []
      for try await line in pair.server.messages { lines.append(line) }
      #expect(lines == ["one", "", "drei"])
      #expect(try await pair.server.receive() == nil)
    }
  }

  // The first receiver calls again at once, and is behind the second then.
  @Test func receiversTakeTurns() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.lines, on: loop)
      let first = Task(executorPreference: loop) {
        [try await pair.server.receive(), try await pair.server.receive()]
      }
      try await settle()
      let second = Task(executorPreference: loop) { try await pair.server.receive() }
      try await settle()
      for line in ["1", "2", "3"] { try await pair.client.send(line) }
      #expect(try await second.value == "2")
      #expect(try await first.value == ["1", "3"])
    }
  }

  @Test func aReceiveWaitsForItsMessage() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.lines, on: loop)
      async let line = pair.server.receive()
      try await settle()
      try await pair.client.send("now")
      #expect(try await line == "now")
    }
  }

  @Test func aTaskOfAnotherExecutorMayUseIt() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.lines, on: loop)
      let echo = Task.detached {
        for try await line in pair.server.messages { try await pair.server.send(line) }
        await pair.server.close()
      }
      for number in 0..<100 {
        try await pair.client.send("\(number)")
        #expect(try await pair.client.receive() == "\(number)")
      }
      await pair.client.close()
      try await echo.value
    }
  }

  @Test func aSendWaitsForRoomAndDropsNothing() async throws {
    try await withLoop { loop in
      let pair = try await Pair(
        .packets(), options: StreamOptions(osSendBufferBytes: 4096, osReceiveBufferBytes: 4096),
        on: loop)
      let count = 300
      let sender = Task {
        for number in 0..<count {
          try await pair.client.send([UInt8](repeating: UInt8(number % 256), count: 5000))
        }
        try await pair.client.finishSending()
      }
      try await settle()
      var received = 0
      for try await packet in pair.server.messages {
        #expect(packet == [UInt8](repeating: UInt8(received % 256), count: 5000))
        received += 1
      }
      #expect(received == count)
      try await sender.value
    }
  }

  @Test func sendersTakeTurns() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.lines(maxBytes: 1 << 20), on: loop)
      let lines = (0..<40).map {
        String(repeating: "abcdefghij".randomElement()!, count: $0 * 9000)
      }
      try await withThrowingTaskGroup { group in
        for line in lines { group.addTask { try await pair.client.send(line) } }
        group.addTask {
          var left = lines.sorted()
          while !left.isEmpty {
            let line = try #require(try await pair.server.receive())
            let place = try #require(left.firstIndex(of: line))
            left.remove(at: place)
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test func aMessageLargerThanTheWriteBufferArrives() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.bytes, on: loop)
      let message = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      async let received = pair.server.receive(exactly: message.count)
      try await pair.client.send(message)
      #expect(try await received == message)
    }
  }

  @Test func aDroppedConnectionIsClosed() async throws {
    try await withLoop { loop in
      var pair: Pair? = try await Pair(.lines, on: loop)
      let server = try #require(pair?.server)
      try await pair?.client.send("last")
      try await settle()
      pair = nil
      #expect(try await server.receive() == "last")
      #expect(try await server.receive() == nil)
    }
  }

  @Test func closingInOrderDeliversEverything() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.lines, on: loop)
      async let received = {
        var count = 0
        for try await _ in pair.server.messages { count += 1 }
        await pair.server.close()
        return count
      }()
      for number in 0..<1000 { try await pair.client.send("\(number)") }
      await pair.client.close()
      #expect(try await received == 1000)
    }
  }

  @Test func whatWaitsOnAClosedConnectionEnds() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.lines, on: loop)
      let reader = Task { try await pair.client.receive() }
      try await settle()
      pair.client.closeNow()
      let error = await #expect(throws: ConnectionError.self) { try await reader.value }
      #expect(error?.reason == .local)
      await #expect(throws: ConnectionError.self) { try await pair.client.send("x") }
    }
  }

  @Test func readsBesideMessages() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.bytes, on: loop)
      try await pair.client.send([1, 0, 0, 0, 9, 9, 65, 10, 66, 67, 0] + Array("abc".utf8))
      #expect(try await pair.server.receive(as: UInt32.self) == 1)
      #expect(try await pair.server.receive(exactly: 2) == [9, 9])
      #expect(try await pair.server.line() == "A")
      #expect(try await pair.server.bytes(until: "\0") == [66, 67])
      #expect(try await pair.server.receive(upTo: 2) == [97, 98])
      #if compiler(>=6.2)
        let sum = try await pair.server.withReadableSpan { span in
          (used: 1, result: Int(span.unsafeLoad(as: UInt8.self)))
        }
        #expect(sum == 99)
      #endif
    }
  }

  @Test func bytesAreWrittenInPlace() async throws {
    try await withLoop { loop in
      let pair = try await Pair(
        .packets(),
        options: StreamOptions(
          osSendBufferBytes: 4096, osReceiveBufferBytes: 4096, halfOpen: true),
        on: loop)
      let sender = Task {
        for number in 0..<300 {
          try await pair.client.withWritableSpan(atLeast: 5004) { span in
            span.append(UInt32(5000), as: UInt32.self)
            span.append(repeating: UInt8(number % 256), count: 5000, as: UInt8.self)
          }
        }
        try await pair.client.finishSending()
      }
      try await settle()
      var received = 0
      for try await packet in pair.server.messages {
        #expect(packet == [UInt8](repeating: UInt8(received % 256), count: 5000))
        received += 1
      }
      #expect(received == 300)
      try await sender.value
      let error = await #expect(throws: ConnectionError.self) {
        try await pair.server.withWritableSpan(atLeast: 1 << 20) { _ in }
      }
      #expect(error?.code == .errParameterRangeError)
      struct Broken: Error {}
      await #expect(throws: Broken.self) {
        try await pair.server.withWritableSpan { span in
          span.append(UInt8(1), as: UInt8.self)
          throw Broken()
        }
      }
      await pair.server.close()
      #expect(try await pair.client.receive() == nil)
    }
  }

  @Test func aReplyMayFollowTheEndOfTheRequest() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.lines, options: StreamOptions(halfOpen: true), on: loop)
      for line in ["one", "two"] { try await pair.client.send(line) }
      try await pair.client.finishSending()
      var count = 0
      for try await _ in pair.server.messages { count += 1 }
      try await Task.sleep(for: .milliseconds(20), clock: loop.clock)
      try await pair.server.send("\(count)")
      await pair.server.close()
      #expect(try await pair.client.receive() == "2")
      #expect(try await pair.client.receive() == nil)
    }
  }

  @Test func aCloseWaitsForTheSendOfAnotherTask() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.bytes, on: loop)
      let count = 5_000_000
      let sender = Task { try await pair.client.send([UInt8](repeating: 1, count: count)) }
      var received = try await pair.server.receive()?.count ?? 0
      async let closing: Void = pair.client.close()
      while let bytes = try await pair.server.receive() { received += bytes.count }
      await closing
      #expect(received == count)
      try await sender.value
    }
  }

  @Test func valuesOfAllCodings() async throws {
    struct Point: Codable, Equatable { var x: Int, name: String }
    try await withLoop { loop in
      let points = try await Pair(.codable(Point.self), on: loop)
      try await points.client.send(Point(x: 3, name: "é"))
      #expect(try await points.server.receive() == Point(x: 3, name: "é"))
      let variants = try await Pair(.variants, on: loop)
      try await variants.client.send(["a": [1, 2.5]])
      #expect(try await variants.server.receive() == ["a": [1, 2.5]])
      let packets = try await Pair(.packets(), on: loop)
      try await packets.client.send([1, 2, 3])
      #expect(try await packets.server.receive() == [1, 2, 3])
    }
  }

  @Test func aVariantBesideMessages() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.variants, on: loop)
      try await pair.client.send([1, "a"])
      #expect(try await pair.server.variant() == [1, "a"])
    }
  }

  @Test func aUnixSocket() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "s").path()
    try await withLoop { loop in
      let listener = try await Listener.unix(path, coding: .lines, on: loop)
      #expect(listener.port == 0)
      async let accepted = listener.accept()
      let client = try await Connection.unix(path, coding: .lines, on: loop)
      let server = try #require(try await accepted)
      #expect(client.address == path && server.address == path)
      try await client.send("x")
      #expect(try await server.receive() == "x")
    }
  }

  @Test func aDescriptorGoesToTheCallerAndBack() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.lines, on: loop)
      try await pair.client.send("unread")
      try await waitForBytes(pair.server)
      let busy = await #expect(throws: ConnectionError.self) {
        try await pair.server.releaseDescriptor()
      }
      #expect(busy?.code == .errBusy)
      #expect(try await pair.server.receive() == "unread")
      let descriptor = try await pair.server.releaseDescriptor()
      await #expect(throws: ConnectionError.self) { try await pair.server.send("x") }
      let again = try await Connection.adopting(descriptor, coding: .lines, on: loop)
      try await again.send("again")
      #expect(try await pair.client.receive() == "again")
    }
  }

  // Until a byte is in the connection's read buffer.
  private func waitForBytes<Message: Sendable>(
    _ connection: Connection<Message, Message>
  ) async throws {
    _ = try await connection.withReadableSpan { _ in (used: 0, result: 0) }
  }

  @Test(arguments: [false, true])
  func withConnectionClosesWhateverHappens(throwing: Bool) async throws {
    struct Broken: Error {}
    try await withLoop { loop in
      let listener = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .lines, on: loop)
      let server = Task(executorPreference: loop) {
        guard let connection = try await listener.accept() else { return 0 }
        var count = 0
        for try await _ in connection.messages { count += 1 }
        return count
      }
      var kept: Connection<String, String>?
      do {
        try await withConnection(
          to: .tcp("127.0.0.1", port: listener.port), coding: .lines, on: loop
        ) { connection in
          kept = connection
          try await connection.send("x")
          if throwing { throw Broken() }
        }
      } catch is Broken {}
      #expect(try await server.value == 1)  // the server has met the end
      await #expect(throws: ConnectionError.self) { try await kept?.send("x") }
    }
  }

  @Test func aTaskOfALoopConnectsOnIt() async throws {
    try await withLoop { loop in
      #expect(SocketLoop.current === loop)
      let listener = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .lines)
      async let accepted = listener.accept()
      let client = try await Connection.tcp("127.0.0.1", port: listener.port, coding: .lines)
      #expect(listener.loop === loop && client.loop === loop)
      #expect(try await accepted?.loop === loop)
    }
  }

  @Test func aCoderOfTheCallers() async throws {
    struct Doubling: MessageCoder {
      func receive(from stream: StreamPeer) throws -> Int64? {
        try stream.tryGet64() ?? stream.notYet()
      }
      func send(_ message: Int64, to stream: StreamPeer) throws {
        try stream.put32(Int32(truncatingIfNeeded: message)).orThrow()
        try stream.put32(Int32(truncatingIfNeeded: message >> 32)).orThrow()
      }
    }
    try await withLoop { loop in
      let pair = try await Pair(MessageCoding { Doubling() }, on: loop)
      try await pair.client.send(1 << 40 + 7)
      #expect(try await pair.server.receive() == 1 << 40 + 7)
    }
  }
}
