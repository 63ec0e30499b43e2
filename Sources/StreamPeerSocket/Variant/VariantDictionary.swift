// SPDX-License-Identifier: MIT

/// Values by keys, in the order in which they were put. Godot: `Dictionary`.
/// (`SPS_VARIANT_DICTIONARY`)
///
/// It is a value, and not a reference as in Godot. To find a key takes the same time however many
/// there are, but for keys that are arrays, dictionaries or objects themselves, among which it
/// looks one by one: so a stranger's nested keys cost no more than their bytes. To put and to remove
/// one does, too, on average.
public struct VariantDictionary: Sendable {
  fileprivate final class Storage: NestedStorage, @unchecked Sendable {
    // With holes, which are nil, where pairs were removed.
    @exclusivity(unchecked) var keys: [Variant]
    @exclusivity(unchecked) var values: [Variant]
    // What few have. Nobody else has it.
    @exclusivity(unchecked) var extras: Extras?

    init(_ keys: [Variant] = [], _ values: [Variant] = [], _ extras: Extras? = nil) {
      (self.keys, self.values, self.extras) = (keys, values, extras)
    }

    convenience init(copying other: Storage) {
      self.init(other.keys, other.values, other.extras.map(Extras.init(copying:)))
    }

    func ownExtras() -> Extras {
      let own = extras ?? Extras()
      extras = own
      return own
    }

    deinit {
      endValues()
    }

    override func takeApart(into storages: inout [NestedStorage]) {
      keys.takeApart(into: &storages)
      values.takeApart(into: &storages)
    }
  }

  fileprivate final class Extras {
    var keyType = VariantElementType.any
    var valueType = VariantElementType.any
    // Where plain keys are, once there are many.
    @exclusivity(unchecked) var index: KeyIndex?
    // Which pairs were removed: of each position whether it is a hole, or empty.
    @exclusivity(unchecked) var isHole: [Bool] = []
    @exclusivity(unchecked) var holes = 0

    init() {}

    init(copying other: Extras) {
      (keyType, valueType) = (other.keyType, other.valueType)
      (index, isHole, holes) = (other.index, other.isHole, other.holes)
    }
  }

  // nil: empty, and for anything.
  private var storage: Storage?

  /// An empty one, for anything.
  public init() {}

  /// An empty one whose keys, or values, are typed.
  public init(keys keyType: VariantElementType, values valueType: VariantElementType) {
    setTypes(keyType, valueType)
  }

  /// The keys in their order. They are made anew each time once a key was removed.
  public var keys: [Variant] { storage.map { $0.withoutHoles($0.keys) } ?? [] }
  /// The values in the order of their keys, as ``keys``.
  public var values: [Variant] { storage.map { $0.withoutHoles($0.values) } ?? [] }
  /// The number of pairs.
  public var count: Int { storage?.count ?? 0 }
  /// Whether there is no pair.
  public var isEmpty: Bool { count == 0 }

  /// What a typed dictionary's keys are.
  public var keyType: VariantElementType {
    get { storage?.extras?.keyType ?? .any }
    set { setTypes(newValue, valueType) }
  }

  /// What a typed dictionary's values are.
  public var valueType: VariantElementType {
    get { storage?.extras?.valueType ?? .any }
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

  /// A key's value. To set nil removes the key (and `.some(.nil)` puts Godot's `null`); a new key
  /// goes to the end.
  public subscript(key: Variant) -> Variant? {
    get { storage?.value(of: key) }
    set {
      switch (storage?.position(of: key), newValue) {
      case (let position?, let value?): ownStorage().values[position] = value
      case (let position?, nil): ownStorage().remove(at: position)
      case (nil, let value?): ownStorage().append(key, value)
      case (nil, nil): break
      }
    }
  }

  /// A text key's value: of a String or a StringName, which are the same key, as in Godot.
  public subscript(key: String) -> Variant? {
    get { self[.string(key)] }
    set { self[.string(key)] = newValue }
  }

  /// Removes all pairs. The types of keys and values stay.
  public mutating func removeAll() {
    self = VariantDictionary(keys: keyType, values: valueType)
  }

  // One that was read, whose keys are to be merged.
  init(
    reading keys: [Variant], _ values: [Variant],
    keyType: VariantElementType, valueType: VariantElementType
  ) {
    self.init(keys: keyType, values: valueType)
    guard !keys.isEmpty else { return }
    storage = Storage(keys, values, storage?.extras)
  }

  // Godot keeps the last value of a key that comes twice. (Of nested keys both stay, so that none is
  // compared.)
  mutating func mergeSameKeys() {
    guard storage != nil else { return }
    ownStorage().mergeSameKeys()
  }
}

// MARK: - Positions

// As many keys as are looked through one by one.
private let mostWithoutIndex = 16

extension VariantDictionary.Storage {
  fileprivate func value(of key: Variant) -> Variant? { position(of: key).map { values[$0] } }

  fileprivate func position(of key: Variant) -> Int? {
    guard let index = extras?.index, !key.isNested else {
      return keys.firstIndex { Variant.isEqual($0, key, inOrder: true) }
    }
    return index.position(of: key, in: keys)
  }

  fileprivate func append(_ key: Variant, _ value: Variant) {
    if extras?.index?.hasRoom ?? (keys.count < mostWithoutIndex) {
      if !key.isNested { extras?.index?.insert(key, at: keys.count) }
      extras?.addPosition()
      keys.append(key)
      values.append(value)
    } else {
      fillHoles()
      keys.append(key)
      values.append(value)
      ownExtras().index = KeyIndex(of: keys)
    }
  }

  // Of many keys any but the last leaves a hole, so that none behind it moves.
  fileprivate func remove(at position: Int) {
    let isLast = position == keys.count - 1
    if !keys[position].isNested { extras?.index?.remove(keys[position], at: position) }
    guard let extras, extras.index != nil, !isLast else {
      keys.remove(at: position)
      values.remove(at: position)
      if extras?.isHole.isEmpty == false { extras?.isHole.removeLast() }
      return
    }
    makeHole(at: position)
    if extras.holes > keys.count / 2 {
      fillHoles()
      extras.index = KeyIndex(of: keys)
    }
  }

  // Of a key that was read twice its first place remains, with its last value.
  fileprivate func mergeSameKeys() {
    if keys.count > mostWithoutIndex { ownExtras().index = KeyIndex(count: keys.count) }
    for position in keys.indices where !keys[position].isNested {
      if let first = firstPosition(ofKeyAt: position) {
        values[first] = values[position]
        makeHole(at: position)
      }
    }
    if let extras, extras.holes > 0 {
      fillHoles()
      extras.index = extras.index.map { _ in KeyIndex(of: keys) }
    }
  }

  // nil: it is the first.
  private func firstPosition(ofKeyAt position: Int) -> Int? {
    let key = keys[position]
    if extras?.index != nil {
      return extras?.index?.find(key, in: keys, orInsertAt: position)
    }
    return keys[..<position].firstIndex { Variant.isEqual($0, key, inOrder: true) }
  }
}

// MARK: - Holes

extension VariantDictionary.Storage {
  fileprivate var count: Int { keys.count - (extras?.holes ?? 0) }

  fileprivate func withoutHoles(_ list: [Variant]) -> [Variant] {
    guard let extras, extras.holes > 0 else { return list }
    return zip(list, extras.isHole).lazy.filter { !$1 }.map(\.0)
  }

  fileprivate func makeHole(at position: Int) {
    keys[position] = .nil
    values[position] = .nil
    ownExtras().addHole(at: position, of: keys.count)
  }

  // All behind a hole move up: the index is of no use then.
  fileprivate func fillHoles() {
    keys = withoutHoles(keys)
    values = withoutHoles(values)
    extras?.isHole = []
    extras?.holes = 0
  }
}

extension VariantDictionary.Extras {
  fileprivate func addHole(at position: Int, of count: Int) {
    if isHole.isEmpty { isHole = Array(repeating: false, count: count) }
    isHole[position] = true
    holes += 1
  }

  // Of a pair that is put at the end.
  fileprivate func addPosition() {
    if !isHole.isEmpty { isHole.append(false) }
  }
}

// MARK: - Memory

extension VariantDictionary {
  static var extrasBytes: Int {
    VariantMemory.object(
      fields: 2 * MemoryLayout<VariantElementType>.stride + 4 * MemoryLayout<Int>.size)
  }

  // What so many keys take besides, once they were read.
  static func indexBytes(of keys: Int) -> Int {
    keys > mostWithoutIndex ? extrasBytes + KeyIndex.bytes(for: keys) : 0
  }
}

// MARK: - What it can do

extension VariantDictionary: Hashable {
  /// Whether the keys are the same and their values equal, in whatever order, as in Godot. Keys
  /// that are dictionaries themselves are the same when their order is, too.
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

// The keys that hold values, by their hashes: of each hash the positions, the first last.
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

  // Finds a key's value, and not again: a key may be there twice.
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
  /// The pairs in their order. Of a key that is there twice the last value counts, as in Godot.
  public init(dictionaryLiteral pairs: (Variant, Variant)...) {
    for (key, value) in pairs { self[key] = .some(value) }
  }
}
