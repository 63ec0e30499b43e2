// SPDX-License-Identifier: MIT
import Foundation

/// Stdin, read on a separate thread, at most one piece ahead.
final class StandardInput: @unchecked Sendable {
  private let lock = NSLock()
  private let taken = DispatchSemaphore(value: 0)
  private var piece: Result<[UInt8], ToolError>?

  /// - Parameter body: called on that thread if a piece is ready.
  init(_ body: @escaping @Sendable () -> Void) {
    Thread.detachNewThread { [self] in
      var hasEnded = false
      while !hasEnded {
        let next = Self.readPiece()
        hasEnded = (try? next.get())?.isEmpty ?? true
        lock.withLock { piece = next }
        body()
        taken.wait()
      }
    }
  }

  /// Returns the next piece: empty at the end, nil if none is ready. Throws if stdin cannot be
  /// read, which is not the end.
  func take() throws -> [UInt8]? {
    let next = lock.withLock {
      defer { piece = nil }
      return piece
    }
    if next != nil { taken.signal() }
    return try next?.get()
  }

  private static func readPiece() -> Result<[UInt8], ToolError> {
    var failure: Int32?
    let data = [UInt8](unsafeUninitializedCapacity: 64 * 1024) { buffer, count in
      repeat {
        count = read(STDIN_FILENO, buffer.baseAddress, buffer.count)
      } while count < 0 && errno == EINTR
      failure = count < 0 ? errno : nil
      count = max(0, count)
    }
    guard let failure else { return .success(data) }
    return .failure(
      ToolError("cannot read stdin: \(String(cString: strerror(failure)).lowercased())"))
  }
}
