// SPDX-License-Identifier: MIT
//
// Longer scenarios: many clients, slow readers, two busy directions, values cut anywhere.
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("scenarios", .watchdog)
struct ScenarioTests {
  @Test(arguments: Transport.allCases)
  func fiveClientsAtOnce(_ transport: Transport) throws {
    let listener = try Listener(transport)
    let clients = try (0..<5).map { _ in try listener.connect() }
    let peers = try (0..<5).map { _ in try listener.take() }
    for round in UInt32(0)..<200 {
      for i in 0..<5 { #expect(clients[i].putU32(round * 5 + UInt32(i)) == .ok) }
      for i in 0..<5 {
        let value = peers[i].getU32()
        #expect(peers[i].putU32(~value) == .ok)
      }
      for i in 0..<5 {
        var value: UInt32?
        try waitUntil("the answer") {
          value = clients[i].tryGetU32()
          return value != nil
        }
        #expect(value == ~(round * 5 + UInt32(i)))
      }
    }
  }

  // A put larger than any socket buffer waits until the peer reads.
  @Test(arguments: Transport.allCases)
  func onePutOfManyMegabytesToASlowReader(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let sent = pattern(24 << 20)
    let peer = pair.peer
    let reader = Background {
      var offset = 0
      while offset < sent.count {
        let (error, piece) = peer.getData(min(64 << 10, sent.count - offset))
        guard error == .ok, matches(piece, sent, at: offset) else { return false }
        offset += piece.count
        pauseBriefly()
      }
      return true
    }
    #expect(pair.client.putData(sent) == .ok)
    #expect(try reader.join())
    #expect(pair.peer.getAvailableBytes() == 0)
  }

  // A get larger than any socket buffer waits for all bytes.
  @Test(arguments: Transport.allCases)
  func oneGetOfManyMegabytes(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let sent = pattern(24 << 20)
    let client = pair.client
    let writer = Background {
      stride(from: 0, to: sent.count, by: 100_003).allSatisfy {
        client.putData(sent[$0..<min($0 + 100_003, sent.count)]) == .ok
      }
    }
    let (error, received) = pair.peer.getData(sent.count)
    #expect(error == .ok)
    #expect(received.count == sent.count)
    #expect(matches(received, sent))
    #expect(try writer.join())
  }

  @Test(arguments: Transport.allCases)
  func oddPieces(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let sent = pattern(3 << 20)
    let client = pair.client
    let writer = Background {
      stride(from: 0, to: sent.count, by: 977).allSatisfy {
        client.putData(sent[$0..<min($0 + 977, sent.count)]) == .ok
      }
    }
    var offset = 0
    while offset < sent.count {
      let (error, piece) = pair.peer.getData(min(1021, sent.count - offset))
      try #require(error == .ok)
      try #require(matches(piece, sent, at: offset))
      offset += piece.count
    }
    #expect(try writer.join())
  }

  // The peer answers each value. An answer comes only if the batch has left.
  @Test(arguments: Transport.allCases)
  func aBatchLeavesBeforeAGetWaits(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.setWriteBatching(true) == .ok)
    let peer = pair.peer
    let other = Background {
      (0..<1000).allSatisfy { _ in
        let value = peer.getU32()
        return peer.lastError == .ok && peer.putU32(value + 1) == .ok
      }
    }
    for i in UInt32(0)..<1000 {
      #expect(pair.client.putU32(i) == .ok)
      #expect(pair.client.getU32() == i + 1)
    }
    #expect(try other.join())
  }

  // Raw writes cut the values at random places. Typed gets read them.
  @Test(arguments: Transport.allCases)
  func valuesSurviveAnyCut(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let sent = pattern(16 << 10)
    var random = Xorshift(state: 0x5eed_0001)
    var offset = 0
    var next: UInt32 = 0
    try waitUntil("every value") {
      for _ in 0..<100 {
        let end = min(offset + Int(random.next() % 9), sent.count)
        #expect(pair.client.putData(sent[offset..<end]) == .ok)
        offset = end
        if random.next() % 2 == 0 { #expect(pair.peer.poll() == .ok) }
        while next < UInt32(sent.count / 4), let value = pair.peer.tryGetU32() {
          #expect(value == next &* 2_654_435_761)
          next += 1
        }
      }
      return next == UInt32(sent.count / 4)
    }
  }

  @Test(arguments: Transport.allCases)
  func bytesFromBeforeThePeerLeftAreRead(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putU32(1) == .ok)
    #expect(pair.peer.putUtf8String("bye") == .ok)
    #expect(pair.peer.putDouble(0.5) == .ok)
    pair.peer.disconnectFromHost()
    #expect(pair.client.getU32() == 1)
    #expect(pair.client.getUtf8String() == "bye")
    #expect(pair.client.getDouble() == 0.5)
    #expect(pair.client.getU8() == 0)
    #expect(pair.client.lastError == .errFileEof)
    #expect(pair.client.getStatus() == .none)
  }
}

/// Xorshift (Marsaglia, 2003).
private struct Xorshift {
  var state: UInt32

  mutating func next() -> UInt32 {
    state ^= state << 13
    state ^= state >> 17
    state ^= state << 5
    return state
  }
}
