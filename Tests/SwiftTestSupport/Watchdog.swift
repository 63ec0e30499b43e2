// SPDX-License-Identifier: MIT
import Foundation
public import Testing

/// Ends the run if a test hangs, for example in a get without bytes. (A time limit of Swift Testing
/// cannot interrupt such a call.) A test fails if it leaves something open.
public struct Watchdog: SuiteTrait, TestTrait, TestScoping {
  /// It holds for every test of a suite.
  public var isRecursive: Bool { true }

  /// Runs a test under the watchdog.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let bark = DispatchWorkItem { fatalError("\(test.name) hangs") }
    DispatchQueue.global().asyncAfter(deadline: .now() + 300, execute: bark)
    DescriptorCount.shared.begin(test.name)
    defer {
      bark.cancel()
      DescriptorCount.shared.end()
    }
    try await function()
  }
}

extension Trait where Self == Watchdog {
  /// See ``Watchdog``.
  public static var watchdog: Self { Watchdog() }
}
