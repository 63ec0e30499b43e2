// SPDX-License-Identifier: MIT

/// A list of values. Godot: `Array`. (`SPS_VARIANT_ARRAY`)
///
/// It is a value type. Godot's arrays are references.
public struct VariantArray: Hashable, Sendable {
  private final class Storage: NestedStorage, @unchecked Sendable {
    @exclusivity(unchecked) var elements: [Variant]
    // nil: not typed, which is the common case.
    @exclusivity(unchecked) var type: ElementType?

    init(_ elements: [Variant], _ type: ElementType?) {
      unsafe self.elements = elements
      unsafe self.type = type
    }

    deinit {
      endValues()
    }

    override func takeApart(into storages: inout [NestedStorage]) {
      unsafe elements.takeApart(into: &storages)
    }
  }

  private final class ElementType: Sendable {
    let type: VariantElementType

    init?(_ type: VariantElementType) {
      if type == .any { return nil }
      self.type = type
    }
  }

  // nil: empty and not typed.
  private var storage: Storage?

  /// The values. Godot, not this library, checks that they have the type ``elementType``.
  public var elements: [Variant] {
    get { unsafe storage?.elements ?? [] }
    set { unsafe ownStorage().elements = newValue }
    _modify { yield unsafe &ownStorage().elements }
  }

  /// The type of a typed array's elements.
  public var elementType: VariantElementType {
    get { unsafe storage?.type?.type ?? .any }
    set { if newValue != elementType { unsafe ownStorage().type = ElementType(newValue) } }
  }

  /// Creates an array from its values and their type.
  public init(_ elements: some Sequence<Variant>, of elementType: VariantElementType) {
    let elements = Array(elements)
    let type = ElementType(elementType)
    storage = elements.isEmpty && type == nil ? nil : Storage(elements, type)
  }

  private mutating func ownStorage() -> Storage {
    if !isKnownUniquelyReferenced(&storage) { storage = unsafe Storage(elements, storage?.type) }
    return storage!
  }

  func appendStorage(to storages: inout [NestedStorage]) {
    if let storage { storages.append(storage) }
  }

  /// As in Godot, arrays of different types are equal if their values are.
  public static func == (left: VariantArray, right: VariantArray) -> Bool {
    Variant.array(left) == .array(right)
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    Variant.array(self).hash(into: &hasher)
  }
}

extension VariantArray: RandomAccessCollection, MutableCollection, RangeReplaceableCollection,
  ExpressibleByArrayLiteral
{
  /// Creates an empty array without an element type.
  public init() {
    self.init([], of: .any)
  }

  /// Creates an array without an element type.
  public init(arrayLiteral elements: Variant...) {
    self.init(elements, of: .any)
  }

  /// The index of the first value: 0.
  public var startIndex: Int { 0 }
  /// The number of values.
  public var endIndex: Int { unsafe storage?.elements.count ?? 0 }

  /// The value at an index, which must be in range.
  public subscript(position: Int) -> Variant {
    get { elements[position] }
    set { elements[position] = newValue }
  }

  /// Replaces the values in a range.
  public mutating func replaceSubrange(
    _ range: Range<Int>, with new: some Collection<Variant>
  ) {
    elements.replaceSubrange(range, with: new)
  }
}
