// SPDX-License-Identifier: MIT
internal import CSocketCore

// Makes a value of the items that the C library reads. What is open is kept in an array, so that no
// value is too deep for the stack.
struct VariantReader {
  // A container that has not ended.
  private struct Level {
    let item: sps_variant_item
    var values: [Variant] = []
  }

  private var levels: [Level] = []
  // How many values may follow: each has 4 bytes at least.
  private var mostValues: Int

  static func read(
    _ bytes: UnsafeRawBufferPointer, allowObjects: Bool, maxDepth: Int
  ) -> Result<Variant, VariantError> {
    withUnsafeTemporaryAllocation(of: sps_variant_reader.self, capacity: 1) { memory in
      let reader = memory.baseAddress!
      reader.pointee.struct_size = UInt32(MemoryLayout<sps_variant_reader>.size)
      var options = sps_variant_reader_options()
      options.struct_size = UInt32(MemoryLayout<sps_variant_reader_options>.size)
      options.allow_objects = allowObjects ? 1 : 0
      options.max_depth = maxDepth == 0 ? .max : cNumber(orNone: maxDepth)
      let code = sps_variant_reader_init(reader, bytes.baseAddress, bytes.count, &options)
      guard code == 0 else { return .failure(VariantError(.badArgument, code)) }
      var tree = VariantReader(mostValues: bytes.count / 4)
      return tree.read(reader)
    }
  }

  // Takes a value that the C library shows in a stream's own memory, and reads it before the next call.
  static func take(
    allowObjects: Bool,
    _ getter: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, UnsafeMutablePointer<Int>) -> Int32
  ) -> (code: Int32, value: Variant?) {
    var data: UnsafePointer<UInt8>?
    var bytes = 0
    let code = getter(&data, &bytes)
    guard code == 0 else { return (code, nil) }
    let value = UnsafeRawBufferPointer(start: data, count: bytes)
    switch read(value, allowObjects: allowObjects, maxDepth: 1024) {
    case .success(let variant): return (0, variant)
    case .failure(let failure): return (failure.error.rawValue, nil)
    }
  }

  private mutating func read(
    _ reader: UnsafeMutablePointer<sps_variant_reader>
  ) -> Result<Variant, VariantError> {
    var item = sps_variant_item()
    item.struct_size = UInt32(MemoryLayout<sps_variant_item>.size)
    while true {
      let code = sps_variant_reader_next(reader, &item)
      guard code == 0 else { return .failure(VariantError(of: reader, code)) }
      guard let value = take(item) else { continue }
      if levels.isEmpty { return .success(value) }
      levels[levels.count - 1].values.append(value)
    }
  }

  // Takes memory for so many values, unless that many cannot follow: containers that claim more
  // values than there are bytes for are malformed, and grow as their values come.
  private mutating func reserve(_ count: Int) {
    guard count <= mostValues else { return }
    mostValues -= count
    levels[levels.count - 1].values.reserveCapacity(count)
  }

  // nil when a container begins.
  private mutating func take(_ item: sps_variant_item) -> Variant? {
    switch Int(item.step) {
    case Int(SPS_VARIANT_BEGIN):
      levels.append(Level(item: item))
      reserve(Int(item.count) * (item.type == VariantType.array.rawValue ? 1 : 2))
      return nil
    case Int(SPS_VARIANT_END):
      return levels.popLast().map { Variant($0.item, $0.values) }
    default:
      return Variant(item)
    }
  }
}

extension VariantError {
  fileprivate init(of reader: UnsafePointer<sps_variant_reader>, _ code: Int32) {
    let reason: Reason =
      switch Int(sps_variant_reader_fault(reader)) {
      case Int(SPS_VARIANT_UNKNOWN_TYPE): .unknownType
      case Int(SPS_VARIANT_TOO_DEEP): .tooDeep
      case Int(SPS_VARIANT_NO_UTF8): .notUTF8
      case Int(SPS_VARIANT_OLD_NODE_PATH): .oldNodePath
      case Int(SPS_VARIANT_OBJECT_NOT_ALLOWED): .objectNotAllowed
      default: .truncated
      }
    self.init(reason, code, offset: sps_variant_reader_offset(reader))
  }
}

// MARK: - Containers

extension Variant {
  // A container, of its elements as they came.
  fileprivate init(_ item: sps_variant_item, _ values: [Variant]) {
    switch VariantType(rawValue: item.type) {
    case .dictionary:
      self = .dictionary(
        VariantDictionary(
          reading: values, keys: VariantElementType(keysOf: item),
          values: VariantElementType(valuesOf: item)))
    case .object:
      let properties = stride(from: 0, to: values.count, by: 2).map {
        VariantObject.Property(values[$0].stringValue ?? "", values[$0 + 1])
      }
      self = .object(.properties(className: item.text, properties))
    default:
      self = .array(VariantArray(values, of: VariantElementType(valuesOf: item)))
    }
  }
}

extension VariantElementType {
  fileprivate init(keysOf item: sps_variant_item) {
    self.init(item.key_kind, item.key_type, item.key_name, item.key_name_bytes)
  }

  fileprivate init(valuesOf item: sps_variant_item) {
    self.init(item.value_kind, item.value_type, item.value_name, item.value_name_bytes)
  }

  private init(_ kind: Int32, _ type: Int32, _ text: UnsafePointer<CChar>?, _ bytes: Int) {
    let name = UnsafeRawBufferPointer(start: text, count: bytes)
    self =
      switch Int(kind) {
      case Int(SPS_VARIANT_BUILTIN): .builtin(VariantType(rawValue: type) ?? .nil)
      case Int(SPS_VARIANT_CLASS): .class(String(decoding: name, as: UTF8.self))
      case Int(SPS_VARIANT_SCRIPT): .script(String(decoding: name, as: UTF8.self))
      default: .any
      }
  }
}

// MARK: - Values

extension Variant {
  fileprivate init(_ item: sps_variant_item) {
    let type = VariantType(rawValue: item.type) ?? .nil
    self =
      switch type {
      case .nil: .nil
      case .bool: .bool(item.integer != 0)
      case .int: .int(item.integer)
      case .float: .float(item.real)
      case .string: .string(item.text)
      case .stringName: .stringName(item.text)
      case .nodePath: .nodePath(NodePath(item))
      case .rid: .rid(RID(UInt64(bitPattern: item.integer)))
      case .object: .object(.id(UInt64(bitPattern: item.integer)))
      case .callable: .callable
      case .signal: .signal(Signal(item.text, objectID: UInt64(bitPattern: item.integer)))
      default: type.isPacked ? Variant(packed: item, type) : Variant(vector: item, type)
      }
  }

  private init(vector item: sps_variant_item, _ type: VariantType) {
    if let wide = WideReals(item, type) {
      self = .wide(wide)
      return
    }
    self =
      switch type {
      case .vector2: .vector2(Vector2(item))
      case .vector2i: .vector2i(Vector2i(item))
      case .rect2: .rect2(Rect2(item))
      case .rect2i: .rect2i(Rect2i(item))
      case .vector3: .vector3(Vector3(item))
      case .vector3i: .vector3i(Vector3i(item))
      case .transform2D: .transform2D(Transform2D(item))
      case .vector4: .vector4(Vector4(item))
      case .vector4i: .vector4i(Vector4i(item))
      case .plane: .plane(Plane(item))
      case .quaternion: .quaternion(Quaternion(item))
      case .aabb: .aabb(AABB(item))
      case .basis: .basis(Basis(item))
      case .transform3D: .transform3D(Transform3D(item))
      case .projection: .projection(Projection(item))
      default: .color(Color(item))
      }
  }

  private init(packed item: sps_variant_item, _ type: VariantType) {
    if let wide = WideReals(item, type) {
      self = .wide(wide)
      return
    }
    let count = Int(item.count)
    self =
      switch type {
      case .packedInt32Array:
        .packedInt32Array(item.integers(count).map { Int32(truncatingIfNeeded: $0) })
      case .packedInt64Array: .packedInt64Array(item.integers(count))
      case .packedFloat32Array: .packedFloat32Array(item.floats(count))
      case .packedFloat64Array: .packedFloat64Array(item.reals(count))
      case .packedStringArray: .packedStringArray(item.strings())
      case .packedVector2Array: .packedVector2Array(Vector2.array(item))
      case .packedVector3Array: .packedVector3Array(Vector3.array(item))
      case .packedColorArray: .packedColorArray(Color.array(item))
      case .packedVector4Array: .packedVector4Array(Vector4.array(item))
      default:
        .packedByteArray(Array(UnsafeRawBufferPointer(start: item.data, count: item.data_bytes)))
      }
  }
}

extension NodePath {
  fileprivate init(_ item: sps_variant_item) {
    let strings = item.strings()
    let names = Int(item.count)
    self.init(
      names: Array(strings.prefix(names)), subnames: Array(strings.dropFirst(names)),
      isAbsolute: item.flags & UInt32(SPS_VARIANT_ABSOLUTE) != 0)
  }
}

extension WideReals {
  fileprivate init?(_ item: sps_variant_item, _ type: VariantType) {
    guard item.flags & UInt32(SPS_VARIANT_WIDE) != 0 else { return nil }
    self.init(type, item.reals(item.data_bytes / MemoryLayout<Double>.size))
  }
}
