// SPDX-License-Identifier: MIT
internal import CSocketCore

// Text as other programs send it, without a length before it. None of it is in Godot.

// MARK: - Get

extension StreamPeer {
  /// Reads a line of UTF-8, which ends with `\n` or `\r\n`, and waits for it. Not in Godot.
  /// (`sps_stream_get_line`)
  ///
  /// ``lastError`` tells why there is none, and then nothing was consumed:
  /// ``GodotError/errInvalidData`` when more than `maxBytes` have come without an end, or when it is
  /// not UTF-8 (``getUntil(_:maxBytes:)-(String,_)`` reads it as bytes); ``GodotError/errFileEof``
  /// (``GodotError/failed`` after a reset) when its end will never come: ``getPartialData(_:)`` reads
  /// what is left; ``GodotError/errInvalidParameter`` when `maxBytes` is negative or above
  /// ``StreamOptions/maxValueBytes``; else as for ``getData(_:)``.
  ///
  /// - Parameter maxBytes: how long it may be, a `\r` at its end included; 0:
  ///   ``StreamOptions/maxValueBytes``.
  /// - Returns: the line without its end; nil when it failed.
  public final func getLine(maxBytes: Int = 0) -> String? {
    line(maxBytes, sps_stream_get_line)
  }

  /// Reads a line of UTF-8, whole or not at all, and never waits. (`sps_stream_try_get_line`)
  ///
  /// - Returns: nil when it is not there: ``lastError`` is ``GodotError/errBusy`` when its end may
  ///   still come, else as for ``getLine(maxBytes:)``.
  public final func tryGetLine(maxBytes: Int = 0) -> String? {
    line(maxBytes, sps_stream_try_get_line)
  }

  /// Reads up to a delimiter, and waits for it. Not in Godot. (`sps_stream_get_until`)
  ///
  /// ``lastError`` tells why there is nothing, as for ``getLine(maxBytes:)``; the bytes need not be
  /// text. It is ``GodotError/errInvalidParameter``, too, when the delimiter is empty.
  ///
  /// - Parameters:
  ///   - delimiter: at least one byte; it is consumed and not returned.
  ///   - maxBytes: how many bytes may stand before it; 0: ``StreamOptions/maxValueBytes``.
  /// - Returns: what stood before it; nil when it failed.
  public final func getUntil(
    _ delimiter: some Collection<UInt8>, maxBytes: Int = 0
  ) -> [UInt8]? {
    bytes(before: Array(delimiter), maxBytes, sps_stream_get_until)
  }

  /// Reads up to a delimiter such as `"\r\n\r\n"`, and waits for it. Not in Godot.
  /// (`sps_stream_get_until`)
  ///
  /// See ``getUntil(_:maxBytes:)-(Collection<UInt8>,_)``.
  public final func getUntil(_ delimiter: String, maxBytes: Int = 0) -> [UInt8]? {
    getUntil(delimiter.utf8, maxBytes: maxBytes)
  }

  /// Reads up to a delimiter, all or nothing, and never waits. (`sps_stream_try_get_until`)
  ///
  /// - Returns: nil when it is not there: ``lastError`` is ``GodotError/errBusy`` when it may still
  ///   come, else as for ``getUntil(_:maxBytes:)-(Collection<UInt8>,_)``.
  public final func tryGetUntil(
    _ delimiter: some Collection<UInt8>, maxBytes: Int = 0
  ) -> [UInt8]? {
    bytes(before: Array(delimiter), maxBytes, sps_stream_try_get_until)
  }

  /// Reads up to a delimiter such as `"\r\n\r\n"`, all or nothing, and never waits.
  /// (`sps_stream_try_get_until`)
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

  // The C library shows both in the stream's own memory; it is copied before the next call.
  @inline(__always)
  private final func line(_ maxBytes: Int, _ getter: LineGetter) -> String? {
    var text: UnsafePointer<CChar>?
    var length = 0
    lastCode = getter(handle, maxBytes, &text, &length)
    guard lastCode == 0 else { return nil }
    return String(decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self)
  }

  @inline(__always)
  private final func bytes(
    before delimiter: [UInt8], _ maxBytes: Int, _ getter: BytesGetter
  ) -> [UInt8]? {
    var data: UnsafePointer<UInt8>?
    var length = 0
    lastCode = getter(handle, delimiter, delimiter.count, maxBytes, &data, &length)
    guard lastCode == 0 else { return nil }
    return Array(UnsafeRawBufferPointer(start: data, count: length))
  }
}

// MARK: - Put

extension StreamPeer {
  /// Writes text in UTF-8 as it is, with no length before it and nothing behind. Not in Godot.
  /// (`sps_stream_put_text`)
  ///
  /// - Returns: as ``putData(_:)-(UnsafeRawBufferPointer)``.
  public final func putText(_ text: String) -> GodotError {
    var text = text
    return text.withUTF8 { note(sps_stream_put_text(handle, $0.baseAddress, $0.count)) }
  }
}
