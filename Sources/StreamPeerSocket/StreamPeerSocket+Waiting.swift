// SPDX-License-Identifier: MIT

// A connect that waits. Not in Godot.

extension StreamPeerTCP {
  /// Connects as ``connectToHost(_:port:)``, and waits until the connection stands or has failed:
  /// for ``StreamOptions/connectTimeoutMilliseconds`` at most. Not in Godot.
  ///
  /// It blocks its thread, which should therefore be none of Swift's concurrency.
  ///
  /// - Returns: ``GodotError/ok``, and the status is ``StreamPeerSocket/Status/connected``; as
  ///   ``connectToHost(_:port:)``, and nothing changes; else ``GodotError/errConnectionError`` or
  ///   ``GodotError/errCantResolve``, and the status is ``StreamPeerSocket/Status/error``;
  ///   ``GodotError/errAlreadyInUse`` also in a ``SocketPoller``, whose wait it would be.
  public func connectAndWait(_ host: String, port: Int) -> GodotError {
    connectAndWait { connectToHost(host, port: port) }
  }
}

extension StreamPeerUDS {
  /// Connects as ``connectToHost(_:)``, and waits while the server's backlog is full: for
  /// ``StreamOptions/connectTimeoutMilliseconds`` at most. Not in Godot.
  ///
  /// - Returns: as ``StreamPeerTCP/connectAndWait(_:port:)``.
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
