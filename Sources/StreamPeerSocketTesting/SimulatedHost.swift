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

  /// What streams, servers and pollers are made with that are to live on this host.
  /// (`sps_simulated_host_platform`)
  public var network: SocketNetwork {
    SocketNetwork(owner: world, platform: sps_simulated_host_platform(handle))
  }

  /// Makes an IP object that looks names up on this host. Unlike others, one thread uses it: the
  /// simulation's.
  public func makeIP(timeoutMilliseconds: Int = 0) -> IP {
    IP(timeoutMilliseconds: timeoutMilliseconds, network: network)
  }

  /// Gives it another address, up to 8. (`sps_simulated_host_add_address`)
  ///
  /// - Returns: `GodotError.ok`; `GodotError.errInvalidParameter`;
  ///   `GodotError.errAlreadyExists`; `GodotError.errCantAcquireResource`.
  @discardableResult
  public func addAddress(_ address: String) -> GodotError {
    godotError(sps_simulated_host_add_address(handle, address))
  }

  /// How many sockets, path locks, pollers and look-ups it has open.
  /// (`sps_simulated_host_open_handles`)
  public var openHandles: Int { sps_simulated_host_open_handles(handle) }

  /// How many sockets and locks it may have open at a time; zero: no limit.
  /// (`sps_simulated_host_set_handle_limit`)
  public func setHandleLimit(_ limit: Int) {
    sps_simulated_host_set_handle_limit(handle, max(0, limit))
  }

  /// Removes the files of Unix sockets whose programs are gone. (`sps_simulated_host_remove_files`)
  public func removeFiles() {
    sps_simulated_host_remove_files(handle)
  }
}
