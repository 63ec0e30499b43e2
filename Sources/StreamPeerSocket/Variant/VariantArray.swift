// SPDX-License-Identifier: MIT

/// Values one after the other. Godot: `Array`. (`SPS_VARIANT_ARRAY`)
///
/// It is a value, and not a reference as in Godot.
public struct VariantArray: Hashable, Sendable {
  /// The values. Whether they are what ``elementType`` says is for Godot to check.
  public var elements: [Variant]
  /// What a typed array's elements are.
  public var elementType: VariantElementType

  public init(_ elements: some Sequence<Variant>, of elementType: VariantElementType) {
    self.elements = Array(elements)
    self.elementType = elementType
  }

  /// As Godot has it: an array of another type is another array's equal when the values are.
  public static func == (left: VariantArray, right: VariantArray) -> Bool {
    Variant.array(left) == .array(right)
  }

  public func hash(into hasher: inout Hasher) {
    Variant.array(self).hash(into: &hasher)
  }
}

extension VariantArray: RandomAccessCollection, MutableCollection, RangeReplaceableCollection,
  ExpressibleByArrayLiteral
{
  public init() {
    self.init([], of: .any)
  }

  public init(arrayLiteral elements: Variant...) {
    self.init(elements, of: .any)
  }

  public var startIndex: Int { elements.startIndex }
  public var endIndex: Int { elements.endIndex }

  public subscript(position: Int) -> Variant {
    get { elements[position] }
    set { elements[position] = newValue }
  }

  public mutating func replaceSubrange(
    _ range: Range<Int>, with new: some Collection<Variant>
  ) {
    elements.replaceSubrange(range, with: new)
  }
}
