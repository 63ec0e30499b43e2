// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Batched writes. Not in Godot.
extension StreamPeer {
  /// Whether puts gather in the write buffer. (`sps_stream_is_write_batching`)
  public final var writeBatching: Bool {
    PollerMembership.leaveIfOver(&membership)
    var enabled = false
    sps_stream_is_write_batching(handle, &enabled)
    return enabled
  }

  /// While enabled, puts gather in the write buffer, also while connecting, and leave together: at
  /// ``StreamPeerSocket/poll()``, ``flush()``, before a get waits, when the buffer is full, and at
  /// ``StreamPeerSocket/disconnectFromHost()``. Off is the default: when a put returns, the OS has
  /// the bytes. (`sps_stream_set_write_batching`)
  ///
  /// - Returns: ``GodotError/ok``; when disabling, ``GodotError/errBusy`` if bytes still wait that
  ///   the OS does not take now (nothing changes), ``GodotError/failed`` when they cannot be sent
  ///   any more (they are dropped; it is off).
  @discardableResult
  public final func setWriteBatching(_ enabled: Bool) -> GodotError {
    PollerMembership.leaveIfOver(&membership)
    return note(sps_stream_set_write_batching(handle, enabled))
  }

  /// Offers what waits in the write buffer to the OS, without waiting. (`sps_stream_flush`)
  ///
  /// - Returns: ``GodotError/ok`` when nothing waits any more; ``GodotError/errBusy`` when some
  ///   still does; ``GodotError/failed`` when not connected or when the connection broke.
  @discardableResult
  public final func flush() -> GodotError {
    PollerMembership.leaveIfOver(&membership)
    return note(sps_stream_flush(handle))
  }

  /// How many bytes wait in the write buffer. (`sps_stream_get_pending_write_bytes`)
  public final var pendingWriteBytes: Int {
    var bytes = 0
    sps_stream_get_pending_write_bytes(handle, &bytes)
    return bytes
  }
}
