// SPDX-License-Identifier: MIT
//
// Equal values have the same hash. Different values rarely have the same one: a peer cannot choose
// keys that all collide. Therefore a NaN equals a NaN, and texts compare as bytes.

extension Variant: Hashable {
  /// Returns whether both have the same type and are equal: see ``Variant``. A NaN equals a NaN, as
  /// among the keys of Godot's dictionaries.
  public static func == (left: Variant, right: Variant) -> Bool {
    isEqual(left, right, inOrder: false)
  }

  // With inOrder, two dictionaries are equal only if their pairs have the same order. Keys that are
  // dictionaries compare so. An array holds the pairs that are still to be compared, so no value is
  // too deep for the call stack.
  static func isEqual(_ left: Variant, _ right: Variant, inOrder: Bool) -> Bool {
    guard left.isNested, right.isNested else { return isSamePlain(left, right) }
    var pending: [(Variant, Variant)] = []
    // Returns whether both can still be equal.
    func compare(_ left: Variant, _ right: Variant) -> Bool {
      guard left.isNested, right.isNested else { return isSamePlain(left, right) }
      pending.append((left, right))
      return true
    }
    guard compare(left, right) else { return false }
    while let (left, right) = pending.popLast() {
      switch (left, right) {
      case (.array(let left), .array(let right)):
        guard left.count == right.count, zip(left, right).allSatisfy(compare) else { return false }
      case (.dictionary(let left), .dictionary(let right)):
        guard left.matches(right, inOrder: inOrder, compare) else { return false }
      case (.object(let left), .object(let right)):
        guard left.matches(right, compare) else { return false }
      default: return false
      }
    }
    return true
  }

  private static func isSamePlain(_ left: Variant, _ right: Variant) -> Bool {
    switch (left, right) {
    case (.nil, .nil), (.callable, .callable): true
    case (.bool(let left), .bool(let right)): left == right
    case (.int(let left), .int(let right)): left == right
    case (.float(let left), .float(let right)): isSame(left, right)
    case (.string(let left), .string(let right)), (.string(let left), .stringName(let right)),
      (.stringName(let left), .string(let right)),
      (.stringName(let left), .stringName(let right)):
      isSame(left, right)
    case (.vector2i(let left), .vector2i(let right)): left == right
    case (.rect2i(let left), .rect2i(let right)): left == right
    case (.vector3i(let left), .vector3i(let right)): left == right
    case (.vector4i(let left), .vector4i(let right)): left == right
    case (.nodePath(let left), .nodePath(let right)): left == right
    case (.rid(let left), .rid(let right)): left == right
    case (.signal(let left), .signal(let right)): left == right
    case (.packedByteArray(let left), .packedByteArray(let right)): left == right
    case (.packedInt32Array(let left), .packedInt32Array(let right)): left == right
    case (.packedInt64Array(let left), .packedInt64Array(let right)): left == right
    case (.packedStringArray(let left), .packedStringArray(let right)): isSame(left, right)
    default: areSameReals(left, right)
    }
  }

  // Compares values that consist of reals, in single or double precision.
  private static func areSameReals(_ left: Variant, _ right: Variant) -> Bool {
    guard left.type == right.type, let left = left.reals, let right = right.reals else {
      return false
    }
    return left.elementsEqual(right, by: isSame)
  }
}

extension VariantObject {
  /// Returns whether both have the same id, or the same class and equal properties.
  public static func == (left: VariantObject, right: VariantObject) -> Bool {
    Variant.object(left) == .object(right)
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    Variant.object(self).hash(into: &hasher)
  }

  fileprivate func matches(
    _ other: VariantObject, _ compare: (Variant, Variant) -> Bool
  ) -> Bool {
    switch (self, other) {
    case (.id(let left), .id(let right)):
      left == right
    case (.properties(let className, let left), .properties(let otherName, let right)):
      isSame(className, otherName) && left.count == right.count
        && zip(left, right).allSatisfy { isSame($0.name, $1.name) && compare($0.value, $1.value) }
    default:
      false
    }
  }
}

// MARK: - Hashes

extension Variant {
  /// Hashes all nested values, however deep.
  public func hash(into hasher: inout Hasher) {
    isNested ? hasher.combine(HashWalk.hash(of: self)) : hashPlain(into: &hasher)
  }

  // Hashes a value that contains no other.
  fileprivate func hashPlain(into hasher: inout Hasher) {
    switch self {
    case .bool(let value): hasher.combine(value)
    case .int(let value): hasher.combine(value)
    case .float(let value): hasher.combine(real: value)
    case .string(let value), .stringName(let value): hasher.combine(text: value)
    case .vector2i(let value): hasher.combine(value)
    case .rect2i(let value): hasher.combine(value)
    case .vector3i(let value): hasher.combine(value)
    case .vector4i(let value): hasher.combine(value)
    case .nodePath(let value): hasher.combine(value)
    case .rid(let value): hasher.combine(value)
    case .signal(let value): hasher.combine(value)
    case .packedByteArray(let value): hasher.combine(value)
    case .packedInt32Array(let value): hasher.combine(value)
    case .packedInt64Array(let value): hasher.combine(value)
    case .packedStringArray(let value): for text in value { hasher.combine(text: text) }
    default:
      hasher.combine(type)
      for real in reals ?? [] { hasher.combine(real: real) }
    }
  }
}

// Hashes a value that contains others. An array holds the open containers, so no value is too deep
// for the call stack.
fileprivate struct HashWalk {
  // A container that has elements left.
  fileprivate struct Level {
    var hasher = Hasher()
    var keys: [Variant] = []  // of a dictionary
    var values: [Variant] = []
    var next = 0  // of keys and values in turn, or of values
    // The hash of a dictionary is the sum of its pairs' hashes, because their order does not count.
    var pair = Hasher()
    var sum = 0
  }

  private var levels: [Level] = []

  static func hash(of value: Variant) -> Int {
    var walk = HashWalk(levels: [Level(value)])
    while true {
      if let child = walk.levels[walk.levels.count - 1].nextChild() {
        walk.levels.append(Level(child))
      } else {
        let hash = walk.levels.removeLast().finalize()
        if walk.levels.isEmpty { return hash }
        walk.levels[walk.levels.count - 1].combine { $0.combine(hash) }
      }
    }
  }
}

extension HashWalk.Level {
  fileprivate init(_ value: Variant) {
    hasher.combine(value.type)
    switch value {
    case .array(let array):
      values = array.elements
    case .dictionary(let dictionary):
      (keys, values) = (dictionary.keys, dictionary.values)
    case .object(.properties(let className, let properties)):
      hasher.combine(text: className)
      for property in properties { hasher.combine(text: property.name) }
      values = properties.map(\.value)
    case .object(.id(let id)):
      hasher.combine(id)
    default: break
    }
    hasher.combine(values.count)
  }

  // Combines elements up to the next container and returns that, or nil if no element is left.
  fileprivate mutating func nextChild() -> Variant? {
    while next < keys.count + values.count {
      let child =
        keys.isEmpty ? values[next] : next.isMultiple(of: 2) ? keys[next / 2] : values[next / 2]
      if child.isNested { return child }
      combine { child.hashPlain(into: &$0) }
    }
    return nil
  }

  // Proceeds to the next element.
  fileprivate mutating func combine(_ child: (inout Hasher) -> Void) {
    if keys.isEmpty {
      child(&hasher)
    } else if next.isMultiple(of: 2) {
      pair = Hasher()
      child(&pair)
    } else {
      child(&pair)
      sum &+= pair.finalize()
    }
    next += 1
  }

  fileprivate consuming func finalize() -> Int {
    hasher.combine(sum)
    return hasher.finalize()
  }
}

// MARK: - Texts and reals

// Swift's own == equates characters that Godot distinguishes: é as one code point and as two.
// Normalizing a peer's text would also take more than linear time.
func isSame(_ left: String, _ right: String) -> Bool {
  guard left.utf8.count == right.utf8.count else { return false }
  let same = unsafe left.utf8.withContiguousStorageIfAvailable { left in
    unsafe right.utf8.withContiguousStorageIfAvailable { right in
      unsafe left.elementsEqual(right)
    }
  }
  return (same ?? nil) ?? left.utf8.elementsEqual(right.utf8)
}

func isSame(_ left: [String], _ right: [String]) -> Bool {
  left.elementsEqual(right, by: isSame)
}

private func isSame(_ left: Double, _ right: Double) -> Bool {
  left == right || (left.isNaN && right.isNaN)
}

extension Hasher {
  mutating func combine(text: String) {
    var text = text
    text.withUTF8 { unsafe combine(bytes: UnsafeRawBufferPointer($0)) }
    combine(0xff as UInt8)  // no text contains it, so it marks the end
  }

  fileprivate mutating func combine(real: Double) {
    combine(real.isNaN ? .nan : real)
  }
}
