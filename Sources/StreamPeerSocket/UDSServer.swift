// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A server on a Unix domain socket. Godot: `UDSServer`. (`server.h`)
public final class UDSServer: SocketServer {
  /// Makes a server that does not listen yet. (`sps_uds_server_create`)
  public init(options: ServerOptions = ServerOptions()) {
    super.init(adopting: options.make(sps_uds_server_create))
  }

  /// Listens on a path; the file is made, and removed by ``SocketServer/stop()``. Godot: `listen`.
  /// (`sps_uds_server_listen`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errAlreadyInUse`` when it listens already or the
  ///   path exists; ``GodotError/errInvalidParameter`` for a path that is empty, too long, or in no
  ///   directory; else as ``TCPServer/listen(_:_:)``.
  @discardableResult
  public func listen(_ path: String) -> GodotError {
    note(withCText(path) { sps_uds_server_listen(handle, $0) })
  }

  /// Takes the connection that has waited longest. Godot: `take_connection`.
  /// (`sps_server_take_connection`)
  ///
  /// - Returns: as ``SocketServer/takeSocketConnection()``.
  public func takeConnection() -> StreamPeerUDS? {
    take(StreamPeerUDS.init(adopting:))
  }

  /// The same as ``takeConnection()``. Godot: `take_socket_connection`.
  /// (`sps_server_take_connection`)
  public override func takeSocketConnection() -> StreamPeerSocket? { takeConnection() }
}
