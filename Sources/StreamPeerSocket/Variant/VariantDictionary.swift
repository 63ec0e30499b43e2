// SPDX-License-Identifier: MIT

/// Values by keys, in the order in which they were put. Godot: `Dictionary`.
/// (`SPS_VARIANT_DICTIONARY`)
///
/// It is a value, and not a reference as in Godot. To find a key takes the same time however many
/// there are, but for keys that are arrays, dictionaries or objects themselves, among which it
/// looks one by one: so a stranger's nested keys cost no more than their bytes. To remove one takes
/// time in proportion to how many come after it.
public struct VariantDictionary: Sendable {
  fileprivate final class Storage: NestedStorage, @unchecked Sendable {
    @exclusivity(unchecked) var keys: [Variant] = []
    @exclusivity(unchecked) var values: [Variant] = []
    // What few have. Nobody else has it.
    @exclusivity(unchecked) var extras: Extras?

    override init() {}

    init(copying other: Storage) {
      (keys, values) = (other.keys, other.values)
      extras = other.extras.map(Extras.init(copying:))
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

    init() {}

    init(copying other: Extras) {
      (keyType, valueType, index) = (other.keyType, other.valueType, other.index)
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

  public var keys: [Variant] { storage?.keys ?? [] }
  public var values: [Variant] { storage?.values ?? [] }
  public var count: Int { storage?.keys.count ?? 0 }
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
    get { position(of: key).map { values[$0] } }
    set {
      switch (position(of: key), newValue) {
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

  public mutating func removeAll() {
    self = VariantDictionary(keys: keyType, values: valueType)
  }

  // One that was read: of keys and values in turn. Godot keeps the last value of a key that comes
  // twice. (Of nested keys both stay, so that none is compared.)
  init(
    reading pairs: [Variant], keys keyType: VariantElementType, values valueType: VariantElementType
  ) {
    self.init(keys: keyType, values: valueType)
    guard !pairs.isEmpty else { return }
    let storage = ownStorage()
    storage.keys.reserveCapacity(pairs.count / 2)
    storage.values.reserveCapacity(pairs.count / 2)
    for at in stride(from: 0, to: pairs.count, by: 2) {
      let key = pairs[at]
      if !key.isNested, let position = storage.position(of: key) {
        storage.values[position] = pairs[at + 1]
      } else {
        storage.append(key, pairs[at + 1])
      }
    }
  }
}

// MARK: - Positions

// As many keys as are looked through one by one.
private let mostWithoutIndex = 16

extension VariantDictionary {
  fileprivate func position(of key: Variant) -> Int? { storage?.position(of: key) }
}

extension VariantDictionary.Storage {
  fileprivate func position(of key: Variant) -> Int? {
    guard let index = extras?.index, !key.isNested else {
      return keys.firstIndex { Variant.isEqual($0, key, inOrder: true) }
    }
    return index.position(of: key, in: keys)
  }

  fileprivate func append(_ key: Variant, _ value: Variant) {
    keys.append(key)
    values.append(value)
    if extras?.index?.hasRoom ?? (keys.count <= mostWithoutIndex) {
      if !key.isNested { extras?.index?.insert(key, at: keys.count - 1) }
    } else {
      ownExtras().index = KeyIndex(of: keys)
    }
  }

  fileprivate func remove(at position: Int) {
    let key = keys.remove(at: position)
    values.remove(at: position)
    if !key.isNested { extras?.index?.remove(key, at: position) }
    if position < keys.count { extras?.index?.moveUp(behind: position) }
  }
}

// MARK: - What it can do

extension VariantDictionary: Hashable {
  /// Whether the keys are the same and their values equal, in whatever order, as in Godot. Keys
  /// that are dictionaries themselves are the same when their order is, too.
  public static func == (left: VariantDictionary, right: VariantDictionary) -> Bool {
    Variant.dictionary(left) == .dictionary(right)
  }

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
    var nestedKeys = NestedKeys(of: other.keys)
    return zip(keys, values).allSatisfy { key, value in
      let place = key.isNested ? nestedKeys.take(key) : other.position(of: key)
      return place.map { compare(value, other.values[$0]) } ?? false
    }
  }
}

// The keys that hold values, by their hashes: of each hash the positions, the first last.
private struct NestedKeys {
  private let keys: [Variant]
  private var positions: [Int: [Int]] = [:]

  init(of keys: [Variant]) {
    self.keys = keys
    for position in keys.indices.reversed() where keys[position].isNested {
      positions[keys[position].hashValue, default: []].append(position)
    }
  }

  // Finds a key, and not again: a key may be there twice.
  mutating func take(_ key: Variant) -> Int? {
    let hash = key.hashValue
    let found = positions[hash]?.lastIndex { Variant.isEqual(keys[$0], key, inOrder: true) }
    return found.flatMap { positions[hash]?.remove(at: $0) }
  }
}

extension VariantDictionary: Sequence {
  public func makeIterator() -> some IteratorProtocol<(key: Variant, value: Variant)> {
    zip(keys, values).lazy.map { (key: $0, value: $1) }.makeIterator()
  }

  public var underestimatedCount: Int { count }
}

extension VariantDictionary: ExpressibleByDictionaryLiteral {
  /// The pairs in their order. Of a key that is there twice the last value counts, as in Godot.
  public init(dictionaryLiteral pairs: (Variant, Variant)...) {
    for (key, value) in pairs { self[key] = .some(value) }
  }
}
