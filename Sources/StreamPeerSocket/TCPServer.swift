// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A TCP server. Godot: `TCPServer`. (`server.h`)
public final class TCPServer: SocketServer {
  /// Creates a server that does not listen yet, on this machine or on `network`.
  /// (`sps_tcp_server_create`)
  public init(options: ServerOptions = ServerOptions(), network: SocketNetwork = .machine) {
    unsafe super.init(adopting: options.make(in: network, sps_tcp_server_create), in: network)
  }

  /// Listens on a port. Godot: `listen`. (`sps_tcp_server_listen`)
  ///
  /// - Parameters:
  ///   - port: 1 to 65535, or 0: the OS chooses (``getLocalPort()``).
  ///   - bindAddress: an address of this machine, or `"*"` for every address, IPv6 and IPv4.
  /// - Returns: ``GodotError/ok``, or an error, after which nothing changes:
  ///   - ``GodotError/errAlreadyInUse``: the server listens already, or the address is in use.
  ///   - ``GodotError/errInvalidParameter``: the port or address is malformed, or not of this
  ///     machine.
  ///   - ``GodotError/errUnauthorized``, ``GodotError/errCantAcquireResource``,
  ///     ``GodotError/errCantCreate``: the OS refuses.
  ///   - ``GodotError/errOutOfMemory``.
  @discardableResult
  public func listen(_ port: Int, _ bindAddress: String = "*") -> GodotError {
    unsafe note(
      withCText(bindAddress) { unsafe sps_tcp_server_listen(handle, Int32(clamping: port), $0) })
  }

  /// Adopts a TCP socket that listens already, such as one of socket activation. The server owns it
  /// then, and makes it non-blocking and close-on-exec. Not in Godot. (`sps_tcp_server_adopt_fd`)
  ///
  /// - Parameter fd: a descriptor on Unix, a SOCKET on Windows.
  /// - Returns: ``GodotError/ok``, or an error, after which the caller still owns `fd`:
  ///   - ``GodotError/errAlreadyInUse``: the server listens.
  ///   - ``GodotError/errInvalidParameter``: `fd` is not a listening TCP socket.
  ///   - ``GodotError/failed``: the OS refuses.
  @discardableResult
  public func adoptFD(_ fd: Int) -> GodotError {
    unsafe note(sps_tcp_server_adopt_fd(handle, fd))
  }

  /// Returns the port of the server. It is 0 if the server does not listen. Godot:
  /// `get_local_port`. (`sps_tcp_server_get_local_port`)
  public func getLocalPort() -> Int {
    var port: Int32 = 0
    lastCode = unsafe sps_tcp_server_get_local_port(handle, &port)
    return Int(port)
  }

  /// Takes the connection that has waited longest. Godot: `take_connection`.
  /// (`sps_server_take_connection`)
  ///
  /// - Returns: as for ``SocketServer/takeSocketConnection()``.
  public func takeConnection() -> sending StreamPeerTCP? {
    unsafe take(StreamPeerTCP.init(adopting:in:))
  }

  /// The same as ``takeConnection()``. Godot: `take_socket_connection`.
  /// (`sps_server_take_connection`)
  public override func takeSocketConnection() -> sending StreamPeerSocket? { takeConnection() }
}
