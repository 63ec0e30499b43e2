// SPDX-License-Identifier: MIT

// One task that waits: for bytes, for room, for its turn, or for the end of a connection.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
@safe final class LoopWait {
  enum Ending: Sendable { case resumed, cancelled, timedOut }

  private unowned(unsafe) let turn: LoopTurn
  // 0: not in use.
  var number: UInt64 = 0
  // The place in the heap of LoopTimers, or −1 without a deadline.
  var place = -1
  var dueNanoseconds: UInt64 = 0
  fileprivate unowned(unsafe) var list: LoopWaits?
  fileprivate var next: LoopWait?
  fileprivate unowned(unsafe) var previous: LoopWait?
  // nil: the task does not wait yet, and an ending is kept for it.
  private var continuation: UnsafeContinuation<Ending, Never>?
  private var ending: Ending?

  init(turn: LoopTurn) {
    unsafe self.turn = turn
  }

  // Suspends the task until the wait ends. Afterwards another task may use the object.
  nonisolated(nonsending) func ending(on loop: SocketLoop) async -> Ending {
    let cancel = LoopMessage.cancel(self, number: number)
    return await withTaskCancellationHandler {
      unsafe await withUnsafeContinuation { unsafe loop.post(.begin(self, $0)) }
    } onCancel: {
      loop.post(cancel)
    }
  }

  func begin(_ continuation: UnsafeContinuation<Ending, Never>) {
    guard let ending else {
      unsafe self.continuation = continuation
      return
    }
    self.ending = nil
    unsafe turn.recycle(self)
    unsafe continuation.resume(returning: ending)
  }

  // Lets the task continue. The wait is in no list and has no deadline any more.
  func end(_ ending: Ending) {
    guard let list = unsafe list else { return }  // it has ended
    list.remove(self)
    unsafe turn.timers.remove(self)
    if let continuation = unsafe continuation {
      unsafe self.continuation = nil
      unsafe turn.recycle(self)
      unsafe continuation.resume(returning: ending)
    } else {
      self.ending = ending
    }
  }
}

// The tasks that wait for one thing, first come, first served.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
final class LoopWaits {
  private var first: LoopWait?
  unowned(unsafe) private var last: LoopWait?

  var isEmpty: Bool { first == nil }

  func append(_ wait: LoopWait) {
    unsafe wait.list = self
    unsafe wait.previous = last
    if let last = unsafe last { last.next = wait } else { first = wait }
    unsafe last = wait
  }

  fileprivate func remove(_ wait: LoopWait) {
    let next = wait.next
    if let previous = unsafe wait.previous { previous.next = next } else { first = next }
    if let next {
      unsafe next.previous = wait.previous
    } else {
      unsafe last = wait.previous
    }
    wait.next = nil
    unsafe wait.previous = nil
    unsafe wait.list = nil
  }

  func resumeFirst() {
    first?.end(.resumed)
  }

  func cancelAll() {
    while let first { first.end(.cancelled) }
  }

  // Resumes all that wait now. The tasks run later, so none of them can be in the list again.
  func resumeAll() {
    while let first { first.end(.resumed) }
  }
}
