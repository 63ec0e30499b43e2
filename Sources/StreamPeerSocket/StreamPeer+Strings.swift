// SPDX-License-Identifier: MIT
internal import CSocketCore

extension StreamPeer {
  /// Reads ASCII text, and waits for it. Godot: `get_string`. (`sps_stream_get_string`)
  ///
  /// ``lastError`` is ``GodotError/errInvalidData`` if the text is not ASCII, or is longer than
  /// ``StreamOptions/maxValueBytes``. Then nothing was consumed. Other errors are those of
  /// ``getData(_:)``.
  ///
  /// - Parameter bytes: its length in bytes. −1: the stream holds the length, as u32 before the
  ///   text.
  /// - Returns: the text. It is empty on failure.
  public final func getString(_ bytes: Int = -1) -> String {
    unsafe text(bytes, sps_stream_get_string) ?? ""
  }

  /// Reads UTF-8 text, and waits for it. Godot: `get_utf8_string`. (`sps_stream_get_utf8_string`)
  ///
  /// ``getString(_:)`` for UTF-8. NUL is a character.
  public final func getUtf8String(_ bytes: Int = -1) -> String {
    unsafe text(bytes, sps_stream_get_utf8_string) ?? ""
  }

  /// ``getString(_:)`` without waiting. (`sps_stream_try_get_string`)
  ///
  /// - Returns: the text, or nil. ``lastError`` is ``GodotError/errBusy`` if it is not all there
  ///   yet.
  public final func tryGetString(_ bytes: Int = -1) -> String? {
    unsafe text(bytes, sps_stream_try_get_string)
  }

  /// ``getUtf8String(_:)`` without waiting. (`sps_stream_try_get_utf8_string`)
  ///
  /// - Returns: the text, or nil. ``lastError`` is ``GodotError/errBusy`` if it is not all there
  ///   yet.
  public final func tryGetUtf8String(_ bytes: Int = -1) -> String? {
    unsafe text(bytes, sps_stream_try_get_utf8_string)
  }

  /// Writes the length as u32, then the text, as one put. Each character outside ASCII becomes one
  /// space. Godot: `put_string`. (`sps_stream_put_string`)
  public final func putString(_ value: String) -> GodotError {
    var value = value
    return value.withUTF8 { unsafe note(sps_stream_put_string(handle, $0.baseAddress, $0.count)) }
  }

  /// Writes the length as u32, then the text in UTF-8, as one put. Godot: `put_utf8_string`.
  /// (`sps_stream_put_utf8_string`)
  public final func putUtf8String(_ value: String) -> GodotError {
    var value = value
    return value.withUTF8 {
      unsafe note(sps_stream_put_utf8_string(handle, $0.baseAddress, $0.count))
    }
  }

  private typealias TextGetter = (
    OpaquePointer?, Int64, UnsafeMutablePointer<UnsafePointer<CChar>?>?, UnsafeMutablePointer<Int>?
  ) -> Int32

  // The C library returns a span in the stream's memory. This copies it before the next call.
  @inline(__always)
  private final func text(_ bytes: Int, _ getter: TextGetter) -> String? {
    var text: UnsafePointer<CChar>?
    var length = 0
    let code = unsafe getter(handle, Int64(bytes), &text, &length)
    lastCode = code
    guard code == 0 else { return nil }
    return unsafe String(
      decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self)
  }
}
