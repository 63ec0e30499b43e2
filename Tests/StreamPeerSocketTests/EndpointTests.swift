// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// The names of both ends, and the options of a socket.
@Suite("endpoints", .watchdog)
struct EndpointTests {
  @Test func tcpReportsHostsAndPorts() throws {
    let pair = try Pair(.tcp)
    let client = try #require(pair.client as? StreamPeerTCP)
    let peer = try #require(pair.peer as? StreamPeerTCP)
    let port = try pair.listener.place.port
    #expect(client.getConnectedHost() == "127.0.0.1")
    #expect(client.getConnectedPort() == port)
    #expect(peer.getLocalPort() == port)
    #expect(client.getLocalPort() > 0)
    #expect(client.getLocalHost() == "127.0.0.1")
    #expect(peer.getLocalHost() == "127.0.0.1")
    #expect(peer.getConnectedPort() == client.getLocalPort())
    client.disconnectFromHost()
    #expect(client.getConnectedHost() == "")
    #expect(client.getConnectedPort() == 0)
    #expect(client.getLocalPort() == 0)
    #expect(client.getLocalHost() == "")
    #expect(peer.getConnectedHost() == "127.0.0.1")  // until it sees the end
    try waitUntil("the end") { peer.polledStatus() == .none }
    #expect(peer.getConnectedHost() == "")
    #expect(peer.getConnectedPort() == 0)
    #expect(peer.getLocalPort() == 0)
  }

  @Test func udsReportsThePath() throws {
    let pair = try Pair(.uds)
    let client = try #require(pair.client as? StreamPeerUDS)
    let peer = try #require(pair.peer as? StreamPeerUDS)
    #expect(client.getConnectedPath() == (try pair.listener.place.path))
    #expect(peer.getConnectedPath() == "")  // the client is not bound to a path
    client.disconnectFromHost()
    #expect(client.getConnectedPath() == "")
  }

  @Test func udsReportsTheLongestPath() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path.appending("/").padding(toLength: 107, withPad: "p", startingAt: 0)
    let server = UDSServer()
    #expect(server.listen(path) == .ok)
    let client = StreamPeerUDS()
    #expect(client.connectToHost(path) == .ok)
    #expect(client.getConnectedPath() == path)
  }

  @Test(arguments: ["127.0.0.1", "::1"])
  func theLocalHostIsKnownOnceBound(_ host: String) {
    let client = StreamPeerTCP()
    #expect(client.getLocalHost() == "")
    #expect(client.bind(0, host) == .ok)
    #expect(client.getLocalHost() == host)
    client.disconnectFromHost()
    #expect(client.getLocalHost() == "")
  }

  @Test func anAbstractNameHasNoFile() throws {
    let name = "@sps-test-\(UUID().uuidString)"
    let server = UDSServer()
    #expect(server.listen(name) == .ok)
    #expect(!FileManager.default.fileExists(atPath: name))
    #expect(UDSServer().listen(name) == .errAlreadyInUse)
    let client = StreamPeerUDS()
    #expect(client.connectToHost(name) == .ok)
    #expect(client.getStatus() == .connected)
    #expect(client.getConnectedPath() == name)
    server.stop()
    #expect(StreamPeerUDS().connectToHost(name) == .failed)
  }

  @Test func udsReportsThePeersCredentials() throws {
    let pair = try Pair(.uds)
    let client = try #require(pair.client as? StreamPeerUDS)
    let peer = try #require(pair.peer as? StreamPeerUDS)
    for side in [client, peer] {
      let credentials = try #require(side.getPeerCredentials())
      #expect(side.lastError == .ok)
      #expect(credentials.pid == getpid())
      #expect(credentials.uid == getuid())
      #expect(credentials.gid == getgid())
    }
    client.disconnectFromHost()
    #expect(client.getPeerCredentials() == nil)
    #expect(client.lastError == .failed)
  }

  @Test func setNoDelayReachesTheSocket() throws {
    let listener = try Listener(.tcp)
    // the server does not take it
    let client = try #require(try listener.connect() as? StreamPeerTCP)
    let descriptor = try #require(socketsOfThisProcess(at: .port(client.getLocalPort())).first)
    #expect(try noDelay(descriptor) == false)  // the OS's default
    #expect(client.setNoDelay(true) == .ok)
    #expect(try noDelay(descriptor) == true)
    #expect(client.setNoDelay(false) == .ok)
    #expect(try noDelay(descriptor) == false)
  }

  @Test func setNoDelayNeedsAnOpenSocket() {
    let client = StreamPeerTCP()
    #expect(client.setNoDelay(true) == .failed)
    #expect(client.bind(0, "127.0.0.1") == .ok)
    #expect(client.setNoDelay(true) == .ok)
  }

  private func noDelay(_ descriptor: Int32) throws -> Bool {
    var value: Int32 = -1
    var size = socklen_t(MemoryLayout<Int32>.size)
    let level = Int32(IPPROTO_TCP)
    try #require(getsockopt(descriptor, level, TCP_NODELAY, &value, &size) == 0)
    return value != 0
  }
}
