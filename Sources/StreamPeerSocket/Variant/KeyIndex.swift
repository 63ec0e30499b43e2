// SPDX-License-Identifier: MIT

// The positions of keys in an array of keys: a hash table with open addressing that holds only
// positions. It has no keys that contain values. These are searched one by one.
struct KeyIndex {
  private static let free: UInt32 = 0
  private static let removed = UInt32.max

  // A position plus 1, or one of the above.
  private var slots: [UInt32]
  private var used = 0  // or removed

  // Creates an empty table with room for this many keys.
  init(count: Int) {
    slots = Array(repeating: Self.free, count: Self.slots(for: count))
  }

  // Creates a table of different keys, with room for as many again.
  init(of keys: [Variant]) {
    self.init(count: 2 * keys.count)
    for position in keys.indices where !keys[position].isNested {
      insert(keys[position], at: position)
    }
  }

  private static func slots(for count: Int) -> Int {
    var slots = 64
    while slots < 2 * count { slots *= 2 }
    return slots
  }

  // The memory of a table for this many keys.
  static func bytes(for count: Int) -> Int {
    VariantMemory.array(of: UInt32.self, slots(for: count))
  }

  // If false, create a larger table first.
  var hasRoom: Bool { 2 * used < slots.count }

  mutating func insert(_ key: Variant, at position: Int) {
    var slot = key.hashValue & (slots.count - 1)
    while slots[slot] != Self.free { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = UInt32(position + 1)
    used += 1
  }

  func position(of key: Variant, in keys: [Variant]) -> Int? {
    find(key, in: keys).position
  }

  // Returns the position of a key, or inserts it at `newPosition` and returns nil.
  mutating func find(_ key: Variant, in keys: [Variant], orInsertAt newPosition: Int) -> Int? {
    let (position, slot) = find(key, in: keys)
    if position == nil {
      slots[slot] = UInt32(newPosition + 1)
      used += 1
    }
    return position
  }

  // Returns the position of a key, or the free slot for it.
  private func find(_ key: Variant, in keys: [Variant]) -> (position: Int?, slot: Int) {
    var slot = key.hashValue & (slots.count - 1)
    while slots[slot] != Self.free {
      let position = Int(slots[slot]) - 1
      if slots[slot] != Self.removed && keys[position] == key { return (position, slot) }
      slot = (slot + 1) & (slots.count - 1)
    }
    return (nil, slot)
  }

  // Removes a key.
  mutating func remove(_ key: Variant, at position: Int) {
    var slot = key.hashValue & (slots.count - 1)
    while slots[slot] != UInt32(position + 1) { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = Self.removed
  }
}
