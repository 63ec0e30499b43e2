// SPDX-License-Identifier: MIT
internal import CSocketCore
internal import Synchronization

// The stream of a connection, and the tasks that wait for it.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
class ConnectionSocket: LoopSocket {
  final let peer: StreamPeerSocket
  // Set if `peer` is a filter over the socket. nil: `peer` is the socket.
  final let layer: ConnectionLayer?
  // One task at a time reads, and one writes.
  final let reading = LoopGate()
  final let writing = LoopGate()
  // For bytes or the connection itself, for room, and for the close.
  final let readable = LoopWaits()
  final let writable = LoopWaits()
  final let closed = LoopWaits()
  // The peer has finished in order. Bytes that came before may still be unread.
  private(set) final var hasFinished = false
  // `messages` ends as soon as no byte of the peer is there.
  private(set) final var isFinishing = false
  private final let isIncoming: Bool
  // While an observer knows of the connection.
  private final var observed: (connection: ObservedConnection, since: UInt64)?

  init(
    _ peer: StreamPeerSocket, address: String, layer: ConnectionLayer?, isIncoming: Bool,
    loop: SocketLoop
  ) {
    self.peer = peer
    self.layer = layer
    self.isIncoming = isIncoming
    super.init(address: address, loop: loop)
  }

  // Adds it to the poller, before it connects or as it is.
  final func start() throws(ConnectionError) {
    let turn = loop.turn
    guard !turn.isEnding else { throw ConnectionError(.errUnavailable, address: address) }
    try loop.checkPoller(for: address)
    let code = unsafe sps_poller_add(
      turn.poller, peer.handle, Unmanaged.passUnretained(self as LoopSocket).toOpaque())
    guard code == 0 else { throw error(GodotError(code: code)) }
    turn.add(self)
  }

  // The peer may live on without the poller: as a released descriptor.
  final override func leave() {
    reportClosed()
    loop.turn.remove(self)
    unsafe sps_poller_remove(loop.turn.poller, peer.handle)
  }

  final override func note(_ event: sps_event) {
    let kinds = unsafe SocketEvent.Kinds(rawValue: event.kinds)
    if kinds.contains(.finished) {
      hasFinished = unsafe event.close_reason == StreamPeerSocket.CloseReason.peerFinished.rawValue
    }
    if kinds == .readable { return readable.resumeAll() }
    let isBroken = kinds.contains(.finished) && !hasFinished
    if !kinds.isDisjoint(with: [.connected, .readable, .finished, .closed]) {
      readable.resumeAll()
    }
    if isBroken || !kinds.isDisjoint(with: [.writable, .closed]) { writable.resumeAll() }
    if kinds.contains(.closed) {
      closed.resumeAll()
      reportClosed()
      closeBelow()
    }
  }

  final override func close() {
    // A body on this thread has the stream's memory. The stream refuses to close until it returns.
    wantsClose = peer.isLent
    if wantsClose { return }
    peer.disconnectFromHost()
    reportClosed()
    closeBelow()
    readable.resumeAll()
    writable.resumeAll()
    closed.resumeAll()
  }

  // A filter leaves the stream below open.
  private final func closeBelow() {
    (peer.base as? StreamPeerSocket)?.disconnectFromHost()
  }

  // A handshake that has not ended is no begun work.
  final override func finish() {
    isFinishing = true
    if peer.getStatus() == .connecting { close() }
    readable.resumeAll()
  }

  // MARK: The observer

  private static let lastID = Atomic<UInt64>(0)

  final func reportOpened() {
    guard let observer = loop.observer else { return }
    let connection = ObservedConnection(
      id: Self.lastID.add(1, ordering: .relaxed).newValue, address: address,
      isIncoming: isIncoming, loop: loop.name)
    observed = (connection, loop.now)
    observer.opened(connection)
  }

  private final func reportClosed() {
    guard let (connection, since) = observed else { return }
    observed = nil
    loop.observer?.closed(
      connection, reason: peer.getStatus() == .connected ? .local : peer.closeReason,
      osError: peer.osError, duration: .nanoseconds(loop.now - since))
  }

  // MARK: Its state

  final var isOpen: Bool { peer.getStatus() == .connected }

  final override var timeout: ConnectionError { error(.errTimeout) }

  // An error that tells what became of the connection.
  final func error(
    _ code: GodotError, _ underlying: (any Error)? = nil
  ) -> ConnectionError {
    let isOfConnect = code == .errConnectionError || code == .errCantResolve
    var error = ConnectionError(
      code, reason: peer.closeReason, osError: peer.osError, address: address,
      attempts: isOfConnect ? (peer.lowest as? StreamPeerTCP)?.connectAttempts ?? [] : [],
      underlyingError: underlying)
    // The reason of a failed connect has a sentence of its own.
    let below = (peer.base as? StreamPeerSocket)?.closeReason ?? .none
    if below != peer.closeReason { error.closeMessage = peer.closeMessage }
    return error
  }

  // Whether the peer has finished in order and every byte was read.
  final var isAtEnd: Bool {
    guard bufferedBytes == 0 else { return false }
    return hasFinished || peer.closeReason == .peerFinished
  }

  final var bufferedBytes: Int {
    var data: UnsafePointer<UInt8>?
    var count = 0
    unsafe sps_stream_peek(peer.handle, 0, &data, &count)
    return count
  }
}

// With the coder of its messages, which runs and ends on the loop.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
final class MessageSocket<Incoming: Sendable, Outgoing: Sendable>: ConnectionSocket {
  private var coder: any MessageCoder<Incoming, Outgoing>
  let writesAtOnce: Bool

  init(
    _ peer: StreamPeerSocket, address: String, coding: MessageCoding<Incoming, Outgoing>,
    layer: ConnectionLayer?, isIncoming: Bool, loop: SocketLoop
  ) {
    coder = coding.makeCoder()
    writesAtOnce = coding.writesAtOnce
    super.init(peer, address: address, layer: layer, isIncoming: isIncoming, loop: loop)
  }

  // Both throw a GodotError of the stream, or any error of the coder as a ConnectionError.

  func receive() throws -> Incoming? {
    do {
      return try coder.receive(from: peer)
    } catch let error where !(error is GodotError) {
      throw self.error(.errInvalidData, error)
    }
  }

  func send(_ message: Outgoing, to stream: StreamPeer) throws {
    do {
      try coder.send(message, to: stream)
    } catch let error where !(error is GodotError) {
      throw self.error(.errInvalidParameter, error)
    }
  }
}
