// SPDX-License-Identifier: MIT
internal import CSocketCore

/// The type of a ``Variant``. The raw values are Godot's. Godot: `Variant.Type`.
/// (`sps_variant_type`)
public enum VariantType: Int32, CaseIterable, Sendable {
  /// Godot's `Nil`. (`SPS_VARIANT_NIL`)
  case `nil` = 0
  /// Godot's `bool`. (`SPS_VARIANT_BOOL`)
  case bool
  /// Godot's `int`. (`SPS_VARIANT_INT`)
  case int
  /// Godot's `float`. (`SPS_VARIANT_FLOAT`)
  case float
  /// Godot's `String`. (`SPS_VARIANT_STRING`)
  case string
  /// Godot's `Vector2`. (`SPS_VARIANT_VECTOR2`)
  case vector2
  /// Godot's `Vector2i`. (`SPS_VARIANT_VECTOR2I`)
  case vector2i
  /// Godot's `Rect2`. (`SPS_VARIANT_RECT2`)
  case rect2
  /// Godot's `Rect2i`. (`SPS_VARIANT_RECT2I`)
  case rect2i
  /// Godot's `Vector3`. (`SPS_VARIANT_VECTOR3`)
  case vector3
  /// Godot's `Vector3i`. (`SPS_VARIANT_VECTOR3I`)
  case vector3i
  /// Godot's `Transform2D`. (`SPS_VARIANT_TRANSFORM2D`)
  case transform2D
  /// Godot's `Vector4`. (`SPS_VARIANT_VECTOR4`)
  case vector4
  /// Godot's `Vector4i`. (`SPS_VARIANT_VECTOR4I`)
  case vector4i
  /// Godot's `Plane`. (`SPS_VARIANT_PLANE`)
  case plane
  /// Godot's `Quaternion`. (`SPS_VARIANT_QUATERNION`)
  case quaternion
  /// Godot's `AABB`. (`SPS_VARIANT_AABB`)
  case aabb
  /// Godot's `Basis`. (`SPS_VARIANT_BASIS`)
  case basis
  /// Godot's `Transform3D`. (`SPS_VARIANT_TRANSFORM3D`)
  case transform3D
  /// Godot's `Projection`. (`SPS_VARIANT_PROJECTION`)
  case projection
  /// Godot's `Color`. (`SPS_VARIANT_COLOR`)
  case color
  /// Godot's `StringName`. (`SPS_VARIANT_STRING_NAME`)
  case stringName
  /// Godot's `NodePath`. (`SPS_VARIANT_NODE_PATH`)
  case nodePath
  /// Godot's `RID`. (`SPS_VARIANT_RID`)
  case rid
  /// Godot's `Object`. (`SPS_VARIANT_OBJECT`)
  case object
  /// Godot's `Callable`. (`SPS_VARIANT_CALLABLE`)
  case callable
  /// Godot's `Signal`. (`SPS_VARIANT_SIGNAL`)
  case signal
  /// Godot's `Dictionary`. (`SPS_VARIANT_DICTIONARY`)
  case dictionary
  /// Godot's `Array`. (`SPS_VARIANT_ARRAY`)
  case array
  /// Godot's `PackedByteArray`. (`SPS_VARIANT_PACKED_BYTE_ARRAY`)
  case packedByteArray
  /// Godot's `PackedInt32Array`. (`SPS_VARIANT_PACKED_INT32_ARRAY`)
  case packedInt32Array
  /// Godot's `PackedInt64Array`. (`SPS_VARIANT_PACKED_INT64_ARRAY`)
  case packedInt64Array
  /// Godot's `PackedFloat32Array`. (`SPS_VARIANT_PACKED_FLOAT32_ARRAY`)
  case packedFloat32Array
  /// Godot's `PackedFloat64Array`. (`SPS_VARIANT_PACKED_FLOAT64_ARRAY`)
  case packedFloat64Array
  /// Godot's `PackedStringArray`. (`SPS_VARIANT_PACKED_STRING_ARRAY`)
  case packedStringArray
  /// Godot's `PackedVector2Array`. (`SPS_VARIANT_PACKED_VECTOR2_ARRAY`)
  case packedVector2Array
  /// Godot's `PackedVector3Array`. (`SPS_VARIANT_PACKED_VECTOR3_ARRAY`)
  case packedVector3Array
  /// Godot's `PackedColorArray`. (`SPS_VARIANT_PACKED_COLOR_ARRAY`)
  case packedColorArray
  /// Godot's `PackedVector4Array`. (`SPS_VARIANT_PACKED_VECTOR4_ARRAY`)
  case packedVector4Array

  /// The name as Godot spells it, such as `PackedByteArray`. Godot: `type_string`.
  public var name: String { Self.names[Int(rawValue)] }

  private static let names = [
    "Nil", "bool", "int", "float", "String", "Vector2", "Vector2i", "Rect2", "Rect2i", "Vector3",
    "Vector3i", "Transform2D", "Vector4", "Vector4i", "Plane", "Quaternion", "AABB", "Basis",
    "Transform3D", "Projection", "Color", "StringName", "NodePath", "RID", "Object", "Callable",
    "Signal", "Dictionary", "Array", "PackedByteArray", "PackedInt32Array", "PackedInt64Array",
    "PackedFloat32Array", "PackedFloat64Array", "PackedStringArray", "PackedVector2Array",
    "PackedVector3Array", "PackedColorArray", "PackedVector4Array",
  ]

  // The number of reals in the type, or in each element of the packed array. Their width depends on
  // how Godot was built. 0 if it has none.
  var realCount: Int {
    switch self {
    case .vector2, .packedVector2Array: 2
    case .vector3, .packedVector3Array: 3
    case .rect2, .vector4, .plane, .quaternion, .packedVector4Array: 4
    case .transform2D, .aabb: 6
    case .basis: 9
    case .transform3D: 12
    case .projection: 16
    default: 0
    }
  }

  var isPacked: Bool { rawValue >= VariantType.packedByteArray.rawValue }
}

/// The type of a typed container's elements. (`sps_variant_element`)
public enum VariantElementType: Hashable, Sendable {
  /// Any value: the container is not typed.
  case any
  /// One type of Variant.
  case builtin(VariantType)
  /// Objects of a class, given by its name.
  case `class`(String)
  /// Objects of a script, given by its path.
  case script(String)
}

extension VariantElementType {
  /// Compares names by their code points, as in Godot.
  public static func == (left: VariantElementType, right: VariantElementType) -> Bool {
    switch (left, right) {
    case (.any, .any): true
    case (.builtin(let left), .builtin(let right)): left == right
    case (.class(let left), .class(let right)), (.script(let left), .script(let right)):
      isSame(left, right)
    default: false
    }
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .any: break
    case .builtin(let type): hasher.combine(type)
    case .class(let name), .script(let name): hasher.combine(text: name)
    }
  }
}

extension VariantElementType: CustomStringConvertible {
  /// The type as Godot spells it. `any` is `Variant`.
  public var description: String {
    switch self {
    case .any: "Variant"
    case .builtin(let type): type.name
    case .class(let name): name
    case .script(let path): "Resource(\(quoted(path)))"
    }
  }
}
