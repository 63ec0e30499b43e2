// SPDX-License-Identifier: MIT
internal import CSocketTLS
public import StreamPeerSocket

/// Settings beyond Godot's. (`sps_tls_settings`)
public struct TLSSettings {
  /// A version of TLS. (`sps_tls_version`)
  public enum Version: Int32, Sendable, Comparable {
    /// TLS 1.2 (RFC 5246).
    case tls12 = 0x0303
    /// TLS 1.3 (RFC 8446).
    case tls13 = 0x0304

    /// Returns whether the first version is older.
    public static func < (one: Version, other: Version) -> Bool { one.rawValue < other.rawValue }
  }

  /// The demand of a server. (`sps_tls_client_certificates`)
  public enum ClientCertificates: UInt32, Sendable {
    /// The server does not ask for a certificate.
    case none = 0
    /// It accepts clients without one. A certificate that is sent must be trusted.
    case optional = 1
    /// It refuses clients without a trusted certificate.
    case required = 2
  }

  /// The lowest version that is accepted. nil: TLS 1.2, or the minimum of the machine's OpenSSL if
  /// that is higher. (`min_version`)
  public var minVersion: Version?
  /// The highest version. nil: TLS 1.3, or the maximum of the machine's OpenSSL. (`max_version`)
  public var maxVersion: Version?
  /// A server's demand.
  public var clientCertificates = ClientCertificates.none
  /// Application protocols (ALPN, RFC 7301), most preferred first, such as `h2`.
  public var protocols: [String] = []
  /// A client's own certificate, with its chain, and its private key.
  public var identity: (certificate: X509Certificate, key: CryptoKey)?
  /// A server's trusted authorities for client certificates.
  public var clientTrustedChain: X509Certificate?
  /// A file for the secrets of all connections, in the format of SSLKEYLOGFILE. For debugging only.
  public var keyLogPath: String?
  /// The time at which certificates must be valid, in seconds from 1970-01-01 00:00 UTC. nil: the
  /// clock of the machine.
  public var verifyTimeSeconds: Int64?
  /// Whether sessions are resumed.
  public var resumesSessions = true
  /// Lists of revoked certificates, as PEM text. They need a trusted chain of your own. nil:
  /// nothing is checked for revocation. (`revocation_lists`)
  public var revocationLists: String?
  /// Whether TLS 1.2 accepts cipher suites without forward secrecy or authenticated encryption.
  /// (`old_ciphers`)
  public var acceptsOldCiphers = false
  /// For tests that replay: every random number follows from this number, so nothing is secret.
  /// nil or 0: the numbers are secret. (`insecure_seed`)
  public var insecureSeed: UInt64?

  /// Creates settings with every default.
  public init() {}

  // Calls a function of the C library with the settings. An embedded NUL is an invalid protocol.
  func withC(_ body: (UnsafePointer<sps_tls_settings>) -> Int32) -> Int32 {
    let isBroken = identity.map {
      unsafe $0.certificate.handle == nil || $0.key.handle == nil
    }
    if isBroken == true { return noMemory }
    if let chain = clientTrustedChain, unsafe chain.handle == nil { return noMemory }
    let texts = protocols.map { $0.utf8.contains(0) ? "" : $0 }.map { Array($0.utf8CString) }
    var settings = unsafe sps_tls_settings()
    unsafe settings.struct_size = UInt32(MemoryLayout<sps_tls_settings>.size)
    unsafe settings.min_version = minVersion?.rawValue ?? 0
    unsafe settings.max_version = maxVersion?.rawValue ?? 0
    unsafe settings.client_certificates = clientCertificates.rawValue
    unsafe settings.certificate = unsafe identity?.certificate.handle
    unsafe settings.key = unsafe identity?.key.handle
    unsafe settings.client_trusted_chain = unsafe clientTrustedChain?.handle
    unsafe settings.verify_time_s = verifyTimeSeconds ?? 0
    unsafe settings.no_resumption = resumesSessions ? 0 : 1
    unsafe settings.old_ciphers = acceptsOldCiphers ? 1 : 0
    unsafe settings.insecure_seed = insecureSeed ?? 0
    let lists = revocationLists.map { [$0.utf8.map { CChar(bitPattern: $0) }] } ?? []
    return unsafe withPointers(to: texts + lists) { pointers in
      unsafe settings.protocols = pointers.baseAddress
      unsafe settings.protocol_count = texts.count
      unsafe settings.revocation_lists = lists.isEmpty ? nil : UnsafeRawPointer(pointers.last!)
      unsafe settings.revocation_bytes = lists.first?.count ?? 0
      guard let keyLogPath else { return unsafe body(&settings) }
      return unsafe withCText(keyLogPath) { path in
        guard let path = unsafe path else { return GodotError.errInvalidParameter.rawValue }
        unsafe settings.key_log_path = unsafe path
        return unsafe body(&settings)
      }
    }
  }
}

// A certificate without a handle had no memory. It must not mean "none".
private let noMemory = GodotError.errOutOfMemory.rawValue

// Calls `body` with a pointer to each text.
private func withPointers<Result>(
  to texts: [[CChar]], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
  var pointers: [UnsafePointer<CChar>?] = unsafe []
  func add(_ index: Int) -> Result {
    guard index < texts.count else { return unsafe pointers.withUnsafeBufferPointer(body) }
    return unsafe texts[index].withUnsafeBufferPointer { text in
      unsafe pointers.append(text.baseAddress)
      return add(index + 1)
    }
  }
  return add(0)
}

/// The options of any number of connections. They never change, so several threads can use them.
/// Keep them: they hold the parsed certificates and the sessions to resume. Godot: `TLSOptions`.
/// (`sps_tls_options`)
@safe public final class TLSOptions: Sendable {
  // Any number of threads may use it.
  nonisolated(unsafe) let handle: OpaquePointer?

  /// The result of creating the options. With another one than `ok` they do not connect.
  public let lastError: GodotError

  private init(_ create: (UnsafeMutablePointer<OpaquePointer?>) -> Int32) {
    var handle: OpaquePointer?
    lastError = unsafe GodotError(code: create(&handle))
    unsafe self.handle = handle
  }

  deinit {
    unsafe sps_tls_options_destroy(handle)
  }

  /// Creates the options of a client that verifies the server. Godot: `TLSOptions.client`.
  /// (`sps_tls_options_create_client`)
  ///
  /// - Parameters:
  ///   - trustedChain: the trusted certificates. nil: those of the operating system.
  ///   - commonNameOverride: the name to request and verify, in place of the one of
  ///     ``StreamPeerTLS/connectToStream(_:commonName:clientOptions:)``. Empty: none.
  ///   - settings: more settings.
  /// - Returns: the options. ``lastError`` is `ok`, or the code of
  ///   `sps_tls_options_create_client()`.
  public static func client(
    trustedChain: X509Certificate? = nil, commonNameOverride: String = "",
    settings: TLSSettings = TLSSettings()
  ) -> TLSOptions {
    unsafe TLSOptions { made in
      unsafe settings.withC { settings in
        unsafe withCText(commonNameOverride) { name in
          if unsafe trustedChain != nil && trustedChain?.handle == nil { return noMemory }
          guard let name = unsafe name else { return GodotError.errInvalidParameter.rawValue }
          return unsafe sps_tls_options_create_client(
            trustedChain?.handle, name, settings, made)
        }
      }
    }
  }

  /// Creates the options of a client that does not verify names. Without `trustedChain` it verifies
  /// nothing. Godot: `TLSOptions.client_unsafe`. (`sps_tls_options_create_client_unsafe`)
  public static func clientUnsafe(
    trustedChain: X509Certificate? = nil, settings: TLSSettings = TLSSettings()
  ) -> TLSOptions {
    unsafe TLSOptions { made in
      unsafe settings.withC { settings in
        if unsafe trustedChain != nil && trustedChain?.handle == nil { return noMemory }
        return unsafe sps_tls_options_create_client_unsafe(trustedChain?.handle, settings, made)
      }
    }
  }

  /// Creates the options of a server. Godot: `TLSOptions.server`.
  /// (`sps_tls_options_create_server`)
  ///
  /// - Parameters:
  ///   - key: the private key of the certificate.
  ///   - certificate: the server's certificate and the intermediate ones.
  ///   - settings: more settings.
  public static func server(
    key: CryptoKey, certificate: X509Certificate, settings: TLSSettings = TLSSettings()
  ) -> TLSOptions {
    unsafe TLSOptions { made in
      unsafe settings.withC { settings in
        unsafe sps_tls_options_create_server(key.handle, certificate.handle, settings, made)
      }
    }
  }

  /// Whether the options are a server's. Godot: `is_server`. (`sps_tls_options_is_server`)
  public var isServer: Bool {
    var isServer = false
    unsafe sps_tls_options_is_server(handle, &isServer)
    return isServer
  }

  /// Whether the options are unsafe. Godot: `is_unsafe_client`.
  /// (`sps_tls_options_is_unsafe_client`)
  public var isUnsafeClient: Bool {
    var isUnsafe = false
    unsafe sps_tls_options_is_unsafe_client(handle, &isUnsafe)
    return isUnsafe
  }

  /// The override, or an empty text. Godot: `get_common_name_override`.
  /// (`sps_tls_options_get_common_name_override`)
  public var commonNameOverride: String {
    var name: UnsafePointer<CChar>?
    unsafe sps_tls_options_get_common_name_override(handle, &name)
    return unsafe name.map { unsafe String(cString: $0) } ?? ""
  }
}
