// SPDX-License-Identifier: MIT

/// A color. The default is opaque black. Godot: `Color`. (`SPS_VARIANT_COLOR`)
///
/// It has single precision in every build of Godot.
public struct Color: Codable, Hashable, Sendable, RealComponents {
  /// The red component.
  public var r: Float
  /// The green component.
  public var g: Float
  /// The blue component.
  public var b: Float
  /// The opacity; 1 is opaque.
  public var a: Float

  /// Makes a color from its components.
  public init(_ r: Float = 0, _ g: Float = 0, _ b: Float = 0, _ a: Float = 1) {
    self.r = r
    self.g = g
    self.b = b
    self.a = a
  }
}
