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
    /// The property's name.
    public var name: String
    /// The property's value.
    public var value: Variant {
      get { nested?.value ?? plain }
      set { (plain, nested) = newValue.isNested ? (.nil, VariantBox(newValue)) : (newValue, nil) }
    }

    // One of both.
    private var plain = Variant.nil
    private var nested: VariantBox?

    /// Makes a property from its name and its value.
    public init(_ name: String, _ value: Variant) {
      self.name = name
      self.value = value
    }

    func appendStorage(to storages: inout [NestedStorage]) {
      if let nested { storages.append(nested) }
    }

    /// Whether the names are the same by their code points, and the values equal.
    public static func == (left: Property, right: Property) -> Bool {
      isSame(left.name, right.name) && left.value == right.value
    }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(text: name)
      hasher.combine(value)
    }
  }

  /// A property's value; nil when there is none of that name.
  public subscript(name: String) -> Variant? {
    guard case .properties(_, let properties) = self else { return nil }
    return properties.first { isSame($0.name, name) }?.value
  }
}

extension VariantObject {
  // The memory of properties of these values.
  static func propertiesBytes(of values: [Variant]) -> Int {
    let boxes = values.count { $0.isNested }
    let box = VariantMemory.object(fields: MemoryLayout<Variant>.stride)
    return VariantMemory.array(of: Property.self, values.count) + boxes * box
  }
}
