// SPDX-License-Identifier: MIT

// Lets one call at a time through, in the order in which they came.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
final class LoopGate {
  fileprivate(set) var isHeld = false
  fileprivate let queue = LoopWaits()

  // The gate stays held for the call that is resumed.
  fileprivate func leave() {
    isHeld = !queue.isEmpty
    queue.resumeFirst()
  }
}

// One call of a task, from its first attempt to its end.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
struct LoopCall: Sendable {
  // On the loop's clock; nil: none.
  let deadline: UInt64?
  private var phase = Phase.new
  private var ending = LoopWait.Ending.resumed

  private enum Phase { case new, queued, inside }

  // The result of one attempt.
  enum Step {
    case done
    case wait(in: LoopWaits)
  }

  // A socket, and the gate that the call goes through. Both exist only on the loop.
  typealias Entry = (socket: LoopSocket, gate: LoopGate)

  init(deadline: UInt64?) {
    self.deadline = deadline
  }

  // Repeats the attempt until it is done, while the task runs on the loop. Returns false if the
  // task runs elsewhere: the caller then continues with the same call on the loop.
  //
  // Nothing here is generic: the metadata of a generic socket costs a look-up in each call.
  nonisolated(nonsending) mutating func perform(
    on loop: SocketLoop, through entry: () -> Entry, _ attempt: () throws -> Step
  ) async throws -> Bool {
    if phase == .new { try Task.checkCancellation() }
    while loop.isCurrent {
      guard let wait = try step(entry(), attempt) else { return true }
      ending = await wait.ending(on: loop)
    }
    return false
  }

  // The wait before the next step, or nil after the last one.
  @inline(__always)
  private mutating func step(_ entry: Entry, _ attempt: () throws -> Step) throws -> LoopWait? {
    let (socket, gate) = entry
    if phase == .new && gate.isHeld {
      phase = .queued
      return socket.loop.turn.makeWait(in: gate.queue, until: deadline)
    }
    do {
      try checkEnding(socket)
      phase = .inside
      gate.isHeld = true
      defer { if socket.wantsClose { socket.close() } }
      if case .wait(let list) = try attempt() {
        return socket.loop.turn.makeWait(in: list, until: deadline)
      }
    } catch {
      if phase != .queued { gate.leave() }
      throw error
    }
    gate.leave()
    return nil
  }

  private func checkEnding(_ socket: LoopSocket) throws {
    switch ending {
    case .resumed: return
    case .cancelled: throw CancellationError()
    case .timedOut: throw socket.timeout
    }
  }
}
