// SPDX-License-Identifier: MIT

/// Values by keys, in the order in which they were put. Godot: `Dictionary`.
/// (`SPS_VARIANT_DICTIONARY`)
///
/// It is a value, and not a reference as in Godot. To find a key takes the same time however many
/// there are, but for keys that are arrays, dictionaries or objects themselves, among which it looks
/// one by one: so a stranger's nested keys cost no more than their bytes.
public struct VariantDictionary: Sendable {
  public private(set) var keys: [Variant] = []
  public private(set) var values: [Variant] = []
  /// What a typed dictionary's keys are.
  public var keyType = VariantElementType.any
  /// What a typed dictionary's values are.
  public var valueType = VariantElementType.any
  // Where plain keys are, once there are many.
  private var positions: [Variant: Int]?

  /// An empty one, for anything.
  public init() {}

  /// An empty one whose keys, or values, are typed.
  public init(keys keyType: VariantElementType, values valueType: VariantElementType) {
    self.keyType = keyType
    self.valueType = valueType
  }

  public var count: Int { keys.count }
  public var isEmpty: Bool { keys.isEmpty }

  /// A key's value. To set nil removes the key (and `.some(.nil)` puts Godot's `null`); a new key
  /// goes to the end.
  public subscript(key: Variant) -> Variant? {
    get { position(of: key).map { values[$0] } }
    set {
      switch (position(of: key), newValue) {
      case (let position?, let value?): values[position] = value
      case (let position?, nil): remove(at: position)
      case (nil, let value?): append(key, value)
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
    (keys, values, positions) = ([], [], nil)
  }

  mutating func reserveCapacity(_ count: Int) {
    keys.reserveCapacity(count)
    values.reserveCapacity(count)
  }

  // Puts what was read. Godot keeps the last value of a key that comes twice. (Of nested keys both
  // stay, so that none is compared.)
  mutating func put(_ key: Variant, _ value: Variant) {
    if !key.isNested, let position = position(of: key) {
      values[position] = value
    } else {
      append(key, value)
    }
  }
}

// MARK: - Positions

// As many keys as are looked through one by one.
private let mostWithoutPositions = 16

extension VariantDictionary {
  private func position(of key: Variant) -> Int? {
    guard let positions, !key.isNested else {
      return keys.firstIndex { Variant.isEqual($0, key, inOrder: true) }
    }
    return positions[key]
  }

  private mutating func append(_ key: Variant, _ value: Variant) {
    keys.append(key)
    values.append(value)
    if positions == nil {
      notePositions()
    } else if !key.isNested {
      positions?[key] = keys.count - 1
    }
  }

  private mutating func remove(at position: Int) {
    keys.remove(at: position)
    values.remove(at: position)
    notePositions()
  }

  private mutating func notePositions() {
    guard keys.count > mostWithoutPositions else {
      positions = nil
      return
    }
    let plain = keys.indices.filter { !keys[$0].isNested }
    positions = Dictionary(plain.map { (keys[$0], $0) }, uniquingKeysWith: { first, _ in first })
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
    return keys.indices.allSatisfy { index in
      let isInPlace = Variant.isEqual(keys[index], other.keys[index], inOrder: true)
      let place = isInPlace ? index : other.position(of: keys[index])
      return place.map { compare(values[index], other.values[$0]) } ?? false
    }
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
