// SPDX-License-Identifier: MIT
#if canImport(WinSDK)
  internal import WinSDK

  // Windows' side of System+POSIX.swift, which says what each declaration is. It cannot be compiled
  // without Windows' SDK. A test checks its types with a stand-in for the SDK.

  @safe final class Lock: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<SRWLOCK>.allocate(capacity: 1)

    init() {
      unsafe InitializeSRWLock(lock)
    }

    // An SRWLOCK has nothing to release.
    deinit {
      unsafe lock.deallocate()
    }

    func withLock<Result>(_ body: () -> Result) -> Result {
      unsafe AcquireSRWLockExclusive(lock)
      defer { unsafe ReleaseSRWLockExclusive(lock) }
      return body()
    }
  }

  struct ThreadPointer: Sendable {
    private let index = TlsAlloc()

    var value: UnsafeMutableRawPointer? {
      get { unsafe TlsGetValue(index) }
      nonmutating set { _ = unsafe TlsSetValue(index, newValue) }
    }
  }

  enum System {
    static var currentThread: UInt { UInt(GetCurrentThreadId()) }

    static func startThread(stackBytes: Int, _ body: @escaping () -> Void) -> Int {
      let start = unsafe Unmanaged.passRetained(ThreadStart(body))
      let thread = unsafe CreateThread(
        nil, SIZE_T(stackBytes), { unsafe ThreadStart.run($0!) }, unsafe start.toOpaque(),
        DWORD(STACK_SIZE_PARAM_IS_A_RESERVATION), nil)
      guard let thread = unsafe thread else {
        let code = GetLastError()
        unsafe start.release()
        return Int(code)
      }
      _ = unsafe CloseHandle(thread)
      return 0
    }

    static func nameThread(_ name: String) {
      _ = unsafe name.withCString(encodedAs: UTF16.self) {
        unsafe SetThreadDescription(GetCurrentThread(), $0)
      }
    }

    static func sleepOneMillisecond() {
      Sleep(1)
    }

    // QueryPerformanceCounter() in nanoseconds.
    static var nowNanoseconds: UInt64 {
      var ticks = LARGE_INTEGER()
      _ = unsafe QueryPerformanceCounter(&ticks)
      let (seconds, rest) = UInt64(unsafe ticks.QuadPart).quotientAndRemainder(
        dividingBy: ticksPerSecond)
      return seconds * 1_000_000_000 + rest * 1_000_000_000 / ticksPerSecond
    }

    private static let ticksPerSecond: UInt64 = {
      var frequency = LARGE_INTEGER()
      _ = unsafe QueryPerformanceFrequency(&frequency)
      return UInt64(unsafe frequency.QuadPart)
    }()
  }

  private final class ThreadStart {
    private let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }

    static func run(_ retained: UnsafeMutableRawPointer) -> DWORD {
      unsafe Unmanaged<ThreadStart>.fromOpaque(retained).takeRetainedValue().body()
      return 0
    }
  }
#endif
