// SPDX-License-Identifier: MIT

/// A key or a word of a JSON text, compared by its bytes.
///
/// Swift compares strings by their canonical form. For that it sorts combining marks, in quadratic
/// time. Two keys of the same appearance can also be different keys here.
struct Name: Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
  let bytes: [UInt8]

  init(_ bytes: some Collection<UInt8>) {
    self.bytes = Array(bytes)
  }

  init(stringLiteral text: String) {
    self.init(text.utf8)
  }

  /// The name in quotes, for a message of one line.
  var description: String { printable(String(decoding: bytes, as: UTF8.self)) }
}
