// SPDX-License-Identifier: MIT

/// Three integers. Godot: `Vector3i`. (`SPS_VARIANT_VECTOR3I`)
public struct Vector3i: Codable, Hashable, Sendable, IntegerComponents {
  public var x: Int32
  public var y: Int32
  public var z: Int32

  public init(_ x: Int32 = 0, _ y: Int32 = 0, _ z: Int32 = 0) {
    self.x = x
    self.y = y
    self.z = z
  }
}
