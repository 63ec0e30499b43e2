// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("peek and consume", .watchdog)
struct PeekTests {
  @Test(arguments: Transport.allCases)
  func peekShowsAndConsumeDrops(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.peek { $0.count } == 0)
    #expect(pair.client.lastError == .ok)
    #expect(pair.client.peek(1) { $0.count } == 0)
    #expect(pair.client.lastError == .errBusy)
    #expect(pair.peer.putData("hello".utf8) == .ok)
    try waitUntil("the bytes") { pair.client.peek(5) { $0.count } == 5 }
    #expect(pair.client.lastError == .ok)
    #expect(shown(pair.client) == "hello")
    #expect(shown(pair.client) == "hello")
    #expect(pair.client.consume(2) == .ok)
    #expect(pair.client.consume(4) == .errParameterRangeError)
    #expect(shown(pair.client) == "llo")
    #expect(pair.client.getU8() == 0x6c)
    #expect(shown(pair.client) == "lo")
  }

  @Test(arguments: Transport.allCases)
  func atTheEndTheRestIsShown(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putData("llo".utf8) == .ok)
    pair.peer.disconnectFromHost()
    let error = try answer(after: .errBusy) {
      pair.client.peek(4) { _ in }
      return pair.client.lastError
    }
    #expect(error == .errFileEof)
    #expect(shown(pair.client) == "llo")
    #expect(pair.client.getStatus() == .connected)
    #expect(pair.client.consume(3) == .ok)
    #expect(pair.client.peek(1) { $0.count } == 0)
    #expect(pair.client.lastError == .errFileEof)
    #expect(pair.client.getStatus() == .none)
  }

  // With 0 it shows the buffered bytes, without a syscall.
  @Test(arguments: Transport.allCases)
  func peekOfNothingReadsNothing(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putData("hello".utf8) == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 5 }
    #expect(shown(pair.client) == "")
    #expect(pair.client.poll() == .ok)
    #expect(shown(pair.client) == "hello")
  }

  @Test(arguments: Transport.allCases)
  func moreThanIsEverBufferedIsOutOfRange(_ transport: Transport) throws {
    let pair = try Pair(transport, StreamOptions(readBufferBytes: 64, maxValueBytes: 100))
    #expect(pair.client.peek(105) { $0.count } == 0)
    #expect(pair.client.lastError == .errParameterRangeError)
    let sent = pattern(104)
    #expect(pair.peer.putData(sent) == .ok)
    try waitUntil("the bytes") { pair.client.peek(104) { $0.count } == 104 }
    #expect(pair.client.peek { Array($0) } == sent)
  }

  @Test(arguments: Transport.allCases)
  func anErrorOfTheBodyIsThrown(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putU8(1) == .ok)
    try waitUntil("the byte") { pair.client.getAvailableBytes() == 1 }
    #expect(throws: GodotError.errParseError) {
      try pair.client.peek(1) { _ throws(GodotError) in throw .errParseError }
    }
    #expect(pair.client.lastError == .ok)
    #expect(pair.client.getU8() == 1)  // nothing was consumed
  }

  private func shown(_ peer: StreamPeer) -> String {
    peer.peek { String(decoding: $0, as: UTF8.self) }
  }
}
