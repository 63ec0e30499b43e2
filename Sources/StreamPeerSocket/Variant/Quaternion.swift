// SPDX-License-Identifier: MIT

/// A rotation in space. The default is no rotation. Godot: `Quaternion`. (`SPS_VARIANT_QUATERNION`)
public struct Quaternion: Codable, Hashable, Sendable, RealComponents {
  /// The x component.
  public var x: Float
  /// The y component.
  public var y: Float
  /// The z component.
  public var z: Float
  /// The w component.
  public var w: Float

  /// Makes a quaternion from its components.
  public init(_ x: Float = 0, _ y: Float = 0, _ z: Float = 0, _ w: Float = 1) {
    self.x = x
    self.y = y
    self.z = z
    self.w = w
  }
}
