// SPDX-License-Identifier: MIT

/// A turn, scale and shift in space. Godot: `Transform3D`. (`SPS_VARIANT_TRANSFORM3D`)
public struct Transform3D: Codable, Hashable, Sendable, RealComponents {
  public var basis: Basis
  public var origin: Vector3

  public init(_ basis: Basis = Basis(), _ origin: Vector3 = Vector3()) {
    self.basis = basis
    self.origin = origin
  }
}
