// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A server on a Unix domain socket. Godot: `UDSServer`. (`server.h`)
public final class UDSServer: SocketServer {
  /// Makes a server that does not listen yet, on this machine unless `network` says else.
  /// (`sps_uds_server_create`)
  public init(options: ServerOptions = ServerOptions(), network: SocketNetwork = .machine) {
    super.init(adopting: options.make(in: network, sps_uds_server_create), in: network)
  }

  /// Listens on a path, or on an abstract name (see ``StreamPeerUDS``). The socket's file is made,
  /// and removed by ``SocketServer/stop()`` if it is still this server's. Godot: `listen`.
  /// (`sps_uds_server_listen`)
  ///
  /// A file that a server left behind which is no more is replaced: when something is at the path,
  /// a connection is tried, and only a socket that refuses it is removed. Of several that listen on
  /// one path at the same time one wins; meanwhile there is an empty file beside it whose name ends
  /// in `.sps-lock`. A process that is killed meanwhile may leave that file, which shuts nobody
  /// out.
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errAlreadyInUse`` when it listens already, when a
  ///   server is at the path or just about to be, or when what is there is no socket;
  ///   ``GodotError/errInvalidParameter`` for a path that is empty, too long, or in no directory;
  ///   ``GodotError/errUnavailable`` for an abstract name where there are none; else as
  ///   ``TCPServer/listen(_:_:)``.
  @discardableResult
  public func listen(_ path: String) -> GodotError {
    note(withCText(path) { sps_uds_server_listen(handle, $0) })
  }

  /// Takes over a Unix socket that listens already, as ``TCPServer/adoptFD(_:)``. The file stays
  /// whoever's made it: it is not removed at the stop. Not in Godot. (`sps_uds_server_adopt_fd`)
  @discardableResult
  public func adoptFD(_ fd: Int) -> GodotError {
    note(sps_uds_server_adopt_fd(handle, fd))
  }

  /// Takes the connection that has waited longest. Godot: `take_connection`.
  /// (`sps_server_take_connection`)
  ///
  /// - Returns: as ``SocketServer/takeSocketConnection()``.
  public func takeConnection() -> sending StreamPeerUDS? {
    take(StreamPeerUDS.init(adopting:in:))
  }

  /// The same as ``takeConnection()``. Godot: `take_socket_connection`.
  /// (`sps_server_take_connection`)
  public override func takeSocketConnection() -> sending StreamPeerSocket? { takeConnection() }
}
