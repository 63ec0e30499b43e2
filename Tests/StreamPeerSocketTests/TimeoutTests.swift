// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// Timeouts of a get, of a put, and of a silent peer.
@Suite("timeouts", .watchdog)
struct TimeoutTests {
  // MARK: A get

  @Test(arguments: Transport.allCases)
  func aGetThatTimesOutConsumesNothing(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.setIOTimeout(milliseconds: 50) == .ok)
    #expect(pair.peer.putData([42, 0]) == .ok)
    let begin = ContinuousClock.now
    #expect(pair.client.getU32() == 0)
    #expect(pair.client.lastError == .errTimeout)
    #expect(ContinuousClock.now - begin >= .milliseconds(50))
    #expect(pair.client.getData(4) == (.errTimeout, []))
    #expect(pair.client.getString(4) == "")
    #expect(pair.client.lastError == .errTimeout)
    #expect(pair.client.getStatus() == .connected)
    #expect(pair.client.getAvailableBytes() == 2)
    #expect(pair.peer.putData([0, 0]) == .ok)
    #expect(try pair.client.receive(4) == [42, 0, 0, 0])
  }

  @Test(arguments: Transport.allCases)
  func aGetThatHasItsBytesIsInTime(_ transport: Transport) throws {
    let pair = try Pair(transport, StreamOptions(ioTimeoutMilliseconds: 20_000))
    let peer = pair.peer
    let other = Background { peer.putU8(peer.getU8() + 1) }
    #expect(pair.client.putU8(20) == .ok)
    #expect(pair.client.getU8() == 21)
    #expect(try other.join() == .ok)
  }

  @Test(arguments: Transport.allCases)
  func theTimeIsAnOptionToo(_ transport: Transport) throws {
    let pair = try Pair(transport, StreamOptions(ioTimeoutMilliseconds: 50))
    for side in [pair.client, pair.peer] {  // the server's streams have it as well
      #expect(side.getU8() == 0)
      #expect(side.lastError == .errTimeout)
    }
  }

  // No byte is lost, however many were requested.
  @Test(arguments: Transport.allCases)
  func aLargeGetReturnsOrKeepsTheBytesThatCame(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.setIOTimeout(milliseconds: 50) == .ok)
    let (peer, sent) = (pair.peer, pattern(300_000))
    let writer = Background { peer.putData(sent) }
    var received: [UInt8] = []
    while received.count < sent.count {
      let (error, data) = pair.client.getData(sent.count * 2 - received.count)
      try #require(error == .errTimeout)
      received += data
      received += pair.client.getPartialData(1 << 20).data
    }
    #expect(try writer.join() == .ok)
    #expect(received.count == sent.count)
    #expect(matches(received, sent))
  }

  // MARK: A put

  @Test(arguments: Transport.allCases)
  func aPutOfDataThatTimesOutMayContinue(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.setIOTimeout(milliseconds: 50) == .ok)
    let sent = pattern(32 << 20)
    #expect(pair.client.putData(sent) == .errTimeout)
    #expect(pair.client.lastError == .errTimeout)
    #expect(pair.client.getStatus() == .connected)
    // A value without a sent byte may be repeated. The OS may find room for some values.
    var values = 0
    while pair.client.putU32(0xffff_ffff) == .ok { values += 1 }
    #expect(pair.client.lastError == .errTimeout)
    #expect(pair.client.closeReason == .none)
    #expect(pair.client.shutdownWrite() == .ok)
    let (error, received) = try pair.peer.receiveAll()
    #expect(error == .errFileEof)
    let data = Array(received.dropLast(values * 4))
    #expect(!data.isEmpty)
    #expect(matches(data, sent))
    #expect(received.suffix(values * 4).allSatisfy { $0 == 0xff })
  }

  @Test(arguments: Transport.allCases)
  func aValueThatWasTornEndsTheConnection(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.setIOTimeout(milliseconds: 50) == .ok)
    #expect(pair.client.putUtf8String(String(repeating: "x", count: 32 << 20)) == .failed)
    #expect(pair.client.putU8(1) == .failed)
    #expect(pair.client.closeReason == .putTimedOut)
  }

  // MARK: A silent peer

  @Test(arguments: Transport.allCases)
  func aSilentPeerTimesOut(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let begin = ContinuousClock.now
    #expect(pair.client.setIdleTimeout(milliseconds: 100) == .ok)
    #expect(try answer { pair.client.poll() } == .failed)
    #expect(ContinuousClock.now - begin >= .milliseconds(100))
    #expect(pair.client.getStatus() == .error)
    #expect(pair.client.closeReason == .idle)
    #expect(pair.peer.getStatus() == .connected)  // the peer has no timeout
  }

  @Test(arguments: Transport.allCases)
  func bytesOfASilentPeerStayReadable(_ transport: Transport) throws {
    let pair = try Pair(transport, StreamOptions(idleTimeoutMilliseconds: 100))
    #expect(pair.peer.putU32(42) == .ok)
    let end = ContinuousClock.now + .milliseconds(200)
    try waitUntil("twice that time") {
      #expect(pair.client.poll() == .ok)
      return ContinuousClock.now >= end
    }
    #expect(pair.client.getStatus() == .connected)
    #expect(pair.client.getU32() == 42)
    #expect(try answer { pair.client.poll() } == .failed)
    #expect(pair.client.closeReason == .idle)
  }

  @Test(arguments: Transport.allCases)
  func aPeerThatSendsIsKept(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.setIdleTimeout(milliseconds: 20_000) == .ok)
    for i in UInt8(0)..<10 {
      #expect(pair.peer.putU8(i) == .ok)
      #expect(try pair.client.receive(1) == [i])
      #expect(pair.client.poll() == .ok)
    }
    #expect(pair.client.setIdleTimeout(milliseconds: 0) == .ok)
    #expect(pair.client.getStatus() == .connected)
  }
}
