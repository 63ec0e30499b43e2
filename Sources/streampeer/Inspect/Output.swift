// SPDX-License-Identifier: MIT
import Foundation

/// Stdout, in pieces that are large enough to be fast.
final class Output {
  private static let pieceBytes = 1 << 16
  private var waiting: [UInt8] = []
  private var isBroken = false

  func append(_ text: String) {
    append(text.utf8)
  }

  func append(_ bytes: some Collection<UInt8>) {
    waiting.append(contentsOf: bytes)
    if waiting.count >= Self.pieceBytes { send() }
  }

  /// Writes what waits.
  func flush() throws {
    send()
    if isBroken { throw ToolError("nobody reads stdout any more") }
  }

  private func send() {
    isBroken = isBroken || !waiting.withUnsafeBytes { Console.write($0, to: STDOUT_FILENO) }
    waiting.removeAll(keepingCapacity: true)
  }

  // MARK: Texts

  /// UTF-8 in double quotes, in the escapes that JSON and GDScript share.
  func append(quoted text: UnsafeRawBufferPointer) {
    append("\"")
    if text.allSatisfy({ 0x20...0x7e ~= $0 && $0 != 0x22 && $0 != 0x5c }) {
      append(text)
    } else {
      for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
        append(scalar.printable)
      }
    }
    append("\"")
  }
}

extension Unicode.Scalar {
  /// Itself, or an escape of what has a meaning in quotes, and of what would steer a terminal or
  /// turn a line around.
  fileprivate var printable: String {
    switch value {
    case 0x22, 0x5c: return "\\\(self)"
    case 0x08: return "\\b"
    case 0x09: return "\\t"
    case 0x0a: return "\\n"
    case 0x0c: return "\\f"
    case 0x0d: return "\\r"
    case 0..<0x20, 0x7f..<0xa0, 0x2028...0x202e, 0x2066...0x2069:
      let digits = String(value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: return String(self)
    }
  }
}

/// A stranger's text in quotes, for a message of one line.
func printable(_ text: String) -> String {
  let most = 40
  let start = text.unicodeScalars.prefix(most).map(\.printable).joined()
  let isAbridged = text.unicodeScalars.dropFirst(most).first != nil
  return "\"" + start + (isAbridged ? "…" : "") + "\""
}
