// SPDX-License-Identifier: MIT
internal import CSocketCore

// The membership of one stream or server in a poller: the `user_data` of the C library. It lives as
// long as its C object is in the C poller. The Swift object may be destroyed earlier.
final class PollerMembership {
  let lifetime: PollerLifetime
  // Weak, because another thread may drop the object while the poller's thread takes its event.
  private(set) weak var object: AnyObject?
  private(set) weak var owner: AnyObject?
  // Whether the connection was ever established, as far as events have reported.
  private var hasConnected: Bool

  init(
    of object: AnyObject, owner: AnyObject?, hasConnected: Bool, in lifetime: PollerLifetime
  ) {
    self.object = object
    self.owner = owner
    self.hasConnected = hasConnected
    self.lifetime = lifetime
  }

  // Records in a peer the code that its own poll() would have returned for these events.
  func note(
    _ kinds: SocketEvent.Kinds, _ reason: StreamPeerSocket.CloseReason, in peer: StreamPeerSocket
  ) {
    if kinds.contains(.connected) { hasConnected = true }
    guard kinds.contains(.closed) else { return }
    if peer.getStatus() == .error {
      let error: GodotError =
        hasConnected ? .failed : reason == .nameNotFound ? .errCantResolve : .errConnectionError
      peer.lastCode = error.rawValue
    }
    hasConnected = false
  }

  // For an object that is about to change something that a poller controls. If the SocketPoller is
  // gone, the object leaves the poller.
  static func leaveIfOver(_ membership: inout PollerMembership?) {
    if let lifetime = membership?.lifetime, lifetime.isOver() { membership = nil }
  }
}

// A C stream or server whose Swift object is destroyed, with the data to destroy it later.
@safe struct Orphan {
  let handle: OpaquePointer?
  let destroy: (OpaquePointer?) -> Void
  let network: SocketNetwork
  // Ends after the C object.
  var kept: AnyObject?

  // Destroys it now, unless it is in a poller.
  func end(in membership: PollerMembership?) {
    if let membership {
      membership.lifetime.inherit(self, from: membership)
    } else {
      unsafe destroy(handle)
    }
  }
}

// The C poller, which a SocketPoller, its wakers and its members share. Swift runs `deinit` on the
// thread that drops the last reference. But a C object in a poller belongs to the poller's thread.
// So a member's `deinit` hands its C object over, and the next wait destroys it. The C poller ends
// when its SocketPoller and the last member are gone. It also ends when a member finds that the
// SocketPoller is gone.
@safe final class PollerLifetime: @unchecked Sendable {
  // The number of members that have lent their memory. Only the poller's thread uses it.
  var lentMembers = 0
  private let lock = Lock()
  private let network: SocketNetwork  // which must not go before the C poller
  // The lock guards the rest.
  private var handle: OpaquePointer?  // nil when it has ended
  private var orphans: [(Orphan, PollerMembership)] = []
  private var memberCount = 0
  private var isDropped = false  // the SocketPoller is gone
  private var isWaiting = false

  init(_ handle: OpaquePointer?, in network: SocketNetwork) {
    unsafe self.handle = handle
    self.network = network
  }

  func wake() {
    lock.withLock { _ = unsafe sps_poller_wake(handle) }
  }

  // MARK: The poller's thread

  func addMember() {
    lock.withLock { memberCount += 1 }
  }

  func removeMember() {
    lock.withLock { memberCount -= 1 }
  }

  // Destroys the orphans. An orphan that comes during the wait ends the wait.
  func beginWait(blocks: Bool) {
    let ended = lock.withLock {
      isWaiting = blocks
      defer { orphans = [] }
      return orphans
    }
    for (orphan, _) in ended { unsafe orphan.destroy(orphan.handle) }
  }

  func endWait() {
    lock.withLock { isWaiting = false }
  }

  // For a member. If the SocketPoller is gone, it ends the C poller, which releases all members.
  func isOver() -> Bool {
    guard lentMembers == 0 else { return false }
    let (isOver, _) = lock.withLock { (isDropped, isDropped ? end() : []) }
    return isOver
  }

  // MARK: Any thread

  // The SocketPoller is destroyed. Its members may be in use on their own thread, so this leaves
  // them alone.
  func drop() {
    _ = lock.withLock {
      isDropped = true
      return memberCount == 0 ? end() : []
    }
  }

  // A member is destroyed.
  func inherit(_ orphan: Orphan, from membership: PollerMembership) {
    _ = lock.withLock {
      memberCount -= 1
      if unsafe handle == nil {
        unsafe orphan.destroy(orphan.handle)
        return []
      }
      orphans.append((orphan, membership))
      if isDropped && memberCount == 0 { return end() }
      if isWaiting { unsafe sps_poller_wake(handle) }
      return []
    }
  }

  // Under the lock, so that no other thread wakes or ends the poller at the same time. The caller
  // drops the result after the lock: the end of a kept object may need the lock.
  private func end() -> [(Orphan, PollerMembership)] {
    for (orphan, _) in orphans { unsafe orphan.destroy(orphan.handle) }
    unsafe sps_poller_destroy(handle)
    unsafe handle = nil
    defer { orphans = [] }
    return orphans
  }
}
