// SPDX-License-Identifier: MIT
internal import CSocketCore

// Builds a value from the items of the C library. An array holds the open containers, so no value
// is too deep for the call stack.
struct VariantReader {
  private var level = unsafe Level(item: sps_variant_item())
  private var outerLevels: [Level] = []
  // The limit of the values that can follow: each has at least 4 bytes.
  private var mostValues: Int
  private var memory: VariantMemory

  static func read(
    _ bytes: UnsafeRawBufferPointer, allowObjects: Bool, maxDepth: Int, maxMemoryBytes: Int
  ) -> Result<Variant, VariantError> {
    unsafe withUnsafeTemporaryAllocation(of: sps_variant_reader.self, capacity: 1) { memory in
      let reader = memory.baseAddress!
      unsafe reader.pointee.struct_size = UInt32(MemoryLayout<sps_variant_reader>.size)
      var options = sps_variant_reader_options()
      options.struct_size = UInt32(MemoryLayout<sps_variant_reader_options>.size)
      options.allow_objects = allowObjects ? 1 : 0
      options.max_depth = maxDepth == 0 ? .max : cNumber(orNone: maxDepth)
      let code =
        unsafe maxMemoryBytes < 0
        ? GodotError.errInvalidParameter.rawValue
        : sps_variant_reader_init(reader, bytes.baseAddress, bytes.count, &options)
      guard code == 0 else { return .failure(VariantError(.badArgument, code)) }
      let limit = VariantMemory(limit: maxMemoryBytes, reading: bytes.count)
      var tree = VariantReader(mostValues: bytes.count / 4, memory: limit)
      return unsafe tree.read(reader)
    }
  }

  // Takes a value that lies in a stream's own memory, and reads it before the next call.
  static func take(
    allowObjects: Bool, maxMemoryBytes: Int,
    _ getter: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, UnsafeMutablePointer<Int>) -> Int32
  ) -> (code: Int32, value: Variant?) {
    var data: UnsafePointer<UInt8>?
    var bytes = 0
    let code = unsafe getter(&data, &bytes)
    guard code == 0 else { return (code, nil) }
    let value = unsafe UnsafeRawBufferPointer(start: data, count: bytes)
    let result = unsafe read(
      value, allowObjects: allowObjects, maxDepth: 1024, maxMemoryBytes: maxMemoryBytes)
    switch result {
    case .success(let variant): return (0, variant)
    case .failure(let failure): return (failure.error.rawValue, nil)
    }
  }

  private init(mostValues: Int, memory: VariantMemory) {
    self.mostValues = mostValues
    self.memory = memory
  }

  private mutating func read(
    _ reader: UnsafeMutablePointer<sps_variant_reader>
  ) -> Result<Variant, VariantError> {
    var item = unsafe sps_variant_item()
    unsafe item.struct_size = UInt32(MemoryLayout<sps_variant_item>.size)
    while true {
      let code = unsafe sps_variant_reader_next(reader, &item)
      guard code == 0 else { return unsafe .failure(VariantError(of: reader, code)) }
      if let value = unsafe take(item) {
        if outerLevels.isEmpty { return .success(value) }
        level.add(value, &memory)
      }
      guard !memory.isExceeded else { return unsafe .failure(VariantError(outOfMemoryOf: reader)) }
    }
  }

  // nil if a container begins, or if there is no memory.
  private mutating func take(_ item: sps_variant_item) -> Variant? {
    switch unsafe Int(item.step) {
    case Int(SPS_VARIANT_BEGIN):
      unsafe begin(item)
      return nil
    case Int(SPS_VARIANT_END):
      return end()
    default:
      guard unsafe memory.take(item.memoryBytes) else { return nil }
      return unsafe Variant(item)
    }
  }

  private mutating func begin(_ item: sps_variant_item) {
    outerLevels.append(level)
    level = unsafe Level(item: item)
    guard unsafe memory.take(item.memoryBytes) else { return }
    let values = unsafe Int(item.count) * (level.isKeyed ? 2 : 1)
    if unsafe values <= mostValues && level.reserve(Int(item.count), &memory) {
      mostValues -= values
    }
  }

  private mutating func end() -> Variant? {
    guard memory.take(level.endBytes) else { return nil }
    let value = level.end()
    memory.giveBack(level.spareBytes)
    level = outerLevels.removeLast()
    return value
  }
}

// A container that has not ended.
@safe private struct Level {
  let item: sps_variant_item
  let isKeyed: Bool  // its values have keys, or names
  var keys: [Variant] = []
  var values: [Variant] = []

  init(item: sps_variant_item) {
    unsafe self.item = item
    isKeyed = unsafe item.type != VariantType.array.rawValue
  }

  // Takes the memory of this many values. A container that claims more values than there are bytes
  // is malformed, and grows as its values come.
  mutating func reserve(_ count: Int, _ memory: inout VariantMemory) -> Bool {
    guard memory.take(listBytes(count)) else { return false }
    values.reserveCapacity(count)
    if isKeyed { keys.reserveCapacity(count) }
    return true
  }

  private func listBytes(_ count: Int) -> Int {
    (isKeyed ? 2 : 1) * VariantMemory.array(of: Variant.self, count)
  }

  mutating func add(_ value: Variant, _ memory: inout VariantMemory) {
    if isKeyed && keys.count == values.count {
      Self.append(value, to: &keys, &memory)
    } else {
      Self.append(value, to: &values, &memory)
    }
  }

  private static func append(
    _ value: Variant, to list: inout [Variant], _ memory: inout VariantMemory
  ) {
    // A full array doubles.
    guard
      list.count < list.capacity
        || memory.take(VariantMemory.array(of: Variant.self, 2 * list.count + 2))
    else { return }
    list.append(value)
  }

  // The additional memory of the container that is built from them.
  var endBytes: Int {
    switch unsafe VariantType(rawValue: item.type) {
    case .dictionary: VariantDictionary.indexBytes(of: keys.count)
    case .object: VariantObject.propertiesBytes(of: values)
    default: 0
    }
  }

  // The memory that the container does not adopt: an object builds properties from the lists.
  var spareBytes: Int {
    unsafe item.type == VariantType.object.rawValue ? listBytes(values.count) : 0
  }
}

extension VariantError {
  fileprivate init(outOfMemoryOf reader: UnsafePointer<sps_variant_reader>) {
    let code = GodotError.errOutOfMemory.rawValue
    unsafe self.init(.tooLarge, code, offset: sps_variant_reader_offset(reader))
  }

  fileprivate init(of reader: UnsafePointer<sps_variant_reader>, _ code: Int32) {
    let reason: Reason =
      switch unsafe Int(sps_variant_reader_fault(reader)) {
      case Int(SPS_VARIANT_UNKNOWN_TYPE): .unknownType
      case Int(SPS_VARIANT_TOO_DEEP): .tooDeep
      case Int(SPS_VARIANT_NO_UTF8): .notUTF8
      case Int(SPS_VARIANT_OLD_NODE_PATH): .oldNodePath
      case Int(SPS_VARIANT_OBJECT_NOT_ALLOWED): .objectNotAllowed
      default: .truncated
      }
    unsafe self.init(reason, code, offset: sps_variant_reader_offset(reader))
  }
}

// MARK: - Containers

extension Level {
  // Returns the container of its elements.
  fileprivate mutating func end() -> Variant {
    switch unsafe VariantType(rawValue: item.type) {
    case .dictionary:
      var dictionary = unsafe VariantDictionary(
        reading: Self.take(&keys), Self.take(&values), keyType: VariantElementType(keysOf: item),
        valueType: VariantElementType(valuesOf: item))
      dictionary.mergeSameKeys()
      return .dictionary(dictionary)
    case .object:
      let properties = zip(keys, values).map { name, value in
        VariantObject.Property(name.stringValue ?? "", value)
      }
      return unsafe .object(.properties(className: item.text, properties))
    default:
      return unsafe .array(VariantArray(Self.take(&values), of: VariantElementType(valuesOf: item)))
    }
  }

  // Moves the list out, so that it has one owner and is not copied when it changes.
  private static func take(_ list: inout [Variant]) -> [Variant] {
    defer { list = [] }
    return list
  }
}

extension VariantElementType {
  fileprivate init(keysOf item: sps_variant_item) {
    unsafe self.init(item.key_kind, item.key_type, item.key_name, item.key_name_bytes)
  }

  fileprivate init(valuesOf item: sps_variant_item) {
    unsafe self.init(item.value_kind, item.value_type, item.value_name, item.value_name_bytes)
  }

  private init(_ kind: Int32, _ type: Int32, _ text: UnsafePointer<CChar>?, _ bytes: Int) {
    let name = unsafe UnsafeRawBufferPointer(start: text, count: bytes)
    self =
      switch Int(kind) {
      case Int(SPS_VARIANT_BUILTIN): .builtin(VariantType(rawValue: type) ?? .nil)
      case Int(SPS_VARIANT_CLASS): unsafe .class(String(decoding: name, as: UTF8.self))
      case Int(SPS_VARIANT_SCRIPT): unsafe .script(String(decoding: name, as: UTF8.self))
      default: .any
      }
  }
}

// MARK: - Values

extension Variant {
  fileprivate init(_ item: sps_variant_item) {
    let type = unsafe VariantType(rawValue: item.type) ?? .nil
    self =
      switch type {
      case .nil: .nil
      case .bool: unsafe .bool(item.integer != 0)
      case .int: unsafe .int(item.integer)
      case .float: unsafe .float(item.real)
      case .string: unsafe .string(item.text)
      case .stringName: unsafe .stringName(item.text)
      case .nodePath: unsafe .nodePath(NodePath(item))
      case .rid: unsafe .rid(RID(UInt64(bitPattern: item.integer)))
      case .object: unsafe .object(.id(UInt64(bitPattern: item.integer)))
      case .callable: .callable
      case .signal: unsafe .signal(Signal(item.text, objectID: UInt64(bitPattern: item.integer)))
      default: unsafe type.isPacked ? Variant(packed: item, type) : Variant(vector: item, type)
      }
  }

  private init(vector item: sps_variant_item, _ type: VariantType) {
    if let wide = unsafe WideReals(item, type) {
      self = .wide(wide)
      return
    }
    self =
      switch type {
      case .vector2: unsafe .vector2(Vector2(item))
      case .vector2i: unsafe .vector2i(Vector2i(item))
      case .rect2: unsafe .rect2(Rect2(item))
      case .rect2i: unsafe .rect2i(Rect2i(item))
      case .vector3: unsafe .vector3(Vector3(item))
      case .vector3i: unsafe .vector3i(Vector3i(item))
      case .transform2D: unsafe .transform2D(Transform2D(item))
      case .vector4: unsafe .vector4(Vector4(item))
      case .vector4i: unsafe .vector4i(Vector4i(item))
      case .plane: unsafe .plane(Plane(item))
      case .quaternion: unsafe .quaternion(Quaternion(item))
      case .aabb: unsafe .aabb(AABB(item))
      case .basis: unsafe .basis(Basis(item))
      case .transform3D: unsafe .transform3D(Transform3D(item))
      case .projection: unsafe .projection(Projection(item))
      default: unsafe .color(Color(item))
      }
  }

  private init(packed item: sps_variant_item, _ type: VariantType) {
    if let wide = unsafe WideReals(item, type) {
      self = .wide(wide)
      return
    }
    let count = unsafe Int(item.count)
    self =
      switch type {
      case .packedInt32Array:
        unsafe .packedInt32Array(item.shortIntegers(count))
      case .packedInt64Array: unsafe .packedInt64Array(item.integers(count))
      case .packedFloat32Array: unsafe .packedFloat32Array(item.floats(count))
      case .packedFloat64Array: unsafe .packedFloat64Array(item.reals(count))
      case .packedStringArray: unsafe .packedStringArray(item.strings())
      case .packedVector2Array: unsafe .packedVector2Array(Vector2.array(item))
      case .packedVector3Array: unsafe .packedVector3Array(Vector3.array(item))
      case .packedColorArray: unsafe .packedColorArray(Color.array(item))
      case .packedVector4Array: unsafe .packedVector4Array(Vector4.array(item))
      default:
        unsafe .packedByteArray(
          Array(UnsafeRawBufferPointer(start: item.data, count: item.data_bytes)))
      }
  }
}

extension NodePath {
  fileprivate init(_ item: sps_variant_item) {
    unsafe self.init(isAbsolute: item.flags & UInt32(SPS_VARIANT_ABSOLUTE) != 0)
    unsafe names.reserveCapacity(Int(item.count))
    unsafe subnames.reserveCapacity(Int(item.subname_count))
    unsafe item.forEachText { text in
      let name = unsafe String(decoding: text, as: UTF8.self)
      if unsafe names.count < Int(item.count) { names.append(name) } else { subnames.append(name) }
    }
  }
}

extension WideReals {
  fileprivate init?(_ item: sps_variant_item, _ type: VariantType) {
    guard unsafe item.flags & UInt32(SPS_VARIANT_WIDE) != 0 else { return nil }
    unsafe self.init(type, item.reals(item.data_bytes / MemoryLayout<Double>.size))
  }
}
