// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// A client that sends raw bytes to a connection of any coding.
private func expectError<Message: Sendable>(
  _ code: GodotError, from bytes: [UInt8], as coding: MessageCoding<Message, Message>,
  options: StreamOptions = StreamOptions(), thenFinish: Bool = true,
  sourceLocation: SourceLocation = #_sourceLocation
) async throws -> ConnectionError? {
  let result = Result<Message?, any Error>.Box()
  try await withLoop { loop in
    let listener = try await Listener.tcp(
      port: 0, host: "127.0.0.1", coding: coding, options: ServerOptions(stream: options), on: loop)
    async let accepted = listener.accept()
    let client = try await Connection.tcp("127.0.0.1", port: listener.port, on: loop)
    let server = try #require(try await accepted)
    try await client.send(bytes)
    if thenFinish { try await client.finishSending() }
    await result.set { try await server.receive(within: .milliseconds(thenFinish ? 20_000 : 50)) }
  }
  let error = #expect(throws: ConnectionError.self, sourceLocation: sourceLocation) {
    try result.value?.get()
  }
  #expect(error?.code == code, sourceLocation: sourceLocation)
  return error
}

extension Result where Failure == any Error, Success: Sendable {
  fileprivate final class Box: @unchecked Sendable {  // one task sets it before another reads it
    var value: Result?

    func set(_ body: () async throws -> Success) async {
      do { value = .success(try await body()) } catch { value = .failure(error) }
    }
  }
}

@Suite("bad input", .watchdog)
struct BadInputTests {
  @Test func aLineLongerThanItsLimit() async throws {
    let bytes = [UInt8](repeating: 65, count: 100) + [10]
    _ = try await expectError(.errInvalidData, from: bytes, as: .lines(maxBytes: 50))
  }

  @Test func aLineThatIsNotUTF8() async throws {
    _ = try await expectError(.errInvalidData, from: [0xFF, 0xFE, 10], as: .lines)
  }

  @Test func aLineWithoutItsEnd() async throws {
    _ = try await expectError(.errFileEof, from: Array("unfinished".utf8), as: .lines)
  }

  @Test func aPacketLongerThanItsLimit() async throws {
    let error = try await expectError(
      .errInvalidData, from: [0, 0, 0, 1] + [UInt8](repeating: 0, count: 100), as: .packets())
    #expect(error?.reason == .limit)
    #expect(error?.description.contains("larger than the limit") == true)
  }

  @Test func aPacketThatEndsEarly() async throws {
    _ = try await expectError(.errFileEof, from: [100, 0, 0, 0, 1, 2], as: .packets())
  }

  @Test func aVariantOfAnUnknownType() async throws {
    _ = try await expectError(.errInvalidData, from: [4, 0, 0, 0, 99, 0, 0, 0], as: .variants)
  }

  @Test func aVariantLongerThanItsLimit() async throws {
    _ = try await expectError(
      .errInvalidData, from: [255, 255, 255, 127, 0, 0, 0, 0], as: .variants)
  }

  @Test func aVariantThatTakesTooMuchMemory() async throws {
    let stream = StreamPeerBuffer()
    #expect(stream.putVar(.array(VariantArray(repeating: 1, count: 1000))) == .ok)
    _ = try await expectError(
      .errOutOfMemory, from: stream.dataArray, as: .variants(maxMemoryBytes: 500))
  }

  @Test func aValueOfAnotherType() async throws {
    let stream = StreamPeerBuffer()
    #expect(stream.putVar("text") == .ok)
    let error = try await expectError(
      .errInvalidData, from: stream.dataArray, as: .codable(Int.self))
    #expect(error?.underlyingError is DecodingError)
  }

  @Test(arguments: [[UInt8]([1]), [1, 0, 0, 0], [8, 0, 0, 0, 2]])
  func aPeerThatStallsInsideAValueReachesTheDeadline(bytes: [UInt8]) async throws {
    _ = try await expectError(.errTimeout, from: bytes, as: .variants, thenFinish: false)
    _ = try await expectError(.errTimeout, from: bytes, as: .packets(), thenFinish: false)
    _ = try await expectError(.errTimeout, from: bytes, as: .lines, thenFinish: false)
    _ = try await expectError(.errTimeout, from: bytes, as: .codable(Int.self), thenFinish: false)
  }

  @Test func aMessageThatCannotBeEncodedSendsNothing() async throws {
    struct Odd: Codable, Sendable {
      var number: Double
      func encode(to encoder: any Encoder) throws {
        if number < 0 {
          throw EncodingError.invalidValue(number, .init(codingPath: [], debugDescription: ""))
        }
        try number.encode(to: encoder)
      }
      init(_ number: Double) { self.number = number }
      init(from decoder: any Decoder) throws { number = try Double(from: decoder) }
    }
    try await withLoop { loop in
      let pair = try await Pair(.codable(Odd.self), on: loop)
      let error = await #expect(throws: ConnectionError.self) {
        try await pair.client.send(Odd(-1))
      }
      #expect(error?.code == .errInvalidParameter && error?.underlyingError is EncodingError)
      try await pair.client.send(Odd(2))
      #expect(try await pair.server.receive()?.number == 2)
    }
  }

  @Test func argumentsOutOfRange() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.bytes, on: loop)
      try await pair.client.send([1, 2, 3])
      await #expect(throws: ConnectionError.self) { try await pair.server.receive(exactly: -1) }
      await #expect(throws: ConnectionError.self) {
        try await pair.server.receive(exactly: .max)
      }
      await #expect(throws: ConnectionError.self) { try await pair.server.receive(upTo: 0) }
      await #expect(throws: ConnectionError.self) {
        try await pair.server.withReadableSpan { _ in (used: 4, result: 0) }
      }
      #expect(try await pair.server.receive(exactly: 3) == [1, 2, 3])
    }
  }
}
