// SPDX-License-Identifier: MIT
internal import CSocketTLS
public import StreamPeerSocket

/// A certificate, or several: a chain, or a list of trusted ones. Godot: `X509Certificate`.
/// (`sps_x509_certificate`)
@safe public final class X509Certificate {
  let handle: OpaquePointer?

  /// Creates an object without a certificate. (`sps_x509_certificate_create`)
  public init() {
    var handle: OpaquePointer?
    unsafe sps_x509_certificate_create(&handle)
    unsafe self.handle = handle
  }

  // Owns an object of the C library.
  init(owning handle: OpaquePointer) {
    unsafe self.handle = handle
  }

  deinit {
    unsafe sps_x509_certificate_destroy(handle)
  }

  /// Loads all certificates of a file, PEM or DER, in place of those that the object has. Godot:
  /// `load`. (`sps_x509_certificate_load`)
  ///
  /// - Returns: `ok`, or an error, after which nothing changes:
  ///   `errFileNotFound`, `errFileCantOpen`, `errFileCantRead`, `errInvalidData` (no certificate is
  ///   in it, or one is malformed), `errOutOfMemory`.
  @discardableResult
  public func load(_ path: String) -> GodotError {
    unsafe GodotError(code: withCText(path) { unsafe sps_x509_certificate_load(handle, $0) })
  }

  /// ``load(_:)`` from PEM text. Godot: `load_from_string`.
  /// (`sps_x509_certificate_load_from_string`)
  @discardableResult
  public func loadFromString(_ text: String) -> GodotError {
    loadFromMemory(text.utf8)
  }

  /// ``load(_:)`` from PEM or DER bytes. (`sps_x509_certificate_load_from_memory`)
  @discardableResult
  public func loadFromMemory(_ bytes: some Sequence<UInt8>) -> GodotError {
    unsafe Array(bytes).withUnsafeBytes { bytes in
      unsafe GodotError(
        code: sps_x509_certificate_load_from_memory(handle, bytes.baseAddress, bytes.count))
    }
  }

  /// Writes all certificates to a file, as PEM. Godot: `save`. (`sps_x509_certificate_save`)
  ///
  /// - Returns: `ok`, or `errUnconfigured` (the object is empty),
  ///   `errFileCantOpen`, `errFileCantWrite`, `errOutOfMemory`.
  @discardableResult
  public func save(_ path: String) -> GodotError {
    unsafe GodotError(code: withCText(path) { unsafe sps_x509_certificate_save(handle, $0) })
  }

  /// Returns all certificates as PEM text, or an empty text. Godot: `save_to_string`.
  /// (`sps_x509_certificate_save_to_string`)
  public func saveToString() -> String {
    var text: UnsafePointer<CChar>?
    var bytes = 0
    unsafe sps_x509_certificate_save_to_string(handle, &text, &bytes)
    return unsafe text.map { unsafe String(cString: $0) } ?? ""
  }

  /// The number of certificates. (`sps_x509_certificate_get_count`)
  public var count: Int {
    var count = 0
    unsafe sps_x509_certificate_get_count(handle, &count)
    return count
  }

  /// The readable part of one certificate. (`sps_x509_info`)
  public struct Info: Sendable, Hashable {
    /// Whether it may sign others.
    public let isAuthority: Bool
    /// The first second of its validity, from 1970-01-01 00:00 UTC.
    public let validFromSeconds: Int64
    /// The last second of its validity.
    public let validUntilSeconds: Int64
    /// The holder, such as `CN=example.org`.
    public let subject: String
    /// The holder of the certificate that signed it.
    public let issuer: String
    /// The host names and IP addresses that it is for, separated by commas.
    public let names: String
    /// The SHA-256 of the whole certificate, in hexadecimal digits.
    public let fingerprint: String
  }

  /// Describes a certificate, or returns nil if there is none of this index.
  /// (`sps_x509_certificate_get_info`)
  public func info(at index: Int = 0) -> Info? {
    var info = unsafe sps_x509_info()
    unsafe info.struct_size = UInt32(MemoryLayout<sps_x509_info>.size)
    guard index >= 0, unsafe sps_x509_certificate_get_info(handle, index, &info) == 0 else {
      return nil
    }
    return unsafe Info(
      isAuthority: info.is_authority != 0, validFromSeconds: info.valid_from_s,
      validUntilSeconds: info.valid_until_s, subject: String(cString: info.subject),
      issuer: String(cString: info.issuer), names: String(cString: info.names),
      fingerprint: String(cString: info.fingerprint))
  }
}
