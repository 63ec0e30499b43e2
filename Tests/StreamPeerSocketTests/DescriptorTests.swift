// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// Sockets that streams and servers adopt and release.
@Suite("descriptors", .watchdog)
struct DescriptorTests {
  // MARK: Other event loops

  @Test(arguments: Transport.allCases)
  func anotherLoopMayWaitForAStream(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let wait = try #require(pair.client.getWait())
    #expect(wait.isForReading && !wait.isForWriting && wait.timeoutMicroseconds == nil)
    #expect(pair.peer.putU8(1) == .ok)
    #expect(isReadable(wait.fd, within: 20_000))
    let poller = SocketPoller()
    #expect(poller.add(pair.client) == .ok)
    #expect(pair.client.getWait() == nil)
    #expect(pair.client.lastError == .errAlreadyInUse)
  }

  @Test(arguments: Transport.allCases)
  func anotherLoopMayWaitForAPoller(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let poller = SocketPoller()
    #expect(poller.add(pair.client) == .ok)
    poller.wait(timeoutMilliseconds: 0)
    #expect(!isReadable(poller.getFD(), within: 0))
    #expect(poller.getTimeoutMicroseconds() == nil)
    #expect(pair.peer.putU8(1) == .ok)
    #expect(isReadable(poller.getFD(), within: 20_000))
    #expect(poller.wait(timeoutMilliseconds: 0) == 1)
    #expect(pair.client.putU8(2) == .ok)
    #expect(poller.getTimeoutMicroseconds() == 0)
  }

  private func isReadable(_ fd: Int?, within milliseconds: Int32) -> Bool {
    guard let fd else { return false }
    var wait = pollfd(fd: Int32(fd), events: Int16(POLLIN), revents: 0)
    return poll(&wait, 1, milliseconds) == 1
  }

  // MARK: Streams

  @Test(arguments: Transport.allCases)
  func aConnectionGoesFromOneStreamToAnother(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let fd = pair.client.release()
    try #require(fd >= 0)
    #expect(pair.client.lastError == .ok)
    #expect(pair.client.getStatus() == .none)
    #expect(pair.client.closeReason == .local)
    #expect(pair.client.putU8(1) == .failed)
    let other = transport.makePeer()
    #expect(other.adopt(fd) == .ok)
    #expect(other.getStatus() == .connected)
    #expect(other.putU8(2) == .ok)
    #expect(try pair.peer.receive(1) == [2])
    #expect(pair.peer.putU8(3) == .ok)
    #expect(try other.receive(1) == [3])
    other.disconnectFromHost()  // closes the descriptor
    #expect(fcntl(Int32(fd), F_GETFD) == -1 || !isSocket(fd, of: pair.listener.place))
    #expect(try pair.peer.receiveAll() == (.errFileEof, []))
  }

  @Test func aSocketPairIsAPairOfStreams() throws {
    var fds: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &fds) == 0)
    let streams = [StreamPeerUDS(), StreamPeerUDS()]
    for (stream, fd) in zip(streams, fds) {
      #expect(stream.adopt(Int(fd)) == .ok)
      #expect(stream.getStatus() == .connected)
      #expect(fcntl(fd, F_GETFL) & O_NONBLOCK != 0)
      #expect(fcntl(fd, F_GETFD) & FD_CLOEXEC != 0)
    }
    #expect(streams[0].putUtf8String("hello") == .ok)
    #expect(streams[1].getUtf8String() == "hello")
    streams[1].disconnectFromHost()
    try waitUntil("the end") { streams[0].polledStatus() == .none }
    #expect(streams[0].closeReason == .peerFinished)
  }

  @Test(arguments: Transport.allCases)
  func settingsOfTheStreamApply(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let other = transport.makePeer(
      StreamOptions(ioTimeoutMilliseconds: 20, osSendBufferBytes: 20_000))
    #expect(other.adopt(pair.client.release()) == .ok)
    #expect(20_000...40_000 ~= other.getOSBuffers().sendBytes)
    #expect(other.getU8() == 0)
    #expect(other.lastError == .errTimeout)
  }

  @Test(arguments: Transport.allCases)
  func buffersAreNotLeftBehind(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putU32(7) == .ok)
    try waitUntil("the bytes") { pair.client.peek(4) { $0.count } == 4 }
    #expect(pair.client.release() == -1)
    #expect(pair.client.lastError == .errBusy)
    #expect(pair.client.getU32() == 7)
    #expect(pair.client.setWriteBatching(true) == .ok)
    #expect(pair.client.putU8(8) == .ok)
    #expect(pair.client.release() == -1)
    #expect(pair.client.lastError == .errBusy)
    #expect(pair.client.getStatus() == .connected)
    #expect(pair.client.flush() == .ok)
    let fd = pair.client.release()
    #expect(fd >= 0)
    #expect(try pair.peer.receive(1) == [8])
    close(Int32(fd))
  }

  @Test(arguments: Transport.allCases)
  func aSocketThatIsNotConnectedStaysTheCallers(_ transport: Transport) throws {
    let place = try Listener(transport)
    let others = try Strangers(transport, listening: place)
    let stream = transport.makePeer()
    for (name, fd) in others.descriptors {
      let flags = fcntl(fd, F_GETFL)
      #expect(stream.adopt(Int(fd)) == .errInvalidParameter, "\(name)")
      #expect(stream.lastError == .errInvalidParameter, "\(name)")
      #expect(fcntl(fd, F_GETFL) == flags, "\(name)")  // open, and with the same flags
    }
    #expect(stream.getStatus() == .none)
  }

  // Some of these become a valid descriptor if they are truncated to 32 bits.
  @Test(arguments: Transport.allCases)
  func invalidDescriptors(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let fd = pair.client.release()
    let stream = transport.makePeer()
    let server = transport.makeServer()
    for number in [-1, Int.min, Int.max, 1 << 20, 1 << 32 + fd, 1 << 63 | fd] {
      #expect(stream.adopt(number) == .errInvalidParameter)
      #expect(server.adopt(number) == .errInvalidParameter)
    }
    #expect(stream.adopt(fd) == .ok)
  }

  @Test(arguments: Transport.allCases)
  func anOpenStreamTakesNoOther(_ transport: Transport) throws {
    let first = try Pair(transport)
    let second = try Pair(transport)
    let fd = first.client.release()
    #expect(second.client.adopt(fd) == .errAlreadyInUse)
    #expect(second.client.putU8(2) == .ok)
    #expect(try second.peer.receive(1) == [2])
    #expect(first.client.adopt(fd) == .ok)  // the caller still owns it
  }

  // MARK: Servers

  @Test(arguments: Transport.allCases)
  func aListenerGoesFromOneServerToAnother(_ transport: Transport) throws {
    let listener = try Listener(transport)
    let client = try listener.connect()
    let fd = listener.server.releaseFD()
    try #require(fd >= 0)
    #expect(listener.server.lastError == .ok)
    #expect(!listener.server.isListening())
    #expect(listener.server.releaseFD() == -1)
    #expect(listener.server.lastError == .errUnconfigured)
    let other = transport.makeServer()
    #expect(other.adopt(fd) == .ok)
    #expect(other.isListening())
    #expect(other.adopt(fd) == .errAlreadyInUse)
    if let other = other as? TCPServer {
      #expect(other.getLocalPort() == (try listener.place.port))
    }
    #expect(fcntl(Int32(fd), F_GETFL) & O_NONBLOCK != 0)
    #expect(fcntl(Int32(fd), F_GETFD) & FD_CLOEXEC != 0)
    var waiting: StreamPeerSocket?  // it has stayed with the descriptor
    try waitUntil("the connection") {
      waiting = other.takeSocketConnection()
      return waiting != nil
    }
    #expect(client.putU8(1) == .ok)
    #expect(try waiting?.receive(1) == [1])
    _ = try listener.connect()
    other.stop()
    if transport == .uds {  // `other` did not make the file
      #expect(FileManager.default.fileExists(atPath: try listener.place.path))
    }
  }

  @Test(arguments: Transport.allCases)
  func aSocketThatDoesNotListenStaysTheCallers(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let others = try Strangers(transport, connected: pair)
    let server = transport.makeServer()
    for (name, fd) in others.descriptors {
      let flags = fcntl(fd, F_GETFL)
      #expect(server.adopt(Int(fd)) == .errInvalidParameter, "\(name)")
      #expect(fcntl(fd, F_GETFL) == flags, "\(name)")
    }
    #expect(!server.isListening())
  }
}

/// Descriptors of the wrong kind.
private final class Strangers {
  private(set) var descriptors: [(name: String, fd: Int32)] = []

  /// Invalid for a stream, which needs a connection.
  convenience init(_ transport: Transport, listening listener: Listener) throws {
    self.init(transport)
    descriptors.append(("a listener", Int32(listener.server.releaseFD())))
    descriptors.append(("the other kind", Int32(try Self.other(transport).client.release())))
    try expectDescriptors()
  }

  /// Invalid for a server, which needs a listener.
  convenience init(_ transport: Transport, connected pair: Pair) throws {
    self.init(transport)
    descriptors.append(("a connection", Int32(pair.client.release())))
    let other = try Self.other(transport).listener
    descriptors.append(("the other kind", Int32(other.server.releaseFD())))
    try expectDescriptors()
  }

  private init(_ transport: Transport) {
    let family = transport == .tcp ? AF_INET : AF_UNIX
    descriptors.append(("a file", open("/dev/null", O_RDWR)))
    descriptors.append(("a new socket", socket(family, Int32(SOCK_STREAM.rawValue), 0)))
    descriptors.append(("datagrams", socket(family, Int32(SOCK_DGRAM.rawValue), 0)))
  }

  deinit {
    for (_, fd) in descriptors { close(fd) }
  }

  private static func other(_ transport: Transport) throws -> Pair {
    try Pair(transport == .tcp ? .uds : .tcp)
  }

  private func expectDescriptors() throws {
    try #require(descriptors.allSatisfy { $0.fd >= 0 })
  }
}

private func isSocket(_ fd: Int, of place: Place) -> Bool {
  socketsOfThisProcess(at: place).contains(Int32(fd))
}

extension StreamPeerSocket {
  fileprivate func adopt(_ fd: Int) -> GodotError {
    switch self {
    case let peer as StreamPeerTCP: peer.adoptFD(fd)
    case let peer as StreamPeerUDS: peer.adoptFD(fd)
    default: .errBug
    }
  }

  fileprivate func release() -> Int {
    switch self {
    case let peer as StreamPeerTCP: peer.releaseFD()
    case let peer as StreamPeerUDS: peer.releaseFD()
    default: -1
    }
  }
}

extension SocketServer {
  fileprivate func adopt(_ fd: Int) -> GodotError {
    switch self {
    case let server as TCPServer: server.adoptFD(fd)
    case let server as UDSServer: server.adoptFD(fd)
    default: .errBug
    }
  }
}
