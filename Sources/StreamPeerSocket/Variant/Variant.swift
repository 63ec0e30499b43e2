// SPDX-License-Identifier: MIT

/// Any value of Godot's scripts, as `put_var` writes it and `get_var` reads it. Godot: `Variant`.
///
///     let state: Variant = ["hp": 100, "name": "x", "at": .vector2(Vector2(1, 2))]
///     peer.putVar(state)
///     if let hp = peer.getVar()?["hp"]?.intValue { … }
///
/// A value from Godot is written again byte for byte as it was. An int or a float is written in as
/// few bytes as Godot writes it.
///
/// Equality is Godot's, but only within a type. Int 1 and float 1.0 are two keys of a Godot
/// dictionary, and not equal here. A String and a StringName of the same text are equal. A vector
/// and a wide one can be equal. Texts compare by their code points, as in Godot.
public enum Variant: Sendable {
  /// Godot's `null`.
  case `nil`
  /// Godot's `bool`. (`SPS_VARIANT_BOOL`)
  case bool(Bool)
  /// Godot's `int`. (`SPS_VARIANT_INT`)
  case int(Int64)
  /// Godot's `float`. (`SPS_VARIANT_FLOAT`)
  case float(Double)
  /// Godot's `String`. (`SPS_VARIANT_STRING`)
  case string(String)
  /// Godot's `Vector2`. (`SPS_VARIANT_VECTOR2`)
  case vector2(Vector2)
  /// Godot's `Vector2i`. (`SPS_VARIANT_VECTOR2I`)
  case vector2i(Vector2i)
  /// Godot's `Rect2`. (`SPS_VARIANT_RECT2`)
  case rect2(Rect2)
  /// Godot's `Rect2i`. (`SPS_VARIANT_RECT2I`)
  case rect2i(Rect2i)
  /// Godot's `Vector3`. (`SPS_VARIANT_VECTOR3`)
  case vector3(Vector3)
  /// Godot's `Vector3i`. (`SPS_VARIANT_VECTOR3I`)
  case vector3i(Vector3i)
  /// Godot's `Transform2D`. (`SPS_VARIANT_TRANSFORM2D`)
  indirect case transform2D(Transform2D)
  /// Godot's `Vector4`. (`SPS_VARIANT_VECTOR4`)
  case vector4(Vector4)
  /// Godot's `Vector4i`. (`SPS_VARIANT_VECTOR4I`)
  case vector4i(Vector4i)
  /// Godot's `Plane`. (`SPS_VARIANT_PLANE`)
  case plane(Plane)
  /// Godot's `Quaternion`. (`SPS_VARIANT_QUATERNION`)
  case quaternion(Quaternion)
  /// Godot's `AABB`. (`SPS_VARIANT_AABB`)
  indirect case aabb(AABB)
  /// Godot's `Basis`. (`SPS_VARIANT_BASIS`)
  indirect case basis(Basis)
  /// Godot's `Transform3D`. (`SPS_VARIANT_TRANSFORM3D`)
  indirect case transform3D(Transform3D)
  /// Godot's `Projection`. (`SPS_VARIANT_PROJECTION`)
  indirect case projection(Projection)
  /// Godot's `Color`. (`SPS_VARIANT_COLOR`)
  case color(Color)
  /// Godot's `StringName`. (`SPS_VARIANT_STRING_NAME`)
  case stringName(String)
  /// Godot's `NodePath`. (`SPS_VARIANT_NODE_PATH`)
  case nodePath(NodePath)
  /// Godot's `RID`. (`SPS_VARIANT_RID`)
  case rid(RID)
  /// Godot's `Object`. (`SPS_VARIANT_OBJECT`)
  indirect case object(VariantObject)
  /// Godot's `Callable`. The wire format carries only its type. (`SPS_VARIANT_CALLABLE`)
  case callable
  /// Godot's `Signal`. (`SPS_VARIANT_SIGNAL`)
  indirect case signal(Signal)
  /// Godot's `Dictionary`. (`SPS_VARIANT_DICTIONARY`)
  case dictionary(VariantDictionary)
  /// Godot's `Array`. (`SPS_VARIANT_ARRAY`)
  case array(VariantArray)
  /// Godot's `PackedByteArray`. (`SPS_VARIANT_PACKED_BYTE_ARRAY`)
  case packedByteArray([UInt8])
  /// Godot's `PackedInt32Array`. (`SPS_VARIANT_PACKED_INT32_ARRAY`)
  case packedInt32Array([Int32])
  /// Godot's `PackedInt64Array`. (`SPS_VARIANT_PACKED_INT64_ARRAY`)
  case packedInt64Array([Int64])
  /// Godot's `PackedFloat32Array`. (`SPS_VARIANT_PACKED_FLOAT32_ARRAY`)
  case packedFloat32Array([Float])
  /// Godot's `PackedFloat64Array`. (`SPS_VARIANT_PACKED_FLOAT64_ARRAY`)
  case packedFloat64Array([Double])
  /// Godot's `PackedStringArray`. (`SPS_VARIANT_PACKED_STRING_ARRAY`)
  case packedStringArray([String])
  /// Godot's `PackedVector2Array`. (`SPS_VARIANT_PACKED_VECTOR2_ARRAY`)
  case packedVector2Array([Vector2])
  /// Godot's `PackedVector3Array`. (`SPS_VARIANT_PACKED_VECTOR3_ARRAY`)
  case packedVector3Array([Vector3])
  /// Godot's `PackedColorArray`. (`SPS_VARIANT_PACKED_COLOR_ARRAY`)
  case packedColorArray([Color])
  /// Godot's `PackedVector4Array`. (`SPS_VARIANT_PACKED_VECTOR4_ARRAY`)
  case packedVector4Array([Vector4])
  /// A vector, or another type of reals, in double precision. ``vector2Value`` and the other vector
  /// properties round it. ``reals`` does not. (`SPS_VARIANT_WIDE`)
  case wide(WideReals)

  /// The type of the value. Godot: `typeof`.
  public var type: VariantType {
    switch self {
    case .nil: .nil
    case .bool: .bool
    case .int: .int
    case .float: .float
    case .string: .string
    case .vector2: .vector2
    case .vector2i: .vector2i
    case .rect2: .rect2
    case .rect2i: .rect2i
    case .vector3: .vector3
    case .vector3i: .vector3i
    case .transform2D: .transform2D
    case .vector4: .vector4
    case .vector4i: .vector4i
    case .plane: .plane
    case .quaternion: .quaternion
    case .aabb: .aabb
    case .basis: .basis
    case .transform3D: .transform3D
    case .projection: .projection
    case .color: .color
    case .stringName: .stringName
    case .nodePath: .nodePath
    case .rid: .rid
    case .object: .object
    case .callable: .callable
    case .signal: .signal
    case .dictionary: .dictionary
    case .array: .array
    case .packedByteArray: .packedByteArray
    case .packedInt32Array: .packedInt32Array
    case .packedInt64Array: .packedInt64Array
    case .packedFloat32Array: .packedFloat32Array
    case .packedFloat64Array: .packedFloat64Array
    case .packedStringArray: .packedStringArray
    case .packedVector2Array: .packedVector2Array
    case .packedVector3Array: .packedVector3Array
    case .packedColorArray: .packedColorArray
    case .packedVector4Array: .packedVector4Array
    case .wide(let reals): reals.type
    }
  }

  // Whether it contains other values.
  var isNested: Bool {
    switch self {
    case .array, .dictionary, .object: true
    default: false
    }
  }
}

// MARK: - Literals

/// The literal `nil` is Godot's `null`, unless Swift can read it as an empty optional. `x == nil`
/// tests whether an optional is empty. `found ? value : nil` is a ``nil`` of this type.
extension Variant: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// Creates Godot's `null`.
  public init(nilLiteral: ()) { self = .nil }
  /// Creates a bool.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// Creates an int.
  public init(integerLiteral value: Int64) { self = .int(value) }
  /// Creates a float.
  public init(floatLiteral value: Double) { self = .float(value) }
  /// Creates a String.
  public init(stringLiteral value: String) { self = .string(value) }
  /// Creates an Array without an element type.
  public init(arrayLiteral elements: Variant...) { self = .array(VariantArray(elements)) }

  /// Creates a Dictionary of the pairs in their order. The last value of a repeated key counts, as
  /// in Godot.
  public init(dictionaryLiteral pairs: (Variant, Variant)...) {
    var dictionary = VariantDictionary()
    for (key, value) in pairs { dictionary[key] = .some(value) }
    self = .dictionary(dictionary)
  }
}
