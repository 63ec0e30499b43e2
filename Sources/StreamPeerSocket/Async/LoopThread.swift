// SPDX-License-Identifier: MIT
internal import Synchronization

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Android)
  internal import Android
#else
  internal import Glibc
#endif

// The thread of a loop. Nothing else in the module makes threads.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
enum LoopThread {
  // A number of the calling thread, which is not 0.
  static var current: UInt {
    #if canImport(Darwin)
      UInt(bitPattern: pthread_self())
    #else
      UInt(pthread_self())
    #endif
  }

  // Starts a detached thread that runs the loop, and keeps the loop meanwhile.
  static func begin(_ loop: SocketLoop) {
    let code = unsafe create(Unmanaged.passRetained(loop).toOpaque())
    if code != 0 { fatalError("the OS has no thread for a SocketLoop: error \(code)") }
  }

  // The stack of the main thread on most systems. Others give a thread 128 KiB (musl) or 512 KiB
  // (Darwin), which is little for the tasks of a program.
  private static let stackBytes = 8 << 20

  private static func create(_ retained: UnsafeMutableRawPointer) -> CInt {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setstacksize(&attributes, stackBytes)
    #if canImport(Darwin)
      var thread: pthread_t?
      let code = pthread_create(&thread, &attributes, { LoopThread.run($0) }, retained)
      if let thread { pthread_detach(thread) }
    #else
      var thread = pthread_t()
      let code = unsafe pthread_create(
        &thread, &attributes, { unsafe LoopThread.run($0!) }, unsafe retained)
      if code == 0 { pthread_detach(thread) }
    #endif
    return code
  }

  private static func run(_ retained: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    let loop = unsafe Unmanaged<SocketLoop>.fromOpaque(retained).takeRetainedValue()
    setName(loop.name)
    loop.runOnThisThread()
    return nil
  }

  // MARK: The loop of a thread

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    unsafe pthread_key_create(&key, nil)
    return key
  }()

  // The loop that the calling thread runs. The thread keeps it alive.
  static var currentLoop: SocketLoop? {
    get {
      unsafe pthread_getspecific(key).map {
        unsafe Unmanaged<SocketLoop>.fromOpaque($0).takeUnretainedValue()
      }
    }
    set {
      unsafe pthread_setspecific(
        key, newValue.map { unsafe Unmanaged.passUnretained($0).toOpaque() })
    }
  }

  private static func setName(_ name: String) {
    #if canImport(Darwin)
      pthread_setname_np(name)
    #endif
  }

  // In place of a wait, when the OS had no descriptors for a poller.
  static func sleepOneMillisecond() {
    usleep(1000)
  }

  // CLOCK_MONOTONIC in nanoseconds.
  static var nowNanoseconds: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
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
  package func enter() { number.store(LoopThread.current, ordering: .relaxed) }

  /// No thread runs the loops from now on.
  package func leave() { number.store(0, ordering: .relaxed) }

  /// Whether the calling thread runs the loops.
  package var isCurrent: Bool { number.load(ordering: .relaxed) == LoopThread.current }
}
