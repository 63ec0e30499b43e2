// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A server on a Unix domain socket. Godot: `UDSServer`. (`server.h`)
public final class UDSServer: SocketServer {
  /// Creates a server that does not listen yet, on this machine or on `network`.
  /// (`sps_uds_server_create`)
  public init(options: ServerOptions = ServerOptions(), network: SocketNetwork = .machine) {
    unsafe super.init(adopting: options.make(in: network, sps_uds_server_create), in: network)
  }

  /// Listens on a path, or on an abstract name (see ``StreamPeerUDS``). The call creates the
  /// socket's file. ``SocketServer/stop()`` removes the file if it still belongs to this server.
  /// Godot: `listen`. (`sps_uds_server_listen`)
  ///
  /// If a file is already at the path, the server tries to connect to it. It replaces the file only
  /// if it is a socket that refuses the connection. `sps_uds_server_listen` describes the lock file
  /// beside the path, and the limits of BSD and macOS.
  ///
  /// - Returns: ``GodotError/ok``, or:
  ///   - ``GodotError/errAlreadyInUse``: the server listens already. Or another server is at the
  ///     path or about to listen there. Or the file at the path is not a socket.
  ///   - ``GodotError/errInvalidParameter``: the path is empty, too long, or its directory does not
  ///     exist.
  ///   - ``GodotError/errUnavailable``: the OS has no abstract names.
  ///   - Other errors are those of ``TCPServer/listen(_:_:)``.
  @discardableResult
  public func listen(_ path: String) -> GodotError {
    unsafe note(withCText(path) { unsafe sps_uds_server_listen(handle, $0) })
  }

  /// ``TCPServer/adoptFD(_:)`` for a Unix server. ``SocketServer/stop()`` does not remove the file,
  /// because its creator owns it. Not in Godot. (`sps_uds_server_adopt_fd`)
  @discardableResult
  public func adoptFD(_ fd: Int) -> GodotError {
    unsafe note(sps_uds_server_adopt_fd(handle, fd))
  }

  /// Takes the connection that has waited longest. Godot: `take_connection`.
  /// (`sps_server_take_connection`)
  ///
  /// - Returns: as for ``SocketServer/takeSocketConnection()``.
  public func takeConnection() -> sending StreamPeerUDS? {
    unsafe take(StreamPeerUDS.init(adopting:in:))
  }

  /// The same as ``takeConnection()``. Godot: `take_socket_connection`.
  /// (`sps_server_take_connection`)
  public override func takeSocketConnection() -> sending StreamPeerSocket? { takeConnection() }
}
