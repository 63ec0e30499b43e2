// SPDX-License-Identifier: MIT

/// A JSON text (RFC 8259) as a flat list of tokens. Numbers keep all their digits, and objects
/// their order. Nothing recurses, and a text with a million levels is an error.
struct JSONDocument {
  enum Kind: UInt8 {
    case null, `true`, `false`, integer, real, string, escapedString, array, object

    var name: String {
      switch self {
      case .null: "null"
      case .true, .false: "a bool"
      case .integer: "a whole number"
      case .real: "a number with a fraction"
      case .string, .escapedString: "a string"
      case .array: "a list"
      case .object: "an object"
      }
    }
  }

  struct Token {
    let kind: Kind
    /// The text of a number, or of a string without its quotes.
    var begin: UInt32
    var size: UInt32 = 0
    /// The number of elements of a list, or of pairs of an object.
    var count: UInt32 = 0
    /// The token after it and all that it contains.
    var next: UInt32 = 0
  }

  /// Why a text is not JSON, and where.
  struct Fault: Error {
    let offset: Int
    let reason: String
    /// Whether the text ends too early, and more could complete it.
    var isIncomplete = false
  }

  /// The limit of nested lists and objects. 1,024 levels of containers need fewer.
  static let maxDepth = 4096

  let text: UnsafeRawBufferPointer
  /// The first token is the whole text. The elements of each token follow it: for an object, keys
  /// and values.
  let tokens: [Token]
  /// The position of the next text.
  let end: Int

  /// Reads one text. More text may follow.
  ///
  /// - Parameter isAll: whether nothing more can follow `text`.
  init(_ text: UnsafeRawBufferPointer, isAll: Bool) throws(Fault) {
    var parser = JSONParser(text, isAll: isAll)
    self.text = text
    (tokens, end) = try parser.parse()
  }

  func slice(_ token: Int) -> UnsafeRawBufferPointer {
    let begin = Int(tokens[token].begin)
    return UnsafeRawBufferPointer(rebasing: text[begin..<begin + Int(tokens[token].size)])
  }

  func isString(_ token: Int) -> Bool {
    tokens[token].kind == .string || tokens[token].kind == .escapedString
  }

  func isNumber(_ token: Int) -> Bool {
    tokens[token].kind == .integer || tokens[token].kind == .real
  }

  /// Passes the unescaped UTF-8 of a string to `body`.
  func withString<Result>(
    _ token: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    guard tokens[token].kind == .escapedString else { return try body(slice(token)) }
    return try Self.unescaped(slice(token)).withUnsafeBytes(body)
  }

  func string(_ token: Int) -> String {
    withString(token) { String(decoding: $0, as: UTF8.self) }
  }

  func name(_ token: Int) -> Name {
    withString(token) { Name($0) }
  }

  func number(_ token: Int) -> String {
    String(decoding: slice(token), as: UTF8.self)
  }

  // The parser has checked the escapes.
  private static func unescaped(_ text: UnsafeRawBufferPointer) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var at = 0
    while at < text.count {
      guard text[at] == 0x5c else {
        bytes.append(text[at])
        at += 1
        continue
      }
      if text[at + 1] == 0x75 {  // u
        let unit = JSONParser.unit(text, at + 2) ?? 0
        if let low = JSONParser.lowSurrogate(text, at + 6), 0xd800..<0xdc00 ~= unit {
          append(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00), to: &bytes)
          at += 12
        } else {
          append(unit, to: &bytes)
          at += 6
        }
      } else {
        bytes.append(JSONParser.escapes[text[at + 1]] ?? 0)
        at += 2
      }
    }
    return bytes
  }

  private static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
    if let scalar = Unicode.Scalar(scalar) { bytes.append(contentsOf: UTF8.encode(scalar)!) }
  }

  // MARK: Paths

  /// Returns the path from the root to a token, such as `$.players[2].name`.
  func path(to token: Int) -> String {
    var path = "$"
    var at = 0
    while at != token, let step = step(from: at, towards: token) {
      path += step.text
      at = step.token
    }
    return path
  }

  private func step(from container: Int, towards token: Int) -> (text: String, token: Int)? {
    let isObject = tokens[container].kind == .object
    var child = container + 1
    for index in 0..<Int(tokens[container].count) {
      let value = isObject ? child + 1 : child
      if token < Int(tokens[value].next) {
        let text = isObject ? Self.pathStep(string(child)) : "[\(index)]"
        return (text, token == child ? token : value)  // a key is called what its value is
      }
      child = Int(tokens[value].next)
    }
    return nil
  }

  private static func pathStep(_ key: String) -> String {
    let isName =
      !key.isEmpty
      && key.utf8.allSatisfy {
        $0 == 0x24 || $0 == 0x5f || 0x30...0x39 ~= $0 || 0x41...0x5a ~= $0 & ~0x20
      }
    return isName ? ".\(key)" : "[\(printable(key))]"
  }
}

/// Parses a JSON text from its beginning.
struct JSONParser {
  private typealias Fault = JSONDocument.Fault
  private typealias Token = JSONDocument.Token

  private let text: UnsafeRawBufferPointer
  private let isAll: Bool
  private let isCut: Bool
  private var at = 0
  private var tokens: [JSONDocument.Token] = []
  // The lists and objects that have not ended.
  private var open: [Int] = []

  init(_ text: UnsafeRawBufferPointer, isAll: Bool) {
    isCut = text.count > Int(UInt32.max)
    self.text = UnsafeRawBufferPointer(rebasing: text.prefix(Int(UInt32.max)))
    self.isAll = isAll || isCut
  }

  mutating func parse() throws(JSONDocument.Fault) -> (tokens: [JSONDocument.Token], end: Int) {
    repeat {
      try parseValue()
      try finishContainers()
    } while !open.isEmpty
    let isWord = tokens[0].kind.rawValue <= JSONDocument.Kind.real.rawValue
    if isWord, at < text.count, !Self.mayFollowWord(text[at]) {
      throw unexpected("the value's end")
    }
    return (tokens, at)
  }

  // MARK: Pieces

  // A number or word has no end mark, unlike a list or a string. It ends before one of these.
  private static func mayFollowWord(_ character: UInt8) -> Bool {
    isSpace(character) || character == 0x22 || character == 0x5b || character == 0x7b
  }

  private func fault(_ reason: String) -> Fault { Fault(offset: at, reason: reason) }

  private func unexpected(_ wanted: String) -> Fault {
    guard at < text.count else {
      let reason = isCut ? "a text of more than 4 GiB" : "the text ends before \(wanted)"
      return Fault(offset: at, reason: reason, isIncomplete: !isAll)
    }
    let character = text[at]
    let name =
      0x20...0x7e ~= character
      ? "'\(Unicode.Scalar(character))'" : "byte 0x" + String(character, radix: 16)
    return fault("\(name) where \(wanted) should be")
  }

  static func isSpace(_ character: UInt8) -> Bool {
    character == 0x20 || character == 0x09 || character == 0x0a || character == 0x0d
  }

  private mutating func skipSpace() {
    while at < text.count, Self.isSpace(text[at]) { at += 1 }
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard at < text.count, UInt32(text[at]) == character.value else { return false }
    at += 1
    return true
  }

  private mutating func append(_ kind: JSONDocument.Kind, _ begin: Int, _ end: Int) {
    tokens.append(
      Token(
        kind: kind, begin: UInt32(begin), size: UInt32(end - begin), next: UInt32(tokens.count + 1))
    )
  }

  // MARK: Values

  // Parses a whole value, or the begin of containers and the first value in them.
  private mutating func parseValue() throws(JSONDocument.Fault) {
    while true {
      skipSpace()
      guard at < text.count else { throw unexpected("a value") }
      switch text[at] {
      case 0x7b, 0x5b:
        guard try begin(text[at] == 0x7b ? .object : .array) else { return }
      case 0x22: return try parseString()
      case 0x2d, 0x30...0x39: return try parseNumber()
      case 0x74: return try parseWord("true", .true)
      case 0x66: return try parseWord("false", .false)
      case 0x6e: return try parseWord("null", .null)
      default: throw unexpected("a value")
      }
    }
  }

  // Returns true if the container stays open and a value comes next, false if it is empty.
  private mutating func begin(_ kind: JSONDocument.Kind) throws(JSONDocument.Fault) -> Bool {
    guard open.count < JSONDocument.maxDepth else {
      throw fault("more than \(JSONDocument.maxDepth) levels of lists and objects")
    }
    let token = tokens.count
    append(kind, at, at + 1)
    at += 1
    skipSpace()
    if skip(kind == .object ? "}" : "]") { return false }
    open.append(token)
    if kind == .object { try parseKey() }
    return true
  }

  private mutating func parseKey() throws(JSONDocument.Fault) {
    skipSpace()
    guard at < text.count, text[at] == 0x22 else { throw unexpected("a key in quotes") }
    try parseString()
    skipSpace()
    guard skip(":") else { throw unexpected("':'") }
  }

  // After a value: ends containers, and reads the comma before the next value.
  private mutating func finishContainers() throws(JSONDocument.Fault) {
    while let container = open.last {
      let isObject = tokens[container].kind == .object
      tokens[container].count += 1
      skipSpace()
      if skip(",") {
        if isObject { try parseKey() }
        return
      }
      guard skip(isObject ? "}" : "]") else {
        throw unexpected(isObject ? "',' or '}'" : "',' or ']'")
      }
      tokens[container].next = UInt32(tokens.count)
      open.removeLast()
    }
  }

  private mutating func parseWord(
    _ word: String, _ kind: JSONDocument.Kind
  ) throws(JSONDocument.Fault) {
    let begin = at
    for character in word.unicodeScalars {
      guard skip(character) else { throw unexpected(word) }
    }
    append(kind, begin, at)
  }

  // MARK: Numbers

  private mutating func skipDigits() throws(JSONDocument.Fault) {
    guard at < text.count, 0x30...0x39 ~= text[at] else { throw unexpected("a digit") }
    while at < text.count, 0x30...0x39 ~= text[at] { at += 1 }
  }

  private mutating func parseNumber() throws(JSONDocument.Fault) {
    let begin = at
    var kind = JSONDocument.Kind.integer
    _ = skip("-")
    if !skip("0") { try skipDigits() }
    if skip(".") {
      kind = .real
      try skipDigits()
    }
    if skip("e") || skip("E") {
      kind = .real
      if !skip("+") { _ = skip("-") }
      try skipDigits()
    }
    if at == text.count && open.isEmpty && !isAll { throw unexpected("the number's end") }
    append(kind, begin, at)
  }

  // MARK: Strings

  static let escapes: [UInt8: UInt8] = [
    0x22: 0x22, 0x5c: 0x5c, 0x2f: 0x2f, 0x62: 0x08, 0x66: 0x0c, 0x6e: 0x0a, 0x72: 0x0d, 0x74: 0x09,
  ]

  private mutating func parseString() throws(JSONDocument.Fault) {
    at += 1
    let begin = at
    var kind = JSONDocument.Kind.string
    while true {
      while at < text.count, text[at] >= 0x20, text[at] != 0x22, text[at] != 0x5c { at += 1 }
      if skip("\"") { break }
      guard at < text.count else { throw unexpected("the string's end") }
      guard text[at] == 0x5c else { throw fault("a control character in a string") }
      kind = .escapedString
      try skipEscape()
    }
    append(kind, begin, at - 1)
  }

  private mutating func skipEscape() throws(JSONDocument.Fault) {
    guard at + 1 < text.count else {
      at = text.count
      throw unexpected("the string's end")
    }
    guard text[at + 1] == 0x75 else {
      guard Self.escapes[text[at + 1]] != nil else { throw fault("an escape that is none") }
      at += 2
      return
    }
    // An escape is judged only if it is all there, with a second half that may follow.
    guard text.count - at >= 12 || isAll else {
      at = text.count
      throw unexpected("the string's end")
    }
    guard let unit = Self.unit(text, at + 2) else { throw fault("\\u without four hex digits") }
    if 0xd800..<0xdc00 ~= unit, Self.lowSurrogate(text, at + 6) != nil {
      at += 12
    } else if 0xd800..<0xe000 ~= unit {
      throw fault("half of a surrogate pair")
    } else {
      at += 6
    }
  }

  // Returns the four hex digits at `position`.
  static func unit(_ text: UnsafeRawBufferPointer, _ position: Int) -> UInt32? {
    guard position + 4 <= text.count else { return nil }
    var unit: UInt32 = 0
    for index in position..<position + 4 {
      guard let digit = TextCoding.hexDigit(text[index]) else { return nil }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }

  // Returns the low surrogate that is escaped at `position`.
  static func lowSurrogate(_ text: UnsafeRawBufferPointer, _ position: Int) -> UInt32? {
    guard position + 6 <= text.count, text[position] == 0x5c, text[position + 1] == 0x75,
      let unit = unit(text, position + 2), 0xdc00..<0xe000 ~= unit
    else { return nil }
    return unit
  }
}
