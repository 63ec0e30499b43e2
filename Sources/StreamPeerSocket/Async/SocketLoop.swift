// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A thread that waits for many sockets and runs the tasks that use them.
///
/// A loop is a task executor and a serial executor. It waits as a ``SocketPoller`` does. An idle
/// loop sleeps in the OS, and a job from another thread wakes it with one syscall. A task that
/// prefers the loop uses the connections on it without a change of threads:
///
/// ```swift
/// try await Task(executorPreference: SocketLoop.shared) {
///   let connection = try await Connection.tcp("example.org", port: 80)
///   // ...
/// }.value
/// ```
///
/// Any other task may use them too. Then each call that waits changes threads twice. A program
/// needs one loop. A server with much work can distribute its connections over several.
///
/// Do not block the thread of a loop, because every connection on it waits meanwhile.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
@safe public final class SocketLoop: SerialExecutor, TaskExecutor {
  /// The default loop. Its thread starts with the first job and never ends.
  public static let shared = SocketLoop(name: "socket-loop")

  /// The loop whose thread the caller runs on, or nil.
  public static var current: SocketLoop? { LoopThread.currentLoop }

  // The loop of a call that may name one.
  static func chosen(_ loop: SocketLoop?) -> SocketLoop { loop ?? current ?? shared }

  /// The name of the loop, for logs and debuggers. On Apple's systems the thread has the same name.
  public let name: String

  // nil: nobody hears of the connections.
  let observer: (any SocketObserver)?
  private let inbox = LoopInbox()
  private let ending = Lock()
  private let thread: LoopThreadNumber
  // nil: the loop has a thread of its own.
  private let driver: (any LoopDriver)?
  // Only the loop's thread uses it: see `turn`, which checks this.
  nonisolated(unsafe) private let confined: LoopTurn
  // It exists as long as the loop, and any thread may wake it. nil: the OS had no descriptors.
  nonisolated(unsafe) private let poller: OpaquePointer?
  // The value never changes. Sockets are made in it on the loop's thread only.
  nonisolated(unsafe) let network: SocketNetwork

  /// Creates a loop. Its thread starts with the first job.
  ///
  /// If the OS has no descriptors, every connection on the loop fails with
  /// ``GodotError/errCantAcquireResource``. If the OS has no thread for the loop, the program
  /// stops, because jobs cannot fail. End the loop with ``shutDown()``: its thread keeps it alive
  /// until then.
  ///
  /// - Parameters:
  ///   - name: for logs and debuggers.
  ///   - observer: hears of the connections. The loop keeps it alive.
  public convenience init(name: String, observer: (any SocketObserver)? = nil) {
    self.init(
      name: name, network: .machine, thread: LoopThreadNumber(), driver: nil, observer: observer)
  }

  /// Creates a loop that a driver runs on its thread. Without a network it has no connections.
  package init(
    name: String, network: SocketNetwork?, thread: LoopThreadNumber, driver: (any LoopDriver)?,
    observer: (any SocketObserver)? = nil
  ) {
    self.name = name
    self.observer = observer
    unsafe self.network = network ?? .machine
    self.thread = thread
    self.driver = driver
    let handle = unsafe network.flatMap { unsafe PollerOptions().make(in: $0).handle }
    unsafe poller = handle
    unsafe confined = LoopTurn(poller: handle)
  }

  deinit {
    inbox.releaseSockets()
    unsafe sps_poller_destroy(poller)
  }

  /// Closes everything on the loop, lets the tasks that wait there continue, and ends the thread.
  ///
  /// Pending calls throw a ``ConnectionError`` with the reason
  /// ``StreamPeerSocket/CloseReason/local``. Later connects fail with
  /// ``GodotError/errUnavailable``. Do not shut down ``shared``.
  public func shutDown() async {
    unsafe await withUnsafeContinuation { unsafe post(.shutDown($0)) }
    ending.withLock {}
  }

  // MARK: Running jobs

  /// Runs a job on the loop's thread, after the jobs that were enqueued before.
  public func enqueue(_ job: consuming ExecutorJob) {
    let message = LoopMessage.job(UnownedJob(job))
    if isCurrent { return unsafe confined.handle(message) }
    // The job may run and end the last owner of the loop before this call has ended.
    let kept = unsafe Unmanaged.passRetained(self)
    post(message)
    unsafe kept.release()
  }

  // Handles a message at once on the loop's thread. Any other thread leaves it in the inbox.
  func post(_ message: LoopMessage) {
    if isCurrent { return unsafe confined.handle(message) }
    let need = inbox.append(message)
    // The loops of a driver sleep together, so the phase of one does not tell.
    if let driver { return driver.wake() }
    if need == .none { return }
    if need == .wake {
      unsafe sps_poller_wake(poller)
    } else {
      LoopThread.begin(self)
    }
  }

  /// Whether the caller runs on the loop's thread.
  public var isCurrent: Bool { thread.isCurrent }

  /// Stops the program unless the caller runs on the loop's thread.
  public func checkIsolated() {
    preconditionIsCurrent()
  }

  @inline(__always)
  func preconditionIsCurrent() {
    precondition(isCurrent, "called on a thread other than the loop's")
  }

  /// The serial executor of actors that live on the loop.
  public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    unsafe UnownedSerialExecutor(ordinary: self)
  }

  // Runs an operation on the loop. It stays there after each of its waits.
  nonisolated(nonsending) func run<Result: Sendable>(
    _ operation: @concurrent @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withTaskExecutorPreference(self) { try await operation() }
  }

  // The OS may have had no descriptors for a poller. A driven loop may have no network.
  func checkPoller(for address: String) throws(ConnectionError) {
    if unsafe poller != nil { return }
    throw ConnectionError(.errCantAcquireResource, reason: .noResources, address: address)
  }

  // The time on the loop's clock in nanoseconds.
  var now: UInt64 { driver?.nowNanoseconds ?? System.nowNanoseconds }

  // The state of the loop's thread. The caller must be on it.
  var turn: LoopTurn {
    preconditionIsCurrent()
    return unsafe confined
  }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension SocketLoop {
  // The life of the loop's own thread.
  func runOnThisThread() {
    thread.enter()
    LoopThread.currentLoop = self
    repeat {
      runReady()
      turn.wait(unless: inbox)
    } while !turn.isOver || !leave()
  }

  // Runs the messages, jobs and timers that are ready. Returns whether there were any.
  @discardableResult
  private func runReady() -> Bool {
    unsafe turn.run(from: inbox, on: asUnownedTaskExecutor(), now: { now })
  }

  // Whether the thread may end. A message that has come meanwhile keeps it.
  private func leave() -> Bool {
    let turn = turn
    let waiting = unsafe turn.endings
    unsafe turn.endings = []
    thread.leave()
    // From here on, another thread may run the loop.
    guard inbox.end() else {
      thread.enter()
      unsafe turn.endings = waiting
      return false
    }
    unsafe resume(waiting)
    return true
  }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension SocketLoop {
  // A task that awaits the end of the loop continues on another thread. If resume() runs before the
  // task is suspended, the thread sanitizer sees no order between the two. The lock gives it one.
  private func resume(_ waiting: [UnsafeContinuation<Void, Never>]) {
    ending.withLock { unsafe waiting.forEach { unsafe $0.resume() } }
  }
}

// MARK: - Loops without a thread of their own

/// Runs several loops on one thread, in a network with a clock of its own.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
package protocol LoopDriver: AnyObject, Sendable {
  /// A loop has a message from another thread.
  func wake()
  /// The clock of the loops.
  var nowNanoseconds: UInt64 { get }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension SocketLoop {
  /// Runs all that is ready now, without waiting. Returns whether there was anything.
  package func drive() -> Bool {
    LoopThread.currentLoop = self
    defer { LoopThread.currentLoop = nil }
    let hasRun = runReady()
    let hasEvents = turn.poll(milliseconds: 0)
    if turn.isOver {
      unsafe resume(turn.endings)
      unsafe turn.endings = []
    }
    return hasRun || hasEvents
  }

  /// The time of the earliest deadline on the driver's clock, or nil without one.
  package var nextDeadline: UInt64? {
    var microseconds: Int64 = -1
    unsafe sps_poller_get_timeout_us(turn.poller, &microseconds)
    let ofPoller = microseconds < 0 ? UInt64.max : now + UInt64(microseconds) * 1000
    let next = min(turn.timers.next ?? .max, ofPoller)
    return next == .max ? nil : next
  }

  /// Whether the loop was shut down and nothing is left on it.
  package var isOver: Bool { turn.isOver }

  /// Begins to shut down. The driver runs the loop until ``isOver``.
  package func beginShutDown() {
    turn.shutDown()
  }
}
