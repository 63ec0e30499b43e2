// SPDX-License-Identifier: MIT
internal import CSocketCore

// The place of one stream or server in a poller: the `user_data` of the C library. It lives for as
// long as its C object is in the C poller, which may be longer than the Swift object lives.
final class PollerMembership {
  let lifetime: PollerLifetime
  // Weak, because another thread may be dropping the object while the poller's thread takes its
  // event.
  private(set) weak var object: AnyObject?
  private(set) weak var owner: AnyObject?
  // Whether the connection has stood, as far as events have told.
  private var hasConnected: Bool

  init(
    of object: AnyObject, owner: AnyObject?, hasConnected: Bool, in lifetime: PollerLifetime
  ) {
    self.object = object
    self.owner = owner
    self.hasConnected = hasConnected
    self.lifetime = lifetime
  }

  // Notes in a peer what its own poll() would have answered to what has happened.
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

  // For an object that is about to do what a poller changes: leaves the poller if its SocketPoller
  // is gone.
  static func leaveIfOver(_ membership: inout PollerMembership?) {
    if let lifetime = membership?.lifetime, lifetime.isOver() { membership = nil }
  }
}

// A C stream or server whose Swift object goes away, and what it needs until it is ended.
struct Orphan {
  let handle: OpaquePointer?
  let destroy: (OpaquePointer?) -> Void
  let network: SocketNetwork

  // Ends it now, unless it is in a poller.
  func end(in membership: PollerMembership?) {
    if let membership {
      membership.lifetime.inherit(self, from: membership)
    } else {
      destroy(handle)
    }
  }
}

// The C poller, which a SocketPoller, its wakers and its members share. Swift runs `deinit` on
// whichever thread drops the last reference, and a C object that is in a poller belongs to the
// poller's thread. So a member's `deinit` hands its C object over, and the next wait ends it. The C
// poller ends when both its SocketPoller and the last member are gone, or when a member finds that
// the SocketPoller is.
final class PollerLifetime: @unchecked Sendable {
  // How many members have lent their memory. The poller's thread alone uses it.
  var lentMembers = 0
  private let lock = Lock()
  private let network: SocketNetwork  // which must not go before the C poller
  // The rest is read and written under the lock.
  private var handle: OpaquePointer?  // nil when it has ended
  private var orphans: [(Orphan, PollerMembership)] = []
  private var memberCount = 0
  private var isDropped = false  // the SocketPoller is gone
  private var isWaiting = false

  init(_ handle: OpaquePointer?, in network: SocketNetwork) {
    self.handle = handle
    self.network = network
  }

  func wake() {
    lock.withLock { _ = sps_poller_wake(handle) }
  }

  // MARK: The poller's thread

  func addMember() {
    lock.withLock { memberCount += 1 }
  }

  func removeMember() {
    lock.withLock { memberCount -= 1 }
  }

  // Ends the orphans. One that comes during the wait ends the wait.
  func beginWait(blocks: Bool) {
    let ended = lock.withLock {
      isWaiting = blocks
      defer { orphans = [] }
      return orphans
    }
    for (orphan, _) in ended { orphan.destroy(orphan.handle) }
  }

  func endWait() {
    lock.withLock { isWaiting = false }
  }

  // For a member: if the SocketPoller is gone, ends the C poller, which lets go of all that is in
  // it.
  func isOver() -> Bool {
    guard lentMembers == 0 else { return false }
    return lock.withLock {
      if isDropped { end() }
      return isDropped
    }
  }

  // MARK: Any thread

  // The SocketPoller goes away. Its members may be in use on their own thread, so they are left
  // alone.
  func drop() {
    lock.withLock {
      isDropped = true
      if memberCount == 0 { end() }
    }
  }

  // A member goes away.
  func inherit(_ orphan: Orphan, from membership: PollerMembership) {
    lock.withLock {
      memberCount -= 1
      if handle == nil {
        orphan.destroy(orphan.handle)
        return
      }
      orphans.append((orphan, membership))
      if isDropped && memberCount == 0 {
        end()
      } else if isWaiting {
        sps_poller_wake(handle)
      }
    }
  }

  // Under the lock, so that no other thread wakes or ends what is just ending.
  private func end() {
    for (orphan, _) in orphans { orphan.destroy(orphan.handle) }
    orphans = []
    sps_poller_destroy(handle)
    handle = nil
  }
}
