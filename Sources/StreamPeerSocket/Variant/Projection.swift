// SPDX-License-Identifier: MIT

/// A 4×4 matrix, stored by columns. The default is the identity. Godot: `Projection`.
/// (`SPS_VARIANT_PROJECTION`)
public struct Projection: Codable, Hashable, Sendable, RealComponents {
  /// The first column.
  public var x: Vector4
  /// The second column.
  public var y: Vector4
  /// The third column.
  public var z: Vector4
  /// The fourth column.
  public var w: Vector4

  /// Makes a matrix from its columns.
  public init(
    _ x: Vector4 = Vector4(1, 0, 0, 0),
    _ y: Vector4 = Vector4(0, 1, 0, 0),
    _ z: Vector4 = Vector4(0, 0, 1, 0),
    _ w: Vector4 = Vector4(0, 0, 0, 1)
  ) {
    self.x = x
    self.y = y
    self.z = z
    self.w = w
  }
}
