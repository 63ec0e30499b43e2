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
    self = unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: mostComponents) {
      floats in
      unsafe floats.initialize(repeating: 0)
      unsafe withUnsafePointer(to: item) {
        _ = unsafe sps_variant_get_floats($0, 0, Self.componentCount, floats.baseAddress)
      }
      return unsafe UnsafeRawPointer(floats.baseAddress!).loadUnaligned(as: Self.self)
    }
  }

  // Uses as many of the reals as the type has components.
  init(rounding reals: ArraySlice<Double>) {
    self = unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: mostComponents) {
      floats in
      unsafe floats.initialize(repeating: 0)
      for (index, real) in zip(floats.indices, reals) { unsafe floats[index] = Float(real) }
      return unsafe UnsafeRawPointer(floats.baseAddress!).loadUnaligned(as: Self.self)
    }
  }

  var components: [Float] {
    unsafe withUnsafeBytes(of: self) { unsafe Array($0.bindMemory(to: Float.self)) }
  }

  static func array(_ item: sps_variant_item) -> [Self] {
    unsafe [Self](unsafeUninitializedCapacity: Int(item.count)) { buffer, count in
      let floats = unsafe UnsafeMutableRawBufferPointer(buffer).bindMemory(to: Float.self)
      count = unsafe withUnsafePointer(to: item) {
        let components = unsafe Int(item.count) * componentCount
        let code = unsafe sps_variant_get_floats($0, 0, components, floats.baseAddress)
        return unsafe code == 0 ? Int(item.count) : 0
      }
    }
  }
}

extension IntegerComponents {
  static var componentCount: Int { MemoryLayout<Self>.size / MemoryLayout<Int32>.size }

  init(_ item: sps_variant_item) {
    let count = Self.componentCount
    self = unsafe withUnsafeTemporaryAllocation(of: Int64.self, capacity: mostComponents) { wide in
      unsafe wide.initialize(repeating: 0)
      unsafe withUnsafePointer(to: item) {
        _ = unsafe sps_variant_get_integers($0, 0, count, wide.baseAddress)
      }
      return unsafe withUnsafeTemporaryAllocation(of: Int32.self, capacity: mostComponents) {
        integers in
        for index in integers.indices {
          unsafe integers[index] = Int32(truncatingIfNeeded: wide[index])
        }
        return unsafe UnsafeRawPointer(integers.baseAddress!).loadUnaligned(as: Self.self)
      }
    }
  }

  var components: [Int32] {
    unsafe withUnsafeBytes(of: self) { unsafe Array($0.bindMemory(to: Int32.self)) }
  }
}

// The numbers of a packed array.
extension sps_variant_item {
  func integers(_ count: Int) -> [Int64] {
    unsafe [Int64](unsafeUninitializedCapacity: count) { buffer, initialized in
      unsafe buffer.initialize(repeating: 0)
      initialized = count
      unsafe withUnsafePointer(to: self) {
        _ = unsafe sps_variant_get_integers($0, 0, count, buffer.baseAddress)
      }
    }
  }

  // Converts block by block, because the C library returns only 64-bit integers.
  func shortIntegers(_ count: Int) -> [Int32] {
    let most = 64
    return unsafe [Int32](unsafeUninitializedCapacity: count) { buffer, initialized in
      unsafe withUnsafeTemporaryAllocation(of: Int64.self, capacity: most) { some in
        unsafe some.initialize(repeating: 0)
        for first in stride(from: 0, to: count, by: most) {
          let number = min(most, count - first)
          unsafe withUnsafePointer(to: self) {
            _ = unsafe sps_variant_get_integers($0, first, number, some.baseAddress)
          }
          for index in 0..<number {
            unsafe buffer.initializeElement(
              at: first + index, to: Int32(truncatingIfNeeded: some[index]))
          }
        }
      }
      initialized = count
    }
  }

  func floats(_ count: Int) -> [Float] {
    unsafe [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      unsafe buffer.initialize(repeating: 0)
      initialized = count
      unsafe withUnsafePointer(to: self) {
        _ = unsafe sps_variant_get_floats($0, 0, count, buffer.baseAddress)
      }
    }
  }

  func reals(_ count: Int) -> [Double] {
    unsafe [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      unsafe buffer.initialize(repeating: 0)
      initialized = count
      unsafe withUnsafePointer(to: self) {
        _ = unsafe sps_variant_get_reals($0, 0, count, buffer.baseAddress)
      }
    }
  }

  func strings() -> [String] {
    var strings: [String] = []
    unsafe strings.reserveCapacity(Int(count))
    unsafe forEachText { unsafe strings.append(String(decoding: $0, as: UTF8.self)) }
    return strings
  }

  // Visits the strings of a packed array, or the names and subnames of a node path.
  func forEachText(_ body: (UnsafeRawBufferPointer) -> Void) {
    var position = 0
    var text: UnsafePointer<CChar>?
    var bytes = 0
    unsafe withUnsafePointer(to: self) {
      while unsafe sps_variant_next_string($0, &position, &text, &bytes) == 0 {
        unsafe body(UnsafeRawBufferPointer(start: text, count: bytes))
      }
    }
  }

  // The text of a STRING, STRING_NAME or similar item.
  var text: String {
    unsafe String(decoding: UnsafeRawBufferPointer(start: data, count: data_bytes), as: UTF8.self)
  }
}
