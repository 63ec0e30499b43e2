// SPDX-License-Identifier: MIT

/// A key or a word of a JSON text, compared by its bytes.
///
/// Swift compares strings by what they look like, and so sorts each one's combining marks, which
/// takes quadratic time for many of them; and two keys that look the same are not the same here.
struct Name: Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
  let bytes: [UInt8]

  init(_ bytes: some Collection<UInt8>) {
    self.bytes = Array(bytes)
  }

  init(stringLiteral text: String) {
    self.init(text.utf8)
  }

  /// In quotes, for a message of one line.
  var description: String { printable(String(decoding: bytes, as: UTF8.self)) }
}
