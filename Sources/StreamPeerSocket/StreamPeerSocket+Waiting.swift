// SPDX-License-Identifier: MIT

// A connect that waits. Not in Godot.

extension StreamPeerTCP {
  /// Connects like ``connectToHost(_:port:)``, and waits until the connection is established or has
  /// failed. The limit is ``StreamOptions/connectTimeoutMilliseconds``. Not in Godot.
  ///
  /// It blocks its thread. Do not call it on a thread of Swift's concurrency.
  ///
  /// - Returns: ``GodotError/ok`` and status ``StreamPeerSocket/Status/connected``, or:
  ///   - ``GodotError/errConnectionError`` or ``GodotError/errCantResolve``: the connect failed.
  ///     The status is ``StreamPeerSocket/Status/error``.
  ///   - ``GodotError/errAlreadyInUse``: the status is not ``StreamPeerSocket/Status/none``, or the
  ///     stream is in a ``SocketPoller``.
  ///   - The other errors of ``connectToHost(_:port:)``. Nothing changes.
  public func connectAndWait(_ host: String, port: Int) -> GodotError {
    connectAndWait { connectToHost(host, port: port) }
  }
}

extension StreamPeerUDS {
  /// Connects like ``connectToHost(_:)``, and waits while the server's backlog is full. The limit
  /// is ``StreamOptions/connectTimeoutMilliseconds``. Not in Godot.
  ///
  /// - Returns: the codes of ``StreamPeerTCP/connectAndWait(_:port:)``.
  public func connectAndWait(_ path: String) -> GodotError {
    connectAndWait { connectToHost(path) }
  }
}

extension StreamPeerSocket {
  fileprivate final func connectAndWait(_ connect: () -> GodotError) -> GodotError {
    PollerMembership.leaveIfOver(&membership)
    if membership != nil { return note(GodotError.errAlreadyInUse.rawValue) }
    let error = connect()
    guard error == .ok, getStatus() == .connecting else { return error }
    // For this one, and so the wait costs nothing until something happens.
    let poller = SocketPoller(network: network)
    var failure = poller.lastError
    if failure == .ok { failure = poller.add(self) }
    while failure == .ok && getStatus() == .connecting {
      poller.wait(timeoutMilliseconds: -1)
      failure = poller.lastError
      while poller.nextEvent() != nil {}  // which notes why connecting failed
    }
    _ = poller.remove(self)
    if failure != .ok {
      disconnectFromHost()
      return note(failure.rawValue)
    }
    return getStatus() == .connected ? note(0) : lastError
  }
}
