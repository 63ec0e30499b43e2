// SPDX-License-Identifier: MIT

/// A plane: the points whose dot product with `normal` is `d`. Godot: `Plane`.
/// (`SPS_VARIANT_PLANE`)
public struct Plane: Codable, Hashable, Sendable, RealComponents {
  /// The direction in which the plane faces.
  public var normal: Vector3
  /// The distance from the origin along ``normal``.
  public var d: Float

  /// Makes a plane from its normal and its distance.
  public init(_ normal: Vector3 = Vector3(), _ d: Float = 0) {
    self.normal = normal
    self.d = d
  }
}
