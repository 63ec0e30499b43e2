// SPDX-License-Identifier: MIT
import CCounts
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

private let warmPart = 8  // a warm-up does this part of the items

private func readClock(_ clock: clockid_t) -> Int {
  var now = timespec()
  clock_gettime(clock, &now)
  return now.tv_sec * 1_000_000_000 + now.tv_nsec
}

/// Measures the processor time of each item, without waiting, and the elapsed time. Counts context
/// switches and allocations.
public struct Meter {
  private let items: Int
  private var seen = 0
  private var begin = 0  // how many were seen when all was warm
  private var processor = 0
  private var time = 0
  private var switches = 0
  private var blocks = 0

  public init(_ work: Work) { items = work.items }

  /// Counts finished items. Returns false, and prints the figures, when there are enough.
  public mutating func add(_ count: Int) -> Bool {
    seen += count
    if begin == 0 {
      if seen > items / warmPart {
        begin = seen
        switches = context_switches()
        blocks = allocations()
        time = readClock(CLOCK_MONOTONIC)
        processor = readClock(CLOCK_PROCESS_CPUTIME_ID)
      }
      return true
    }
    if seen - begin < items { return true }
    let spent = readClock(CLOCK_PROCESS_CPUTIME_ID) - processor
    let taken = readClock(CLOCK_MONOTONIC) - time
    print("items \(seen - begin) processor_ns \(spent) time_ns \(taken)")
    print("switches \(context_switches() - switches) of \(seen - begin)")
    if blocks >= 0 { print("allocations \(allocations() - blocks) of \(seen - begin)") }
    return false
  }
}

/// A meter that many tasks share.
public final class SharedMeter: Sendable {
  private let meter: Mutex<Meter>

  public init(_ work: Work) { meter = Mutex(Meter(work)) }

  /// Counts finished items. When there are enough, it prints the figures and ends the program.
  public func add(_ count: Int = 1) {
    meter.withLock { if !$0.add(count) { finish() } }
  }
}

/// Measures how long each item takes from begin to end.
public struct Samples {
  private var toWarm: Int
  private let wanted: Int
  private var begun = 0
  private var taken: [Int] = []

  public init(_ work: Work) {
    toWarm = work.items / warmPart + 1
    wanted = work.items
    taken.reserveCapacity(wanted)
  }

  public mutating func begin() { begun = readClock(CLOCK_MONOTONIC) }

  /// Returns false, and prints all samples, when there are enough.
  public mutating func end() -> Bool {
    let time = readClock(CLOCK_MONOTONIC) - begun
    if toWarm > 0 {
      toWarm -= 1
      return true
    }
    taken.append(time)
    if taken.count < wanted { return true }
    for each in taken { print("sample_ns \(each)") }
    return false
  }
}
