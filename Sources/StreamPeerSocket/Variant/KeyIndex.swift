// SPDX-License-Identifier: MIT

// Where keys are in an array of keys: a table of hashes with open addressing, which holds positions
// only.
struct KeyIndex {
  private static let free: UInt32 = 0
  private static let removed = UInt32.max

  // A position and 1, or one of the above.
  private var slots: [UInt32]
  private var used = 0  // or removed

  // Of those keys that hold no values: these are looked for one by one.
  init(of keys: [Variant]) {
    var size = 64
    while size < 4 * keys.count { size *= 2 }
    slots = Array(repeating: Self.free, count: size)
    for position in keys.indices where !keys[position].isNested {
      insert(keys[position], at: position)
    }
  }

  // False: make a new one first.
  var hasRoom: Bool { 2 * used < slots.count }

  mutating func insert(_ key: Variant, at position: Int) {
    var slot = key.hashValue & (slots.count - 1)
    while slots[slot] != Self.free { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = UInt32(position + 1)
    used += 1
  }

  func position(of key: Variant, in keys: [Variant]) -> Int? {
    var slot = key.hashValue & (slots.count - 1)
    while slots[slot] != Self.free {
      let position = Int(slots[slot]) - 1
      if slots[slot] != Self.removed && keys[position] == key { return position }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  // Forgets a key.
  mutating func remove(_ key: Variant, at position: Int) {
    var slot = key.hashValue & (slots.count - 1)
    while slots[slot] != UInt32(position + 1) { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = Self.removed
  }

  // The keys behind one that is removed move up.
  mutating func moveUp(behind position: Int) {
    for slot in slots.indices where slots[slot] != Self.removed && slots[slot] > position + 1 {
      slots[slot] -= 1
    }
  }
}
