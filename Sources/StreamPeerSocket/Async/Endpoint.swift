// SPDX-License-Identifier: MIT

/// Where a connection goes to, or a listener listens.
public enum Endpoint: Sendable, Hashable {
  /// A TCP port of a host: a name or an address.
  case tcp(_ host: String, port: Int)
  /// A Unix socket: the path of a file, or an abstract name. See ``StreamPeerUDS``.
  case unix(_ path: String)
}

extension Endpoint: CustomStringConvertible {
  /// Such as `example.org:80` or `[::1]:80`; a Unix socket's path.
  public var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): path
    }
  }
}
