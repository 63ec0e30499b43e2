// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("graceful close", .watchdog)
struct CloseTests {
  @Test(arguments: Transport.allCases)
  func thePeerHasEveryByte(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.setWriteBatching(true) == .ok)
    #expect(pair.client.putU32(42) == .ok)
    #expect(pair.client.closeGracefully() == .ok)
    #expect(pair.client.getStatus() == .connected)  // until the peer has finished, too
    #expect(pair.client.closeReason == .none)
    #expect(try pair.peer.receiveAll() == (.errFileEof, [42, 0, 0, 0]))
    #expect(pair.peer.getStatus() == .none)
    try waitUntil("the end") {
      #expect(pair.client.poll() == .ok)
      return pair.client.getStatus() == .none
    }
    #expect(pair.client.closeReason == .local)
    #expect(pair.peer.closeReason == .peerFinished)
  }

  @Test(arguments: Transport.allCases)
  func aHalfOpenStreamReplies(_ transport: Transport) throws {
    let pair = try Pair(transport, StreamOptions(halfOpen: true))
    #expect(pair.peer.putU32(42) == .ok)
    #expect(pair.peer.shutdownWrite() == .ok)
    #expect(try pair.client.receiveAll() == (.errFileEof, [42, 0, 0, 0]))
    #expect(pair.client.getU8() == 0 && pair.client.lastError == .errFileEof)
    #expect(pair.client.poll() == .ok && pair.client.getStatus() == .connected)
    #expect(pair.client.putU32(43) == .ok)
    #expect(pair.client.shutdownWrite() == .ok)
    #expect(pair.client.getStatus() == .none && pair.client.closeReason == .peerFinished)
    #expect(try pair.peer.receiveAll() == (.errFileEof, [43, 0, 0, 0]))
  }

  @Test(arguments: Transport.allCases)
  func nothingIsReadOrWrittenAfterwards(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putU32(1) == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 4 }
    #expect(pair.client.closeGracefully() == .ok)
    #expect(pair.client.getU32() == 0)
    #expect(pair.client.lastError == .failed)
    #expect(pair.client.putU8(1) == .failed)
    #expect(pair.client.getStatus() == .connected)
    #expect(pair.peer.putU32(2) == .ok)  // the peer may continue, and gets no reset
    #expect(pair.client.poll() == .ok)
    #expect(try pair.peer.receiveAll() == (.errFileEof, []))
    try waitUntil("the end") { pair.client.polledStatus() == .none }
    #expect(pair.client.closeReason == .local)
  }

  @Test(arguments: Transport.allCases)
  func aPeerThatDoesNotFinishTimesOut(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let begin = ContinuousClock.now
    #expect(pair.client.closeGracefully(timeoutMilliseconds: 100) == .ok)
    #expect(try answer { pair.client.poll() } == .errTimeout)
    #expect(ContinuousClock.now - begin >= .milliseconds(100))
    #expect(pair.client.lastError == .errTimeout)
    #expect(pair.client.getStatus() == .none)
    #expect(pair.client.closeReason == .graceTimedOut)
  }

  @Test(arguments: Transport.allCases)
  func calledAgainItSetsAnotherTime(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.closeGracefully() == .ok)  // 30 s
    #expect(pair.client.closeGracefully(timeoutMilliseconds: 50) == .ok)
    #expect(try answer { pair.client.poll() } == .errTimeout)
    #expect(pair.client.closeReason == .graceTimedOut)
  }

  @Test(arguments: Transport.allCases)
  func disconnectEndsIt(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.closeGracefully() == .ok)
    pair.client.disconnectFromHost()
    #expect(pair.client.getStatus() == .none)
    #expect(pair.client.closeReason == .local)
    #expect(pair.client.connect(to: pair.listener.place) == .ok)
    try waitUntil("the connection") { pair.client.polledStatus() == .connected }
    #expect(pair.client.putU8(8) == .ok)
    #expect(try pair.listener.take().receive(1) == [8])
  }

  // MARK: closeAndWait

  @Test(arguments: Transport.allCases)
  func closeAndWaitWaitsForThePeer(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let (client, peer) = (pair.client, pair.peer)
    let sent = pattern(8 << 20)
    let reader = Background { try? peer.receiveAll() }
    #expect(client.putData(sent) == .ok)
    #expect(client.closeAndWait() == .ok)
    #expect(client.getStatus() == .none)
    #expect(client.closeReason == .local)
    let received = try #require(try reader.join())
    #expect(received.error == .errFileEof)
    #expect(received.data.count == sent.count)
    #expect(matches(received.data, sent))
  }

  @Test(arguments: Transport.allCases)
  func closeAndWaitHasATime(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let begin = ContinuousClock.now
    #expect(pair.client.closeAndWait(timeoutMilliseconds: 100) == .errTimeout)
    #expect(ContinuousClock.now - begin >= .milliseconds(100))
    #expect(pair.client.lastError == .errTimeout)
    #expect(pair.client.getStatus() == .none)
    #expect(pair.client.closeReason == .graceTimedOut)
  }

  @Test(arguments: Transport.allCases)
  func closeAndWaitNeedsAConnection(_ transport: Transport) {
    let peer = transport.makePeer()
    #expect(peer.closeAndWait() == .failed)
    #expect(peer.lastError == .failed)
    #expect(peer.getStatus() == .none)
  }
}
