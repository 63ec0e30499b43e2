// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket

/// The demo on one kind of socket. Each step prints its action and returns its result.
final class Demo {
  private let name: String
  private let server: SocketServer
  private let endpoint: Endpoint
  private let makeClient: () -> StreamPeerSocket
  private let begin: (StreamPeerSocket, Endpoint) -> GodotError
  private let client: StreamPeerSocket
  private var peer: StreamPeerSocket
  private var watch: StatusWatch

  private init(
    _ name: String, _ server: SocketServer, at place: Endpoint, as endpoint: Endpoint,
    makeClient: @escaping () -> StreamPeerSocket,
    begin: @escaping (StreamPeerSocket, Endpoint) -> GodotError
  ) {
    self.name = name
    self.server = server
    self.endpoint = endpoint
    self.makeClient = makeClient
    self.begin = begin
    client = makeClient()
    peer = client
    watch = StatusWatch(client) { Console.say("[\(name)] \($0) \($1)") }
    say("listening on \(place)")
  }

  static func overTCP() throws -> Demo {
    let server = TCPServer()
    try server.listen(0, "127.0.0.1").orThrow()
    let place = Endpoint.tcp(host: "127.0.0.1", port: server.getLocalPort())
    let endpoint = Endpoint.tcp(host: "localhost", port: server.getLocalPort())
    return Demo("TCP", server, at: place, as: endpoint, makeClient: { StreamPeerTCP() }) {
      peer, endpoint in
      guard let tcp = peer as? StreamPeerTCP, case .tcp(let host, let port) = endpoint else {
        return .errBug
      }
      return tcp.connectToHost(host, port: port)
    }
  }

  static func overUnix(in directory: TemporaryDirectory) throws -> Demo {
    let server = UDSServer()
    let path = directory.path + "/demo.sock"
    try server.listen(path).orThrow()
    let place = Endpoint.unix(path: path)
    return Demo("Unix", server, at: place, as: place, makeClient: { StreamPeerUDS() }) {
      peer, endpoint in
      guard let uds = peer as? StreamPeerUDS, case .unix(let path) = endpoint else {
        return .errBug
      }
      return uds.connectToHost(path)
    }
  }

  private func say(_ text: String) {
    Console.say("[\(name)] \(text)")
  }

  // MARK: Connecting

  /// Runs 60 frames a second until the condition holds. Each frame polls the client once.
  private func frames(until condition: () -> Bool) throws -> Int {
    watch.look()
    for frame in 1...600 {
      client.poll()
      watch.look()
      if condition() { return frame }
      pause(milliseconds: 1000.0 / 60)
    }
    throw ToolError("[\(name)] nothing happened for ten seconds")
  }

  func connect() throws -> String {
    say("connecting to \(endpoint)")
    try begin(client, endpoint).orThrow()
    let count = try frames {
      if let taken = server.takeSocketConnection() { peer = taken }
      return client.getStatus() == .connected && peer !== client
    }
    return "\(count) frame\(count == 1 ? "" : "s")"
  }

  // MARK: Typed values

  func exchangeValues() throws -> String {
    var count = 0
    for bigEndian in [false, true] {
      client.bigEndian = bigEndian
      peer.bigEndian = bigEndian
      for value in DemoValue.all {
        value.put(client)
        guard value.getMatches(peer) else {
          throw ToolError("[\(name)] \(value.name) came out as something else")
        }
        count += 1
      }
    }
    say("exchanged \(DemoValue.all.map(\.name).joined(separator: ", "))")
    return "\(count) values equal"
  }

  // MARK: Bulk

  enum Direction { case up, down }

  /// Moves bytes in one loop that never waits for one side. It puts the bytes that fit, and gets
  /// the bytes that are there.
  func move(_ mebibytes: Int, _ direction: Direction) throws -> String {
    let (source, target) = direction == .up ? (client, peer) : (peer, client)
    let total = mebibytes << 20
    let block = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 8) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 8)
    defer { buffer.deallocate() }
    var (sent, received) = (0, 0)
    var (sentSum, receivedSum) = (Checksum(), Checksum())
    var progress = Progress("[\(name)] \(direction == .up ? "up" : "down")", total: total)
    while received < total {
      let start = sent % block.count
      let rest = block[start..<min(block.count, start + total - sent)]
      let put = source.putPartialData(rest)
      try put.error.orThrow()
      rest.prefix(put.sent).withUnsafeBytes { sentSum.add($0) }
      sent += put.sent
      let got = target.getPartialData(into: buffer)
      try got.error.orThrow()
      receivedSum.add(UnsafeRawBufferPointer(rebasing: buffer[..<got.received]))
      received += got.received
      progress.update(received)
    }
    guard sentSum.value == receivedSum.value else {
      throw ToolError("[\(name)] the checksums differ")
    }
    return "\(progress.rate), checksum \(String(receivedSum.value, radix: 16)) equal"
  }

  // MARK: The ends of a connection

  func leaveUnread() throws -> String {
    let words = "the last words"
    try peer.putUtf8String(words).orThrow()
    peer.disconnectFromHost()
    say("the server's side has left; the client has not read its last words yet")
    for _ in 1...3 {
      client.poll()
      pause(milliseconds: 1000.0 / 60)
    }
    let before = client.getStatus()
    let read = client.getUtf8String()
    let frames = try frames { client.getStatus() != .connected }
    say("read \"\(read)\"; then, after \(frames) frame, \(client.getStatus())")
    guard before == .connected, read == words, client.getStatus() == .none else {
      throw ToolError("[\(name)] bytes were lost")
    }
    return "all read, then \(client.getStatus())"
  }

  func connectToNobody() throws -> String {
    server.stop()
    let lonely = makeClient()
    var error = begin(lonely, endpoint)
    while error == .ok && lonely.getStatus() == .connecting {
      pause(milliseconds: 1000.0 / 60)
      error = lonely.poll()
    }
    let text = "\(error.name) (\(reason(error, osError: lonely.osError))), \(lonely.getStatus())"
    say("nobody listens on \(endpoint) any more: \(text)")
    guard error != .ok else {
      throw ToolError("[\(name)] connected to nobody")
    }
    return text
  }
}
