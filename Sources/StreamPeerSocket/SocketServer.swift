// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A listening socket that hands out connected streams. Godot: `SocketServer`. (`sps_server`)
///
/// This class has what ``TCPServer`` and ``UDSServer`` share. One thread at a time uses a server.
/// The server stops when the object is destroyed, on any thread. If it is in a ``SocketPoller``,
/// the next wait of the poller stops it. The streams that it handed out stay open.
@safe public class SocketServer {
  // The server, which this object owns. It is nil if it could not be created.
  final let handle: OpaquePointer?
  // The network of the server. It must outlive the server.
  private final let network: SocketNetwork
  // The C library's last result.
  final var lastCode: Int32
  // The membership in a poller, if any.
  final var membership: PollerMembership?

  /// The result of the last call on this server: ``GodotError/ok`` after a success. Not in Godot.
  public final var lastError: GodotError { GodotError(code: lastCode) }

  // Adopts a server of the C library, or the error of creating it.
  init(adopting made: (code: Int32, handle: OpaquePointer?), in network: SocketNetwork) {
    unsafe (lastCode, handle) = unsafe made
    self.network = network
  }

  deinit {
    unsafe Orphan(handle: handle, destroy: { unsafe sps_server_destroy($0) }, network: network)
      .end(in: membership)
  }

  /// Returns whether the server listens, without a syscall. Godot: `is_listening`.
  /// (`sps_server_is_listening`)
  public final func isListening() -> Bool {
    var listening = false
    lastCode = unsafe sps_server_is_listening(handle, &listening)
    return listening
  }

  /// The OS's code of the last listen or take that the OS refused, or 0. Not in Godot.
  /// (`sps_server_get_os_error`)
  public final var osError: Int32 {
    var code: Int32 = 0
    unsafe sps_server_get_os_error(handle, &code)
    return code
  }

  /// Returns whether a connection waits to be taken. It is false if the server does not listen.
  /// Godot: `is_connection_available`. (`sps_server_is_connection_available`)
  public final func isConnectionAvailable() -> Bool {
    var available = false
    lastCode = unsafe sps_server_is_connection_available(handle, &available)
    return available
  }

  /// Takes the connection that has waited longest. A ``TCPServer`` returns a ``StreamPeerTCP``, a
  /// ``UDSServer`` a ``StreamPeerUDS``. Godot: `take_socket_connection`.
  /// (`sps_server_take_connection`)
  ///
  /// - Returns: a stream, which may move to another thread or actor, or nil. Then ``lastError`` is
  ///   one of:
  ///   - ``GodotError/errBusy``: no connection waits.
  ///   - ``GodotError/errUnconfigured``: the server does not listen.
  ///   - ``GodotError/errCantAcquireResource``, ``GodotError/errOutOfMemory``: the connection still
  ///     waits.
  ///   - ``GodotError/failed``: the OS refuses. ``osError`` is its code.
  public func takeSocketConnection() -> sending StreamPeerSocket? {
    unsafe take(StreamPeerSocket.init(adopting:in:))
  }

  /// Stops listening. The OS refuses or resets connections that were not taken. The server may
  /// listen again. Godot: `stop`. (`sps_server_stop`)
  public final func stop() {
    lastCode = unsafe sps_server_stop(handle)
  }

  /// Passes the listening descriptor to the caller, who closes it later. The server no longer
  /// listens. Waiting connections stay with the descriptor, and so does a Unix server's file. Not
  /// in Godot. (`sps_server_release_fd`)
  ///
  /// - Returns: the descriptor, or −1 if the server does not listen. Then ``lastError`` is
  ///   ``GodotError/errUnconfigured``.
  public final func releaseFD() -> Int {
    var fd = -1
    lastCode = unsafe sps_server_release_fd(handle, &fd)
    return fd
  }

  // Records the result of a call.
  final func note(_ code: Int32) -> GodotError {
    lastCode = code
    return GodotError(code: code)
  }

  // Takes a connection, and calls `adopt` to make a stream of it. The stream shares only the
  // network with the server. That is the machine's, or a simulation's, which one thread uses.
  final func take<Peer>(
    _ adopt: ((code: Int32, handle: OpaquePointer?), SocketNetwork) -> Peer
  ) -> sending Peer? {
    var stream: OpaquePointer?
    lastCode = unsafe sps_server_take_connection(handle, &stream)
    guard let stream = unsafe stream else { return nil }
    nonisolated(unsafe) let peer = unsafe adopt((GodotError.ok.rawValue, stream), network)
    return unsafe peer
  }
}
