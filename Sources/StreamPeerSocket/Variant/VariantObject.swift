// SPDX-License-Identifier: MIT

/// An object, which is data here and never code. Godot: `Object`. (`SPS_VARIANT_OBJECT`)
public enum VariantObject: Hashable, Sendable {
  /// The number that the object has in the program that has sent it; there it is an
  /// `EncodedObjectAsID`. This is what `put_var` writes unless objects are allowed.
  case id(UInt64)
  /// The name of its class, which is not empty, and its properties.
  case properties(className: String, [Property])

  /// A property's name and value.
  public struct Property: Hashable, Sendable {
    public var name: String
    public var value: Variant

    public init(_ name: String, _ value: Variant) {
      self.name = name
      self.value = value
    }
  }

  /// A property's value; nil when there is none of that name.
  public subscript(name: String) -> Variant? {
    guard case .properties(_, let properties) = self else { return nil }
    return properties.first { $0.name == name }?.value
  }
}
