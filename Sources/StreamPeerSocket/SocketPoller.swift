// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Waits for many peers and servers at once. Not in Godot. (`sps_poller`)
///
/// A poller does for all its peers what ``StreamPeerSocket/poll()`` does for one. Its cost depends
/// on the number of events, not of peers, and it can block.
///
/// ```swift
/// poller.add(player.peer, owner: player)
/// // ...
/// poller.wait(timeoutMilliseconds: 0)  // each frame; −1 waits until something happens
/// for event in poller.events {
///   guard let player = event.owner as? Player else { continue }
///   if event.kinds.contains(.readable) { player.read() }  // until errBusy
///   if event.kinds.contains(.closed) { players.remove(player) }
/// }
/// ```
///
/// The poller keeps no peer, server or owner alive, so it never causes a retain cycle. If a peer or
/// server is destroyed, its pending events are dropped.
///
/// Calls on a poller, its peers and its servers belong to one thread at a time. Other threads may
/// use ``waker``. Writes of a peer in a poller are batched: puts gather, never wait, and leave at
/// the next ``wait(timeoutMilliseconds:)``.
///
/// Swift runs a `deinit` on the thread that drops the last reference, which may be any thread:
///
/// - A peer or server in a poller: the next wait closes it, or the end of the poller. A wait in
///   progress ends for it. To close it at once, call ``StreamPeerSocket/disconnectFromHost()`` or
///   ``SocketServer/stop()`` first.
/// - The poller: each peer leaves it at its own next ``StreamPeerSocket/poll()``,
///   ``StreamPeer/flush()`` or ``StreamPeer/setWriteBatching(_:)``. A peer also leaves it when
///   another poller adds the peer.
///
/// While a body has the bytes of a peer (``StreamPeer/peek(_:_:)``, ``PacketPeer/withPacket(_:)``),
/// every call on its poller except ``waker`` returns ``GodotError/errLocked`` and changes nothing.
@safe public final class SocketPoller {
  // The poller, which `lifetime` destroys and keeps the network for. It is nil if it could not be
  // created.
  private let handle: OpaquePointer?
  let lifetime: PollerLifetime
  // The C library's last result.
  private var lastCode: Int32

  /// The result of the last call on this poller: ``GodotError/ok`` after a success.
  ///
  /// Every method sets it. A loop over ``events`` does not change it.
  public var lastError: GodotError { GodotError(code: lastCode) }

  /// Creates an empty poller. (`sps_poller_create`)
  ///
  /// If this fails, every call returns ``GodotError/errInvalidParameter``, and ``lastError`` is one
  /// of:
  ///
  /// - ``GodotError/errCantAcquireResource``: the OS has no descriptors. A poller needs two.
  /// - ``GodotError/errOutOfMemory``.
  /// - ``GodotError/errUnauthorized``, ``GodotError/errCantCreate``: the OS refuses.
  ///
  /// - Parameters:
  ///   - options: the limits of one wait.
  ///   - network: the network of the poller, and of all its peers and servers.
  public init(options: PollerOptions = PollerOptions(), network: SocketNetwork = .machine) {
    unsafe (lastCode, handle) = unsafe options.make(in: network)
    lifetime = unsafe PollerLifetime(handle, in: network)
  }

  deinit {
    lifetime.drop()
  }

  // MARK: Members

  /// Adds a peer in any status. The next wait reports its unread bytes. (`sps_poller_add`)
  ///
  /// - Parameters:
  ///   - peer: it leaves the poller when it is destroyed.
  ///   - owner: the object that the peer is a part of, such as a player. Each event returns it. The
  ///     poller holds it weakly.
  /// - Returns: ``GodotError/ok``, or an error, after which nothing changes:
  ///   - ``GodotError/errAlreadyInUse``: the peer is in a poller.
  ///   - ``GodotError/errInvalidParameter``: the peer has another network.
  ///   - ``GodotError/errOutOfMemory``.
  @discardableResult
  public func add(_ peer: StreamPeerSocket, owner: AnyObject? = nil) -> GodotError {
    if hasLent { return lastError }
    PollerMembership.leaveIfOver(&peer.membership)
    let hasConnected = peer.getStatus() == .connected
    let (error, membership) = unsafe join(peer, owner, hasConnected: hasConnected) {
      unsafe sps_poller_add(handle, peer.handle, $0)
    }
    if let membership { peer.membership = membership }
    return error
  }

  /// Adds a server, listening or not. The caller adds the connections that it takes.
  /// (`sps_poller_add_server`)
  ///
  /// - Returns: the codes of ``add(_:owner:)-(StreamPeerSocket,_)``.
  @discardableResult
  public func add(_ server: SocketServer, owner: AnyObject? = nil) -> GodotError {
    if hasLent { return lastError }
    PollerMembership.leaveIfOver(&server.membership)
    let (error, membership) = unsafe join(server, owner) {
      unsafe sps_poller_add_server(handle, server.handle, $0)
    }
    if let membership { server.membership = membership }
    return error
  }

  private func join(
    _ object: AnyObject, _ owner: AnyObject?, hasConnected: Bool = false,
    _ add: (UnsafeMutableRawPointer) -> Int32
  ) -> (error: GodotError, membership: PollerMembership?) {
    let membership = PollerMembership(
      of: object, owner: owner, hasConnected: hasConnected, in: lifetime)
    let error = unsafe note(add(Unmanaged.passUnretained(membership).toOpaque()))
    guard error == .ok else { return (error, nil) }
    lifetime.addMember()
    return (error, membership)
  }

  /// Removes a peer, and drops its pending events. Write batching returns to its state before the
  /// peer was added. It stays on if the OS does not take all pending bytes now.
  /// (`sps_poller_remove`)
  ///
  /// - Returns: ``GodotError/ok``, or ``GodotError/errDoesNotExist``: the peer is not in this
  ///   poller.
  @discardableResult
  public func remove(_ peer: StreamPeerSocket) -> GodotError {
    if hasLent { return lastError }
    return unsafe leave(&peer.membership, sps_poller_remove(handle, peer.handle))
  }

  /// ``remove(_:)-(StreamPeerSocket)`` for a server. (`sps_poller_remove_server`)
  @discardableResult
  public func remove(_ server: SocketServer) -> GodotError {
    if hasLent { return lastError }
    return unsafe leave(&server.membership, sps_poller_remove_server(handle, server.handle))
  }

  private func leave(_ membership: inout PollerMembership?, _ code: Int32) -> GodotError {
    if code == GodotError.ok.rawValue {
      lifetime.removeMember()
      membership = nil
    }
    return note(code)
  }

  // MARK: Waiting

  /// Sends what was put, waits for events, reads what has come, and advances each connect and
  /// close. (`sps_poller_wait`)
  ///
  /// It returns if there are events, if the time is over, or if ``waker`` woke it. It keeps events
  /// that were not taken. It blocks its thread unless the timeout is 0. So call it on a thread of
  /// your own, not on one of Swift's concurrency or of Dispatch.
  ///
  /// - Parameter timeoutMilliseconds: the longest wait. 0 does not block, −1 sets no limit.
  /// - Returns: the number of peers and servers that have events. 0 is not a failure. ``lastError``
  ///   is ``GodotError/ok``, or:
  ///   - ``GodotError/errInvalidParameter``: the timeout is out of range.
  ///   - ``GodotError/errOutOfMemory``: the OS has no memory for the wait. The caller can repeat
  ///     it.
  ///   - ``GodotError/failed``: the OS refuses to wait.
  @discardableResult
  public func wait(timeoutMilliseconds: Int) -> Int {
    var count = 0
    lastCode = GodotError.errInvalidParameter.rawValue
    guard let timeout = Int32(exactly: timeoutMilliseconds) else { return 0 }
    guard !hasLent else { return 0 }
    lifetime.beginWait(blocks: timeout != 0)
    lastCode = unsafe sps_poller_wait(handle, timeout, &count)
    if timeout != 0 { lifetime.endWait() }
    return count
  }

  /// Takes the events of the next peer or server, the oldest first. No syscall and no allocation.
  /// (`sps_poller_next_event`)
  ///
  /// - Returns: the events, or nil if none is left. Then ``lastError`` is ``GodotError/errBusy``.
  public func nextEvent() -> SocketEvent? {
    let (code, event) = takeEvent()
    lastCode = code
    return event
  }

  private func takeEvent() -> (code: Int32, event: SocketEvent?) {
    if hasLent { return (lastCode, nil) }
    var event = unsafe sps_event()
    unsafe event.struct_size = UInt32(MemoryLayout<sps_event>.size)
    while true {
      let code = unsafe sps_poller_next_event(handle, &event)
      guard code == GodotError.ok.rawValue else { return (code, nil) }
      // nil: another thread has dropped the object.
      if let taken = unsafe SocketEvent(event) { return (code, taken) }
    }
  }

  /// The pending events, for one loop. The loop takes each event as it reaches it. So the loop may
  /// add, remove and drop peers and servers. If the loop ends early, the other events stay pending.
  /// (`sps_poller_next_event`)
  public var events: Events { Events(poller: self) }

  /// The sequence of ``SocketPoller/events``.
  public struct Events: Sequence, IteratorProtocol {
    fileprivate let poller: SocketPoller

    /// Returns the next event, or nil if none is left. (`sps_poller_next_event`)
    public mutating func next() -> SocketEvent? { poller.takeEvent().event }
  }

  // MARK: Event loops of the caller's own

  /// Returns one descriptor for all that the poller waits for. So another event loop (Dispatch,
  /// epoll, GLib, libuv) can embed the poller. No syscall. (`sps_poller_get_fd`)
  ///
  /// Wait until the descriptor is readable, or until the time of ``getTimeoutMicroseconds()`` is
  /// over. Then call ``wait(timeoutMilliseconds:)`` with 0, and handle ``events``. ``waker`` makes
  /// the descriptor readable. The poller owns it: do not read or close it.
  ///
  /// - Returns: the descriptor, or nil on the simulated network and on an OS that has none. Then
  ///   ``lastError`` is ``GodotError/errUnavailable``.
  public func getFD() -> Int? {
    var fd = -1
    lastCode = unsafe sps_poller_get_fd(handle, &fd)
    return fd >= 0 ? fd : nil
  }

  /// Returns how long a program that waits elsewhere may put off its next wait, if no socket
  /// becomes ready before. Ask last, just before waiting. (`sps_poller_get_timeout_us`)
  ///
  /// - Returns: microseconds, or nil without a limit. 0: the next wait has something to do now.
  public func getTimeoutMicroseconds() -> Int? {
    var microseconds: Int64 = -1
    lastCode = unsafe sps_poller_get_timeout_us(handle, &microseconds)
    return microseconds >= 0 ? Int(clamping: microseconds) : nil
  }

  // Whether a body has a span in a peer's memory, which must not change meanwhile.
  private var hasLent: Bool {
    guard lifetime.lentMembers > 0 else { return false }
    lastCode = GodotError.errLocked.rawValue
    return true
  }

  private func note(_ code: Int32) -> GodotError {
    lastCode = code
    return GodotError(code: code)
  }
}
