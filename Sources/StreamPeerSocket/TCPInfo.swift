// SPDX-License-Identifier: MIT
internal import CSocketCore

/// What the OS knows of a TCP connection (TCP_INFO). A number that it does not tell is 0. Not in
/// Godot. (`sps_tcp_info`)
public struct TCPInfo: Sendable, Hashable {
  /// The smoothed round-trip time (RFC 6298), in microseconds.
  public let roundTripMicroseconds: Int
  /// How much the round-trip time varies, in microseconds.
  public let roundTripVariationMicroseconds: Int
  /// The shortest round trip seen lately, in microseconds.
  public let leastRoundTripMicroseconds: Int
  /// Segments sent again since the connection stood.
  public let retransmits: Int
  /// Segments that are on their way and not acknowledged.
  public let unacknowledgedSegments: Int
  /// Bytes that the OS took and has not sent yet.
  public let notSentBytes: Int
  /// How many segments may be on their way (RFC 5681).
  public let congestionWindowSegments: Int
  /// How many bytes one segment may have.
  public let segmentBytes: Int
  /// Milliseconds since data came last.
  public let sinceReceivedMilliseconds: Int
  /// Bytes that the peer acknowledged since the connection stood.
  public let acknowledgedBytes: UInt64
  /// Bytes that came from the peer since the connection stood.
  public let receivedBytes: UInt64
  /// What the path delivered lately, in bytes a second.
  public let deliveryBytesPerSecond: UInt64
}

extension StreamPeerTCP {
  /// Tells what the OS knows of the connection, with one syscall. Not in Godot. (`sps_tcp_get_info`)
  ///
  /// - Returns: nil when there is nothing to tell: ``StreamPeer/lastError`` is
  ///   ``GodotError/failed`` when not connected, ``GodotError/errUnavailable`` when the OS tells
  ///   nothing.
  public func getInfo() -> TCPInfo? {
    var info = sps_tcp_info()
    info.struct_size = UInt32(MemoryLayout<sps_tcp_info>.size)
    return note(sps_tcp_get_info(handle, &info)) == .ok ? TCPInfo(info) : nil
  }
}

extension TCPInfo {
  fileprivate init(_ info: sps_tcp_info) {
    roundTripMicroseconds = Int(clamping: info.round_trip_us)
    roundTripVariationMicroseconds = Int(clamping: info.round_trip_variation_us)
    leastRoundTripMicroseconds = Int(clamping: info.least_round_trip_us)
    retransmits = Int(clamping: info.retransmits)
    unacknowledgedSegments = Int(clamping: info.unacknowledged_segments)
    notSentBytes = Int(clamping: info.not_sent_bytes)
    congestionWindowSegments = Int(clamping: info.congestion_window_segments)
    segmentBytes = Int(clamping: info.segment_bytes)
    sinceReceivedMilliseconds = Int(clamping: info.since_received_ms)
    acknowledgedBytes = info.acknowledged_bytes
    receivedBytes = info.received_bytes
    deliveryBytesPerSecond = info.delivery_bytes_per_second
  }
}
