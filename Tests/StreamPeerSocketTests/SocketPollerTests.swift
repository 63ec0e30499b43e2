// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("socket poller", .watchdog)
struct SocketPollerTests {
  private let poller = SocketPoller()

  // MARK: Events

  @Test(arguments: Transport.allCases)
  func aConnectionFromItsBeginToItsEnd(_ transport: Transport) throws {
    let listener = try Listener(transport)
    let client = transport.makePeer()
    #expect(poller.add(client) == .ok)
    #expect(client.connect(to: listener.place) == .ok)
    #expect(try nextEvent(of: client).kinds == .connected)
    let peer = try listener.take()
    expectNoEvent()
    #expect(peer.putUtf8String("bye") == .ok)
    #expect(try nextEvent(of: client).kinds == .readable)
    expectNoEvent()  // not reported again
    peer.disconnectFromHost()
    let finished = try nextEvent(of: client)
    #expect(finished.kinds == .finished)
    #expect(finished.closeReason == .peerFinished)
    #expect(client.tryGetUtf8String() == "bye")
    let closed = try nextEvent(of: client)
    #expect(closed.kinds == .closed)
    #expect(closed.closeReason == .peerFinished)
    #expect(client.getStatus() == .none)
    expectNoEvent()
  }

  @Test func aRefusedConnection() throws {
    let client = StreamPeerTCP()
    poller.add(client)
    #expect(client.connectToHost("localhost", port: try Nowhere(.tcp).place.port) == .ok)
    let event = try nextEvent(of: client)
    #expect(event.kinds == .closed)
    #expect(event.closeReason == .refused)
    #expect(client.getStatus() == .error)
    #expect(client.lastError == .errConnectionError)  // as its own poll() would have returned
  }

  @Test func anUnknownName() throws {
    let client = StreamPeerTCP()
    poller.add(client)
    #expect(client.connectToHost("no-such-host.invalid", port: 80) == .ok)
    let event = try nextEvent(of: client)
    #expect(event.closeReason == .nameNotFound)
    #expect(client.lastError == .errCantResolve)
  }

  @Test(arguments: Transport.allCases)
  func aBrokenConnection(_ transport: Transport) throws {
    let pair = try Pair(transport)
    try pair.resetByPeer()
    poller.add(pair.client)
    let event = try nextEvent(of: pair.client)
    #expect(event.kinds == .closed)
    #expect(event.closeReason == .reset)
    #expect(pair.client.lastError == .failed)
  }

  @Test(arguments: Transport.allCases)
  func connectionsOfAServer(_ transport: Transport) throws {
    let listener = try Listener(transport)
    #expect(poller.add(listener.server) == .ok)
    expectNoEvent()
    let clients = [try listener.connect(), try listener.connect()]
    for left in [1, 0] {
      #expect(poller.wait(timeoutMilliseconds: 20_000) == 1)
      let event = try #require(poller.nextEvent())
      #expect(event.server === listener.server)
      #expect(event.peer == nil)
      #expect(event.kinds == .connectionAvailable)
      #expect(event.closeReason == .none)
      #expect(listener.server.takeSocketConnection() != nil)
      #expect(listener.server.isConnectionAvailable() == (left > 0))
    }
    expectNoEvent()
    #expect(clients.allSatisfy { $0.getStatus() == .connected })
    #expect(poller.remove(listener.server) == .ok)
    let late = try listener.connect()
    expectNoEvent()
    #expect(late.getStatus() == .connected)
  }

  // A write buffer of a million bytes, over small buffers of the OS. The test finds the mark at
  // which the stream is writable.
  @Test(
    arguments: Transport.allCases,
    [(0, 300_000...500_000), (-1, 300_000...500_000), (1, 0...1), (250_000, 50_000...250_000)])
  func aFullBufferIsBusyAndThenWritable(
    _ transport: Transport, _ lowMark: (bytes: Int, pending: ClosedRange<Int>)
  ) throws {
    let pair = try Pair(
      transport,
      StreamOptions(
        writeBufferBytes: 1_000_000, osSendBufferBytes: 20_000, osReceiveBufferBytes: 20_000,
        writeLowMarkBytes: lowMark.bytes))
    poller.add(pair.client)
    let sent = try fill(pair.client)
    expectNoEvent()
    var received: [UInt8] = []
    try waitUntil("room") {
      received += pair.peer.getPartialData(20_000).data
      return poller.wait(timeoutMilliseconds: 0) > 0
    }
    #expect(try nextEvent(of: pair.client).kinds == .writable)
    #expect(lowMark.pending ~= pair.client.pendingWriteBytes)
    try waitUntil("the rest") {
      poller.wait(timeoutMilliseconds: 0)
      received += pair.peer.getPartialData(1 << 20).data
      return received.count == sent
    }
    #expect(matches(received, pattern(sent)))
    expectNoEvent()
  }

  // Puts pieces of the pattern until the buffer and the OS refuse more.
  private func fill(_ peer: StreamPeerSocket) throws -> Int {
    let piece = 20_000
    let all = pattern(32 << 20)
    var sent = 0
    while true {
      try #require(sent + piece <= all.count, "it never filled")
      let data = all[sent..<(sent + piece)]
      var error = peer.putData(data)
      if error == .errBusy {
        poller.wait(timeoutMilliseconds: 0)
        error = peer.putData(data)
      }
      if error == .errBusy { return sent }
      try #require(error == .ok)
      sent += piece
    }
  }

  @Test(arguments: Transport.allCases)
  func putsLeaveAtTheWait(_ transport: Transport) throws {
    let pair = try Pair(transport)
    poller.add(pair.client)
    #expect(pair.client.writeBatching)
    #expect(pair.client.putU32(7) == .ok)
    #expect(pair.client.pendingWriteBytes == 4)
    #expect(poller.wait(timeoutMilliseconds: 0) == 0)
    #expect(pair.client.pendingWriteBytes == 0)
    #expect(pair.peer.getU32() == 7)
    #expect(poller.remove(pair.client) == .ok)
    #expect(!pair.client.writeBatching)
  }

  // MARK: Owners

  private final class Player {
    let peer: StreamPeerSocket
    init(_ peer: StreamPeerSocket) { self.peer = peer }
  }

  private final class Lobby {
    let server: SocketServer
    init(_ server: SocketServer) { self.server = server }
  }

  @Test(arguments: Transport.allCases)
  func anEventHasThePeersOwner(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let player = Player(pair.client)
    #expect(poller.add(pair.client, owner: player) == .ok)
    #expect(poller.add(pair.listener.server, owner: poller) == .ok)
    #expect(pair.peer.putU8(1) == .ok)
    #expect(try nextEvent(of: pair.client).owner === player)
    let other = try pair.listener.connect()
    #expect(poller.wait(timeoutMilliseconds: 20_000) == 1)
    #expect(try #require(poller.nextEvent()).owner === poller)
    #expect(other.getStatus() == .connected)
    #expect(poller.remove(pair.listener.server) == .ok)
    #expect(poller.remove(pair.client) == .ok)
    #expect(poller.add(pair.client) == .ok)  // the read-ahead is reported again
    #expect(try nextEvent(of: pair.client).owner == nil)
  }

  @Test(arguments: Transport.allCases)
  func aPollerKeepsNothingAlive(_ transport: Transport) throws {
    weak var peer: StreamPeerSocket?
    weak var server: SocketServer?
    weak var player: Player?
    weak var lobby: Lobby?
    do {
      let pair = try Pair(transport)
      let owners = (Player(pair.client), Lobby(pair.listener.server))
      (peer, server, player, lobby) = (pair.client, pair.listener.server, owners.0, owners.1)
      #expect(poller.add(pair.client, owner: owners.0) == .ok)
      #expect(poller.add(pair.listener.server, owner: owners.1) == .ok)
      #expect(pair.peer.putU8(1) == .ok)
      #expect(poller.wait(timeoutMilliseconds: 20_000) == 1)  // the caller does not take it
    }
    #expect(peer == nil)
    #expect(server == nil)
    #expect(player == nil)
    #expect(lobby == nil)
    expectNoEvent()
  }

  @Test(arguments: Transport.allCases)
  func anOwnerThatIsGoneIsNil(_ transport: Transport) throws {
    let pair = try Pair(transport)
    do {
      #expect(poller.add(pair.client, owner: Player(pair.client)) == .ok)
    }
    #expect(pair.peer.putU8(1) == .ok)
    #expect(try nextEvent(of: pair.client).owner == nil)
  }

  // MARK: Lifetimes

  // The events are of ten peers. The handler of the first one drops four others and removes five.
  @Test(arguments: Transport.allCases)
  func peersMayGoAwayInsideTheLoop(_ transport: Transport) throws {
    let listener = try Listener(transport)
    var clients: [StreamPeerSocket] = []
    var peers: [StreamPeerSocket] = []
    for _ in 0..<10 {
      clients.append(try listener.connect())
      peers.append(try listener.take())
      #expect(poller.add(clients[clients.count - 1]) == .ok)
      #expect(peers[peers.count - 1].putU8(1) == .ok)
    }
    try waitUntil("the bytes") { poller.wait(timeoutMilliseconds: 10) == 10 }
    var removed: [StreamPeerSocket] = []
    var told: [StreamPeerSocket] = []
    for event in poller.events {
      let peer = try #require(event.peer)
      told.append(peer)
      removed = clients.filter { $0 !== peer }.suffix(5)
      for other in removed { #expect(poller.remove(other) == .ok) }
      clients = [peer]
    }
    #expect(told.count == 1)
    expectNoEvent()
    #expect(removed.map { $0.getU8() } == [1, 1, 1, 1, 1])
  }

  // The handler drops the stream of the event, and another takes its place.
  @Test(arguments: Transport.allCases)
  func thePeerOfAnEventMayGoAway(_ transport: Transport) throws {
    let listener = try Listener(transport)
    var players = [Player(try listener.connect())]
    let peer = try listener.take()
    poller.add(players[0].peer, owner: players[0])
    #expect(peer.putU8(1) == .ok)
    #expect(poller.wait(timeoutMilliseconds: 20_000) == 1)
    weak var gone: StreamPeerSocket?
    for event in poller.events {
      gone = event.peer
      players = [Player(try listener.connect())]
      #expect(event.owner == nil)
      #expect(event.peer?.getU8() == 1)  // the event keeps its peer
      #expect(poller.add(players[0].peer, owner: players[0]) == .ok)
    }
    #expect(gone == nil)
    let other = try listener.take()
    #expect(other.putU8(2) == .ok)
    #expect(try nextEvent(of: players[0].peer).owner === players[0])
    #expect(try peer.receiveAll().error == .errFileEof)
  }

  @Test(arguments: Transport.allCases)
  func membersOutliveTheirPoller(_ transport: Transport) throws {
    let pair = try Pair(transport)
    weak var gone: SocketPoller?
    do {
      let short = SocketPoller()
      gone = short
      #expect(short.add(pair.client) == .ok)
      #expect(short.add(pair.listener.server) == .ok)
      #expect(pair.peer.putU8(1) == .ok)
      #expect(short.wait(timeoutMilliseconds: 20_000) == 1)
      #expect(pair.client.putU8(2) == .ok)
    }
    #expect(gone == nil)
    #expect(pair.client.poll() == .ok)  // it leaves the poller that has ended
    #expect(!pair.client.writeBatching)
    #expect(pair.client.getU8() == 1)
    #expect(pair.peer.getU8() == 2)
    #expect(poller.add(pair.client) == .ok)
    #expect(poller.add(pair.listener.server) == .ok)
  }

  @Test(arguments: Transport.allCases)
  func aLoopThatIsLeftKeepsTheRest(_ transport: Transport) throws {
    let pairs = [try Pair(transport), try Pair(transport)]
    for pair in pairs {
      #expect(poller.add(pair.client) == .ok)
      #expect(pair.peer.putU8(1) == .ok)
    }
    try waitUntil("the bytes") { poller.wait(timeoutMilliseconds: 10) == 2 }
    var first: StreamPeerSocket?
    for event in poller.events {
      first = event.peer
      break
    }
    #expect(poller.wait(timeoutMilliseconds: 0) == 1)
    let rest = pairs.map(\.client).filter { $0 !== first }
    #expect(rest.count == 1)
    #expect(try nextEvent(of: rest[0]).kinds == .readable)
  }

  // MARK: Waking

  @Test func anotherThreadEndsTheWait() {
    let waker = poller.waker
    for _ in 0..<100 {
      Thread.detachNewThread { waker.wake() }
      #expect(poller.wait(timeoutMilliseconds: -1) == 0)
      #expect(poller.lastError == .ok)
    }
  }

  @Test func aWakeThatCameBeforeEndsTheNextWait() {
    poller.waker.wake()
    poller.waker.wake()
    #expect(poller.wait(timeoutMilliseconds: -1) == 0)
    let start = ContinuousClock.now
    #expect(poller.wait(timeoutMilliseconds: 20) == 0)  // no wake is left
    #expect(ContinuousClock.now - start >= .milliseconds(19))
  }

  @Test func aWakerMayOutliveItsPoller() throws {
    let waker = SocketPoller().waker
    waker.wake()
    for _ in 0..<100 {  // and may meet the poller's end
      let short = SocketPoller()
      let waker = short.waker
      let other = Background { for _ in 0..<10 { waker.wake() } }
      #expect(short.wait(timeoutMilliseconds: -1) == 0)
      _ = consume short
      try other.join()
    }
  }

  // MARK: Options

  @Test(arguments: Transport.allCases)
  func aWaitKeepsItsBudget(_ transport: Transport) throws {
    let poller = SocketPoller(options: PollerOptions(maxEvents: 2, maxReadBytes: 10))
    let pairs = [try Pair(transport), try Pair(transport), try Pair(transport)]
    for pair in pairs {
      #expect(poller.add(pair.client) == .ok)
      #expect(pair.peer.putData(pattern(20)) == .ok)
    }
    try waitUntil("the bytes") { pairs.allSatisfy { $0.client.getAvailableBytes() == 20 } }
    #expect(poller.wait(timeoutMilliseconds: 0) == 2)
    let peer = try #require(poller.nextEvent()?.peer)
    #expect(peer.peek { $0.count } == 10)
  }

  @Test(arguments: [0, -1, Int.min])
  func aNegativeOptionIsTheDefault(_ number: Int) throws {
    let poller = SocketPoller(
      options: PollerOptions(
        maxEvents: number, maxReadBytes: number, maxTimeMicroseconds: number, maxKeptBytes: number))
    #expect(poller.lastError == .ok)
    let pair = try Pair(.tcp)
    #expect(poller.add(pair.client) == .ok)
    #expect(pair.peer.putData(pattern(20)) == .ok)
    #expect(poller.wait(timeoutMilliseconds: 20_000) == 1)
    #expect(try #require(poller.nextEvent()?.peer).peek { $0.count } == 20)
  }

  // MARK: Bad input

  @Test(arguments: [-2, Int(Int32.min), Int.min, Int(Int32.max) + 1, Int.max])
  func anInvalidTime(_ time: Int) {
    poller.waker.wake()
    #expect(poller.wait(timeoutMilliseconds: time) == 0)
    #expect(poller.lastError == .errInvalidParameter)
    #expect(poller.wait(timeoutMilliseconds: -1) == 0)
    #expect(poller.lastError == .ok)
  }

  @Test(arguments: Transport.allCases)
  func aRefusedCallChangesNothing(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let other = SocketPoller()
    let player = Player(pair.client)
    #expect(poller.add(pair.client, owner: player) == .ok)
    for poller in [poller, other] {
      #expect(poller.add(pair.client, owner: other) == .errAlreadyInUse)
      #expect(poller.lastError == .errAlreadyInUse)
    }
    #expect(other.remove(pair.client) == .errDoesNotExist)
    #expect(poller.remove(pair.listener.server) == .errDoesNotExist)
    #expect(poller.lastError == .errDoesNotExist)
    #expect(pair.peer.putU8(1) == .ok)
    #expect(try nextEvent(of: pair.client).owner === player)
    #expect(poller.add(pair.listener.server, owner: player) == .ok)
    #expect(other.add(pair.listener.server, owner: other) == .errAlreadyInUse)
    let late = try pair.listener.connect()
    #expect(poller.wait(timeoutMilliseconds: 20_000) == 1)
    #expect(try #require(poller.nextEvent()).owner === player)
    #expect(late.getStatus() == .connected)
  }

  @Test func anInvalidObjectIsNotAdded() {
    let peer = StreamPeerTCP(options: StreamOptions(idleTimeoutMilliseconds: -1))
    let server = UDSServer(options: ServerOptions(fileMode: -1))
    #expect(poller.add(peer) == .errInvalidParameter)
    #expect(poller.add(server) == .errInvalidParameter)
    #expect(poller.remove(peer) == .errInvalidParameter)
    #expect(poller.remove(server) == .errInvalidParameter)
    expectNoEvent()
  }

  @Test func everyCallSetsTheLastError() {
    let peer = StreamPeerTCP()
    let server = TCPServer()
    #expect(poller.lastError == .ok)
    let calls: [(String, GodotError, () -> Void)] = [
      ("add", .ok, { poller.add(peer) }), ("add a server", .ok, { poller.add(server) }),
      ("wait", .ok, { poller.wait(timeoutMilliseconds: 0) }),
      ("nextEvent", .errBusy, { _ = poller.nextEvent() }),
      ("waker", .errInvalidParameter, { poller.waker.wake() }),
      ("events", .errInvalidParameter, { for _ in poller.events {} }),
      ("remove", .ok, { poller.remove(peer) }),
      ("remove a server", .ok, { poller.remove(server) }),
    ]
    for (name, error, call) in calls {
      poller.wait(timeoutMilliseconds: -2)
      #expect(poller.lastError == .errInvalidParameter)
      call()
      #expect(poller.lastError == error, "\(name)")
    }
  }

  @Test func kindsHaveNames() {
    #expect("\(SocketEvent.Kinds())" == "")
    #expect("\([.readable, .connected] as SocketEvent.Kinds)" == "connected, readable")
    #expect("\(SocketEvent.Kinds(rawValue: 63))".split(separator: ", ").count == 6)
  }

  // MARK: Support

  /// Returns the next event. It must come, and be of this peer.
  private func nextEvent(
    of peer: StreamPeerSocket, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> SocketEvent {
    #expect(poller.wait(timeoutMilliseconds: 20_000) == 1, sourceLocation: sourceLocation)
    #expect(poller.lastError == .ok, sourceLocation: sourceLocation)
    let event = try #require(poller.nextEvent(), sourceLocation: sourceLocation)
    #expect(poller.lastError == .ok, sourceLocation: sourceLocation)
    #expect(event.peer === peer, sourceLocation: sourceLocation)
    #expect(event.server == nil, sourceLocation: sourceLocation)
    return event
  }

  /// Checks that no event comes after everything has settled.
  private func expectNoEvent(sourceLocation: SourceLocation = #_sourceLocation) {
    for _ in 0..<5 {
      #expect(poller.wait(timeoutMilliseconds: 2) == 0, sourceLocation: sourceLocation)
    }
    #expect(poller.nextEvent() == nil, sourceLocation: sourceLocation)
  }
}
