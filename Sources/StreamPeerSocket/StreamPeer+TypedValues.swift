// SPDX-License-Identifier: MIT
internal import CSocketCore

// Each call is one call of the C library and one store. The helpers at the end are always inlined,
// so Swift calls the C function directly.
//
// get32 and getU32 have the same machine code except for the C function that they call. The
// optimizer merges such twins into one function that calls through a pointer, which costs a quarter
// of the time. @inline(never) on one of them gives the two different attributes, so they stay
// apart. It costs the caller nothing, because another module cannot inline these functions anyway.

// MARK: - Byte order

extension StreamPeer {
  /// The byte order of later typed values and string lengths. false, the default, is little-endian.
  /// Godot: `big_endian`. (`sps_stream_is_big_endian`, `sps_stream_set_big_endian`)
  public final var bigEndian: Bool {
    get {
      var enabled = false
      unsafe sps_stream_is_big_endian(handle, &enabled)
      return enabled
    }
    set { unsafe sps_stream_set_big_endian(handle, newValue) }
  }
}

// MARK: - Get

/// Each reads one value in the stream's byte order, and waits for it. On failure it returns 0, and
/// ``StreamPeer/lastError`` is one of:
///
/// - ``GodotError/errFileEof``: the peer finished first. The stream is closed.
/// - ``GodotError/errTimeout``: the time of ``StreamPeerSocket/setIOTimeout(milliseconds:)`` is
///   over. Nothing was consumed.
/// - ``GodotError/failed``: the stream is not connected, or the connection broke.
extension StreamPeer {
  /// Reads an unsigned byte. Godot: `get_u8`. (`sps_stream_get_u8`)
  public final func getU8() -> UInt8 { unsafe value(sps_stream_get_u8) }

  /// Reads a signed byte. Godot: `get_8`. (`sps_stream_get_8`)
  @inline(never)
  public final func get8() -> Int8 { unsafe value(sps_stream_get_8) }

  /// Reads an unsigned 16-bit integer. Godot: `get_u16`. (`sps_stream_get_u16`)
  public final func getU16() -> UInt16 { unsafe value(sps_stream_get_u16) }

  /// Reads a signed 16-bit integer. Godot: `get_16`. (`sps_stream_get_16`)
  @inline(never)
  public final func get16() -> Int16 { unsafe value(sps_stream_get_16) }

  /// Reads an unsigned 32-bit integer. Godot: `get_u32`. (`sps_stream_get_u32`)
  public final func getU32() -> UInt32 { unsafe value(sps_stream_get_u32) }

  /// Reads a signed 32-bit integer. Godot: `get_32`. (`sps_stream_get_32`)
  @inline(never)
  public final func get32() -> Int32 { unsafe value(sps_stream_get_32) }

  /// Reads an unsigned 64-bit integer. Godot: `get_u64`. (`sps_stream_get_u64`)
  public final func getU64() -> UInt64 { unsafe value(sps_stream_get_u64) }

  /// Reads a signed 64-bit integer. Godot: `get_64`. (`sps_stream_get_64`)
  @inline(never)
  public final func get64() -> Int64 { unsafe value(sps_stream_get_64) }

  /// Reads a half-precision number (binary16). Godot: `get_half`. (`sps_stream_get_half`)
  @inline(never)
  public final func getHalf() -> Float { unsafe value(sps_stream_get_half) }

  /// Reads a single-precision number (binary32). Godot: `get_float`. (`sps_stream_get_float`)
  public final func getFloat() -> Float { unsafe value(sps_stream_get_float) }

  /// Reads a double-precision number (binary64). Godot: `get_double`. (`sps_stream_get_double`)
  public final func getDouble() -> Double { unsafe value(sps_stream_get_double) }
}

// MARK: - Try to get

/// Each reads the whole value or nothing, and never waits. If it returns nil,
/// ``StreamPeer/lastError`` is ``GodotError/errBusy`` if the value is not all there yet. Not in
/// Godot.
extension StreamPeer {
  /// Reads an unsigned byte if it is there. (`sps_stream_try_get_u8`)
  public final func tryGetU8() -> UInt8? { unsafe valueIfThere(sps_stream_try_get_u8) }

  /// Reads a signed byte if it is there. (`sps_stream_try_get_8`)
  @inline(never)
  public final func tryGet8() -> Int8? { unsafe valueIfThere(sps_stream_try_get_8) }

  /// Reads an unsigned 16-bit integer if it is there. (`sps_stream_try_get_u16`)
  public final func tryGetU16() -> UInt16? { unsafe valueIfThere(sps_stream_try_get_u16) }

  /// Reads a signed 16-bit integer if it is there. (`sps_stream_try_get_16`)
  @inline(never)
  public final func tryGet16() -> Int16? { unsafe valueIfThere(sps_stream_try_get_16) }

  /// Reads an unsigned 32-bit integer if it is there. (`sps_stream_try_get_u32`)
  public final func tryGetU32() -> UInt32? { unsafe valueIfThere(sps_stream_try_get_u32) }

  /// Reads a signed 32-bit integer if it is there. (`sps_stream_try_get_32`)
  @inline(never)
  public final func tryGet32() -> Int32? { unsafe valueIfThere(sps_stream_try_get_32) }

  /// Reads an unsigned 64-bit integer if it is there. (`sps_stream_try_get_u64`)
  public final func tryGetU64() -> UInt64? { unsafe valueIfThere(sps_stream_try_get_u64) }

  /// Reads a signed 64-bit integer if it is there. (`sps_stream_try_get_64`)
  @inline(never)
  public final func tryGet64() -> Int64? { unsafe valueIfThere(sps_stream_try_get_64) }

  /// Reads a half-precision number (binary16) if it is there. (`sps_stream_try_get_half`)
  @inline(never)
  public final func tryGetHalf() -> Float? { unsafe valueIfThere(sps_stream_try_get_half) }

  /// Reads a single-precision number (binary32) if it is there. (`sps_stream_try_get_float`)
  public final func tryGetFloat() -> Float? { unsafe valueIfThere(sps_stream_try_get_float) }

  /// Reads a double-precision number (binary64) if it is there. (`sps_stream_try_get_double`)
  public final func tryGetDouble() -> Double? { unsafe valueIfThere(sps_stream_try_get_double) }
}

// MARK: - Put

/// Each writes one value in the stream's byte order, and returns the codes of
/// ``StreamPeer/putData(_:)-(UnsafeRawBufferPointer)``. After ``GodotError/errTimeout`` nothing was
/// sent.
extension StreamPeer {
  /// Writes an unsigned byte. Godot: `put_u8`. (`sps_stream_put_u8`)
  public final func putU8(_ value: UInt8) -> GodotError {
    unsafe note(sps_stream_put_u8(handle, value))
  }

  /// Writes a signed byte. Godot: `put_8`. (`sps_stream_put_8`)
  @inline(never)
  public final func put8(_ value: Int8) -> GodotError {
    unsafe note(sps_stream_put_8(handle, value))
  }

  /// Writes an unsigned 16-bit integer. Godot: `put_u16`. (`sps_stream_put_u16`)
  public final func putU16(_ value: UInt16) -> GodotError {
    unsafe note(sps_stream_put_u16(handle, value))
  }

  /// Writes a signed 16-bit integer. Godot: `put_16`. (`sps_stream_put_16`)
  @inline(never)
  public final func put16(_ value: Int16) -> GodotError {
    unsafe note(sps_stream_put_16(handle, value))
  }

  /// Writes an unsigned 32-bit integer. Godot: `put_u32`. (`sps_stream_put_u32`)
  public final func putU32(_ value: UInt32) -> GodotError {
    unsafe note(sps_stream_put_u32(handle, value))
  }

  /// Writes a signed 32-bit integer. Godot: `put_32`. (`sps_stream_put_32`)
  @inline(never)
  public final func put32(_ value: Int32) -> GodotError {
    unsafe note(sps_stream_put_32(handle, value))
  }

  /// Writes an unsigned 64-bit integer. Godot: `put_u64`. (`sps_stream_put_u64`)
  public final func putU64(_ value: UInt64) -> GodotError {
    unsafe note(sps_stream_put_u64(handle, value))
  }

  /// Writes a signed 64-bit integer. Godot: `put_64`. (`sps_stream_put_64`)
  @inline(never)
  public final func put64(_ value: Int64) -> GodotError {
    unsafe note(sps_stream_put_64(handle, value))
  }

  /// Writes a half-precision number (binary16), rounded to nearest, ties to even.
  /// Godot: `put_half`. (`sps_stream_put_half`)
  @inline(never)
  public final func putHalf(_ value: Float) -> GodotError {
    unsafe note(sps_stream_put_half(handle, value))
  }

  /// Writes a single-precision number (binary32). Godot: `put_float`. (`sps_stream_put_float`)
  public final func putFloat(_ value: Float) -> GodotError {
    unsafe note(sps_stream_put_float(handle, value))
  }

  /// Writes a double-precision number (binary64). Godot: `put_double`. (`sps_stream_put_double`)
  public final func putDouble(_ value: Double) -> GodotError {
    unsafe note(sps_stream_put_double(handle, value))
  }
}

// MARK: - One call of the C library

extension StreamPeer {
  private typealias Getter<Value> = (OpaquePointer?, UnsafeMutablePointer<Value>?) -> Int32

  // The C library sets the value to 0 on failure.
  @inline(__always)
  private final func value<Value: Numeric>(_ getter: Getter<Value>) -> Value {
    var value: Value = 0
    lastCode = unsafe getter(handle, &value)
    return value
  }

  @inline(__always)
  private final func valueIfThere<Value: Numeric>(_ getter: Getter<Value>) -> Value? {
    var value: Value = 0
    let code = unsafe getter(handle, &value)
    lastCode = code
    return code == 0 ? value : nil
  }
}
