// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import StreamPeerSocket
import StreamPeerSocketTLS

struct ConnectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connect",
    abstract: "Send stdin to a server, and what it sends to stdout.",
    usage: """
      streampeer connect [--verbose] [--timeout SECONDS] [--tls [--tls-ca FILE]] HOST PORT
      streampeer connect [--verbose] [--timeout SECONDS] [--tls [--tls-ca FILE]] HOST:PORT
      streampeer connect [--verbose] [--timeout SECONDS] unix:PATH
      """,
    discussion: """
      When stdin ends the server is told so (half-close), and what it still sends is printed until \
      it closes. Exit status: 0 when the server closed in order, 1 when the connection could not \
      be made or broke or stdin cannot be read, 64 for a wrong argument.
      """)

  @Argument(
    help: ArgumentHelp(
      "The server's name or address, maybe with :PORT, or unix:PATH.", valueName: "host"))
  var host: String

  @Argument(help: "The server's port, 1 to 65535.")
  var port: String?

  @Flag(help: "Show each change of status, with its time, on stderr.")
  var verbose = false

  @Flag(help: "Use TLS. The server must prove that it has this name or address.")
  var tls = false

  @Option(
    help: ArgumentHelp(
      "Trust the certificates of this file, in place of those of the system.", valueName: "file"))
  var tlsCa: String?

  @Option(help: ArgumentHelp("Give up connecting after this long.", valueName: "seconds"))
  var timeout = 30.0

  private var endpoint: Endpoint? {
    if host.hasPrefix("unix:") {
      return port == nil ? .unix(path: String(host.dropFirst("unix:".count))) : nil
    }
    guard let port else {
      return HostAndPort(host).flatMap { $0.port > 0 ? $0.endpoint : nil }
    }
    return parsePort(port, least: 1).map { .tcp(host: host, port: $0) }
  }

  func validate() throws {
    guard endpoint != nil else {
      throw ValidationError(
        host.hasPrefix("unix:")
          ? "a unix: path takes no port"
          : port.map { "'\($0)' is no port from 1 to 65535" }
            ?? "the port is missing: write HOST PORT or HOST:PORT")
    }
    guard !(tls && host.hasPrefix("unix:")), tls || tlsCa == nil else {
      throw ValidationError(tls ? "a unix: path has no name for --tls" : "--tls-ca needs --tls")
    }
    guard timeout >= 0.001, timeout <= 1_000_000 else {
      throw ValidationError("the timeout is no number of seconds from 0.001 to 1000000")
    }
  }

  func run() throws {
    guard let endpoint else { return }
    let options = StreamOptions(connectTimeoutMilliseconds: Int(timeout * 1000))
    let trusted = try tlsCa.map { try TLSFiles.certificate($0) }
    let tls = try tls ? TLSOptions.client(trustedChain: trusted).checked() : nil
    var connection = Connection(to: endpoint, tls: tls, options: options, verbose: verbose)
    try connection.open()
    try connection.converse()
  }
}

/// A connection between stdin, stdout and a server.
private struct Connection {
  private let endpoint: Endpoint
  private let socket: StreamPeerSocket
  private let tls: TLSOptions?
  private let peer: StreamPeerSocket  // the socket, or TLS over it
  private let poller = SocketPoller()
  private let verbose: Bool
  private var watch: StatusWatch
  private var waiting: ArraySlice<UInt8> = []  // read from stdin and not sent yet
  private var stdinEnded = false
  private var writeEnded = false

  init(to endpoint: Endpoint, tls: TLSOptions?, options: StreamOptions, verbose: Bool) {
    self.endpoint = endpoint
    self.tls = tls
    self.verbose = verbose
    switch endpoint {
    case .tcp: socket = StreamPeerTCP(options: options)
    case .unix: socket = StreamPeerUDS(options: options)
    }
    peer = tls == nil ? socket : StreamPeerTLS(options: options)
    watch = StatusWatch(peer) { if verbose { Console.warn("\($0) \($1)") } }
  }

  mutating func open() throws {
    try poller.add(peer).orThrow()
    var error = start()
    watch.look()
    while error == .ok, peer.getStatus() == .connecting {
      error = waitForEvents()
    }
    if verbose {
      (socket as? StreamPeerTCP)?.connectAttempts.forEach { Console.warn("  \($0.line)") }
      (peer as? StreamPeerTLS)?.report.forEach { Console.warn($0) }
    }
    guard error == .ok else {
      throw failure("cannot connect to \(endpoint)", error)
    }
  }

  // Waits until something happens. Returns why connecting failed, if it did.
  private mutating func waitForEvents() -> GodotError {
    poller.wait(timeoutMilliseconds: -1)
    guard poller.lastError == .ok else { return poller.lastError }
    for _ in poller.events {}
    watch.look()
    guard peer.getStatus() == .error else { return .ok }
    let isOfName = peer.closeReason == .nameNotFound || peer.closeReason == .lookupFailed
    return isOfName ? .errCantResolve : .errConnectionError
  }

  private func start() -> GodotError {
    switch endpoint {
    case .tcp(let host, let port):
      let error = (socket as? StreamPeerTCP)?.connectToHost(host, port: port) ?? .errBug
      guard error == .ok, let tls, let peer = peer as? StreamPeerTLS else { return error }
      return peer.connectToStream(socket, commonName: host, clientOptions: tls)
    case .unix(let path): return (socket as? StreamPeerUDS)?.connectToHost(path) ?? .errBug
    }
  }

  private func failure(_ what: String, _ error: GodotError) -> ToolError {
    if !peer.closeMessage.isEmpty && socket.closeReason == .none {
      return ToolError("\(what): \(peer.closeMessage)")
    }
    if peer.closeReason == .connectTimedOut {
      return ToolError("\(what): timed out")
    }
    if error == .errInvalidParameter {
      return ToolError("\(what): no such address or name")
    }
    return ToolError("\(what): \(reason(error, osError: peer.osError))")
  }

  /// Transfers bytes in both directions until the server closes.
  mutating func converse() throws {
    let waker = poller.waker
    let input = StandardInput { waker.wake() }
    while try receive() {
      try takeInput(from: input)
      try send()
      _ = waitForEvents()
      try poller.lastError.orThrow()
    }
    watch.look()
  }

  /// Prints the bytes that came. Returns false at the end.
  private func receive() throws -> Bool {
    while true {
      let (error, data) = peer.getPartialData(64 * 1024)
      if peer.closeReason == .peerFinished { return false }
      guard error == .ok else {
        throw failure("the connection to \(endpoint) broke", error)
      }
      if data.isEmpty { return true }
      guard data.withUnsafeBytes({ Console.write($0, to: STDOUT_FILENO) }) else {
        throw ToolError("nobody reads stdout any more")
      }
    }
  }

  /// Sends the bytes that can be sent now. A failed write does not end the loop, because bytes that
  /// the server sent before stay readable.
  private mutating func send() throws {
    if !waiting.isEmpty && !writeEnded {
      let (error, sent) = peer.putPartialData(waiting)
      waiting = waiting.dropFirst(sent)
      writeEnded = error != .ok
    }
    if stdinEnded && waiting.isEmpty && !writeEnded {
      writeEnded = peer.shutdownWrite() != .errBusy  // then the poller tells when it can be done
    }
  }

  private mutating func takeInput(from input: StandardInput) throws {
    guard waiting.isEmpty, let data = try input.take() else { return }
    stdinEnded = data.isEmpty
    waiting = data[...]
  }
}
