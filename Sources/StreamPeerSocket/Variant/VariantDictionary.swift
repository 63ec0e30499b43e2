// SPDX-License-Identifier: MIT

/// Values by keys, in the order in which they were put. Godot: `Dictionary`.
/// (`SPS_VARIANT_DICTIONARY`)
///
/// It is a value type. Godot's dictionaries are references. Finding, putting and removing a key
/// takes constant time on average. Keys that are arrays, dictionaries or objects are the exception:
/// they are searched one by one. So a peer's nested keys cost no more than their bytes.
public struct VariantDictionary: Sendable {
  fileprivate final class Storage: NestedStorage, @unchecked Sendable {
    // They have holes, which are nil, in place of removed pairs.
    @exclusivity(unchecked) var keys: [Variant]
    @exclusivity(unchecked) var values: [Variant]
    // Data that few dictionaries have. Only this storage refers to it.
    @exclusivity(unchecked) var extras: Extras?

    init(_ keys: [Variant] = [], _ values: [Variant] = [], _ extras: Extras? = nil) {
      unsafe (self.keys, self.values, self.extras) = (keys, values, extras)
    }

    convenience init(copying other: Storage) {
      unsafe self.init(other.keys, other.values, other.extras.map(Extras.init(copying:)))
    }

    func ownExtras() -> Extras {
      let own = unsafe extras ?? Extras()
      unsafe extras = own
      return own
    }

    deinit {
      endValues()
    }

    override func takeApart(into storages: inout [NestedStorage]) {
      unsafe keys.takeApart(into: &storages)
      unsafe values.takeApart(into: &storages)
    }
  }

  fileprivate final class Extras {
    var keyType = VariantElementType.any
    var valueType = VariantElementType.any
    // The positions of plain keys, if there are many.
    @exclusivity(unchecked) var index: KeyIndex?
    // For each position whether it is a hole. Empty if no pair was removed.
    @exclusivity(unchecked) var isHole: [Bool] = []
    @exclusivity(unchecked) var holes = 0

    init() {}

    init(copying other: Extras) {
      (keyType, valueType) = (other.keyType, other.valueType)
      unsafe (index, isHole, holes) = unsafe (other.index, other.isHole, other.holes)
    }
  }

  // nil: empty and not typed.
  private var storage: Storage?

  /// Creates an empty dictionary without types.
  public init() {}

  /// Creates an empty dictionary with typed keys or values.
  public init(keys keyType: VariantElementType, values valueType: VariantElementType) {
    setTypes(keyType, valueType)
  }

  /// The keys in their order. After a key was removed, each call creates a new array.
  public var keys: [Variant] { storage.map { unsafe $0.withoutHoles($0.keys) } ?? [] }
  /// The values in the order of their keys, like ``keys``.
  public var values: [Variant] { storage.map { unsafe $0.withoutHoles($0.values) } ?? [] }
  /// The number of pairs.
  public var count: Int { storage?.count ?? 0 }
  /// Whether there are no pairs.
  public var isEmpty: Bool { count == 0 }

  /// The type of a typed dictionary's keys.
  public var keyType: VariantElementType {
    get { unsafe storage?.extras?.keyType ?? .any }
    set { setTypes(newValue, valueType) }
  }

  /// The type of a typed dictionary's values.
  public var valueType: VariantElementType {
    get { unsafe storage?.extras?.valueType ?? .any }
    set { setTypes(keyType, newValue) }
  }

  private mutating func setTypes(_ key: VariantElementType, _ value: VariantElementType) {
    guard key != keyType || value != valueType else { return }
    let extras = ownStorage().ownExtras()
    (extras.keyType, extras.valueType) = (key, value)
  }

  private mutating func ownStorage() -> Storage {
    if !isKnownUniquelyReferenced(&storage) {
      storage = storage.map(Storage.init(copying:)) ?? Storage()
    }
    return storage!
  }

  func appendStorage(to storages: inout [NestedStorage]) {
    if let storage { storages.append(storage) }
  }

  /// The value for a key. Setting nil removes the key, and setting `.some(.nil)` puts Godot's
  /// `null`. A new key is appended.
  public subscript(key: Variant) -> Variant? {
    get { storage?.value(of: key) }
    set {
      switch (storage?.position(of: key), newValue) {
      case (let position?, let value?): unsafe ownStorage().values[position] = value
      case (let position?, nil): ownStorage().remove(at: position)
      case (nil, let value?): ownStorage().append(key, value)
      case (nil, nil): break
      }
    }
  }

  /// The value for a text key. As in Godot, a String and a StringName are the same key.
  public subscript(key: String) -> Variant? {
    get { self[.string(key)] }
    set { self[.string(key)] = newValue }
  }

  /// Removes all pairs. The types of keys and values stay.
  public mutating func removeAll() {
    self = VariantDictionary(keys: keyType, values: valueType)
  }

  // Creates a dictionary that was read. The caller merges its keys.
  init(
    reading keys: [Variant], _ values: [Variant],
    keyType: VariantElementType, valueType: VariantElementType
  ) {
    self.init(keys: keyType, values: valueType)
    guard !keys.isEmpty else { return }
    storage = unsafe Storage(keys, values, storage?.extras)
  }

  // Keeps the last value of a repeated key, like Godot. Both of two equal nested keys stay, so that
  // none is compared.
  mutating func mergeSameKeys() {
    guard storage != nil else { return }
    ownStorage().mergeSameKeys()
  }
}

// MARK: - Positions

// Up to this many keys are searched one by one.
private let mostWithoutIndex = 16

extension VariantDictionary.Storage {
  fileprivate func value(of key: Variant) -> Variant? {
    position(of: key).map { unsafe values[$0] }
  }

  fileprivate func position(of key: Variant) -> Int? {
    guard let index = unsafe extras?.index, !key.isNested else {
      return unsafe keys.firstIndex { Variant.isEqual($0, key, inOrder: true) }
    }
    return unsafe index.position(of: key, in: keys)
  }

  fileprivate func append(_ key: Variant, _ value: Variant) {
    if unsafe extras?.index?.hasRoom ?? (keys.count < mostWithoutIndex) {
      if !key.isNested { unsafe extras?.index?.insert(key, at: keys.count) }
      unsafe extras?.addPosition()
      unsafe keys.append(key)
      unsafe values.append(value)
    } else {
      fillHoles()
      unsafe keys.append(key)
      unsafe values.append(value)
      unsafe ownExtras().index = KeyIndex(of: keys)
    }
  }

  // Among many keys, removing any but the last leaves a hole, so the later pairs do not move.
  fileprivate func remove(at position: Int) {
    let isLast = unsafe position == keys.count - 1
    if unsafe !keys[position].isNested {
      unsafe extras?.index?.remove(keys[position], at: position)
    }
    guard let extras = unsafe extras, unsafe extras.index != nil, !isLast else {
      unsafe keys.remove(at: position)
      unsafe values.remove(at: position)
      if unsafe extras?.isHole.isEmpty == false { unsafe extras?.isHole.removeLast() }
      return
    }
    makeHole(at: position)
    if unsafe extras.holes > keys.count / 2 {
      fillHoles()
      unsafe extras.index = KeyIndex(of: keys)
    }
  }

  // A repeated key keeps its first position and gets its last value.
  fileprivate func mergeSameKeys() {
    if unsafe keys.count > mostWithoutIndex {
      unsafe ownExtras().index = KeyIndex(count: keys.count)
    }
    for position in unsafe keys.indices where unsafe !keys[position].isNested {
      if let first = firstPosition(ofKeyAt: position) {
        unsafe values[first] = values[position]
        makeHole(at: position)
      }
    }
    if let extras = unsafe extras, unsafe extras.holes > 0 {
      fillHoles()
      unsafe extras.index = extras.index.map { _ in unsafe KeyIndex(of: keys) }
    }
  }

  // nil: it is the first.
  private func firstPosition(ofKeyAt position: Int) -> Int? {
    let key = unsafe keys[position]
    if unsafe extras?.index != nil {
      return unsafe extras?.index?.find(key, in: keys, orInsertAt: position)
    }
    return unsafe keys[..<position].firstIndex { Variant.isEqual($0, key, inOrder: true) }
  }
}

// MARK: - Holes

extension VariantDictionary.Storage {
  fileprivate var count: Int { unsafe keys.count - (extras?.holes ?? 0) }

  fileprivate func withoutHoles(_ list: [Variant]) -> [Variant] {
    guard let extras = unsafe extras, unsafe extras.holes > 0 else { return list }
    return unsafe zip(list, extras.isHole).lazy.filter { !$1 }.map(\.0)
  }

  fileprivate func makeHole(at position: Int) {
    unsafe keys[position] = .nil
    unsafe values[position] = .nil
    unsafe ownExtras().addHole(at: position, of: keys.count)
  }

  // All pairs after a hole move, so the index becomes invalid.
  fileprivate func fillHoles() {
    unsafe keys = withoutHoles(keys)
    unsafe values = withoutHoles(values)
    unsafe extras?.isHole = []
    unsafe extras?.holes = 0
  }
}

extension VariantDictionary.Extras {
  fileprivate func addHole(at position: Int, of count: Int) {
    if unsafe isHole.isEmpty { unsafe isHole = Array(repeating: false, count: count) }
    unsafe isHole[position] = true
    unsafe holes += 1
  }

  // For a pair that is appended.
  fileprivate func addPosition() {
    if unsafe !isHole.isEmpty { unsafe isHole.append(false) }
  }
}

// MARK: - Memory

extension VariantDictionary {
  static var extrasBytes: Int {
    VariantMemory.object(
      fields: 2 * MemoryLayout<VariantElementType>.stride + 4 * MemoryLayout<Int>.size)
  }

  // The memory of the index of this many keys.
  static func indexBytes(of keys: Int) -> Int {
    keys > mostWithoutIndex ? extrasBytes + KeyIndex.bytes(for: keys) : 0
  }
}

// MARK: - Conformances

extension VariantDictionary: Hashable {
  /// Returns whether the keys are the same and their values equal. As in Godot, their order does
  /// not count. Keys that are dictionaries are the same only if their order is too.
  public static func == (left: VariantDictionary, right: VariantDictionary) -> Bool {
    Variant.dictionary(left) == .dictionary(right)
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    Variant.dictionary(self).hash(into: &hasher)
  }

  // Compares the values of the same keys.
  func matches(
    _ other: VariantDictionary, inOrder: Bool, _ compare: (Variant, Variant) -> Bool
  ) -> Bool {
    guard count == other.count else { return false }
    if inOrder {
      return zip(keys, other.keys).allSatisfy(compare)
        && zip(values, other.values).allSatisfy(compare)
    }
    if zip(keys, other.keys).allSatisfy({ Variant.isEqual($0, $1, inOrder: true) }) {
      return zip(values, other.values).allSatisfy(compare)
    }
    var nestedKeys = NestedKeys(of: other)
    return zip(keys, values).allSatisfy { key, value in
      let found = key.isNested ? nestedKeys.take(key) : other[key]
      return found.map { compare(value, $0) } ?? false
    }
  }
}

// The nested keys by their hashes. Each hash has its positions, the first one last.
private struct NestedKeys {
  private let keys: [Variant]
  private let values: [Variant]
  private var positions: [Int: [Int]] = [:]

  init(of dictionary: VariantDictionary) {
    (keys, values) = (dictionary.keys, dictionary.values)
    for position in keys.indices.reversed() where keys[position].isNested {
      positions[keys[position].hashValue, default: []].append(position)
    }
  }

  // Finds a key's value once. The same key can occur twice.
  mutating func take(_ key: Variant) -> Variant? {
    let hash = key.hashValue
    let found = positions[hash]?.lastIndex { Variant.isEqual(keys[$0], key, inOrder: true) }
    let position = found.flatMap { positions[hash]?.remove(at: $0) }
    return position.map { values[$0] }
  }
}

extension VariantDictionary: Sequence {
  /// Returns an iterator over the pairs in their order.
  public func makeIterator() -> some IteratorProtocol<(key: Variant, value: Variant)> {
    zip(keys, values).lazy.map { (key: $0, value: $1) }.makeIterator()
  }

  /// The number of pairs.
  public var underestimatedCount: Int { count }
}

extension VariantDictionary: ExpressibleByDictionaryLiteral {
  /// Creates a dictionary of the pairs in their order. The last value of a repeated key counts, as
  /// in Godot.
  public init(dictionaryLiteral pairs: (Variant, Variant)...) {
    for (key, value) in pairs { self[key] = .some(value) }
  }
}
