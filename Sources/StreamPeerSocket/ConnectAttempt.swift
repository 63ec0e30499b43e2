// SPDX-License-Identifier: MIT
internal import CSocketCore

/// One attempt to connect to one address of a host. Not in Godot. (`sps_connect_attempt`)
public struct ConnectAttempt: Sendable, Hashable {
  /// The state of an attempt. (`sps_attempt_state`)
  public enum State: Int32, Sendable, CaseIterable {
    /// It may still succeed.
    case running = 1
    /// It won.
    case connected = 2
    /// It failed. ``ConnectAttempt/osError`` is the OS's code.
    case failed = 3
    /// It was closed: another attempt won, the time was over, or the caller disconnected.
    case abandoned = 4
  }

  /// The address as text.
  public let host: String
  /// The TCP port. (`sps_connect_attempt.port`)
  public let port: Int
  /// The state of the attempt. (`sps_connect_attempt.state`)
  public let state: State
  /// When it began, in microseconds since the connect began.
  public let startMicroseconds: UInt64
  /// When it ended, in microseconds since the connect began. It is 0 while the attempt runs.
  public let endMicroseconds: UInt64
  /// The OS's code of its failure, or 0.
  public let osError: Int32
}

extension StreamPeerTCP {
  /// The attempts of the last connect, in the order in which they began. They are kept until the
  /// next connect. Not in Godot. (`sps_tcp_get_connect_attempt`)
  public var connectAttempts: [ConnectAttempt] {
    var count = 0
    unsafe sps_tcp_get_connect_attempt_count(handle, &count)
    return (0..<count).compactMap { unsafe ConnectAttempt(handle, $0) }
  }
}

extension ConnectAttempt {
  fileprivate init?(_ stream: OpaquePointer?, _ index: Int) {
    var attempt = sps_connect_attempt()
    attempt.struct_size = UInt32(MemoryLayout<sps_connect_attempt>.size)
    guard unsafe sps_tcp_get_connect_attempt(stream, index, &attempt) == GodotError.ok.rawValue
    else {
      return nil
    }
    host = textOfC(attempt.host)
    port = Int(attempt.port)
    state = State(rawValue: attempt.state) ?? .failed
    startMicroseconds = attempt.start_us
    endMicroseconds = attempt.end_us
    osError = attempt.os_error
  }
}
