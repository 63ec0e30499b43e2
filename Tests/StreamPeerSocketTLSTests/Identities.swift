// SPDX-License-Identifier: MIT
import StreamPeerSocketTLS
import Testing

/// A server's certificate for `game.test`, `localhost` and 127.0.0.1, with the authority that has
/// signed it, and another authority. Valid for a hundred years. The key protects nothing.
enum Identities {
  static var server: TLSOptions { .server(key: key, certificate: certificate) }
  static var client: TLSOptions { .client(trustedChain: authority) }
  static var stranger: TLSOptions { .client(trustedChain: load(otherAuthorityText)) }

  /// A server and its client for `game.test` in a simulated network. The signatures of Ed25519 have
  /// one size, so a run replays. The certificate is verified at a fixed time.
  static var simulatedServer: TLSOptions {
    let key = CryptoKey()
    #expect(key.loadFromString(simulatedKeyText) == .ok)
    return .server(key: key, certificate: load(simulatedText), settings: inJanuary2027)
  }
  static var simulatedClient: TLSOptions {
    .client(
      trustedChain: load(simulatedText), commonNameOverride: "game.test", settings: inJanuary2027)
  }

  private static var inJanuary2027: TLSSettings {
    var settings = TLSSettings()
    settings.verifyTimeSeconds = 1_800_000_000
    return settings
  }

  static var authority: X509Certificate { load(authorityText) }
  static var certificate: X509Certificate { load(certificateText) }
  static var key: CryptoKey {
    let key = CryptoKey()
    #expect(key.loadFromString(keyText) == .ok)
    return key
  }

  private static func load(_ text: String) -> X509Certificate {
    let certificate = X509Certificate()
    #expect(certificate.loadFromString(text) == .ok)
    return certificate
  }

  private static let authorityText = """
    -----BEGIN CERTIFICATE-----
    MIIBcDCCARegAwIBAgIUJSsTCRyDYF7begeIhykQXsZzTPQwCgYIKoZIzj0EAwIw
    DTELMAkGA1UEAwwCY2EwIBcNMjYxMTI5MTkwNTU4WhgPMjEyNjExMDUxOTA1NTha
    MA0xCzAJBgNVBAMMAmNhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEc6JckLec
    HYETblnRr+DclLG5uTBvEeep7HtFPyhGeHG3Jn5KfghGa7Uzuy+RmQFGm/z/52Fc
    s0eN8Y1ZAFzFE6NTMFEwHQYDVR0OBBYEFOKwpNVUrTNlxNqv4yRL8kjWIqHXMB8G
    A1UdIwQYMBaAFOKwpNVUrTNlxNqv4yRL8kjWIqHXMA8GA1UdEwEB/wQFMAMBAf8w
    CgYIKoZIzj0EAwIDRwAwRAIgUA4q5Oo7fZFL6hfvaDVT8ZzVMRgIEjyXXtSyTRIR
    8wICIH2k+JYBhOTT6UDQYtM8VQZtgcoI6FTr6OEu6YTwqXWi
    -----END CERTIFICATE-----
    """

  private static let otherAuthorityText = """
    -----BEGIN CERTIFICATE-----
    MIIBeDCCAR2gAwIBAgIUOGl+SU94GGHhfEIFktgN+Q+krdQwCgYIKoZIzj0EAwIw
    EDEOMAwGA1UEAwwFb3RoZXIwIBcNMjYxMTI5MTkwNTU4WhgPMjEyNjExMDUxOTA1
    NThaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
    +KvafWjv5nIBbJxKeFQyMtbEfrHXy8nMWfxJm1Y3lnKcDsjejGG2NdG2uNq5qHCe
    hH/k8U+213OXA3wlvZv0qKNTMFEwHQYDVR0OBBYEFEHaEIz6PGMaoQ1PIPoGlvqO
    W3clMB8GA1UdIwQYMBaAFEHaEIz6PGMaoQ1PIPoGlvqOW3clMA8GA1UdEwEB/wQF
    MAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAMRXBDEOGw8yOB9muNYtUdkkrxS7u4ls
    xt0n1cr/RmdHAiEA6U4gHcoCKBKTnbYCI+ZJ81CtX6GirX+yOWIjFqFugLA=
    -----END CERTIFICATE-----
    """

  private static let certificateText = """
    -----BEGIN CERTIFICATE-----
    MIIBlzCCAT2gAwIBAgIUJw+tqjItudPUBQPMUMU5WYkUmA8wCgYIKoZIzj0EAwIw
    DTELMAkGA1UEAwwCY2EwIBcNMjYxMTI5MTkwNTU4WhgPMjEyNjExMDUxOTA1NTha
    MA8xDTALBgNVBAMMBGdhbWUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARoDBbg
    8TQH3bv/grusx8BTNXQ8fIXe0bqmepXAU8PQJEY2lSnMm47MfIOAUiO3R5Y8wtUO
    RtrQ59u3O8BDaP8Ho3cwdTAlBgNVHREEHjAcgglnYW1lLnRlc3SCCWxvY2FsaG9z
    dIcEfwAAATAMBgNVHRMBAf8EAjAAMB0GA1UdDgQWBBSG6+7BuIPROACUMPMZK3+P
    BxXeRTAfBgNVHSMEGDAWgBTisKTVVK0zZcTar+MkS/JI1iKh1zAKBggqhkjOPQQD
    AgNIADBFAiEAnKwsEcefBhBPNm74b+Q4JXnWwOLbdtKVUtGC9IrqBkYCIGCCxtOo
    X28qOSRTDDfSHy3YIP0cth+l3EzQLg7Nyq6S
    -----END CERTIFICATE-----
    """

  private static let keyText = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgHMYh0vECv07Zx9n7
    pzPV7Sk0UFy51DmVZmwr9SGFpUGhRANCAARoDBbg8TQH3bv/grusx8BTNXQ8fIXe
    0bqmepXAU8PQJEY2lSnMm47MfIOAUiO3R5Y8wtUORtrQ59u3O8BDaP8H
    -----END PRIVATE KEY-----
    """

  private static let simulatedText = """
    -----BEGIN CERTIFICATE-----
    MIIBSjCB/aADAgECAhQZDW8zG1zCvMtxCJczPPU0arKxbjAFBgMrZXAwDzENMAsG
    A1UEAwwEZ2FtZTAgFw0yNjExMjkyMjAxNDdaGA8yMTI2MTEwNTIyMDE0N1owDzEN
    MAsGA1UEAwwEZ2FtZTAqMAUGAytlcAMhAGRZpmafe3ptVKbh0a5HApGr/5b5xa/O
    R7l5Wx3o9zm7o2kwZzAdBgNVHQ4EFgQUc6Z+EjN+WhJQVKgNKFbKfXmtCA8wHwYD
    VR0jBBgwFoAUc6Z+EjN+WhJQVKgNKFbKfXmtCA8wDwYDVR0TAQH/BAUwAwEB/zAU
    BgNVHREEDTALgglnYW1lLnRlc3QwBQYDK2VwA0EAnkGPznS9RugFQZWKV8ithKzU
    RuG7+4Jc64mHn+bY4yomwfvxB24ATbQ0OL7CUi3yrQe3WkX1xNjrOwJZJtmgDw==
    -----END CERTIFICATE-----
    """

  private static let simulatedKeyText = """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEINLmlDfzuYj4c+GcYKrvrLSUYTuE2QwFfyOwAm02y1+p
    -----END PRIVATE KEY-----
    """
}
