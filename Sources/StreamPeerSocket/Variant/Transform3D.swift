// SPDX-License-Identifier: MIT

/// A rotation, scale and translation in space. Godot: `Transform3D`. (`SPS_VARIANT_TRANSFORM3D`)
public struct Transform3D: Codable, Hashable, Sendable, RealComponents {
  /// The rotation and the scale.
  public var basis: Basis
  /// The translation.
  public var origin: Vector3

  /// Makes a transform from its basis and its translation.
  public init(_ basis: Basis = Basis(), _ origin: Vector3 = Vector3()) {
    self.basis = basis
    self.origin = origin
  }
}
