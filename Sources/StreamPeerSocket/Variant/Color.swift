// SPDX-License-Identifier: MIT

/// A color, opaque black unless told. Godot: `Color`. (`SPS_VARIANT_COLOR`)
///
/// It is in single precision in every build of Godot.
public struct Color: Codable, Hashable, Sendable, RealComponents {
  public var r: Float
  public var g: Float
  public var b: Float
  public var a: Float

  public init(_ r: Float = 0, _ g: Float = 0, _ b: Float = 0, _ a: Float = 1) {
    self.r = r
    self.g = g
    self.b = b
    self.a = a
  }
}
