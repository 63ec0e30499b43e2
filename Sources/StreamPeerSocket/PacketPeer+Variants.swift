// SPDX-License-Identifier: MIT
internal import CSocketCore

extension PacketPeer {
  /// Puts a value as one packet. Godot: `put_var`. (`sps_packet_peer_put_var`)
  ///
  /// - Parameters:
  ///   - value: the value.
  ///   - fullObjects: as in ``StreamPeer/putVar(_:fullObjects:)``.
  /// - Returns: as ``putPacket(_:)-(UnsafeRawBufferPointer)``; ``GodotError/errOutOfMemory`` when it is larger than
  ///   ``encodeBufferMaxSize``, as in Godot; ``GodotError/errParameterRangeError`` when it has more than
  ///   1,024 levels, ``GodotError/errInvalidParameter`` when an object's class has no name: nothing is
  ///   written.
  public final func putVar(_ value: Variant, fullObjects: Bool = false) -> GodotError {
    VariantWriter.write(value, fullObjects: fullObjects) { code, bytes in
      note(code == 0 ? sps_packet_peer_put_var(handle, bytes.baseAddress, bytes.count) : code)
    }
  }

  /// Takes the next packet as a value, and never waits. Godot: `get_var`. (`sps_packet_peer_get_var`)
  ///
  /// - Parameters:
  ///   - allowObjects: whether objects with properties are read, as data.
  ///   - maxMemoryBytes: as of ``Variant/init(decoding:allowObjects:maxDepth:maxMemoryBytes:)``.
  /// - Returns: nil when there is none: ``lastError`` is as for ``getPacket()``; and nil when the packet is no value
  ///   (``GodotError/errInvalidData``), has an object that is not allowed
  ///   (``GodotError/errUnauthorized``) or would take more memory than it may
  ///   (``GodotError/errOutOfMemory``): that packet has been taken then, and the next can be, whereas one above
  ///   the limit, which is ``GodotError/errInvalidData`` in ``getPacketError()`` too, closes the stream.
  ///   Godot's `null` is ``Variant/nil``.
  public final func getVar(allowObjects: Bool = false, maxMemoryBytes: Int = 0) -> Variant? {
    let (code, value) = VariantReader.take(
      allowObjects: allowObjects, maxMemoryBytes: maxMemoryBytes
    ) {
      sps_packet_peer_get_var(handle, $0, $1)
    }
    lastCode = code
    return value
  }

  /// Puts anything that is `Encodable` as ``putVar(_:fullObjects:)`` does: a struct as a Dictionary. Not in Godot.
  /// (`sps_packet_peer_put_var`)
  ///
  /// It throws what ``putVar(_:fullObjects:)`` answers, as ``GodotError``, and what ``Variant/init(encoding:)``
  /// throws.
  public final func put(_ value: some Encodable) throws {
    try putVar(Variant(encoding: value)).orThrow()
  }

  /// Takes the next packet as ``getVar(allowObjects:maxMemoryBytes:)`` does, and makes a `Value` of
  /// it: nil while there is none. Not in Godot. (`sps_packet_peer_get_var`)
  ///
  /// It throws ``lastError`` as ``GodotError`` when there is no value; and what
  /// ``Variant/decode(_:)`` throws when it is another than a `Value`: the packet has been taken then.
  public final func tryGet<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value? {
    guard let variant = getVar() else {
      if lastError == .errUnavailable { return nil }
      throw lastError
    }
    return try variant.decode(type)
  }
}
