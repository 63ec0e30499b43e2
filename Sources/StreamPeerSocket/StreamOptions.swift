// SPDX-License-Identifier: MIT
internal import CSocketCore

/// The limits of one stream. Zero means the default. (`sps_stream_options`)
///
/// Every number is 0 to 2,147,483,647. A negative `readBufferBytes`, `writeBufferBytes`,
/// `maxValueBytes` or `writeLowMarkBytes` also means the default. Any other field that is out of
/// range is an error: no stream is created, and its ``StreamPeer/lastError`` is
/// ``GodotError/errInvalidParameter``.
public struct StreamOptions: Sendable, Hashable {
  /// ``StreamPeerSocket/setConnectTimeout(milliseconds:)``. Default 30,000. A custom stream ignores
  /// it. (`connect_timeout_ms`)
  public var connectTimeoutMilliseconds: Int

  /// The limit of the read-ahead in bytes. Default 65,536, or 0 for a custom stream. The queue
  /// exceeds it only for one larger value. (`read_buffer_bytes`)
  public var readBufferBytes: Int

  /// The limit of the bytes that wait while writes are batched. Default 65,536.
  /// (`write_buffer_bytes`)
  public var writeBufferBytes: Int

  /// The limit of a string or Variant that is read, in bytes. A longer one is
  /// ``GodotError/errInvalidData``. It also limits ``Connection/receive(exactly:within:)``. Default
  /// 8,388,608 (8 MiB). (`max_value_bytes`)
  public var maxValueBytes: Int

  /// ``StreamPeerSocket/setIOTimeout(milliseconds:)``. Default: no limit. (`io_timeout_ms`)
  public var ioTimeoutMilliseconds: Int

  /// ``StreamPeerSocket/setIdleTimeout(milliseconds:)``. Default: no limit. (`idle_timeout_ms`)
  public var idleTimeoutMilliseconds: Int

  /// ``StreamPeerTCP/setUserTimeout(milliseconds:)``. Default: the OS's limit. TCP only.
  /// (`user_timeout_ms`)
  public var userTimeoutMilliseconds: Int

  /// ``StreamPeerTCP/setKeepalive(idleMilliseconds:intervalMilliseconds:count:)``. Default: off.
  /// TCP only. If a value is out of range, no socket is created. Its ``StreamPeer/lastError`` is
  /// ``GodotError/errParameterRangeError``. (`keepalive_idle_ms`)
  public var keepaliveIdleMilliseconds: Int

  /// Milliseconds from one probe to the next. Default: the OS's value. (`keepalive_interval_ms`)
  public var keepaliveIntervalMilliseconds: Int

  /// The unanswered probes that end the connection. Default: the OS's value. (`keepalive_count`)
  public var keepaliveCount: Int

  /// ``StreamPeerSocket/setOSBuffers(sendBytes:receiveBytes:)``. Default: the OS chooses and
  /// adapts. (`os_send_buffer_bytes`)
  public var osSendBufferBytes: Int

  /// The same for received bytes. A TCP server sets it on its own socket, and its connections
  /// inherit it. (`os_receive_buffer_bytes`)
  public var osReceiveBufferBytes: Int

  /// The low-water mark in a ``SocketPoller``. After a put returned ``GodotError/errBusy``, the
  /// poller reports ``SocketEvent/Kinds/writable`` once at most this many bytes are pending.
  /// Default: half of ``writeBufferBytes``. (`write_low_mark_bytes`)
  public var writeLowMarkBytes: Int

  /// Whether the stream stays ``StreamPeerSocket/Status/connected`` and writable after the peer has
  /// finished. This side can then read to the end and reply. Default: the end of the peer closes
  /// the stream, as in Godot. A custom stream ignores it. (`half_open`)
  public var halfOpen: Bool

  /// Creates options. Arguments that are left out keep their default.
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
    writeLowMarkBytes: Int = 0,
    halfOpen: Bool = false
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
    self.halfOpen = halfOpen
  }
}

/// How a server listens, and the options of its connections. (`sps_server_options`)
public struct ServerOptions: Sendable, Hashable {
  /// The connections that may wait to be taken. Zero or less: as many as the OS allows. (`backlog`)
  public var backlog: Int

  /// The options of each stream that the server hands out. (`stream`)
  public var stream: StreamOptions

  /// Whether several servers, in several processes of one user, may listen on one TCP port. The OS
  /// distributes the connections among them (SO_REUSEPORT). Each of them must request it.
  /// (`reuse_port`)
  public var reusePort: Bool

  /// The permission bits of a Unix server's file, such as `0o660`. They are set before a client can
  /// connect. A process that may write to the file may connect. Zero: 0777 without the process's
  /// umask. For other bits no server is created. Its ``SocketServer/lastError`` is
  /// ``GodotError/errInvalidParameter``. (`file_mode`)
  public var fileMode: Int

  /// Creates options. Arguments that are left out keep their default.
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
  /// Calls a function of another library that creates a stream, with a `sps_stream_options`.
  package func make(
    _ create: (UnsafeRawPointer, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  ) -> (code: Int32, handle: OpaquePointer?) {
    unsafe make(in: .machine) { options, handle in unsafe create(options, handle) }
  }

  func cOptions(in network: SocketNetwork) -> sps_stream_options {
    var options = unsafe sps_stream_options()
    unsafe options.struct_size = UInt32(MemoryLayout<sps_stream_options>.size)
    unsafe options.connect_timeout_ms = cNumber(orNone: connectTimeoutMilliseconds)
    unsafe options.read_buffer_bytes = UInt32(clamping: readBufferBytes)
    unsafe options.write_buffer_bytes = UInt32(clamping: writeBufferBytes)
    unsafe options.max_value_bytes = UInt32(clamping: maxValueBytes)
    unsafe options.io_timeout_ms = cNumber(orNone: ioTimeoutMilliseconds)
    unsafe options.idle_timeout_ms = cNumber(orNone: idleTimeoutMilliseconds)
    unsafe options.user_timeout_ms = cNumber(orNone: userTimeoutMilliseconds)
    unsafe options.keepalive_idle_ms = cNumber(orNone: keepaliveIdleMilliseconds)
    unsafe options.keepalive_interval_ms = cNumber(orNone: keepaliveIntervalMilliseconds)
    unsafe options.keepalive_count = cNumber(orNone: keepaliveCount)
    unsafe options.os_send_buffer_bytes = cNumber(orNone: osSendBufferBytes)
    unsafe options.os_receive_buffer_bytes = cNumber(orNone: osReceiveBufferBytes)
    unsafe options.write_low_mark_bytes = UInt32(clamping: writeLowMarkBytes)
    unsafe options.half_open = halfOpen ? 1 : 0
    unsafe options.platform = network.platform
    return unsafe options
  }

  // Calls a function of the C library that creates a stream.
  func make(
    in network: SocketNetwork,
    _ create: (UnsafePointer<sps_stream_options>, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  ) -> (code: Int32, handle: OpaquePointer?) {
    var options = unsafe cOptions(in: network)
    var handle: OpaquePointer?
    let code = unsafe create(&options, &handle)
    return unsafe (code, handle)
  }
}

extension ServerOptions {
  // Calls a function of the C library that creates a server.
  func make(
    in network: SocketNetwork,
    _ create: (UnsafePointer<sps_server_options>, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  ) -> (code: Int32, handle: OpaquePointer?) {
    unsafe withUnsafePointer(to: stream.cOptions(in: network)) { stream in
      var options = unsafe sps_server_options()
      unsafe options.struct_size = UInt32(MemoryLayout<sps_server_options>.size)
      unsafe options.backlog = UInt32(clamping: backlog)
      unsafe options.stream = stream
      unsafe options.reuse_port = reusePort ? 1 : 0
      unsafe options.file_mode = cNumber(orNone: fileMode)
      var handle: OpaquePointer?
      let code = unsafe create(&options, &handle)
      return unsafe (code, handle)
    }
  }
}
