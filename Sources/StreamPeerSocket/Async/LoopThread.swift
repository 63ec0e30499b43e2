// SPDX-License-Identifier: MIT
internal import Synchronization

// The thread of a loop. Nothing else in the module makes threads.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
enum LoopThread {
  // The stack of the main thread on most systems. Others give a thread 128 KiB (musl) or 512 KiB
  // (Darwin), which is little for the tasks of a program.
  private static let stackBytes = 8 << 20

  // Starts a detached thread that runs the loop, and keeps the loop meanwhile.
  static func begin(_ loop: SocketLoop) {
    let code = System.startThread(stackBytes: stackBytes) {
      System.nameThread(loop.name)
      loop.runOnThisThread()
    }
    if code != 0 { fatalError("the OS has no thread for a SocketLoop: error \(code)") }
  }

  private static let pointer = ThreadPointer()

  // The loop that the calling thread runs. The thread keeps it alive.
  static var currentLoop: SocketLoop? {
    get {
      unsafe pointer.value.map {
        unsafe Unmanaged<SocketLoop>.fromOpaque($0).takeUnretainedValue()
      }
    }
    set {
      unsafe pointer.value = newValue.map { unsafe Unmanaged.passUnretained($0).toOpaque() }
    }
  }
}

/// The thread that one loop or several run on.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
package final class LoopThreadNumber: Sendable {
  // 0: none. Only the thread itself can match it, so the order of other threads' reads is of no
  // importance.
  private let number = Atomic<UInt>(0)

  /// Creates a number that no thread matches yet.
  package init() {}

  /// The calling thread runs the loops from now on.
  package func enter() { number.store(System.currentThread, ordering: .relaxed) }

  /// No thread runs the loops from now on.
  package func leave() { number.store(0, ordering: .relaxed) }

  /// Whether the calling thread runs the loops.
  package var isCurrent: Bool { number.load(ordering: .relaxed) == System.currentThread }
}
