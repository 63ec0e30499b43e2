// SPDX-License-Identifier: MIT

extension Variant {
  /// Decodes a `Decodable` type, the inverse of ``init(encoding:)``. Not in Godot.
  ///
  /// A field can be a dictionary's value or an object's property. An array can be packed. A
  /// `Double` or `Float` can be an int, because numbers from GDScript may be ints.
  ///
  /// - Throws: `DecodingError`, or another error of the type's own `init(from:)`. Its `codingPath`
  ///   leads to the value that does not fit. A type that decodes itself recursively uses stack, so
  ///   more than 32 levels are refused.
  public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    try makeValue(type, of: self, at: [])
  }

  // The elements of an Array or of a packed array.
  fileprivate var elements: [Variant]? {
    switch self {
    case .array(let array): array.elements
    case .packedByteArray(let values): values.map { .int(Int64($0)) }
    case .packedInt32Array(let values): values.map { .int(Int64($0)) }
    case .packedInt64Array(let values): values.map { .int($0) }
    case .packedFloat32Array(let values): values.map { .float(Double($0)) }
    case .packedFloat64Array(let values): values.map { .float($0) }
    case .packedStringArray(let values): values.map { .string($0) }
    case .packedColorArray(let values): values.map { .color($0) }
    default:
      packedVector2ArrayValue?.map { .vector2($0) } ?? packedVector3ArrayValue?.map { .vector3($0) }
        ?? packedVector4ArrayValue?.map { .vector4($0) }
    }
  }
}

// The limit of levels. A type's own code recurses over data from the peer.
private let mostLevels = 32

private func makeValue<Value: Decodable>(
  _ type: Value.Type, of variant: Variant, at path: [any CodingKey]
) throws -> Value {
  if let type = type as? any VariantConvertible.Type {
    return try check(type.init(variant) as? Value, variant, type, path)
  }
  if case .packedByteArray(let bytes) = variant,
    let type = type as? any RangeReplaceableCollection.Type,
    let value = make(type, of: bytes) as? Value
  {
    return value
  }
  guard path.count <= mostLevels else {
    throw DecodingError.dataCorrupted(
      .init(codingPath: path, debugDescription: "more than \(mostLevels) levels"))
  }
  return try Value(from: VariantDecoder(variant: variant, codingPath: path))
}

// Returns the value, or throws an error if it is nil.
func check<Value>(
  _ value: Value?, _ variant: Variant, _ type: Any.Type, _ path: [any CodingKey]
) throws -> Value {
  if let value { return value }
  let text = "expected \(type), found \(variant.type.name)"
  let context = DecodingError.Context(codingPath: path, debugDescription: text)
  throw variant.isNil
    ? DecodingError.valueNotFound(type, context) : DecodingError.typeMismatch(type, context)
}

private struct VariantDecoder: Decoder {
  let variant: Variant
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    switch variant {
    case .dictionary(let dictionary):
      return KeyedDecodingContainer(KeyedDecoder(dictionary: dictionary, codingPath: codingPath))
    case .object(.properties(_, let properties)):
      var dictionary = VariantDictionary()
      for property in properties { dictionary[property.name] = .some(property.value) }
      return KeyedDecodingContainer(KeyedDecoder(dictionary: dictionary, codingPath: codingPath))
    default:
      return try check(nil, variant, VariantDictionary.self, codingPath)
    }
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let elements = try check(variant.elements, variant, VariantArray.self, codingPath)
    return UnkeyedDecoder(elements: elements, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer {
    SingleDecoder(variant: variant, codingPath: codingPath)
  }
}

private struct KeyedDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let dictionary: VariantDictionary
  let codingPath: [any CodingKey]

  var allKeys: [Key] {
    dictionary.keys.compactMap { key in
      key.stringValue.flatMap(Key.init(stringValue:)) ?? key.intValue.flatMap(Key.init(intValue:))
    }
  }

  func contains(_ key: Key) -> Bool { find(key) != nil }

  private func find(_ key: some CodingKey) -> Variant? {
    dictionary[key.variant] ?? dictionary[key.stringValue]
  }

  private func decoder(_ key: some CodingKey) throws -> VariantDecoder {
    VariantDecoder(variant: try value(key), codingPath: codingPath + [key])
  }

  private func value(_ key: some CodingKey) throws -> Variant {
    guard let value = find(key) else {
      throw DecodingError.keyNotFound(
        key,
        .init(codingPath: codingPath, debugDescription: "no value for \(quoted(key.stringValue))"))
    }
    return value
  }

  func decodeNil(forKey key: Key) throws -> Bool { try value(key).isNil }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try makeValue(type, of: value(key), at: codingPath + [key])
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try decoder(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { try decoder(PlaceKey("super")) }

  func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }
}

private struct UnkeyedDecoder: UnkeyedDecodingContainer {
  let elements: [Variant]
  let codingPath: [any CodingKey]
  private(set) var currentIndex = 0

  init(elements: [Variant], codingPath: [any CodingKey]) {
    self.elements = elements
    self.codingPath = codingPath
  }

  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex == elements.count }

  private var path: [any CodingKey] { codingPath + [PlaceKey(currentIndex)] }

  private func next(_ type: Any.Type) throws -> Variant {
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        type, .init(codingPath: path, debugDescription: "no element is left"))
    }
    return elements[currentIndex]
  }

  private mutating func take<Value>(_ body: (VariantDecoder) throws -> Value) throws -> Value {
    let decoder = VariantDecoder(variant: try next(Value.self), codingPath: path)
    let value = try body(decoder)
    currentIndex += 1
    return value
  }

  mutating func decodeNil() throws -> Bool {
    let isNil = try next(Variant.self).isNil
    currentIndex += isNil ? 1 : 0
    return isNil
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try take { try makeValue(type, of: $0.variant, at: $0.codingPath) }
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try take { try $0.container(keyedBy: type) }
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try take { try $0.unkeyedContainer() }
  }

  mutating func superDecoder() throws -> any Decoder {
    try take { $0 }
  }
}

private struct SingleDecoder: SingleValueDecodingContainer {
  let variant: Variant
  let codingPath: [any CodingKey]

  func decodeNil() -> Bool { variant.isNil }
  func decode(_ type: Bool.Type) throws -> Bool {
    try check(variant.boolValue, variant, type, codingPath)
  }
  func decode(_ type: String.Type) throws -> String {
    try check(variant.stringValue, variant, type, codingPath)
  }
  func decode(_ type: Double.Type) throws -> Double { try real(type) }
  func decode(_ type: Float.Type) throws -> Float { try Float(real(Double.self)) }
  func decode(_ type: Int.Type) throws -> Int { try integer(type) }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
  func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }

  private func real(_ type: Double.Type) throws -> Double {
    if case .int(let value) = variant { return Double(value) }
    return try check(variant.floatValue, variant, type, codingPath)
  }

  private func integer<Value: BinaryInteger>(_ type: Value.Type) throws -> Value {
    guard case .int(let value) = variant else {
      return try check(nil, variant, type, codingPath)
    }
    guard let integer = Value(exactly: value) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: codingPath, debugDescription: "\(value) is no \(type)"))
    }
    return integer
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try makeValue(type, of: variant, at: codingPath)
  }
}
