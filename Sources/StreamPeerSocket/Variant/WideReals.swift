// SPDX-License-Identifier: MIT

/// A vector, or another type of reals, in double precision. A Godot that was built with
/// `precision=double` sends it. (`SPS_VARIANT_WIDE`)
///
/// Every Godot reads both precisions. So create one only if single precision is not enough.
public struct WideReals: Hashable, Sendable {
  /// Its type: vector2 to projection, or a packed array of vectors.
  public let type: VariantType
  /// The components in the order in which Godot writes them. A packed array has one element after
  /// the other.
  public let components: [Double]

  /// Creates wide reals. nil if the type has no reals, or another number of them.
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
