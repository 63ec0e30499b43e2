// SPDX-License-Identifier: MIT

/// A plane: the points whose dot product with `normal` is `d`. Godot: `Plane`. (`SPS_VARIANT_PLANE`)
public struct Plane: Codable, Hashable, Sendable, RealComponents {
  public var normal: Vector3
  public var d: Float

  public init(_ normal: Vector3 = Vector3(), _ d: Float = 0) {
    self.normal = normal
    self.d = d
  }
}
