// SPDX-License-Identifier: MIT
internal import CSocketCore

extension PacketPeer {
  /// Puts a value as one packet. Godot: `put_var`. (`sps_packet_peer_put_var`)
  ///
  /// - Parameters:
  ///   - value: the value.
  ///   - fullObjects: as in ``StreamPeer/putVar(_:fullObjects:)``.
  /// - Returns: the codes of ``putPacket(_:)-(UnsafeRawBufferPointer)`` and of
  ///   ``StreamPeer/putVar(_:fullObjects:)``. As in Godot, ``GodotError/errOutOfMemory`` also
  ///   reports a value larger than ``encodeBufferMaxSize``.
  public final func putVar(_ value: Variant, fullObjects: Bool = false) -> GodotError {
    unsafe VariantWriter.write(value, fullObjects: fullObjects) { code, bytes in
      unsafe note(
        code == 0 ? sps_packet_peer_put_var(handle, bytes.baseAddress, bytes.count) : code)
    }
  }

  /// Takes the next packet as a value, and never waits. Godot: `get_var`.
  /// (`sps_packet_peer_get_var`)
  ///
  /// A packet that cannot be decoded is consumed, so the next call takes the next packet.
  ///
  /// - Parameters:
  ///   - allowObjects: whether objects with properties are accepted. They are read as data.
  ///   - maxMemoryBytes: see ``Variant/init(decoding:allowObjects:maxDepth:maxMemoryBytes:)``.
  /// - Returns: the value, or nil on failure. Godot's `null` is ``Variant/nil``. ``lastError`` is
  ///   one of:
  ///   - ``GodotError/errInvalidData``: the packet is not a value, or exceeds the limit of a
  ///     packet. In the latter case ``getPacketError()`` returns the same code, and the stream is
  ///     closed.
  ///   - ``GodotError/errUnauthorized``: the value contains an object that is not allowed.
  ///   - ``GodotError/errOutOfMemory``: the value exceeds `maxMemoryBytes`.
  ///   - The errors of ``getPacket()``.
  public final func getVar(allowObjects: Bool = false, maxMemoryBytes: Int = 0) -> Variant? {
    let (code, value) = unsafe VariantReader.take(
      allowObjects: allowObjects, maxMemoryBytes: maxMemoryBytes
    ) {
      unsafe sps_packet_peer_get_var(handle, $0, $1)
    }
    lastCode = code
    return value
  }

  /// Puts an `Encodable` value like ``putVar(_:fullObjects:)``. A struct becomes a Dictionary. Not
  /// in Godot. (`sps_packet_peer_put_var`)
  ///
  /// - Throws: the error of ``putVar(_:fullObjects:)`` as ``GodotError``, or an error of
  ///   ``Variant/init(encoding:)``.
  public final func put(_ value: some Encodable) throws {
    try putVar(Variant(encoding: value)).orThrow()
  }

  /// Takes the next packet like ``getVar(allowObjects:maxMemoryBytes:)``, and decodes it. Not in
  /// Godot. (`sps_packet_peer_get_var`)
  ///
  /// - Returns: the value, or nil if no packet is there yet.
  /// - Throws: ``lastError`` as ``GodotError`` if there is no value. If the value is not a `Value`,
  ///   it throws the error of ``Variant/decode(_:)``, and the packet is consumed.
  public final func tryGet<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value? {
    guard let variant = getVar() else {
      if lastError == .errUnavailable { return nil }
      throw lastError
    }
    return try variant.decode(type)
  }
}
