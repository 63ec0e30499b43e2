// SPDX-License-Identifier: MIT
import CSocketCore
import StreamPeerSocket

/// The numbers in a vector or a packed array.
struct NumberShape {
  enum Kind {
    /// 32 bits, or 64 if the item is wide.
    case real
    case float, double, byte, int32, int64
  }

  let kind: Kind
  /// The number of components in a vector, or in each element of a packed array.
  let components: Int
  let isPacked: Bool

  init?(_ type: VariantType) {
    let packed = type.rawValue >= VariantType.packedByteArray.rawValue
    switch type {
    case .vector2: self.init(.real, 2)
    case .vector3: self.init(.real, 3)
    case .rect2, .vector4, .plane, .quaternion: self.init(.real, 4)
    case .transform2D, .aabb: self.init(.real, 6)
    case .basis: self.init(.real, 9)
    case .transform3D: self.init(.real, 12)
    case .projection: self.init(.real, 16)
    case .color: self.init(.float, 4)
    case .vector2i: self.init(.int32, 2)
    case .vector3i: self.init(.int32, 3)
    case .rect2i, .vector4i: self.init(.int32, 4)
    case .packedByteArray: self.init(.byte, 1, packed)
    case .packedInt32Array: self.init(.int32, 1, packed)
    case .packedInt64Array: self.init(.int64, 1, packed)
    case .packedFloat32Array: self.init(.float, 1, packed)
    case .packedFloat64Array: self.init(.double, 1, packed)
    case .packedVector2Array: self.init(.real, 2, packed)
    case .packedVector3Array: self.init(.real, 3, packed)
    case .packedColorArray: self.init(.float, 4, packed)
    case .packedVector4Array: self.init(.real, 4, packed)
    default: return nil
    }
  }

  private init(_ kind: Kind, _ components: Int, _ isPacked: Bool = false) {
    (self.kind, self.components, self.isPacked) = (kind, components, isPacked)
  }
}

/// A number with all its bits on the wire.
enum Number {
  case float(Float)
  case double(Double)
  case integer(Int64)
}

extension sps_variant_item {
  /// Visits each number of a vector or a packed array.
  func forEachNumber(_ shape: NumberShape, _ body: (_ index: Int, Number) -> Void) {
    switch shape.kind {
    case .real where isWide, .double:
      each(UInt64.self) { body($0, .double(Double(bitPattern: $1))) }
    case .real, .float: each(UInt32.self) { body($0, .float(Float(bitPattern: $1))) }
    case .byte: each(UInt8.self) { body($0, .integer(Int64($1))) }
    case .int32: each(Int32.self) { body($0, .integer(Int64($1))) }
    case .int64: each(Int64.self) { body($0, .integer($1)) }
    }
  }

  private func each<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ type: Bits.Type, _ body: (Int, Bits) -> Void
  ) {
    let size = MemoryLayout<Bits>.size
    for index in 0..<bytes.count / size {
      body(
        index, Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: index * size, as: type)))
    }
  }

  /// The number of a FLOAT, at its width on the wire.
  var number: Number { isWide ? .double(real) : .float(Float(real)) }
}

/// A real of either width.
protocol WireReal: BinaryFloatingPoint, LosslessStringConvertible {
  associatedtype Bits: FixedWidthInteger & UnsignedInteger
  init(bitPattern: Bits)
  var bitPattern: Bits { get }
}

extension Float: WireReal {}
extension Double: WireReal {}

extension WireReal {
  /// The NaN with the name `nan`.
  static var plainNaN: Self { Self.nan }

  /// The text of a component: the shortest that reads back as the same value, 1 for 1.0.
  var shortText: String {
    let text = description
    return text.hasSuffix(".0") && text != "-0.0" ? String(text.dropLast(2)) : text
  }

  /// The name of a real that JSON lacks: `inf`, `-inf`, `nan`, or the bits of another NaN, such as
  /// `nan:0x7fc00001`.
  var nameOfNoNumber: String {
    guard isNaN else { return self < 0 ? "-inf" : "inf" }
    return bitPattern == Self.plainNaN.bitPattern ? "nan" : "nan:\(bitsText)"
  }

  var bitsText: String {
    let digits = String(bitPattern, radix: 16)
    return "0x" + String(repeating: "0", count: Bits.bitWidth / 4 - digits.count) + digits
  }

  init?(nameOfNoNumber name: Name) {
    switch name {
    case "inf": self = .infinity
    case "-inf": self = -.infinity
    case "nan": self = Self.plainNaN
    default:
      let digits = name.bytes.dropFirst(6)
      guard name.bytes.starts(with: "nan:0x".utf8), digits.count <= 32,
        let bits = Bits(String(decoding: digits, as: UTF8.self), radix: 16)
      else { return nil }
      self.init(bitPattern: bits)
      guard isNaN else { return nil }
    }
  }
}

extension Double {
  /// Whether Godot writes it in 64 bits, because 32 bits would change it.
  var isUsuallyWide: Bool { Double(Float(self)) != self }
}

extension Int64 {
  var isUsuallyWide: Bool { Int32(exactly: self) == nil }
}
