// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import StreamPeerSocket

struct EchoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "echo",
    abstract: "Send every client's bytes back to it, until SIGINT or SIGTERM.",
    discussion: """
      One line "listening on HOST:PORT" or "listening on unix:PATH" tells where, and a summary \
      comes at the end. Without an option it listens on a free port of 127.0.0.1.
      """)

  @Option(
    help: ArgumentHelp(
      "Listen on an address of this machine, or * for all; port 0 picks a free one.",
      valueName: "host:port"),
    transform: HostAndPort.parse)
  var tcp: HostAndPort?

  @Option(
    help: ArgumentHelp(
      "Listen on a Unix socket; the file must not exist, and is removed at the end.",
      valueName: "path"))
  var unix: String?

  func run() throws {
    Interruption.watch()
    var server = EchoServer()
    if let place = tcp ?? (unix == nil ? HostAndPort(host: "127.0.0.1", port: 0) : nil) {
      try server.listen(place)
    }
    if let unix {
      try server.listen(unix: unix)
    }
    let watch = Stopwatch()
    while !Interruption.came {
      if !server.advance() {
        pause(milliseconds: 1)
      }
    }
    Console.say(
      "served \(server.clientsServed) clients, \(server.bytesEchoed) bytes, "
        + String(format: "%.1f s", watch.seconds))
  }
}

/// An echo server for many clients, one step at a time.
struct EchoServer {
  private(set) var clientsServed = 0
  private(set) var bytesEchoed = 0
  private var servers: [SocketServer] = []
  private var clients: [EchoClient] = []

  mutating func listen(_ place: HostAndPort) throws {
    let server = TCPServer()
    try check(server.listen(place.port, place.host), at: place.endpoint)
    servers.append(server)
    Console.say("listening on \(Endpoint.tcp(host: place.host, port: server.getLocalPort()))")
  }

  mutating func listen(unix path: String) throws {
    let server = UDSServer()
    try check(server.listen(path), at: .unix(path: path))
    servers.append(server)
    Console.say("listening on \(Endpoint.unix(path: path))")
  }

  private func check(_ error: GodotError, at endpoint: Endpoint) throws {
    switch error {
    case .ok: return
    case .errInvalidParameter:
      throw ToolError(
        "cannot listen on \(endpoint): no such address here (a server listens on an address or a path)"
      )
    default: throw ToolError("cannot listen on \(endpoint): \(error.message)")
    }
  }

  /// Does what can be done now; false when that was nothing.
  mutating func advance() -> Bool {
    var busy = false
    for server in servers {
      while let peer = server.takeSocketConnection() {
        clients.append(EchoClient(peer))
        clientsServed += 1
        busy = true
      }
    }
    for index in clients.indices {
      let echoed = clients[index].advance()
      bytesEchoed += echoed
      busy = busy || echoed > 0
    }
    clients.removeAll { $0.isDone }
    return busy
  }
}

/// One client: what it sent and has not got back yet. No more is read before that has left, so that
/// a client that does not read holds back itself and nobody else.
private struct EchoClient {
  private(set) var isDone = false
  private let peer: StreamPeerSocket
  private var waiting: ArraySlice<UInt8> = []

  init(_ peer: StreamPeerSocket) {
    self.peer = peer
  }

  /// Returns how many bytes it sent back.
  mutating func advance() -> Int {
    if waiting.isEmpty {
      let (error, data) = peer.getPartialData(64 * 1024)
      isDone = error != .ok
      waiting = data[...]
    }
    guard !waiting.isEmpty else { return 0 }
    let (error, sent) = peer.putPartialData(waiting)
    isDone = isDone || error != .ok
    waiting = waiting.dropFirst(sent)
    return sent
  }
}
