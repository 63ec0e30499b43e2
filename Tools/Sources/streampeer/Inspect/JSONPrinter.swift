// SPDX-License-Identifier: MIT
import CSocketCore
import StreamPeerSocket

/// Prints values as JSON, one a line. `JSONEncoding` makes the same bytes of it. A value without an
/// equivalent in plain JSON is an object with the key "$type".
struct JSONPrinter {
  private let out: Output
  private let writer: ItemWriter
  private var forms: ArraySlice<Survey.Form> = []
  private var levels: [Level] = []

  private struct Level {
    let closer: String
    let isPairs: Bool
  }

  init(_ out: Output, _ writer: ItemWriter) {
    (self.out, self.writer) = (out, writer)
  }

  mutating func begin(_ survey: Survey) {
    forms = survey.forms[...]
  }

  mutating func print(_ step: ItemWalk.Step) {
    if step.item.ends {
      out.append(levels.removeLast().closer)
    } else {
      printSeparator(before: step)
      let raw = writer.isUsual(step) ? nil : step.bytes
      step.item.begins ? printOpener(step.item, raw) : printValue(step.item, raw)
    }
    if step.item.begins { return }
    switch step.place {
    case .value where levels.last?.isPairs == true: out.append("]")
    case .top: out.append("\n")
    default: break
    }
  }

  private func printSeparator(before step: ItemWalk.Step) {
    let isInPairs = levels.last?.isPairs == true
    switch step.place {
    case .top: break
    case .element: out.append(step.isFirst ? "" : ",")
    case .key, .name: out.append((step.isFirst ? "" : ",") + (isInPairs ? "[" : ""))
    case .value: out.append(isInPairs ? "," : ":")
    }
  }

  // MARK: Tagged objects

  private func beginTag(_ type: VariantType, _ raw: UnsafeRawBufferPointer?) {
    out.append("{\"\(typeKey)\":\"\(type.name)\"")
    guard let raw else { return }
    out.append(",\"raw\":\"")
    out.append(TextCoding.hex.encode(raw))
    out.append("\"")
  }

  private func printField(_ name: String) {
    out.append(",\"\(name)\":")
  }

  private func printElement(_ name: String, _ element: sps_variant_element) {
    guard element.isTyped else { return }
    printField(name)
    switch Int(element.kind) {
    case Int(SPS_VARIANT_BUILTIN):
      out.append("\"\((VariantType(rawValue: element.type) ?? .nil).name)\"")
    case Int(SPS_VARIANT_CLASS): printNamed("class", element.text)
    default: printNamed("script", element.text)
    }
  }

  private func printNamed(_ name: String, _ text: UnsafeRawBufferPointer) {
    out.append("{\"\(name)\":")
    out.append(quoted: text)
    out.append("}")
  }

  // MARK: Containers

  private mutating func printOpener(_ item: sps_variant_item, _ raw: UnsafeRawBufferPointer?) {
    switch item.variantType {
    case .array: printArrayOpener(item, raw)
    case .dictionary:
      let form = forms.popFirst() ?? .pairs
      if raw == nil && form == .object && !item.key.isTyped && !item.value.isTyped {
        open("{", "}")
        return
      }
      beginTag(.dictionary, raw)
      printElement("keys", item.key)
      printElement("values", item.value)
      printField("value")
      openPairs(form)
    default:
      beginTag(.object, raw)
      printField("class")
      out.append(quoted: item.bytes)
      printField("properties")
      openPairs(forms.popFirst() ?? .pairs)
    }
  }

  private mutating func printArrayOpener(
    _ item: sps_variant_item, _ raw: UnsafeRawBufferPointer?
  ) {
    if raw == nil && !item.value.isTyped {
      open("[", "]")
      return
    }
    beginTag(.array, raw)
    printElement("of", item.value)
    printField("value")
    open("[", "]}")
  }

  private mutating func openPairs(_ form: Survey.Form) {
    form == .pairs ? open("[", "]}", isPairs: true) : open("{", "}}")
  }

  private mutating func open(_ opener: String, _ closer: String, isPairs: Bool = false) {
    out.append(opener)
    levels.append(Level(closer: closer, isPairs: isPairs))
  }

  // MARK: Values

  private func printValue(_ item: sps_variant_item, _ raw: UnsafeRawBufferPointer?) {
    let isPlain = raw == nil && isPlainJSON(item)
    if !isPlain { beginTag(item.variantType, raw) }
    switch item.variantType {
    case .nil: out.append(isPlain ? "null" : "")
    case .bool, .int, .float, .string:
      if !isPlain { printField("value") }
      printScalar(item)
      if !isPlain { printUnusualWidth(item) }
    default: printFields(item)
    }
    if !isPlain { out.append("}") }
  }

  private func isPlainJSON(_ item: sps_variant_item) -> Bool {
    switch item.variantType {
    case .nil, .bool, .string: true
    case .int: item.isWide == item.integer.isUsuallyWide
    case .float: item.real.isFinite && item.isWide == item.real.isUsuallyWide
    default: false
    }
  }

  private func printScalar(_ item: sps_variant_item) {
    switch item.variantType {
    case .bool: out.append(item.integer != 0 ? "true" : "false")
    case .int: out.append(item.integer.description)
    case .string: out.append(quoted: item.bytes)
    default: out.append(item.real.isFinite ? item.real.description : item.number.jsonText)
    }
  }

  private func printUnusualWidth(_ item: sps_variant_item) {
    let isUsuallyWide: Bool
    switch item.variantType {
    case .int: isUsuallyWide = item.integer.isUsuallyWide
    case .float: isUsuallyWide = item.real.isUsuallyWide
    default: return
    }
    if item.isWide != isUsuallyWide {
      printField("wide")
      out.append(item.isWide ? "true" : "false")
    }
  }

  private func printFields(_ item: sps_variant_item) {
    switch item.variantType {
    case .callable: break
    case .stringName:
      printField("value")
      out.append(quoted: item.bytes)
    case .nodePath: printPath(item)
    case .rid:
      printField("value")
      out.append("\(item.id)")
    case .object:
      printField("id")
      out.append("\(item.id)")
    case .signal:
      printField("name")
      out.append(quoted: item.bytes)
      printField("id")
      out.append("\(item.id)")
    default:
      printField("value")
      printNumbers(item)
      if item.isWide {
        printField("wide")
        out.append("true")
      }
    }
  }

  // A path is plain text if the text keeps all of it. It does not if a name contains a slash.
  private func printPath(_ item: sps_variant_item) {
    let text = pathText(item)
    if writer.isPath(text, the: item) {
      printField("value")
      text.withUnsafeBytes { out.append(quoted: $0) }
      return
    }
    let texts = item.texts
    printField("names")
    printTexts(texts.prefix(Int(item.count)))
    printField("subnames")
    printTexts(texts.dropFirst(Int(item.count)))
    printField("absolute")
    out.append(item.has(Int(SPS_VARIANT_ABSOLUTE)) ? "true" : "false")
  }

  private func printTexts(_ texts: some Sequence<UnsafeRawBufferPointer>) {
    out.append("[")
    for (index, text) in texts.enumerated() {
      out.append(index == 0 ? "" : ",")
      out.append(quoted: text)
    }
    out.append("]")
  }

  private func printNumbers(_ item: sps_variant_item) {
    guard let shape = NumberShape(item.variantType) else {
      printTexts(item.texts)
      return
    }
    if shape.kind == .byte {
      out.append("\"")
      out.append(TextCoding.hex.encode(item.bytes))
      out.append("\"")
      return
    }
    let isNested = shape.isPacked && shape.components > 1
    out.append("[")
    item.forEachNumber(shape) { index, number in
      let isFirst = index % shape.components == 0
      if index > 0 { out.append(isNested && isFirst ? "],[" : ",") }
      if isNested && index == 0 { out.append("[") }
      out.append(number.jsonText)
    }
    out.append(isNested && item.count > 0 ? "]]" : "]")
  }
}

extension Number {
  fileprivate var jsonText: String {
    switch self {
    case .float(let value): value.isFinite ? value.shortText : "\"\(value.nameOfNoNumber)\""
    case .double(let value): value.isFinite ? value.shortText : "\"\(value.nameOfNoNumber)\""
    case .integer(let value): value.description
    }
  }
}
