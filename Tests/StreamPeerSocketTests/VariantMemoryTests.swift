// SPDX-License-Identifier: MIT
import CMemoryCounter
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// The rule at `SPS_VARIANT_SPARE_MEMORY_BYTES`. variant_cost_test.cpp checks it for C++.
@Suite(
  "the memory of variants", .watchdog,
  .enabled(if: memory_counter_works() != 0, "memory cannot be counted here"))
struct VariantMemoryTests {
  // Additional memory while containers are open.
  private static let fewLevels = 16 << 10
  private static let manyLevels = 256 << 10

  // MARK: Any content

  /// The elements with the largest values for their encoded size.
  enum Greedy: CaseIterable {
    case null, int, shortText, text, longText, texts, emptyTexts, path, pathWithSubname, emptyPaths
    case array, typedArray, classArray, nestedArray, deepArray
    case dictionary, typedDictionary, nestedDictionary, deepDictionary
    case plainKeys, nestedKeys, sameKeys, textKeys
    case object, objectID, properties, nestedProperties
    case transform, wideVector, projection, signal, bytes, ints, packedTexts

    // A value of about this many bytes.
    fileprivate func value(_ size: Int) -> [UInt8] {
      switch self {
      case .null: list(size, words(0))
      case .int: list(size, words(2, 7))
      case .shortText: list(size, letters(15))
      case .text: list(size, letters(16))
      case .longText: list(size, letters(100))
      case .texts: list(size, words(34, 1) + letters(16).dropFirst(4))
      case .emptyTexts: words(34, size / 4) + [UInt8](repeating: 0, count: size / 4 * 4)
      case .path: list(size, words(22, 1 << 31 | 1, 0, 0) + letters(16).dropFirst(4))
      case .pathWithSubname: list(size, words(22, 1 << 31 | 1, 1, 0, 0, 0))
      case .emptyPaths:
        words(22, 1 << 31 | size / 4, 0, 0) + [UInt8](repeating: 0, count: size / 4 * 4)
      case .array: list(size, words(28, 0))
      case .typedArray: list(size, words(28 | 1 << 16, 2, 0))
      case .classArray: list(size, words(28 | 2 << 16) + letters(16).dropFirst(4) + words(0))
      case .nestedArray: list(size, words(28, 1, 0))
      case .deepArray: list(size, deep(words(28, 1)))
      case .dictionary: list(size, words(27, 0))
      case .typedDictionary: list(size, words(27 | 1 << 16 | 1 << 18, 2, 2, 0))
      case .nestedDictionary: list(size, words(27, 1, 0, 0))
      case .deepDictionary: list(size, deep(words(27, 1, 0)))
      case .plainKeys: pairs(size / 12) { words(2, $0, 0) }
      case .nestedKeys: pairs(size / 12) { _ in words(28, 0, 0) }
      case .sameKeys: pairs(size / 12) { _ in words(2, 7, 0) }
      case .textKeys: pairs(size / 28) { letters(16, first: $0) + words(0) }
      case .object: list(size, words(24, 1, 97, 0))
      case .objectID: list(size, words(24 | 1 << 16, 7, 0))
      case .properties: list(size, words(24, 1, 97, 2, 0, 0, 0, 0))
      case .nestedProperties: list(size, words(24, 1, 97, 1, 0, 28, 1, 0))
      case .transform: list(size, words(11, 1, 2, 3, 4, 5, 6))
      case .wideVector: list(size, words(5 | 1 << 16, 1, 2, 3, 4))
      case .projection: list(size, words(19) + [UInt8](repeating: 1, count: 64))
      case .signal: list(size, words(26, 0, 0, 0))
      case .bytes: list(size, words(29, 1, 97))
      case .ints: words(30, size / 4) + [UInt8](repeating: 1, count: size / 4 * 4)
      case .packedTexts: words(34, size / 20) + repeated(size / 20, letters(16).dropFirst(4))
      }
    }
  }

  // The decoder counts exactly the memory that it takes, so it refuses no value that fits.
  @Test(arguments: Greedy.allCases)
  func theLimitIsKept(_ greedy: Greedy) throws {
    let bytes = greedy.value(64 << 10)
    let (value, needed) = readTwice(bytes, limit: .max)
    _ = try value.get()
    for limit in [needed / 8, needed / 2, needed - needed / 8] {
      let (value, taken) = readTwice(bytes, limit: limit)
      #expect(taken <= limit + Self.fewLevels)
      let error = #expect(throws: VariantError.self) { try value.get() }
      #expect(error?.reason == .tooLarge && error?.error == .errOutOfMemory)
      #expect(error.map { (1...bytes.count).contains($0.offset) } == true)
    }
    let (enough, _) = read(bytes, limit: needed + needed / 4)
    #expect(throws: Never.self) { try enough.get() }
  }

  @Test(arguments: [28, 27], [1, 1000])
  func claimsTakeNoMemory(_ type: Int, levels: Int) throws {
    let bytes = repeated(levels, words(type, 20_000)) + repeated(20_000, words(28, 0))
    let limit = 256 << 10
    let (value, taken) = read(bytes, limit: limit)
    #expect(throws: VariantError.self) { try value.get() }
    #expect(taken <= limit + Self.manyLevels)
  }

  @Test func aNegativeLimitIsInvalid() {
    let error = #expect(throws: VariantError.self) {
      try Variant(decoding: words(0), maxMemoryBytes: -1)
    }
    #expect(error?.reason == .badArgument && error?.error == .errInvalidParameter)
  }

  // MARK: By default

  // A stream's default limit.
  private static let mostBytes = 8 << 20 - 4096

  @Test(arguments: [Greedy.null, .int, .emptyTexts, .ints])
  func ordinaryValuesAreRead(_ ordinary: Greedy) throws {
    let bytes = ordinary.value(Self.mostBytes)
    let (value, taken) = read(bytes, limit: 0)
    #expect(throws: Never.self) { try value.get() }
    #expect(taken <= bound(bytes))
  }

  @Test(arguments: [Greedy.deepArray, .deepDictionary])
  func aValueAboveTheLimitIsRefused(_ greedy: Greedy) throws {
    let bytes = greedy.value(Self.mostBytes)
    let (value, taken) = read(bytes, limit: 0)
    let error = #expect(throws: VariantError.self) { try value.get() }
    #expect(error?.error == .errOutOfMemory)
    #expect(taken <= bound(bytes))
    // A small value is read, whatever its content.
    let (small, _) = read(greedy.value(1 << 20), limit: 0)
    #expect(throws: Never.self) { try small.get() }
  }

  // MARK: On a stream

  @Test func aGetMayHaveALimit() throws {
    let buffer = StreamPeerBuffer()
    #expect(buffer.putVar(["a text that takes memory of its own", 2]) == .ok)
    #expect(buffer.putU8(7) == .ok)
    buffer.seek(0)
    #expect(buffer.getVar(maxMemoryBytes: 64) == nil && buffer.lastError == .errOutOfMemory)
    #expect(buffer.getU8() == 7)  // the get has consumed the value
    buffer.seek(0)
    #expect(buffer.tryGetVar(maxMemoryBytes: 64) == nil && buffer.lastError == .errOutOfMemory)
    buffer.seek(0)
    #expect(buffer.getVar()?[1] == 2)
  }

  private func bound(_ bytes: [UInt8]) -> Int { 4 * bytes.count + 16 << 20 + Self.manyLevels }

  private func read(
    _ bytes: [UInt8], limit: Int
  ) -> (value: Result<Variant, any Error>, taken: Int) {
    memory_counter_begin()
    let value = Result {
      try Variant(decoding: bytes, allowObjects: true, maxMemoryBytes: limit)
    }
    return (value, Int(memory_counter_most()))
  }

  // Swift's runtime may allocate for itself in one of them, for a cache that grows.
  private func readTwice(
    _ bytes: [UInt8], limit: Int
  ) -> (value: Result<Variant, any Error>, taken: Int) {
    let first = read(bytes, limit: limit)
    let second = read(bytes, limit: limit)
    return (second.value, min(first.taken, second.taken))
  }
}

// MARK: - Bytes

private func words(_ values: Int...) -> [UInt8] {
  values.flatMap { value in
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: value).littleEndian) { Array($0) }
  }
}

private func repeated(_ count: Int, _ bytes: some Collection<UInt8>) -> [UInt8] {
  var all = Array(bytes)
  let size = count * all.count
  while all.count < size { all += all }
  return Array(all[..<size])
}

private func list(_ size: Int, _ element: [UInt8]) -> [UInt8] {
  words(28, size / element.count) + repeated(size / element.count, element)
}

private func pairs(_ count: Int, _ pair: (Int) -> [UInt8]) -> [UInt8] {
  (0..<count).reduce(into: words(27, count)) { $0 += pair($1) }
}

private func deep(_ level: [UInt8]) -> [UInt8] { repeated(20, level) + words(0) }

// An encoded text of `count` letters, which starts with a number.
private func letters(_ count: Int, first number: Int = 0) -> [UInt8] {
  let number = Array(String(number).utf8)
  let padding = [UInt8](repeating: 0, count: -count & 3)
  let rest = [UInt8](repeating: UInt8(ascii: "a"), count: count - number.count)
  return words(4, count) + number + rest + padding
}
