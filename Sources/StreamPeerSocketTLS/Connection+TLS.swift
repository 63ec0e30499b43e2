// SPDX-License-Identifier: MIT
public import StreamPeerSocket

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension Connection {
  /// Connects to a port of a host, and shakes hands with TLS.
  ///
  /// ```swift
  /// let connection = try await Connection.tls("example.org", port: 443, coding: .lines)
  /// ```
  ///
  /// A failed handshake throws a `ConnectionError`, whose `closeMessage` explains it to a person.
  /// `withStream` gives the ``StreamPeerTLS``.
  ///
  /// - Parameters:
  ///   - host: the name or address to connect to. The server must prove that it has this name.
  ///   - port: the port.
  ///   - tls: nil: a verifying client with the certificates of the operating system. A program
  ///     that connects often keeps the options, so that sessions are resumed. Options that could
  ///     not be made throw their `lastError`.
  ///   - coding, timeout, options, loop: as for `Connection.open`. Connect and handshake each have
  ///     the limit.
  public nonisolated(nonsending) static func tls(
    _ host: String, port: Int, tls: TLSOptions? = nil, coding: MessageCoding<Incoming, Outgoing>,
    timeout: Duration? = nil, options: StreamOptions = StreamOptions(),
    on loop: SocketLoop? = nil
  ) async throws -> Connection {
    try tls?.lastError.orThrow()
    return try await open(
      .tcp(host, port: port), through: .client(tls, name: host), coding: coding,
      timeout: timeout, options: options, on: loop)
  }

  /// Connects to a Unix socket, and shakes hands with TLS.
  ///
  /// Any program with rights to the folder can serve a path. With TLS the server proves its name,
  /// and the client can prove its own.
  ///
  /// - Parameters:
  ///   - path: the path of the socket.
  ///   - name: the name that the server must prove.
  ///   - tls, coding, timeout, options, loop: as for
  ///     ``tls(_:port:tls:coding:timeout:options:on:)``.
  public nonisolated(nonsending) static func tls(
    unix path: String, name: String, tls: TLSOptions? = nil,
    coding: MessageCoding<Incoming, Outgoing>, timeout: Duration? = nil,
    options: StreamOptions = StreamOptions(), on loop: SocketLoop? = nil
  ) async throws -> Connection {
    try tls?.lastError.orThrow()
    return try await open(
      .unix(path), through: .client(tls, name: name), coding: coding, timeout: timeout,
      options: options, on: loop)
  }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension Connection where Incoming == [UInt8], Outgoing == [UInt8] {
  /// ``tls(_:port:tls:coding:timeout:options:on:)`` with messages that are bytes as they come.
  public nonisolated(nonsending) static func tls(
    _ host: String, port: Int, tls options: TLSOptions? = nil, timeout: Duration? = nil,
    on loop: SocketLoop? = nil
  ) async throws -> Connection {
    try await tls(host, port: port, tls: options, coding: .bytes, timeout: timeout, on: loop)
  }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension Listener {
  /// Listens on a TCP port for TLS. With `run`, each connection begins with a handshake in its own
  /// task, so a slow client holds up nobody. A failed handshake is an error of its connection.
  /// `accept` shakes hands with one client after the other, and skips those that fail.
  ///
  /// - Parameters:
  ///   - port: as for `Listener.tcp`.
  ///   - host: an address of this machine.
  ///   - tls: the options of a server. Others throw their `lastError`, or `errInvalidParameter`.
  ///   - coding, options, loop: as for `Listener.tcp`.
  public nonisolated(nonsending) static func tls(
    port: Int, host: String = "*", tls: TLSOptions, coding: MessageCoding<Incoming, Outgoing>,
    options: ServerOptions = ServerOptions(), on loop: SocketLoop? = nil
  ) async throws -> Listener {
    try await tcp(
      port: port, host: host, through: .checkedServer(tls), coding: coding, options: options,
      on: loop)
  }

  /// Listens on a Unix socket for TLS. The handshakes are those of
  /// ``tls(port:host:tls:coding:options:on:)``.
  ///
  /// - Parameters:
  ///   - path: as for `Listener.unix`.
  ///   - tls, coding, options, loop: as for ``tls(port:host:tls:coding:options:on:)``.
  public nonisolated(nonsending) static func tls(
    unix path: String, tls: TLSOptions, coding: MessageCoding<Incoming, Outgoing>,
    options: ServerOptions = ServerOptions(), on loop: SocketLoop? = nil
  ) async throws -> Listener {
    try await unix(
      path, through: .checkedServer(tls), coding: coding, options: options, on: loop)
  }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension ConnectionLayer {
  fileprivate static func client(_ options: TLSOptions?, name: String) -> ConnectionLayer {
    layer { $0.connectToStream($1, commonName: name, clientOptions: options) }
  }

  // Options of a client would only fail in the first handshake.
  fileprivate static func checkedServer(
    _ options: TLSOptions
  ) throws(GodotError) -> ConnectionLayer {
    guard options.lastError == .ok else { throw options.lastError }
    guard options.isServer else { throw .errInvalidParameter }
    return layer { $0.acceptStream($1, serverOptions: options) }
  }

  private static func layer(
    _ begin: @escaping @Sendable (StreamPeerTLS, StreamPeerSocket) -> GodotError
  ) -> ConnectionLayer {
    ConnectionLayer(
      makePeer: { StreamPeerTLS(options: $0) },
      begin: { filter, below in begin(filter as! StreamPeerTLS, below) },
      end: { filter, milliseconds in
        (filter as! StreamPeerTLS).endGracefully(timeoutMilliseconds: milliseconds)
      })
  }
}
