// SPDX-License-Identifier: MIT
internal import CSocketCore

// Passes a value to the C library item by item. An array holds the values that are still to be
// written, so no value is too deep for the call stack.
@safe struct VariantWriter {
  private let writer: UnsafeMutablePointer<sps_variant_writer>
  // Whether objects may be written with their properties.
  private let fullObjects: Bool
  // A stack: the last value is written next.
  private var pending: [Variant]

  // Passes the bytes to the body. On failure it passes none, with the C library's code.
  static func write<Answer>(
    _ value: Variant, fullObjects: Bool, _ body: (Int32, UnsafeRawBufferPointer) -> Answer
  ) -> Answer {
    unsafe withUnsafeTemporaryAllocation(of: sps_variant_writer.self, capacity: 1) { memory in
      let writer = memory.baseAddress!
      unsafe writer.pointee.struct_size = UInt32(MemoryLayout<sps_variant_writer>.size)
      var options = unsafe sps_variant_writer_options()
      unsafe options.struct_size = UInt32(MemoryLayout<sps_variant_writer_options>.size)
      unsafe options.max_bytes = .max
      var code = unsafe sps_variant_writer_init(writer, &options)
      defer { unsafe sps_variant_writer_destroy(writer) }
      if code == 0 {
        var tree = unsafe VariantWriter(writer: writer, fullObjects: fullObjects, pending: [value])
        tree.pending.reserveCapacity(32)
        code = tree.writeAll()
      }
      var data: UnsafePointer<UInt8>?
      var bytes = 0
      if code == 0 { code = unsafe sps_variant_writer_get_data(writer, &data, &bytes) }
      return unsafe body(code, UnsafeRawBufferPointer(start: data, count: bytes))
    }
  }

  private mutating func writeAll() -> Int32 {
    var code: Int32 = 0
    while code == 0, let value = pending.popLast() { code = write(value) }
    return code
  }

  private mutating func write(_ value: Variant) -> Int32 {
    switch value {
    case .nil: unsafe sps_variant_write_nil(writer)
    case .bool(let value): unsafe sps_variant_write_bool(writer, value ? 1 : 0)
    case .int(let value): unsafe sps_variant_write_int(writer, value)
    case .float(let value): unsafe sps_variant_write_float(writer, value)
    case .string(let text):
      unsafe withText(text) { unsafe sps_variant_write_string(writer, $0, $1) }
    case .stringName(let text):
      unsafe withText(text) { unsafe sps_variant_write_string_name(writer, $0, $1) }
    case .nodePath(let path): write(path)
    case .rid(let rid): unsafe sps_variant_write_rid(writer, rid.id)
    case .object(let object): write(object)
    case .callable: unsafe sps_variant_write_callable(writer)
    case .signal(let signal):
      unsafe withText(signal.name) {
        unsafe sps_variant_write_signal(writer, $0, $1, signal.objectID)
      }
    case .dictionary(let dictionary): write(dictionary)
    case .array(let array): write(array)
    case .packedStringArray(let texts): write(texts)
    case .wide(let reals): write(reals)
    default: value.type.isPacked ? write(packed: value) : write(vector: value)
    }
  }
}

// MARK: - Containers

extension VariantWriter {
  private mutating func write(_ array: VariantArray) -> Int32 {
    guard let count = UInt32(exactly: array.count) else { return tooMany }
    pending.append(contentsOf: array.elements.reversed())
    return unsafe array.elementType.withElement { element in
      var element = unsafe element
      return unsafe sps_variant_write_array(writer, count, &element)
    }
  }

  private mutating func write(_ dictionary: VariantDictionary) -> Int32 {
    guard let count = UInt32(exactly: dictionary.count) else { return tooMany }
    for (key, value) in zip(dictionary.keys.reversed(), dictionary.values.reversed()) {
      pending.append(value)
      pending.append(key)
    }
    return unsafe dictionary.keyType.withElement { key in
      unsafe dictionary.valueType.withElement { value in
        var (key, value) = unsafe (key, value)
        return unsafe sps_variant_write_dictionary(writer, count, &key, &value)
      }
    }
  }

  private mutating func write(_ object: VariantObject) -> Int32 {
    guard case .properties(let className, let properties) = object else {
      guard case .id(let id) = object else { return tooMany }
      return unsafe sps_variant_write_object_id(writer, id)
    }
    guard fullObjects else { return GodotError.errUnauthorized.rawValue }
    guard let count = UInt32(exactly: properties.count) else { return tooMany }
    for property in properties.reversed() {
      pending.append(property.value)
      pending.append(.string(property.name))
    }
    return unsafe withText(className) { unsafe sps_variant_write_object(writer, $0, $1, count) }
  }

  private var tooMany: Int32 { GodotError.errOutOfMemory.rawValue }
}

extension VariantElementType {
  fileprivate func withElement(_ body: (sps_variant_element) -> Int32) -> Int32 {
    var element = unsafe sps_variant_element()
    unsafe element.struct_size = UInt32(MemoryLayout<sps_variant_element>.size)
    switch self {
    case .any:
      return unsafe body(element)
    case .builtin(let type):
      unsafe element.kind = Int32(SPS_VARIANT_BUILTIN)
      unsafe element.type = type.rawValue
      return unsafe body(element)
    case .class(let name), .script(let name):
      let isClass = if case .class = self { true } else { false }
      unsafe element.kind = Int32(isClass ? SPS_VARIANT_CLASS : SPS_VARIANT_SCRIPT)
      return unsafe withText(name) {
        unsafe element.name = $0
        unsafe element.name_bytes = $1
        return unsafe body(element)
      }
    }
  }
}

// MARK: - Values

extension VariantWriter {
  private func item(_ type: VariantType) -> sps_variant_item {
    var item = unsafe sps_variant_item()
    unsafe item.struct_size = UInt32(MemoryLayout<sps_variant_item>.size)
    unsafe item.type = type.rawValue
    return unsafe item
  }

  private func write(_ item: inout sps_variant_item, _ data: UnsafeRawBufferPointer) -> Int32 {
    unsafe item.data = data.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe item.data_bytes = data.count
    return unsafe sps_variant_write(writer, &item)
  }

  // Writes the names as they are. The C library would split a text at its colons and slashes.
  private func write(_ path: NodePath) -> Int32 {
    guard let names = UInt32(exactly: path.names.count),
      let subnames = UInt32(exactly: path.subnames.count)
    else { return tooMany }
    let flags = path.isAbsolute ? UInt32(SPS_VARIANT_ABSOLUTE) : 0
    return unsafe withTexts(path.names + path.subnames) {
      unsafe sps_variant_write_node_path_names(writer, flags, $0, $1, names, subnames)
    }
  }

  private func write(vector value: Variant) -> Int32 {
    switch value {
    case .vector2(let value): write(.vector2, value)
    case .vector2i(let value): write(.vector2i, value)
    case .rect2(let value): write(.rect2, value)
    case .rect2i(let value): write(.rect2i, value)
    case .vector3(let value): write(.vector3, value)
    case .vector3i(let value): write(.vector3i, value)
    case .transform2D(let value): write(.transform2D, value)
    case .vector4(let value): write(.vector4, value)
    case .vector4i(let value): write(.vector4i, value)
    case .plane(let value): write(.plane, value)
    case .quaternion(let value): write(.quaternion, value)
    case .aabb(let value): write(.aabb, value)
    case .basis(let value): write(.basis, value)
    case .transform3D(let value): write(.transform3D, value)
    case .projection(let value): write(.projection, value)
    case .color(let value): write(.color, value)
    default: GodotError.errInvalidParameter.rawValue
    }
  }

  // Writes the bits as they are. A conversion to double would change a signaling NaN.
  private func write<Value: BitwiseCopyable>(_ type: VariantType, _ value: Value) -> Int32 {
    var item = unsafe item(type)
    return unsafe withUnsafeBytes(of: value) { bytes in
      #if _endian(little)
        unsafe write(&item, bytes)
      #else
        bytes.bindMemory(to: UInt32.self).map { $0.littleEndian }.withUnsafeBytes {
          write(&item, $0)
        }
      #endif
    }
  }

  private func write(_ reals: WideReals) -> Int32 {
    var item = unsafe item(reals.type)
    unsafe item.flags = UInt32(SPS_VARIANT_WIDE)
    guard let count = UInt32(exactly: reals.components.count / reals.type.realCount) else {
      return tooMany
    }
    unsafe item.count = reals.type.isPacked ? count : 0
    let words = reals.components.map { $0.bitPattern.littleEndian }
    return unsafe words.withUnsafeBytes { unsafe write(&item, $0) }
  }

  private func write(packed value: Variant) -> Int32 {
    switch value {
    case .packedByteArray(let values): write(.packedByteArray, values)
    case .packedInt32Array(let values): write(.packedInt32Array, values)
    case .packedInt64Array(let values): write(.packedInt64Array, values)
    case .packedFloat32Array(let values): write(.packedFloat32Array, values)
    case .packedFloat64Array(let values): write(.packedFloat64Array, values)
    case .packedVector2Array(let values): write(.packedVector2Array, values)
    case .packedVector3Array(let values): write(.packedVector3Array, values)
    case .packedColorArray(let values): write(.packedColorArray, values)
    case .packedVector4Array(let values): write(.packedVector4Array, values)
    default: GodotError.errInvalidParameter.rawValue
    }
  }

  private func write<Element: BitwiseCopyable>(_ type: VariantType, _ values: [Element]) -> Int32 {
    guard let count = UInt32(exactly: values.count) else { return tooMany }
    return unsafe values.withUnsafeBytes {
      unsafe sps_variant_write_packed(writer, type.rawValue, $0.baseAddress, count)
    }
  }

  private func write(_ texts: [String]) -> Int32 {
    guard let count = UInt32(exactly: texts.count) else { return tooMany }
    return unsafe withTexts(texts) {
      unsafe sps_variant_write_packed_strings(writer, $0, $1, count)
    }
  }
}

private func withText(
  _ text: String, _ body: (UnsafePointer<CChar>?, Int) -> Int32
) -> Int32 {
  var text = text
  return text.withUTF8 { utf8 in
    unsafe utf8.withMemoryRebound(to: CChar.self) { unsafe body($0.baseAddress, $0.count) }
  }
}

// Puts all texts into one block of memory, so that each has an address.
private func withTexts(
  _ texts: [String], _ body: ([UnsafePointer<CChar>?], [Int]) -> Int32
) -> Int32 {
  let bytes = texts.map { $0.utf8.count }
  let all = Array(texts.lazy.map { $0.utf8 }.joined())
  return unsafe all.withUnsafeBytes { memory in
    let begin = unsafe memory.baseAddress?.assumingMemoryBound(to: CChar.self)
    var at = 0
    let addresses = unsafe bytes.map { length in
      defer { at += length }
      return unsafe begin.map { unsafe UnsafePointer($0 + at) }
    }
    return unsafe body(addresses, bytes)
  }
}
