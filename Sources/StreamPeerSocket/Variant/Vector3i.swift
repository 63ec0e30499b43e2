// SPDX-License-Identifier: MIT

/// Three integers. Godot: `Vector3i`. (`SPS_VARIANT_VECTOR3I`)
public struct Vector3i: Codable, Hashable, Sendable, IntegerComponents {
  /// The x component.
  public var x: Int32
  /// The y component.
  public var y: Int32
  /// The z component.
  public var z: Int32

  /// Makes a vector from its components.
  public init(_ x: Int32 = 0, _ y: Int32 = 0, _ z: Int32 = 0) {
    self.x = x
    self.y = y
    self.z = z
  }
}
