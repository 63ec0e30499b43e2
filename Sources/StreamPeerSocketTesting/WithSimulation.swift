// SPDX-License-Identifier: MIT
internal import StreamPeerSocket
internal import Synchronization

/// Nothing more can happen in a simulation, and its body still waits.
public struct SimulationDeadlock: Error, CustomStringConvertible {
  /// A sentence for the test's report.
  public var description: String {
    "the tasks of the simulation wait, and nothing can happen that ends a wait"
  }
}

/// Runs an async test in a simulated network, from a seed.
///
/// The body creates hosts, and runs programs on their loops. All of them run on one thread, and the
/// clock advances when all wait. So a run depends only on the body and the seed, and a minute costs
/// no time:
///
/// ```swift
/// try await withSimulation(seed: 42) { simulation in
///   let server = try #require(simulation.addHost("server", "10.0.0.1")).loop
///   let phone = try #require(simulation.addHost("phone", "10.0.0.2")).loop
///   let listener = try await Listener.tcp(port: 80, coding: .lines, on: server)
///   async let accepted = listener.accept()
///   let client = try await Connection.tcp("server", port: 80, coding: .lines, on: phone)
///   // ...
///   try await Task.sleep(for: .seconds(60), clock: phone.clock)
/// }
/// ```
///
/// Pass the loop of a host to each connection and listener, or call
/// ``SimulatedHost/run(_:)``. Sleep on the clock of a loop. `Task.sleep(for:)` without a clock
/// sleeps in real time, which the simulation does not wait for.
///
/// When the body has returned, everything on the loops is closed. Tasks of the body's own that run
/// on other threads must have ended by then. The call ends with its body, so a body that ignores
/// its cancellation holds it up.
///
/// - Parameters:
///   - seed: the seed of the random numbers.
///   - deadlockTimeout: real time. If all tasks wait and nothing can happen, another thread may
///     still let one continue. After this time without it, the simulation is in a deadlock.
///   - body: the test. It uses the simulation on its own thread.
/// - Returns: the result of `body`.
/// - Throws: the error of `body`, or ``SimulationDeadlock`` if it waits and nothing can happen. The
///   task of the body is cancelled then.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
public func withSimulation<Result: Sendable>(
  seed: UInt64 = 0, deadlockTimeout: Duration = .seconds(10),
  _ body: @escaping @Sendable (Simulation) async throws -> Result
) async throws -> Result {
  let thread = SocketLoop(name: "simulation")
  let interruption = Interruption()
  let task = Task(executorPreference: thread) {
    try run(seed: seed, deadlockTimeout, interruption, body)
  }
  let result = await withTaskCancellationHandler {
    await task.result
  } onCancel: {
    task.cancel()
    interruption.wake()
  }
  await thread.shutDown()
  return try result.get()
}

// Occupies the calling thread until the body has ended.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
private func run<Result: Sendable>(
  seed: UInt64, _ deadlockTimeout: Duration, _ interruption: Interruption,
  _ body: @escaping @Sendable (Simulation) async throws -> Result
) throws -> Result {
  let world = World(seed: seed, callMicroseconds: 0, longestWaitMicroseconds: 0, trace: nil)
  let driver = SimulationDriver(world, deadlockTimeout: deadlockTimeout)
  interruption.begin(driver)
  let outcome = Outcome<Result>()
  let main = driver.loop(of: nil, name: "test", network: nil)
  // The world stays on this thread, as the task does.
  nonisolated(unsafe) let simulation = Simulation(world, driver: driver)
  let task = Task(executorPreference: main) {
    do {
      outcome.result = .success(try await body(simulation))
    } catch {
      outcome.result = .failure(error)
    }
  }
  let hasEnded = { outcome.result != nil }
  let isDeadlock = !driver.run { hasEnded() || Task.isCancelled }
  let isCancelled = !isDeadlock && !hasEnded()
  if isDeadlock || isCancelled { task.cancel() }
  driver.end(after: hasEnded)
  if isDeadlock { throw SimulationDeadlock() }
  if isCancelled { throw CancellationError() }
  return try outcome.result!.get()
}

// Lets another thread end the wait of a driver.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
private final class Interruption: Sendable {
  private let driver = Mutex<SimulationDriver?>(nil)

  func begin(_ driver: SimulationDriver) {
    self.driver.withLock { $0 = driver }
  }

  func wake() {
    driver.withLock { $0 }?.wake()
  }
}

// Only the simulation's thread uses it.
private final class Outcome<Value: Sendable>: @unchecked Sendable {
  var result: Result<Value, any Error>?
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension SimulatedHost {
  /// Runs an operation on the loop of this host. Connections and listeners that name no loop are
  /// made there.
  ///
  /// - Returns: the result of `operation`.
  public nonisolated(nonsending) func run<Result: Sendable>(
    _ operation: @concurrent @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withTaskExecutorPreference(loop) { try await operation() }
  }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension Simulation {
  @TaskLocal private static var shared: Shared?

  // Only the simulation's thread reads it: `current` checks this.
  private struct Shared: @unchecked Sendable {
    let simulation: Simulation
  }

  /// The simulation of the current test. The trait `.simulatedNetwork(seed:)` of
  /// `StreamPeerSocketTestingTraits` sets it.
  ///
  /// Outside of such a test, or on another thread, it stops the program.
  public static var current: Simulation {
    guard let simulation = shared?.simulation, simulation.driver?.thread.isCurrent == true else {
      preconditionFailure("there is no simulation on this thread")
    }
    return simulation
  }

  /// Runs a body with ``current``.
  package static func withCurrent(
    _ simulation: Simulation, _ body: () async throws -> Void
  ) async throws {
    try await $shared.withValue(Shared(simulation: simulation)) { try await body() }
  }
}
