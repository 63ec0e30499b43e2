// SPDX-License-Identifier: MIT
internal import CSocketCore

/// What TCP and Unix streams share: their status, and the poll that drives it.
/// Godot: `StreamPeerSocket`. (`socket.h`)
///
/// Nothing happens behind the caller's back: a connection is made, bytes of a batch are sent, and
/// the end of the peer is noticed inside ``poll()``, or inside the get or put that runs into it.
/// Call ``poll()`` once a frame.
///
/// The module has this class' name, and Swift takes the class first: `StreamPeerSocket.Status` is
/// the enum below, and `StreamPeerSocket.StreamPeerTCP` is looked for inside the class, and not
/// found. Write `StreamPeerTCP`, without the module.
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
  override init(adopting made: (code: Int32, handle: OpaquePointer?)) {
    super.init(adopting: made)
  }

  /// Advances the socket without waiting: finishes connecting; sends what waits in the write
  /// buffer; reads ahead what has arrived; notices the end. Godot: `poll`. (`sps_socket_poll`)
  ///
  /// - Returns: ``GodotError/ok``; while connecting, ``GodotError/errConnectionError`` or
  ///   ``GodotError/errCantResolve``, and the status becomes ``Status/error``; while connected,
  ///   ``GodotError/failed``, and ``Status/error``, when the connection broke and every byte was
  ///   read, or ``GodotError/errOutOfMemory``, and nothing changes.
  @discardableResult
  public final func poll() -> GodotError {
    note(sps_socket_poll(handle))
  }

  /// The status, without a syscall. Godot: `get_status`. (`sps_socket_get_status`)
  public final func getStatus() -> Status {
    var status: Int32 = 0
    lastCode = sps_socket_get_status(handle, &status)
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

  /// Why a socket is no longer open. Not in Godot. (`sps_close_reason`)
  public enum CloseReason: Int32, Sendable, CaseIterable {
    /// It is open, or has never been.
    case none = 0
    /// This side closed it.
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
    /// The peer did not answer the OS's probes, or did not acknowledge what was sent.
    case peerTimedOut = 8
    /// The OS had no descriptor or no memory.
    case noResources = 9
    /// Anything else; ``StreamPeerSocket/osError`` tells more.
    case failed = 10
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

  /// Chooses how long the next connect may take until the connection stands. Zero, or less, means
  /// the default of 30,000. A connect under way keeps its own. Not in Godot.
  /// (`sps_socket_set_connect_timeout`)
  @discardableResult
  public final func setConnectTimeout(milliseconds: Int) -> GodotError {
    note(sps_socket_set_connect_timeout(handle, UInt32(clamping: milliseconds)))
  }

  // The text that the C library writes into a buffer of `bytes` bytes, which is enough for any.
  final func connectedText(
    _ bytes: Int32,
    _ getter: (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int, UnsafeMutablePointer<Int>?)
      -> Int32
  ) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(bytes)) { buffer in
      var length = 0
      let error = note(getter(handle, buffer.baseAddress, buffer.count, &length))
      return error == .ok
        ? String(decoding: UnsafeRawBufferPointer(buffer)[..<length], as: UTF8.self) : ""
    }
  }
}

extension StreamPeerSocket {
  /// Chooses how long an attempt to connect may be silent before the next address of a name is tried
  /// beside it. Zero, or less, means the default of 250; the least is 10 (RFC 8305). Not in Godot.
  /// (`sps_socket_set_attempt_delay`)
  @discardableResult
  public final func setAttemptDelay(milliseconds: Int) -> GodotError {
    note(sps_socket_set_attempt_delay(handle, UInt32(clamping: milliseconds)))
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
