// SPDX-License-Identifier: MIT

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension Connection {
  /// Closes the connection in order: waits for the send of another task, sends what is left, and
  /// waits until the peer has finished too. It drops unread messages.
  ///
  /// If the task is cancelled or the time is over, it closes the connection at once.
  ///
  /// - Parameter timeout: the limit for all of it.
  public nonisolated(nonsending) func close(within timeout: Duration = .seconds(30)) async {
    let deadline = loop.deadline(after: timeout)
    try? await loop.run {
      do {
        try await self.closeInOrder(until: deadline)
      } catch {
        self.onLoop.close()
      }
    }
  }

  private nonisolated(nonsending) func closeInOrder(until deadline: UInt64) async throws {
    var call = LoopCall(deadline: deadline)
    _ = try await call.perform(on: loop, through: { (onLoop, onLoop.writing) }) {
      let socket = onLoop
      let left = Duration.nanoseconds(deadline - min(deadline, socket.loop.now))
      let code = socket.closeGracefully(within: left)
      guard code == .ok else { throw socket.error(code) }
      return .done
    }
    let socket = onLoop
    while socket.isOpen { try await socket.wait(in: socket.closed) }
  }

  /// Closes the connection at once, from any thread. The library offers the messages that have not
  /// left to the OS once, and drops the others. Pending calls throw a ``ConnectionError`` with the
  /// reason ``StreamPeerSocket/CloseReason/local``.
  public func closeNow() {
    socket.close()
  }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension ConnectionSocket {
  fileprivate final func closeGracefully(within left: Duration) -> GodotError {
    guard let layer else { return peer.closeGracefully(timeout: left.asLimit) }
    let (seconds, attoseconds) = left.asLimit.components
    return layer.end(peer, Int(seconds * 1000 + attoseconds / 1_000_000_000_000_000))
  }
}
