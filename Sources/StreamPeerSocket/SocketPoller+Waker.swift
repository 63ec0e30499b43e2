// SPDX-License-Identifier: MIT
internal import CSocketCore

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

// A C poller must exist until sps_poller_wake() has returned, so waking and ending share a lock.
final class PollerLifetime: Sendable {
  private nonisolated(unsafe) var handle: OpaquePointer?  // nil when it has ended
  private let lock = Lock()

  init(_ handle: OpaquePointer?) {
    self.handle = handle
  }

  func wake() {
    lock.withLock { _ = sps_poller_wake(handle) }
  }

  func end() {
    lock.withLock {
      sps_poller_destroy(handle)
      handle = nil
    }
  }
}
