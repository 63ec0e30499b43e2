// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("strings", .watchdog)
struct StringTests {
  @Test(arguments: Transport.allCases, [false, true])
  func theLengthIsInTheStreamsByteOrder(_ transport: Transport, bigEndian: Bool) throws {
    let pair = try Pair(transport)
    pair.client.bigEndian = bigEndian
    let prefix: [UInt8] = bigEndian ? [0, 0, 0, 6] : [6, 0, 0, 0]
    #expect(pair.client.putUtf8String("héllo") == .ok)
    #expect(try pair.peer.receive(10) == prefix + Array("héllo".utf8))
    #expect(pair.client.putString("héllo!") == .ok)
    #expect(try pair.peer.receive(10) == prefix + Array("h llo!".utf8))
    #expect(pair.peer.getAvailableBytes() == 0)
  }

  @Test(arguments: Transport.allCases)
  func eachCharacterOutsideASCIIIsOneSpace(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.putString("a\u{e9}\u{65e5}\u{1f47e}\u{7f}\0z") == .ok)
    #expect(pair.peer.getString() == "a   \u{7f}\0z")
  }

  @Test(arguments: Transport.allCases)
  func stringsOfAGivenLength(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putData("ascii hé".utf8) == .ok)
    #expect(pair.client.getString(6) == "ascii ")
    #expect(pair.client.getUtf8String(3) == "hé")
    #expect(pair.client.getString(0) == "")
    #expect(pair.client.getUtf8String(0) == "")
    #expect(pair.client.lastError == .ok)
  }

  @Test(arguments: Transport.allCases)
  func emptyStringsAreStrings(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.putString("") == .ok)
    #expect(pair.client.putUtf8String("") == .ok)
    #expect(pair.peer.getString() == "")
    #expect(pair.peer.lastError == .ok)
    try waitUntil("the string") { pair.peer.getAvailableBytes() == 4 }
    #expect(pair.peer.tryGetUtf8String() == "")
    #expect(pair.peer.getAvailableBytes() == 0)
  }

  @Test(arguments: Transport.allCases)
  func aNULIsACharacter(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putUtf8String("a\0b") == .ok)
    #expect(pair.client.getUtf8String() == "a\0b")
  }

  @Test(arguments: Transport.allCases)
  func aBridgedOrForeignStringIsTheSame(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let text = "0123456789 and more than fits into a small string: 日本語"
    #expect(pair.peer.putUtf8String(String(text.dropFirst(10))) == .ok)
    #expect(pair.client.getUtf8String() == String(text.dropFirst(10)))
  }

  @Test(arguments: Transport.allCases)
  func anInvalidStringStaysOnTheStream(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let bytes: [UInt8] = [2, 0, 0, 0, 0xc3, 0x28]
    #expect(pair.peer.putData(bytes) == .ok)
    #expect(pair.client.getUtf8String() == "")
    #expect(pair.client.lastError == .errInvalidData)
    #expect(pair.client.getString() == "")
    #expect(pair.client.lastError == .errInvalidData)
    #expect(pair.client.tryGetString() == nil)
    #expect(pair.client.lastError == .errInvalidData)
    #expect(pair.client.tryGetUtf8String() == nil)
    #expect(pair.client.lastError == .errInvalidData)
    #expect(try pair.client.receive(6) == bytes)
  }

  @Test(arguments: Transport.allCases)
  func utf8IsNotASCII(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putUtf8String("é") == .ok)
    #expect(pair.client.getString() == "")
    #expect(pair.client.lastError == .errInvalidData)
    #expect(pair.client.getUtf8String() == "é")
  }

  // A length that the peer claims costs nothing and does no harm.
  @Test(arguments: Transport.allCases)
  func aClaimedLengthAboveTheLimitIsRefused(_ transport: Transport) throws {
    let pair = try Pair(transport, StreamOptions(maxValueBytes: 100))
    for length: UInt32 in [101, 0x7fff_ffff, 0xffff_ffff] {
      #expect(pair.peer.putU32(length) == .ok)
      try #require(
        try answer(after: .errBusy) {
          #expect(pair.client.tryGetString() == nil)
          return pair.client.lastError
        } == .errInvalidData)
      #expect(pair.client.getString() == "")
      #expect(pair.client.lastError == .errInvalidData)
      #expect(pair.client.getUtf8String() == "")
      #expect(pair.client.lastError == .errInvalidData)
      #expect(pair.client.getU32() == length)  // it is still there
    }
    #expect(pair.peer.putString(String(repeating: "x", count: 100)) == .ok)
    #expect(pair.client.getString().count == 100)
  }

  @Test(arguments: Transport.allCases)
  func theLimitIsEightMebibytesUnlessSet(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putU32(8 << 20 + 1) == .ok)
    #expect(pair.client.getString() == "")
    #expect(pair.client.lastError == .errInvalidData)
    #expect(pair.client.getU32() == 8 << 20 + 1)
    let text = String(repeating: "0123456789abcdef", count: 1 << 19)  // exactly the limit
    let peer = pair.peer
    let sender = Background { peer.putString(text) }
    #expect(pair.client.getString() == text)
    #expect(try sender.join() == .ok)
  }

  @Test(arguments: Transport.allCases)
  func tryTakesTheWholeStringOrNothing(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.tryGetString() == nil)
    #expect(pair.client.lastError == .errBusy)
    #expect(pair.peer.putData([5, 0, 0, 0] + Array("he".utf8)) == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 6 }
    #expect(pair.client.tryGetString() == nil)
    #expect(pair.client.lastError == .errBusy)
    #expect(pair.client.tryGetUtf8String() == nil)
    #expect(pair.client.lastError == .errBusy)
    #expect(pair.client.getAvailableBytes() == 6)
    #expect(pair.peer.putData("llo".utf8) == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 9 }
    #expect(pair.client.tryGetString() == "hello")
    #expect(pair.client.lastError == .ok)
  }

  @Test(arguments: Transport.allCases)
  func tryOfAGivenLengthNeverWaits(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putData("he".utf8) == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 2 }
    #expect(pair.client.tryGetString(5) == nil)
    #expect(pair.client.lastError == .errBusy)
    #expect(pair.client.tryGetUtf8String(2) == "he")
  }

  @Test(arguments: Transport.allCases)
  func tryAtTheEndKeepsTheRest(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let bytes = [5, 0, 0, 0] + Array("he".utf8)
    #expect(pair.peer.putData(bytes) == .ok)
    pair.peer.disconnectFromHost()
    let error = try answer(after: .errBusy) {
      #expect(pair.client.tryGetString() == nil)
      return pair.client.lastError
    }
    #expect(error == .errFileEof)
    #expect(pair.client.poll() == .ok)
    #expect(pair.client.getStatus() == .connected)
    #expect(try pair.client.receive(6) == bytes)
    #expect(pair.client.tryGetU8() == nil)
    #expect(pair.client.lastError == .errFileEof)
    #expect(pair.client.getStatus() == .none)
  }
}
