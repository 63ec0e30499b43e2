// SPDX-License-Identifier: MIT

/// A rectangle of integers. Godot: `Rect2i`. (`SPS_VARIANT_RECT2I`)
public struct Rect2i: Codable, Hashable, Sendable, IntegerComponents {
  public var position: Vector2i
  public var size: Vector2i

  public init(_ position: Vector2i = Vector2i(), _ size: Vector2i = Vector2i()) {
    self.position = position
    self.size = size
  }
}
