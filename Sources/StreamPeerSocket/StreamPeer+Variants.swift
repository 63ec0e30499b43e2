// SPDX-License-Identifier: MIT
internal import CSocketCore

extension StreamPeer {
  /// Writes the length as u32 in the stream's byte order, then the value, as one put. Godot:
  /// `put_var`. (`sps_stream_put_var`)
  ///
  /// - Parameters:
  ///   - value: the value.
  ///   - fullObjects: whether objects with properties may be written. Without it Godot writes the
  ///     id of an object, which does not exist here.
  /// - Returns: the codes of ``putData(_:)-(UnsafeRawBufferPointer)``, or an error, after which
  ///   nothing is written:
  ///   - ``GodotError/errUnauthorized``: `value` contains an object with properties.
  ///   - ``GodotError/errParameterRangeError``: `value` has more than 1,024 levels.
  ///   - ``GodotError/errInvalidParameter``: the class of an object has no name.
  public final func putVar(_ value: Variant, fullObjects: Bool = false) -> GodotError {
    unsafe VariantWriter.write(value, fullObjects: fullObjects) { code, bytes in
      unsafe note(code == 0 ? sps_stream_put_var(handle, bytes.baseAddress, bytes.count) : code)
    }
  }

  /// Reads a value, and waits for it. Godot: `get_var`. (`sps_stream_get_var`)
  ///
  /// - Parameters:
  ///   - allowObjects: whether objects with properties are accepted. They are read as data.
  ///   - maxMemoryBytes: see ``Variant/init(decoding:allowObjects:maxDepth:maxMemoryBytes:)``.
  /// - Returns: the value, or nil on failure. Godot's `null` is ``Variant/nil``. ``lastError`` is
  ///   one of:
  ///   - ``GodotError/errInvalidData``: the bytes are not a value. They are consumed. It also
  ///     reports a length above ``StreamOptions/maxValueBytes``, and then nothing is consumed.
  ///   - ``GodotError/errUnauthorized``: the value contains an object that is not allowed. The
  ///     value is consumed.
  ///   - ``GodotError/errOutOfMemory``: the value exceeds `maxMemoryBytes`. The value is consumed.
  ///   - The errors of ``getData(_:)``.
  public final func getVar(allowObjects: Bool = false, maxMemoryBytes: Int = 0) -> Variant? {
    unsafe variant(allowObjects, maxMemoryBytes, sps_stream_get_var)
  }

  /// ``getVar(allowObjects:maxMemoryBytes:)`` without waiting. (`sps_stream_try_get_var`)
  ///
  /// - Returns: the value, or nil. ``lastError`` is ``GodotError/errBusy`` if it is not all there
  ///   yet.
  public final func tryGetVar(allowObjects: Bool = false, maxMemoryBytes: Int = 0) -> Variant? {
    unsafe variant(allowObjects, maxMemoryBytes, sps_stream_try_get_var)
  }

  private typealias ValueGetter = (
    OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<Int>?
  ) -> Int32

  private final func variant(
    _ allowObjects: Bool, _ maxMemoryBytes: Int, _ getter: ValueGetter
  ) -> Variant? {
    let (code, value) = unsafe VariantReader.take(
      allowObjects: allowObjects, maxMemoryBytes: maxMemoryBytes
    ) { unsafe getter(handle, $0, $1) }
    lastCode = code
    return value
  }
}

// MARK: - Codable

extension StreamPeer {
  /// Writes an `Encodable` value like ``putVar(_:fullObjects:)``. A struct becomes a Dictionary.
  /// Not in Godot. (`sps_stream_put_var`)
  ///
  /// - Throws: the error of ``putVar(_:fullObjects:)`` as ``GodotError``, or an error of
  ///   ``Variant/init(encoding:)``.
  public final func put(_ value: some Encodable) throws {
    try putVar(Variant(encoding: value)).orThrow()
  }

  /// Reads a value like ``getVar(allowObjects:maxMemoryBytes:)``, and decodes it. Not in Godot.
  /// (`sps_stream_get_var`)
  ///
  /// - Throws: ``lastError`` as ``GodotError`` if there is no value. If the value is not a `Value`,
  ///   it throws the error of ``Variant/decode(_:)``, and the value is consumed.
  public final func get<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    guard let variant = getVar() else { throw lastError }
    return try variant.decode(type)
  }

  /// ``get(_:)`` without waiting. Not in Godot. (`sps_stream_try_get_var`)
  ///
  /// - Returns: the value, or nil if it is not all there yet.
  public final func tryGet<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value? {
    guard let variant = tryGetVar() else {
      if lastError == .errBusy { return nil }
      throw lastError
    }
    return try variant.decode(type)
  }
}
