// SPDX-License-Identifier: MIT
internal import StreamPeerSocketTesting
public import Testing

/// Runs a test in a simulated network. See `withSimulation(seed:deadlockTimeout:_:)` of
/// `StreamPeerSocketTesting`.
///
/// ```swift
/// @Test(.simulatedNetwork(seed: 42))
/// func aClientConnects() async throws {
///   let server = try #require(Simulation.current.addHost("server", "10.0.0.1")).loop
///   // ...
/// }
/// ```
///
/// Each test, and each test case of its arguments, has a simulation of its own.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
public struct SimulatedNetworkTrait: TestTrait, SuiteTrait, TestScoping {
  let seed: UInt64

  /// It holds for every test of a suite.
  public var isRecursive: Bool { true }

  /// Runs a test on the thread of its simulation.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    try await withoutActuallyEscaping(function) { function in
      try await withSimulation(seed: seed) { simulation in
        try await Simulation.withCurrent(simulation) { try await function() }
      }
    }
  }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension Trait where Self == SimulatedNetworkTrait {
  /// See ``SimulatedNetworkTrait``.
  ///
  /// - Parameter seed: the seed of the simulation's random numbers.
  public static func simulatedNetwork(seed: UInt64 = 0) -> Self {
    SimulatedNetworkTrait(seed: seed)
  }
}
