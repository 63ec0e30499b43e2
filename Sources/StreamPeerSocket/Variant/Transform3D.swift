// SPDX-License-Identifier: MIT

/// A turn, scale and shift in space. Godot: `Transform3D`. (`SPS_VARIANT_TRANSFORM3D`)
public struct Transform3D: Codable, Hashable, Sendable, RealComponents {
  /// The turn and the scale.
  public var basis: Basis
  /// The shift.
  public var origin: Vector3

  /// Makes a transform from its basis and its shift.
  public init(_ basis: Basis = Basis(), _ origin: Vector3 = Vector3()) {
    self.basis = basis
    self.origin = origin
  }
}
