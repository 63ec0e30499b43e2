// SPDX-License-Identifier: MIT

/// A vector, or another type that consists of reals, in double precision, as it comes from a Godot
/// that was built with `precision=double`. (`SPS_VARIANT_WIDE`)
///
/// Any Godot reads either, so that a program needs to make one only where single precision is too
/// little.
public struct WideReals: Hashable, Sendable {
  /// Which of them: vector2 to projection, or a packed array of vectors.
  public let type: VariantType
  /// The components in the order in which Godot writes them; of a packed array, one element after
  /// the other.
  public let components: [Double]

  /// Makes one; nil when `type` is none of them, or has not so many components.
  public init?(_ type: VariantType, _ components: [Double]) {
    let count = type.realCount
    guard count > 0,
      type.isPacked ? components.count.isMultiple(of: count) : components.count == count
    else { return nil }
    self.type = type
    self.components = components
  }

  func value<Value: RealComponents>(_ type: VariantType) -> Value? {
    self.type == type ? Value(rounding: components[...]) : nil
  }

  func array<Value: RealComponents>(_ type: VariantType) -> [Value]? {
    guard self.type == type else { return nil }
    let count = Value.componentCount
    return stride(from: 0, to: components.count, by: count).map {
      Value(rounding: components[$0..<$0 + count])
    }
  }
}
