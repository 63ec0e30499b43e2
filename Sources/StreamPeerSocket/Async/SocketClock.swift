// SPDX-License-Identifier: MIT

/// The clock of a loop, for sleeps and timeouts. It does not follow changes of the system's time.
/// It may stop while the machine is suspended, as on Linux (CLOCK_MONOTONIC).
///
/// ```swift
/// try await Task.sleep(for: .seconds(5), clock: loop.clock)
/// ```
///
/// On the simulated network of `StreamPeerSocketTesting` it is the simulated clock, so sleeping
/// costs no time there. A sleep ends up to one millisecond late, or later if the loop is busy.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
public struct SocketClock: Clock {
  /// A moment of the clock of one loop.
  public struct Instant: InstantProtocol {
    // Since a moment that the OS or the simulation chooses.
    var nanoseconds: Int64

    /// Returns the moment that is later by `duration`.
    public func advanced(by duration: Duration) -> Instant {
      let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
      return Instant(nanoseconds: overflow ? (duration < .zero ? .min : .max) : sum)
    }

    /// Returns the time from this moment to another.
    public func duration(to other: Instant) -> Duration {
      .nanoseconds(other.nanoseconds) - .nanoseconds(nanoseconds)
    }

    /// Returns whether one moment is earlier than another.
    public static func < (one: Instant, other: Instant) -> Bool {
      one.nanoseconds < other.nanoseconds
    }
  }

  let loop: SocketLoop

  /// The current moment.
  public var now: Instant { Instant(nanoseconds: Int64(clamping: loop.now)) }

  /// One millisecond.
  public var minimumResolution: Duration { .milliseconds(1) }

  /// Waits on the loop until a moment. The wait occupies no thread.
  ///
  /// - Throws: `CancellationError` if the task is cancelled, or if the loop shuts down.
  public nonisolated(nonsending) func sleep(
    until deadline: Instant, tolerance: Duration? = nil
  ) async throws {
    let due = UInt64(max(0, deadline.nanoseconds))
    try await loop.run {
      let turn = loop.turn
      guard !turn.isEnding else { throw CancellationError() }
      if await turn.makeWait(in: turn.sleepers, until: due).ending(on: loop) == .cancelled {
        throw CancellationError()
      }
    }
  }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension SocketLoop {
  /// The clock of the loop.
  public var clock: SocketClock { SocketClock(loop: self) }

  // The deadline of a call that may last so long, on the loop's clock.
  func deadline(after timeout: Duration) -> UInt64 {
    UInt64(max(0, clock.now.advanced(by: max(.zero, timeout)).nanoseconds))
  }
}

@available(macOS 13, iOS 16, watchOS 9, tvOS 16, *)
extension Duration {
  // As a timeout of a stream, for which zero means its default and much is too much.
  var asLimit: Duration { min(max(self, .milliseconds(1)), .milliseconds(Int64(Int32.max))) }

  // Rounded towards zero. A duration of more than 146 years counts as that, so that a sum with the
  // time of a clock does not overflow.
  fileprivate var wholeNanoseconds: Int64 {
    let limit = Int64.max / 2
    let (seconds, attoseconds) = components
    let product = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if product.overflow || abs(product.partialValue) > limit { return seconds < 0 ? -limit : limit }
    return product.partialValue + attoseconds / 1_000_000_000
  }
}
