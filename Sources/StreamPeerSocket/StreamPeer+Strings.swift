// SPDX-License-Identifier: MIT
internal import CSocketCore

extension StreamPeer {
  /// Reads ASCII text, and waits for it. Godot: `get_string`. (`sps_stream_get_string`)
  ///
  /// ``lastError`` is ``GodotError/errInvalidData`` when the bytes are not ASCII, or more than
  /// ``StreamOptions/maxValueBytes``; then nothing was consumed.
  ///
  /// - Parameter bytes: its length in bytes; −1 when that is on the stream, as u32 before the text.
  /// - Returns: the text; empty when it failed.
  public final func getString(_ bytes: Int = -1) -> String {
    text(bytes, sps_stream_get_string) ?? ""
  }

  /// Reads UTF-8 text, and waits for it. Godot: `get_utf8_string`. (`sps_stream_get_utf8_string`)
  ///
  /// As ``getString(_:)``, but ``GodotError/errInvalidData`` is for bytes that are not UTF-8. NUL
  /// is a character.
  public final func getUtf8String(_ bytes: Int = -1) -> String {
    text(bytes, sps_stream_get_utf8_string) ?? ""
  }

  /// Reads ASCII text, whole or not at all, and never waits. (`sps_stream_try_get_string`)
  ///
  /// - Returns: nil when it is not there: ``lastError`` is ``GodotError/errBusy`` when the rest may
  ///   still come, else as for ``getString(_:)``.
  public final func tryGetString(_ bytes: Int = -1) -> String? {
    text(bytes, sps_stream_try_get_string)
  }

  /// Reads UTF-8 text, whole or not at all, and never waits. (`sps_stream_try_get_utf8_string`)
  ///
  /// - Returns: nil when it is not there: ``lastError`` is ``GodotError/errBusy`` when the rest may
  ///   still come, else as for ``getUtf8String(_:)``.
  public final func tryGetUtf8String(_ bytes: Int = -1) -> String? {
    text(bytes, sps_stream_try_get_utf8_string)
  }

  /// Writes the length as u32 and then the text, each character outside ASCII as one space, in one
  /// piece. Godot: `put_string`. (`sps_stream_put_string`)
  public final func putString(_ value: String) -> GodotError {
    var value = value
    return value.withUTF8 { note(sps_stream_put_string(handle, $0.baseAddress, $0.count)) }
  }

  /// Writes the length as u32 and then the text in UTF-8, in one piece. Godot: `put_utf8_string`.
  /// (`sps_stream_put_utf8_string`)
  public final func putUtf8String(_ value: String) -> GodotError {
    var value = value
    return value.withUTF8 { note(sps_stream_put_utf8_string(handle, $0.baseAddress, $0.count)) }
  }

  private typealias TextGetter = (
    OpaquePointer?, Int64, UnsafeMutablePointer<UnsafePointer<CChar>?>?, UnsafeMutablePointer<Int>?
  ) -> Int32

  // The C library shows the text in the stream's own memory; it is copied before the next call.
  @inline(__always)
  private final func text(_ bytes: Int, _ getter: TextGetter) -> String? {
    var text: UnsafePointer<CChar>?
    var length = 0
    let code = getter(handle, Int64(bytes), &text, &length)
    lastCode = code
    guard code == 0 else { return nil }
    return String(
      decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self)
  }
}
