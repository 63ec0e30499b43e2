// SPDX-License-Identifier: MIT
internal import CSocketCore

/// The readiness and the time that a stream waits for. An event loop of the caller's own can wait
/// for them. Not in Godot. (`sps_socket_wait`)
public struct SocketWait: Sendable, Hashable {
  /// The descriptor to wait for, or nil: only the time. The stream owns it, and may replace it in
  /// any call. Do not read, write or close it.
  public let fd: Int?
  /// Whether to wait until the descriptor is readable.
  public let isForReading: Bool
  /// Whether to wait until the descriptor is writable.
  public let isForWriting: Bool
  /// Microseconds until the next poll is due, whatever the descriptor does. nil: no limit.
  public let timeoutMicroseconds: Int?
}

extension StreamPeerSocket {
  /// Returns what the stream waits for. Wait for it, then call ``poll()``. Before, read until
  /// nothing is left. For more than a few streams use ``SocketPoller/getFD()``. No syscall,
  /// except to read the clock. Not in Godot. (`sps_socket_get_wait`)
  ///
  /// - Returns: the wait, or nil. Then ``StreamPeer/lastError`` is ``GodotError/errAlreadyInUse``
  ///   if the stream is in a poller, or ``GodotError/errUnavailable`` if it is a filter.
  public final func getWait() -> SocketWait? {
    var wait = sps_socket_wait()
    wait.struct_size = UInt32(MemoryLayout<sps_socket_wait>.size)
    return unsafe note(sps_socket_get_wait(handle, &wait)) == .ok ? SocketWait(wait) : nil
  }
}

extension SocketWait {
  fileprivate init(_ wait: sps_socket_wait) {
    fd = wait.interests != 0 ? wait.fd : nil
    isForReading = wait.interests & UInt32(SPS_WAIT_READABLE) != 0
    isForWriting = wait.interests & UInt32(SPS_WAIT_WRITABLE) != 0
    timeoutMicroseconds = wait.timeout_us >= 0 ? Int(clamping: wait.timeout_us) : nil
  }
}
