// SPDX-License-Identifier: MIT

/// Four integers. Godot: `Vector4i`. (`SPS_VARIANT_VECTOR4I`)
public struct Vector4i: Codable, Hashable, Sendable, IntegerComponents {
  /// The x component.
  public var x: Int32
  /// The y component.
  public var y: Int32
  /// The z component.
  public var z: Int32
  /// The w component.
  public var w: Int32

  /// Makes a vector from its components.
  public init(_ x: Int32 = 0, _ y: Int32 = 0, _ z: Int32 = 0, _ w: Int32 = 0) {
    self.x = x
    self.y = y
    self.z = z
    self.w = w
  }
}
