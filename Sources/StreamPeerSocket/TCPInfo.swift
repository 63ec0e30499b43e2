// SPDX-License-Identifier: MIT
internal import CSocketCore

/// The OS's data about a TCP connection (TCP_INFO). A number that the OS does not report is 0. Not
/// in Godot. (`sps_tcp_info`)
public struct TCPInfo: Sendable, Hashable {
  /// The smoothed round-trip time (RFC 6298), in microseconds.
  public let roundTripMicroseconds: Int
  /// The variation of the round-trip time, in microseconds.
  public let roundTripVariationMicroseconds: Int
  /// The shortest recent round-trip time, in microseconds.
  public let leastRoundTripMicroseconds: Int
  /// Segments retransmitted since the connection was established.
  public let retransmits: Int
  /// Segments in flight: sent and not acknowledged.
  public let unacknowledgedSegments: Int
  /// Bytes that the OS took and has not sent yet.
  public let notSentBytes: Int
  /// The limit of segments in flight (RFC 5681).
  public let congestionWindowSegments: Int
  /// The size limit of one segment, in bytes.
  public let segmentBytes: Int
  /// Milliseconds since the last data arrived.
  public let sinceReceivedMilliseconds: Int
  /// Bytes that the peer acknowledged since the connection was established.
  public let acknowledgedBytes: UInt64
  /// Bytes received since the connection was established.
  public let receivedBytes: UInt64
  /// The recent delivery rate of the path, in bytes a second.
  public let deliveryBytesPerSecond: UInt64
}

extension StreamPeerTCP {
  /// Returns the OS's data about the connection. One syscall. Not in Godot. (`sps_tcp_get_info`)
  ///
  /// - Returns: the data, or nil. Then ``StreamPeer/lastError`` is ``GodotError/failed`` if the
  ///   stream is not connected, or ``GodotError/errUnavailable`` if the OS offers no data.
  public func getInfo() -> TCPInfo? {
    var info = sps_tcp_info()
    info.struct_size = UInt32(MemoryLayout<sps_tcp_info>.size)
    return unsafe note(sps_tcp_get_info(handle, &info)) == .ok ? TCPInfo(info) : nil
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
