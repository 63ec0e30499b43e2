// SPDX-License-Identifier: MIT

/// A 3×3 matrix. The default is the identity. Godot: `Basis`. (`SPS_VARIANT_BASIS`)
///
/// It stores rows, in the order in which Godot writes them. Godot's `x`, `y` and `z` are its
/// columns.
public struct Basis: Codable, Hashable, Sendable, RealComponents {
  /// The first row.
  public var row0: Vector3
  /// The second row.
  public var row1: Vector3
  /// The third row.
  public var row2: Vector3

  /// Makes a matrix from its rows.
  public init(
    _ row0: Vector3 = Vector3(1, 0, 0),
    _ row1: Vector3 = Vector3(0, 1, 0),
    _ row2: Vector3 = Vector3(0, 0, 1)
  ) {
    self.row0 = row0
    self.row1 = row1
    self.row2 = row2
  }

  /// The first column: where the x axis points. Godot: `x`.
  public var x: Vector3 { Vector3(row0.x, row1.x, row2.x) }
  /// The second column: where the y axis points. Godot: `y`.
  public var y: Vector3 { Vector3(row0.y, row1.y, row2.y) }
  /// The third column: where the z axis points. Godot: `z`.
  public var z: Vector3 { Vector3(row0.z, row1.z, row2.z) }
}
