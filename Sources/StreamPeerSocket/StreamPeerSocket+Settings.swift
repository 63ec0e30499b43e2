// SPDX-License-Identifier: MIT
internal import CSocketCore

/// The timeouts and OS buffers of a socket, kept for later connections. Not in Godot.
extension StreamPeerSocket {
  /// Sets the connect timeout, which includes the look-up of a name. A connect in progress adopts
  /// it. If the time is already over, the next ``poll()`` ends the connect.
  /// (`sps_socket_set_connect_timeout`)
  ///
  /// - Parameter milliseconds: 0 to 2,147,483,647. 0 means the default of 30,000.
  /// - Returns: ``GodotError/ok``, or ``GodotError/errInvalidParameter`` for a number out of range.
  @discardableResult
  public final func setConnectTimeout(milliseconds: Int) -> GodotError {
    note(withCNumber(milliseconds) { unsafe sps_socket_set_connect_timeout(handle, $0) })
  }

  /// Sets the connection attempt delay of RFC 8305, for the next connect. After this delay the next
  /// address of a name is tried too. (`sps_socket_set_attempt_delay`)
  ///
  /// - Parameter milliseconds: 0 to 2,147,483,647. 0 means the default of 250. The minimum is 10.
  /// - Returns: the codes of ``setConnectTimeout(milliseconds:)``.
  @discardableResult
  public final func setAttemptDelay(milliseconds: Int) -> GodotError {
    note(withCNumber(milliseconds) { unsafe sps_socket_set_attempt_delay(handle, $0) })
  }

  /// Sets how long one get or put may wait in total. (`sps_socket_set_io_timeout`)
  ///
  /// If the time is over:
  ///
  /// - A get returns ``GodotError/errTimeout`` and has consumed nothing. Bytes that came stay
  ///   readable. Only ``StreamPeer/getData(_:)`` of more than 65,536 bytes hands out a part.
  /// - A put of a value returns ``GodotError/errTimeout`` if none of it was sent. The caller can
  ///   repeat it.
  /// - A put of a value returns ``GodotError/failed`` if a part was sent. Every later put does so
  ///   too (``CloseReason/putTimedOut``).
  ///
  /// - Parameter milliseconds: 0 to 2,147,483,647. 0, the default, sets no limit.
  /// - Returns: the codes of ``setConnectTimeout(milliseconds:)``.
  @discardableResult
  public final func setIOTimeout(milliseconds: Int) -> GodotError {
    note(withCNumber(milliseconds) { unsafe sps_socket_set_io_timeout(handle, $0) })
  }

  /// Sets the idle timeout: the connection ends if the peer sends nothing for this time. Use it if
  /// the protocol makes the peer send regularly. It detects a dead peer and one that hangs.
  /// (`sps_socket_set_idle_timeout`)
  ///
  /// Bytes that came before stay readable. Then ``poll()`` returns ``GodotError/failed``, the
  /// status is ``Status/error`` and the reason ``CloseReason/idle``. The time counts from the
  /// moment the connection was established, or from this call.
  ///
  /// - Parameter milliseconds: 0 to 2,147,483,647. 0, the default, sets no limit.
  /// - Returns: the codes of ``setConnectTimeout(milliseconds:)``.
  @discardableResult
  public final func setIdleTimeout(milliseconds: Int) -> GodotError {
    note(withCNumber(milliseconds) { unsafe sps_socket_set_idle_timeout(handle, $0) })
  }

  /// Sets the sizes of the OS's socket buffers (SO_SNDBUF, SO_RCVBUF). A fixed size bounds the
  /// memory of many connections. A small send buffer keeps little outdated data queued. On an open
  /// socket it takes effect now, as far as the OS permits, otherwise with the next socket.
  /// (`sps_socket_set_os_buffers`)
  ///
  /// - Parameters:
  ///   - sendBytes: 0 to 2,147,483,647. 0, the default, lets the OS adapt it to the connection.
  ///   - receiveBytes: the same for received bytes.
  /// - Returns: ``GodotError/ok``, or:
  ///   - ``GodotError/errInvalidParameter``: a number is out of range. Nothing changes.
  ///   - ``GodotError/failed``: the OS refuses.
  @discardableResult
  public final func setOSBuffers(sendBytes: Int, receiveBytes: Int) -> GodotError {
    note(
      withCNumber(sendBytes) { sendBytes in
        withCNumber(receiveBytes) { unsafe sps_socket_set_os_buffers(handle, sendBytes, $0) }
      })
  }

  /// Returns the buffer sizes that the OS reports. Linux doubles the size that was set.
  /// (`sps_socket_get_os_buffers`)
  ///
  /// - Returns: both sizes. If the socket is not open they are 0, and ``StreamPeer/lastError`` is
  ///   ``GodotError/failed``.
  public final func getOSBuffers() -> (sendBytes: Int, receiveBytes: Int) {
    var sendBytes: UInt32 = 0
    var receiveBytes: UInt32 = 0
    lastCode = unsafe sps_socket_get_os_buffers(handle, &sendBytes, &receiveBytes)
    return (Int(clamping: sendBytes), Int(clamping: receiveBytes))
  }
}
