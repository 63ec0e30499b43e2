// SPDX-License-Identifier: MIT

/// Two integers. Godot: `Vector2i`. (`SPS_VARIANT_VECTOR2I`)
public struct Vector2i: Codable, Hashable, Sendable, IntegerComponents {
  public var x: Int32
  public var y: Int32

  public init(_ x: Int32 = 0, _ y: Int32 = 0) {
    self.x = x
    self.y = y
  }
}
