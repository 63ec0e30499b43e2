// SPDX-License-Identifier: MIT

/// An object, as data and never as code. Godot: `Object`. (`SPS_VARIANT_OBJECT`)
public enum VariantObject: Hashable, Sendable {
  /// The object's number in the program that sent it: an `EncodedObjectAsID` there. `put_var`
  /// writes objects so unless full objects are allowed.
  case id(UInt64)
  /// The name of its class, which is never empty, and its properties.
  case properties(className: String, [Property])

  /// A property's name and value.
  public struct Property: Hashable, Sendable {
    /// The property's name.
    public var name: String
    /// The property's value.
    public var value: Variant {
      get { unsafe nested?.value ?? plain }
      set { (plain, nested) = newValue.isNested ? (.nil, VariantBox(newValue)) : (newValue, nil) }
    }

    // One of the two holds the value.
    private var plain = Variant.nil
    private var nested: VariantBox?

    /// Creates a property from its name and its value.
    public init(_ name: String, _ value: Variant) {
      self.name = name
      self.value = value
    }

    func appendStorage(to storages: inout [NestedStorage]) {
      if let nested { storages.append(nested) }
    }

    /// Returns whether the names have the same code points, and the values are equal.
    public static func == (left: Property, right: Property) -> Bool {
      isSame(left.name, right.name) && left.value == right.value
    }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(text: name)
      hasher.combine(value)
    }
  }

  /// The value of a property, or nil if there is none of that name.
  public subscript(name: String) -> Variant? {
    guard case .properties(_, let properties) = self else { return nil }
    return properties.first { isSame($0.name, name) }?.value
  }
}

extension VariantObject {
  // The memory of properties with these values.
  static func propertiesBytes(of values: [Variant]) -> Int {
    let boxes = values.count { $0.isNested }
    let box = VariantMemory.object(fields: MemoryLayout<Variant>.stride)
    return VariantMemory.array(of: Property.self, values.count) + boxes * box
  }
}
