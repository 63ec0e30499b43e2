// SPDX-License-Identifier: MIT

/// A box along the axes. Godot: `AABB`. (`SPS_VARIANT_AABB`)
public struct AABB: Codable, Hashable, Sendable, RealComponents {
  public var position: Vector3
  public var size: Vector3

  public init(_ position: Vector3 = Vector3(), _ size: Vector3 = Vector3()) {
    self.position = position
    self.size = size
  }
}
