// SPDX-License-Identifier: MIT
import Foundation

/// Stdin, read in a thread of its own, no more than one piece ahead.
final class StandardInput: @unchecked Sendable {
  private let lock = NSLock()
  private let taken = DispatchSemaphore(value: 0)
  private var piece: [UInt8]?

  /// - Parameter body: is called, in that thread, when a piece is there to be taken.
  init(_ body: @escaping @Sendable () -> Void) {
    Thread.detachNewThread { [self] in
      var hasEnded = false
      while !hasEnded {
        let data = Self.readPiece()
        hasEnded = data.isEmpty
        lock.withLock { piece = data }
        body()
        taken.wait()
      }
    }
  }

  /// The next piece, which is empty at the end; nil when it is not there yet.
  func take() -> [UInt8]? {
    let next = lock.withLock {
      defer { piece = nil }
      return piece
    }
    if next != nil { taken.signal() }
    return next
  }

  private static func readPiece() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 64 * 1024) { buffer, count in
      repeat {
        count = read(STDIN_FILENO, buffer.baseAddress, buffer.count)
      } while count < 0 && errno == EINTR
      count = max(0, count)
    }
  }
}
