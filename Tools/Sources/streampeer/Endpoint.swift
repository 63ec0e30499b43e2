// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import StreamPeerSocket

/// An address to listen on or to connect to.
enum Endpoint: CustomStringConvertible {
  case tcp(host: String, port: Int)
  case unix(path: String)

  var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}

/// The argument HOST:PORT. An IPv6 address has brackets.
struct HostAndPort {
  let host: String
  let port: Int

  /// Parses an option, and throws an error text for people.
  @Sendable static func parse(_ argument: String) throws -> HostAndPort {
    guard let parsed = HostAndPort(argument) else {
      throw ValidationError("write it as HOST:PORT, such as 127.0.0.1:7777 or [::1]:7777")
    }
    return parsed
  }

  init?(_ argument: String) {
    guard let colon = argument.lastIndex(of: ":"),
      let port = parsePort(argument[argument.index(after: colon)...], least: 0)
    else { return nil }
    var host = argument[..<colon]
    if host.hasPrefix("[") && host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self.host = String(host)
    self.port = port
  }

  init(host: String, port: Int) {
    (self.host, self.port) = (host, port)
  }

  var endpoint: Endpoint { .tcp(host: host, port: port) }
}

/// Parses a port: digits, from `least` to 65535.
func parsePort(_ text: some StringProtocol, least: Int) -> Int? {
  guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(text),
    least...65535 ~= port
  else { return nil }
  return port
}

/// Describes the failure of a socket. It uses the OS's own text if there is one.
func reason(_ error: GodotError, osError: Int32 = 0) -> String {
  let hasOwnWords = error == .errCantResolve || error == .errInvalidParameter || osError <= 0
  return hasOwnWords ? error.message : String(cString: strerror(osError)).lowercased()
}
