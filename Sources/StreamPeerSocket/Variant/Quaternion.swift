// SPDX-License-Identifier: MIT

/// A turn in space; none unless told. Godot: `Quaternion`. (`SPS_VARIANT_QUATERNION`)
public struct Quaternion: Codable, Hashable, Sendable, RealComponents {
  public var x: Float
  public var y: Float
  public var z: Float
  public var w: Float

  public init(_ x: Float = 0, _ y: Float = 0, _ z: Float = 0, _ w: Float = 1) {
    self.x = x
    self.y = y
    self.z = z
    self.w = w
  }
}
