// SPDX-License-Identifier: MIT
import CSocketCore
import StreamPeerSocket

/// The limits of a reader of values.
struct VariantLimits {
  var maxDepth = Int(SPS_VARIANT_MAX_DEPTH)
  var allowObjects = true
}

/// The position and the reason of an error in the bytes.
struct Malformed: Error {
  /// The position in the bytes of the value.
  var offset: Int
  var reason: String
  /// Whether more bytes could complete the value.
  var isTruncated = false
}

extension sps_variant_item {
  init(_ type: VariantType) {
    self.init()
    struct_size = UInt32(MemoryLayout<sps_variant_item>.size)
    self.type = type.rawValue
  }

  // A reader returns no other type.
  var variantType: VariantType { VariantType(rawValue: type) ?? .nil }
  var begins: Bool { step == sps_variant_step(SPS_VARIANT_BEGIN) }
  var ends: Bool { step == sps_variant_step(SPS_VARIANT_END) }
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: data, count: data_bytes) }

  func has(_ flag: Int) -> Bool { flags & UInt32(flag) != 0 }
  var isWide: Bool { has(Int(SPS_VARIANT_WIDE)) }

  /// The strings of a packed array, or the names and then the subnames of a node path.
  var texts: [UnsafeRawBufferPointer] {
    var list: [UnsafeRawBufferPointer] = []
    var position = 0
    var text: UnsafePointer<CChar>?
    var bytes = 0
    withUnsafePointer(to: self) { item in
      while sps_variant_next_string(item, &position, &text, &bytes) == 0 {
        list.append(UnsafeRawBufferPointer(start: text, count: bytes))
      }
    }
    return list
  }
}

/// Walks over the items of one value, and knows the position of each.
final class ItemWalk {
  /// The role of an item in the container around it.
  enum Place {
    case top, element, key, value, name
  }

  struct Step {
    var item: sps_variant_item
    /// At the end of a container: the place of the container.
    var place: Place
    /// The item's own bytes. For a container: the bytes before its elements.
    var bytes: UnsafeRawBufferPointer
    var offset: Int
    var isFirst: Bool
    /// The number of items that follow in the container around it.
    var left: Int
  }

  private struct Level {
    let type: VariantType
    let place: Place
    let total: Int
    var left: Int

    var nextPlace: Place {
      switch type {
      case .array: .element
      case .dictionary: left % 2 == 0 ? .key : .value
      default: left % 2 == 0 ? .name : .value
      }
    }
  }

  private let limits: VariantLimits
  private let reader = UnsafeMutablePointer<sps_variant_reader>.allocate(capacity: 1)
  private var data = UnsafeRawBufferPointer(start: nil, count: 0)
  private var levels: [Level] = []

  init(_ limits: VariantLimits) {
    self.limits = limits
    reader.pointee.struct_size = UInt32(MemoryLayout<sps_variant_reader>.size)
  }

  deinit {
    reader.deallocate()
  }

  /// The number of bytes read.
  var offset: Int { sps_variant_reader_offset(reader) }

  /// Begins a value. More bytes may follow it. The bytes are borrowed until the walk ends.
  func begin(_ bytes: UnsafeRawBufferPointer) {
    data = UnsafeRawBufferPointer(rebasing: bytes.prefix(Int(UInt32.max)))
    levels.removeAll(keepingCapacity: true)
    var options = sps_variant_reader_options()
    options.struct_size = UInt32(MemoryLayout<sps_variant_reader_options>.size)
    options.max_depth = UInt32(limits.maxDepth)
    options.allow_objects = limits.allowObjects ? 1 : 0
    let code = sps_variant_reader_init(reader, data.baseAddress, data.count, &options)
    precondition(code == 0, "the limits were checked before")
  }

  /// Returns the next item, or nil after the last.
  func next() throws(Malformed) -> Step? {
    var item = sps_variant_item(.nil)
    let begin = offset
    let code = sps_variant_reader_next(reader, &item)
    if code == GodotError.errFileEof.rawValue { return nil }
    guard code == 0 else { throw malformed() }
    var step = Step(
      item: item, place: .top, bytes: UnsafeRawBufferPointer(rebasing: data[begin..<offset]),
      offset: begin, isFirst: true, left: 0)
    if item.ends {
      step.place = levels.popLast()?.place ?? .top
      step.left = levels.last?.left ?? 0
      return step
    }
    if let level = levels.last {
      step.place = level.nextPlace
      step.isFirst = level.left == level.total
      step.left = level.left - 1
      levels[levels.count - 1].left -= 1
    }
    if item.begins {
      let type = item.variantType
      let items = type == .array ? Int(item.count) : 2 * Int(item.count)
      levels.append(Level(type: type, place: step.place, total: items, left: items))
    }
    return step
  }

  private func malformed() -> Malformed {
    let at = offset
    switch Int(sps_variant_reader_fault(reader)) {
    case Int(SPS_VARIANT_UNKNOWN_TYPE): return Malformed(offset: at, reason: unknownType(at))
    case Int(SPS_VARIANT_TOO_DEEP):
      return Malformed(offset: at, reason: "more than \(limits.maxDepth) levels of containers")
    case Int(SPS_VARIANT_NO_UTF8):
      return Malformed(offset: at, reason: "a text that is not UTF-8")
    case Int(SPS_VARIANT_OLD_NODE_PATH):
      return Malformed(offset: at, reason: "a NodePath in the format before Godot 2.1")
    case Int(SPS_VARIANT_OBJECT_NOT_ALLOWED):
      return Malformed(offset: at, reason: "an object with properties, which is not allowed")
    default:
      return Malformed(
        offset: at, reason: "the bytes end before the value does", isTruncated: true)
    }
  }

  private func unknownType(_ offset: Int) -> String {
    let type = data[offset]
    return VariantType(rawValue: Int32(type)) == nil
      ? "there is no type \(type)" : "there is no such type as its elements are said to have"
  }
}
