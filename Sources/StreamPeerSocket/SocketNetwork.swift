// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Where streams, servers and pollers live: this machine's network, or a host of a simulated one,
/// which the module `StreamPeerSocketTesting` has. (`sps_platform`)
///
/// It is not Sendable. One thread uses a simulation, and so the compiler keeps all that lives in
/// one together.
public struct SocketNetwork: Hashable {
  /// This machine's network.
  public static var machine: SocketNetwork { SocketNetwork(owner: nil, platform: nil) }

  // What keeps the platform alive; nil: it is the machine's.
  private let owner: AnyObject?
  let platform: OpaquePointer?

  /// One that lives as long as its owner.
  package init(owner: AnyObject?, platform: OpaquePointer?) {
    self.owner = owner
    self.platform = platform
  }

  /// Whether both are the same.
  public static func == (one: SocketNetwork, other: SocketNetwork) -> Bool {
    one.platform == other.platform
  }

  /// Makes equal networks alike.
  public func hash(into hasher: inout Hasher) { hasher.combine(platform) }
}
