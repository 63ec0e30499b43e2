// SPDX-License-Identifier: MIT

// What a container keeps its values in; changed only while one container has it alone. So Swift
// need not check at run time that no two accesses to its variables overlap:
// @exclusivity(unchecked).
//
// To end a value ends the values that it holds. Left to Swift, each would end inside the end of the
// one that holds it, and a stranger's 1,024 levels would need 200 KiB of stack. So a storage that
// ends takes the storages inside it into one array, and ends them from there.
class NestedStorage: @unchecked Sendable {
  // Moves all values out: of those that hold values themselves only their storages are kept.
  func takeApart(into storages: inout [NestedStorage]) {}

  // For the `deinit` of each kind.
  final func endValues() {
    var storages: [NestedStorage] = []
    takeApart(into: &storages)
    while var storage = storages.popLast() {
      // What somebody else holds as well goes on.
      if isKnownUniquelyReferenced(&storage) { storage.takeApart(into: &storages) }
    }
  }
}

extension [Variant] {
  mutating func takeApart(into storages: inout [NestedStorage]) {
    for value in self where value.isNested { value.appendStorages(to: &storages) }
    self = []
  }
}

extension Variant {
  fileprivate func appendStorages(to storages: inout [NestedStorage]) {
    switch self {
    case .array(let array): array.appendStorage(to: &storages)
    case .dictionary(let dictionary): dictionary.appendStorage(to: &storages)
    case .object(.properties(_, let properties)):
      for property in properties { property.appendStorage(to: &storages) }
    default: break
    }
  }
}

// A value that an object holds.
final class VariantBox: NestedStorage, @unchecked Sendable {
  @exclusivity(unchecked) private(set) var value: Variant

  init(_ value: Variant) {
    self.value = value
  }

  deinit {
    endValues()
  }

  override func takeApart(into storages: inout [NestedStorage]) {
    value.appendStorages(to: &storages)
    value = .nil
  }
}
