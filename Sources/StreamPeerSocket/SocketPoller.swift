// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Many peers and servers, one wait. Not in Godot. (`sps_poller`)
///
/// A poller does for all that is in it what ``StreamPeerSocket/poll()`` does for one, but its work is
/// in proportion to what has happened, not to how many there are, and it can wait.
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
/// It keeps nothing alive: neither peers and servers, nor their owners. So it makes no retain
/// cycle, whoever holds it. What was told of a peer or server that goes away is dropped.
///
/// Swift runs a `deinit` on whichever thread drops the last reference. That may be any thread, for
/// peers, servers and the poller. A peer or server that goes away while it is in a poller is closed
/// by the poller's next wait, or when the poller goes away; a wait that is under way ends for it.
/// To close one at once, call ``StreamPeerSocket/disconnectFromHost()`` or ``SocketServer/stop()``
/// before. If the poller goes away first, each peer leaves it at its own next
/// ``StreamPeerSocket/poll()``, ``StreamPeer/flush()`` or ``StreamPeer/setWriteBatching(_:)``, or
/// when it is added to another poller.
///
/// From inside a body that is shown the bytes of one of its peers (``StreamPeer/peek(_:_:)``,
/// ``PacketPeer/withPacket(_:)``) every call but ``waker`` is ``GodotError/errLocked``, and nothing
/// changes.
///
/// A peer in a poller has its writes batched: puts gather, never wait, and leave at the next
/// ``wait(timeoutMilliseconds:)``. Calls on peers, servers and their poller belong to one thread at
/// a time; ``waker`` is for the others.
public final class SocketPoller {
  // The poller, which `lifetime` ends and keeps its network for; nil when it could not be made.
  private let handle: OpaquePointer?
  let lifetime: PollerLifetime
  // The C library's last answer.
  private var lastCode: Int32

  /// What the last call on this poller came to; ``GodotError/ok`` after a success.
  ///
  /// Every method sets it; a loop over ``events`` leaves it alone.
  public var lastError: GodotError { GodotError(code: lastCode) }

  /// Makes a poller with nothing in it. (`sps_poller_create`)
  ///
  /// When it cannot be made every call answers ``GodotError/errInvalidParameter``; ``lastError``
  /// tells why: ``GodotError/errCantAcquireResource`` without descriptors, of which it needs two;
  /// ``GodotError/errOutOfMemory``.
  ///
  /// - Parameters:
  ///   - options: the limits of one wait.
  ///   - network: where the poller lives, and all that is added to it.
  public init(options: PollerOptions = PollerOptions(), network: SocketNetwork = .machine) {
    (lastCode, handle) = options.make(in: network)
    lifetime = PollerLifetime(handle, in: network)
  }

  deinit {
    lifetime.drop()
  }

  // MARK: What is in it

  /// Adds a peer, in whatever status it is. What waits to be read is told in the next wait.
  /// (`sps_poller_add`)
  ///
  /// - Parameters:
  ///   - peer: it leaves the poller by itself when it goes away.
  ///   - owner: the object that the peer is a part of, such as a player; it comes back with each
  ///     event. It is held weakly.
  /// - Returns: ``GodotError/ok``; ``GodotError/errAlreadyInUse`` when it is in a poller;
  ///   ``GodotError/errOutOfMemory``. Nothing changes unless ``GodotError/ok``.
  @discardableResult
  public func add(_ peer: StreamPeerSocket, owner: AnyObject? = nil) -> GodotError {
    if hasLent { return lastError }
    PollerMembership.leaveIfOver(&peer.membership)
    let hasConnected = peer.getStatus() == .connected
    let (error, membership) = join(peer, owner, hasConnected: hasConnected) {
      sps_poller_add(handle, peer.handle, $0)
    }
    if let membership { peer.membership = membership }
    return error
  }

  /// Adds a server, whether it listens or not. The connections that are taken are not added by
  /// themselves. (`sps_poller_add_server`)
  ///
  /// - Returns: as ``add(_:owner:)-(StreamPeerSocket,_)``.
  @discardableResult
  public func add(_ server: SocketServer, owner: AnyObject? = nil) -> GodotError {
    if hasLent { return lastError }
    PollerMembership.leaveIfOver(&server.membership)
    let (error, membership) = join(server, owner) {
      sps_poller_add_server(handle, server.handle, $0)
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
    let error = note(add(Unmanaged.passUnretained(membership).toOpaque()))
    guard error == .ok else { return (error, nil) }
    lifetime.addMember()
    return (error, membership)
  }

  /// Removes a peer; its events that were not taken are dropped. Write batching is as it was before it
  /// was added, but for a peer whose bytes the OS does not take now: it stays on there.
  /// (`sps_poller_remove`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errDoesNotExist`` when it is not in this poller.
  @discardableResult
  public func remove(_ peer: StreamPeerSocket) -> GodotError {
    if hasLent { return lastError }
    return leave(&peer.membership, sps_poller_remove(handle, peer.handle))
  }

  /// The same for a server. (`sps_poller_remove_server`)
  @discardableResult
  public func remove(_ server: SocketServer) -> GodotError {
    if hasLent { return lastError }
    return leave(&server.membership, sps_poller_remove_server(handle, server.handle))
  }

  private func leave(_ membership: inout PollerMembership?, _ code: Int32) -> GodotError {
    if code == GodotError.ok.rawValue {
      lifetime.removeMember()
      membership = nil
    }
    return note(code)
  }

  // MARK: Waiting

  /// Sends what was put since the last wait, waits until something happens, reads what has come, and
  /// goes on with all that is connecting or closing. It returns when there are events, when the time
  /// is over, or when it was woken. Events that were not taken are kept. (`sps_poller_wait`)
  ///
  /// It blocks its thread, which should therefore be none of Swift's concurrency, or of Dispatch,
  /// unless the timeout is 0.
  ///
  /// - Parameter timeoutMilliseconds: how long to wait; 0: not at all; −1: as long as it takes.
  /// - Returns: how many peers and servers have events to be taken; 0 is no failure. ``lastError`` is
  ///   ``GodotError/ok``; ``GodotError/errInvalidParameter`` for a time that is none;
  ///   ``GodotError/errOutOfMemory`` when the OS has none for the wait, which may be repeated;
  ///   ``GodotError/failed`` when it refuses to wait.
  @discardableResult
  public func wait(timeoutMilliseconds: Int) -> Int {
    var count = 0
    lastCode = GodotError.errInvalidParameter.rawValue
    guard let timeout = Int32(exactly: timeoutMilliseconds) else { return 0 }
    guard !hasLent else { return 0 }
    lifetime.beginWait(blocks: timeout != 0)
    lastCode = sps_poller_wait(handle, timeout, &count)
    if timeout != 0 { lifetime.endWait() }
    return count
  }

  /// Takes the next peer's or server's events, the oldest first. No syscall, and nothing is
  /// allocated. (`sps_poller_next_event`)
  ///
  /// - Returns: nil, and ``lastError`` is ``GodotError/errBusy``, when none is left.
  public func nextEvent() -> SocketEvent? {
    let (code, event) = takeEvent()
    lastCode = code
    return event
  }

  private func takeEvent() -> (code: Int32, event: SocketEvent?) {
    if hasLent { return (lastCode, nil) }
    var event = sps_event()
    event.struct_size = UInt32(MemoryLayout<sps_event>.size)
    while true {
      let code = sps_poller_next_event(handle, &event)
      guard code == GodotError.ok.rawValue else { return (code, nil) }
      // nil: another thread has dropped the object.
      if let taken = SocketEvent(event) { return (code, taken) }
    }
  }

  /// The events that wait to be taken, for one loop. Each is taken when the loop comes to it, so
  /// peers and servers may be added, removed and dropped inside; and what a loop that is left early
  /// has not come to is kept. (`sps_poller_next_event`)
  public var events: Events { Events(poller: self) }

  /// What ``SocketPoller/events`` gives.
  public struct Events: Sequence, IteratorProtocol {
    fileprivate let poller: SocketPoller

    /// Returns the next event, or nil if there is none left. (`sps_poller_next_event`)
    public mutating func next() -> SocketEvent? { poller.takeEvent().event }
  }

  // Whether a peer's memory is shown to a body, which must not change meanwhile.
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
