// SPDX-License-Identifier: MIT

/// Three reals. Godot: `Vector3`. (`SPS_VARIANT_VECTOR3`)
public struct Vector3: Codable, Hashable, Sendable, RealComponents {
  /// The x component.
  public var x: Float
  /// The y component.
  public var y: Float
  /// The z component.
  public var z: Float

  /// Makes a vector from its components.
  public init(_ x: Float = 0, _ y: Float = 0, _ z: Float = 0) {
    self.x = x
    self.y = y
    self.z = z
  }
}
