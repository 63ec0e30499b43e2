// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A TCP server. Godot: `TCPServer`. (`server.h`)
public final class TCPServer: SocketServer {
  /// Makes a server that does not listen yet, on this machine unless `network` says else.
  /// (`sps_tcp_server_create`)
  public init(options: ServerOptions = ServerOptions(), network: SocketNetwork = .machine) {
    super.init(adopting: options.make(in: network, sps_tcp_server_create), in: network)
  }

  /// Listens on a port. Godot: `listen`. (`sps_tcp_server_listen`)
  ///
  /// - Parameters:
  ///   - port: 1 to 65535, or 0 for one that the OS chooses; see ``getLocalPort()``.
  ///   - bindAddress: an address of this machine, or `"*"`: every address, IPv6 and IPv4.
  /// - Returns: ``GodotError/ok``; ``GodotError/errAlreadyInUse`` when it listens already or the
  ///   address is taken; ``GodotError/errInvalidParameter`` for a port or address that is none, or
  ///   is not this machine's; ``GodotError/errUnauthorized``;
  ///   ``GodotError/errCantAcquireResource``; ``GodotError/errCantCreate``. Nothing changes unless
  ///   ``GodotError/ok``.
  @discardableResult
  public func listen(_ port: Int, _ bindAddress: String = "*") -> GodotError {
    note(withCText(bindAddress) { sps_tcp_server_listen(handle, Int32(clamping: port), $0) })
  }

  /// Takes over a TCP socket that listens already, such as one of socket activation. The server owns
  /// it then; it is made non-blocking and close-on-exec. Not in Godot. (`sps_tcp_server_adopt_fd`)
  ///
  /// - Parameter fd: a descriptor on Unix, a SOCKET on Windows.
  /// - Returns: ``GodotError/ok``; ``GodotError/errAlreadyInUse`` when the server listens;
  ///   ``GodotError/errInvalidParameter`` when `fd` is no listening TCP socket;
  ///   ``GodotError/failed`` when the OS refuses. Unless ``GodotError/ok`` it stays the caller's.
  @discardableResult
  public func adoptFD(_ fd: Int) -> GodotError {
    note(sps_tcp_server_adopt_fd(handle, fd))
  }

  /// The port it listens on; 0 when it does not. Godot: `get_local_port`.
  /// (`sps_tcp_server_get_local_port`)
  public func getLocalPort() -> Int {
    var port: Int32 = 0
    lastCode = sps_tcp_server_get_local_port(handle, &port)
    return Int(port)
  }

  /// Takes the connection that has waited longest. Godot: `take_connection`.
  /// (`sps_server_take_connection`)
  ///
  /// - Returns: as ``SocketServer/takeSocketConnection()``.
  public func takeConnection() -> sending StreamPeerTCP? {
    take(StreamPeerTCP.init(adopting:in:))
  }

  /// The same as ``takeConnection()``. Godot: `take_socket_connection`.
  /// (`sps_server_take_connection`)
  public override func takeSocketConnection() -> sending StreamPeerSocket? { takeConnection() }
}
