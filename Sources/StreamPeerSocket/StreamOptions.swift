// SPDX-License-Identifier: MIT
internal import CSocketCore

/// How much one stream may use. Zero means the default, and so does less for `readBufferBytes`,
/// `writeBufferBytes`, `maxValueBytes` and `writeLowMarkBytes`. With any other number that is none
/// (below 0, above 2,147,483,647) no stream is made: its ``StreamPeer/lastError`` is
/// ``GodotError/errInvalidParameter``. (`sps_stream_options`)
public struct StreamOptions: Sendable, Hashable {
  /// Milliseconds from connect until the connection must stand, look-up of the name included.
  /// Default 30,000. It means nothing to a custom stream. (`connect_timeout_ms`)
  public var connectTimeoutMilliseconds: Int

  /// Bytes that are read ahead at most; the queue grows past it only for one value that is
  /// larger. Default 65,536; a custom stream reads nothing ahead unless it is set.
  /// (`read_buffer_bytes`)
  public var readBufferBytes: Int

  /// Bytes that may wait to be sent while writes are batched. Default 65,536.
  /// (`write_buffer_bytes`)
  public var writeBufferBytes: Int

  /// The largest string that is read, in bytes; a longer one is ``GodotError/errInvalidData``.
  /// Default 8,388,608 (8 MiB). (`max_value_bytes`)
  public var maxValueBytes: Int

  /// As ``StreamPeerSocket/setIOTimeout(milliseconds:)``. Default: a get or put waits as long as it
  /// takes. (`io_timeout_ms`)
  public var ioTimeoutMilliseconds: Int

  /// As ``StreamPeerSocket/setIdleTimeout(milliseconds:)``. Default: none. (`idle_timeout_ms`)
  public var idleTimeoutMilliseconds: Int

  /// As ``StreamPeerTCP/setUserTimeout(milliseconds:)``. Default: as the OS has it. TCP only.
  /// (`user_timeout_ms`)
  public var userTimeoutMilliseconds: Int

  /// As ``StreamPeerTCP/setKeepalive(idleMilliseconds:intervalMilliseconds:count:)``, above whose bounds no socket is
  /// made: its ``StreamPeer/lastError`` is ``GodotError/errParameterRangeError``. Default: off. TCP
  /// only. (`keepalive_idle_ms`)
  public var keepaliveIdleMilliseconds: Int

  /// Milliseconds from one probe to the next. Default: as the OS has it. (`keepalive_interval_ms`)
  public var keepaliveIntervalMilliseconds: Int

  /// Probes without an answer that end the connection. Default: as the OS has it.
  /// (`keepalive_count`)
  public var keepaliveCount: Int

  /// As ``StreamPeerSocket/setOSBuffers(sendBytes:receiveBytes:)``. Default: the OS chooses, and
  /// adapts. (`os_send_buffer_bytes`)
  public var osSendBufferBytes: Int

  /// The same for what arrives. A TCP server sets it on its own socket, whose connections inherit it.
  /// (`os_receive_buffer_bytes`)
  public var osReceiveBufferBytes: Int

  /// In a ``SocketPoller``, after a put was answered ``GodotError/errBusy``:
  /// ``SocketEvent/Kinds/writable`` is told once no more bytes than these wait to be sent. Default:
  /// half of ``writeBufferBytes``. (`write_low_mark_bytes`)
  public var writeLowMarkBytes: Int

  /// Makes options that differ from the defaults in what is given.
  public init(
    connectTimeoutMilliseconds: Int = 0,
    readBufferBytes: Int = 0,
    writeBufferBytes: Int = 0,
    maxValueBytes: Int = 0,
    ioTimeoutMilliseconds: Int = 0,
    idleTimeoutMilliseconds: Int = 0,
    userTimeoutMilliseconds: Int = 0,
    keepaliveIdleMilliseconds: Int = 0,
    keepaliveIntervalMilliseconds: Int = 0,
    keepaliveCount: Int = 0,
    osSendBufferBytes: Int = 0,
    osReceiveBufferBytes: Int = 0,
    writeLowMarkBytes: Int = 0
  ) {
    self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
    self.readBufferBytes = readBufferBytes
    self.writeBufferBytes = writeBufferBytes
    self.maxValueBytes = maxValueBytes
    self.ioTimeoutMilliseconds = ioTimeoutMilliseconds
    self.idleTimeoutMilliseconds = idleTimeoutMilliseconds
    self.userTimeoutMilliseconds = userTimeoutMilliseconds
    self.keepaliveIdleMilliseconds = keepaliveIdleMilliseconds
    self.keepaliveIntervalMilliseconds = keepaliveIntervalMilliseconds
    self.keepaliveCount = keepaliveCount
    self.osSendBufferBytes = osSendBufferBytes
    self.osReceiveBufferBytes = osReceiveBufferBytes
    self.writeLowMarkBytes = writeLowMarkBytes
  }
}

/// How a server listens, and what its connections are made with. (`sps_server_options`)
public struct ServerOptions: Sendable, Hashable {
  /// Connections that may wait to be taken. Zero, or less: as many as the OS allows. (`backlog`)
  public var backlog: Int

  /// For each stream that the server hands out. (`stream`)
  public var stream: StreamOptions

  /// Whether several servers, of as many processes of one user, may listen on one TCP port; the OS
  /// shares the connections out among them (SO_REUSEPORT). Each of them must ask for it.
  /// (`reuse_port`)
  public var reusePort: Bool

  /// Permission bits of a Unix server's file, such as `0o660`, set before anyone can connect:
  /// whoever may write to the file may connect. Zero: 0777 less the process's umask. With what is no
  /// such bits no server is made: its ``SocketServer/lastError`` is
  /// ``GodotError/errInvalidParameter``. (`file_mode`)
  public var fileMode: Int

  /// Makes options that differ from the defaults in what is given.
  public init(
    backlog: Int = 0, stream: StreamOptions = StreamOptions(), reusePort: Bool = false,
    fileMode: Int = 0
  ) {
    self.backlog = backlog
    self.stream = stream
    self.reusePort = reusePort
    self.fileMode = fileMode
  }
}

// MARK: - For the C library

extension StreamOptions {
  func cOptions(in network: SocketNetwork) -> sps_stream_options {
    var options = sps_stream_options()
    options.struct_size = UInt32(MemoryLayout<sps_stream_options>.size)
    options.connect_timeout_ms = cNumber(orNone: connectTimeoutMilliseconds)
    options.read_buffer_bytes = UInt32(clamping: readBufferBytes)
    options.write_buffer_bytes = UInt32(clamping: writeBufferBytes)
    options.max_value_bytes = UInt32(clamping: maxValueBytes)
    options.io_timeout_ms = cNumber(orNone: ioTimeoutMilliseconds)
    options.idle_timeout_ms = cNumber(orNone: idleTimeoutMilliseconds)
    options.user_timeout_ms = cNumber(orNone: userTimeoutMilliseconds)
    options.keepalive_idle_ms = cNumber(orNone: keepaliveIdleMilliseconds)
    options.keepalive_interval_ms = cNumber(orNone: keepaliveIntervalMilliseconds)
    options.keepalive_count = cNumber(orNone: keepaliveCount)
    options.os_send_buffer_bytes = cNumber(orNone: osSendBufferBytes)
    options.os_receive_buffer_bytes = cNumber(orNone: osReceiveBufferBytes)
    options.write_low_mark_bytes = UInt32(clamping: writeLowMarkBytes)
    options.platform = network.platform
    return options
  }

  // Calls one of the C library's functions that make a stream.
  func make(
    in network: SocketNetwork,
    _ create: (UnsafePointer<sps_stream_options>, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  ) -> (code: Int32, handle: OpaquePointer?) {
    var options = cOptions(in: network)
    var handle: OpaquePointer?
    let code = create(&options, &handle)
    return (code, handle)
  }
}

extension ServerOptions {
  // Calls one of the C library's functions that make a server.
  func make(
    in network: SocketNetwork,
    _ create: (UnsafePointer<sps_server_options>, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  ) -> (code: Int32, handle: OpaquePointer?) {
    withUnsafePointer(to: stream.cOptions(in: network)) { stream in
      var options = sps_server_options()
      options.struct_size = UInt32(MemoryLayout<sps_server_options>.size)
      options.backlog = UInt32(clamping: backlog)
      options.stream = stream
      options.reuse_port = reusePort ? 1 : 0
      options.file_mode = cNumber(orNone: fileMode)
      var handle: OpaquePointer?
      let code = create(&options, &handle)
      return (code, handle)
    }
  }
}
