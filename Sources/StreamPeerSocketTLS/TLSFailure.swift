// SPDX-License-Identifier: MIT
internal import CSocketTLS

/// Why a TLS stream failed. (`sps_tls_failure`)
public enum TLSFailure: Int32, Sendable, CaseIterable {
  /// Nothing failed since the handshake began.
  case none = 0
  /// The peer's certificate, or one of its chain, has expired.
  case expired = 1
  /// It is not valid yet. The clock of this machine may be wrong.
  case notYetValid = 2
  /// No trusted authority has issued it, or an intermediate certificate is missing.
  case unknownIssuer = 3
  /// It is signed by itself, and not trusted.
  case selfSigned = 4
  /// It is for other names than the expected one.
  case wrongName = 5
  /// Its issuer has revoked it.
  case revoked = 6
  /// Another rule rejects it: a weak key, a wrong purpose, a bad signature.
  case badCertificate = 7
  /// The client sent no certificate, and this server requires one.
  case noCertificate = 8
  /// The two sides have no version of TLS in common.
  case protocolVersion = 9
  /// The two sides have no cipher, group or signature algorithm in common.
  case noSharedCipher = 10
  /// The two sides have no application protocol (ALPN) in common.
  case noSharedProtocol = 11
  /// The peer ended the connection with another alert: ``StreamPeerTLS/alert``.
  case peerAlert = 12
  /// The peer does not speak TLS.
  case notTLS = 13
  /// The peer broke the protocol, or bytes were changed on the way.
  case badRecord = 14
  /// The stream below ended during the handshake.
  case handshakeCut = 15
  /// The stream below ended without the end mark of TLS, or failed. Data may be missing.
  case truncated = 16
  /// There was no memory for the handshake, or for a record.
  case noMemory = 17
  /// The handshake or a graceful close was not complete in time.
  case timedOut = 18
  /// Any other failure. ``StreamPeerTLS/message`` has the words of OpenSSL.
  case other = 19
}

/// The parameters of a connection. (`sps_tls_info`)
public struct TLSInfo: Sendable, Hashable {
  /// The version of the protocol.
  public let version: TLSSettings.Version
  /// The cipher's standard name, such as `TLS_AES_256_GCM_SHA384`.
  public let cipher: String
  /// The application protocol (ALPN), or an empty text.
  public let negotiatedProtocol: String
  /// The name that the client requested (SNI), or an empty text.
  public let serverName: String
  /// The name of the group of the key exchange, such as `x25519`, or an empty text.
  public let group: String
  /// Whether the session was resumed. No certificate was sent then.
  public let isResumed: Bool

  init?(of stream: OpaquePointer?) {
    var info = unsafe sps_tls_info()
    unsafe info.struct_size = UInt32(MemoryLayout<sps_tls_info>.size)
    guard unsafe sps_tls_get_info(stream, &info) == 0,
      let version = unsafe TLSSettings.Version(rawValue: info.version)
    else { return nil }
    self.version = version
    cipher = unsafe String(cString: info.cipher)
    negotiatedProtocol = unsafe String(cString: info.`protocol`)
    serverName = unsafe String(cString: info.server_name)
    group = unsafe String(cString: info.group)
    isResumed = unsafe info.is_resumed != 0
  }
}
