// SPDX-License-Identifier: MIT

// The storage of a container's values. A container changes it only while it is the only owner. So
// Swift need not check at run time for overlapping accesses: @exclusivity(unchecked).
//
// Destroying a value destroys the values in it. Swift alone would recurse, and a peer's 1,024
// levels would need 200 KiB of stack. So a storage moves the storages inside it into one array, and
// destroys them from there.
class NestedStorage: @unchecked Sendable {
  // Moves all values out. Of values that contain others it keeps only the storages.
  func takeApart(into storages: inout [NestedStorage]) {}

  // Each subclass calls it in its `deinit`.
  final func endValues() {
    var storages: [NestedStorage] = []
    takeApart(into: &storages)
    while var storage = storages.popLast() {
      // A storage that has another owner stays.
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

// A value in an object.
final class VariantBox: NestedStorage, @unchecked Sendable {
  @exclusivity(unchecked) private(set) var value: Variant

  init(_ value: Variant) {
    unsafe self.value = value
  }

  deinit {
    endValues()
  }

  override func takeApart(into storages: inout [NestedStorage]) {
    unsafe value.appendStorages(to: &storages)
    unsafe value = .nil
  }
}
