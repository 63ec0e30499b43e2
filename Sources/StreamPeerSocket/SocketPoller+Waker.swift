// SPDX-License-Identifier: MIT
extension SocketPoller {
  /// Ends a poller's wait from any thread. It may be kept longer than the poller: then it wakes
  /// nobody.
  public struct Waker: Sendable {
    fileprivate let lifetime: PollerLifetime

    /// Ends the wait that is under way, or the next one. (`sps_poller_wake`)
    public func wake() {
      lifetime.wake()
    }
  }

  /// What other threads wake it with.
  public var waker: Waker { Waker(lifetime: lifetime) }
}
