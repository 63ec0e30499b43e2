// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("poll", .watchdog)
struct PollTests {
  @Test(arguments: Transport.allCases)
  func inNoneAndErrorNothingHappens(_ transport: Transport) throws {
    let new = transport.makePeer()
    #expect(new.poll() == .ok)
    #expect(new.getStatus() == .none)
    let broken = try peerInError(transport)
    #expect(broken.poll() == .ok)
    #expect(broken.getStatus() == .error)
  }

  @Test(arguments: Transport.allCases)
  func whileConnectingItIsOk(_ transport: Transport) throws {
    let listener = try Listener(transport, ServerOptions(backlog: 1))
    let peers = try listener.fillBacklog()
    let late = try #require(peers.last)
    #expect(late.poll() == .ok)
    #expect(late.getStatus() == .connecting)
  }

  @Test(arguments: Transport.allCases)
  func whileConnectedItIsOk(_ transport: Transport) throws {
    let pair = try Pair(transport)
    for _ in 0..<100 { #expect(pair.client.poll() == .ok) }
    #expect(pair.client.getStatus() == .connected)
  }

  @Test(arguments: Transport.allCases)
  func afterThePeerFinishedAndAllWasReadItIsNone(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putU32(42) == .ok)
    pair.peer.disconnectFromHost()
    #expect(try pair.client.receive(4) == [42, 0, 0, 0])
    #expect(pair.client.getStatus() == .connected)  // until the next poll
    try waitUntil("the end") {
      #expect(pair.client.poll() == .ok)
      return pair.client.getStatus() == .none
    }
    #expect(pair.client.poll() == .ok)
    #expect(pair.client.getStatus() == .none)
  }

  @Test(arguments: Transport.allCases)
  func unreadBytesKeepItConnectedAfterThePeerFinished(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putU32(42) == .ok)
    pair.peer.disconnectFromHost()
    for _ in 0..<20 {
      #expect(pair.client.poll() == .ok)
      #expect(pair.client.getStatus() == .connected)
      pauseBriefly()
    }
    #expect(pair.client.getU32() == 42)
    #expect(pair.client.poll() == .ok)
    #expect(pair.client.getStatus() == .none)
  }

  @Test(arguments: Transport.allCases)
  func aBrokenConnectionIsFailedAndError(_ transport: Transport) throws {
    let pair = try Pair(transport)
    try pair.resetByPeer()
    #expect(try answer { pair.client.poll() } == .failed)
    #expect(pair.client.lastError == .failed)
    #expect(pair.client.getStatus() == .error)
    #expect(pair.client.osError == ECONNRESET)
    pair.client.disconnectFromHost()
    #expect(pair.client.getStatus() == .none)
  }

  @Test(arguments: Transport.allCases)
  func bytesBeforeAResetStayReadable(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putU32(77) == .ok)
    try pair.resetByPeer()
    for _ in 0..<5 {
      #expect(pair.client.poll() == .ok)
      pauseBriefly()
    }
    #expect(pair.client.getU32() == 77)
    #expect(try answer { pair.client.poll() } == .failed)
    #expect(pair.client.getStatus() == .error)
  }
}
