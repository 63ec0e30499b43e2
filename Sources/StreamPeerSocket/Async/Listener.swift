// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Accepts connections, and runs a child task for each.
///
/// ```swift
/// let listener = try await Listener.tcp(port: 4000, coding: .lines)
/// try await listener.run { connection in
///   for try await line in connection.messages { try await connection.send(line) }
/// }
/// ```
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
public final class Listener<Incoming: Sendable, Outgoing: Sendable>: Sendable {
  /// The loop that it lives on.
  public let loop: SocketLoop

  /// The TCP port that it listens on; 0 for a Unix socket.
  public let port: Int

  private let socket: LoopBound<ListenerSocket>
  private let coding: MessageCoding<Incoming, Outgoing>
  private let layer: ConnectionLayer?
  private let streamOptions: StreamOptions

  private init(
    _ server: sending SocketServer, port: Int, address: String,
    coding: MessageCoding<Incoming, Outgoing>, layer: ConnectionLayer? = nil,
    options: StreamOptions = StreamOptions(), on loop: SocketLoop
  ) {
    self.loop = loop
    self.port = port
    self.coding = coding
    self.layer = layer
    streamOptions = options
    socket = LoopBound(ListenerSocket(server, address: address, loop: loop), on: loop)
  }

  deinit {
    socket.end()
  }

  // The socket can be reached only on the loop.
  private var onLoop: ListenerSocket { socket.object }

  // MARK: Listening

  /// Listens on a TCP port.
  ///
  /// - Parameters:
  ///   - port: 1 to 65535. If it is 0, the OS chooses a port: see ``port``.
  ///   - host: an address of this machine. `"*"` means every address, IPv6 and IPv4.
  ///   - coding: the format of the messages.
  ///   - options: how the server listens, and the limits of its streams.
  ///   - loop: where the listener lives. nil: on ``SocketLoop/current``, or ``SocketLoop/shared``
  ///     without one.
  /// - Throws: ``ConnectionError``, for example ``GodotError/errAlreadyInUse``.
  public nonisolated(nonsending) static func tcp(
    port: Int, host: String = "*", coding: MessageCoding<Incoming, Outgoing>,
    options: ServerOptions = ServerOptions(), on loop: SocketLoop? = nil
  ) async throws -> Listener {
    try await tcp(
      port: port, host: host, through: nil, coding: coding, options: options, on: loop)
  }

  /// ``tcp(port:host:coding:options:on:)`` through a layer. Each connection begins with its
  /// handshake.
  package nonisolated(nonsending) static func tcp(
    port: Int, host: String, through layer: ConnectionLayer?,
    coding: MessageCoding<Incoming, Outgoing>, options: ServerOptions, on loop: SocketLoop?
  ) async throws -> Listener {
    let loop = SocketLoop.chosen(loop)
    let address = Endpoint.tcp(host, port: port).description
    return try await loop.run {
      try loop.checkPoller(for: address)
      let server = unsafe TCPServer(options: options, network: loop.network)
      try check(server, server.lastError, address)
      try check(server, server.listen(port, host), address)
      let chosen = server.getLocalPort()
      return Listener(
        server, port: chosen, address: address, coding: coding, layer: layer,
        options: options.stream, on: loop)
    }
  }

  /// Listens on a Unix socket. See ``UDSServer/listen(_:)``.
  public nonisolated(nonsending) static func unix(
    _ path: String, coding: MessageCoding<Incoming, Outgoing>,
    options: ServerOptions = ServerOptions(), on loop: SocketLoop? = nil
  ) async throws -> Listener {
    try await unix(path, through: nil, coding: coding, options: options, on: loop)
  }

  /// ``unix(_:coding:options:on:)`` through a layer. Each connection begins with its handshake.
  package nonisolated(nonsending) static func unix(
    _ path: String, through layer: ConnectionLayer?, coding: MessageCoding<Incoming, Outgoing>,
    options: ServerOptions, on loop: SocketLoop?
  ) async throws -> Listener {
    let loop = SocketLoop.chosen(loop)
    return try await loop.run {
      try loop.checkPoller(for: path)
      let server = unsafe UDSServer(options: options, network: loop.network)
      try check(server, server.lastError, path)
      try check(server, server.listen(path), path)
      return Listener(
        server, port: 0, address: path, coding: coding, layer: layer, options: options.stream,
        on: loop)
    }
  }

  private static func check(
    _ server: SocketServer, _ code: GodotError, _ address: String
  ) throws(ConnectionError) {
    if code != .ok { throw ConnectionError(code, osError: server.osError, address: address) }
  }

  // MARK: Serving

  /// Accepts connections until ``stop()`` or ``finish()``, or until the task is cancelled. It runs
  /// `body` for each connection, in a child task on the connection's loop.
  ///
  /// If `body` returns, ``Connection/close(within:)`` closes the connection in order. If it throws,
  /// the connection is closed at once. The call returns after the last child task. Cancelling the
  /// task cancels the child tasks.
  ///
  /// - Parameters:
  ///   - maxConnections: how many connections may be open, at least 1. Further ones wait in the
  ///     OS's backlog.
  ///   - loops: the loops to distribute connections over. Empty: the listener's own.
  ///   - closeTimeout: how long a client may take to finish after `body` has returned. A client
  ///     that keeps its side open holds up the end of this call for that time.
  ///   - onError: receives each connection whose `body` throws or that cannot begin, and the error.
  ///     It does not hear of `CancellationError`.
  ///   - body: serves one connection.
  /// - Throws: `CancellationError`, or ``ConnectionError`` if the OS ends the listening socket. The
  ///   child tasks are cancelled then.
  public nonisolated(nonsending) func run(
    maxConnections: Int = .max, over loops: [SocketLoop] = [],
    closeTimeout: Duration = .seconds(30),
    onError: (@Sendable (Connection<Incoming, Outgoing>, any Error) -> Void)? = nil,
    _ body: @escaping @Sendable (Connection<Incoming, Outgoing>) async throws -> Void
  ) async throws {
    defer { stop() }
    let loops = loops.isEmpty ? [loop] : loops
    try await withThrowingDiscardingTaskGroup { group in
      var nth = 0
      while let connection = try await accept(
        on: loops[nth % loops.count], isServed: true, limit: max(1, maxConnections))
      {
        nth += 1
        group.addTask(executorPreference: connection.loop) {
          await self.serve(connection, closeTimeout, onError, body)
        }
      }
    }
  }

  private nonisolated(nonsending) func serve(
    _ connection: Connection<Incoming, Outgoing>, _ closeTimeout: Duration,
    _ onError: (@Sendable (Connection<Incoming, Outgoing>, any Error) -> Void)?,
    _ body: @Sendable (Connection<Incoming, Outgoing>) async throws -> Void
  ) async {
    do {
      try await connection.begin()
      try await body(connection)
      await connection.close(within: closeTimeout)
    } catch {
      connection.closeNow()
      if !(error is CancellationError) { onError?(connection, error) }
    }
    try? await loop.run { self.onLoop.connectionEnded(ObjectIdentifier(connection)) }
  }

  /// Stops accepting. ``run(maxConnections:over:closeTimeout:onError:_:)`` returns after its child
  /// tasks, and ``accept(on:)`` returns nil. Any thread may call it.
  public func stop() {
    socket.close()
  }

  /// Stops accepting, and lets the connections of
  /// ``run(maxConnections:over:closeTimeout:onError:_:)`` end in order. For a graceful shutdown.
  ///
  /// Each of them behaves as after ``Connection/finishMessages()``. So a child task that iterates
  /// ``Connection/messages`` ends as soon as no message is there. To end the others, cancel the
  /// task of the run after a time. Any thread may call it.
  public func finish() {
    socket.finish()
  }

  /// Waits for one connection, for a program that does not call
  /// ``run(maxConnections:over:closeTimeout:onError:_:)``.
  ///
  /// - Parameter loop: where the connection lives. nil: on the listener's loop.
  /// - Returns: the connection, or nil after ``stop()``.
  /// - Throws: `CancellationError`, or ``ConnectionError`` if the OS ends the listening socket.
  public nonisolated(nonsending) func accept(
    on loop: SocketLoop? = nil
  ) async throws -> Connection<Incoming, Outgoing>? {
    while let connection = try await accept(on: loop ?? self.loop, isServed: false, limit: .max) {
      do {
        try await connection.begin()
        return connection
      } catch let error as ConnectionError where layer != nil && error.reason != .local {
        connection.closeNow()  // one failed handshake is no failure of the listener
      }
    }
    return nil
  }

  private nonisolated(nonsending) func accept(
    on loop: SocketLoop, isServed: Bool, limit: Int
  ) async throws -> Connection<Incoming, Outgoing>? {
    try await self.loop.run {
      var call = LoopCall(deadline: nil)
      var taken: StreamPeerSocket?
      let entry: () -> LoopCall.Entry = { (self.onLoop, self.onLoop.accepting) }
      _ = try await call.perform(on: self.loop, through: entry) {
        try self.onLoop.acceptStep(limit: limit, &taken)
      }
      guard let peer = taken else { return nil }
      let socket = self.onLoop
      let address = (peer as? StreamPeerTCP)?.peerAddress ?? socket.address
      let connection = Connection(
        self.layered(peer), address: address, coding: self.coding,
        layer: self.layer, isIncoming: true, on: loop)
      if isServed {
        socket.connectionBegan(ObjectIdentifier(connection)) { connection.finishMessages() }
      }
      return connection
    }
  }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension Listener {
  // The filter over an accepted socket, or the socket itself. A filter that has failed already is
  // for the task of its connection.
  private func layered(_ peer: sending StreamPeerSocket) -> sending StreamPeerSocket {
    guard let layer else { return peer }
    let filter = layer.makePeer(streamOptions)
    _ = layer.begin(filter, peer)
    return filter
  }
}

extension StreamPeerTCP {
  fileprivate var peerAddress: String {
    Endpoint.tcp(getConnectedHost(), port: getConnectedPort()).description
  }
}
