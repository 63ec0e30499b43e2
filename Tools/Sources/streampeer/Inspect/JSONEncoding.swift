// SPDX-License-Identifier: MIT
import CSocketCore
import StreamPeerSocket

/// Encodes a value from the JSON that `JSONPrinter` prints, or that a person writes.
struct JSONEncoding {
  /// Why the JSON is not a value, and where in the document.
  struct Fault: Error {
    let token: Int
    let reason: String
  }

  private let document: JSONDocument
  private let limits: VariantLimits
  private let writer: ItemWriter
  private var out: [UInt8] = []
  private var levels: [Level] = []

  // A container with elements that are still to be written.
  private struct Level {
    enum Elements {
      case list
      /// The keys and values of a JSON object.
      case entries
      /// Lists of two elements each.
      case pairs
    }

    let elements: Elements
    let isObject: Bool
    var next: Int
    var left: Int
    /// The second of a pair whose first is being written.
    var second: Int?
  }

  static func encode(
    _ document: JSONDocument, _ limits: VariantLimits, _ writer: ItemWriter
  ) throws(Fault) -> [UInt8] {
    var encoding = JSONEncoding(document, limits, writer)
    try encoding.put(0)
    while !encoding.levels.isEmpty { try encoding.putNext() }
    guard encoding.out.count <= Int(UInt32.max) else { throw Fault(token: 0, reason: tooLarge) }
    return encoding.out
  }

  private init(_ document: JSONDocument, _ limits: VariantLimits, _ writer: ItemWriter) {
    (self.document, self.limits, self.writer) = (document, limits, writer)
  }

  private static let tooLarge = "a value of more than 4 GiB"

  private func kind(_ token: Int) -> JSONDocument.Kind { document.tokens[token].kind }

  private func count(_ token: Int) -> Int { Int(document.tokens[token].count) }

  private func after(_ token: Int) -> Int { Int(document.tokens[token].next) }

  private func fault(_ token: Int, _ reason: String) -> Fault {
    Fault(token: token, reason: reason)
  }

  private func isNo(_ what: String, _ token: Int) -> Fault {
    fault(token, "\(kind(token).name) where \(what) should be")
  }

  // MARK: Levels

  private mutating func putNext() throws(Fault) {
    let last = levels.count - 1
    if let second = levels[last].second {
      levels[last].second = nil
      return try put(second)
    }
    guard levels[last].left > 0 else {
      levels.removeLast()
      return
    }
    levels[last].left -= 1
    let token = levels[last].next
    let isObject = levels[last].isObject
    switch levels[last].elements {
    case .list:
      levels[last].next = after(token)
      try put(token)
    case .entries:
      levels[last].next = after(token + 1)
      try putText(.string, token, isName: isObject)
      try put(token + 1)
    case .pairs:
      levels[last].next = after(token)
      guard kind(token) == .array, count(token) == 2 else {
        throw fault(token, "no list of two, a key and a value")
      }
      levels[last].second = after(token + 1)
      try isObject ? putName(token + 1) : put(token + 1)
    }
  }

  // Writes the name of a property in a list of pairs.
  private mutating func putName(_ token: Int) throws(Fault) {
    if document.isString(token) { return try putText(.string, token, isName: true) }
    guard let tag = try tag(token), tag.type == .string else { throw isNo("a name", token) }
    try tag.checkFields("value")
    try putText(.string, text(tag, "value"), tag.raw, isName: true)
  }

  private mutating func begin(
    _ item: sps_variant_item, _ elements: Level.Elements, of token: Int, at place: Int, _ raw: Int?
  ) throws(Fault) {
    guard levels.count < limits.maxDepth else {
      throw fault(place, "more than \(limits.maxDepth) levels of containers")
    }
    var item = item
    item.step = sps_variant_step(SPS_VARIANT_BEGIN)
    item.count = document.tokens[token].count
    try append(item, at: place, raw)
    levels.append(
      Level(
        elements: elements, isObject: item.variantType == .object, next: token + 1,
        left: count(token)))
  }

  // MARK: Plain JSON

  private mutating func put(_ token: Int) throws(Fault) {
    switch kind(token) {
    case .null: try append(sps_variant_item(.nil), at: token)
    case .true, .false: try putBool(token, nil)
    case .integer: try putInteger(token, wide: nil, nil)
    case .real: try putReal(token, wide: nil, nil)
    case .string, .escapedString: try putText(.string, token)
    case .array: try begin(sps_variant_item(.array), .list, of: token, at: token, nil)
    case .object:
      if let tag = try tag(token) {
        try put(tag)
      } else {
        try begin(sps_variant_item(.dictionary), .entries, of: token, at: token, nil)
      }
    }
  }

  private mutating func putBool(_ token: Int, _ raw: Int?) throws(Fault) {
    var item = sps_variant_item(.bool)
    item.integer = try bool(token) ? 1 : 0
    try append(item, at: token, raw)
  }

  private mutating func putInteger(_ token: Int, wide: Bool?, _ raw: Int?) throws(Fault) {
    var item = sps_variant_item(.int)
    item.integer = try integer(token, Int64.self)
    let isWide = wide ?? item.integer.isUsuallyWide
    guard isWide || !item.integer.isUsuallyWide else {
      throw fault(token, "a number that 32 bits cannot hold")
    }
    item.flags = isWide ? UInt32(SPS_VARIANT_WIDE) : 0
    try append(item, at: token, raw)
  }

  private mutating func putReal(_ token: Int, wide: Bool?, _ raw: Int?) throws(Fault) {
    var item = sps_variant_item(.float)
    // A NaN is named by its bits at its width. Every other narrow real is exact in 64 bits.
    let double = wide == false ? nil : try real(token, Double.self)
    let isNarrow = wide == false || wide == nil && double?.isUsuallyWide == false
    if let double, !isNarrow {
      item.real = double
      item.flags = UInt32(SPS_VARIANT_WIDE)
    } else if document.isString(token) {
      item.real = Double(try real(token, Float.self))
    } else {
      item.real = try real(token, Double.self)
      guard !item.real.isUsuallyWide else {
        throw fault(token, "a number that 32 bits do not hold to the last digit")
      }
    }
    try append(item, at: token, raw)
  }

  private mutating func putText(
    _ type: VariantType, _ token: Int, _ raw: Int? = nil, isName: Bool = false, id: UInt64 = 0
  ) throws(Fault) {
    var item = sps_variant_item(type)
    item.integer = Int64(bitPattern: id)
    try withText(token) { (encoding, text) throws(Fault) in
      item.data = text.baseAddress?.assumingMemoryBound(to: UInt8.self)
      item.data_bytes = text.count
      try encoding.append(item, at: token, raw, isName: isName)
    }
  }

  // The closure gets the encoding, and may change it while it borrows the text of the document.
  private mutating func withText<Result>(
    _ token: Int, _ body: (inout JSONEncoding, UnsafeRawBufferPointer) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    let document = document
    do {
      return try document.withString(token) { try body(&self, $0) }
    } catch {
      throw (error as? Fault) ?? fault(token, "a text that cannot be read")
    }
  }

  // MARK: Tagged objects

  // An object with the key "$type".
  private struct Tag {
    let token: Int
    let type: VariantType
    let fields: [Name: Int]
    /// The token of the bytes to write.
    var raw: Int? { fields["raw"] }

    func checkFields(_ known: Name...) throws(Fault) {
      let all = Set(known).union([Name(typeKey.utf8), "raw"])
      // The fields have no order. The first unknown one is reported, so that the message is always
      // the same.
      let unknown = fields.filter { !all.contains($0.key) }.min { $0.value < $1.value }
      guard let unknown else { return }
      throw Fault(token: unknown.value, reason: "\(type.name) has no \(unknown.key)")
    }
  }

  private func tag(_ token: Int) throws(Fault) -> Tag? {
    guard kind(token) == .object else { return nil }
    var fields: [Name: Int] = [:]
    var typeToken: Int?
    var key = token + 1
    for _ in 0..<count(token) where typeToken == nil {
      if document.withString(key, { $0.elementsEqual(typeKey.utf8) }) { typeToken = key + 1 }
      key = after(key + 1)
    }
    guard let typeToken else { return nil }
    key = token + 1
    for _ in 0..<count(token) {
      guard fields.updateValue(key + 1, forKey: document.name(key)) == nil else {
        throw fault(key, "the second of this name")
      }
      key = after(key + 1)
    }
    return Tag(token: token, type: try type(typeToken), fields: fields)
  }

  private static let types = Dictionary(
    uniqueKeysWithValues: VariantType.allCases.map { (Name($0.name.utf8), $0) })

  private func type(_ token: Int) throws(Fault) -> VariantType {
    guard document.isString(token) else { throw isNo("a type's name", token) }
    let name = document.name(token)
    guard let type = Self.types[name] else {
      throw fault(token, "there is no type \(name)")
    }
    return type
  }

  private mutating func put(_ tag: Tag) throws(Fault) {
    switch tag.type {
    case .nil, .callable:
      try tag.checkFields()
      try append(sps_variant_item(tag.type), at: tag.token, tag.raw)
    case .bool:
      try tag.checkFields("value")
      try putBool(need(tag, "value"), tag.raw)
    case .int:
      try tag.checkFields("value", "wide")
      try putInteger(need(tag, "value"), wide: wide(tag), tag.raw)
    case .float:
      try tag.checkFields("value", "wide")
      try putReal(need(tag, "value"), wide: wide(tag), tag.raw)
    case .string, .stringName:
      try tag.checkFields("value")
      try putText(tag.type, text(tag, "value"), tag.raw)
    case .rid:
      try tag.checkFields("value")
      try putID(tag, "value")
    case .nodePath: try putPath(tag)
    case .signal:
      try tag.checkFields("name", "id")
      let id = try integer(need(tag, "id"), UInt64.self)
      try putText(.signal, text(tag, "name"), tag.raw, id: id)
    case .object: try putObject(tag)
    case .dictionary: try putDictionary(tag)
    case .array: try putArray(tag)
    case .packedStringArray:
      try tag.checkFields("value")
      let texts = wireTexts(try strings(need(tag, "value")), withNULs: true)
      try append(sps_variant_item(tag.type), of: texts, count(need(tag, "value")), tag)
    default: try putNumbers(tag)
    }
  }

  private func need(_ tag: Tag, _ name: Name) throws(Fault) -> Int {
    guard let token = tag.fields[name] else {
      throw fault(tag.token, "\(tag.type.name) without its \(name)")
    }
    return token
  }

  private func text(_ tag: Tag, _ name: Name) throws(Fault) -> Int {
    let token = try need(tag, name)
    guard document.isString(token) else { throw isNo("a string", token) }
    return token
  }

  private func wide(_ tag: Tag) throws(Fault) -> Bool? {
    guard let token = tag.fields["wide"] else { return nil }
    return try bool(token)
  }

  private mutating func putID(_ tag: Tag, _ name: Name) throws(Fault) {
    var item = sps_variant_item(tag.type)
    item.integer = Int64(bitPattern: try integer(need(tag, name), UInt64.self))
    try append(item, at: tag.token, tag.raw)
  }

  private mutating func putPath(_ tag: Tag) throws(Fault) {
    if tag.fields["value"] != nil {
      try tag.checkFields("value")
      try putPathText(tag, text(tag, "value"))
      return
    }
    try tag.checkFields("names", "subnames", "absolute")
    let names = try strings(need(tag, "names"))
    let subnames = try strings(need(tag, "subnames"))
    var item = sps_variant_item(.nodePath)
    item.subname_count = UInt32(subnames.count)
    item.flags = try bool(need(tag, "absolute")) ? UInt32(SPS_VARIANT_ABSOLUTE) : 0
    try append(item, of: wireTexts(names + subnames, withNULs: false), names.count, tag)
  }

  private mutating func putPathText(_ tag: Tag, _ token: Int) throws(Fault) {
    var path: [UInt8] = []
    let error = document.withString(token) { writer.appendPath(Array($0), to: &path) }
    guard error == .ok else { throw fault(token, Self.reason(error)) }
    guard let raw = tag.raw else {
      out.append(contentsOf: path)
      return
    }
    // The item, to compare it with the meaning of the raw bytes.
    let bytes = path
    let walk = ItemWalk(limits)
    do {
      try bytes.withUnsafeBytes {
        walk.begin($0)
        if let step = try walk.next() { try append(step.item, at: tag.token, raw) }
      }
    } catch {
      throw (error as? Fault) ?? fault(token, "no path")
    }
  }

  // MARK: Containers

  private mutating func putArray(_ tag: Tag) throws(Fault) {
    try tag.checkFields("of", "value")
    let list = try need(tag, "value")
    guard kind(list) == .array else { throw isNo("a list", list) }
    let item = sps_variant_item(.array)
    try withElement(tag.fields["of"]) { (encoding, element) throws(Fault) in
      var item = item
      item.value = element
      try encoding.begin(item, .list, of: list, at: tag.token, tag.raw)
    }
  }

  private mutating func putDictionary(_ tag: Tag) throws(Fault) {
    try tag.checkFields("keys", "values", "value")
    let pairs = try need(tag, "value")
    let elements = try elements(pairs)
    let item = sps_variant_item(.dictionary)
    try withElement(tag.fields["keys"]) { (encoding, key) throws(Fault) in
      try encoding.withElement(tag.fields["values"]) { (encoding, value) throws(Fault) in
        var item = item
        item.key = key
        item.value = value
        try encoding.begin(item, elements, of: pairs, at: tag.token, tag.raw)
      }
    }
  }

  private mutating func putObject(_ tag: Tag) throws(Fault) {
    if tag.fields["id"] != nil {
      try tag.checkFields("id")
      return try putID(tag, "id")
    }
    try tag.checkFields("class", "properties")
    guard limits.allowObjects else {
      throw fault(tag.token, "an object with properties, which is not allowed")
    }
    let name = try text(tag, "class")
    let properties = try need(tag, "properties")
    let elements = try elements(properties)
    try withText(name) { (encoding, text) throws(Fault) in
      guard !text.isEmpty else { throw encoding.fault(name, "a class without a name") }
      var item = sps_variant_item(.object)
      item.data = text.baseAddress?.assumingMemoryBound(to: UInt8.self)
      item.data_bytes = text.count
      try encoding.begin(item, elements, of: properties, at: tag.token, tag.raw)
    }
  }

  private func elements(_ token: Int) throws(Fault) -> Level.Elements {
    switch kind(token) {
    case .object: .entries
    case .array: .pairs
    default: throw isNo("an object, or a list of pairs,", token)
    }
  }

  // Parses the element type of a typed container: a type's name, {"class": name} or {"script":
  // path}.
  private mutating func withElement(
    _ token: Int?, _ body: (inout JSONEncoding, sps_variant_element) throws(Fault) -> Void
  ) throws(Fault) {
    var element = sps_variant_element()
    guard let token else { return try body(&self, element) }
    if document.isString(token) {
      element.kind = sps_variant_element_kind(SPS_VARIANT_BUILTIN)
      element.type = try type(token).rawValue
      return try body(&self, element)
    }
    guard kind(token) == .object, count(token) == 1, document.isString(token + 2) else {
      throw fault(token, "no type's name, {\"class\": name} or {\"script\": path}")
    }
    switch document.name(token + 1) {
    case "class": element.kind = sps_variant_element_kind(SPS_VARIANT_CLASS)
    case "script": element.kind = sps_variant_element_kind(SPS_VARIANT_SCRIPT)
    default: throw fault(token + 1, "neither \"class\" nor \"script\"")
    }
    try withText(token + 2) { (encoding, text) throws(Fault) in
      element.name = text.baseAddress?.assumingMemoryBound(to: CChar.self)
      element.name_bytes = text.count
      try body(&encoding, element)
    }
  }

  // MARK: Numbers

  private mutating func putNumbers(_ tag: Tag) throws(Fault) {
    guard let shape = NumberShape(tag.type) else { throw fault(tag.token, "no such value") }
    let value = try need(tag, "value")
    var item = sps_variant_item(tag.type)
    if shape.kind == .real {
      try tag.checkFields("value", "wide")
      item.flags = try wide(tag) == true ? UInt32(SPS_VARIANT_WIDE) : 0
    } else {
      try tag.checkFields("value")
    }
    if shape.kind == .byte && document.isString(value) {
      let bytes = try hex(value)
      return try append(item, of: bytes, bytes.count, tag)
    }
    guard kind(value) == .array else {
      throw isNo(shape.kind == .byte ? "hex digits" : "a list of numbers", value)
    }
    var data: [UInt8] = []
    if shape.isPacked && shape.components > 1 {
      var element = value + 1
      for _ in 0..<count(value) {
        guard kind(element) == .array else { throw isNo("a list of numbers", element) }
        try appendNumbers(element, shape, item.isWide, to: &data)
        element = after(element)
      }
    } else {
      try appendNumbers(value, shape, item.isWide, to: &data)
    }
    try append(item, of: data, shape.isPacked ? count(value) : shape.components, tag)
  }

  private func appendNumbers(
    _ list: Int, _ shape: NumberShape, _ isWide: Bool, to data: inout [UInt8]
  ) throws(Fault) {
    let isFree = shape.isPacked && shape.components == 1
    guard isFree || count(list) == shape.components else {
      throw fault(list, "\(count(list)) numbers where \(shape.components) should be")
    }
    var token = list + 1
    for _ in 0..<count(list) {
      switch shape.kind {
      case .real where isWide, .double:
        data.append(littleEndian: try real(token, Double.self).bitPattern)
      case .real, .float: data.append(littleEndian: try real(token, Float.self).bitPattern)
      case .byte: data.append(try integer(token, UInt8.self))
      case .int32: data.append(littleEndian: try integer(token, Int32.self))
      case .int64: data.append(littleEndian: try integer(token, Int64.self))
      }
      token = after(token)
    }
  }

  private func bool(_ token: Int) throws(Fault) -> Bool {
    guard kind(token) == .true || kind(token) == .false else {
      throw isNo("true or false", token)
    }
    return kind(token) == .true
  }

  private func integer<Integer: FixedWidthInteger>(
    _ token: Int, _ type: Integer.Type
  ) throws(Fault) -> Integer {
    guard kind(token) == .integer else { throw isNo("a whole number", token) }
    guard let number = Integer(document.number(token)) else {
      throw fault(token, "a number outside \(Integer.min) to \(Integer.max)")
    }
    return number
  }

  private func real<Real: WireReal>(_ token: Int, _ type: Real.Type) throws(Fault) -> Real {
    if document.isString(token) {
      let name = document.name(token)
      guard let real = Real(nameOfNoNumber: name) else {
        throw fault(
          token, "\(name) is no number: write inf, -inf, nan, or nan:0x and its bits")
      }
      return real
    }
    guard document.isNumber(token) else { throw isNo("a number", token) }
    guard let real = Real(document.number(token)), real.isFinite else {
      throw fault(token, "a number that \(Real.Bits.bitWidth) bits cannot hold")
    }
    return real
  }

  private func hex(_ token: Int) throws(Fault) -> [UInt8] {
    do {
      return try TextCoding.hex.decode(Array(document.string(token).utf8))
    } catch {
      throw fault(token, error.reason)
    }
  }

  private func strings(_ token: Int) throws(Fault) -> [[UInt8]] {
    guard kind(token) == .array else { throw isNo("a list of strings", token) }
    var strings: [[UInt8]] = []
    var element = token + 1
    for _ in 0..<count(token) {
      guard document.isString(element) else { throw isNo("a string", element) }
      strings.append(document.withString(element) { Array($0) })
      element = after(element)
    }
    return strings
  }

  // MARK: Items

  private mutating func append(
    _ item: sps_variant_item, of data: [UInt8], _ count: Int, _ tag: Tag
  ) throws(Fault) {
    var item = item
    item.count = UInt32(count)
    do {
      try data.withUnsafeBufferPointer {
        item.data = $0.baseAddress
        item.data_bytes = $0.count
        try append(item, at: tag.token, tag.raw)
      }
    } catch {
      throw (error as? Fault) ?? fault(tag.token, "no value")
    }
  }

  private mutating func append(
    _ item: sps_variant_item, at token: Int, _ raw: Int? = nil, isName: Bool = false
  ) throws(Fault) {
    guard let raw else {
      let error = writer.append(item, isName: isName, to: &out)
      guard error == .ok else { throw fault(token, Self.reason(error)) }
      return
    }
    guard document.isString(raw) else { throw isNo("hex digits", raw) }
    let bytes = try hex(raw)
    guard writer.says(bytes, item, isName: isName) else {
      throw fault(raw, "these bytes say something else than what is beside them")
    }
    out.append(contentsOf: bytes)
  }

  private static func reason(_ error: GodotError) -> String {
    switch error {
    case .errInvalidParameter: "a text that is not UTF-8"
    case .errOutOfMemory: tooLarge
    default: "it cannot be written: \(error.message)"
    }
  }
}
