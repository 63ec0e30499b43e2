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

  /// UTF-8 in double quotes, in the escapes that JSON and GDScript share. What would steer a
  /// terminal, or turn a line around, is escaped, too.
  func append(quoted text: UnsafeRawBufferPointer) {
    append("\"")
    if text.allSatisfy({ 0x20...0x7e ~= $0 && $0 != 0x22 && $0 != 0x5c }) {
      append(text)
    } else {
      for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
        append(escaped(scalar))
      }
    }
    append("\"")
  }

  private func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    case 0x22, 0x5c: return "\\\(scalar)"
    case 0x08: return "\\b"
    case 0x09: return "\\t"
    case 0x0a: return "\\n"
    case 0x0c: return "\\f"
    case 0x0d: return "\\r"
    case 0..<0x20, 0x7f..<0xa0, 0x2028...0x202e, 0x2066...0x2069:
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: return String(scalar)
    }
  }
}
