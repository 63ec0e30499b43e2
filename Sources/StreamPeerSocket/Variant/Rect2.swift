// SPDX-License-Identifier: MIT

/// A rectangle. Godot: `Rect2`. (`SPS_VARIANT_RECT2`)
public struct Rect2: Codable, Hashable, Sendable, RealComponents {
  /// The corner with the smallest coordinates.
  public var position: Vector2
  /// The extent from ``position``.
  public var size: Vector2

  /// Makes a rectangle from its corner and its size.
  public init(_ position: Vector2 = Vector2(), _ size: Vector2 = Vector2()) {
    self.position = position
    self.size = size
  }
}
