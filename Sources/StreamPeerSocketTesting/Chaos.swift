// SPDX-License-Identifier: MIT
internal import CSocketSimulation
public import StreamPeerSocket

/// The rates of deviations from the usual course, in 1 of 1,000. (`sps_simulation_chaos`)
public struct Chaos: Sendable, Hashable {
  /// Short reads. (`short_reads`)
  public var shortReads = 0
  /// Short writes. (`short_writes`)
  public var shortWrites = 0
  /// Writes that arrive in several parts. (`cut_deliveries`)
  public var cutDeliveries = 0
  /// Writes that arrive later. (`late_deliveries`)
  public var lateDeliveries = 0
  /// The limit of that delay, in microseconds. (`late_us`)
  public var lateMicroseconds = 0
  /// Waits that report a false readiness. (`false_readiness`)
  public var falseReadiness = 0
  /// Calls that would block although they could proceed. (`false_again`)
  public var falseAgain = 0
  /// Connects that are refused. (`refused_connects`)
  public var refusedConnects = 0
  /// Deliveries that end in a reset. (`resets`)
  public var resets = 0
  /// Calls that fail without descriptors. (`no_handles`)
  public var noHandles = 0
  /// Calls that fail without memory. (`no_memory`)
  public var noMemory = 0
  /// Look-ups that fail. (`failed_lookups`)
  public var failedLookups = 0
  /// Whether events of the same moment happen in random order. (`shuffled`)
  public var isShuffled = false

  /// Creates settings without any chaos.
  public init() {}
}

extension Simulation {
  /// Begins chaos, or ends it with nil. (`sps_simulation_set_chaos`)
  ///
  /// - Returns: `GodotError.ok`, or `GodotError.errInvalidParameter` for a rate above 1,000. A
  ///   negative rate is 0.
  @discardableResult
  public func setChaos(_ chaos: Chaos?) -> GodotError {
    let chosen = chaos ?? Chaos()
    var rates = sps_simulation_chaos()
    rates.struct_size = UInt32(MemoryLayout<sps_simulation_chaos>.size)
    rates.short_reads = UInt32(clamping: chosen.shortReads)
    rates.short_writes = UInt32(clamping: chosen.shortWrites)
    rates.cut_deliveries = UInt32(clamping: chosen.cutDeliveries)
    rates.late_deliveries = UInt32(clamping: chosen.lateDeliveries)
    rates.late_us = UInt32(clamping: chosen.lateMicroseconds)
    rates.false_readiness = UInt32(clamping: chosen.falseReadiness)
    rates.false_again = UInt32(clamping: chosen.falseAgain)
    rates.refused_connects = UInt32(clamping: chosen.refusedConnects)
    rates.resets = UInt32(clamping: chosen.resets)
    rates.no_handles = UInt32(clamping: chosen.noHandles)
    rates.no_memory = UInt32(clamping: chosen.noMemory)
    rates.failed_lookups = UInt32(clamping: chosen.failedLookups)
    rates.shuffled = chosen.isShuffled ? 1 : 0
    return godotError(sps_simulation_set_chaos(world.handle, &rates))
  }
}
