// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A TCP stream over IPv4 or IPv6. Godot: `StreamPeerTCP`. (`tcp.h`)
public final class StreamPeerTCP: StreamPeerSocket {
  /// Creates a stream that is not connected, on this machine or on `network`. (`sps_tcp_create`)
  public init(options: StreamOptions = StreamOptions(), network: SocketNetwork = .machine) {
    unsafe super.init(adopting: options.make(in: network, sps_tcp_create), in: network)
  }

  // A connection that a server handed out.
  package override init(
    adopting made: (code: Int32, handle: OpaquePointer?), in network: SocketNetwork
  ) {
    unsafe super.init(adopting: made, in: network)
  }

  /// Sets the local address of the next connect. Godot: `bind`. (`sps_tcp_bind`)
  ///
  /// - Parameters:
  ///   - port: 1 to 65535, or 0: the OS chooses.
  ///   - host: an address, or `"*"` for any address. Names are not accepted.
  /// - Returns: ``GodotError/ok``, or an error, after which nothing changes:
  ///   - ``GodotError/errAlreadyInUse``: the stream is open, bound, or in
  ///     ``StreamPeerSocket/Status/error``. Or the address is in use.
  ///   - ``GodotError/errInvalidParameter``: the port or address is malformed, or not of this
  ///     machine.
  ///   - ``GodotError/errUnauthorized``, ``GodotError/errCantAcquireResource``,
  ///     ``GodotError/errCantCreate``: the OS refuses.
  @discardableResult
  public func bind(_ port: Int, _ host: String = "*") -> GodotError {
    unsafe note(withCText(host) { unsafe sps_tcp_bind(handle, Int32(clamping: port), $0) })
  }

  /// Begins to connect, and never waits, not even for the look-up of a name. Call
  /// ``StreamPeerSocket/poll()`` until the status is no longer
  /// ``StreamPeerSocket/Status/connecting``. The library races the addresses of a name (RFC 8305).
  /// Godot: `connect_to_host`. (`sps_tcp_connect`)
  ///
  /// - Returns: ``GodotError/ok``, or:
  ///   - ``GodotError/errAlreadyInUse``: the status is not ``StreamPeerSocket/Status/none``.
  ///   - ``GodotError/errInvalidParameter``: the host or port is malformed.
  ///   - ``GodotError/failed``: it was refused at once.
  ///   - ``GodotError/errCantAcquireResource``, ``GodotError/errOutOfMemory``.
  @discardableResult
  public func connectToHost(_ host: String, port: Int) -> GodotError {
    unsafe note(withCText(host) { unsafe sps_tcp_connect(handle, $0, Int32(clamping: port)) })
  }

  /// Returns the peer's address as text. While connecting it is the address that the stream
  /// connects to, or empty until one is chosen. Godot: `get_connected_host`.
  /// (`sps_tcp_get_connected_host`)
  public func getConnectedHost() -> String {
    unsafe addressText(SPS_HOST_TEXT_BYTES, sps_tcp_get_connected_host)
  }

  /// Returns the peer's port, also while connecting. It is 0 if the stream is not open. Godot:
  /// `get_connected_port`. (`sps_tcp_get_connected_port`)
  public func getConnectedPort() -> Int {
    var port: Int32 = 0
    lastCode = unsafe sps_tcp_get_connected_port(handle, &port)
    return Int(port)
  }

  /// Returns the socket's own address as text. It is empty if the socket is not open. Not in Godot.
  /// (`sps_tcp_get_local_host`)
  public func getLocalHost() -> String {
    unsafe addressText(SPS_HOST_TEXT_BYTES, sps_tcp_get_local_host)
  }

  /// Returns the local port. It is 0 if the socket is not open. Godot: `get_local_port`.
  /// (`sps_tcp_get_local_port`)
  public func getLocalPort() -> Int {
    var port: Int32 = 0
    lastCode = unsafe sps_tcp_get_local_port(handle, &port)
    return Int(port)
  }

  /// Sends small writes at once instead of gathering them (TCP_NODELAY). Off is the default, as in
  /// the OS. Godot: `set_no_delay`. (`sps_tcp_set_no_delay`)
  ///
  /// - Returns: ``GodotError/ok``, or ``GodotError/failed``: the socket is not open, or the OS
  ///   refuses.
  @discardableResult
  public func setNoDelay(_ enabled: Bool) -> GodotError {
    unsafe note(sps_tcp_set_no_delay(handle, enabled))
  }

  /// Makes the OS probe a silent peer (SO_KEEPALIVE), at no cost for the program. If no probe gets
  /// an answer, the connection ends (``StreamPeerSocket/CloseReason/keepalive``). That takes
  /// `idleMilliseconds` + `count` × `intervalMilliseconds` of silence. The values are kept for
  /// later connections. Not in Godot. (`sps_tcp_set_keepalive`)
  ///
  /// The OS does not probe while sent bytes are unacknowledged. A program that sends needs
  /// ``setUserTimeout(milliseconds:)`` too.
  ///
  /// - Parameters:
  ///   - idleMilliseconds: the silence before the first probe. 0, the default, turns keepalive off.
  ///     The OS counts whole seconds, so a fraction is rounded up.
  ///   - intervalMilliseconds: the time from one probe to the next. 0: the value set before for
  ///     this connection, otherwise the OS's (75 s).
  ///   - count: the unanswered probes that end the connection. 0: the value set before for this
  ///     connection, otherwise the OS's (9 on Linux).
  /// - Returns: ``GodotError/ok``, or:
  ///   - ``GodotError/errParameterRangeError``: above 32,767 s or 127 probes.
  ///   - ``GodotError/errInvalidParameter``: below 0 or above 4,294,967,295. Nothing changes.
  ///   - ``GodotError/failed``: the OS refuses.
  @discardableResult
  public func setKeepalive(idleMilliseconds: Int, intervalMilliseconds: Int = 0, count: Int = 0)
    -> GodotError
  {
    note(
      withCNumber(idleMilliseconds) { idleMilliseconds in
        withCNumber(intervalMilliseconds) { intervalMilliseconds in
          withCNumber(count) {
            unsafe sps_tcp_set_keepalive(handle, idleMilliseconds, intervalMilliseconds, $0)
          }
        }
      })
  }

  /// Sets how long sent bytes may stay unacknowledged (TCP_USER_TIMEOUT, RFC 5482). Then the
  /// connection ends (``StreamPeerSocket/CloseReason/notAcknowledged``). With keepalive on, this
  /// timeout replaces the count of probes on Linux. The value is kept for later connections. Not in
  /// Godot. (`sps_tcp_set_user_timeout`)
  ///
  /// - Parameter milliseconds: 0 to 2,147,483,647. 0, the default, leaves the limit to the OS,
  ///   which retransmits for about 15 minutes.
  /// - Returns: ``GodotError/ok``, or:
  ///   - ``GodotError/errInvalidParameter``: the number is out of range. Nothing changes.
  ///   - ``GodotError/errUnavailable``: the stream is open and the OS lacks the option.
  ///   - ``GodotError/failed``: the OS refuses.
  @discardableResult
  public func setUserTimeout(milliseconds: Int) -> GodotError {
    note(withCNumber(milliseconds) { unsafe sps_tcp_set_user_timeout(handle, $0) })
  }

  /// Closes at once with a reset, in every status. Data in flight is lost in both directions. Use
  /// it for peers that misbehave, and ``StreamPeerSocket/closeGracefully(timeoutMilliseconds:)``
  /// for all others. Not in Godot. (`sps_tcp_close_reset`)
  public func closeReset() {
    lastCode = unsafe sps_tcp_close_reset(handle)
  }

  /// Adopts a connected TCP socket that the caller owns: inherited, passed by another process, or
  /// accepted by other code. The status becomes ``StreamPeerSocket/Status/connected``, and the
  /// stream owns the socket. The library makes it close-on-exec, controls O_NONBLOCK, and applies
  /// the settings of the stream. Not in Godot. (`sps_tcp_adopt_fd`)
  ///
  /// - Parameter fd: a descriptor on Unix, a SOCKET on Windows.
  /// - Returns: ``GodotError/ok``, or an error, after which the caller still owns `fd`:
  ///   - ``GodotError/errAlreadyInUse``: the stream is open, bound, or in
  ///     ``StreamPeerSocket/Status/error``.
  ///   - ``GodotError/errInvalidParameter``: `fd` is not a connected TCP socket.
  ///   - ``GodotError/failed``: the OS refuses.
  @discardableResult
  public func adoptFD(_ fd: Int) -> GodotError {
    unsafe note(sps_tcp_adopt_fd(handle, fd))
  }

  /// Passes the descriptor of a connected stream to the caller, who closes it later. The status
  /// becomes ``StreamPeerSocket/Status/none`` (``StreamPeerSocket/CloseReason/local``). The
  /// descriptor is non-blocking. Not in Godot. (`sps_tcp_release_fd`)
  ///
  /// - Returns: the descriptor, or −1. Then ``StreamPeer/lastError`` is one of:
  ///   - ``GodotError/failed``: the stream is not connected.
  ///   - ``GodotError/errBusy``: bytes are buffered that would be lost. First read them
  ///     (``StreamPeer/peek(_:_:)``, ``StreamPeer/consume(_:)``) or flush them.
  public func releaseFD() -> Int {
    var fd = -1
    lastCode = unsafe sps_tcp_release_fd(handle, &fd)
    return fd
  }
}
