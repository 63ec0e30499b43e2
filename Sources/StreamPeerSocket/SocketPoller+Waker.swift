// SPDX-License-Identifier: MIT
extension SocketPoller {
  /// Ends a poller's wait from any thread. It may outlive the poller. Then it does nothing.
  public struct Waker: Sendable {
    fileprivate let lifetime: PollerLifetime

    /// Ends the current wait, or the next one. (`sps_poller_wake`)
    public func wake() {
      lifetime.wake()
    }
  }

  /// Lets other threads end a wait.
  public var waker: Waker { Waker(lifetime: lifetime) }
}
