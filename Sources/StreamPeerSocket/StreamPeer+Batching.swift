// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Batched writes. Not in Godot.
extension StreamPeer {
  /// Whether puts gather in the write buffer. (`sps_stream_is_write_batching`)
  public final var writeBatching: Bool {
    PollerMembership.leaveIfOver(&membership)
    var enabled = false
    unsafe sps_stream_is_write_batching(handle, &enabled)
    return enabled
  }

  /// Enables or disables batched writes. The default is off: when a put returns, the OS has the
  /// bytes. (`sps_stream_set_write_batching`)
  ///
  /// While enabled, puts gather in the write buffer, also while connecting. The buffer is sent:
  ///
  /// - at ``StreamPeerSocket/poll()``, ``flush()`` and ``StreamPeerSocket/disconnectFromHost()``,
  /// - before a get waits,
  /// - when the buffer is full.
  ///
  /// - Returns: ``GodotError/ok``, or, when disabling:
  ///   - ``GodotError/errBusy``: the OS does not take all pending bytes now. Nothing changes.
  ///   - ``GodotError/failed``: the pending bytes cannot be sent any more. They are dropped, and
  ///     batching is off.
  @discardableResult
  public final func setWriteBatching(_ enabled: Bool) -> GodotError {
    PollerMembership.leaveIfOver(&membership)
    return unsafe note(sps_stream_set_write_batching(handle, enabled))
  }

  /// Offers the pending bytes to the OS, without waiting. (`sps_stream_flush`)
  ///
  /// - Returns: ``GodotError/ok`` if nothing is pending any more, or:
  ///   - ``GodotError/errBusy``: the OS does not take all bytes now. The others stay pending.
  ///   - ``GodotError/failed``: the stream is not connected, or the connection broke.
  @discardableResult
  public final func flush() -> GodotError {
    PollerMembership.leaveIfOver(&membership)
    return unsafe note(sps_stream_flush(handle))
  }

  /// The number of bytes in the write buffer. (`sps_stream_get_pending_write_bytes`)
  public final var pendingWriteBytes: Int {
    var bytes = 0
    unsafe sps_stream_get_pending_write_bytes(handle, &bytes)
    return bytes
  }
}
