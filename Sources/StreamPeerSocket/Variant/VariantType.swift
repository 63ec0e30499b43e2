// SPDX-License-Identifier: MIT
internal import CSocketCore

/// What a ``Variant`` is. The raw values are Godot's. Godot: `Variant.Type`. (`sps_variant_type`)
public enum VariantType: Int32, CaseIterable, Sendable {
  case `nil` = 0
  case bool
  case int
  case float
  case string
  case vector2
  case vector2i
  case rect2
  case rect2i
  case vector3
  case vector3i
  case transform2D
  case vector4
  case vector4i
  case plane
  case quaternion
  case aabb
  case basis
  case transform3D
  case projection
  case color
  case stringName
  case nodePath
  case rid
  case object
  case callable
  case signal
  case dictionary
  case array
  case packedByteArray
  case packedInt32Array
  case packedInt64Array
  case packedFloat32Array
  case packedFloat64Array
  case packedStringArray
  case packedVector2Array
  case packedVector3Array
  case packedColorArray
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

  // How many reals the type, or each element of the packed array, consists of whose width depends on
  // how Godot was built; 0 when it has none.
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

/// What a typed container's elements are. (`sps_variant_element`)
public enum VariantElementType: Hashable, Sendable {
  /// Anything: the container is not typed.
  case any
  /// A type of Variant's.
  case builtin(VariantType)
  /// Objects of a class, by its name.
  case `class`(String)
  /// Objects of a script, by its path.
  case script(String)
}

extension VariantElementType {
  /// By their code points, as in Godot.
  public static func == (left: VariantElementType, right: VariantElementType) -> Bool {
    switch (left, right) {
    case (.any, .any): true
    case (.builtin(let left), .builtin(let right)): left == right
    case (.class(let left), .class(let right)), (.script(let left), .script(let right)):
      isSame(left, right)
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .any: break
    case .builtin(let type): hasher.combine(type)
    case .class(let name), .script(let name): hasher.combine(text: name)
    }
  }
}

extension VariantElementType: CustomStringConvertible {
  /// The type as Godot spells it; one that is any is `Variant`.
  public var description: String {
    switch self {
    case .any: "Variant"
    case .builtin(let type): type.name
    case .class(let name): name
    case .script(let path): "Resource(\(quoted(path)))"
    }
  }
}
