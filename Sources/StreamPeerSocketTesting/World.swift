// SPDX-License-Identifier: MIT
internal import CSocketSimulation

// The C simulation, which this object owns. It lives as long as any object in it. One thread uses
// it.
final class World {
  let handle: OpaquePointer?
  private let trace: Trace?

  private final class Trace {
    let write: (String) -> Void
    init(_ write: @escaping (String) -> Void) { self.write = write }
  }

  init(
    seed: UInt64, callMicroseconds: Int, longestWaitMicroseconds: Int, trace: ((String) -> Void)?
  ) {
    self.trace = trace.map(Trace.init)
    var options = sps_simulation_options()
    options.struct_size = UInt32(MemoryLayout<sps_simulation_options>.size)
    options.seed = seed
    options.call_us = UInt32(clamping: callMicroseconds)
    options.longest_wait_us = UInt64(clamping: longestWaitMicroseconds)
    if let trace = self.trace {
      options.trace_user_data = Unmanaged.passUnretained(trace).toOpaque()
      options.trace = { userData, line in
        guard let userData, let line else { return }
        Unmanaged<Trace>.fromOpaque(userData).takeUnretainedValue().write(String(cString: line))
      }
    }
    var handle: OpaquePointer?
    sps_simulation_create(&options, &handle)
    self.handle = handle
  }

  deinit {
    sps_simulation_destroy(handle)
  }
}
