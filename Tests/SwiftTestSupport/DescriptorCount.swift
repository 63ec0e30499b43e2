// SPDX-License-Identifier: MIT
//
// No test leaves a socket or a poller open.
import Foundation
import Testing

/// Tests run in parallel, so descriptors are counted whenever no test runs, at the latest after the
/// last one. Then there must be as many as before that group of tests. Threads are not counted,
/// because Dispatch starts and ends its own at any time.
public final class DescriptorCount: @unchecked Sendable {
  static let shared = DescriptorCount(patience: .seconds(20))

  private let patience: Duration
  private let lock = NSLock()
  private var before: Set<String> = []
  private var running = 0
  private var names: [String] = []

  /// Time for descriptors that close by themselves, such as those of a look-up.
  public init(patience: Duration) {
    self.patience = patience
    // Dispatch opens its own descriptors for its first timer.
    let warm = DispatchSemaphore(value: 0)
    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(1)) { warm.signal() }
    warm.wait()
  }

  /// A test begins.
  public func begin(_ name: String) {
    lock.withLock {
      if running == 0 {
        before = openDescriptors()
        names = []
      }
      running += 1
      names.append(name)
    }
  }

  /// A test has ended.
  public func end() {
    lock.withLock {
      running -= 1
      guard running == 0 else { return }
      let deadline = ContinuousClock.now + patience
      var left = openDescriptors().subtracting(before)
      while !left.isEmpty && ContinuousClock.now < deadline {
        usleep(500)
        left = openDescriptors().subtracting(before)
      }
      let tests = names.joined(separator: ", ")
      #expect(left.isEmpty, "left open by one of: \(tests): \(left.sorted())")
    }
  }
}

/// Sockets, and the descriptors of pollers. (The library owns no files.)
private func openDescriptors() -> Set<String> {
  let folder = "/proc/self/fd"
  let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  let kinds = ["socket:", "anon_inode:[eventpoll]", "anon_inode:[eventfd]"]
  return Set(
    entries.compactMap { entry in
      let target = try? FileManager.default.destinationOfSymbolicLink(
        atPath: "\(folder)/\(entry)")
      guard let target, kinds.contains(where: target.hasPrefix) else { return nil }
      return "\(entry) \(target)"
    })
}
