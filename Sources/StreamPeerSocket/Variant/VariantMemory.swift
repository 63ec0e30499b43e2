// SPDX-License-Identifier: MIT
internal import CSocketCore

// The memory budget of a value while it is read, counted in blocks of malloc(3).
// SPS_VARIANT_SPARE_MEMORY_BYTES states the rule.
struct VariantMemory {
  private var left: Int

  // A limit of 0 means the default for this many bytes.
  init(limit: Int, reading bytes: Int) {
    let spare = Int(SPS_VARIANT_SPARE_MEMORY_BYTES)
    left = limit > 0 ? limit : 4 * min(bytes, (.max - spare) / 4) + spare
  }

  var isExceeded: Bool { left < 0 }

  mutating func giveBack(_ bytes: Int) {
    left += bytes
  }

  // Returns false if less is left.
  mutating func take(_ bytes: Int) -> Bool {
    left -= bytes
    return left >= 0
  }
}

// MARK: - Blocks

extension VariantMemory {
  static func array<Element>(of type: Element.Type, _ count: Int) -> Int {
    count == 0 ? 0 : block(32 + count * MemoryLayout<Element>.stride)
  }

  // The memory that `indirect` allocates.
  fileprivate static func box<Value>(of type: Value.Type) -> Int {
    object(fields: MemoryLayout<Value>.size)
  }

  // An object of a class.
  static func object(fields bytes: Int) -> Int { block(16 + bytes) }

  // A String of up to 15 bytes has no memory of its own.
  fileprivate static func text(_ bytes: Int) -> Int { bytes <= 15 ? 0 : block(56 + bytes) }

  // Adds the overhead of malloc(3).
  private static func block(_ bytes: Int) -> Int { (bytes + 23) & ~15 }
}

// MARK: - Items

private let elementTypeBytes = MemoryLayout<VariantElementType>.size

extension sps_variant_item {
  // The memory of a value besides its place in a container. At the begin of a container, the places
  // in it are not included.
  var memoryBytes: Int {
    guard unsafe type >= VariantType.string.rawValue else { return 0 }
    if unsafe flags & UInt32(SPS_VARIANT_WIDE) != 0 {
      return unsafe VariantMemory.array(of: UInt8.self, data_bytes)
    }
    let type = unsafe VariantType(rawValue: type) ?? .nil
    return switch type {
    case .string, .stringName: unsafe VariantMemory.text(data_bytes)
    case .signal: unsafe VariantMemory.box(of: Signal.self) + VariantMemory.text(data_bytes)
    case .transform2D: VariantMemory.box(of: Transform2D.self)
    case .aabb: VariantMemory.box(of: AABB.self)
    case .basis: VariantMemory.box(of: Basis.self)
    case .transform3D: VariantMemory.box(of: Transform3D.self)
    case .projection: VariantMemory.box(of: Projection.self)
    case .object: unsafe VariantMemory.box(of: VariantObject.self) + VariantMemory.text(data_bytes)
    case .array: unsafe containerBytes(types: VariantMemory.object(fields: elementTypeBytes))
    case .dictionary: unsafe containerBytes(types: VariantDictionary.extrasBytes)
    case .nodePath, .packedStringArray: unsafe textsBytes
    default: unsafe type.isPacked ? VariantMemory.array(of: UInt8.self, data_bytes) : 0
    }
  }

  // Includes the memory of its types if it is typed.
  private func containerBytes(types: Int) -> Int {
    let isTyped = unsafe key_kind != SPS_VARIANT_ANY || value_kind != SPS_VARIANT_ANY
    guard unsafe count > 0 || isTyped else { return 0 }
    let storage = VariantMemory.object(fields: 3 * MemoryLayout<Int>.size)
    guard isTyped else { return storage }
    let names = unsafe VariantMemory.text(key_name_bytes) + VariantMemory.text(value_name_bytes)
    return storage + types + names
  }

  private var textsBytes: Int {
    var bytes = unsafe VariantMemory.array(of: String.self, Int(count))
    unsafe bytes += VariantMemory.array(of: String.self, Int(subname_count))
    unsafe forEachText { bytes += VariantMemory.text($0.count) }
    return bytes
  }
}
