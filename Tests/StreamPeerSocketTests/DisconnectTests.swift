// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("disconnect", .watchdog)
struct DisconnectTests {
  @Test(arguments: Transport.allCases)
  func oneObjectConnectsAgainAndAgain(_ transport: Transport) throws {
    let listener = try Listener(transport)
    let client = transport.makePeer()
    client.disconnectFromHost()  // NONE
    #expect(client.getStatus() == .none)
    for round in UInt8(0)..<3 {
      #expect(client.connect(to: listener.place) == .ok)
      try waitUntil("the connection") { client.polledStatus() == .connected }
      let peer = try listener.take()
      #expect(peer.putData([round, 99]) == .ok)
      #expect(try client.receive(1) == [round])
      client.disconnectFromHost()
      #expect(client.getStatus() == .none)
      #expect(client.getU8() == 0)  // the 99 is lost
      #expect(client.lastError == .failed)
    }
  }

  @Test(arguments: Transport.allCases)
  func thePeerSeesTheEnd(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.putU8(1) == .ok)
    pair.client.disconnectFromHost()
    let (error, data) = pair.peer.getData(2)
    #expect(error == .errFileEof)
    #expect(data == [1])
    #expect(pair.peer.getStatus() == .none)
  }

  @Test(arguments: Transport.allCases)
  func connectingEnds(_ transport: Transport) throws {
    let listener = try Listener(transport, ServerOptions(backlog: 1))
    let peers = try listener.fillBacklog()
    let late = try #require(peers.last)
    late.disconnectFromHost()
    #expect(late.getStatus() == .none)
    #expect(late.poll() == .ok)
    #expect(late.getStatus() == .none)
  }

  @Test func aLookUpEnds() {
    let client = StreamPeerTCP()
    for _ in 0..<3 {
      #expect(client.connectToHost("no-such-host.invalid", port: 80) == .ok)
      client.disconnectFromHost()
      #expect(client.getStatus() == .none)
    }
  }

  @Test(arguments: Transport.allCases)
  func errorEnds(_ transport: Transport) throws {
    let listener = try Listener(transport)
    let peer = try peerInError(transport)
    peer.disconnectFromHost()
    #expect(peer.getStatus() == .none)
    #expect(peer.connect(to: listener.place) == .ok)
    try waitUntil("the connection") { peer.polledStatus() == .connected }
  }

  // MARK: shutdownWrite

  @Test(arguments: Transport.allCases)
  func shutdownWriteEndsOneDirection(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.putU8(1) == .ok)
    #expect(pair.client.shutdownWrite() == .ok)
    #expect(pair.client.shutdownWrite() == .ok)
    #expect(pair.client.putU8(2) == .failed)
    #expect(pair.client.getStatus() == .connected)
    #expect(pair.peer.putU8(3) == .ok)
    let (error, data) = pair.peer.getData(2)
    #expect(error == .errFileEof)
    #expect(data == [1])
    #expect(pair.peer.getStatus() == .none)
    #expect(pair.client.getU8() == 3)
    #expect(pair.peer.shutdownWrite() == .failed)
  }

  @Test(arguments: Transport.allCases)
  func aNewConnectionWritesAgainAfterShutdownWrite(_ transport: Transport) throws {
    let listener = try Listener(transport)
    let client = try listener.connect()
    #expect(client.shutdownWrite() == .ok)
    client.disconnectFromHost()
    #expect(client.connect(to: listener.place) == .ok)
    try waitUntil("the connection") { client.polledStatus() == .connected }
    #expect(client.putU8(8) == .ok)
    _ = try listener.take()
    #expect(try listener.take().receive(1) == [8])
  }
}
