// SPDX-License-Identifier: MIT
import CSocketCore
import Foundation
import StreamPeerSocket

/// Makes the bytes of single items, as Godot writes them.
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

  /// Appends the item's own bytes: of a container, what stands before its elements.
  ///
  /// - Parameter isName: inside an object, where a name is no value and has no type before it.
  func append(_ item: sps_variant_item, isName: Bool, to out: inout [UInt8]) -> GodotError {
    switch item.variantType {
    case .nodePath, .packedStringArray:
      // Their data is on the wire as it came, with whatever padding; so it is made anew.
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

  /// Whether these are the bytes that the item has when it is written anew. If not, they say the
  /// same in another way: padding that is not zero, flags that mean nothing, 2 for true.
  func isUsual(
    _ bytes: UnsafeRawBufferPointer, for item: sps_variant_item, isName: Bool
  ) -> Bool {
    scratch.removeAll(keepingCapacity: true)
    return append(item, isName: isName, to: &scratch) == .ok && scratch.count == bytes.count
      && scratch.withUnsafeBytes { memcmp($0.baseAddress!, bytes.baseAddress!, bytes.count) == 0 }
  }

  /// Whether the bytes, in whatever way, say what the item is.
  func says(_ bytes: [UInt8], _ item: sps_variant_item, isName: Bool) -> Bool {
    var value = isName ? [UInt8(SPS_VARIANT_STRING), 0, 0, 0] + bytes : bytes
    var expected = item
    if item.begins {
      // Without its elements, which its count promises.
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

  /// Whether Godot makes just this node path of the text.
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

  // What was written, or why it was not.
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

/// Texts one after the other, each with its length before it and padded: a node path's names, or
/// packed strings, each of which has a NUL at its end.
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
