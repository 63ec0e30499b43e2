// SPDX-License-Identifier: MIT
internal import CSocketCore

// A type that consists only of single-precision reals. They lie in memory in the order in which
// Godot writes them.
protocol RealComponents: BitwiseCopyable {}

// A type that consists only of integers, in the same way.
protocol IntegerComponents: BitwiseCopyable {}

// The maximum number of components, which a Projection has.
private let mostComponents = 16

extension RealComponents {
  static var componentCount: Int { MemoryLayout<Self>.size / MemoryLayout<Float>.size }

  // Converts an item of the C library. Double precision is rounded.
  init(_ item: sps_variant_item) {
    self = withUnsafeTemporaryAllocation(of: Float.self, capacity: mostComponents) { floats in
      floats.initialize(repeating: 0)
      withUnsafePointer(to: item) {
        _ = sps_variant_get_floats($0, 0, Self.componentCount, floats.baseAddress)
      }
      return UnsafeRawPointer(floats.baseAddress!).loadUnaligned(as: Self.self)
    }
  }

  // Uses as many of the reals as the type has components.
  init(rounding reals: ArraySlice<Double>) {
    self = withUnsafeTemporaryAllocation(of: Float.self, capacity: mostComponents) { floats in
      floats.initialize(repeating: 0)
      for (index, real) in zip(floats.indices, reals) { floats[index] = Float(real) }
      return UnsafeRawPointer(floats.baseAddress!).loadUnaligned(as: Self.self)
    }
  }

  var components: [Float] {
    withUnsafeBytes(of: self) { Array($0.bindMemory(to: Float.self)) }
  }

  static func array(_ item: sps_variant_item) -> [Self] {
    [Self](unsafeUninitializedCapacity: Int(item.count)) { buffer, count in
      let floats = UnsafeMutableRawBufferPointer(buffer).bindMemory(to: Float.self)
      count = withUnsafePointer(to: item) {
        let components = Int(item.count) * componentCount
        let code = sps_variant_get_floats($0, 0, components, floats.baseAddress)
        return code == 0 ? Int(item.count) : 0
      }
    }
  }
}

extension IntegerComponents {
  static var componentCount: Int { MemoryLayout<Self>.size / MemoryLayout<Int32>.size }

  init(_ item: sps_variant_item) {
    let count = Self.componentCount
    self = withUnsafeTemporaryAllocation(of: Int64.self, capacity: mostComponents) { wide in
      wide.initialize(repeating: 0)
      withUnsafePointer(to: item) {
        _ = sps_variant_get_integers($0, 0, count, wide.baseAddress)
      }
      return withUnsafeTemporaryAllocation(of: Int32.self, capacity: mostComponents) { integers in
        for index in integers.indices { integers[index] = Int32(truncatingIfNeeded: wide[index]) }
        return UnsafeRawPointer(integers.baseAddress!).loadUnaligned(as: Self.self)
      }
    }
  }

  var components: [Int32] {
    withUnsafeBytes(of: self) { Array($0.bindMemory(to: Int32.self)) }
  }
}

// The numbers of a packed array.
extension sps_variant_item {
  func integers(_ count: Int) -> [Int64] {
    [Int64](unsafeUninitializedCapacity: count) { buffer, initialized in
      buffer.initialize(repeating: 0)
      initialized = count
      withUnsafePointer(to: self) {
        _ = sps_variant_get_integers($0, 0, count, buffer.baseAddress)
      }
    }
  }

  // Converts block by block, because the C library returns only 64-bit integers.
  func shortIntegers(_ count: Int) -> [Int32] {
    let most = 64
    return [Int32](unsafeUninitializedCapacity: count) { buffer, initialized in
      withUnsafeTemporaryAllocation(of: Int64.self, capacity: most) { some in
        some.initialize(repeating: 0)
        for first in stride(from: 0, to: count, by: most) {
          let number = min(most, count - first)
          withUnsafePointer(to: self) {
            _ = sps_variant_get_integers($0, first, number, some.baseAddress)
          }
          for index in 0..<number {
            buffer.initializeElement(at: first + index, to: Int32(truncatingIfNeeded: some[index]))
          }
        }
      }
      initialized = count
    }
  }

  func floats(_ count: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      buffer.initialize(repeating: 0)
      initialized = count
      withUnsafePointer(to: self) { _ = sps_variant_get_floats($0, 0, count, buffer.baseAddress) }
    }
  }

  func reals(_ count: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      buffer.initialize(repeating: 0)
      initialized = count
      withUnsafePointer(to: self) { _ = sps_variant_get_reals($0, 0, count, buffer.baseAddress) }
    }
  }

  func strings() -> [String] {
    var strings: [String] = []
    strings.reserveCapacity(Int(count))
    forEachText { strings.append(String(decoding: $0, as: UTF8.self)) }
    return strings
  }

  // Visits the strings of a packed array, or the names and subnames of a node path.
  func forEachText(_ body: (UnsafeRawBufferPointer) -> Void) {
    var position = 0
    var text: UnsafePointer<CChar>?
    var bytes = 0
    withUnsafePointer(to: self) {
      while sps_variant_next_string($0, &position, &text, &bytes) == 0 {
        body(UnsafeRawBufferPointer(start: text, count: bytes))
      }
    }
  }

  // The text of a STRING, STRING_NAME or similar item.
  var text: String {
    String(decoding: UnsafeRawBufferPointer(start: data, count: data_bytes), as: UTF8.self)
  }
}
