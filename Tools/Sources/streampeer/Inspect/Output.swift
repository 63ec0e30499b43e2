// SPDX-License-Identifier: MIT
import Foundation

/// Stdout, written in large pieces.
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

  /// Writes the pending bytes.
  func flush() throws {
    send()
    if isBroken { throw ToolError("nobody reads stdout any more") }
  }

  private func send() {
    isBroken = isBroken || !waiting.withUnsafeBytes { Console.write($0, to: STDOUT_FILENO) }
    waiting.removeAll(keepingCapacity: true)
  }

  // MARK: Texts

  /// Appends UTF-8 in double quotes, with the escapes that JSON and GDScript share.
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
  /// The character, or its escape. Escapes are for characters that have a meaning in quotes,
  /// control a terminal, reverse a line, or are invisible.
  fileprivate var printable: String {
    switch value {
    case 0x22, 0x5c: "\\\(self)"
    case 0x08: "\\b"
    case 0x09: "\\t"
    case 0x0a: "\\n"
    case 0x0c: "\\f"
    case 0x0d: "\\r"
    case 0x20..<0x7f: String(self)
    default: isVisible ? String(self) : escape
    }
  }

  // Joiners (U+200C, U+200D) only shape adjacent letters and emojis.
  private var isVisible: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
    case .format: value == 0x200c || value == 0x200d
    default: true
    }
  }

  private var escape: String {
    UTF16.encode(self)!.map { unit in
      let digits = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
  }
}

/// Quotes a text from the input, for a message of one line.
func printable(_ text: String) -> String {
  let most = 40
  let start = text.unicodeScalars.prefix(most).map(\.printable).joined()
  let isAbridged = text.unicodeScalars.dropFirst(most).first != nil
  return "\"" + start + (isAbridged ? "…" : "") + "\""
}
