// SPDX-License-Identifier: MIT

/// Three reals. Godot: `Vector3`. (`SPS_VARIANT_VECTOR3`)
public struct Vector3: Codable, Hashable, Sendable, RealComponents {
  public var x: Float
  public var y: Float
  public var z: Float

  public init(_ x: Float = 0, _ y: Float = 0, _ z: Float = 0) {
    self.x = x
    self.y = y
    self.z = z
  }
}
