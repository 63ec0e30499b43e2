// SPDX-License-Identifier: MIT
internal import CSocketCore

// A stream or a server in the poller of a loop: the `user_data` of its events. Its C object ends on
// the loop's thread.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
class LoopSocket {
  unowned let loop: SocketLoop
  let address: String
  // In the loop's list of sockets.
  fileprivate unowned(unsafe) var previous: LoopSocket?
  fileprivate unowned(unsafe) var next: LoopSocket?
  fileprivate(set) final var isOnLoop = false
  // To be closed as soon as the current attempt of a call has returned.
  final var wantsClose = false

  init(address: String, loop: SocketLoop) {
    self.address = address
    self.loop = loop
  }

  // The poller has events of this socket.
  func note(_ event: sps_event) {}

  // Closes at once. Every task that waits continues, and finds it closed.
  func close() {}

  // Serves what has come, and begins nothing more.
  func finish() {}

  // Leaves the loop and its poller.
  func leave() {}

  // The error of a call that has reached its deadline.
  var timeout: ConnectionError { ConnectionError(.errTimeout, address: address) }

  // Waits. The caller looks again at what it has waited for.
  nonisolated(nonsending) final func wait(
    in list: LoopWaits, until deadline: UInt64? = nil
  ) async throws {
    switch await loop.turn.makeWait(in: list, until: deadline).ending(on: loop) {
    case .resumed: return
    case .cancelled: throw CancellationError()
    case .timedOut: throw timeout
    }
  }
}

// The sockets of a loop, in a doubly linked list.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
final class LoopSockets {
  unowned(unsafe) private var first: LoopSocket?

  var isEmpty: Bool { unsafe first == nil }

  func add(_ socket: LoopSocket) {
    socket.isOnLoop = true
    unsafe socket.next = first
    unsafe first?.previous = socket
    unsafe first = socket
  }

  func remove(_ socket: LoopSocket) {
    guard socket.isOnLoop else { return }
    socket.isOnLoop = false
    if let previous = unsafe socket.previous {
      unsafe previous.next = socket.next
    } else {
      unsafe first = socket.next
    }
    unsafe socket.next?.previous = socket.previous
    unsafe socket.next = nil
    unsafe socket.previous = nil
  }

  func closeAll() {
    while let socket = unsafe first {
      remove(socket)
      socket.close()
    }
  }
}
