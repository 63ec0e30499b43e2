// SPDX-License-Identifier: MIT
internal import CSocketCore

/// How much one stream may use. Zero, or less, means the default. (`sps_stream_options`)
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

  /// Makes options that differ from the defaults in what is given.
  public init(
    connectTimeoutMilliseconds: Int = 0,
    readBufferBytes: Int = 0,
    writeBufferBytes: Int = 0,
    maxValueBytes: Int = 0
  ) {
    self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
    self.readBufferBytes = readBufferBytes
    self.writeBufferBytes = writeBufferBytes
    self.maxValueBytes = maxValueBytes
  }
}

/// How a server listens, and what its connections are made with. (`sps_server_options`)
public struct ServerOptions: Sendable, Hashable {
  /// Connections that may wait to be taken. Zero, or less: as many as the OS allows. (`backlog`)
  public var backlog: Int

  /// For each stream that the server hands out. (`stream`)
  public var stream: StreamOptions

  /// Makes options that differ from the defaults in what is given.
  public init(backlog: Int = 0, stream: StreamOptions = StreamOptions()) {
    self.backlog = backlog
    self.stream = stream
  }
}

// MARK: - For the C library

extension StreamOptions {
  // Each number is what the C library can tell that is nearest to it.
  var cOptions: sps_stream_options {
    var options = sps_stream_options()
    options.struct_size = UInt32(MemoryLayout<sps_stream_options>.size)
    options.connect_timeout_ms = UInt32(clamping: connectTimeoutMilliseconds)
    options.read_buffer_bytes = UInt32(clamping: readBufferBytes)
    options.write_buffer_bytes = UInt32(clamping: writeBufferBytes)
    options.max_value_bytes = UInt32(clamping: maxValueBytes)
    return options
  }

  // Calls one of the C library's functions that make a stream.
  func make(
    _ create: (UnsafePointer<sps_stream_options>, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  ) -> (code: Int32, handle: OpaquePointer?) {
    var options = cOptions
    var handle: OpaquePointer?
    let code = create(&options, &handle)
    return (code, handle)
  }
}

extension ServerOptions {
  // Calls one of the C library's functions that make a server.
  func make(
    _ create: (UnsafePointer<sps_server_options>, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  ) -> (code: Int32, handle: OpaquePointer?) {
    withUnsafePointer(to: stream.cOptions) { stream in
      var options = sps_server_options()
      options.struct_size = UInt32(MemoryLayout<sps_server_options>.size)
      options.backlog = UInt32(clamping: backlog)
      options.stream = stream
      var handle: OpaquePointer?
      let code = create(&options, &handle)
      return (code, handle)
    }
  }
}
