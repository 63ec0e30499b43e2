// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A stream over a Unix domain socket. Godot: `StreamPeerUDS`. (`uds.h`)
///
/// A path has 1 to 107 bytes on Linux, 103 on BSD and macOS; a longer one is refused, never cut.
public final class StreamPeerUDS: StreamPeerSocket {
  /// Makes a stream that is not connected. (`sps_uds_create`)
  public init(options: StreamOptions = StreamOptions()) {
    super.init(adopting: options.make(sps_uds_create))
  }

  // A connection that a server took.
  override init(adopting made: (code: Int32, handle: OpaquePointer?)) {
    super.init(adopting: made)
  }

  /// Gives the next connect a path of its own, which the peer can see. The file is made; the caller
  /// removes it. Godot: `bind`. (`sps_uds_bind`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errAlreadyInUse`` when the stream is open or bound,
  ///   or the path exists; ``GodotError/errInvalidParameter`` for a path that is empty, too long,
  ///   or in no directory; ``GodotError/errUnauthorized``; ``GodotError/errCantAcquireResource``;
  ///   ``GodotError/errCantCreate``.
  @discardableResult
  public func bind(_ path: String) -> GodotError {
    note(withCText(path) { sps_uds_bind(handle, $0) })
  }

  /// Connects to a path, and never waits. Usually the status is
  /// ``StreamPeerSocket/Status/connected`` at once; while the server's backlog is full it is
  /// ``StreamPeerSocket/Status/connecting``, and each ``poll()`` tries again.
  /// Godot: `connect_to_host`. (`sps_uds_connect`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errAlreadyInUse`` when the status is not
  ///   ``StreamPeerSocket/Status/none``; ``GodotError/errInvalidParameter`` for a path that is
  ///   empty or too long; ``GodotError/failed`` when there is no server;
  ///   ``GodotError/errCantAcquireResource``, ``GodotError/errOutOfMemory``.
  @discardableResult
  public func connectToHost(_ path: String) -> GodotError {
    note(withCText(path) { sps_uds_connect(handle, $0) })
  }

  /// The peer's path; empty when not connected, and on a server's side when the client has bound
  /// none. Godot: `get_connected_path`. (`sps_uds_get_connected_path`)
  public func getConnectedPath() -> String {
    connectedText(SPS_PATH_TEXT_BYTES, sps_uds_get_connected_path)
  }
}
