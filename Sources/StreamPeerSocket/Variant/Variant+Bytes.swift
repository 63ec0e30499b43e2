// SPDX-License-Identifier: MIT
internal import CSocketCore

extension Variant {
  /// Decodes a value that `put_var` or `var_to_bytes` has written, without a length prefix. Godot:
  /// `bytes_to_var`. (`sps_variant_reader_next`)
  ///
  /// As in Godot, it ignores bytes after the value.
  ///
  /// - Parameters:
  ///   - bytes: an array, a slice, `Data` and so on.
  ///   - allowObjects: whether objects with properties are accepted. They are read as data. Objects
  ///     that are ids are always accepted.
  ///   - maxDepth: the limit of nested containers, 1 to 1,024. 1,024 is Godot's limit.
  ///   - maxMemoryBytes: the limit of the value's memory. 0 means the default: 4 bytes for each
  ///     byte that is read, plus 16 MiB (`SPS_VARIANT_SPARE_MEMORY_BYTES`).
  /// - Throws: ``VariantError``. The reason is ``VariantError/Reason/tooLarge`` with
  ///   ``GodotError/errOutOfMemory`` if the value exceeds `maxMemoryBytes`.
  public init(
    decoding bytes: some Collection<UInt8>, allowObjects: Bool = false, maxDepth: Int = 1024,
    maxMemoryBytes: Int = 0
  ) throws(VariantError) {
    let read = { (bytes: UnsafeRawBufferPointer) in
      unsafe VariantReader.read(
        bytes, allowObjects: allowObjects, maxDepth: maxDepth, maxMemoryBytes: maxMemoryBytes)
    }
    let result =
      unsafe bytes.withContiguousStorageIfAvailable { unsafe read(UnsafeRawBufferPointer($0)) }
      ?? Array(bytes).withUnsafeBytes { unsafe read($0) }
    self = try result.get()
  }

  /// Encodes the value like `put_var`, without a length prefix. Godot: `var_to_bytes`.
  /// (`sps_variant_write`)
  ///
  /// - Throws: ``VariantError`` for a value that Godot cannot write either. It has more than 1,024
  ///   levels of containers, exceeds 4 GiB, or contains an object whose class has no name. A
  ///   decoded value can always be encoded.
  public func encoded() throws(VariantError) -> [UInt8] {
    let result = unsafe VariantWriter.write(self, fullObjects: true) {
      code, bytes -> Result<[UInt8], VariantError> in
      switch GodotError(code: code) {
      case .ok: unsafe .success(Array(bytes))
      case .errParameterRangeError: .failure(VariantError(.tooDeep, code))
      case .errInvalidParameter: .failure(VariantError(.noClassName, code))
      default: .failure(VariantError(.tooLarge, code))
      }
    }
    return try result.get()
  }
}
