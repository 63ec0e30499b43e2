// SPDX-License-Identifier: MIT

/// Two reals. Godot: `Vector2`. (`SPS_VARIANT_VECTOR2`)
public struct Vector2: Codable, Hashable, Sendable, RealComponents {
  /// The x component.
  public var x: Float
  /// The y component.
  public var y: Float

  /// Makes a vector from its components.
  public init(_ x: Float = 0, _ y: Float = 0) {
    self.x = x
    self.y = y
  }
}
