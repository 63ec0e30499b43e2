// SPDX-License-Identifier: MIT

/// Converts bytes to text that people can paste, and back.
enum TextCoding {
  case hex, base64

  struct Fault: Error {
    let reason: String
  }

  func decode(_ text: some Collection<UInt8>) throws(Fault) -> [UInt8] {
    switch self {
    case .hex: try Self.decodeHex(text)
    case .base64: try Self.decodeBase64(text)
    }
  }

  /// Encodes bytes, without a newline.
  func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
    switch self {
    case .hex: Self.encodeHex(bytes)
    case .base64: Self.encodeBase64(bytes)
    }
  }

  private static func isSpace(_ character: UInt8) -> Bool {
    character == 0x20 || 0x09...0x0d ~= character
  }

  private static func unexpected(_ character: UInt8, _ position: Int, _ what: String) -> Fault {
    let name =
      0x21...0x7e ~= character
      ? "'\(Unicode.Scalar(character))'" : "byte 0x" + String(character, radix: 16)
    return Fault(reason: "\(name) at character \(position + 1) is no \(what)")
  }

  // MARK: Hex

  private static let hexDigits = Array("0123456789abcdef".utf8)
  // Separators between bytes in source code, logs and dumps.
  private static let separators = Set(",:;-_.{}[]()<>\"'".utf8)

  private static func encodeHex(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.count)
    for byte in bytes {
      text.append(hexDigits[Int(byte >> 4)])
      text.append(hexDigits[Int(byte & 15)])
    }
    return text
  }

  static func hexDigit(_ character: UInt8) -> UInt8? {
    switch character {
    case 0x30...0x39: character - 0x30
    case 0x41...0x46: character - 0x41 + 10
    case 0x61...0x66: character - 0x61 + 10
    default: nil
    }
  }

  // Digits pair up across spaces and separators. "0x" and "\x" begin a byte. After one of them, a
  // single digit is a byte.
  private static func decodeHex(_ text: some Collection<UInt8>) throws(Fault) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    var half: UInt8?
    var isPrefixed = false
    var last: UInt8 = 0
    for (position, character) in text.enumerated() {
      if let digit = hexDigit(character) {
        if let high = half { bytes.append(high << 4 | digit) }
        half = half == nil ? digit : nil
      } else if character | 0x20 == 0x78 {  // x
        guard last == 0x5c && half == nil || last == 0x30 && half == 0 else {
          throw unexpected(character, position, "hex digit")
        }
        half = nil
        isPrefixed = true
      } else if character == 0x5c || separators.contains(character) || isSpace(character) {
        if isPrefixed, let digit = half {
          bytes.append(digit)
          half = nil
        }
        isPrefixed = false
      } else {
        throw unexpected(character, position, "hex digit")
      }
      last = character
    }
    if isPrefixed, let digit = half {
      bytes.append(digit)
      half = nil
    }
    guard half == nil else { throw Fault(reason: "an odd number of hex digits") }
    return bytes
  }

  // MARK: Base64

  private static let base64Digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  private static func encodeBase64(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var bits: UInt32 = 0
    var count = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 1
      if count == 3 {
        append(bits, 4, to: &text)
        (bits, count) = (0, 0)
      }
    }
    if count > 0 {
      append(bits << (count == 1 ? 16 : 8), count + 1, to: &text)
      text.append(contentsOf: repeatElement(0x3d, count: 3 - count))
    }
    return text
  }

  private static func append(_ bits: UInt32, _ digits: Int, to text: inout [UInt8]) {
    for digit in 0..<digits {
      text.append(base64Digits[Int(bits >> (18 - 6 * digit) & 63)])
    }
  }

  private static func base64Digit(_ character: UInt8) -> UInt32? {
    switch character {
    case 0x41...0x5a: UInt32(character) - 0x41
    case 0x61...0x7a: UInt32(character) - 0x61 + 26
    case 0x30...0x39: UInt32(character) - 0x30 + 52
    case 0x2b, 0x2d: 62  // + and, in URLs, -
    case 0x2f, 0x5f: 63  // / and _
    default: nil
    }
  }

  // Accepts either alphabet, padded or not. After padding another text may begin.
  private static func decodeBase64(_ text: some Collection<UInt8>) throws(Fault) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var (bits, digits, padding): (UInt32, Int, Int) = (0, 0, 0)
    for (position, character) in text.enumerated() where !isSpace(character) {
      if character == 0x3d, digits + padding > 1 {
        padding += 1
      } else if let digit = base64Digit(character), padding == 0 {
        bits = bits << 6 | digit
        digits += 1
      } else {
        throw unexpected(character, position, "base64 digit here")
      }
      if digits + padding == 4 {
        try finish(bits, digits, &bytes)
        (bits, digits, padding) = (0, 0, 0)
      }
    }
    guard padding == 0 else { throw Fault(reason: "the base64 ends inside its padding") }
    try finish(bits, digits, &bytes)
    return bytes
  }

  // Converts two to four digits to one to three bytes.
  private static func finish(
    _ bits: UInt32, _ digits: Int, _ bytes: inout [UInt8]
  ) throws(Fault) {
    guard digits != 1 else { throw Fault(reason: "the base64 ends inside a byte") }
    guard digits > 0 else { return }
    let aligned = bits << (6 * (4 - digits))
    let rest = digits == 4 ? 0 : aligned & (digits == 3 ? 0xff : 0xffff)
    guard rest == 0 else { throw Fault(reason: "bits of the last base64 digit are left over") }
    for byte in 0..<digits - 1 {
      bytes.append(UInt8(truncatingIfNeeded: aligned >> (16 - 8 * byte)))
    }
  }
}
