// SPDX-License-Identifier: MIT
internal import CSocketCore

// The state of a loop on its thread: ready jobs, waits, and sockets.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
@safe final class LoopTurn {
  let poller: OpaquePointer?
  let timers = LoopTimers()
  private let jobs = LoopJobs()
  private let sockets = LoopSockets()
  private var messages: [LoopMessage] = []
  // Tasks that wait only for a time.
  let sleepers = LoopWaits()
  private var lastWait: UInt64 = 0
  private var spare: [LoopWait] = []

  // The tasks that wait for the end of the thread.
  var endings: [UnsafeContinuation<Void, Never>] = unsafe []
  // The loop shuts down, or has. Later jobs still run, on a thread that ends after them.
  private(set) var isEnding = false
  var isOver: Bool { isEnding && sockets.isEmpty && jobs.isEmpty && timers.isEmpty }

  init(poller: OpaquePointer?) {
    unsafe self.poller = poller
  }

  // MARK: One turn

  // Runs the messages, jobs and timers that are ready. Returns whether there were any.
  func run(
    from inbox: LoopInbox, on executor: UnownedTaskExecutor, now: () -> UInt64
  ) -> Bool {
    if !inbox.isEmpty { receive(from: inbox) }
    // The sockets have their turn before the jobs that these enqueue. A task that prefers the loop
    // belongs to no actor. If its job ran isolated to the loop, each return from a call would
    // change executors, which costs a job and a turn.
    let count = jobs.count
    for _ in 0..<count {
      unsafe jobs.takeFirst().runSynchronously(on: executor)
    }
    let hasFired = !timers.isEmpty && timers.fire(until: now())
    return count > 0 || hasFired
  }

  // Waits for the sockets. With jobs or messages it only looks.
  func wait(unless inbox: LoopInbox) {
    guard jobs.isEmpty && !isOver && inbox.sleep() else {
      _ = poll(milliseconds: 0)
      return
    }
    let longest = timers.isEmpty ? -1 : timers.nextMilliseconds(from: System.nowNanoseconds)
    _ = poll(milliseconds: longest)
    inbox.wakeUp()
  }

  private func receive(from inbox: LoopInbox) {
    inbox.take(&messages)
    for message in messages { handle(message) }
    messages.removeAll(keepingCapacity: true)
  }

  func handle(_ message: LoopMessage) {
    switch message {
    case .job(let job): jobs.append(job)
    case .begin(let wait, let continuation): unsafe wait.begin(continuation)
    case .cancel(let wait, let number): if wait.number == number { wait.end(.cancelled) }
    case .close(let socket): socket.close()
    case .finish(let socket): socket.finish()
    case .leave(let reference): unsafe reference.takeRetainedValue().leave()
    case .shutDown(let continuation):
      unsafe endings.append(continuation)
      shutDown()
    }
  }

  func shutDown() {
    isEnding = true
    sockets.closeAll()
    sleepers.cancelAll()
  }

  // Returns whether there were events.
  func poll(milliseconds: Int32) -> Bool {
    guard unsafe poller != nil else {
      if milliseconds != 0 { System.sleepOneMillisecond() }
      return false
    }
    var count = 0
    unsafe sps_poller_wait(poller, milliseconds, &count)
    guard count > 0 else { return false }
    var event = unsafe sps_event()
    unsafe event.struct_size = UInt32(MemoryLayout<sps_event>.size)
    while unsafe sps_poller_next_event(poller, &event) == 0 {
      unsafe Unmanaged<LoopSocket>.fromOpaque(event.user_data)._withUnsafeGuaranteedRef {
        unsafe $0.note(event)
      }
    }
    return true
  }

  // MARK: Sockets

  func add(_ socket: LoopSocket) {
    sockets.add(socket)
  }

  func remove(_ socket: LoopSocket) {
    sockets.remove(socket)
  }

  // MARK: Waits

  // Enters a list, and the timers if there is a deadline.
  func makeWait(in list: LoopWaits, until deadline: UInt64?) -> LoopWait {
    let wait = spare.popLast() ?? LoopWait(turn: self)
    lastWait += 1
    wait.number = lastWait
    list.append(wait)
    if let deadline { timers.add(wait, dueNanoseconds: deadline) }
    return wait
  }

  func recycle(_ wait: LoopWait) {
    wait.number = 0
    if spare.count < 1024 { spare.append(wait) }
  }
}
