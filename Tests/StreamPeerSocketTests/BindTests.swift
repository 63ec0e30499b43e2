// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("bind", .watchdog)
struct BindTests {
  @Test(arguments: ["*", "127.0.0.1"])
  func tcpBindChoosesTheLocalPort(_ host: String) throws {
    let listener = try Listener(.tcp)
    let client = StreamPeerTCP()
    #expect(client.bind(0, host) == .ok)
    let port = client.getLocalPort()
    #expect(port > 0)
    #expect(client.getStatus() == .none)
    #expect(client.bind(0, host) == .errAlreadyInUse)
    #expect(client.getLocalPort() == port)
    #expect(client.connect(to: listener.place) == .ok)
    try waitUntil("the connection") { client.polledStatus() == .connected }
    let peer = try #require(try listener.take() as? StreamPeerTCP)
    #expect(peer.getConnectedPort() == port)
    #expect(client.bind(0, host) == .errAlreadyInUse)
    #expect(client.getStatus() == .connected)
  }

  @Test func tcpBindToATakenPortIsAlreadyInUse() throws {
    let listener = try Listener(.tcp)
    let client = StreamPeerTCP()
    #expect(client.bind(try listener.place.port, "127.0.0.1") == .errAlreadyInUse)
    #expect(client.getLocalPort() == 0)
    #expect(client.bind(0) == .ok)  // nothing has changed
  }

  @Test func tcpBindServesEveryAddressOfAName() throws {
    let listener = try Listener(.tcp)
    let client = StreamPeerTCP()
    #expect(client.bind(0) == .ok)
    #expect(client.connectToHost("localhost", port: try listener.place.port) == .ok)
    try waitUntil("the connection") { client.polledStatus() == .connected }
  }

  @Test func udsBindShowsThePathToTheServer() throws {
    let directory = try TemporaryDirectory()
    let here = "\(directory.path)/here"
    let listener = try Listener(.uds)
    let client = StreamPeerUDS()
    #expect(client.bind(here) == .ok)
    #expect(client.getStatus() == .none)
    #expect(client.bind("\(directory.path)/elsewhere") == .errAlreadyInUse)
    #expect(client.connect(to: listener.place) == .ok)
    let peer = try #require(try listener.take() as? StreamPeerUDS)
    #expect(peer.getConnectedPath() == here)
    #expect(client.bind("\(directory.path)/elsewhere") == .errAlreadyInUse)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["here"])
  }

  @Test func udsBindToAPathThatExistsIsAlreadyInUse() throws {
    let listener = try Listener(.uds)
    let client = StreamPeerUDS()
    #expect(client.bind(try listener.place.path) == .errAlreadyInUse)
    #expect(client.connect(to: listener.place) == .ok)  // the server's file is intact
  }

  @Test(arguments: Transport.allCases)
  func inErrorIsAlreadyInUse(_ transport: Transport) throws {
    let directory = try TemporaryDirectory()
    let peer = try peerInError(transport)
    let error =
      switch peer {
      case let peer as StreamPeerTCP: peer.bind(0)
      case let peer as StreamPeerUDS: peer.bind("\(directory.path)/here")
      default: GodotError.errBug
      }
    #expect(error == .errAlreadyInUse)
    #expect(peer.getStatus() == .error)
  }

  @Test func disconnectGivesTheAddressBack() throws {
    let client = StreamPeerTCP()
    #expect(client.bind(0) == .ok)
    client.disconnectFromHost()
    #expect(client.getLocalPort() == 0)
    #expect(client.bind(0) == .ok)
  }
}
