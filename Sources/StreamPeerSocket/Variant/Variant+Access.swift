// SPDX-License-Identifier: MIT

// MARK: - By key and index

extension Variant {
  /// A dictionary's value for a key, or an array's value at an index. It is nil if there is none.
  ///
  /// A negative index counts from the end of an array, as in Godot.
  public subscript(key: Variant) -> Variant? {
    switch (self, key) {
    case (.dictionary(let dictionary), _): return dictionary[key]
    case (.array(let array), .int(let index)):
      let index = index < 0 ? index &+ Int64(array.count) : index
      guard (0..<Int64(array.count)).contains(index) else { return nil }
      return array[Int(index)]
    default: return nil
    }
  }

  /// A dictionary's value for a text key, or a property of an object. It is nil if there is none.
  public subscript(key: String) -> Variant? {
    if case .object(let object) = self { return object[key] }
    return self[.string(key)]
  }

  /// An array's value at an index, or a dictionary's value for an int key. It is nil if there is
  /// none.
  public subscript(index: Int) -> Variant? { self[.int(Int64(index))] }
}

// MARK: - As a type

/// Each is the value if it has that type, otherwise nil. Nothing is converted, except that a value
/// in double precision is rounded.
extension Variant {
  /// Whether it is Godot's `null`.
  public var isNil: Bool { type == .nil }

  /// The value if it is Godot's `bool`, else nil.
  public var boolValue: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `int`, else nil. It is also nil if it does not fit an `Int` of 32
  /// bits.
  public var intValue: Int? {
    if case .int(let value) = self { Int(exactly: value) } else { nil }
  }

  /// The value if it is Godot's `float`, else nil.
  public var floatValue: Double? {
    if case .float(let value) = self { value } else { nil }
  }

  /// The text if it is a `String` or a `StringName`, else nil.
  public var stringValue: String? {
    switch self {
    case .string(let value), .stringName(let value): value
    default: nil
    }
  }

  /// The value if it is Godot's `NodePath`, else nil.
  public var nodePathValue: NodePath? {
    if case .nodePath(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `RID`, else nil.
  public var ridValue: RID? {
    if case .rid(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `Object`, else nil.
  public var objectValue: VariantObject? {
    if case .object(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `Signal`, else nil.
  public var signalValue: Signal? {
    if case .signal(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `Dictionary`, else nil.
  public var dictionaryValue: VariantDictionary? {
    if case .dictionary(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `Array`, else nil.
  public var arrayValue: VariantArray? {
    if case .array(let value) = self { value } else { nil }
  }
}

// MARK: - As a vector

extension Variant {
  /// The value if it is Godot's `Vector2`, else nil. A wide value is rounded.
  public var vector2Value: Vector2? {
    if case .vector2(let value) = self { value } else { rounded(.vector2) }
  }

  /// The value if it is Godot's `Vector2i`, else nil.
  public var vector2iValue: Vector2i? {
    if case .vector2i(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `Rect2`, else nil. A wide value is rounded.
  public var rect2Value: Rect2? {
    if case .rect2(let value) = self { value } else { rounded(.rect2) }
  }

  /// The value if it is Godot's `Rect2i`, else nil.
  public var rect2iValue: Rect2i? {
    if case .rect2i(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `Vector3`, else nil. A wide value is rounded.
  public var vector3Value: Vector3? {
    if case .vector3(let value) = self { value } else { rounded(.vector3) }
  }

  /// The value if it is Godot's `Vector3i`, else nil.
  public var vector3iValue: Vector3i? {
    if case .vector3i(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `Transform2D`, else nil. A wide value is rounded.
  public var transform2DValue: Transform2D? {
    if case .transform2D(let value) = self { value } else { rounded(.transform2D) }
  }

  /// The value if it is Godot's `Vector4`, else nil. A wide value is rounded.
  public var vector4Value: Vector4? {
    if case .vector4(let value) = self { value } else { rounded(.vector4) }
  }

  /// The value if it is Godot's `Vector4i`, else nil.
  public var vector4iValue: Vector4i? {
    if case .vector4i(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `Plane`, else nil. A wide value is rounded.
  public var planeValue: Plane? {
    if case .plane(let value) = self { value } else { rounded(.plane) }
  }

  /// The value if it is Godot's `Quaternion`, else nil. A wide value is rounded.
  public var quaternionValue: Quaternion? {
    if case .quaternion(let value) = self { value } else { rounded(.quaternion) }
  }

  /// The value if it is Godot's `AABB`, else nil. A wide value is rounded.
  public var aabbValue: AABB? {
    if case .aabb(let value) = self { value } else { rounded(.aabb) }
  }

  /// The value if it is Godot's `Basis`, else nil. A wide value is rounded.
  public var basisValue: Basis? {
    if case .basis(let value) = self { value } else { rounded(.basis) }
  }

  /// The value if it is Godot's `Transform3D`, else nil. A wide value is rounded.
  public var transform3DValue: Transform3D? {
    if case .transform3D(let value) = self { value } else { rounded(.transform3D) }
  }

  /// The value if it is Godot's `Projection`, else nil. A wide value is rounded.
  public var projectionValue: Projection? {
    if case .projection(let value) = self { value } else { rounded(.projection) }
  }

  /// The value if it is Godot's `Color`, else nil.
  public var colorValue: Color? {
    if case .color(let value) = self { value } else { nil }
  }

  private func rounded<Value: RealComponents>(_ type: VariantType) -> Value? {
    if case .wide(let reals) = self { reals.value(type) } else { nil }
  }
}

// MARK: - As a packed array

extension Variant {
  /// The value if it is Godot's `PackedByteArray`, else nil.
  public var packedByteArrayValue: [UInt8]? {
    if case .packedByteArray(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `PackedInt32Array`, else nil.
  public var packedInt32ArrayValue: [Int32]? {
    if case .packedInt32Array(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `PackedInt64Array`, else nil.
  public var packedInt64ArrayValue: [Int64]? {
    if case .packedInt64Array(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `PackedFloat32Array`, else nil.
  public var packedFloat32ArrayValue: [Float]? {
    if case .packedFloat32Array(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `PackedFloat64Array`, else nil.
  public var packedFloat64ArrayValue: [Double]? {
    if case .packedFloat64Array(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `PackedStringArray`, else nil.
  public var packedStringArrayValue: [String]? {
    if case .packedStringArray(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `PackedVector2Array`, else nil. A wide value is rounded.
  public var packedVector2ArrayValue: [Vector2]? {
    if case .packedVector2Array(let value) = self { value } else { rounded(.packedVector2Array) }
  }

  /// The value if it is Godot's `PackedVector3Array`, else nil. A wide value is rounded.
  public var packedVector3ArrayValue: [Vector3]? {
    if case .packedVector3Array(let value) = self { value } else { rounded(.packedVector3Array) }
  }

  /// The value if it is Godot's `PackedColorArray`, else nil.
  public var packedColorArrayValue: [Color]? {
    if case .packedColorArray(let value) = self { value } else { nil }
  }

  /// The value if it is Godot's `PackedVector4Array`, else nil. A wide value is rounded.
  public var packedVector4ArrayValue: [Vector4]? {
    if case .packedVector4Array(let value) = self { value } else { rounded(.packedVector4Array) }
  }

  private func rounded<Value: RealComponents>(_ type: VariantType) -> [Value]? {
    if case .wide(let reals) = self { reals.array(type) } else { nil }
  }
}

// MARK: - As reals

extension Variant {
  /// The components of a vector, a color or a packed array of floats, vectors or colors. They stand
  /// in the order in which Godot writes them. It is nil for every other type.
  public var reals: [Double]? {
    switch self {
    case .packedFloat64Array(let values): values
    case .wide(let reals): reals.components
    default: floats?.map { Double($0) }
    }
  }

  // The same in single precision.
  var floats: [Float]? {
    switch self {
    case .vector2(let value): value.components
    case .rect2(let value): value.components
    case .vector3(let value): value.components
    case .transform2D(let value): value.components
    case .vector4(let value): value.components
    case .plane(let value): value.components
    case .quaternion(let value): value.components
    case .aabb(let value): value.components
    case .basis(let value): value.components
    case .transform3D(let value): value.components
    case .projection(let value): value.components
    case .color(let value): value.components
    case .packedFloat32Array(let values): values
    case .packedVector2Array(let values): values.flatMap { $0.components }
    case .packedVector3Array(let values): values.flatMap { $0.components }
    case .packedColorArray(let values): values.flatMap { $0.components }
    case .packedVector4Array(let values): values.flatMap { $0.components }
    default: nil
    }
  }

  // The components of a vector of integers.
  var integers: [Int32]? {
    switch self {
    case .vector2i(let value): value.components
    case .rect2i(let value): value.components
    case .vector3i(let value): value.components
    case .vector4i(let value): value.components
    default: nil
    }
  }
}
