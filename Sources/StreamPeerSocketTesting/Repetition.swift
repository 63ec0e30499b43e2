// SPDX-License-Identifier: MIT
internal import CSocketSimulation

/// A closure that ``Simulation/every(microseconds:_:)`` calls, until it is stopped.
public final class Repetition {
  private let world: World
  private let body: () -> Void
  private var isStopped = false

  init?(world: World, microseconds: Int, _ body: @escaping () -> Void) {
    self.world = world
    self.body = body
    let code = sps_simulation_every(
      world.handle, UInt64(clamping: microseconds), Self.call,
      Unmanaged.passUnretained(self).toOpaque())
    guard code == 0 else {
      isStopped = true
      return nil
    }
  }

  deinit {
    stop()
  }

  private static let call: @convention(c) (UnsafeMutableRawPointer?) -> Void = { userData in
    guard let userData else { return }
    Unmanaged<Repetition>.fromOpaque(userData).takeUnretainedValue().body()
  }

  /// Stops it. The closure itself may call this. (`sps_simulation_stop_every`)
  public func stop() {
    guard !isStopped else { return }
    isStopped = true
    sps_simulation_stop_every(world.handle, Self.call, Unmanaged.passUnretained(self).toOpaque())
  }
}
