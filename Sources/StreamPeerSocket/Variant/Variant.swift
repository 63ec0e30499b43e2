// SPDX-License-Identifier: MIT

/// Any value that Godot's scripts know: what `put_var` writes and `get_var` reads. Godot: `Variant`.
///
///     let state: Variant = ["hp": 100, "name": "x", "at": .vector2(Vector2(1, 2))]
///     peer.putVar(state)
///     if let hp = peer.getVar()?["hp"]?.intValue { … }
///
/// What was read from a Godot is written as it was, byte for byte. An int and a float have no width
/// of their own: they are written in as few bytes as Godot writes them.
///
/// Values are equal when they are in Godot, but only within a type: int 1 and float 1.0 are two keys
/// of a Godot dictionary, and not equal here. A String and a StringName of the same text are equal,
/// and a vector may be equal to a wide one. Texts are compared by their code points, as in Godot.
public enum Variant: Sendable {
  /// Godot's `null`.
  case `nil`
  case bool(Bool)
  case int(Int64)
  case float(Double)
  case string(String)
  case vector2(Vector2)
  case vector2i(Vector2i)
  case rect2(Rect2)
  case rect2i(Rect2i)
  case vector3(Vector3)
  case vector3i(Vector3i)
  indirect case transform2D(Transform2D)
  case vector4(Vector4)
  case vector4i(Vector4i)
  case plane(Plane)
  case quaternion(Quaternion)
  indirect case aabb(AABB)
  indirect case basis(Basis)
  indirect case transform3D(Transform3D)
  indirect case projection(Projection)
  case color(Color)
  case stringName(String)
  case nodePath(NodePath)
  case rid(RID)
  indirect case object(VariantObject)
  /// A Callable, of which nothing is on the wire.
  case callable
  indirect case signal(Signal)
  case dictionary(VariantDictionary)
  case array(VariantArray)
  case packedByteArray([UInt8])
  case packedInt32Array([Int32])
  case packedInt64Array([Int64])
  case packedFloat32Array([Float])
  case packedFloat64Array([Double])
  case packedStringArray([String])
  case packedVector2Array([Vector2])
  case packedVector3Array([Vector3])
  case packedColorArray([Color])
  case packedVector4Array([Vector4])
  /// A vector, or another type of reals, that is in double precision on the wire. ``vector2Value``
  /// and its kin give it rounded, ``reals`` as it is.
  case wide(WideReals)

  /// What it is. Godot: `typeof`.
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

  // Whether it holds other values.
  var isNested: Bool {
    switch self {
    case .array, .dictionary, .object: true
    default: false
    }
  }
}

// MARK: - Literals

/// In a literal `nil` is Godot's `null`. Where Swift has the choice it is the optional's: `x == nil`
/// asks whether there is a value. But `found ? value : nil` is a ``nil`` of this type.
extension Variant: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .nil }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int64) { self = .int(value) }
  public init(floatLiteral value: Double) { self = .float(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: Variant...) { self = .array(VariantArray(elements)) }

  /// The pairs in their order. Of a key that is there twice the last value counts, as in Godot.
  public init(dictionaryLiteral pairs: (Variant, Variant)...) {
    var dictionary = VariantDictionary()
    for (key, value) in pairs { dictionary[key] = .some(value) }
    self = .dictionary(dictionary)
  }
}
