// SPDX-License-Identifier: MIT
import Foundation

/// The tool's output, and its clock.
enum Console {
  /// Prints a line on stdout and flushes it, so a program that reads it gets it at once.
  static func say(_ line: String = "") {
    write(line + "\n", to: STDOUT_FILENO)
  }

  /// Prints a line on stderr.
  static func warn(_ line: String) {
    write(line + "\n", to: STDERR_FILENO)
  }

  /// Prints text on stderr, without a newline.
  static func warn(unfinished text: String) {
    write(text, to: STDERR_FILENO)
  }

  static var stderrIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Writes all bytes. Returns false if the reader has closed its end.
  @discardableResult
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest)
      let count = Foundation.write(descriptor, piece.baseAddress, piece.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { _ = write(UnsafeRawBufferPointer($0), to: descriptor) }
  }
}

/// Measures the seconds since its creation, on a clock that never jumps.
struct Stopwatch {
  private let start = ContinuousClock.now

  var seconds: Double {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }

  /// A text such as `+0.017 s`.
  var text: String { String(format: "+%.3f s", seconds) }
}

/// Sleeps. A signal ends the sleep early.
func pause(milliseconds: Double) {
  usleep(UInt32(milliseconds * 1000))
}
