// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("connect", .watchdog)
struct ConnectTests {
  @Test(arguments: Transport.allCases)
  func fromNoneLeadsToConnected(_ transport: Transport) throws {
    let listener = try Listener(transport)
    let client = transport.makePeer()
    #expect(client.getStatus() == .none)
    #expect(client.connect(to: listener.place) == .ok)
    #expect([.connecting, .connected].contains(client.getStatus()))
    try waitUntil("the connection") {
      #expect(client.poll() == .ok)
      return client.getStatus() != .connecting
    }
    #expect(client.getStatus() == .connected)
    #expect(client.osError == 0)
    #expect(try listener.take().getStatus() == .connected)
  }

  @Test(arguments: Transport.allCases)
  func refusedAtOnceIsFailedAndStaysNone(_ transport: Transport) throws {
    let nowhere = try Nowhere(transport)
    let client = transport.makePeer()
    let error = client.connect(to: nowhere.place)
    if transport == .tcp, error == .ok {  // TCP may report the refusal a moment later
      #expect(try answer { client.poll() } == .errConnectionError)
      #expect(client.getStatus() == .error)
    } else {
      #expect(error == .failed)
      #expect(client.getStatus() == .none)
    }
    #expect(client.osError == ECONNREFUSED)
  }

  @Test func aPathThatIsNotThereIsFailedAndStaysNone() throws {
    let directory = try TemporaryDirectory()
    let client = StreamPeerUDS()
    #expect(client.connectToHost("\(directory.path)/nobody") == .failed)
    #expect(client.getStatus() == .none)
    #expect(client.osError == ENOENT)
  }

  @Test(arguments: Transport.allCases)
  func anObjectConnectsAfterARefusal(_ transport: Transport) throws {
    let nowhere = try Nowhere(transport)
    let listener = try Listener(transport)
    let client = transport.makePeer()
    if client.connect(to: nowhere.place) == .ok {
      #expect(try answer { client.poll() } == .errConnectionError)
      client.disconnectFromHost()
    }
    #expect(client.connect(to: listener.place) == .ok)
    try waitUntil("the connection") { client.polledStatus() == .connected }
  }

  @Test(arguments: Transport.allCases)
  func inConnectedIsAlreadyInUse(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.connect(to: pair.listener.place) == .errAlreadyInUse)
    #expect(pair.client.getStatus() == .connected)
    #expect(pair.client.putU8(7) == .ok)
    #expect(try pair.peer.receive(1) == [7])
  }

  @Test(arguments: Transport.allCases)
  func inConnectingIsAlreadyInUse(_ transport: Transport) throws {
    let listener = try Listener(transport, ServerOptions(backlog: 1))
    let peers = try listener.fillBacklog()
    let late = try #require(peers.last)
    #expect(late.connect(to: listener.place) == .errAlreadyInUse)
    #expect(late.getStatus() == .connecting)
  }

  @Test(arguments: Transport.allCases)
  func inErrorIsAlreadyInUseOnlyForTCP(_ transport: Transport) throws {
    let listener = try Listener(transport)
    let peer = try peerInError(transport)
    #expect(peer.connect(to: listener.place) == (transport == .uds ? .ok : .errAlreadyInUse))
    #expect(peer.getStatus() == (transport == .uds ? .connected : .error))
  }

  @Test(arguments: Transport.allCases)
  func aFullBacklogIsWaitedFor(_ transport: Transport) throws {
    let listener = try Listener(transport, ServerOptions(backlog: 1))
    let peers = try listener.fillBacklog()
    let late = try #require(peers.last)
    var taken: [StreamPeerSocket] = []
    for _ in peers.dropLast() { taken.append(try listener.take()) }
    try waitUntil("the connection") { late.polledStatus() == .connected }
    #expect(late.putU8(9) == .ok)
    #expect(try listener.take().receive(1) == [9])
    #expect(taken.count == peers.count - 1)
  }

  // MARK: Names

  @Test func aNameConnectsWithoutBlocking() throws {
    let listener = try Listener(.tcp)
    let client = StreamPeerTCP()
    #expect(client.connectToHost("localhost", port: try listener.place.port) == .ok)
    #expect(client.getStatus() == .connecting)
    try waitUntil("the connection") { client.polledStatus() != .connecting }
    #expect(client.getStatus() == .connected)
    #expect(client.getConnectedHost() == "127.0.0.1")
  }

  @Test func aNameThatRefusesIsAConnectionErrorOfPoll() throws {
    let nowhere = try Nowhere(.tcp)
    let client = StreamPeerTCP()
    #expect(client.connectToHost("localhost", port: try nowhere.place.port) == .ok)
    #expect(try answer { client.poll() } == .errConnectionError)
    #expect(client.getStatus() == .error)
    #expect(client.osError == ECONNREFUSED)
  }

  @Test func anUnknownNameIsAnErrorOfPoll() throws {
    let client = StreamPeerTCP()
    #expect(client.connectToHost("no-such-host.invalid", port: 80) == .ok)  // RFC 6761
    #expect(try answer { client.poll() } == .errCantResolve)
    #expect(client.getStatus() == .error)
  }

  @Test(arguments: ["127.0.0.1", "::1"])
  func oneServerServesBothFamilies(_ host: String) throws {
    let server = TCPServer()
    #expect(server.listen(0) == .ok)  // "*" is the default
    let client = StreamPeerTCP()
    #expect(client.connectToHost(host, port: server.getLocalPort()) == .ok)
    try waitUntil("the connection") { client.polledStatus() == .connected }
    var peer: StreamPeerTCP?
    try waitUntil("the connection") {
      peer = server.takeConnection()
      return peer != nil
    }
    #expect(peer?.getConnectedHost() == host)  // not ::ffff:127.0.0.1
    #expect(client.getConnectedHost() == host)
  }

  // MARK: The deadline

  @Test(arguments: Transport.allCases)
  func pastTheDeadlineIsAConnectionErrorOfPoll(_ transport: Transport) throws {
    let listener = try Listener(transport, ServerOptions(backlog: 1))
    let begin = ContinuousClock.now
    let peers = try listener.fillBacklog(timeout: 300)
    let late = try #require(peers.last)
    #expect(try answer { late.poll() } == .errConnectionError)
    #expect(ContinuousClock.now - begin >= .milliseconds(300))
    #expect(late.getStatus() == .error)
  }

  @Test(arguments: Transport.allCases)
  func aRunningConnectTakesANewDeadline(_ transport: Transport) throws {
    let listener = try Listener(transport, ServerOptions(backlog: 1))
    let peers = try listener.fillBacklog()
    let late = try #require(peers.last)  // the default timeout is 30 s
    let begin = ContinuousClock.now
    #expect(late.setConnectTimeout(milliseconds: -1) == .errInvalidParameter)
    #expect(late.poll() == .ok)
    #expect(late.setConnectTimeout(milliseconds: 1) == .ok)
    #expect(try answer { late.poll() } == .errConnectionError)
    #expect(ContinuousClock.now - begin < .seconds(20))
    #expect(late.closeReason == .connectTimedOut)
  }

  @Test(arguments: Transport.allCases)
  func theDeadlineIsAnOptionToo(_ transport: Transport) throws {
    let listener = try Listener(transport, ServerOptions(backlog: 1))
    let crowd = try listener.fillBacklog()
    let late = transport.makePeer(StreamOptions(connectTimeoutMilliseconds: 50))
    #expect(late.connect(to: listener.place) == .ok)
    #expect(try answer { late.poll() } == .errConnectionError)
    #expect(crowd.last?.getStatus() == .connecting)  // the default timeout is 30 s
  }
}
