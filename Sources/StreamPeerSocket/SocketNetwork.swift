// SPDX-License-Identifier: MIT
internal import CSocketCore

/// The network of streams, servers and pollers: the machine's, or a host of a simulated network.
/// The module `StreamPeerSocketTesting` has the latter. (`sps_platform`)
///
/// It is not Sendable. One thread uses a simulation, so the compiler keeps all its objects
/// together.
@safe public struct SocketNetwork: Hashable {
  /// This machine's network.
  public static var machine: SocketNetwork { unsafe SocketNetwork(owner: nil, platform: nil) }

  // Keeps the platform alive. nil: it is the machine's.
  private let owner: AnyObject?
  let platform: OpaquePointer?

  /// Creates a network that lives as long as its owner.
  package init(owner: AnyObject?, platform: OpaquePointer?) {
    self.owner = owner
    unsafe self.platform = platform
  }

  /// Returns whether both are the same network.
  public static func == (one: SocketNetwork, other: SocketNetwork) -> Bool {
    unsafe one.platform == other.platform
  }

  /// Hashes the network.
  public func hash(into hasher: inout Hasher) { unsafe hasher.combine(platform) }
}
