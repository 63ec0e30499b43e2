// SPDX-License-Identifier: MIT

/// A checksum that detects a lost, duplicated or moved byte: FNV-1a over words of eight bytes. It
/// does not depend on how the bytes are split.
struct Checksum {
  private var sum: UInt64 = 0xcbf2_9ce4_8422_2325
  private var word: UInt64 = 0  // the bytes that fill no word yet
  private var wordBytes: UInt64 = 0

  var value: UInt64 { wordBytes == 0 ? sum : mixed(sum, word) }

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while wordBytes != 0, let byte = rest.popFirst() { addByte(byte) }
    let words = rest.count / 8
    for index in 0..<words {
      sum = mixed(
        sum, bytes.loadUnaligned(fromByteOffset: rest.startIndex + 8 * index, as: UInt64.self))
    }
    for byte in rest.dropFirst(8 * words) { addByte(byte) }
  }

  private mutating func addByte(_ byte: UInt8) {
    // The byte order of a little-endian machine, which the loop over words uses.
    word |= UInt64(byte) << (8 * wordBytes)
    wordBytes = (wordBytes + 1) % 8
    if wordBytes == 0 {
      sum = mixed(sum, UInt64(littleEndian: word))
      word = 0
    }
  }

  private func mixed(_ sum: UInt64, _ word: UInt64) -> UInt64 {
    (sum ^ word) &* 0x100_0000_01b3
  }
}
