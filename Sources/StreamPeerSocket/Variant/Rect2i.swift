// SPDX-License-Identifier: MIT

/// A rectangle of integers. Godot: `Rect2i`. (`SPS_VARIANT_RECT2I`)
public struct Rect2i: Codable, Hashable, Sendable, IntegerComponents {
  /// The corner with the smallest coordinates.
  public var position: Vector2i
  /// The extent from ``position``.
  public var size: Vector2i

  /// Makes a rectangle from its corner and its size.
  public init(_ position: Vector2i = Vector2i(), _ size: Vector2i = Vector2i()) {
    self.position = position
    self.size = size
  }
}
