// SPDX-License-Identifier: MIT
import StreamPeerSocket
import StreamPeerSocketTLS

/// Loads the files that options name. A failure names the file.
enum TLSFiles {
  static func certificate(_ path: String) throws -> X509Certificate {
    let certificate = X509Certificate()
    try check(certificate.load(path), path, "certificate")
    return certificate
  }

  static func key(_ path: String) throws -> CryptoKey {
    let key = CryptoKey()
    try check(key.load(path), path, "key")
    return key
  }

  private static func check(_ error: GodotError, _ path: String, _ what: String) throws {
    switch error {
    case .ok: return
    case .errInvalidData: throw ToolError("\(path): no \(what) is in it")
    case .errUnauthorized: throw ToolError("\(path): the \(what) is encrypted")
    case .errFileNotFound: throw ToolError("\(path): there is no such file")
    default: throw ToolError("\(path): \(error.message)")
    }
  }
}

extension TLSOptions {
  /// Throws if the options could not be made.
  func checked() throws -> TLSOptions {
    switch lastError {
    case .ok: return self
    case .errInvalidData: throw ToolError("the key is not that of the certificate")
    case .errUnavailable:
      throw ToolError(
        "the trusted certificates of this system are not found: name some by --tls-ca")
    default: throw ToolError("the options of TLS: \(lastError.message)")
    }
  }
}

extension StreamPeerTLS {
  /// The result of the handshake, and the certificates of the peer, as lines for a person.
  var report: [String] {
    guard let info else { return [] }
    var parts = [info.version == .tls13 ? "TLS 1.3" : "TLS 1.2", info.cipher, info.group]
    if !info.negotiatedProtocol.isEmpty { parts.append("protocol \(info.negotiatedProtocol)") }
    if info.isResumed { parts.append("resumed") }
    let chain = getPeerCertificate()
    let certificates = (0..<(chain?.count ?? 0)).compactMap { chain?.info(at: $0) }
    return [parts.filter { !$0.isEmpty }.joined(separator: ", ")]
      + certificates.map { certificate in
        let names = certificate.names.isEmpty ? "" : ", for \(certificate.names)"
        return "  \(certificate.subject)\(names), issued by \(certificate.issuer)"
      }
  }
}
