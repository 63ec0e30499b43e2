// SPDX-License-Identifier: MIT

/// Four reals. Godot: `Vector4`. (`SPS_VARIANT_VECTOR4`)
public struct Vector4: Codable, Hashable, Sendable, RealComponents {
  /// The x component.
  public var x: Float
  /// The y component.
  public var y: Float
  /// The z component.
  public var z: Float
  /// The w component.
  public var w: Float

  /// Makes a vector from its components.
  public init(_ x: Float = 0, _ y: Float = 0, _ z: Float = 0, _ w: Float = 0) {
    self.x = x
    self.y = y
    self.z = z
    self.w = w
  }
}
