// SPDX-License-Identifier: MIT
internal import CSocketCore

extension Variant {
  /// Reads a value from what `put_var` or `var_to_bytes` has written, without a length before it.
  /// Godot: `bytes_to_var`. (`sps_variant_reader_next`)
  ///
  /// Bytes behind the value are left alone, as in Godot.
  ///
  /// It throws ``VariantError``: ``VariantError/Reason/tooLarge`` with
  /// ``GodotError/errOutOfMemory`` when the value would take more memory than it may.
  ///
  /// - Parameters:
  ///   - bytes: an array, a slice, `Data` and so on.
  ///   - allowObjects: whether objects with properties are read, as data. Objects that are ids
  ///     always are.
  ///   - maxDepth: how many levels of containers are read at most: 1 to 1,024, which is Godot's.
  ///   - maxMemoryBytes: the memory that the value may take. 0: the default, which is 4 bytes for
  ///     each byte that is read, and 16 MiB (`SPS_VARIANT_SPARE_MEMORY_BYTES`).
  public init(
    decoding bytes: some Collection<UInt8>, allowObjects: Bool = false, maxDepth: Int = 1024,
    maxMemoryBytes: Int = 0
  ) throws(VariantError) {
    let read = { (bytes: UnsafeRawBufferPointer) in
      VariantReader.read(
        bytes, allowObjects: allowObjects, maxDepth: maxDepth, maxMemoryBytes: maxMemoryBytes)
    }
    let result =
      bytes.withContiguousStorageIfAvailable { read(UnsafeRawBufferPointer($0)) }
      ?? Array(bytes).withUnsafeBytes { read($0) }
    self = try result.get()
  }

  /// What `put_var` writes, without the length before it. Godot: `var_to_bytes`.
  /// (`sps_variant_write`)
  ///
  /// It throws for what Godot cannot write either: more than 1,024 levels of containers, more than 4
  /// GiB, an object whose class has no name. What was decoded can always be encoded.
  public func encoded() throws(VariantError) -> [UInt8] {
    let result = VariantWriter.write(self, fullObjects: true) {
      code, bytes -> Result<[UInt8], VariantError> in
      switch GodotError(code: code) {
      case .ok: .success(Array(bytes))
      case .errParameterRangeError: .failure(VariantError(.tooDeep, code))
      case .errInvalidParameter: .failure(VariantError(.noClassName, code))
      default: .failure(VariantError(.tooLarge, code))
      }
    }
    return try result.get()
  }
}
