// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A stream over a Unix domain socket. Godot: `StreamPeerUDS`. (`uds.h`)
///
/// A path has 1 to 107 bytes on Linux, 1 to 103 on BSD and macOS. A longer path is refused, never
/// cut. On Linux `@name` is a name in the abstract namespace. It has no file and no permissions,
/// and ends with its socket. On other systems it is ``GodotError/errUnavailable``. Write `./@name`
/// for a file whose name begins with `@`.
public final class StreamPeerUDS: StreamPeerSocket {
  /// Creates a stream that is not connected, on this machine or on `network`. (`sps_uds_create`)
  public init(options: StreamOptions = StreamOptions(), network: SocketNetwork = .machine) {
    unsafe super.init(adopting: options.make(in: network, sps_uds_create), in: network)
  }

  // A connection that a server handed out.
  package override init(
    adopting made: (code: Int32, handle: OpaquePointer?), in network: SocketNetwork
  ) {
    unsafe super.init(adopting: made, in: network)
  }

  /// Gives the next connect a path of its own, which the peer can see. The call creates the file,
  /// and the caller removes it. Godot: `bind`. (`sps_uds_bind`)
  ///
  /// - Returns: ``GodotError/ok``, or:
  ///   - ``GodotError/errAlreadyInUse``: the stream is open, bound, or in
  ///     ``StreamPeerSocket/Status/error``. Or the path exists.
  ///   - ``GodotError/errInvalidParameter``: the path is empty, too long, or its directory does not
  ///     exist.
  ///   - ``GodotError/errUnavailable``: the OS has no abstract names.
  ///   - ``GodotError/errUnauthorized``, ``GodotError/errCantAcquireResource``,
  ///     ``GodotError/errCantCreate``: the OS refuses.
  @discardableResult
  public func bind(_ path: String) -> GodotError {
    unsafe note(withCText(path) { unsafe sps_uds_bind(handle, $0) })
  }

  /// Connects to a path, and never waits. Usually the status is
  /// ``StreamPeerSocket/Status/connected`` at once. While the server's backlog is full it is
  /// ``StreamPeerSocket/Status/connecting``, and each ``StreamPeerSocket/poll()`` tries again.
  /// Godot: `connect_to_host`. (`sps_uds_connect`)
  ///
  /// - Returns: ``GodotError/ok``, or:
  ///   - ``GodotError/errAlreadyInUse``: the stream is connecting or connected.
  ///   - ``GodotError/errInvalidParameter``: the path is empty or too long.
  ///   - ``GodotError/failed``: there is no server or no permission. ``StreamPeerSocket/osError``
  ///     tells which.
  ///   - ``GodotError/errUnavailable``: the OS has no abstract names.
  ///   - ``GodotError/errCantAcquireResource``, ``GodotError/errOutOfMemory``.
  @discardableResult
  public func connectToHost(_ path: String) -> GodotError {
    unsafe note(withCText(path) { unsafe sps_uds_connect(handle, $0) })
  }

  /// ``StreamPeerTCP/adoptFD(_:)`` for a connected Unix stream socket, such as one of `socketpair`.
  /// Not in Godot. (`sps_uds_adopt_fd`)
  @discardableResult
  public func adoptFD(_ fd: Int) -> GodotError {
    unsafe note(sps_uds_adopt_fd(handle, fd))
  }

  /// ``StreamPeerTCP/releaseFD()`` for a Unix stream. Not in Godot. (`sps_uds_release_fd`)
  public func releaseFD() -> Int {
    var fd = -1
    lastCode = unsafe sps_uds_release_fd(handle, &fd)
    return fd
  }

  /// Returns the peer's path, also while connecting. It is empty if the stream is not open, and on
  /// a server's side if the client has not bound a path. Godot: `get_connected_path`.
  /// (`sps_uds_get_connected_path`)
  public func getConnectedPath() -> String {
    unsafe addressText(SPS_PATH_TEXT_BYTES, sps_uds_get_connected_path)
  }
}
