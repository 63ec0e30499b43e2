// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// Every call on a socket that is not connected, and the state that it must not change.
@Suite("not connected", .watchdog)
struct NotConnectedTests {
  @Test(arguments: Transport.allCases)
  func inNone(_ transport: Transport) {
    expectNotConnected(transport.makePeer(), .none)
  }

  @Test(arguments: Transport.allCases)
  func inConnecting(_ transport: Transport) throws {
    let listener = try Listener(transport, ServerOptions(backlog: 1))
    let peers = try listener.fillBacklog()
    expectNotConnected(try #require(peers.last), .connecting)
  }

  @Test(arguments: Transport.allCases)
  func inError(_ transport: Transport) throws {
    expectNotConnected(try peerInError(transport), .error)
  }

  @Test(arguments: Transport.allCases)
  func afterDisconnect(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putU32(1) == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 4 }
    pair.client.disconnectFromHost()
    expectNotConnected(pair.client, .none)
  }

  private func expectNotConnected(_ peer: StreamPeerSocket, _ status: StreamPeerSocket.Status) {
    for (name, _, get) in typedGets {
      #expect(get(peer) == 0, "\(name)")
      #expect(peer.lastError == .failed, "\(name)")
    }
    for (name, _, tryGet) in typedTryGets {
      #expect(tryGet(peer) == nil, "\(name)")
      #expect(peer.lastError == .failed, "\(name)")
    }
    for (name, _, put) in typedPuts { #expect(put(peer) == .failed, "\(name)") }
    expectNoBytes(peer)
    expectNoText(peer)
    #expect(peer.flush() == .failed)
    #expect(peer.shutdownWrite() == .failed)
    #expect(peer.closeGracefully() == .failed)
    #expect(peer.closeGracefully(timeoutMilliseconds: 1) == .failed)
    #expect(peer.closeAndWait() == .failed)
    expectNoNames(peer)
    #expect(peer.getStatus() == status)
  }

  private func expectNoBytes(_ peer: StreamPeer) {
    for count in [0, 4, 1 << 20] {
      #expect(peer.getData(count) == (.failed, []))
      #expect(peer.getPartialData(count) == (.failed, []))
    }
    for data in [[], [1, 2, 3]] as [[UInt8]] {
      #expect(peer.putData(data) == .failed)
      #expect(peer.putPartialData(data) == (.failed, 0))
    }
    let connects = (peer as? StreamPeerSocket)?.getStatus() == .connecting
    #expect(peer.getAvailableBytes() == (connects ? 0 : -1))
    #expect(peer.lastError == (connects ? .ok : .failed))
    #expect(peer.peek(1) { $0.count } == 0)
    #expect(peer.lastError == .failed)
    #expect(peer.consume(1) == .errParameterRangeError)
  }

  private func expectNoText(_ peer: StreamPeer) {
    for bytes in [-1, 4] {
      #expect(peer.getString(bytes) == "")
      #expect(peer.lastError == .failed)
      #expect(peer.getUtf8String(bytes) == "")
      #expect(peer.lastError == .failed)
      #expect(peer.tryGetString(bytes) == nil)
      #expect(peer.lastError == .failed)
      #expect(peer.tryGetUtf8String(bytes) == nil)
      #expect(peer.lastError == .failed)
    }
    #expect(peer.putString("a") == .failed)
    #expect(peer.putUtf8String("") == .failed)
  }

  private func expectNoNames(_ peer: StreamPeerSocket) {
    let connects = peer.getStatus() == .connecting  // then it reports the target of the connect
    switch peer {
    case let peer as StreamPeerTCP:
      #expect(peer.getConnectedHost() == (connects ? "127.0.0.1" : ""))
      #expect((peer.getConnectedPort() != 0) == connects)
      #expect((peer.getLocalPort() != 0) == connects)
      #expect(peer.getInfo() == nil)
      #expect(peer.lastError == .failed)
      #expect(peer.releaseFD() == -1)
      #expect(peer.lastError == .failed)
      if !connects {
        #expect(peer.getLocalHost() == "")
        #expect(peer.getOSBuffers() == (0, 0))
        #expect(peer.lastError == .failed)
        #expect(peer.setNoDelay(true) == .failed)
      }
    case let peer as StreamPeerUDS:
      #expect((peer.getConnectedPath() != "") == connects)
      #expect(peer.getPeerCredentials() == nil)
      #expect(peer.lastError == .failed)
      #expect(peer.releaseFD() == -1)
      #expect(peer.lastError == .failed)
    default:
      Issue.record("an unknown kind of socket")
    }
  }
}
