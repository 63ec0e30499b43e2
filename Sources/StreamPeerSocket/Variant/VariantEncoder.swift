// SPDX-License-Identifier: MIT

extension Variant {
  /// Encodes an `Encodable` value. Not in Godot.
  ///
  /// - A struct becomes a Dictionary with the names of its fields as keys.
  /// - An array becomes an Array. An array of bytes (`[UInt8]`, `Data`, a slice) becomes a
  ///   PackedByteArray.
  /// - nil becomes `null`, or nothing inside a struct.
  /// - A `Variant`, and each of its types such as `Vector2`, stays itself.
  ///
  /// - Throws: `EncodingError` for an integer above `Int64.max`, or an error of the value's own
  ///   `encode(to:)`.
  public init(encoding value: some Encodable) throws {
    self = try makeVariant(of: value, at: [])
  }
}

// Returns the bytes of an array of bytes of any type. Foundation's `Data` is one, without an import
// here.
private func bytes<Bytes: RangeReplaceableCollection>(of collection: Bytes) -> [UInt8]? {
  guard Bytes.Element.self == UInt8.self else { return nil }
  return collection.withContiguousStorageIfAvailable { unsafe Array(UnsafeRawBufferPointer($0)) }
}

// Creates an array of bytes of a type that bytes(of:) accepts. nil for any other type.
func make<Bytes: RangeReplaceableCollection>(_ type: Bytes.Type, of bytes: [UInt8]) -> Any? {
  (bytes as? [Bytes.Element]).map { Bytes($0) }
}

// Variants stay themselves. Any other value encodes itself.
private func makeVariant(of value: some Encodable, at path: [any CodingKey]) throws -> Variant {
  if let value = value as? any VariantConvertible { return value.variant }
  if let collection = value as? any RangeReplaceableCollection, let bytes = bytes(of: collection) {
    return .packedByteArray(bytes)
  }
  let storage = Storage()
  try value.encode(to: VariantEncoder(storage: storage, codingPath: path))
  return storage.variant
}

extension CodingKey {
  // The keys of a `[Int: …]`, and other numeric keys, are ints.
  var variant: Variant { intValue.map { .int(Int64($0)) } ?? .string(stringValue) }
}

// An array's index, or the key of a superclass.
struct PlaceKey: CodingKey {
  let stringValue: String
  let intValue: Int?

  init(_ name: String) {
    stringValue = name
    intValue = nil
  }

  init(_ index: Int) {
    stringValue = "\(index)"
    intValue = index
  }

  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { self.init(intValue) }
}

// The result of an encoder. A value can request several containers, and fills nested ones after it
// has requested them. So each container has its place.
private final class Storage {
  private enum Content {
    case value(Variant)
    case keyed([(key: Variant, value: Storage)])
    case unkeyed([Storage])
  }

  private var content = Content.value(.dictionary(VariantDictionary()))

  init(_ value: Variant? = nil) {
    if let value { content = .value(value) }
  }

  var count: Int {
    if case .unkeyed(let elements) = content { elements.count } else { 0 }
  }

  func set(_ value: Variant) {
    content = .value(value)
  }

  func beginUnkeyed() {
    if case .unkeyed = content { return }
    content = .unkeyed([])
  }

  func add(_ storage: Storage) {
    guard case .unkeyed(var elements) = content else { return }
    content = .value(.nil)  // so that the array is not copied
    elements.append(storage)
    content = .unkeyed(elements)
  }

  func add(_ key: some CodingKey, _ storage: Storage) {
    guard case .keyed(var pairs) = content else {
      content = .keyed([(key.variant, storage)])
      return
    }
    content = .value(.nil)
    pairs.append((key.variant, storage))
    content = .keyed(pairs)
  }

  var variant: Variant {
    switch content {
    case .value(let value): return value
    case .unkeyed(let elements): return .array(VariantArray(elements.map(\.variant)))
    case .keyed(let pairs):
      var dictionary = VariantDictionary()
      for pair in pairs { dictionary[pair.key] = .some(pair.value.variant) }
      return .dictionary(dictionary)
    }
  }
}

private struct VariantEncoder: Encoder {
  let storage: Storage
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(KeyedEncoder<Key>(storage: storage, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    storage.beginUnkeyed()
    return UnkeyedEncoder(storage: storage, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleEncoder(storage: storage, codingPath: codingPath)
  }
}

private struct KeyedEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let storage: Storage
  let codingPath: [any CodingKey]

  private func place(_ key: some CodingKey) -> VariantEncoder {
    let place = Storage()
    storage.add(key, place)
    return VariantEncoder(storage: place, codingPath: codingPath + [key])
  }

  mutating func encodeNil(forKey key: Key) {
    storage.add(key, Storage(.nil))
  }

  mutating func encode(_ value: some Encodable, forKey key: Key) throws {
    let variant = try makeVariant(of: value, at: codingPath + [key])
    storage.add(key, Storage(variant))
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    place(key).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    place(key).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { place(PlaceKey("super")) }

  mutating func superEncoder(forKey key: Key) -> any Encoder { place(key) }
}

private struct UnkeyedEncoder: UnkeyedEncodingContainer {
  let storage: Storage
  let codingPath: [any CodingKey]

  var count: Int { storage.count }

  private func place() -> VariantEncoder {
    let path = codingPath + [PlaceKey(count)]
    let place = Storage()
    storage.add(place)
    return VariantEncoder(storage: place, codingPath: path)
  }

  mutating func encodeNil() {
    storage.add(Storage(.nil))
  }

  mutating func encode(_ value: some Encodable) throws {
    let variant = try makeVariant(of: value, at: codingPath + [PlaceKey(count)])
    storage.add(Storage(variant))
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    place().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    place().unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { place() }
}

private struct SingleEncoder: SingleValueEncodingContainer {
  let storage: Storage
  let codingPath: [any CodingKey]

  mutating func encodeNil() { storage.set(.nil) }
  mutating func encode(_ value: Bool) { storage.set(.bool(value)) }
  mutating func encode(_ value: String) { storage.set(.string(value)) }
  mutating func encode(_ value: Double) { storage.set(.float(value)) }
  mutating func encode(_ value: Float) { storage.set(.float(Double(value))) }
  mutating func encode(_ value: Int) throws { try encode(integer: value) }
  mutating func encode(_ value: Int8) throws { try encode(integer: value) }
  mutating func encode(_ value: Int16) throws { try encode(integer: value) }
  mutating func encode(_ value: Int32) throws { try encode(integer: value) }
  mutating func encode(_ value: Int64) throws { try encode(integer: value) }
  mutating func encode(_ value: UInt) throws { try encode(integer: value) }
  mutating func encode(_ value: UInt8) throws { try encode(integer: value) }
  mutating func encode(_ value: UInt16) throws { try encode(integer: value) }
  mutating func encode(_ value: UInt32) throws { try encode(integer: value) }
  mutating func encode(_ value: UInt64) throws { try encode(integer: value) }

  private func encode(integer value: some BinaryInteger) throws {
    guard let integer = Int64(exactly: value) else {
      throw EncodingError.invalidValue(
        value, .init(codingPath: codingPath, debugDescription: "more than an int of Godot's holds"))
    }
    storage.set(.int(integer))
  }

  mutating func encode(_ value: some Encodable) throws {
    storage.set(try makeVariant(of: value, at: codingPath))
  }
}
