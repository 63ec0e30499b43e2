// SPDX-License-Identifier: MIT

/// Four reals. Godot: `Vector4`. (`SPS_VARIANT_VECTOR4`)
public struct Vector4: Codable, Hashable, Sendable, RealComponents {
  public var x: Float
  public var y: Float
  public var z: Float
  public var w: Float

  public init(_ x: Float = 0, _ y: Float = 0, _ z: Float = 0, _ w: Float = 0) {
    self.x = x
    self.y = y
    self.z = z
    self.w = w
  }
}
