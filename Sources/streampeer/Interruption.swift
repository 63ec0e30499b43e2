// SPDX-License-Identifier: MIT
import Foundation

/// Notes SIGINT and SIGTERM instead of dying of them.
enum Interruption {
  // Written by the handler: the one type that POSIX lets a handler write.
  nonisolated(unsafe) private static var noted: sig_atomic_t = 0

  static var came: Bool { noted != 0 }

  static func watch() {
    noted = 0
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in Interruption.noted = 1 }
    }
  }
}
