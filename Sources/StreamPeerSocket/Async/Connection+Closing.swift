// SPDX-License-Identifier: MIT

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension Connection {
  /// Closes the connection in order: sends what is left, and waits until the peer has finished too.
  /// It drops unread messages.
  ///
  /// If the task is cancelled or the time is over, it closes the connection at once.
  ///
  /// - Parameter timeout: how long the peer may take.
  public nonisolated(nonsending) func close(within timeout: Duration = .seconds(30)) async {
    try? await loop.run {
      let socket = self.onLoop
      let code = socket.peer.closeGracefully(timeout: timeout.asLimit)
      guard code == .ok else { return socket.close() }
      do {
        while socket.isOpen { try await socket.wait(in: socket.closed) }
      } catch {
        socket.close()
      }
    }
  }

  /// Closes the connection at once, from any thread. The library offers the messages that have not
  /// left to the OS once, and drops the others. Pending calls throw a ``ConnectionError`` with the
  /// reason ``StreamPeerSocket/CloseReason/local``.
  public func closeNow() {
    socket.close()
  }
}
