// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("lines", .watchdog)
struct LineTests {
  @Test(arguments: Transport.allCases)
  func linesAreReadOneByOneWithoutTheirEnds(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putText("one\r\n\n\r\ntwo words\nhéllo\rthere\n") == .ok)
    for line in ["one", "", "", "two words", "héllo\rthere"] {
      #expect(pair.client.getLine() == line)
      #expect(pair.client.lastError == .ok)
    }
    #expect(pair.client.tryGetLine() == nil)
    #expect(pair.client.lastError == .errBusy)
  }

  @Test(arguments: Transport.allCases)
  func getLineWaitsForTheEnd(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putText("half") == .ok)
    let client = pair.client
    let reader = Background { client.getLine() }
    #expect(pair.peer.putText(" and half\n") == .ok)
    #expect(try reader.join() == "half and half")
  }

  @Test(arguments: Transport.allCases)
  func tryTakesAWholeLineOrNothing(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putText("li") == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 2 }
    #expect(pair.client.tryGetLine() == nil)
    #expect(pair.client.lastError == .errBusy)
    #expect(pair.client.tryGetUntil("\n") == nil)
    #expect(pair.client.lastError == .errBusy)
    #expect(pair.client.getAvailableBytes() == 2)
    #expect(pair.peer.putText("ne\n") == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 5 }
    #expect(pair.client.tryGetLine() == "line")
    #expect(pair.client.lastError == .ok)
  }

  @Test(arguments: Transport.allCases)
  func aDelimiterIsConsumedAndNotReturned(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putText("GET /\r\nHost: x\r\n\r\nbody\0rest\u{1}\u{2}") == .ok)
    #expect(pair.client.getUntil("\r\n\r\n") == Array("GET /\r\nHost: x".utf8))
    #expect(pair.client.getUntil([0] as [UInt8]) == Array("body".utf8))
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 6 }
    #expect(pair.client.tryGetUntil("s") == Array("re".utf8))
    #expect(pair.client.tryGetUntil([1, 2][...] as ArraySlice<UInt8>) == Array("t".utf8))
    #expect(pair.client.tryGetUntil("s") == nil)
    #expect(pair.client.lastError == .errBusy)
    #expect(pair.client.getAvailableBytes() == 0)
  }

  @Test(arguments: Transport.allCases)
  func aLineAboveTheLimitIsRefusedAndKept(_ transport: Transport) throws {
    let pair = try Pair(transport, StreamOptions(maxValueBytes: 6))
    #expect(pair.peer.putText("1234\n12345\n1234567\n") == .ok)
    #expect(pair.client.getLine(maxBytes: 4) == "1234")
    #expect(pair.client.getLine(maxBytes: 4) == nil)
    #expect(pair.client.lastError == .errInvalidData)
    #expect(pair.client.tryGetLine(maxBytes: 4) == nil)
    #expect(pair.client.lastError == .errInvalidData)
    #expect(pair.client.getUntil("\n", maxBytes: 4) == nil)
    #expect(pair.client.lastError == .errInvalidData)
    #expect(pair.client.tryGetUntil("\n", maxBytes: 4) == nil)
    #expect(pair.client.lastError == .errInvalidData)
    #expect(pair.client.getLine() == "12345")
    #expect(pair.client.getLine() == nil)  // above the stream's own limit
    #expect(pair.client.lastError == .errInvalidData)
  }

  @Test(arguments: Transport.allCases)
  func aLineThatIsNotUTF8CanBeReadAsBytes(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putData([0xff, 0xfe, 0x0a] as [UInt8]) == .ok)
    #expect(pair.client.getLine() == nil)
    #expect(pair.client.lastError == .errInvalidData)
    #expect(pair.client.tryGetLine() == nil)
    #expect(pair.client.lastError == .errInvalidData)
    #expect(pair.client.getUntil("\n") == [0xff, 0xfe])
  }

  @Test(arguments: Transport.allCases)
  func atTheEndTheRestStaysReadable(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putText("whole\nrest") == .ok)
    pair.peer.disconnectFromHost()
    #expect(pair.client.getLine() == "whole")
    #expect(pair.client.getLine() == nil)
    #expect(pair.client.lastError == .errFileEof)
    #expect(pair.client.getUntil("\n") == nil)
    #expect(pair.client.lastError == .errFileEof)
    #expect(pair.client.getStatus() == .connected)
    #expect(pair.client.getPartialData(100).data == Array("rest".utf8))
    #expect(pair.client.tryGetLine() == nil)
    #expect(pair.client.lastError == .errFileEof)
    #expect(pair.client.getStatus() == .none)
  }

  @Test(arguments: Transport.allCases)
  func textIsPutAsItIs(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let text = "EHLO héllo\0 日本語\r\n and more than fits into a small string"
    #expect(pair.client.putText("") == .ok)
    #expect(pair.client.putText(text) == .ok)
    #expect(try pair.peer.receive(text.utf8.count) == Array(text.utf8))
    #expect(pair.peer.getAvailableBytes() == 0)
  }

  @Test(arguments: Transport.allCases)
  func badInputChangesNothing(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putText("line\n") == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 5 }
    let calls: [() -> Bool] = [
      { pair.client.getUntil("") == nil },
      { pair.client.tryGetUntil([]) == nil },
      { pair.client.getUntil("\n", maxBytes: -1) == nil },
      { pair.client.tryGetUntil("\n", maxBytes: .max) == nil },
      { pair.client.getLine(maxBytes: -1) == nil },
      { pair.client.tryGetLine(maxBytes: 8 << 20 + 1) == nil },
    ]
    for call in calls {
      #expect(call())
      #expect(pair.client.lastError == .errInvalidParameter)
    }
    #expect(pair.client.getLine() == "line")
    let closed = transport.makePeer()
    #expect(closed.getLine() == nil)
    #expect(closed.lastError == .failed)
    #expect(closed.tryGetUntil("\n") == nil)
    #expect(closed.lastError == .failed)
    #expect(closed.putText("x") == .failed)
  }
}
