// SPDX-License-Identifier: MIT
import Foundation

/// The progress of a long step, on stderr: a bar on a terminal, otherwise plain lines.
struct Progress {
  private let title: String
  private let total: Int
  private let watch = Stopwatch()
  private var shown = -1

  init(_ title: String, total: Int) {
    self.title = title
    self.total = total
  }

  mutating func update(_ done: Int) {
    let step = Console.stderrIsTerminal ? 1 : 25
    let percent = done * 100 / total / step * step
    guard percent > shown else { return }
    shown = percent
    if Console.stderrIsTerminal {
      let bar = String(repeating: "#", count: percent / 4).padding(
        toLength: 25, withPad: ".", startingAt: 0)
      let end = percent == 100 ? "\n" : ""
      Console.warn(unfinished: "\r  \(title) [\(bar)] \(percent) %\(end)")
    } else {
      Console.warn("  \(title) \(percent) %")
    }
  }

  /// A text such as `2.31 GiB/s`.
  var rate: String {
    String(format: "%.2f GiB/s", Double(total) / Double(1 << 30) / watch.seconds)
  }
}
