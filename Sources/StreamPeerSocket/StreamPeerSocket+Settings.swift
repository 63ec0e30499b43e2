// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Times and buffers of a socket, kept for later connections. Not in Godot.
extension StreamPeerSocket {
  /// Chooses how long connecting may take until the connection stands, the look-up of a name
  /// included. A connect under way takes it over, and the next ``poll()`` ends it if that time is
  /// over. (`sps_socket_set_connect_timeout`)
  ///
  /// - Parameter milliseconds: 0 to 2,147,483,647; 0 means the default of 30,000.
  /// - Returns: ``GodotError/ok``; ``GodotError/errInvalidParameter`` for any other number, and
  ///   nothing changes.
  @discardableResult
  public final func setConnectTimeout(milliseconds: Int) -> GodotError {
    note(withCNumber(milliseconds) { sps_socket_set_connect_timeout(handle, $0) })
  }

  /// Chooses how long an attempt to connect may be silent before the next address of a name is tried
  /// beside it (RFC 8305). Takes effect with the next connect. (`sps_socket_set_attempt_delay`)
  ///
  /// - Parameter milliseconds: 0 to 2,147,483,647; 0 means the default of 250, and the least is 10.
  /// - Returns: as ``setConnectTimeout(milliseconds:)``.
  @discardableResult
  public final func setAttemptDelay(milliseconds: Int) -> GodotError {
    note(withCNumber(milliseconds) { sps_socket_set_attempt_delay(handle, $0) })
  }

  /// Chooses how long one get or put may wait, all of its waiting together.
  /// (`sps_socket_set_io_timeout`)
  ///
  /// A get whose time is over is ``GodotError/errTimeout`` and has consumed nothing: what came stays
  /// readable (``StreamPeer/getData(_:)`` of more than 65,536 bytes hands out a part of it). A put of a value is ``GodotError/errTimeout`` when nothing of it was sent, and may be
  /// repeated; when a part was, the peer could make nothing of a second try, so the put is
  /// ``GodotError/failed`` and so is every later one (``CloseReason/putTimedOut``).
  ///
  /// - Parameter milliseconds: 0 to 2,147,483,647; 0, the default, is as long as it takes.
  /// - Returns: as ``setConnectTimeout(milliseconds:)``.
  @discardableResult
  public final func setIOTimeout(milliseconds: Int) -> GodotError {
    note(withCNumber(milliseconds) { sps_socket_set_io_timeout(handle, $0) })
  }

  /// Gives the connection up after a time without a byte from the peer: for protocols in which the
  /// peer has something to say now and then. It notices the peer that is dead, and the one that
  /// hangs. (`sps_socket_set_idle_timeout`)
  ///
  /// What came before stays readable; then ``poll()`` answers ``GodotError/failed``, the status is
  /// ``Status/error`` and the reason ``CloseReason/idle``. It counts from the moment when the
  /// connection stood, or when this was set.
  ///
  /// - Parameter milliseconds: 0 to 2,147,483,647; 0, the default, is never.
  /// - Returns: as ``setConnectTimeout(milliseconds:)``.
  @discardableResult
  public final func setIdleTimeout(milliseconds: Int) -> GodotError {
    note(withCNumber(milliseconds) { sps_socket_set_idle_timeout(handle, $0) })
  }

  /// Chooses the sizes of the buffers that the OS keeps for the socket (SO_SNDBUF, SO_RCVBUF). A
  /// fixed size bounds the memory of many connections; a small send buffer keeps what is sent fresh.
  /// For an open socket it takes effect now, as far as the OS can; else with the next.
  /// (`sps_socket_set_os_buffers`)
  ///
  /// - Parameters:
  ///   - sendBytes: for what is sent, 0 to 2,147,483,647; 0, the default, leaves it to the OS, which
  ///     adapts it to the connection.
  ///   - receiveBytes: the same for what arrives.
  /// - Returns: ``GodotError/ok``; ``GodotError/errInvalidParameter`` for any other number, and
  ///   nothing changes; ``GodotError/failed`` when the OS refuses.
  @discardableResult
  public final func setOSBuffers(sendBytes: Int, receiveBytes: Int) -> GodotError {
    note(
      withCNumber(sendBytes) { sendBytes in
        withCNumber(receiveBytes) { sps_socket_set_os_buffers(handle, sendBytes, $0) }
      })
  }

  /// The sizes of the OS's buffers as it tells them: Linux doubles what was set, to have room for
  /// its own bookkeeping. (`sps_socket_get_os_buffers`)
  ///
  /// - Returns: both sizes; 0, and ``StreamPeer/lastError`` is ``GodotError/failed``, when not
  ///   open.
  public final func getOSBuffers() -> (sendBytes: Int, receiveBytes: Int) {
    var sendBytes: UInt32 = 0
    var receiveBytes: UInt32 = 0
    lastCode = sps_socket_get_os_buffers(handle, &sendBytes, &receiveBytes)
    return (Int(clamping: sendBytes), Int(clamping: receiveBytes))
  }
}
