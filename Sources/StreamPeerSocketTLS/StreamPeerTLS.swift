// SPDX-License-Identifier: MIT
internal import CSocketTLS
public import StreamPeerSocket

/// TLS over another stream. Godot: `StreamPeerTLS`. (`tls.h`)
///
/// ```swift
/// let tls = StreamPeerTLS()
/// tls.connectToStream(tcp, commonName: "example.org")
/// // in each frame:
/// tls.poll()
/// if tls.getStatus() == .connected { tls.putUtf8String("hello") }
/// ```
///
/// It is also a `StreamPeerSocket`: it has its poll, its close reason and its timeouts, and a
/// `SocketPoller` takes it. ``getStatus()`` returns Godot's status of TLS. The stream below may
/// still be connecting. Only the TLS stream uses it, until TLS ends. It stays open then.
public final class StreamPeerTLS: StreamPeerSocket {
  /// The state of TLS. Godot: `StreamPeerTLS.Status`. (`sps_tls_status`)
  public enum Status: Int32, Sendable, CaseIterable {
    /// New, disconnected, or ended in order by the peer. Godot: `STATUS_DISCONNECTED`.
    case disconnected = 0
    /// The handshake is in progress: `poll()` continues it. Godot: `STATUS_HANDSHAKING`.
    case handshaking = 1
    /// The caller can read or write, or bytes that came before the end are still unread. Godot:
    /// `STATUS_CONNECTED`.
    case connected = 2
    /// The handshake or the connection failed: ``StreamPeerTLS/failure``. Godot: `STATUS_ERROR`.
    case error = 3
    /// The certificate of the server is for other names. Godot: `STATUS_ERROR_HOSTNAME_MISMATCH`.
    case errorHostnameMismatch = 4
  }

  /// Creates a TLS stream without a stream below. (`sps_tls_create`)
  public init(options: StreamOptions = StreamOptions()) {
    let made = unsafe options.make { options, made in
      unsafe sps_tls_create(options.assumingMemoryBound(to: sps_stream_options.self), made)
    }
    unsafe super.init(adopting: made, in: .machine)
  }

  /// Begins a handshake as a client, and keeps the stream below. Godot: `connect_to_stream`.
  /// (`sps_tls_connect_to_stream`)
  ///
  /// - Parameters:
  ///   - stream: the stream below.
  ///   - commonName: the host name or IP address of the server, to request and verify.
  ///   - clientOptions: nil: a verifying client with the certificates of the operating system.
  /// - Returns: `ok`, or an error:
  ///   - `errInvalidParameter`: the name or the options are invalid.
  ///   - `errAlreadyInUse`: TLS is open, or the stream below has a filter.
  ///   - `errUnavailable`: the operating system has no certificates.
  ///   - `errConnectionError`: the stream below is not connected. Or the handshake failed at once.
  ///   - `errOutOfMemory`.
  @discardableResult
  public func connectToStream(
    _ stream: StreamPeer, commonName: String, clientOptions: TLSOptions? = nil
  ) -> GodotError {
    // Options that could not be made must not mean the defaults.
    guard clientOptions?.lastError ?? .ok == .ok else {
      return note(GodotError.errInvalidParameter.rawValue)
    }
    return keep(
      stream,
      unsafe withCText(commonName) { name in
        guard let name = unsafe name else { return GodotError.errInvalidParameter.rawValue }
        return unsafe sps_tls_connect_to_stream(
          handle, stream.handle, name, clientOptions?.handle)
      })
  }

  /// Begins a handshake as a server, and keeps the stream below. Godot: `accept_stream`.
  /// (`sps_tls_accept_stream`)
  ///
  /// - Returns: the codes of ``connectToStream(_:commonName:clientOptions:)``.
  @discardableResult
  public func acceptStream(_ stream: StreamPeer, serverOptions: TLSOptions) -> GodotError {
    keep(stream, unsafe sps_tls_accept_stream(handle, stream.handle, serverOptions.handle))
  }

  // A failed handshake keeps its stream as well.
  private func keep(_ stream: StreamPeer, _ code: Int32) -> GodotError {
    var below: OpaquePointer?
    unsafe sps_tls_get_stream(handle, &below)
    if unsafe below != nil && below == stream.handle { base = stream }
    return note(code)
  }

  /// The status of TLS. Godot: `get_status`. (`sps_tls_get_status`)
  public func getStatus() -> Status {
    var status: Int32 = 0
    unsafe sps_tls_get_status(handle, &status)
    return Status(rawValue: status) ?? .error
  }

  /// The stream below, or nil. Godot: `get_stream`.
  public func getStream() -> StreamPeer? { base }

  /// Ends TLS at once. It offers pending bytes and the end mark to the stream below once, and drops
  /// unread bytes. The stream below stays open. Godot: `disconnect_from_stream`.
  /// (`sps_tls_disconnect_from_stream`)
  public func disconnectFromStream() {
    if unsafe note(sps_tls_disconnect_from_stream(handle)) == .ok { base = nil }
  }

  /// Ends TLS in order: sends pending bytes and the end mark, and waits for the peer's. Not in
  /// Godot. (`sps_tls_close_gracefully`)
  ///
  /// - Parameter timeoutMilliseconds: the limit for all of it. 0: 30,000.
  /// - Returns: `ok`, or `failed` (not connected, or broken),
  ///   `errInvalidParameter` (the timeout is out of range).
  @discardableResult
  public func endGracefully(timeoutMilliseconds: Int = 0) -> GodotError {
    guard let limit = UInt32(exactly: timeoutMilliseconds) else {
      return note(GodotError.errInvalidParameter.rawValue)
    }
    return unsafe note(sps_tls_close_gracefully(handle, limit))
  }

  // MARK: Failures

  /// Why the stream failed last. (`sps_tls_get_failure`)
  public var failure: TLSFailure {
    var failure: Int32 = 0
    unsafe sps_tls_get_failure(handle, &failure)
    return TLSFailure(rawValue: failure) ?? .other
  }

  /// A sentence that explains the last failure to a person, or an empty text.
  /// (`sps_tls_get_message`)
  public var message: String {
    var message: UnsafePointer<CChar>?
    unsafe sps_tls_get_message(handle, &message)
    return unsafe message.map { unsafe String(cString: $0) } ?? ""
  }

  /// The last alert that the peer sent (RFC 8446, 6), or nil. 0 is close_notify.
  /// (`sps_tls_get_alert`)
  public var alert: Int? {
    var alert: Int32 = -1
    unsafe sps_tls_get_alert(handle, &alert)
    return alert < 0 ? nil : Int(alert)
  }

  // MARK: What was negotiated

  /// The parameters of the connection, or nil before a handshake is complete.
  /// (`sps_tls_get_info`)
  public var info: TLSInfo? { unsafe TLSInfo(of: handle) }

  /// The certificates that the peer sent, its own first, or nil.
  /// (`sps_tls_get_peer_certificate`)
  public func getPeerCertificate() -> X509Certificate? {
    var certificate: OpaquePointer?
    unsafe sps_tls_get_peer_certificate(handle, &certificate)
    return unsafe certificate.map { unsafe X509Certificate(owning: $0) }
  }
}
