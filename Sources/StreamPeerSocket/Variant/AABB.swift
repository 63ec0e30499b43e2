// SPDX-License-Identifier: MIT

/// A box aligned with the axes. Godot: `AABB`. (`SPS_VARIANT_AABB`)
public struct AABB: Codable, Hashable, Sendable, RealComponents {
  /// The corner with the smallest coordinates.
  public var position: Vector3
  /// The extent from ``position``.
  public var size: Vector3

  /// Makes a box from its corner and its size.
  public init(_ position: Vector3 = Vector3(), _ size: Vector3 = Vector3()) {
    self.position = position
    self.size = size
  }
}
