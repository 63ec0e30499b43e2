// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A TCP stream over IPv4 or IPv6. Godot: `StreamPeerTCP`. (`tcp.h`)
public final class StreamPeerTCP: StreamPeerSocket {
  /// Makes a stream that is not connected. (`sps_tcp_create`)
  public init(options: StreamOptions = StreamOptions()) {
    super.init(adopting: options.make(sps_tcp_create))
  }

  // A connection that a server took.
  override init(adopting made: (code: Int32, handle: OpaquePointer?)) {
    super.init(adopting: made)
  }

  /// Chooses the local address of the next connect. Godot: `bind`. (`sps_tcp_bind`)
  ///
  /// - Parameters:
  ///   - port: 1 to 65535, or 0 for one that the OS chooses.
  ///   - host: an address, or `"*"` for any; never a name.
  /// - Returns: ``GodotError/ok``; ``GodotError/errAlreadyInUse`` when the stream is open or bound
  ///   already, or the address is taken; ``GodotError/errInvalidParameter`` for a port or an
  ///   address that is none, or that is not this machine's; ``GodotError/errUnauthorized``;
  ///   ``GodotError/errCantAcquireResource``; ``GodotError/errCantCreate``.
  @discardableResult
  public func bind(_ port: Int, _ host: String = "*") -> GodotError {
    note(withCText(host) { sps_tcp_bind(handle, Int32(clamping: port), $0) })
  }

  /// Begins to connect, and never waits, not even for the look-up of a name. Call ``poll()`` until
  /// the status is no longer ``StreamPeerSocket/Status/connecting``. Godot: `connect_to_host`.
  /// (`sps_tcp_connect`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errAlreadyInUse`` when the status is not
  ///   ``StreamPeerSocket/Status/none``; ``GodotError/errInvalidParameter`` for a host or port that
  ///   is none; ``GodotError/failed`` when it was refused at once;
  ///   ``GodotError/errCantAcquireResource``, ``GodotError/errOutOfMemory``.
  @discardableResult
  public func connectToHost(_ host: String, port: Int) -> GodotError {
    note(withCText(host) { sps_tcp_connect(handle, $0, Int32(clamping: port)) })
  }

  /// The peer's address as text; empty when not connected. Godot: `get_connected_host`.
  /// (`sps_tcp_get_connected_host`)
  public func getConnectedHost() -> String {
    connectedText(SPS_HOST_TEXT_BYTES, sps_tcp_get_connected_host)
  }

  /// The peer's port; 0 when not connected. Godot: `get_connected_port`.
  /// (`sps_tcp_get_connected_port`)
  public func getConnectedPort() -> Int {
    var port: Int32 = 0
    lastCode = sps_tcp_get_connected_port(handle, &port)
    return Int(port)
  }

  /// The local port; 0 when not open. Godot: `get_local_port`. (`sps_tcp_get_local_port`)
  public func getLocalPort() -> Int {
    var port: Int32 = 0
    lastCode = sps_tcp_get_local_port(handle, &port)
    return Int(port)
  }

  /// Sends small writes at once instead of gathering them (TCP_NODELAY). The default is the OS's:
  /// off. Godot: `set_no_delay`. (`sps_tcp_set_no_delay`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/failed`` when not open, or when the OS refuses.
  @discardableResult
  public func setNoDelay(_ enabled: Bool) -> GodotError {
    note(sps_tcp_set_no_delay(handle, enabled))
  }
}
