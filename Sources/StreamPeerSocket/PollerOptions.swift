// SPDX-License-Identifier: MIT
internal import CSocketCore

/// The limits of one wait of a poller. Zero or less means the default. (`sps_poller_options`)
public struct PollerOptions: Sendable, Hashable {
  /// One wait serves no further peer after this many have events. Default: no limit. (`max_events`)
  public var maxEvents: Int

  /// The bytes read from one peer in one wait. Default: the room of its read buffer. The next wait
  /// reads on, without blocking. (`max_read_bytes`)
  public var maxReadBytes: Int

  /// One wait serves no further peer after this many microseconds. Default: no limit.
  /// (`max_time_us`)
  public var maxTimeMicroseconds: Int

  /// The bytes of idle buffers that the poller keeps for later use. Default 1,048,576.
  /// (`max_kept_bytes`)
  public var maxKeptBytes: Int

  /// Creates options. Arguments that are left out keep their default.
  public init(
    maxEvents: Int = 0,
    maxReadBytes: Int = 0,
    maxTimeMicroseconds: Int = 0,
    maxKeptBytes: Int = 0
  ) {
    self.maxEvents = maxEvents
    self.maxReadBytes = maxReadBytes
    self.maxTimeMicroseconds = maxTimeMicroseconds
    self.maxKeptBytes = maxKeptBytes
  }
}

// MARK: - For the C library

extension PollerOptions {
  func make(in network: SocketNetwork) -> (code: Int32, handle: OpaquePointer?) {
    var options = unsafe sps_poller_options()
    unsafe options.struct_size = UInt32(MemoryLayout<sps_poller_options>.size)
    unsafe options.max_events = UInt32(clamping: maxEvents)
    unsafe options.max_read_bytes = UInt32(clamping: maxReadBytes)
    unsafe options.max_time_us = UInt32(clamping: maxTimeMicroseconds)
    unsafe options.max_kept_bytes = UInt32(clamping: maxKeptBytes)
    unsafe options.platform = network.platform
    var handle: OpaquePointer?
    let code = unsafe sps_poller_create(&options, &handle)
    return unsafe (code, handle)
  }
}
