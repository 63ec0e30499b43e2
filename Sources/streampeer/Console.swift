// SPDX-License-Identifier: MIT
import Foundation

/// What the tool prints, and the clock it prints by.
enum Console {
  /// A line on stdout, flushed, so that a program that reads it has it at once.
  static func say(_ line: String = "") {
    write(line + "\n", to: STDOUT_FILENO)
  }

  /// A line on stderr.
  static func warn(_ line: String) {
    write(line + "\n", to: STDERR_FILENO)
  }

  /// Text on stderr, without a line's end.
  static func warn(unfinished text: String) {
    write(text, to: STDERR_FILENO)
  }

  static var stderrIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Writes all bytes; false when nobody reads them any more.
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

/// Seconds since it was made, on a clock that never jumps.
struct Stopwatch {
  private let start = ContinuousClock.now

  var seconds: Double {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }

  /// Such as `+0.017 s`.
  var text: String { String(format: "+%.3f s", seconds) }
}

/// Sleeps; a signal ends it early.
func pause(milliseconds: Double) {
  usleep(UInt32(milliseconds * 1000))
}
