// SPDX-License-Identifier: MIT
//
// Two values that are equal have the same hash, and what is different seldom has: no stranger can
// choose keys that all fall together. So a NaN is a NaN, and texts are their bytes.

extension Variant: Hashable {
  /// Whether both are of the same type and equal; see ``Variant``. A NaN is its equal, as among the
  /// keys of Godot's dictionaries.
  public static func == (left: Variant, right: Variant) -> Bool {
    isEqual(left, right, inOrder: false)
  }

  // In order, two dictionaries are equal only when their pairs come in the same: so are keys
  // compared that are dictionaries. What is still to be compared is kept in an array, so that no
  // value is too deep for the stack.
  static func isEqual(_ left: Variant, _ right: Variant, inOrder: Bool) -> Bool {
    guard left.isNested, right.isNested else { return isSamePlain(left, right) }
    var pending: [(Variant, Variant)] = []
    // Whether they may be equal still.
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

  // What consists of reals, and may be wide.
  private static func areSameReals(_ left: Variant, _ right: Variant) -> Bool {
    guard left.type == right.type, let left = left.reals, let right = right.reals else {
      return false
    }
    return left.elementsEqual(right, by: isSame)
  }
}

extension VariantObject {
  public static func == (left: VariantObject, right: VariantObject) -> Bool {
    Variant.object(left) == .object(right)
  }

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
  // An array's is of all that is in it, however deep; of a dictionary only what is plain counts,
  // since its order does not.
  public func hash(into hasher: inout Hasher) {
    var pending: [Variant] = []
    // Keeps for later what is nested.
    func combine(_ value: Variant, _ hasher: inout Hasher) {
      value.isNested ? pending.append(value) : value.hashPlain(into: &hasher)
    }
    combine(self, &hasher)
    while let value = pending.popLast() {
      hasher.combine(value.type)
      switch value {
      case .array(let array):
        hasher.combine(array.count)
        for element in array { combine(element, &hasher) }
      case .object(.id(let id)):
        hasher.combine(id)
      case .object(.properties(let className, let properties)):
        hasher.combine(text: className)
        hasher.combine(properties.count)
        for property in properties { combine(property.value, &hasher) }
      default:
        value.dictionaryValue?.hashPlain(into: &hasher)
      }
    }
  }

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

extension VariantDictionary {
  // A sum, since the order does not count.
  fileprivate func hashPlain(into hasher: inout Hasher) {
    var sum = 0
    for (key, value) in self {
      var pair = Hasher()
      key.hashPlain(into: &pair)
      value.hashPlain(into: &pair)
      sum &+= pair.finalize()
    }
    hasher.combine(count)
    hasher.combine(sum)
  }
}

// MARK: - Texts and reals

// Swift's own == takes characters for the same that Godot does not: é in one code point and in two.
func isSame(_ left: String, _ right: String) -> Bool {
  left == right && left.utf8.elementsEqual(right.utf8)
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
    text.withUTF8 { combine(bytes: UnsafeRawBufferPointer($0)) }
    combine(0xff as UInt8)  // no text has it: where one ends counts
  }

  fileprivate mutating func combine(real: Double) {
    combine(real.isNaN ? .nan : real)
  }
}
