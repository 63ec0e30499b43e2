// SPDX-License-Identifier: MIT

/// Two integers. Godot: `Vector2i`. (`SPS_VARIANT_VECTOR2I`)
public struct Vector2i: Codable, Hashable, Sendable, IntegerComponents {
  /// The x component.
  public var x: Int32
  /// The y component.
  public var y: Int32

  /// Makes a vector from its components.
  public init(_ x: Int32 = 0, _ y: Int32 = 0) {
    self.x = x
    self.y = y
  }
}
