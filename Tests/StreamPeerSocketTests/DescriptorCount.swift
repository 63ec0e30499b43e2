// SPDX-License-Identifier: MIT
//
// No test leaves a socket or a poller open.
import Foundation
import Testing

/// Tests run side by side, so descriptors are counted whenever none of them runs, at the latest after the
/// last: then there must be as many as before the first of those that ran at once. Threads are not counted,
/// since Dispatch starts and ends its own as it likes.
final class DescriptorCount: @unchecked Sendable {
  static let shared = DescriptorCount(patience: .seconds(20))

  private let patience: Duration
  private let lock = NSLock()
  private var before: Set<String> = []
  private var running = 0
  private var names: [String] = []

  /// What closes by itself, such as what a look-up has, has so much time.
  init(patience: Duration) {
    self.patience = patience
    // Dispatch opens what it waits in for its first timer.
    let warm = DispatchSemaphore(value: 0)
    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(1)) { warm.signal() }
    warm.wait()
  }

  func begin(_ name: String) {
    lock.withLock {
      if running == 0 {
        before = openDescriptors()
        names = []
      }
      running += 1
      names.append(name)
    }
  }

  func end() {
    lock.withLock {
      running -= 1
      guard running == 0 else { return }
      let deadline = ContinuousClock.now + patience
      var left = openDescriptors().subtracting(before)
      while !left.isEmpty && ContinuousClock.now < deadline {
        pauseBriefly()
        left = openDescriptors().subtracting(before)
      }
      let tests = names.joined(separator: ", ")
      #expect(left.isEmpty, "left open by one of: \(tests): \(left.sorted())")
    }
  }
}

/// Sockets, and what a poller waits in and is woken by. (Files are none of the library's.)
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
