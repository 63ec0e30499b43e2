// SPDX-License-Identifier: MIT

/// Values one after the other. Godot: `Array`. (`SPS_VARIANT_ARRAY`)
///
/// It is a value, and not a reference as in Godot.
public struct VariantArray: Hashable, Sendable {
  private final class Storage: NestedStorage, @unchecked Sendable {
    @exclusivity(unchecked) var elements: [Variant]
    // nil: for anything, as most are.
    @exclusivity(unchecked) var type: ElementType?

    init(_ elements: [Variant], _ type: ElementType?) {
      self.elements = elements
      self.type = type
    }

    deinit {
      endValues()
    }

    override func takeApart(into storages: inout [NestedStorage]) {
      elements.takeApart(into: &storages)
    }
  }

  private final class ElementType: Sendable {
    let type: VariantElementType

    init?(_ type: VariantElementType) {
      if type == .any { return nil }
      self.type = type
    }
  }

  // nil: empty, and for anything.
  private var storage: Storage?

  /// The values. Whether they are what ``elementType`` says is for Godot to check.
  public var elements: [Variant] {
    get { storage?.elements ?? [] }
    set { ownStorage().elements = newValue }
    _modify { yield &ownStorage().elements }
  }

  /// What a typed array's elements are.
  public var elementType: VariantElementType {
    get { storage?.type?.type ?? .any }
    set { if newValue != elementType { ownStorage().type = ElementType(newValue) } }
  }

  /// Makes an array from its values and their type.
  public init(_ elements: some Sequence<Variant>, of elementType: VariantElementType) {
    let elements = Array(elements)
    let type = ElementType(elementType)
    storage = elements.isEmpty && type == nil ? nil : Storage(elements, type)
  }

  private mutating func ownStorage() -> Storage {
    if !isKnownUniquelyReferenced(&storage) { storage = Storage(elements, storage?.type) }
    return storage!
  }

  func appendStorage(to storages: inout [NestedStorage]) {
    if let storage { storages.append(storage) }
  }

  /// As Godot has it: an array of another type is another array's equal when the values are.
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
  /// Makes an empty array whose elements are not typed.
  public init() {
    self.init([], of: .any)
  }

  /// Makes an array whose elements are not typed.
  public init(arrayLiteral elements: Variant...) {
    self.init(elements, of: .any)
  }

  /// The index of the first value: 0.
  public var startIndex: Int { 0 }
  /// The number of values.
  public var endIndex: Int { storage?.elements.count ?? 0 }

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
