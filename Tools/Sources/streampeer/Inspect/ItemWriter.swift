// SPDX-License-Identifier: MIT
import CSocketCore
import Foundation
import StreamPeerSocket

/// Encodes single items like Godot.
final class ItemWriter {
  private let writer = UnsafeMutablePointer<sps_variant_writer>.allocate(capacity: 1)
  private var scratch: [UInt8] = []

  init() {
    writer.pointee.struct_size = UInt32(MemoryLayout<sps_variant_writer>.size)
    var options = sps_variant_writer_options()
    options.struct_size = UInt32(MemoryLayout<sps_variant_writer_options>.size)
    options.max_bytes = .max
    let code = sps_variant_writer_init(writer, &options)
    precondition(code == 0, "the options are right")
  }

  deinit {
    sps_variant_writer_destroy(writer)
    writer.deallocate()
  }

  /// Appends the item's own bytes. For a container: the bytes before its elements.
  ///
  /// - Parameter isName: whether the item is a name in an object, which has no type before it.
  func append(_ item: sps_variant_item, isName: Bool, to out: inout [UInt8]) -> GodotError {
    switch item.variantType {
    case .nodePath, .packedStringArray:
      // The data of the item is on the wire as it came, with any padding. So this encodes it again.
      var usual = item
      return wireTexts(item.texts, withNULs: item.variantType == .packedStringArray)
        .withUnsafeBufferPointer {
          usual.data = $0.baseAddress
          usual.data_bytes = $0.count
          return appendAsItIs(usual, isName: isName, to: &out)
        }
    default: return appendAsItIs(item, isName: isName, to: &out)
    }
  }

  private func appendAsItIs(
    _ item: sps_variant_item, isName: Bool, to out: inout [UInt8]
  ) -> GodotError {
    var alone = item
    if item.begins { alone.count = 0 }  // a container without its elements is whole
    sps_variant_writer_reset(writer)
    let code = sps_variant_write(writer, &alone)
    let error = appendWritten(code, without: (isName ? 4 : 0, item.begins ? 4 : 0), to: &out)
    if item.begins && error == .ok { out.append(littleEndian: item.count) }
    return error
  }

  /// Returns whether Godot would write the item with these bytes. Others mean the same value in
  /// another encoding: nonzero padding, flags without a meaning, 2 for true.
  func isUsual(
    _ bytes: UnsafeRawBufferPointer, for item: sps_variant_item, isName: Bool
  ) -> Bool {
    scratch.removeAll(keepingCapacity: true)
    return append(item, isName: isName, to: &scratch) == .ok && scratch.count == bytes.count
      && scratch.withUnsafeBytes { memcmp($0.baseAddress!, bytes.baseAddress!, bytes.count) == 0 }
  }

  /// Returns whether the bytes, in any encoding, mean the item.
  func says(_ bytes: [UInt8], _ item: sps_variant_item, isName: Bool) -> Bool {
    var value = isName ? [UInt8(SPS_VARIANT_STRING), 0, 0, 0] + bytes : bytes
    var expected = item
    if item.begins {
      // The elements, which its count announces, are not there.
      guard value.count >= 4 else { return false }
      let count = value.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      guard count & 0x7fff_ffff == item.count else { return false }
      value.replaceSubrange(value.count - 4..<value.count, with: [0, 0, 0, 0])
      expected.count = 0
    }
    let walk = ItemWalk(VariantLimits())
    return value.withUnsafeBytes { bytes in
      walk.begin(bytes)
      guard let step = try? walk.next(), walk.offset == bytes.count else { return false }
      var (said, meant): ([UInt8], [UInt8]) = ([], [])
      return append(step.item, isName: false, to: &said) == .ok
        && append(expected, isName: false, to: &meant) == .ok && said == meant
    }
  }

  /// Returns whether Godot parses the text to exactly this node path.
  func isPath(_ text: [UInt8], the item: sps_variant_item) -> Bool {
    var path: [UInt8] = []
    return appendPath(text, to: &path) == .ok
      && path.withUnsafeBytes { isUsual($0, for: item, isName: false) }
  }

  func appendPath(_ text: [UInt8], to out: inout [UInt8]) -> GodotError {
    sps_variant_writer_reset(writer)
    let code = text.withUnsafeBytes {
      sps_variant_write_node_path(
        writer, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
    }
    return appendWritten(code, to: &out)
  }

  // Appends the written bytes, or returns why there are none.
  private func appendWritten(
    _ code: Int32, without: (first: Int, last: Int) = (0, 0), to out: inout [UInt8]
  ) -> GodotError {
    var data: UnsafePointer<UInt8>?
    var bytes = 0
    let code = code != 0 ? code : sps_variant_writer_get_data(writer, &data, &bytes)
    let written = UnsafeRawBufferPointer(start: data, count: bytes)
    out.append(contentsOf: written.dropFirst(without.first).dropLast(without.last))
    return GodotError(rawValue: code) ?? .failed
  }

  func isUsual(_ step: ItemWalk.Step) -> Bool {
    step.item.ends || isUsual(step.bytes, for: step.item, isName: step.place == .name)
  }
}

/// Encodes texts one after the other, each with its length and padding: the names of a node path,
/// or packed strings. A packed string ends with a NUL.
func wireTexts(_ texts: [some Collection<UInt8>], withNULs: Bool) -> [UInt8] {
  var data: [UInt8] = []
  data.reserveCapacity(texts.reduce(0) { $0 + $1.count + 8 })
  for text in texts {
    let size = text.count + (withNULs ? 1 : 0)
    data.append(littleEndian: UInt32(truncatingIfNeeded: size))
    data.append(contentsOf: text)
    data.append(contentsOf: repeatElement(0, count: size - text.count + (4 - size % 4) % 4))
  }
  return data
}

extension [UInt8] {
  mutating func append(littleEndian number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }
}
