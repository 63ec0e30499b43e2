// SPDX-License-Identifier: MIT
internal import CSocketCore

extension StreamPeer {
  /// Writes the length as u32 in the stream's byte order and then the value, in one piece.
  /// Godot: `put_var`. (`sps_stream_put_var`)
  ///
  /// - Parameters:
  ///   - value: the value.
  ///   - fullObjects: whether objects with properties are written. Godot writes the id of one
  ///     otherwise, which it does not have here.
  /// - Returns: as ``putData(_:)-(UnsafeRawBufferPointer)``; ``GodotError/errUnauthorized`` when there
  ///   is an object with properties that is not allowed, ``GodotError/errParameterRangeError``
  ///   when it has more than 1,024 levels, ``GodotError/errInvalidParameter`` when an object's class
  ///   has no name: nothing is written.
  public final func putVar(_ value: Variant, fullObjects: Bool = false) -> GodotError {
    VariantWriter.write(value, fullObjects: fullObjects) { code, bytes in
      note(code == 0 ? sps_stream_put_var(handle, bytes.baseAddress, bytes.count) : code)
    }
  }

  /// Reads a value, and waits for it. Godot: `get_var`. (`sps_stream_get_var`)
  ///
  /// - Parameters:
  ///   - allowObjects: whether objects with properties are read, as data.
  ///   - maxMemoryBytes: as of ``Variant/init(decoding:allowObjects:maxDepth:maxMemoryBytes:)``.
  /// - Returns: nil when it failed: ``lastError`` is ``GodotError/errInvalidData`` when the bytes are
  ///   no value, ``GodotError/errUnauthorized`` when there is an object that is not allowed,
  ///   ``GodotError/errOutOfMemory`` when it would take more memory than it may: it has left the
  ///   stream then, and the next can be read. It is ``GodotError/errInvalidData``, too, when
  ///   its length is above ``StreamOptions/maxValueBytes``: then nothing was consumed. Else it is as
  ///   for ``getData(_:)``. Godot's `null` is ``Variant/nil``.
  public final func getVar(allowObjects: Bool = false, maxMemoryBytes: Int = 0) -> Variant? {
    variant(allowObjects, maxMemoryBytes, sps_stream_get_var)
  }

  /// Reads a value, whole or not at all, and never waits. (`sps_stream_try_get_var`)
  ///
  /// - Returns: nil when it is not there: ``lastError`` is ``GodotError/errBusy`` when the rest may
  ///   still come, else as for ``getVar(allowObjects:maxMemoryBytes:)``.
  public final func tryGetVar(allowObjects: Bool = false, maxMemoryBytes: Int = 0) -> Variant? {
    variant(allowObjects, maxMemoryBytes, sps_stream_try_get_var)
  }

  private typealias ValueGetter = (
    OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<Int>?
  ) -> Int32

  private final func variant(
    _ allowObjects: Bool, _ maxMemoryBytes: Int, _ getter: ValueGetter
  ) -> Variant? {
    let (code, value) = VariantReader.take(
      allowObjects: allowObjects, maxMemoryBytes: maxMemoryBytes
    ) { getter(handle, $0, $1) }
    lastCode = code
    return value
  }
}

// MARK: - Codable

extension StreamPeer {
  /// Writes anything that is `Encodable` as ``putVar(_:fullObjects:)`` does: a struct as a Dictionary. Not in
  /// Godot. (`sps_stream_put_var`)
  ///
  /// It throws what ``putVar(_:fullObjects:)`` answers, as ``GodotError``, and what ``Variant/init(encoding:)``
  /// throws.
  public final func put(_ value: some Encodable) throws {
    try putVar(Variant(encoding: value)).orThrow()
  }

  /// Reads a value as ``getVar(allowObjects:maxMemoryBytes:)`` does, and makes a `Value` of it. Not in
  /// Godot.
  /// (`sps_stream_get_var`)
  ///
  /// It throws ``lastError`` as ``GodotError`` when there is no value; and what
  /// ``Variant/decode(_:)`` throws when it is another than a `Value`, which has left the stream
  /// then.
  public final func get<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    guard let variant = getVar() else { throw lastError }
    return try variant.decode(type)
  }

  /// The same without waiting: nil while not all of it is there. Not in Godot.
  /// (`sps_stream_try_get_var`)
  public final func tryGet<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value? {
    guard let variant = tryGetVar() else {
      if lastError == .errBusy { return nil }
      throw lastError
    }
    return try variant.decode(type)
  }
}
