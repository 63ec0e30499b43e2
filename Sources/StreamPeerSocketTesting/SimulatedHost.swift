// SPDX-License-Identifier: MIT
internal import CSocketSimulation
public import StreamPeerSocket

/// A machine in a ``Simulation``. (`sps_simulated_host`)
public final class SimulatedHost {
  let handle: OpaquePointer
  private let world: World

  init(handle: OpaquePointer, world: World) {
    self.handle = handle
    self.world = world
  }

  /// The network of this host, for the streams, servers and pollers that live on it.
  /// (`sps_simulated_host_platform`)
  public var network: SocketNetwork {
    SocketNetwork(owner: world, platform: sps_simulated_host_platform(handle))
  }

  /// Creates an IP object that resolves names on this host. Only the simulation's thread may use
  /// it.
  public func makeIP(timeoutMilliseconds: Int = 0) -> IP {
    IP(timeoutMilliseconds: timeoutMilliseconds, network: network)
  }

  /// Adds an address to the host, up to 8. (`sps_simulated_host_add_address`)
  ///
  /// - Returns: `GodotError.ok`, or:
  ///   - `GodotError.errInvalidParameter`: the address is invalid.
  ///   - `GodotError.errAlreadyExists`: the address is in use.
  ///   - `GodotError.errCantAcquireResource`: the host has 8 addresses.
  @discardableResult
  public func addAddress(_ address: String) -> GodotError {
    godotError(sps_simulated_host_add_address(handle, address))
  }

  /// The number of open sockets, path locks, pollers and look-ups.
  /// (`sps_simulated_host_open_handles`)
  public var openHandles: Int { sps_simulated_host_open_handles(handle) }

  /// Limits the open sockets and locks. 0, the default, sets no limit.
  /// (`sps_simulated_host_set_handle_limit`)
  public func setHandleLimit(_ limit: Int) {
    sps_simulated_host_set_handle_limit(handle, max(0, limit))
  }

  /// Removes the files of Unix sockets whose programs have ended.
  /// (`sps_simulated_host_remove_files`)
  public func removeFiles() {
    sps_simulated_host_remove_files(handle)
  }
}
