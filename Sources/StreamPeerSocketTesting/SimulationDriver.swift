// SPDX-License-Identifier: MIT
internal import CSocketSimulation
internal import StreamPeerSocket

// Runs the loops of a simulation's hosts on one thread, and advances the clock when all are idle.
//
// Other threads call only wake(), which uses the waker alone. So it is Sendable.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
final class SimulationDriver: LoopDriver, @unchecked Sendable {
  let thread = LoopThreadNumber()
  private let world: World
  // The longest wait for messages of other threads, when no task of the simulation can continue by
  // itself.
  private let deadlockTimeout: Duration
  private let outside = SocketPoller()
  private let waker: SocketPoller.Waker
  private var isEnding = false
  private var loops: [(host: OpaquePointer?, loop: SocketLoop)] = []

  init(_ world: World, deadlockTimeout: Duration) {
    self.world = world
    self.deadlockTimeout = deadlockTimeout
    waker = outside.waker
    thread.enter()
  }

  func wake() {
    waker.wake()
  }

  var nowNanoseconds: UInt64 { sps_simulation_now_us(world.handle) * 1000 }

  // The loop of a host; nil: the one of the test's own body.
  func loop(of host: OpaquePointer?, name: String, network: SocketNetwork?) -> SocketLoop {
    if let known = loops.first(where: { $0.host == host }) { return known.loop }
    let loop = SocketLoop(name: name, network: network, thread: thread, driver: self)
    loops.append((host, loop))
    if isEnding { loop.beginShutDown() }
    return loop
  }

  // MARK: Running

  // Runs until the condition holds. Returns false if nothing can happen any more.
  func run(until isDone: () -> Bool) -> Bool {
    while !isDone() {
      let before = transfers
      let hasRun = loops.reduce(false) { $1.loop.drive() || $0 }
      if hasRun || transfers != before || isDone() || advance() { continue }
      if !waitForOthers(until: isDone) { return false }
    }
    return true
  }

  // Receives and sends so far. A handshake moves bytes without an event of the poller. The count
  // shows that progress, after which a socket may be ready again.
  private var transfers: UInt64 {
    sps_simulation_count_calls(world.handle, sps_simulated_call(SPS_CALL_RECEIVE))
      + sps_simulation_count_calls(world.handle, sps_simulated_call(SPS_CALL_SEND))
  }

  // Waits for another thread. Returns false after the time without anything to do. A wake alone
  // does not count: the driver may have handled its message before.
  private func waitForOthers(until isDone: () -> Bool) -> Bool {
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: deadlockTimeout)
    while clock.now < end {
      outside.wait(timeout: clock.now.duration(to: end))
      if isDone() || loops.reduce(false, { $1.loop.drive() || $0 }) { return true }
    }
    return false
  }

  // Advances the clock to the next event or deadline. Returns false if there is none.
  private func advance() -> Bool {
    var next = loops.compactMap { $0.loop.nextDeadline }.min().map { ($0 + 999) / 1000 } ?? .max
    var event: UInt64 = 0
    if sps_simulation_next_event_us(world.handle, &event) == 0 { next = min(next, event) }
    guard next != .max else { return false }
    let now = sps_simulation_now_us(world.handle)
    if next > now { sps_simulation_advance(world.handle, next - now) }
    return true
  }

  // Shuts all loops down, and lets their tasks continue until the body has ended.
  func end(after hasBodyEnded: () -> Bool) {
    isEnding = true
    for (_, loop) in loops { loop.beginShutDown() }
    repeat {
      _ = run { hasBodyEnded() && loops.allSatisfy { $0.loop.isOver } }
    } while !hasBodyEnded()
    loops = []
    thread.leave()
  }
}
