// SPDX-License-Identifier: MIT
import Foundation

/// Bytes from a file or a pipe, read on demand, or bytes in memory.
final class ByteSource {
  private static let pieceBytes = 1 << 18
  // An incomplete value above this size is scanned again only after twice as many bytes have come.
  private static let smallBytes = 1 << 20

  private var buffer: [UInt8]
  private var start = 0
  private let descriptor: Int32?
  private let name: String
  /// The position of the first buffered byte in the whole input.
  private(set) var offset = 0
  /// Whether no more bytes will come.
  private(set) var isAtEnd: Bool

  /// Called before each read, which may block.
  var beforeReading: () throws -> Void = {}

  init(_ bytes: [UInt8]) {
    (buffer, descriptor, name, isAtEnd) = (bytes, nil, "", true)
  }

  init(path: String) throws {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    name = path == "-" ? "stdin" : path
    guard descriptor >= 0 else {
      throw ToolError("cannot open \(name): \(String(cString: strerror(errno)).lowercased())")
    }
    (buffer, self.descriptor, isAtEnd) = ([], descriptor, false)
  }

  deinit {
    if let descriptor, descriptor != STDIN_FILENO { close(descriptor) }
  }

  /// The number of bytes that are buffered now.
  var count: Int { buffer.count - start }

  func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try buffer.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
  }

  func consume(_ bytes: Int) {
    start += bytes
    offset += bytes
  }

  /// Reads until `wanted` bytes are buffered. Returns false if there are not as many.
  func fill(_ wanted: Int) throws -> Bool {
    while count < wanted, !isAtEnd { try readPiece() }
    return count >= wanted
  }

  /// Reads more for an incomplete value. Returns false at the end. All scans of a value together
  /// take only a few times as long as one.
  func readMore() throws -> Bool {
    let before = count
    _ = try fill(before < Self.smallBytes ? before + 1 : 2 * before)
    return count > before
  }

  func readAll() throws -> [UInt8] {
    while !isAtEnd { try readPiece() }
    return Array(buffer[start...])
  }

  private func readPiece() throws {
    guard let descriptor else { return }
    try beforeReading()
    if start > buffer.count / 2 {
      buffer.removeFirst(start)
      start = 0
    }
    let piece = try withUnsafeTemporaryAllocation(byteCount: Self.pieceBytes, alignment: 16) {
      memory in
      var bytes: Int
      repeat {
        bytes = read(descriptor, memory.baseAddress, memory.count)
      } while bytes < 0 && errno == EINTR
      guard bytes >= 0 else {
        throw ToolError("cannot read \(name): \(String(cString: strerror(errno)).lowercased())")
      }
      buffer.append(contentsOf: memory[..<bytes])
      return bytes
    }
    isAtEnd = piece == 0
  }
}
