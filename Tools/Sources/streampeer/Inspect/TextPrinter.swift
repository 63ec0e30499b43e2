// SPDX-License-Identifier: MIT
import CSocketCore
import StreamPeerSocket

/// Prints values like Godot's `var_to_str`, but each element on a separate line. A deviation on the
/// wire that does not change the value follows after a `#`.
struct TextPrinter {
  private let out: Output
  private let writer: ItemWriter
  private let showsOffsets: Bool
  private var closers: [String] = []
  private var notes: [String] = []
  private var isInLine = false
  private var justOpenedEmpty = false

  init(_ out: Output, _ writer: ItemWriter, showsOffsets: Bool) {
    (self.out, self.writer, self.showsOffsets) = (out, writer, showsOffsets)
  }

  /// - Parameter base: the position of the value in the whole input.
  mutating func print(_ step: ItemWalk.Step, base: Int) {
    let item = step.item
    if item.ends {
      let closer = closers.removeLast()
      if !justOpenedEmpty { beginLine(base + step.offset) }
      out.append(closer)
    } else {
      if step.place != .value { beginLine(base + step.offset) }
      if !writer.isUsual(step) { notes.append("as \(abridgedHex(step.bytes))") }
      item.begins ? printOpener(item) : printValue(item)
    }
    justOpenedEmpty = item.begins && item.count == 0
    if item.begins && item.count > 0 {
      endLine()
    } else if !item.begins {
      complete(step)
    }
  }

  /// Ends the line of a value that cannot be read further.
  mutating func breakOff() {
    if isInLine { endLine() }
    closers = []
  }

  private mutating func complete(_ step: ItemWalk.Step) {
    if step.place == .key || step.place == .name {
      out.append(": ")
      return
    }
    if step.left > 0 { out.append(",") }
    endLine()
  }

  /// The limit of indentation. A thousand levels would otherwise be mostly spaces.
  private static let mostIndented = 40

  private mutating func beginLine(_ offset: Int) {
    if showsOffsets {
      let digits = String(offset, radix: 16)
      out.append(String(repeating: "0", count: max(0, 8 - digits.count)) + digits + "  ")
    }
    out.append(String(repeating: "  ", count: min(closers.count, Self.mostIndented)))
    isInLine = true
  }

  private mutating func endLine() {
    if !notes.isEmpty { out.append("  # " + notes.joined(separator: "; ")) }
    notes = []
    out.append("\n")
    isInLine = false
  }

  private func abridgedHex(_ bytes: UnsafeRawBufferPointer) -> String {
    let most = 32
    let text = String(decoding: TextCoding.hex.encode(bytes.prefix(most)), as: UTF8.self)
    return bytes.count > most ? text + "…" : text
  }

  // MARK: Containers

  private mutating func printOpener(_ item: sps_variant_item) {
    switch item.variantType {
    case .object:
      out.append("Object(")
      printName(item.bytes)
      out.append(item.count > 0 ? "," : "")
      closers.append(")")
    case .dictionary where item.key.isTyped || item.value.isTyped:
      out.append("Dictionary[")
      printType(item.key)
      out.append(", ")
      printType(item.value)
      out.append("]({")
      closers.append("})")
    case .dictionary:
      out.append("{")
      closers.append("}")
    case _ where item.value.isTyped:
      out.append("Array[")
      printType(item.value)
      out.append("]([")
      closers.append("])")
    default:
      out.append("[")
      closers.append("]")
    }
  }

  private func printType(_ element: sps_variant_element) {
    switch Int(element.kind) {
    case Int(SPS_VARIANT_BUILTIN): out.append((VariantType(rawValue: element.type) ?? .nil).name)
    case Int(SPS_VARIANT_CLASS): printName(element.text)
    case Int(SPS_VARIANT_SCRIPT):
      out.append("Resource(")
      out.append(quoted: element.text)
      out.append(")")
    default: out.append("Variant")
    }
  }

  // A class name. The sender can choose any text.
  private func printName(_ name: UnsafeRawBufferPointer) {
    let isIdentifier =
      !name.isEmpty
      && name.allSatisfy { $0 == 0x5f || 0x30...0x39 ~= $0 || 0x41...0x5a ~= $0 & ~0x20 }
    isIdentifier ? out.append(name) : out.append(quoted: name)
  }

  // MARK: Values

  private mutating func printValue(_ item: sps_variant_item) {
    switch item.variantType {
    case .nil: out.append("null")
    case .bool: out.append(item.integer != 0 ? "true" : "false")
    case .int:
      out.append("\(item.integer)")
      if item.isWide && !item.integer.isUsuallyWide { notes.append("64 bits") }
    case .float: printFloat(item)
    case .string: out.append(quoted: item.bytes)
    case .stringName:
      out.append("&")
      out.append(quoted: item.bytes)
    case .nodePath: printPath(item)
    case .rid: out.append(item.integer == 0 ? "RID()" : "RID(\(item.id))")
    case .object: out.append("EncodedObjectAsID(\(item.id))")
    case .callable: out.append("Callable()")
    case .signal: printSignal(item)
    default: printNumbers(item)
    }
  }

  private mutating func printFloat(_ item: sps_variant_item) {
    switch item.number {
    case .float(let value): printFloat(value, item)
    case .double(let value): printFloat(value, item)
    case .integer: break
    }
  }

  private mutating func printFloat(_ value: some WireReal, _ item: sps_variant_item) {
    // All digits, because Godot and JSON both read it as 64 bits.
    out.append(value.isFinite ? item.real.description : value.godotName)
    if item.isWide != item.real.isUsuallyWide {
      notes.append(item.isWide ? "64 bits" : "32 bits")
    }
    if value.isNaN && value.nameOfNoNumber != "nan" { notes.append(value.bitsText) }
  }

  private func printPath(_ item: sps_variant_item) {
    out.append("^")
    pathText(item).withUnsafeBytes { out.append(quoted: $0) }
  }

  private func printSignal(_ item: sps_variant_item) {
    out.append("Signal(")
    if !item.bytes.isEmpty || item.id != 0 {
      out.append(quoted: item.bytes)
      out.append(", \(item.id)")
    }
    out.append(")")
  }

  private mutating func printNumbers(_ item: sps_variant_item) {
    out.append(item.variantType.name + "(")
    var isFirst = true
    let separate = { [out] in
      if !isFirst { out.append(", ") }
      isFirst = false
    }
    if let shape = NumberShape(item.variantType) {
      item.forEachNumber(shape) {
        separate()
        out.append($1.godotText)
      }
    } else {
      for text in item.texts {
        separate()
        out.append(quoted: text)
      }
    }
    out.append(")")
    if item.isWide { notes.append("64 bits") }
  }
}

extension sps_variant_item {
  var id: UInt64 { UInt64(bitPattern: integer) }

  /// The key type of a typed dictionary.
  var key: sps_variant_element {
    get { sps_variant_element(key_kind, key_type, key_name, key_name_bytes) }
    set {
      key_kind = newValue.kind
      key_type = newValue.type
      key_name = newValue.name
      key_name_bytes = newValue.name_bytes
    }
  }

  /// The element type of a typed array, or the value type of a typed dictionary.
  var value: sps_variant_element {
    get { sps_variant_element(value_kind, value_type, value_name, value_name_bytes) }
    set {
      value_kind = newValue.kind
      value_type = newValue.type
      value_name = newValue.name
      value_name_bytes = newValue.name_bytes
    }
  }
}

extension sps_variant_element {
  fileprivate init(
    _ kind: sps_variant_element_kind, _ type: sps_variant_type, _ name: UnsafePointer<CChar>?,
    _ bytes: Int
  ) {
    self.init()
    struct_size = UInt32(MemoryLayout<Self>.size)
    self.kind = kind
    self.type = type
    self.name = name
    name_bytes = bytes
  }

  var isTyped: Bool { kind != sps_variant_element_kind(SPS_VARIANT_ANY) }
  var text: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: name, count: name_bytes) }
}

/// Returns a node path as Godot prints it.
func pathText(_ item: sps_variant_item) -> [UInt8] {
  let texts = item.texts
  let names = texts.prefix(Int(item.count)).map(Array.init).joined(separator: "/".utf8)
  let subnames = texts.dropFirst(Int(item.count)).flatMap { Array(":".utf8) + $0 }
  return (item.has(Int(SPS_VARIANT_ABSOLUTE)) ? Array("/".utf8) : []) + names + subnames
}

extension WireReal {
  fileprivate var godotName: String { isNaN ? "nan" : self < 0 ? "inf_neg" : "inf" }
}

extension Number {
  fileprivate var godotText: String {
    switch self {
    case .float(let value): value.isFinite ? value.shortText : value.godotName
    case .double(let value): value.isFinite ? value.shortText : value.godotName
    case .integer(let value): value.description
    }
  }
}
