// SPDX-License-Identifier: MIT
internal import CSocketCore

// Text without a length prefix. Not in Godot.

// MARK: - Get

extension StreamPeer {
  /// Reads a line of UTF-8 that ends with `\n` or `\r\n`, and waits for it. Not in Godot.
  /// (`sps_stream_get_line`)
  ///
  /// On failure nothing was consumed, and ``lastError`` is one of:
  ///
  /// - ``GodotError/errInvalidData``: more than `maxBytes` have come without the end of the line.
  ///   Or the line is not UTF-8, and ``getUntil(_:maxBytes:)-(String,_)`` reads it as bytes.
  /// - ``GodotError/errFileEof`` (``GodotError/failed`` after a reset): the end of the line will
  ///   never come. ``getPartialData(_:)`` reads the rest.
  /// - ``GodotError/errInvalidParameter``: `maxBytes` is negative or above
  ///   ``StreamOptions/maxValueBytes``.
  /// - The other errors of ``getData(_:)``.
  ///
  /// - Parameter maxBytes: the limit of the line, which includes a `\r` at its end. 0 means
  ///   ``StreamOptions/maxValueBytes``.
  /// - Returns: the line without its end, or nil on failure.
  public final func getLine(maxBytes: Int = 0) -> String? {
    unsafe line(maxBytes, sps_stream_get_line)
  }

  /// ``getLine(maxBytes:)`` without waiting. (`sps_stream_try_get_line`)
  ///
  /// - Returns: the line, or nil. ``lastError`` is ``GodotError/errBusy`` if the end of the line
  ///   has not come yet.
  public final func tryGetLine(maxBytes: Int = 0) -> String? {
    unsafe line(maxBytes, sps_stream_try_get_line)
  }

  /// Reads up to a delimiter, and waits for it. The call consumes the delimiter and does not return
  /// it. Not in Godot. (`sps_stream_get_until`)
  ///
  /// The errors are those of ``getLine(maxBytes:)``, but the bytes need not be text. An empty
  /// delimiter is ``GodotError/errInvalidParameter``.
  ///
  /// - Parameters:
  ///   - delimiter: at least one byte.
  ///   - maxBytes: the limit of the bytes before it. 0 means ``StreamOptions/maxValueBytes``.
  /// - Returns: the bytes before the delimiter, or nil on failure.
  public final func getUntil(
    _ delimiter: some Collection<UInt8>, maxBytes: Int = 0
  ) -> [UInt8]? {
    unsafe bytes(before: Array(delimiter), maxBytes, sps_stream_get_until)
  }

  /// Reads up to a delimiter such as `"\r\n\r\n"`, and waits for it. Not in Godot.
  /// (`sps_stream_get_until`)
  ///
  /// See ``getUntil(_:maxBytes:)-(Collection<UInt8>,_)``.
  public final func getUntil(_ delimiter: String, maxBytes: Int = 0) -> [UInt8]? {
    getUntil(delimiter.utf8, maxBytes: maxBytes)
  }

  /// ``getUntil(_:maxBytes:)-(Collection<UInt8>,_)`` without waiting. (`sps_stream_try_get_until`)
  ///
  /// - Returns: the bytes before the delimiter, or nil. ``lastError`` is ``GodotError/errBusy`` if
  ///   the delimiter has not come yet.
  public final func tryGetUntil(
    _ delimiter: some Collection<UInt8>, maxBytes: Int = 0
  ) -> [UInt8]? {
    unsafe bytes(before: Array(delimiter), maxBytes, sps_stream_try_get_until)
  }

  /// Reads up to a delimiter such as `"\r\n\r\n"`, and never waits. (`sps_stream_try_get_until`)
  ///
  /// See ``tryGetUntil(_:maxBytes:)-(Collection<UInt8>,_)``.
  public final func tryGetUntil(_ delimiter: String, maxBytes: Int = 0) -> [UInt8]? {
    tryGetUntil(delimiter.utf8, maxBytes: maxBytes)
  }

  private typealias LineGetter = (
    OpaquePointer?, Int, UnsafeMutablePointer<UnsafePointer<CChar>?>?, UnsafeMutablePointer<Int>?
  ) -> Int32

  private typealias BytesGetter = (
    OpaquePointer?, UnsafeRawPointer?, Int, Int, UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    UnsafeMutablePointer<Int>?
  ) -> Int32

  // The C library returns spans in the stream's memory. These copy them before the next call.
  @inline(__always)
  private final func line(_ maxBytes: Int, _ getter: LineGetter) -> String? {
    var text: UnsafePointer<CChar>?
    var length = 0
    lastCode = unsafe getter(handle, maxBytes, &text, &length)
    guard lastCode == 0 else { return nil }
    return unsafe String(
      decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self)
  }

  @inline(__always)
  private final func bytes(
    before delimiter: [UInt8], _ maxBytes: Int, _ getter: BytesGetter
  ) -> [UInt8]? {
    var data: UnsafePointer<UInt8>?
    var length = 0
    lastCode = unsafe getter(handle, delimiter, delimiter.count, maxBytes, &data, &length)
    guard lastCode == 0 else { return nil }
    return unsafe Array(UnsafeRawBufferPointer(start: data, count: length))
  }
}

// MARK: - Put

extension StreamPeer {
  /// Puts text as UTF-8, without a length prefix and without a terminator. Not in Godot.
  /// (`sps_stream_put_text`)
  ///
  /// - Returns: the codes of ``putData(_:)-(UnsafeRawBufferPointer)``.
  public final func putText(_ text: String) -> GodotError {
    var text = text
    return text.withUTF8 { unsafe note(sps_stream_put_text(handle, $0.baseAddress, $0.count)) }
  }
}
