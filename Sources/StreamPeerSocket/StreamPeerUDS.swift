// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A stream over a Unix domain socket. Godot: `StreamPeerUDS`. (`uds.h`)
///
/// A path has 1 to 107 bytes on Linux, 103 on BSD and macOS; a longer one is refused, never cut. On
/// Linux `@name` is a name in the abstract namespace: no file, gone with the socket that has it, and
/// without permissions; elsewhere it is ``GodotError/errUnavailable``. A file whose name begins with
/// `@` is `./@name`.
public final class StreamPeerUDS: StreamPeerSocket {
  /// Makes a stream that is not connected, on this machine unless `network` says else.
  /// (`sps_uds_create`)
  public init(options: StreamOptions = StreamOptions(), network: SocketNetwork = .machine) {
    super.init(adopting: options.make(in: network, sps_uds_create), in: network)
  }

  // A connection that a server took.
  override init(adopting made: (code: Int32, handle: OpaquePointer?), in network: SocketNetwork) {
    super.init(adopting: made, in: network)
  }

  /// Gives the next connect a path of its own, which the peer can see. The file is made; the caller
  /// removes it. Godot: `bind`. (`sps_uds_bind`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errAlreadyInUse`` when the stream is open or bound,
  ///   or the path exists; ``GodotError/errInvalidParameter`` for a path that is empty, too long,
  ///   or in no directory; ``GodotError/errUnauthorized``; ``GodotError/errCantAcquireResource``;
  ///   ``GodotError/errCantCreate``; ``GodotError/errUnavailable`` for an abstract name where there
  ///   are none.
  @discardableResult
  public func bind(_ path: String) -> GodotError {
    note(withCText(path) { sps_uds_bind(handle, $0) })
  }

  /// Connects to a path, and never waits. Usually the status is
  /// ``StreamPeerSocket/Status/connected`` at once; while the server's backlog is full it is
  /// ``StreamPeerSocket/Status/connecting``, and each ``StreamPeerSocket/poll()`` tries again.
  /// Godot: `connect_to_host`. (`sps_uds_connect`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errAlreadyInUse`` when the status is not
  ///   ``StreamPeerSocket/Status/none``; ``GodotError/errInvalidParameter`` for a path that is
  ///   empty or too long; ``GodotError/failed`` when there is no server;
  ///   ``GodotError/errCantAcquireResource``, ``GodotError/errOutOfMemory``;
  ///   ``GodotError/errUnavailable`` for an abstract name where there are none.
  @discardableResult
  public func connectToHost(_ path: String) -> GodotError {
    note(withCText(path) { sps_uds_connect(handle, $0) })
  }

  /// Takes over a connected Unix stream socket that the caller owns, such as one of `socketpair`.
  /// Else as ``StreamPeerTCP/adoptFD(_:)``. Not in Godot. (`sps_uds_adopt_fd`)
  @discardableResult
  public func adoptFD(_ fd: Int) -> GodotError {
    note(sps_uds_adopt_fd(handle, fd))
  }

  /// Gives the descriptor of a connected stream to the caller, as ``StreamPeerTCP/releaseFD()``. Not
  /// in Godot. (`sps_uds_release_fd`)
  public func releaseFD() -> Int {
    var fd = -1
    lastCode = sps_uds_release_fd(handle, &fd)
    return fd
  }

  /// The peer's path, also while connecting; else empty, as on a server's side when the client has
  /// bound none. Godot: `get_connected_path`. (`sps_uds_get_connected_path`)
  public func getConnectedPath() -> String {
    addressText(SPS_PATH_TEXT_BYTES, sps_uds_get_connected_path)
  }
}
