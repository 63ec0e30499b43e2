// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("raw bytes", .watchdog)
struct RawBytesTests {
  // MARK: getData

  @Test(arguments: Transport.allCases)
  func getDataWaitsForEveryByte(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let peer = pair.peer
    let sender = Background {
      (0..<10).allSatisfy { round in
        pauseBriefly()
        return peer.putData([UInt8](repeating: UInt8(round), count: 3)) == .ok
      }
    }
    let (error, data) = pair.client.getData(30)
    #expect(error == .ok)
    #expect(data == (UInt8(0)..<10).flatMap { [$0, $0, $0] })
    #expect(try sender.join())
  }

  @Test(arguments: Transport.allCases)
  func getDataAtTheEndReportsTheCountAndIsNone(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putData("abc".utf8) == .ok)
    pair.peer.disconnectFromHost()
    var buffer = [UInt8](repeating: 0, count: 8)
    let (error, received) = buffer.withUnsafeMutableBytes { pair.client.getData(into: $0) }
    #expect(error == .errFileEof)
    #expect(received == 3)
    #expect(buffer.prefix(3).elementsEqual("abc".utf8))
    #expect(pair.client.getStatus() == .none)
    #expect(pair.client.getData(1) == (.failed, []))
  }

  // More bytes than the first piece reads.
  @Test(arguments: Transport.allCases)
  func getDataAtTheEndGivesAllBytes(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let sent = pattern(200_000)
    let peer = pair.peer
    let sender = Background {
      defer { peer.disconnectFromHost() }
      return peer.putData(sent)
    }
    let (error, data) = pair.client.getData(Int(Int32.max))
    #expect(try sender.join() == .ok)
    #expect(error == .errFileEof)
    #expect(data.count == sent.count)
    #expect(matches(data, sent))
    #expect(pair.client.getStatus() == .none)
  }

  @Test(arguments: Transport.allCases)
  func getDataOnABrokenConnectionIsFailedAndNone(_ transport: Transport) throws {
    let pair = try Pair(transport)
    try pair.resetByPeer()
    #expect(pair.client.getData(1) == (.failed, []))
    #expect(pair.client.getStatus() == .none)
  }

  @Test(arguments: Transport.allCases)
  func aTypedValueAtTheEndIsZeroAndEof(_ transport: Transport) throws {
    for (name, bytes, get) in typedGets {
      let pair = try Pair(transport)
      #expect(pair.peer.putData([UInt8](repeating: 1, count: bytes - 1)) == .ok)
      pair.peer.disconnectFromHost()
      #expect(get(pair.client) == 0, "\(name)")
      #expect(pair.client.lastError == .errFileEof, "\(name)")
      #expect(pair.client.getStatus() == .none, "\(name)")
    }
  }

  // A claimed length takes no memory.
  #if os(Linux)
    @Test(arguments: Transport.allCases)
    func memoryIsTakenAsBytesArrive(_ transport: Transport) throws {
      let pair = try Pair(transport)
      #expect(pair.peer.putData([1, 2, 3]) == .ok)
      try waitUntil("the bytes") { pair.client.getAvailableBytes() == 3 }
      let before = try peakOfMemory()
      #expect(pair.client.getPartialData(Int(Int32.max)) == (.ok, [1, 2, 3]))
      #expect(pair.peer.putData([4, 5]) == .ok)
      pair.peer.disconnectFromHost()
      #expect(pair.client.getData(Int(Int32.max)) == (.errFileEof, [4, 5]))
      #expect(try peakOfMemory() - before < 1 << 30)  // parallel tests use some
    }

    private func peakOfMemory() throws -> Int {
      let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmPeak:") })
      return try #require(Int(line.filter(\.isNumber))) * 1024
    }
  #endif

  // MARK: getPartialData

  @Test(arguments: Transport.allCases)
  func getPartialDataGivesTheAvailableBytes(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.getPartialData(16) == (.ok, []))
    #expect(pair.peer.putData("abcde".utf8) == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 5 }
    #expect(pair.client.getPartialData(2) == (.ok, Array("ab".utf8)))
    #expect(pair.client.getAvailableBytes() == 3)
    #expect(pair.client.getPartialData(14) == (.ok, Array("cde".utf8)))
    #expect(pair.client.getPartialData(14) == (.ok, []))
    #expect(pair.client.getStatus() == .connected)
  }

  @Test(arguments: Transport.allCases)
  func getPartialDataAtTheEndIsEofAndNone(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putData("ab".utf8) == .ok)
    pair.peer.disconnectFromHost()
    #expect(try pair.client.receive(2) == Array("ab".utf8))
    #expect(try answer { pair.client.getPartialData(1).error } == .errFileEof)
    #expect(pair.client.getStatus() == .none)
    #expect(pair.client.getPartialData(1) == (.failed, []))
  }

  @Test(arguments: Transport.allCases)
  func getPartialDataOfALargeCountLosesNothing(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let sent = pattern(1 << 20)
    let peer = pair.peer
    let sender = Background { peer.putData(sent) }
    var received: [UInt8] = []
    try waitUntil("all bytes") {
      let (error, data) = pair.client.getPartialData(1 << 20)
      #expect(error == .ok)
      received += data
      return received.count >= sent.count
    }
    #expect(try sender.join() == .ok)
    #expect(matches(received, sent))
    #expect(received.count == sent.count)
  }

  // MARK: getAvailableBytes

  @Test(arguments: Transport.allCases)
  func availableBytesNeedNoPoll(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.getAvailableBytes() == 0)
    #expect(pair.client.lastError == .ok)
    #expect(pair.peer.putData(pattern(1000)) == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 1000 }
  }

  @Test(arguments: Transport.allCases)
  func availableBytesCountBufferedAndWaitingBytes(_ transport: Transport) throws {
    let pair = try Pair(transport, StreamOptions(readBufferBytes: 4))
    let sent = pattern(100)
    #expect(pair.peer.putData(sent) == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 100 }
    #expect(pair.client.poll() == .ok)  // four of them are buffered now
    #expect(pair.client.peek { $0.count } == 4)
    #expect(pair.client.getAvailableBytes() == 100)
    #expect(pair.client.getPartialData(100) == (.ok, sent))
    #expect(pair.client.getAvailableBytes() == 0)
  }

  // MARK: putData

  @Test(arguments: Transport.allCases)
  func putAfterThePeerLeftIsFailedAndNone(_ transport: Transport) throws {
    let pair = try Pair(transport)
    pair.peer.disconnectFromHost()
    #expect(try answer { pair.client.putData([1]) } == .failed)
    #expect(pair.client.getStatus() == .none)
    #expect(pair.client.putData([1]) == .failed)
  }

  @Test(arguments: Transport.allCases)
  func bytesBeforeAFailedPutStayReadable(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putU32(4711) == .ok)
    pair.peer.disconnectFromHost()
    #expect(try answer { pair.client.putData([1]) } == .failed)
    #expect(pair.client.getStatus() == .connected)
    #expect(pair.client.putData([1]) == .failed)
    #expect(pair.client.getU32() == 4711)
    #expect(pair.client.getU32() == 0)
    #expect(pair.client.lastError == .failed)
    #expect(pair.client.getStatus() == .none)
  }

  @Test(arguments: Transport.allCases)
  func putPartialDataTakesAsMuchAsTheOS(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let sent = pattern(64 << 20)  // more than any socket holds
    var count = 0
    var taken = 1
    try sent.withUnsafeBytes { sent in
      while taken > 0 {
        let (error, bytes) = pair.client.putPartialData(
          UnsafeRawBufferPointer(rebasing: sent[count...]))
        try #require(error == .ok)
        taken = bytes
        count += bytes
      }
    }
    #expect(count > 0)
    #expect(count < sent.count)
    let (error, received) = pair.peer.getData(count)
    #expect(error == .ok)
    #expect(matches(received, sent))
    #expect(pair.peer.getAvailableBytes() == 0)
  }

  // MARK: Empty data

  @Test(arguments: Transport.allCases)
  func zeroBytesAreValid(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.getData(0) == (.ok, []))
    #expect(pair.client.getPartialData(0) == (.ok, []))
    let none = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    #expect(pair.client.getData(into: none) == (.ok, 0))
    #expect(pair.client.getPartialData(into: none) == (.ok, 0))
    #expect(pair.client.putData([UInt8]()) == .ok)
    #expect(pair.client.putData(UnsafeRawBufferPointer(none)) == .ok)
    #expect(pair.client.putPartialData([UInt8]()) == (.ok, 0))
    #expect(pair.client.consume(0) == .ok)
    #expect(pair.client.getString(0) == "")
    #expect(pair.client.lastError == .ok)
    #expect(pair.client.putU8(5) == .ok)
    #expect(try pair.peer.receive(1) == [5])  // no byte came before it
  }
}
