// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// A connect that waits, times as Duration, and connections that move to another actor.
@Suite("waiting", .watchdog)
struct WaitingTests {
  private func connectAndWait(_ peer: StreamPeerSocket, to place: Place) -> GodotError {
    switch (peer, place) {
    case (let peer as StreamPeerTCP, .port(let port)):
      peer.connectAndWait("localhost", port: port)
    case (let peer as StreamPeerUDS, .path(let path)): peer.connectAndWait(path)
    default: .errUnavailable
    }
  }

  @Test(arguments: Transport.allCases)
  func aConnectWaitsUntilItIsEstablished(_ transport: Transport) throws {
    let listener = try Listener(transport)
    let client = transport.makePeer()
    #expect(connectAndWait(client, to: listener.place) == .ok)
    #expect(client.getStatus() == .connected && client.lastError == .ok)
    #expect(!client.writeBatching)
    #expect(client.putU8(1) == .ok)
    #expect(try listener.take().receive(1) == [1])
    #expect(connectAndWait(client, to: listener.place) == .errAlreadyInUse)
    #expect(client.getStatus() == .connected)
    #expect(SocketPoller().add(client) == .ok)
  }

  @Test func aFailedConnectReportsItsReason() throws {
    let client = StreamPeerTCP()
    #expect(
      client.connectAndWait("localhost", port: try Nowhere(.tcp).place.port) == .errConnectionError)
    #expect(client.getStatus() == .error && client.closeReason == .refused)
    #expect(client.lastError == .errConnectionError)
    client.disconnectFromHost()
    #expect(client.connectAndWait("no-such-host.invalid", port: 80) == .errCantResolve)
    client.disconnectFromHost()
    #expect(client.connectAndWait("localhost", port: 0) == .errInvalidParameter)
    #expect(client.getStatus() == .none)
    #expect(StreamPeerUDS().connectAndWait(try Nowhere(.uds).place.path) == .failed)
  }

  @Test(arguments: Transport.allCases)
  func aConnectWaitsNoLongerThanItMay(_ transport: Transport) throws {
    let listener = try Listener(transport, ServerOptions(backlog: 1))
    let peers = try listener.fillBacklog()
    let late = transport.makePeer()
    #expect(late.setConnectTimeout(.milliseconds(20)) == .ok)
    let error =
      (late as? StreamPeerTCP)?.connectAndWait("127.0.0.1", port: (try? listener.place.port) ?? 0)
      ?? connectAndWait(late, to: listener.place)
    #expect(error == .errConnectionError && late.closeReason == .connectTimedOut)
    withExtendedLifetime(peers) {}
  }

  @Test(arguments: Transport.allCases)
  func aPollersPeerIsThePollersToWaitFor(_ transport: Transport) throws {
    let poller = SocketPoller()
    let listener = try Listener(transport)
    let client = transport.makePeer()
    poller.add(client)
    #expect(connectAndWait(client, to: listener.place) == .errAlreadyInUse)
    #expect(client.getStatus() == .none)
  }

  @Test func timesAreDurationsToo() {
    let peer = StreamPeerTCP()
    let poller = SocketPoller()
    poller.add(peer)
    let calls: [(Duration) -> GodotError] = [
      peer.setConnectTimeout, peer.setAttemptDelay, peer.setIOTimeout, peer.setIdleTimeout,
      peer.setUserTimeout, { peer.setKeepalive(idle: $0, interval: .seconds(1), count: 1) },
    ]
    for call in calls {
      #expect(call(.seconds(30)) == .ok && call(.nanoseconds(1)) == .ok)
      #expect(call(.nanoseconds(-1)) == .errInvalidParameter)
      #expect(call(.seconds(Int64.max)) == .errInvalidParameter)
    }
    #expect(peer.closeGracefully(timeout: .seconds(1)) == .failed)  // not connected
    #expect(peer.closeAndWait(timeout: .seconds(-1)) == .errInvalidParameter)
    #expect(poller.wait(timeout: .nanoseconds(1)) == 0 && poller.lastError == .ok)
    #expect(poller.wait(timeout: .milliseconds(-1)) == 0)
    #expect(poller.lastError == .errInvalidParameter)
    poller.waker.wake()
    #expect(poller.wait(timeout: nil) == 0 && poller.lastError == .ok)
  }

  @Test func optionsHaveDurationsToo() {
    var options = StreamOptions()
    let times: [WritableKeyPath<StreamOptions, Duration>] = [
      \.connectTimeout, \.ioTimeout, \.idleTimeout, \.userTimeout, \.keepaliveIdle,
      \.keepaliveInterval,
    ]
    for (index, time) in times.enumerated() {
      #expect(options[keyPath: time] == .zero)
      // fractions of a millisecond are rounded up
      options[keyPath: time] = .microseconds(1000 * index + 1)
    }
    #expect(
      options
        == StreamOptions(
          connectTimeoutMilliseconds: 1, ioTimeoutMilliseconds: 2, idleTimeoutMilliseconds: 3,
          userTimeoutMilliseconds: 4, keepaliveIdleMilliseconds: 5,
          keepaliveIntervalMilliseconds: 6))
    options.ioTimeout = .seconds(-1)
    #expect(StreamPeerTCP(options: options).lastError == .errInvalidParameter)
  }

  private actor Room {
    private var peer: StreamPeerTCP?

    func enter(_ newcomer: sending StreamPeerTCP) -> GodotError {
      peer = newcomer
      return newcomer.putU8(1)
    }
  }

  // The compiler is the test: a server gives up each connection that it hands out.
  @Test func aConnectionGoesToAnotherActor() async throws {
    let server = TCPServer()
    #expect(server.listen(0, "127.0.0.1") == .ok)
    let client = StreamPeerTCP()
    #expect(client.connectAndWait("127.0.0.1", port: server.getLocalPort()) == .ok)
    try waitUntil("a connection") { server.isConnectionAvailable() }
    guard let peer = server.takeConnection() else { throw GodotError.failed }
    let room = Room()
    #expect(await room.enter(peer) == .ok)
    #expect(try client.receive(1) == [1])
    server.stop()
  }
}
