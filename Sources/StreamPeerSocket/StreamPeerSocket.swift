// SPDX-License-Identifier: MIT
internal import CSocketCore

/// What TCP and Unix streams share: their status, and the poll that drives it.
/// Godot: `StreamPeerSocket`. (`socket.h`)
///
/// Nothing happens behind the caller's back: a connection is made, bytes of a batch are sent, and
/// the end of the peer is noticed inside ``poll()``, or inside the get or put that runs into it.
/// Call ``poll()`` once a frame, or add the sockets to a ``SocketPoller``, which does it for all.
///
/// The module has this class' name, and Swift takes the class first: `StreamPeerSocket.Status` is
/// the enum below, and `StreamPeerSocket.StreamPeerTCP` is looked for inside the class, and not
/// found. Write `StreamPeerTCP`, without the module. Where the module is needed,
/// `StreamPeerSocket::Vector2` names it since Swift 6.3, and `import struct
/// StreamPeerSocket.Vector2` before.
public class StreamPeerSocket: StreamPeer {
  /// Where a socket stands. Godot: `StreamPeerSocket.Status`. (`sps_status`)
  public enum Status: Int32, Sendable, CaseIterable {
    /// New, or closed: by ``StreamPeerSocket/disconnectFromHost()``, by the peer's end, by a get or
    /// put that failed. Godot: `STATUS_NONE`. (`SPS_STATUS_NONE`)
    case none = 0
    /// A connection is being made: resolving the name, or waiting for the peer.
    /// Godot: `STATUS_CONNECTING`. (`SPS_STATUS_CONNECTING`)
    case connecting = 1
    /// Bytes can be read or written, or were received before the end and are not read yet.
    /// Godot: `STATUS_CONNECTED`. (`SPS_STATUS_CONNECTED`)
    case connected = 2
    /// Connecting failed, or ``StreamPeerSocket/poll()`` found the connection broken. Disconnect to
    /// start again. Godot: `STATUS_ERROR`. (`SPS_STATUS_ERROR`)
    case error = 3
  }

  // Only this module makes sockets.
  override init(adopting made: (code: Int32, handle: OpaquePointer?), in network: SocketNetwork) {
    super.init(adopting: made, in: network)
  }

  /// Advances the socket without waiting: finishes connecting; sends what waits in the write
  /// buffer; reads ahead what has arrived; notices the end. Godot: `poll`. (`sps_socket_poll`)
  ///
  /// - Returns: ``GodotError/ok``; while connecting, ``GodotError/errConnectionError`` or
  ///   ``GodotError/errCantResolve``, and the status becomes ``Status/error``; while connected,
  ///   ``GodotError/failed``, and ``Status/error``, when the connection broke and every byte was
  ///   read, or ``GodotError/errOutOfMemory``, and nothing changes; while closing gracefully, the
  ///   same, or ``GodotError/errTimeout``, and ``Status/none``, when its time is over.
  @discardableResult
  public final func poll() -> GodotError {
    PollerMembership.leaveIfOver(&membership)
    return note(sps_socket_poll(handle))
  }

  /// The status, without a syscall; ``StreamPeer/lastError`` stays as it is. Godot: `get_status`.
  /// (`sps_socket_get_status`)
  public final func getStatus() -> Status {
    var status: Int32 = 0
    sps_socket_get_status(handle, &status)
    return Status(rawValue: status) ?? .error
  }

  /// Closes the socket at once, whatever it is doing: it may bind or connect again. Bytes that wait
  /// in the write buffer are offered to the OS once; unread bytes are dropped.
  /// Godot: `disconnect_from_host`. (`sps_socket_disconnect`)
  public final func disconnectFromHost() {
    lastCode = sps_socket_disconnect(handle)
  }

  /// Tells the peer that no more bytes will come, while its own bytes can still be read here. Later
  /// puts are ``GodotError/failed``. Not in Godot. (`sps_socket_shutdown_write`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errBusy`` when batched bytes still wait and the OS
  ///   does not take them now (nothing was shut down; call it again); ``GodotError/failed`` when
  ///   not connected or when the connection broke.
  @discardableResult
  public final func shutdownWrite() -> GodotError {
    note(sps_socket_shutdown_write(handle))
  }

  /// Ends the connection in order: sends what waits in the write buffer, shuts down writing, reads
  /// and drops what the peer still sends until it finishes, and closes. Never waits. Not in Godot.
  /// (`sps_socket_close_gracefully`)
  ///
  /// ``poll()`` drives it; the status stays ``Status/connected`` meanwhile, gets and puts are
  /// ``GodotError/failed``, and unread bytes are dropped. Whoever wants to read the peer's last words
  /// calls ``shutdownWrite()`` instead, and reads until the end. Called again, it sets another time.
  ///
  /// At its end the status is ``Status/none``, and the reason ``CloseReason/local``: the peer has
  /// read everything, or its OS has it. When the time is over first, ``poll()`` answers
  /// ``GodotError/errTimeout``, and the reason is ``CloseReason/graceTimedOut``.
  /// ``disconnectFromHost()`` ends it at once.
  ///
  /// - Parameter timeoutMilliseconds: milliseconds for all of it, 0 to 2,147,483,647; 0 means the default of
  ///   30,000.
  /// - Returns: ``GodotError/ok``, and it may be closed already: see ``getStatus()``;
  ///   ``GodotError/failed`` when not connected; ``GodotError/errInvalidParameter`` for a time that
  ///   is none, and nothing changes.
  @discardableResult
  public final func closeGracefully(timeoutMilliseconds: Int = 0) -> GodotError {
    note(withCNumber(timeoutMilliseconds) { sps_socket_close_gracefully(handle, $0) })
  }

  /// Closes as ``closeGracefully(timeoutMilliseconds:)``, and waits until it has come to its end. Not in Godot.
  /// (`sps_socket_close_and_wait`)
  ///
  /// - Returns: ``GodotError/ok``, the peer has finished too; ``GodotError/errTimeout``;
  ///   ``GodotError/failed`` when the connection broke: it is closed then. ``GodotError/failed`` when
  ///   not connected, ``GodotError/errInvalidParameter`` for a time that is none: nothing changes.
  @discardableResult
  public final func closeAndWait(timeoutMilliseconds: Int = 0) -> GodotError {
    note(withCNumber(timeoutMilliseconds) { sps_socket_close_and_wait(handle, $0) })
  }

  /// Why a socket is no longer open. Not in Godot. (`sps_close_reason`)
  public enum CloseReason: Int32, Sendable, CaseIterable {
    /// It is open, or has never been.
    case none = 0
    /// This side closed it: ``StreamPeerSocket/disconnectFromHost()``, or a graceful close that went
    /// to its end.
    case local = 1
    /// The peer finished in order, and every byte was read.
    case peerFinished = 2
    /// The peer, or its OS, ended the connection hard, or left while bytes were sent to it.
    case reset = 3
    /// Connecting: nobody listens there.
    case refused = 4
    /// There is no way to the peer.
    case unreachable = 5
    /// Connecting: not done within the timeout.
    case connectTimedOut = 6
    /// Connecting: the name has no address.
    case nameNotFound = 7
    /// The peer did not acknowledge what was sent, within
    /// ``StreamPeerTCP/setUserTimeout(milliseconds:)`` or the OS's own limit.
    case notAcknowledged = 8
    /// The OS had no descriptor or no memory.
    case noResources = 9
    /// Anything else; ``StreamPeerSocket/osError`` tells more.
    case failed = 10
    /// The peer did not answer the OS's probes:
    /// ``StreamPeerTCP/setKeepalive(idleMilliseconds:intervalMilliseconds:count:)``.
    case keepalive = 11
    /// Nothing came from the peer for the time of
    /// ``StreamPeerSocket/setIdleTimeout(milliseconds:)``.
    case idle = 12
    /// The time of ``StreamPeerSocket/setIOTimeout(milliseconds:)`` ended within a put of a value,
    /// which cannot be completed any more.
    case putTimedOut = 13
    /// The peer did not finish within the time of a graceful close.
    case graceTimedOut = 14
    /// The peer has sent a packet that is longer than ``PacketPeerStream/inputBufferMaxSize``.
    case limit = 15
    /// Connecting: the name could not be looked up now, since no name server has answered or the
    /// one that did is broken. The name may exist: another connect may find it.
    case lookupFailed = 16
  }

  /// Why the socket was closed last; kept until the next connect begins. Not in Godot.
  /// (`sps_socket_get_close_reason`)
  public final var closeReason: CloseReason {
    var reason: Int32 = 0
    sps_socket_get_close_reason(handle, &reason)
    return CloseReason(rawValue: reason) ?? .failed
  }

  /// The OS's own code of what last failed on this socket (`errno` on Unix); 0 when nothing failed
  /// since connecting began. For logs: its values differ between systems. Not in Godot.
  /// (`sps_socket_get_os_error`)
  public final var osError: Int32 {
    var code: Int32 = 0
    sps_socket_get_os_error(handle, &code)
    return code
  }

  // The text of an address, which has at most `bytes` bytes.
  final func addressText(
    _ bytes: Int32,
    _ getter: (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int, UnsafeMutablePointer<Int>?)
      -> Int32
  ) -> String {
    let (code, text) = textFromC(bytes) { getter(handle, $0, $1, $2) }
    lastCode = code
    return text
  }
}

extension StreamPeerSocket.CloseReason: CustomStringConvertible {
  /// The name, such as `CLOSE_REFUSED`. (`sps_close_reason_name`)
  public var description: String { String(cString: sps_close_reason_name(rawValue)) }
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
