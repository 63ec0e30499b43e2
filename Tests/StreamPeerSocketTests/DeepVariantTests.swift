// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// No untrusted value uses stack in proportion to its depth. The tests run every operation on the
/// deepest valid value. Their stack is smaller than any OS gives a thread.
@Suite("deep variants", .watchdog)
struct DeepVariantTests {
  /// The content of each level.
  enum Level: CaseIterable {
    case array, typedArray, value, key, object

    /// The bytes on the wire before the next level, and after it.
    fileprivate var bytes: (before: [UInt8], after: [UInt8]) {
      switch self {
      case .array: (words(28, 1), [])
      case .typedArray: (words(28 | 1 << 16, 28, 1), [])
      case .value: (words(27, 1, 2, 7), [])
      case .key: (words(27, 1), words(2, 7))
      case .object: (words(24, 1) + Array("A\0\0\0".utf8) + words(1, 1) + Array("p\0\0\0".utf8), [])
      }
    }
  }

  private static let levels = 1024

  @Test(arguments: Level.allCases)
  func depthUsesNoStack(_ level: Level) throws {
    let (before, after) = level.bytes
    let bytes =
      Array(repeatElement(before, count: Self.levels).joined()) + words(0)
      + Array(repeatElement(after, count: Self.levels).joined())
    let outcome = try onSmallStack { () -> String in
      guard var value = try? Variant(decoding: bytes, allowObjects: true) else { return "refused" }
      guard let other = try? Variant(decoding: bytes, allowObjects: true) else { return "refused" }
      guard value == other && value.hashValue == other.hashValue else { return "not equal" }
      guard value.description.utf8.count > Self.levels else { return "not described" }
      guard (try? value.encoded()) == bytes else { return "not encoded" }
      var copy = value
      value = .nil
      copy = [copy, copy]
      guard copy != other else { return "equal" }
      let set: Set = [copy, other, copy]
      return set.count == 2 ? "done" : "not found"
    }
    #expect(outcome == "done")
  }

  // Values inside types that are not Variants themselves.
  @Test func partsEndWithoutStack() throws {
    let bytes = Array(repeatElement(words(28, 1), count: Self.levels - 2).joined()) + words(0)
    let outcome = try onSmallStack { () -> String in
      guard let value = try? Variant(decoding: bytes) else { return "refused" }
      var array = VariantArray([value], of: .any)
      var dictionary: VariantDictionary = [1: value, .array([value]): 2]
      var property = VariantObject.Property("p", value)
      array[0] = 1
      dictionary[1] = nil
      dictionary.removeAll()
      property.value = 1
      property = .init("q", [value])
      return array.count == 1 && dictionary.isEmpty && property.value != 1 ? "done" : "wrong"
    }
    #expect(outcome == "done")
  }

  // A type that decodes itself recursively does use stack, so it is stopped long before the deepest
  // value.
  private indirect enum Tree: Decodable {
    case leaf
    case node([Tree])
    init(from decoder: any Decoder) throws {
      guard var list = try? decoder.unkeyedContainer() else {
        self = .leaf
        return
      }
      var trees: [Tree] = []
      while !list.isAtEnd { trees.append(try list.decode(Tree.self)) }
      self = .node(trees)
    }
  }

  @Test func aTypeThatRecursesIsRefused() throws {
    let bytes = Array(repeatElement(words(28, 1), count: Self.levels).joined()) + words(0)
    let outcome = try onSmallStack(kibibytes: 128) { () -> String in
      guard let value = try? Variant(decoding: bytes) else { return "refused" }
      do {
        _ = try value.decode(Tree.self)
        return "decoded"
      } catch is DecodingError {
        return "done"
      } catch {
        return "\(error)"
      }
    }
    #expect(outcome == "done")
  }
}

private func words(_ values: UInt32...) -> [UInt8] {
  values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
}

// musl gives a thread 128 KiB.
private func onSmallStack(
  kibibytes: Int = 64, _ body: @escaping @Sendable () -> String
) throws -> String {
  final class Outcome: @unchecked Sendable { var text = "" }
  let outcome = Outcome()
  let finished = DispatchSemaphore(value: 0)
  let thread = Thread {
    outcome.text = body()
    finished.signal()
  }
  thread.stackSize = kibibytes << 10
  thread.start()
  finished.wait()
  return outcome.text
}
