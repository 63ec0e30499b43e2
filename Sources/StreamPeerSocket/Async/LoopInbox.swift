// SPDX-License-Identifier: MIT
internal import Synchronization

// A request to a loop from any thread. Other threads only pass on the objects in it. The loop's
// thread alone uses them, so it is Sendable.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
@safe enum LoopMessage: @unchecked Sendable {
  case job(UnownedJob)
  // A task suspends in a wait that it has entered.
  case begin(LoopWait, UnsafeContinuation<LoopWait.Ending, Never>)
  // The task of a wait was cancelled. By another number the object serves a later wait.
  case cancel(LoopWait, number: UInt64)
  case close(LoopSocket)
  // The socket serves what has come, and begins nothing more.
  case finish(LoopSocket)
  // The owner of a socket is gone. The message has its reference.
  case leave(Unmanaged<LoopSocket>)
  case shutDown(UnsafeContinuation<Void, Never>)
}

// The messages of other threads to a loop.
//
// The lock guards `messages`. A turn without messages takes no lock, and reads the atomic `count`.
// An appender first counts its message and then reads the phase. The loop first writes the phase
// and then reads the count. So one of the two always sees the other.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
final class LoopInbox: @unchecked Sendable {
  enum Need {
    case none, begin, wake
  }

  private enum Phase: UInt8, AtomicRepresentable { case noThread, running, asleep }

  private let lock = Lock()
  private var messages: [LoopMessage] = []
  private let count = Atomic(0)
  private let phase = Atomic(Phase.noThread)

  // Adds a message. Returns what the caller must do so that the loop sees it.
  func append(_ message: LoopMessage) -> Need {
    lock.withLock {
      messages.append(message)
      count.store(messages.count, ordering: .sequentiallyConsistent)
    }
    switch phase.exchange(.running, ordering: .sequentiallyConsistent) {
    case .noThread: return .begin
    case .running: return .none
    case .asleep: return .wake
    }
  }

  // MARK: The loop's thread

  // Swaps the messages with an empty array, whose memory is used again.
  func take(_ empty: inout [LoopMessage]) {
    lock.withLock {
      swap(&messages, &empty)
      count.store(0, ordering: .relaxed)
    }
  }

  var isEmpty: Bool { count.load(ordering: .sequentiallyConsistent) == 0 }

  // The thread has left its wait.
  func wakeUp() {
    phase.store(.running, ordering: .relaxed)
  }

  // For the end of a loop that nobody runs any more.
  func releaseSockets() {
    for case .leave(let reference) in messages { unsafe reference.release() }
  }

  // Whether the thread may sleep. From now on, a message wakes the poller.
  func sleep() -> Bool { enter(.asleep) }

  // Whether the thread may end. From now on, a message starts another.
  func end() -> Bool { enter(.noThread) }

  private func enter(_ next: Phase) -> Bool {
    phase.store(next, ordering: .sequentiallyConsistent)
    if isEmpty { return true }
    // If an appender was faster, it wakes the thread or starts another.
    return phase.exchange(.running, ordering: .sequentiallyConsistent) != next
  }
}
