// SPDX-License-Identifier: MIT
import Foundation

/// Bytes that are read as they are needed, from a file or a pipe, or that are all there.
final class ByteSource {
  private static let pieceBytes = 1 << 18
  // A value that is larger than this and not whole yet is looked at anew when there is twice as much.
  private static let smallBytes = 1 << 20

  private var buffer: [UInt8]
  private var start = 0
  private let descriptor: Int32?
  private let name: String
  /// Where the first byte of `count` stands in all that was read.
  private(set) var offset = 0
  /// What is there is all there is.
  private(set) var isAtEnd: Bool

  /// Is called before each read, which may have to wait.
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

  /// How many bytes are there now.
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

  /// Reads until so many are there; false when there are no more.
  func fill(_ wanted: Int) throws -> Bool {
    while count < wanted, !isAtEnd { try readPiece() }
    return count >= wanted
  }

  /// Reads on for what is not whole yet; false at the end. All together takes no more than a few
  /// times as long as one look at it.
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
