// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// The effects of releasing an object.
@Suite("lifetime", .watchdog)
struct LifetimeTests {
  @Test(arguments: Transport.allCases)
  func aReleasedPeerCloses(_ transport: Transport) throws {
    let listener = try Listener(transport)
    weak var gone: StreamPeerSocket?
    let peer: StreamPeerSocket
    do {
      let client = try listener.connect()
      gone = client
      peer = try listener.take()
      #expect(client.putU8(1) == .ok)
    }
    #expect(gone == nil)
    #expect(try peer.receiveAll() == (.errFileEof, [1]))
    #expect(peer.getStatus() == .none)
  }

  @Test(arguments: Transport.allCases)
  func aReleasedConnectionOfAServerCloses(_ transport: Transport) throws {
    let listener = try Listener(transport)
    let client = try listener.connect()
    do {
      #expect(try listener.take().putU8(1) == .ok)
    }
    #expect(try client.receiveAll() == (.errFileEof, [1]))
  }

  @Test(arguments: Transport.allCases)
  func batchedBytesAreSent(_ transport: Transport) throws {
    let listener = try Listener(transport)
    let peer: StreamPeerSocket
    do {
      let client = try listener.connect()
      peer = try listener.take()
      #expect(client.setWriteBatching(true) == .ok)
      #expect(client.putU8(1) == .ok)
      #expect(peer.getAvailableBytes() == 0)
    }
    #expect(try peer.receiveAll() == (.errFileEof, [1]))
  }

  @Test(arguments: Transport.allCases)
  func aPeerThatConnectsIsReleased(_ transport: Transport) throws {
    let listener = try Listener(transport, ServerOptions(backlog: 1))
    weak var gone: StreamPeerSocket?
    do {
      let peers = try listener.fillBacklog()
      gone = peers.last
      #expect(gone?.getStatus() == .connecting)
    }
    #expect(gone == nil)
  }

  @Test func aPeerThatLooksUpIsReleased() {
    weak var gone: StreamPeerTCP?
    do {
      let client = StreamPeerTCP()
      gone = client
      #expect(client.connectToHost("no-such-host.invalid", port: 80) == .ok)
      #expect(client.getStatus() == .connecting)
    }
    #expect(gone == nil)
  }

  @Test(arguments: Transport.allCases)
  func aReleasedServerStops(_ transport: Transport) throws {
    let place: Place
    let client: StreamPeerSocket
    let peer: StreamPeerSocket
    weak var gone: SocketServer?
    let directory = try TemporaryDirectory()
    do {
      let server = transport.makeServer()
      gone = server
      let wanted: Place = transport == .tcp ? .port(0) : .path("\(directory.path)/listener")
      #expect(server.listen(at: wanted) == .ok)
      place = (server as? TCPServer).map { .port($0.getLocalPort()) } ?? wanted
      client = transport.makePeer()
      #expect(client.connect(to: place) == .ok)
      try waitUntil("the connection") {
        client.polledStatus() == .connected && server.isConnectionAvailable()
      }
      peer = try #require(server.takeSocketConnection())
    }
    #expect(gone == nil)
    #expect(transport.makeServer().listen(at: place) == .ok)  // the address is free again
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    #expect(client.putU8(1) == .ok)  // taken connections continue
    #expect(try peer.receive(1) == [1])
  }

  @Test func theSocketFileIsRemoved() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/listener"
    do {
      let server = UDSServer()
      #expect(server.listen(path) == .ok)
      #expect(FileManager.default.fileExists(atPath: path))
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test(arguments: Transport.allCases)
  func descriptorsAreGivenBack(_ transport: Transport) throws {
    let listener = try Listener(transport)
    #expect(socketsOfThisProcess(at: listener.place).count == 1)
    do {
      let released = try listener.connect()
      let disconnected = try listener.connect()
      let peers = [try listener.take(), try listener.take()]
      #expect(socketsOfThisProcess(at: listener.place).count == 5)
      disconnected.disconnectFromHost()
      #expect(socketsOfThisProcess(at: listener.place).count == 4)
      #expect(try answer { peers[1].getPartialData(1).error } == .errFileEof)
      #expect(socketsOfThisProcess(at: listener.place).count == 3)
      #expect(transport.makeServer().listen(at: listener.place) == .errAlreadyInUse)
      #expect(released.getStatus() == .connected)
    }
    #expect(socketsOfThisProcess(at: listener.place).count == 1)
  }
}
