// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A TCP stream over IPv4 or IPv6. Godot: `StreamPeerTCP`. (`tcp.h`)
public final class StreamPeerTCP: StreamPeerSocket {
  /// Makes a stream that is not connected, on this machine unless `network` says else.
  /// (`sps_tcp_create`)
  public init(options: StreamOptions = StreamOptions(), network: SocketNetwork = .machine) {
    super.init(adopting: options.make(in: network, sps_tcp_create), in: network)
  }

  // A connection that a server took.
  override init(adopting made: (code: Int32, handle: OpaquePointer?), in network: SocketNetwork) {
    super.init(adopting: made, in: network)
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

  /// Begins to connect, and never waits, not even for the look-up of a name. Call
  /// ``StreamPeerSocket/poll()`` until the status is no longer
  /// ``StreamPeerSocket/Status/connecting``. Godot: `connect_to_host`. (`sps_tcp_connect`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errAlreadyInUse`` when the status is not
  ///   ``StreamPeerSocket/Status/none``; ``GodotError/errInvalidParameter`` for a host or port that
  ///   is none; ``GodotError/failed`` when it was refused at once;
  ///   ``GodotError/errCantAcquireResource``, ``GodotError/errOutOfMemory``.
  @discardableResult
  public func connectToHost(_ host: String, port: Int) -> GodotError {
    note(withCText(host) { sps_tcp_connect(handle, $0, Int32(clamping: port)) })
  }

  /// The peer's address as text, also while connecting, once it is chosen. Godot:
  /// `get_connected_host`. (`sps_tcp_get_connected_host`)
  public func getConnectedHost() -> String {
    addressText(SPS_HOST_TEXT_BYTES, sps_tcp_get_connected_host)
  }

  /// The peer's port, also while connecting; else 0. Godot: `get_connected_port`.
  /// (`sps_tcp_get_connected_port`)
  public func getConnectedPort() -> Int {
    var port: Int32 = 0
    lastCode = sps_tcp_get_connected_port(handle, &port)
    return Int(port)
  }

  /// The socket's own address as text; empty when not open. Not in Godot.
  /// (`sps_tcp_get_local_host`)
  public func getLocalHost() -> String {
    addressText(SPS_HOST_TEXT_BYTES, sps_tcp_get_local_host)
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

  /// Has the OS ask a silent peer whether it still lives (SO_KEEPALIVE), which costs the program
  /// nothing. Without an answer the connection ends (``StreamPeerSocket/CloseReason/keepalive``),
  /// `idleMilliseconds` + `count` × `intervalMilliseconds` after the peer's last sign. Kept for later connections. Not in
  /// Godot. (`sps_tcp_set_keepalive`)
  ///
  /// - Parameters:
  ///   - idleMilliseconds: milliseconds without a sign of the peer until it is asked; 0, the default, turns it
  ///     off. OSes count whole seconds: a part of one is rounded up.
  ///   - intervalMilliseconds: milliseconds from one probe to the next; 0: as the OS has it (75 s), or as it
  ///     was set before for this connection.
  ///   - count: probes without an answer that end the connection; 0: as the OS has it (9 on Linux),
  ///     or as it was set before for this connection.
  /// - Returns: ``GodotError/ok``; ``GodotError/errParameterRangeError`` above 32,767 s or 127
  ///   probes; ``GodotError/errInvalidParameter`` for a number below 0 or above 4,294,967,295, and
  ///   nothing changes; ``GodotError/failed`` when the OS refuses.
  @discardableResult
  public func setKeepalive(idleMilliseconds: Int, intervalMilliseconds: Int = 0, count: Int = 0)
    -> GodotError
  {
    note(
      withCNumber(idleMilliseconds) { idleMilliseconds in
        withCNumber(intervalMilliseconds) { intervalMilliseconds in
          withCNumber(count) {
            sps_tcp_set_keepalive(handle, idleMilliseconds, intervalMilliseconds, $0)
          }
        }
      })
  }

  /// Chooses how long sent bytes may go without the peer's acknowledgement (TCP_USER_TIMEOUT,
  /// RFC 5482); then the connection ends (``StreamPeerSocket/CloseReason/notAcknowledged``). With
  /// keepalive on, Linux ends an unanswered probing after this time too, in place of the count of
  /// probes. Kept for later connections. Not in Godot. (`sps_tcp_set_user_timeout`)
  ///
  /// - Parameter milliseconds: 0 to 2,147,483,647; 0, the default, leaves it to the OS, which tries
  ///   for about a quarter of an hour.
  /// - Returns: ``GodotError/ok``; ``GodotError/errInvalidParameter`` for any other number, and
  ///   nothing changes; ``GodotError/errUnavailable``, on an open stream, when the OS cannot do it;
  ///   ``GodotError/failed`` when the OS refuses.
  @discardableResult
  public func setUserTimeout(milliseconds: Int) -> GodotError {
    note(withCNumber(milliseconds) { sps_tcp_set_user_timeout(handle, $0) })
  }

  /// Closes at once and hard: the peer sees a reset, and what is still on its way, in either
  /// direction, is lost. No TIME_WAIT holds the port. For peers that misbehave; everybody else gets
  /// ``StreamPeerSocket/closeGracefully(timeoutMilliseconds:)``. Works in every status. Not in
  /// Godot. (`sps_tcp_close_reset`)
  public func closeReset() {
    lastCode = sps_tcp_close_reset(handle)
  }

  /// Takes over a connected TCP socket that the caller owns: inherited, handed over by another
  /// process, or accepted by other code. The status is ``StreamPeerSocket/Status/connected``
  /// afterwards, and the stream owns the socket, which is made close-on-exec; whether calls on it wait
  /// (O_NONBLOCK) is the stream's affair from now on. Settings of the stream apply to it. Not in Godot. (`sps_tcp_adopt_fd`)
  ///
  /// - Parameter fd: a descriptor on Unix, a SOCKET on Windows.
  /// - Returns: ``GodotError/ok``; ``GodotError/errAlreadyInUse`` when the stream is open or bound;
  ///   ``GodotError/errInvalidParameter`` when `fd` is no connected TCP socket;
  ///   ``GodotError/failed`` when the OS refuses. Unless ``GodotError/ok`` it stays the caller's.
  @discardableResult
  public func adoptFD(_ fd: Int) -> GodotError {
    note(sps_tcp_adopt_fd(handle, fd))
  }

  /// Gives the descriptor of a connected stream to the caller, who closes it from now on. The status
  /// is ``StreamPeerSocket/Status/none`` afterwards (``StreamPeerSocket/CloseReason/local``). The
  /// descriptor is non-blocking. Not in Godot. (`sps_tcp_release_fd`)
  ///
  /// - Returns: −1 when it failed: ``StreamPeer/lastError`` is ``GodotError/failed`` when not
  ///   connected; ``GodotError/errBusy`` when bytes are buffered that would be lost: read them
  ///   (``StreamPeer/peek(_:_:)``, ``StreamPeer/consume(_:)``) or flush them first.
  public func releaseFD() -> Int {
    var fd = -1
    lastCode = sps_tcp_release_fd(handle, &fd)
    return fd
  }
}
