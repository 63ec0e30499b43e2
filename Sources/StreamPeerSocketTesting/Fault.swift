// SPDX-License-Identifier: MIT
internal import CSocketSimulation
public import StreamPeerSocket

/// What is called of the OS. (`sps_simulated_call`)
public enum SimulatedCall: Int32, Sendable, CaseIterable {
  case open, bind, setOption, getOption, listen, accept, connect, connectResult, receive, send
  case available, shutdownWrite, wait, selectorCreate, selectorSet, selectorWait, peerAddress
  case localAddress, tcpInfo, peerCredentials, adopt, setFileMode, lockPath, lookupStart
  case lookupResult, localAddresses
  /// It never fails.
  case close
}

/// How a call may fail. (`sps_simulated_fault`)
public enum SimulatedFault: Int32, Sendable, CaseIterable {
  case again, refused, reset, unreachable, timedOut, noAnswer, addressInUse, addressInvalid
  case nameUnknown, denied, noHandles, noMemory, unsupported, failed, nameUnanswered
}

extension SimulatedCall {
  /// Whether it may fail in this way at all, by its manual page on Linux.
  /// (`sps_simulated_call_may_fail`)
  public func mayFail(_ fault: SimulatedFault) -> Bool {
    sps_simulated_call_may_fail(rawValue, fault.rawValue)
  }
}

extension Simulation {
  /// How often something was called on all hosts so far; nil: anything that may fail.
  /// (`sps_simulation_count_calls`)
  public func countCalls(_ call: SimulatedCall? = nil) -> Int {
    Int(clamping: sps_simulation_count_calls(world.handle, call?.rawValue ?? -1))
  }

  /// Lets one call fail, once. (`sps_simulation_fail_call`)
  ///
  /// - Parameters:
  ///   - call: what is to fail; nil: anything that may.
  ///   - nth: counted from the simulation's beginning, from 1; 0: none.
  /// - Returns: ``GodotError/ok``; ``GodotError/errInvalidParameter``, also when the call may not fail
  ///   in this way.
  @discardableResult
  public func failCall(_ call: SimulatedCall?, nth: Int, _ fault: SimulatedFault) -> GodotError {
    godotError(
      sps_simulation_fail_call(
        world.handle, call?.rawValue ?? -1, UInt64(clamping: nth), fault.rawValue))
  }

  /// Whether the call of ``failCall(_:nth:_:)`` has failed. (`sps_simulation_has_failed_call`)
  public var hasFailedCall: Bool { sps_simulation_has_failed_call(world.handle) }
}
