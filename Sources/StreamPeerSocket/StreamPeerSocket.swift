// SPDX-License-Identifier: MIT
internal import CSocketCore

/// The part that TCP and Unix streams share: the status, and the poll that drives it. Godot:
/// `StreamPeerSocket`. (`socket.h`)
///
/// The library has no background thread. ``poll()`` finishes a connect, sends batched bytes and
/// detects the end of the stream. A get or put does so too if it meets the end. Call ``poll()``
/// once a frame, or add the sockets to a ``SocketPoller``, which polls them all.
///
/// The module and this class have the same name, and Swift finds the class first.
/// `StreamPeerSocket.Status` is the enum below. `StreamPeerSocket.StreamPeerTCP` does not compile,
/// because Swift looks for it inside the class. Write `StreamPeerTCP` without the module. To name
/// the module, write `StreamPeerSocket::Vector2` since Swift 6.3. Older compilers need `import
/// struct StreamPeerSocket.Vector2`.
public class StreamPeerSocket: StreamPeer {
  /// The state of a socket. Godot: `StreamPeerSocket.Status`. (`sps_status`)
  public enum Status: Int32, Sendable, CaseIterable {
    /// New or closed. ``StreamPeerSocket/disconnectFromHost()``, the end of the peer, or a failed
    /// get or put closes a stream. Godot: `STATUS_NONE`. (`SPS_STATUS_NONE`)
    case none = 0
    /// A connect is in progress: it resolves the name, or waits for the peer. Godot:
    /// `STATUS_CONNECTING`. (`SPS_STATUS_CONNECTING`)
    case connecting = 1
    /// The caller can read or write, or bytes that came before the end are still unread. Godot:
    /// `STATUS_CONNECTED`. (`SPS_STATUS_CONNECTED`)
    case connected = 2
    /// The connect failed, or ``StreamPeerSocket/poll()`` found the connection broken. Disconnect
    /// to start again. Godot: `STATUS_ERROR`. (`SPS_STATUS_ERROR`)
    case error = 3
  }

  // Only this module makes sockets.
  override init(adopting made: (code: Int32, handle: OpaquePointer?), in network: SocketNetwork) {
    unsafe super.init(adopting: made, in: network)
  }

  /// Advances the socket without waiting. It finishes a connect, sends the write buffer, reads
  /// ahead what has arrived, and detects the end. Godot: `poll`. (`sps_socket_poll`)
  ///
  /// - Returns: ``GodotError/ok``, or an error. ``CloseReason`` tells more.
  ///   - ``GodotError/errConnectionError`` or ``GodotError/errCantResolve``: the connect failed.
  ///     The status becomes ``Status/error``.
  ///   - ``GodotError/failed``: the connection broke, and every byte was read. The status becomes
  ///     ``Status/error``.
  ///   - ``GodotError/errTimeout``: the time of a graceful close is over. The status becomes
  ///     ``Status/none``.
  ///   - ``GodotError/errOutOfMemory``: nothing changes.
  @discardableResult
  public final func poll() -> GodotError {
    PollerMembership.leaveIfOver(&membership)
    return unsafe note(sps_socket_poll(handle))
  }

  /// Returns the status, without a syscall, and leaves ``StreamPeer/lastError`` as it is. Godot:
  /// `get_status`. (`sps_socket_get_status`)
  public final func getStatus() -> Status {
    var status: Int32 = 0
    unsafe sps_socket_get_status(handle, &status)
    return Status(rawValue: status) ?? .error
  }

  /// Closes the socket at once, in every status. It can bind or connect again. The library offers
  /// the write buffer to the OS once, and drops unread bytes. Godot: `disconnect_from_host`.
  /// (`sps_socket_disconnect`)
  public final func disconnectFromHost() {
    lastCode = unsafe sps_socket_disconnect(handle)
  }

  /// Half-closes: the peer reads the end of the stream, and this side can still read. Later puts
  /// return ``GodotError/failed``. Not in Godot. (`sps_socket_shutdown_write`)
  ///
  /// - Returns: ``GodotError/ok``, or:
  ///   - ``GodotError/errBusy``: the OS does not take all batched bytes now. Nothing was shut down.
  ///     Call again.
  ///   - ``GodotError/failed``: the stream is not connected, or the connection broke.
  @discardableResult
  public final func shutdownWrite() -> GodotError {
    unsafe note(sps_socket_shutdown_write(handle))
  }

  /// Ends the connection in order, and never waits. The library sends the write buffer and shuts
  /// down writing. Then it drops what the peer sends until the peer finishes, and closes. Not in
  /// Godot. (`sps_socket_close_gracefully`)
  ///
  /// ``poll()`` drives these steps. Meanwhile the status stays ``Status/connected``, and gets and
  /// puts return ``GodotError/failed``. To read the last bytes of the peer, call
  /// ``shutdownWrite()`` instead and read until the end. A second call sets another timeout.
  ///
  /// At the end the status is ``Status/none`` and the reason ``CloseReason/local``. If the time is
  /// over first, ``poll()`` returns ``GodotError/errTimeout`` and the reason is
  /// ``CloseReason/graceTimedOut``.
  ///
  /// - Parameter timeoutMilliseconds: limit for all steps, 0 to 2,147,483,647. 0 means the default
  ///   of 30,000.
  /// - Returns: ``GodotError/ok``, or an error, after which nothing changes. After
  ///   ``GodotError/ok`` the stream may be closed already: see ``getStatus()``.
  ///   - ``GodotError/failed``: the stream is not connected.
  ///   - ``GodotError/errInvalidParameter``: the timeout is out of range.
  @discardableResult
  public final func closeGracefully(timeoutMilliseconds: Int = 0) -> GodotError {
    note(withCNumber(timeoutMilliseconds) { unsafe sps_socket_close_gracefully(handle, $0) })
  }

  /// ``closeGracefully(timeoutMilliseconds:)`` that waits until it has completed. Not in Godot.
  /// (`sps_socket_close_and_wait`)
  ///
  /// - Parameter timeoutMilliseconds: as for ``closeGracefully(timeoutMilliseconds:)``.
  /// - Returns: ``GodotError/ok`` if the peer has finished too, or:
  ///   - ``GodotError/errTimeout``: the time is over. The stream is closed.
  ///   - ``GodotError/failed``: the connection broke, and the stream is closed. Or it was not
  ///     connected.
  ///   - ``GodotError/errInvalidParameter``: the timeout is out of range. Nothing changes.
  @discardableResult
  public final func closeAndWait(timeoutMilliseconds: Int = 0) -> GodotError {
    note(withCNumber(timeoutMilliseconds) { unsafe sps_socket_close_and_wait(handle, $0) })
  }

  /// Why a socket is no longer open. Not in Godot. (`sps_close_reason`)
  public enum CloseReason: Int32, Sendable, CaseIterable {
    /// It is open, or has never been open.
    case none = 0
    /// This side closed it: by ``StreamPeerSocket/disconnectFromHost()``, or by a graceful close
    /// that completed.
    case local = 1
    /// The peer finished in order, and the caller read every byte.
    case peerFinished = 2
    /// The peer or its OS reset the connection, or left while this side sent to it.
    case reset = 3
    /// Connect: nothing listens there.
    case refused = 4
    /// There is no route to the peer.
    case unreachable = 5
    /// Connect: not done within ``StreamOptions/connectTimeoutMilliseconds``.
    case connectTimedOut = 6
    /// Connect: the name does not exist, or has no address.
    case nameNotFound = 7
    /// The peer did not acknowledge sent bytes in time.
    /// ``StreamPeerTCP/setUserTimeout(milliseconds:)`` or the OS sets the limit.
    case notAcknowledged = 8
    /// The OS had no descriptor or no memory.
    case noResources = 9
    /// Any other failure. ``StreamPeerSocket/osError`` is the OS's code.
    case failed = 10
    /// The peer did not answer the OS's probes:
    /// ``StreamPeerTCP/setKeepalive(idleMilliseconds:intervalMilliseconds:count:)``.
    case keepalive = 11
    /// The peer sent nothing for the time of ``StreamPeerSocket/setIdleTimeout(milliseconds:)``.
    case idle = 12
    /// The time of ``StreamPeerSocket/setIOTimeout(milliseconds:)`` ended inside a put of a value.
    /// The value can no longer be completed.
    case putTimedOut = 13
    /// The peer did not finish within the time of a graceful close.
    case graceTimedOut = 14
    /// The peer sent a packet that is longer than ``PacketPeerStream/inputBufferMaxSize``.
    case limit = 15
    /// Connect: no name server answered, or the answer was a server failure. The name may exist, so
    /// a later connect may find it.
    case lookupFailed = 16
    /// A filter (TLS, for example): the stream below ended without the end mark of the filter.
    case truncated = 17
    /// A filter: the peer broke the protocol of the filter, or reported that this side did.
    case protocolBroken = 18
    /// A filter: the peer did not prove who it is, or refused this side's proof.
    case untrusted = 19
  }

  /// Why the socket was last closed. It is kept until the next connect begins. Not in Godot.
  /// (`sps_socket_get_close_reason`)
  public final var closeReason: CloseReason {
    var reason: Int32 = 0
    unsafe sps_socket_get_close_reason(handle, &reason)
    return CloseReason(rawValue: reason) ?? .failed
  }

  /// The OS's code of the last failure on this socket (`errno` on Unix). It is 0 if nothing failed
  /// since the connect began. Use it for logs: its values differ between systems. Not in Godot.
  /// (`sps_socket_get_os_error`)
  public final var osError: Int32 {
    var code: Int32 = 0
    unsafe sps_socket_get_os_error(handle, &code)
    return code
  }

  // Returns the text of an address, which has at most `bytes` bytes.
  final func addressText(
    _ bytes: Int32,
    _ getter: (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int, UnsafeMutablePointer<Int>?)
      -> Int32
  ) -> String {
    let (code, text) = unsafe textFromC(bytes) { unsafe getter(handle, $0, $1, $2) }
    lastCode = code
    return text
  }
}

extension StreamPeerSocket.CloseReason: CustomStringConvertible {
  /// The name, such as `CLOSE_REFUSED`. (`sps_close_reason_name`)
  public var description: String { unsafe String(cString: sps_close_reason_name(rawValue)) }
}

extension StreamPeerSocket.Status: CustomStringConvertible {
  /// The name as Godot spells it, such as `STATUS_CONNECTED`.
  public var description: String {
    switch self {
    case .none: "STATUS_NONE"
    case .connecting: "STATUS_CONNECTING"
    case .connected: "STATUS_CONNECTED"
    case .error: "STATUS_ERROR"
    }
  }
}
