// SPDX-License-Identifier: MIT
internal import CSocketTLS
public import StreamPeerSocket

/// A key: private with its public part, or public only. Its memory is wiped at its end. Godot:
/// `CryptoKey`. (`sps_crypto_key`)
@safe public final class CryptoKey {
  let handle: OpaquePointer?

  /// Creates an object without a key. (`sps_crypto_key_create`)
  public init() {
    var handle: OpaquePointer?
    unsafe sps_crypto_key_create(&handle)
    unsafe self.handle = handle
  }

  // Owns an object of the C library.
  init(owning handle: OpaquePointer) {
    unsafe self.handle = handle
  }

  deinit {
    unsafe sps_crypto_key_destroy(handle)
  }

  /// Loads a key from a file, PEM or DER. Godot: `load`. (`sps_crypto_key_load`)
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - publicOnly: the file has a public key.
  /// - Returns: `ok`, or an error, after which nothing changes:
  ///   - `errFileNotFound`, `errFileCantOpen`, `errFileCantRead`: of the file.
  ///   - `errUnauthorized`: the key is encrypted.
  ///   - `errInvalidData`: no key of this kind is in it.
  ///   - `errOutOfMemory`.
  @discardableResult
  public func load(_ path: String, publicOnly: Bool = false) -> GodotError {
    unsafe GodotError(
      code: withCText(path) { unsafe sps_crypto_key_load(handle, $0, publicOnly) })
  }

  /// ``load(_:publicOnly:)`` from PEM text. Godot: `load_from_string`.
  /// (`sps_crypto_key_load_from_string`)
  @discardableResult
  public func loadFromString(_ text: String, publicOnly: Bool = false) -> GodotError {
    loadFromMemory(text.utf8, publicOnly: publicOnly)
  }

  /// ``load(_:publicOnly:)`` from PEM or DER bytes, such as an array or `String.utf8`.
  /// (`sps_crypto_key_load_from_memory`)
  @discardableResult
  public func loadFromMemory(
    _ bytes: some Collection<UInt8>, publicOnly: Bool = false
  ) -> GodotError {
    func load(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
      unsafe sps_crypto_key_load_from_memory(handle, bytes.baseAddress, bytes.count, publicOnly)
    }
    // Usually without a copy of the key, which nobody would wipe.
    if let code = bytes.withContiguousStorageIfAvailable(load) { return GodotError(code: code) }
    return unsafe GodotError(code: Array(bytes).withUnsafeBufferPointer(load))
  }

  /// Writes the key to a file, as PEM. Only the owner can read a new file of a private key. Godot:
  /// `save`. (`sps_crypto_key_save`)
  ///
  /// - Returns: `ok`, or `errUnconfigured` (the object has no such
  ///   key), `errFileCantOpen`, `errFileCantWrite`, `errOutOfMemory`.
  @discardableResult
  public func save(_ path: String, publicOnly: Bool = false) -> GodotError {
    unsafe GodotError(
      code: withCText(path) { unsafe sps_crypto_key_save(handle, $0, publicOnly) })
  }

  /// Returns the key as PEM text, or an empty text. The text is not wiped. Godot:
  /// `save_to_string`. (`sps_crypto_key_save_to_string`)
  public func saveToString(publicOnly: Bool = false) -> String {
    var text: UnsafePointer<CChar>?
    var bytes = 0
    unsafe sps_crypto_key_save_to_string(handle, publicOnly, &text, &bytes)
    return unsafe text.map { unsafe String(cString: $0) } ?? ""
  }

  /// Whether it is a public key without its private part. Godot: `is_public_only`.
  /// (`sps_crypto_key_is_public_only`)
  public func isPublicOnly() -> Bool {
    var isPublicOnly = false
    unsafe sps_crypto_key_is_public_only(handle, &isPublicOnly)
    return isPublicOnly
  }
}
