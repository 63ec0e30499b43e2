// SPDX-License-Identifier: MIT

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension Connection {
  /// Connects. The addresses of a name are raced (RFC 8305).
  ///
  /// - Parameters:
  ///   - endpoint: the address to connect to.
  ///   - coding: the format of the messages.
  ///   - timeout: the limit for look-up and connect together. nil: the limit in `options`, which is
  ///     30 seconds by default.
  ///   - options: the limits of the stream.
  ///   - loop: where the connection lives. nil: on ``SocketLoop/current``, or ``SocketLoop/shared``
  ///     without one.
  public nonisolated(nonsending) static func open(
    _ endpoint: Endpoint, coding: MessageCoding<Incoming, Outgoing>, timeout: Duration? = nil,
    options: StreamOptions = StreamOptions(), on loop: SocketLoop? = nil
  ) async throws -> Connection {
    try await open(
      endpoint, through: nil, coding: coding, timeout: timeout, options: options, on: loop)
  }

  /// ``open(_:coding:timeout:options:on:)`` through a layer, whose handshake has the same limit.
  package nonisolated(nonsending) static func open(
    _ endpoint: Endpoint, through layer: ConnectionLayer?,
    coding: MessageCoding<Incoming, Outgoing>, timeout: Duration?, options: StreamOptions,
    on loop: SocketLoop?
  ) async throws -> Connection {
    var options = options
    if let timeout { options.connectTimeout = timeout.asLimit }
    let chosen = options
    let loop = SocketLoop.chosen(loop)
    return try await loop.run {
      let connection = Connection(
        layer?.makePeer(chosen) ?? endpoint.makePeer(options: chosen, on: loop),
        address: endpoint.description, coding: coding, layer: layer, on: loop)
      try await connection.onLoop.connect(to: endpoint, options: chosen)
      return connection
    }
  }

  /// Connects to a port of a host. See ``open(_:coding:timeout:options:on:)``.
  public nonisolated(nonsending) static func tcp(
    _ host: String, port: Int, coding: MessageCoding<Incoming, Outgoing>,
    timeout: Duration? = nil, options: StreamOptions = StreamOptions(),
    on loop: SocketLoop? = nil
  ) async throws -> Connection {
    try await open(
      .tcp(host, port: port), coding: coding, timeout: timeout, options: options, on: loop)
  }

  /// Connects to a Unix socket. See ``open(_:coding:timeout:options:on:)``.
  public nonisolated(nonsending) static func unix(
    _ path: String, coding: MessageCoding<Incoming, Outgoing>, timeout: Duration? = nil,
    options: StreamOptions = StreamOptions(), on loop: SocketLoop? = nil
  ) async throws -> Connection {
    try await open(.unix(path), coding: coding, timeout: timeout, options: options, on: loop)
  }

  /// Takes over a connected TCP or Unix socket, which the connection then owns.
  ///
  /// - Parameters:
  ///   - descriptor: a descriptor on Unix, a SOCKET on Windows. If the call throws, the caller
  ///     still owns it.
  ///   - coding: the format of the messages.
  ///   - options: the limits of the stream.
  ///   - loop: as for ``open(_:coding:timeout:options:on:)``.
  /// - Throws: ``ConnectionError`` with ``GodotError/errInvalidParameter`` if it is not such a
  ///   socket.
  public nonisolated(nonsending) static func adopting(
    _ descriptor: Int, coding: MessageCoding<Incoming, Outgoing>,
    options: StreamOptions = StreamOptions(), on loop: SocketLoop? = nil
  ) async throws -> Connection {
    let loop = SocketLoop.chosen(loop)
    return try await loop.run {
      let address = "descriptor \(descriptor)"
      let peer = try adopt(descriptor, options: options, address: address)
      let connection = Connection(peer, address: address, coding: coding, on: loop)
      do {
        try await connection.onLoop.begin()
      } catch {
        _ = connection.onLoop.releaseDescriptor()
        throw error
      }
      return connection
    }
  }

  // Starts an accepted connection.
  nonisolated(nonsending) func begin() async throws {
    try await loop.run { try await self.onLoop.begin() }
  }

  private static func adopt(
    _ descriptor: Int, options: StreamOptions, address: String
  ) throws(ConnectionError) -> sending StreamPeerSocket {
    let tcp = StreamPeerTCP(options: options)
    let code = tcp.adoptFD(descriptor)
    if code == .ok { return tcp }
    let uds = StreamPeerUDS(options: options)
    guard uds.adoptFD(descriptor) == .ok else { throw ConnectionError(code, address: address) }
    return uds
  }

  /// Gives the descriptor to the caller, who owns it from now on. This connection is closed.
  ///
  /// - Throws: ``ConnectionError`` with ``GodotError/errBusy`` if received bytes are unread, or put
  ///   bytes have not left, or with ``GodotError/errUnavailable`` through a layer such as TLS.
  ///   Then nothing changes.
  public nonisolated(nonsending) func releaseDescriptor() async throws -> Int {
    try await loop.run {
      let socket = self.onLoop
      guard socket.layer == nil else { throw socket.error(.errUnavailable) }
      let descriptor = socket.releaseDescriptor()
      guard descriptor >= 0 else { throw socket.error(socket.peer.lastError) }
      socket.close()
      return descriptor
    }
  }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension ConnectionSocket {
  // Starts with a socket that is connected already. A layer may have to shake hands.
  nonisolated(nonsending) final func begin() async throws {
    try start()
    try await waitUntilConnected()
    reportOpened()
  }

  // −1: the stream keeps it, see its lastError.
  final func releaseDescriptor() -> Int {
    switch peer {
    case let peer as StreamPeerTCP: peer.releaseFD()
    case let peer as StreamPeerUDS: peer.releaseFD()
    default: -1
    }
  }

  // Waits until it is connected. A cancelled task ends the look-up and every attempt.
  nonisolated(nonsending) final func connect(
    to endpoint: Endpoint, options: StreamOptions
  ) async throws {
    do {
      try await connectUnobserved(to: endpoint, options: options)
    } catch {
      if let error = error as? ConnectionError { loop.observer?.connectFailed(error) }
      throw error
    }
    reportOpened()
  }

  nonisolated(nonsending) private func connectUnobserved(
    to endpoint: Endpoint, options: StreamOptions
  ) async throws {
    guard peer.lastError == .ok else { throw error(peer.lastError) }
    try Task.checkCancellation()
    try start()
    let code = beginToConnect(to: endpoint, options: options)
    guard code == .ok else { throw error(code) }
    try await waitUntilConnected()
  }

  private final func beginToConnect(to endpoint: Endpoint, options: StreamOptions) -> GodotError {
    guard let layer else { return endpoint.connect(peer) }
    let below = endpoint.makePeer(options: options, on: loop)
    let code = endpoint.connect(below)
    return code == .ok ? layer.begin(peer, below) : code
  }

  nonisolated(nonsending) private func waitUntilConnected() async throws {
    do {
      while peer.getStatus() == .connecting { try await wait(in: readable) }
    } catch {
      close()
      throw error
    }
    guard isOpen else {
      let isUnknown = peer.closeReason == .nameNotFound || peer.closeReason == .lookupFailed
      throw error(isUnknown ? .errCantResolve : .errConnectionError)
    }
    (peer.lowest as? StreamPeerTCP)?.setNoDelay(true)
  }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension Endpoint {
  fileprivate func makePeer(
    options: StreamOptions, on loop: SocketLoop
  ) -> sending StreamPeerSocket {
    // The network never changes, and only the loop's thread uses it.
    nonisolated(unsafe) let network = unsafe loop.network
    return switch self {
    case .tcp: unsafe StreamPeerTCP(options: options, network: network)
    case .unix: unsafe StreamPeerUDS(options: options, network: network)
    }
  }

  fileprivate func connect(_ peer: StreamPeerSocket) -> GodotError {
    switch (self, peer) {
    case (.tcp(let host, let port), let peer as StreamPeerTCP): peer.connectToHost(host, port: port)
    case (.unix(let path), let peer as StreamPeerUDS): peer.connectToHost(path)
    default: .failed
    }
  }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension Connection where Incoming == [UInt8], Outgoing == [UInt8] {
  /// Connects to a port of a host. Messages are bytes as they come.
  ///
  /// See ``open(_:coding:timeout:options:on:)``.
  public nonisolated(nonsending) static func tcp(
    _ host: String, port: Int, timeout: Duration? = nil,
    options: StreamOptions = StreamOptions(), on loop: SocketLoop? = nil
  ) async throws -> Connection {
    try await tcp(
      host, port: port, coding: .bytes, timeout: timeout, options: options, on: loop)
  }

  /// Connects to a Unix socket. Messages are bytes as they come.
  ///
  /// See ``open(_:coding:timeout:options:on:)``.
  public nonisolated(nonsending) static func unix(
    _ path: String, timeout: Duration? = nil, options: StreamOptions = StreamOptions(),
    on loop: SocketLoop? = nil
  ) async throws -> Connection {
    try await unix(path, coding: .bytes, timeout: timeout, options: options, on: loop)
  }
}

/// Connects, runs `body`, and closes the connection whatever happens: in order when `body` returns,
/// at once when it throws.
///
/// ```swift
/// try await withConnection(to: .tcp("example.org", port: 7), coding: .lines) { connection in
///   try await connection.send("hello")
///   return try await connection.receive()
/// }
/// ```
///
/// The parameters are those of ``Connection/open(_:coding:timeout:options:on:)``.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
public nonisolated(nonsending) func withConnection<Incoming: Sendable, Outgoing: Sendable, Result>(
  to endpoint: Endpoint, coding: MessageCoding<Incoming, Outgoing>, timeout: Duration? = nil,
  options: StreamOptions = StreamOptions(), on loop: SocketLoop? = nil,
  _ body: nonisolated(nonsending) (Connection<Incoming, Outgoing>) async throws -> Result
) async throws -> Result {
  let connection = try await Connection.open(
    endpoint, coding: coding, timeout: timeout, options: options, on: loop)
  do {
    let result = try await body(connection)
    await connection.close()
    return result
  } catch {
    connection.closeNow()
    throw error
  }
}
