// SPDX-License-Identifier: MIT
#if !canImport(WinSDK)
  #if canImport(Darwin)
    internal import Darwin
  #elseif canImport(Musl)
    internal import Musl
  #elseif canImport(Android)
    internal import Android
  #else
    internal import Glibc
  #endif

  // A lock, threads and a clock: the module needs no more of an OS beside the core. This folder
  // alone imports one. Each file of it has the same declarations.

  // A lock of the OS. The module Synchronization has one too, but only since macOS 15.
  @safe final class Lock: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() {
      unsafe pthread_mutex_init(mutex, nil)
    }

    deinit {
      unsafe pthread_mutex_destroy(mutex)
      unsafe mutex.deallocate()
    }

    func withLock<Result>(_ body: () -> Result) -> Result {
      unsafe pthread_mutex_lock(mutex)
      defer { unsafe pthread_mutex_unlock(mutex) }
      return body()
    }
  }

  // A pointer of each thread.
  struct ThreadPointer: Sendable {
    private let key: pthread_key_t

    init() {
      var key = pthread_key_t()
      unsafe pthread_key_create(&key, nil)
      self.key = key
    }

    var value: UnsafeMutableRawPointer? {
      get { unsafe pthread_getspecific(key) }
      nonmutating set { unsafe pthread_setspecific(key, newValue) }
    }
  }

  enum System {
    // A number of the calling thread, which is not 0.
    static var currentThread: UInt {
      #if canImport(Darwin)
        UInt(bitPattern: pthread_self())
      #else
        UInt(pthread_self())
      #endif
    }

    // Runs the body on a new, detached thread. Returns 0, or the OS's code.
    static func startThread(stackBytes: Int, _ body: @escaping () -> Void) -> Int {
      let start = unsafe Unmanaged.passRetained(ThreadStart(body))
      var attributes = pthread_attr_t()
      unsafe pthread_attr_init(&attributes)
      defer { unsafe pthread_attr_destroy(&attributes) }
      unsafe pthread_attr_setstacksize(&attributes, stackBytes)
      #if canImport(Darwin)
        var thread: pthread_t?
        let code = pthread_create(
          &thread, &attributes, { ThreadStart.run($0) }, start.toOpaque())
        if let thread { pthread_detach(thread) }
      #else
        var thread = pthread_t()
        let code = unsafe pthread_create(
          &thread, &attributes, { unsafe ThreadStart.run($0!) }, unsafe start.toOpaque())
        if code == 0 { pthread_detach(thread) }
      #endif
      if code != 0 { unsafe start.release() }
      return Int(code)
    }

    // Names the calling thread, where that cannot rename the process.
    static func nameThread(_ name: String) {
      #if canImport(Darwin)
        pthread_setname_np(name)
      #endif
    }

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

  private final class ThreadStart {
    private let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }

    static func run(_ retained: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
      unsafe Unmanaged<ThreadStart>.fromOpaque(retained).takeRetainedValue().body()
      return nil
    }
  }
#endif
