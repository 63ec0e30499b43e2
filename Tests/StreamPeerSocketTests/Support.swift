// SPDX-License-Identifier: MIT
//
// Shared by the tests: places, connected pairs, and waiting on conditions.
import Foundation
import StreamPeerSocket
import Testing

/// Every test of the common behaviour of TCP and UDS runs over both.
enum Transport: CaseIterable {
  case tcp, uds

  func makePeer(_ options: StreamOptions = StreamOptions()) -> StreamPeerSocket {
    switch self {
    case .tcp: StreamPeerTCP(options: options)
    case .uds: StreamPeerUDS(options: options)
    }
  }

  func makeServer(_ options: ServerOptions = ServerOptions()) -> SocketServer {
    switch self {
    case .tcp: TCPServer(options: options)
    case .uds: UDSServer(options: options)
    }
  }
}

// MARK: - Waiting

/// Repeats until the condition holds. Fails after a generous deadline.
func waitUntil(
  _ event: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ condition: () throws -> Bool
) throws {
  let deadline = ContinuousClock.now + .seconds(20)
  while try !condition() {
    try #require(
      ContinuousClock.now < deadline, "never came: \(event)", sourceLocation: sourceLocation)
    pauseBriefly()
  }
}

/// Repeats a call until it returns another result, and returns that.
func answer(
  after pending: GodotError = .ok, sourceLocation: SourceLocation = #_sourceLocation,
  _ call: () -> GodotError
) throws -> GodotError {
  var error = pending
  try waitUntil("an answer other than \(pending)", sourceLocation: sourceLocation) {
    error = call()
    return error != pending
  }
  return error
}

func pauseBriefly() {
  usleep(500)
}

/// Runs a body in its own thread. The body may use an object if no other thread uses it meanwhile.
final class Background<Value>: @unchecked Sendable {
  private let finished = DispatchSemaphore(value: 0)
  private var value: Value?

  init(_ body: @escaping () -> Value) {
    nonisolated(unsafe) let body = body
    Thread.detachNewThread { [self] in
      value = body()
      finished.signal()
    }
  }

  func join() throws -> Value {
    finished.wait()
    return try #require(value)
  }
}

// MARK: - Places

/// The address of a possible server: a port of 127.0.0.1, or a path.
enum Place: Equatable {
  case port(Int)
  case path(String)

  var port: Int {
    get throws {
      guard case .port(let port) = self else { throw GodotError.errUnavailable }
      return port
    }
  }

  var path: String {
    get throws {
      guard case .path(let path) = self else { throw GodotError.errUnavailable }
      return path
    }
  }
}

extension SocketServer {
  func listen(at place: Place) -> GodotError {
    switch (self, place) {
    case (let server as TCPServer, .port(let port)): server.listen(port, "127.0.0.1")
    case (let server as UDSServer, .path(let path)): server.listen(path)
    default: .errUnavailable
    }
  }
}

extension StreamPeerSocket {
  func connect(to place: Place) -> GodotError {
    switch (self, place) {
    case (let peer as StreamPeerTCP, .port(let port)): peer.connectToHost("127.0.0.1", port: port)
    case (let peer as StreamPeerUDS, .path(let path)): peer.connectToHost(path)
    default: .errUnavailable
    }
  }

  func polledStatus() -> Status {
    poll()
    return getStatus()
  }
}

/// A directory. The object removes it at its end.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path = "/tmp/sps-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}

/// A listening server, on a free port of 127.0.0.1 or in its own directory.
final class Listener {
  let transport: Transport
  let server: SocketServer
  let place: Place
  private let directory: TemporaryDirectory

  init(_ transport: Transport, _ options: ServerOptions = ServerOptions()) throws {
    self.transport = transport
    directory = try TemporaryDirectory()
    server = transport.makeServer(options)
    let wanted: Place = transport == .tcp ? .port(0) : .path("\(directory.path)/listener")
    try #require(server.listen(at: wanted) == .ok)
    place = (server as? TCPServer).map { .port($0.getLocalPort()) } ?? wanted
  }

  func take() throws -> StreamPeerSocket {
    var taken: StreamPeerSocket?
    try waitUntil("a connection") {
      taken = server.takeSocketConnection()
      return taken != nil
    }
    return try #require(taken)
  }

  func connect(_ options: StreamOptions = StreamOptions()) throws -> StreamPeerSocket {
    let client = transport.makePeer(options)
    try #require(client.connect(to: place) == .ok)
    try waitUntil("the connection") { client.polledStatus() != .connecting }
    try #require(client.getStatus() == .connected)
    return client
  }

  /// Fills the backlog. The last peer is still connecting.
  func fillBacklog(timeout: Int = 0) throws -> [StreamPeerSocket] {
    var peers: [StreamPeerSocket] = []
    while true {
      try #require(peers.count < 16, "the backlog never filled")
      let peer = transport.makePeer()
      peer.setConnectTimeout(milliseconds: timeout)
      try #require(peer.connect(to: place) == .ok)
      peers.append(peer)
      // On loopback, a listener with room accepts a connection within one or two polls. A
      // connection that is not there after these polls is delayed.
      for _ in 0..<20 where peer.polledStatus() == .connecting { pauseBriefly() }
      if peer.getStatus() != .connected { return peers }
    }
  }
}

/// A place in use, but without a listener, as long as the object lives.
final class Nowhere {
  let place: Place
  private let descriptor: Int32
  private let directory: TemporaryDirectory

  init(_ transport: Transport) throws {
    directory = try TemporaryDirectory()
    switch transport {
    case .tcp:
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
      let bound = try Self.bound(AF_INET, &address)
      descriptor = bound
      var size = socklen_t(MemoryLayout<sockaddr_in>.size)
      let told = Self.withSocketAddress(&address) { getsockname(bound, $0, &size) }
      try #require(told == 0)
      place = .port(Int(UInt16(bigEndian: address.sin_port)))
    case .uds:
      let path = "\(directory.path)/nobody"
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
      descriptor = try Self.bound(AF_UNIX, &address)
      place = .path(path)
    }
  }

  deinit {
    close(descriptor)
  }

  private static func bound<Address>(_ family: Int32, _ address: inout Address) throws -> Int32 {
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    try #require(descriptor >= 0)
    let size = socklen_t(MemoryLayout<Address>.size)
    let code = withSocketAddress(&address) { bind(descriptor, $0, size) }
    try #require(code == 0)
    return descriptor
  }

  private static func withSocketAddress<Address>(
    _ address: inout Address, _ body: (UnsafeMutablePointer<sockaddr>) -> Int32
  ) -> Int32 {
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
    }
  }
}

// MARK: - Pairs

/// A client and the server's end of its connection.
final class Pair {
  let listener: Listener
  let client: StreamPeerSocket
  let peer: StreamPeerSocket

  init(_ transport: Transport, _ options: StreamOptions = StreamOptions()) throws {
    listener = try Listener(transport, ServerOptions(stream: options))
    client = try listener.connect(options)
    peer = try listener.take()
    try #require(peer.getStatus() == .connected)
  }

  /// Breaks the connection. A close with unread bytes resets it, on TCP and on UDS.
  func resetByPeer() throws {
    try #require(client.putU8(1) == .ok)
    try waitUntil("the byte") { peer.getAvailableBytes() == 1 }
    peer.disconnectFromHost()
  }
}

/// A peer with status ERROR.
func peerInError(_ transport: Transport) throws -> StreamPeerSocket {
  let pair = try Pair(transport)
  try pair.resetByPeer()
  try #require(try answer { pair.client.poll() } == .failed)
  try #require(pair.client.getStatus() == .error)
  return pair.client
}

extension StreamPeer {
  /// Reads bytes in flight. It fails, instead of hanging, if they do not come.
  func receive(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) throws -> [UInt8] {
    try waitUntil("\(count) bytes", sourceLocation: sourceLocation) {
      getAvailableBytes() >= count
    }
    let (error, data) = getData(count)
    try #require(error == .ok, sourceLocation: sourceLocation)
    return data
  }

  /// The same for a text.
  func receiveText(
    _ count: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    String(decoding: try receive(count, sourceLocation: sourceLocation), as: UTF8.self)
  }

  /// Reads until the end or a failure. It fails, instead of hanging, if neither comes.
  func receiveAll(
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> (error: GodotError, data: [UInt8]) {
    var all: [UInt8] = []
    let error = try answer(sourceLocation: sourceLocation) {
      let (error, data) = getPartialData(1 << 20)
      all += data
      return error
    }
    return (error, all)
  }
}

// MARK: - Bytes

/// Bytes in which a lost, repeated or swapped piece shows.
func pattern(_ count: Int) -> [UInt8] {
  let words = (count + 3) / 4
  return [UInt8](unsafeUninitializedCapacity: words * 4) { buffer, initialized in
    UnsafeMutableRawBufferPointer(buffer).withMemoryRebound(to: UInt32.self) {
      for i in 0..<words { $0[i] = UInt32(truncatingIfNeeded: i) &* 2_654_435_761 }
    }
    initialized = count
  }
}

/// Whether `whole` has `piece` at `offset`. It uses memcmp, because some pieces are large.
func matches(_ piece: [UInt8], _ whole: [UInt8], at offset: Int = 0) -> Bool {
  guard offset + piece.count <= whole.count else { return false }
  return whole.withUnsafeBytes { whole in
    piece.withUnsafeBytes { piece in
      piece.isEmpty || memcmp(piece.baseAddress!, whole.baseAddress! + offset, piece.count) == 0
    }
  }
}
