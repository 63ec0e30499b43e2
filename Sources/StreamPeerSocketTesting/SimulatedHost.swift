// SPDX-License-Identifier: MIT
internal import CSocketSimulation
public import StreamPeerSocket

/// A machine in a ``Simulation``. (`sps_simulated_host`)
public final class SimulatedHost {
  let handle: OpaquePointer
  private let name: String
  private let world: World
  private let driver: SimulationDriver?

  init(name: String, handle: OpaquePointer, world: World, driver: SimulationDriver?) {
    self.name = name
    self.handle = handle
    self.world = world
    self.driver = driver
  }

  /// The network of this host, for the streams, servers and pollers that live on it.
  /// (`sps_simulated_host_platform`)
  public var network: SocketNetwork {
    SocketNetwork(owner: world, platform: sps_simulated_host_platform(handle))
  }

  /// The loop of this host, for its tasks, connections and listeners. It runs on the simulated
  /// clock.
  ///
  /// Only the body of ``withSimulation(seed:deadlockTimeout:_:)`` may use it.
  @available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
  public var loop: SocketLoop {
    guard let driver else { preconditionFailure("the simulation needs withSimulation()") }
    return driver.loop(of: handle, name: name, network: network)
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
