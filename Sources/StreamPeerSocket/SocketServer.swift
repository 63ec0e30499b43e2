// SPDX-License-Identifier: MIT
internal import CSocketCore

/// What hands out connected streams. Godot: `SocketServer`. (`sps_server`)
///
/// ``TCPServer`` and ``UDSServer`` are made; this is what they share. When the object goes away the
/// server stops, on whichever thread that happens; one that is in a ``SocketPoller`` is stopped by
/// the poller's next wait. Streams that were taken live on. One thread at a time uses a server.
public class SocketServer {
  // The server, which this object owns; nil when it could not be made.
  final let handle: OpaquePointer?
  // Where it lives, which must not go before it.
  private final let network: SocketNetwork
  // The C library's last answer.
  final var lastCode: Int32
  // In the poller that it is in, if any.
  final var membership: PollerMembership?

  /// What the last call on this server came to; ``GodotError/ok`` after a success. Not in Godot.
  public final var lastError: GodotError { GodotError(code: lastCode) }

  // Takes over what became of making a server.
  init(adopting made: (code: Int32, handle: OpaquePointer?), in network: SocketNetwork) {
    (lastCode, handle) = made
    self.network = network
  }

  deinit {
    Orphan(handle: handle, destroy: { sps_server_destroy($0) }, network: network)
      .end(in: membership)
  }

  /// Whether it listens, without a syscall. Godot: `is_listening`. (`sps_server_is_listening`)
  public final func isListening() -> Bool {
    var listening = false
    lastCode = sps_server_is_listening(handle, &listening)
    return listening
  }

  /// The OS's own code of the last listen or take that the OS refused; 0 when there was none. Not
  /// in Godot. (`sps_server_get_os_error`)
  public final var osError: Int32 {
    var code: Int32 = 0
    sps_server_get_os_error(handle, &code)
    return code
  }

  /// Whether a connection waits to be taken; false when it does not listen.
  /// Godot: `is_connection_available`. (`sps_server_is_connection_available`)
  public final func isConnectionAvailable() -> Bool {
    var available = false
    lastCode = sps_server_is_connection_available(handle, &available)
    return available
  }

  /// Takes the connection that has waited longest: a ``StreamPeerTCP`` or a ``StreamPeerUDS``, as
  /// the server is. Godot: `take_socket_connection`. (`sps_server_take_connection`)
  ///
  /// - Returns: a stream of its own, which may go to another thread or actor; nil when there is
  ///   none. ``lastError`` is ``GodotError/errBusy`` when none waits;
  ///   ``GodotError/errUnconfigured`` when it does not listen;
  ///   ``GodotError/errCantAcquireResource`` or ``GodotError/errOutOfMemory`` when the connection
  ///   still waits; else ``GodotError/failed``.
  public func takeSocketConnection() -> sending StreamPeerSocket? {
    take(StreamPeerSocket.init(adopting:in:))
  }

  /// Stops listening; connections that were not taken are refused or reset. It may listen again.
  /// Godot: `stop`. (`sps_server_stop`)
  public final func stop() {
    lastCode = sps_server_stop(handle)
  }

  /// Gives the listening descriptor to the caller, who closes it from now on; the server no longer
  /// listens. Connections that wait stay with the descriptor, and so does a Unix server's file. Not
  /// in Godot. (`sps_server_release_fd`)
  ///
  /// - Returns: −1 when it does not listen: ``lastError`` is ``GodotError/errUnconfigured``.
  public final func releaseFD() -> Int {
    var fd = -1
    lastCode = sps_server_release_fd(handle, &fd)
    return fd
  }

  // Notes a call's answer.
  final func note(_ code: Int32) -> GodotError {
    lastCode = code
    return GodotError(code: code)
  }

  // Takes a connection as the stream that `adopt` makes of it. It shares nothing with the server
  // but the network, which is the machine's, or a simulation's: there one thread uses both.
  final func take<Peer>(
    _ adopt: ((code: Int32, handle: OpaquePointer?), SocketNetwork) -> Peer
  ) -> sending Peer? {
    var stream: OpaquePointer?
    lastCode = sps_server_take_connection(handle, &stream)
    guard let stream else { return nil }
    nonisolated(unsafe) let peer = adopt((GodotError.ok.rawValue, stream), network)
    return peer
  }
}
