// SPDX-License-Identifier: MIT

/// A rectangle. Godot: `Rect2`. (`SPS_VARIANT_RECT2`)
public struct Rect2: Codable, Hashable, Sendable, RealComponents {
  public var position: Vector2
  public var size: Vector2

  public init(_ position: Vector2 = Vector2(), _ size: Vector2 = Vector2()) {
    self.position = position
    self.size = size
  }
}
