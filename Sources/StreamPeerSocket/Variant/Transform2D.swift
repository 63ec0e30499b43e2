// SPDX-License-Identifier: MIT

/// A rotation, scale and translation in the plane, stored by columns. The default is the identity.
/// Godot: `Transform2D`. (`SPS_VARIANT_TRANSFORM2D`)
public struct Transform2D: Codable, Hashable, Sendable, RealComponents {
  /// The first column: where the x axis points.
  public var x: Vector2
  /// The second column: where the y axis points.
  public var y: Vector2
  /// The third column: the translation.
  public var origin: Vector2

  /// Makes a transform from its columns.
  public init(
    _ x: Vector2 = Vector2(1, 0),
    _ y: Vector2 = Vector2(0, 1),
    _ origin: Vector2 = Vector2()
  ) {
    self.x = x
    self.y = y
    self.origin = origin
  }
}
