// SPDX-License-Identifier: MIT
internal import CSocketCore

/// How much one wait of a poller may do. Zero, or less, means the default. (`sps_poller_options`)
public struct PollerOptions: Sendable, Hashable {
  /// No further peer is served in one wait once so many have events. Default: no limit.
  /// (`max_events`)
  public var maxEvents: Int

  /// Bytes that are read of one peer in one wait. Default: what its read buffer has room for. What
  /// is left is read in the next wait, which then does not wait for anything. (`max_read_bytes`)
  public var maxReadBytes: Int

  /// Microseconds after which no further peer is served in one wait. Default: no limit.
  /// (`max_time_us`)
  public var maxTimeMicroseconds: Int

  /// Bytes of buffers that are kept for whoever needs one next. Default 1,048,576.
  /// (`max_kept_bytes`)
  public var maxKeptBytes: Int

  /// Makes options that differ from the defaults in what is given.
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
    var options = sps_poller_options()
    options.struct_size = UInt32(MemoryLayout<sps_poller_options>.size)
    options.max_events = UInt32(clamping: maxEvents)
    options.max_read_bytes = UInt32(clamping: maxReadBytes)
    options.max_time_us = UInt32(clamping: maxTimeMicroseconds)
    options.max_kept_bytes = UInt32(clamping: maxKeptBytes)
    options.platform = network.platform
    var handle: OpaquePointer?
    let code = sps_poller_create(&options, &handle)
    return (code, handle)
  }
}
