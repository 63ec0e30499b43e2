// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import StreamPeerSocket
import StreamPeerSocketTLS

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

  @Option(
    help: ArgumentHelp(
      "Use TLS with the certificates of this file, the server's own and its chain.",
      valueName: "file"))
  var tlsCert: String?

  @Option(help: ArgumentHelp("The private key of the certificate.", valueName: "file"))
  var tlsKey: String?

  func validate() throws {
    guard (tlsCert == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-cert and --tls-key need each other")
    }
  }

  private func tlsOptions() throws -> TLSOptions? {
    guard let tlsCert, let tlsKey else { return nil }
    return try TLSOptions.server(
      key: TLSFiles.key(tlsKey), certificate: TLSFiles.certificate(tlsCert)
    ).checked()
  }

  func run() throws {
    let server = EchoServer(tls: try tlsOptions())
    let waker = server.waker
    let interruption = Interruption { waker.wake() }
    if let place = tcp ?? (unix == nil ? HostAndPort(host: "127.0.0.1", port: 0) : nil) {
      try server.listen(place)
    }
    if let unix {
      try server.listen(unix: unix)
    }
    let watch = Stopwatch()
    while !interruption.came {
      try server.advance()
    }
    Console.say(
      "served \(server.clientsServed) clients, \(server.bytesEchoed) bytes, "
        + String(format: "%.1f s", watch.seconds))
  }
}

/// An echo server for many clients. It uses no processor time while nothing happens.
final class EchoServer {
  private(set) var clientsServed = 0
  private(set) var bytesEchoed = 0
  private let poller = SocketPoller()
  private let tls: TLSOptions?
  private var servers: [SocketServer] = []
  private var clients: [ObjectIdentifier: EchoClient] = [:]

  /// nil: no TLS.
  init(tls: TLSOptions? = nil) {
    self.tls = tls
  }

  /// Ends a step that waits.
  var waker: SocketPoller.Waker { poller.waker }

  func listen(_ place: HostAndPort) throws {
    let server = TCPServer(options: EchoClient.options)
    try check(server.listen(place.port, place.host), at: place.endpoint)
    try watch(server)
    Console.say("listening on \(Endpoint.tcp(host: place.host, port: server.getLocalPort()))")
  }

  func listen(unix path: String) throws {
    let server = UDSServer(options: EchoClient.options)
    try check(server.listen(path), at: .unix(path: path))
    try watch(server)
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

  private func watch(_ server: SocketServer) throws {
    try poller.add(server).orThrow()
    servers.append(server)  // the poller keeps nothing alive
  }

  /// Waits until something happens, and handles it.
  func advance() throws {
    poller.wait(timeoutMilliseconds: -1)
    try poller.lastError.orThrow()
    for event in poller.events {
      if let server = event.server {
        takeClients(of: server)
      } else if let client = event.owner as? EchoClient {
        bytesEchoed += client.advance(event)
        if client.isDone { clients[ObjectIdentifier(client)] = nil }
      }
    }
  }

  private func takeClients(of server: SocketServer) {
    while let socket = server.takeSocketConnection() {
      let peer = secured(socket)
      let client = EchoClient(peer)
      clientsServed += 1
      // A client that does not speak TLS may have failed already.
      guard !client.isDone, poller.add(peer, owner: client) == .ok else { continue }
      clients[ObjectIdentifier(client)] = client
    }
  }
}

extension EchoServer {
  private func secured(_ socket: StreamPeerSocket) -> StreamPeerSocket {
    guard let tls else { return socket }
    let peer = StreamPeerTLS(options: EchoClient.options.stream)
    peer.acceptStream(socket, serverOptions: tls)
    return peer
  }
}

/// One client. Bytes that do not fit the write buffer stay in the read buffer. A full read buffer
/// is not read on. So a client that does not read delays only itself. After a client has finished,
/// the poller closes it when all its bytes were sent back.
private final class EchoClient {
  static let options = ServerOptions(
    stream: StreamOptions(readBufferBytes: 256 << 10, writeBufferBytes: 128 << 10))

  private static let pieceBytes = 64 << 10
  private let peer: StreamPeerSocket
  private var isBroken = false

  init(_ peer: StreamPeerSocket) {
    self.peer = peer
  }

  var isDone: Bool { isBroken || !isOpen }

  private var isOpen: Bool { [.connecting, .connected].contains(peer.getStatus()) }

  /// Returns the number of bytes put. The server acts only on events. So after each call nothing is
  /// left to read, or a put was refused, or the client is finished.
  func advance(_ event: SocketEvent) -> Int {
    var total = 0
    while peer.getStatus() == .connected {
      let piece = peer.peek(1) { [UInt8]($0.prefix(Self.pieceBytes)) }
      let (error, sent) = peer.putPartialData(piece)
      peer.consume(sent)
      total += sent
      isBroken = isBroken || error == .failed || Self.isFailure(event)
      if isBroken || sent < piece.count || piece.isEmpty { break }
    }
    return total
  }

  // Nothing can be sent back any more, although unread bytes may be left.
  private static func isFailure(_ event: SocketEvent) -> Bool {
    event.kinds.contains(.finished) && event.closeReason != .peerFinished
  }
}
