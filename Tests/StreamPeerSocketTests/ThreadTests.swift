// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// Swift runs a `deinit` on the thread that drops the last reference. So a poller's members may end
/// on any thread, whatever the poller's own thread does meanwhile.
@Suite("threads", .watchdog)
struct ThreadTests {
  // MARK: One drop, at a moment that the test chooses

  @Test(arguments: Transport.allCases)
  func aDroppedPeerIsClosedByTheNextWait(_ transport: Transport) throws {
    let poller = SocketPoller()
    let pair = try AnotherPair(transport)
    #expect(poller.add(pair.client.object!) == .ok)
    #expect(pair.client.object?.putU8(1) == .ok)
    try dropElsewhere(pair.client)
    #expect(socketsOfThisProcess(at: pair.listener.place).count == 3)
    poller.wait(timeoutMilliseconds: 0)
    #expect(socketsOfThisProcess(at: pair.listener.place).count == 2)
    #expect(try pair.peer.receiveAll() == (.errFileEof, [1]))  // the batch was sent
  }

  @Test(arguments: Transport.allCases)
  func aDroppedPeerEndsTheWaitThatIsUnderWay(_ transport: Transport) throws {
    let poller = SocketPoller()
    let waker = poller.waker
    let isOver = Flag()
    let pair = try AnotherPair(transport)
    #expect(poller.add(pair.client.object!) == .ok)
    let waits = Background { while !isOver.isSet { poller.wait(timeoutMilliseconds: -1) } }
    try dropElsewhere(pair.client)
    #expect(try pair.peer.receiveAll() == (.errFileEof, []))
    isOver.set()
    waker.wake()
    try waits.join()
  }

  @Test(arguments: Transport.allCases)
  func pendingEventsOfADroppedPeerAreDropped(_ transport: Transport) throws {
    let poller = SocketPoller()
    let pair = try AnotherPair(transport)
    #expect(poller.add(pair.client.object!) == .ok)
    #expect(pair.peer.putU8(1) == .ok)
    #expect(poller.wait(timeoutMilliseconds: 20_000) == 1)
    try dropElsewhere(pair.client)
    #expect(poller.nextEvent() == nil)
    #expect(poller.lastError == .errBusy)
  }

  @Test(arguments: Transport.allCases)
  func aDroppedServerStopsAtTheNextWait(_ transport: Transport) throws {
    let poller = SocketPoller()
    let directory = try TemporaryDirectory()
    let server = Handoff(transport.makeServer())
    let path: Place = .path("\(directory.path)/listener")
    #expect(server.object?.listen(at: transport == .tcp ? .port(0) : path) == .ok)
    let place = (server.object as? TCPServer).map { .port($0.getLocalPort()) } ?? path
    #expect(poller.add(server.object!) == .ok)
    try dropElsewhere(server)
    #expect(transport.makeServer().listen(at: place) == .errAlreadyInUse)
    poller.wait(timeoutMilliseconds: 0)
    #expect(transport.makeServer().listen(at: place) == .ok)
  }

  @Test(arguments: Transport.allCases)
  func aPollerMayBeDroppedBeforeItsPeers(_ transport: Transport) throws {
    let poller = Handoff(SocketPoller())
    let waker = poller.object!.waker
    let pairs = [try AnotherPair(transport), try AnotherPair(transport)]
    let (kept, dropped) = (pairs[0].client.object!, pairs[1].client)
    #expect(poller.object?.add(kept) == .ok)
    #expect(poller.object?.add(dropped.object!) == .ok)
    #expect(kept.putU8(1) == .ok)
    try dropElsewhere(poller)
    waker.wake()
    try dropElsewhere(dropped)
    #expect(kept.poll() == .ok)  // it leaves the poller here
    #expect(!kept.writeBatching)
    #expect(try pairs[0].peer.receive(1) == [1])
    #expect(try pairs[1].peer.receiveAll() == (.errFileEof, []))
    #expect(SocketPoller().add(kept) == .ok)
  }

  @Test(arguments: Transport.allCases)
  func aPeerOfADroppedPollerMayJoinAnother(_ transport: Transport) throws {
    let first = Handoff(SocketPoller())
    let second = SocketPoller()
    let pair = try AnotherPair(transport)
    let client = pair.client.object!
    #expect(first.object?.add(client, owner: second) == .ok)
    #expect(first.object?.add(pair.listener.server) == .ok)
    try dropElsewhere(first)
    #expect(second.add(client) == .ok)
    #expect(second.add(pair.listener.server) == .ok)
    #expect(pair.peer.putU8(1) == .ok)
    #expect(second.wait(timeoutMilliseconds: 20_000) == 1)
    let event = try #require(second.nextEvent())
    #expect(event.peer === client && event.owner == nil)
  }

  // MARK: Many drops, at any moment

  // Nothing here is marked unsafe. The compiler accepts it, so it must not crash.
  @Test func objectsOfOneActorAreDroppedOnOtherThreads() async throws {
    let server = await Server()
    let looping = Task { @Net in
      var frames = 0
      while !Task.isCancelled {
        Net.poller.wait(timeoutMilliseconds: 1)
        for event in Net.poller.events { (event.owner as? Connection)?.serve() }
        server.frame()
        frames += 1
        await Task.yield()
      }
      return frames
    }
    await withTaskGroup(of: Void.self) { group in
      for kind in 0..<4 {
        group.addTask {
          for _ in 0..<100 {
            let connection = await Connection(server, kind)
            await Task.yield()
            _ = connection
          }  // it ends here, on this task's thread
        }
      }
    }
    looping.cancel()
    #expect(await looping.value > 0)
    await Net.end()
  }
}

// MARK: - Support

// An object that the test passes to another thread. Only one thread uses it at a time.
private final class Handoff<Object: AnyObject>: @unchecked Sendable {
  var object: Object?
  init(_ object: Object) { self.object = object }
}

private func dropElsewhere<Object: AnyObject>(_ handoff: Handoff<Object>) throws {
  weak var object: Object?
  object = handoff.object
  try Background { handoff.object = nil }.join()
  #expect(object == nil)
}

// A pair whose client only the caller uses.
private struct AnotherPair {
  let listener: Listener
  let client: Handoff<StreamPeerSocket>
  let peer: StreamPeerSocket

  init(_ transport: Transport) throws {
    listener = try Listener(transport)
    client = Handoff(try listener.connect())
    peer = try listener.take()
  }
}

private final class Flag: @unchecked Sendable {
  private let lock = NSLock()
  private var value = false
  var isSet: Bool { lock.withLock { value } }
  func set() { lock.withLock { value = true } }
}

// MARK: An actor, and objects isolated to it

@globalActor private actor Net {
  static let shared = Net()
  @Net static var poller: SocketPoller!
  // Peers that outlive their poller.
  @Net static var stray: [StreamPeerTCP] = []

  @Net static func end() {
    stray = []
    poller = nil
  }
}

@Net private final class Server {
  private let server = TCPServer()
  private var peers: [StreamPeerTCP] = []
  let port: Int

  init() {
    Net.poller = SocketPoller()
    server.listen(0, "127.0.0.1")
    port = server.getLocalPort()
    Net.poller.add(server)
  }

  func frame() {
    while let peer = server.takeConnection() {
      _ = peer.putU8(1)
      peers.append(peer)
    }
    for peer in Net.stray { peer.poll() }
  }
}

// Swift's kinds of stream over one of the C library's, with a poller.
@Net private final class Connection {
  private final class Wrapper: StreamPeerExtension {
    private let peer: StreamPeerTCP
    init(_ peer: StreamPeerTCP) {
      self.peer = peer
      super.init()
    }
    override func _getAvailableBytes() -> Int { peer.getAvailableBytes() }
  }

  private let peer = StreamPeerTCP()
  private let packets: PacketPeerStream?
  private let wrapper: Wrapper?
  private let buffer = StreamPeerBuffer()
  private let ownPoller: SocketPoller?
  private let listener: TCPServer?

  init(_ server: Server, _ kind: Int) {
    packets = kind == 1 ? PacketPeerStream(peer) : nil
    wrapper = kind == 2 ? Wrapper(peer) : nil
    ownPoller = kind == 3 ? SocketPoller() : nil
    listener = kind == 3 ? TCPServer() : nil
    peer.connectToHost("127.0.0.1", port: server.port)
    (ownPoller ?? Net.poller).add(peer, owner: self)
    if let ownPoller, let listener {
      listener.listen(0, "127.0.0.1")
      ownPoller.add(listener)
      Net.stray = Net.stray.suffix(10) + [peer]
    }
  }

  func serve() {
    _ = packets?.getAvailablePacketCount()
    _ = wrapper?.getAvailableBytes()
    _ = peer.putU8(peer.tryGetU8() ?? 0)
    _ = buffer.putU8(1)
  }
}
