// SPDX-License-Identifier: MIT
internal import CSocketSimulation
public import StreamPeerSocket

/// A call of the OS. (`sps_simulated_call`)
public enum SimulatedCall: Int32, Sendable, CaseIterable {
  /// Makes a socket. (`SPS_CALL_OPEN`)
  case open
  /// Binds a socket to an address. (`SPS_CALL_BIND`)
  case bind
  /// Sets an option of a socket. (`SPS_CALL_SET_OPTION`)
  case setOption
  /// Reads an option of a socket. (`SPS_CALL_GET_OPTION`)
  case getOption
  /// Lets a socket listen. (`SPS_CALL_LISTEN`)
  case listen
  /// Takes a connection from a listening socket. (`SPS_CALL_ACCEPT`)
  case accept
  /// Begins to connect a socket. (`SPS_CALL_CONNECT`)
  case connect
  /// Reads the result of a connect. (`SPS_CALL_CONNECT_RESULT`)
  case connectResult
  /// Reads bytes from a socket. (`SPS_CALL_RECEIVE`)
  case receive
  /// Writes bytes to a socket. (`SPS_CALL_SEND`)
  case send
  /// Counts the bytes that a socket has received. (`SPS_CALL_AVAILABLE`)
  case available
  /// Ends the sending side of a socket. (`SPS_CALL_SHUTDOWN_WRITE`)
  case shutdownWrite
  /// Waits for one socket. (`SPS_CALL_WAIT`)
  case wait
  /// Makes the OS's object that waits for many sockets. (`SPS_CALL_SELECTOR_CREATE`)
  case selectorCreate
  /// Adds a socket to a selector, changes it, or removes it. (`SPS_CALL_SELECTOR_SET`)
  case selectorSet
  /// Waits for the sockets of a selector. (`SPS_CALL_SELECTOR_WAIT`)
  case selectorWait
  /// Reads the address of the peer. (`SPS_CALL_PEER_ADDRESS`)
  case peerAddress
  /// Reads the local address of a socket. (`SPS_CALL_LOCAL_ADDRESS`)
  case localAddress
  /// Reads the TCP statistics of a connection. (`SPS_CALL_TCP_INFO`)
  case tcpInfo
  /// Reads the process and the user of a Unix peer. (`SPS_CALL_PEER_CREDENTIALS`)
  case peerCredentials
  /// Takes over a descriptor of the caller's. (`SPS_CALL_ADOPT`)
  case adopt
  /// Sets the permission bits of a Unix socket's file. (`SPS_CALL_SET_FILE_MODE`)
  case setFileMode
  /// Locks the path of a Unix server. (`SPS_CALL_LOCK_PATH`)
  case lockPath
  /// Begins the look-up of a name. (`SPS_CALL_LOOKUP_START`)
  case lookupStart
  /// Reads the result of a look-up. (`SPS_CALL_LOOKUP_RESULT`)
  case lookupResult
  /// Lists the addresses of the host. (`SPS_CALL_LOCAL_ADDRESSES`)
  case localAddresses
  /// It never fails.
  case close
  /// Reads the pending failure of a socket. (`SPS_CALL_PENDING_FAILURE`)
  case pendingFailure
}

/// The failure of a call. (`sps_simulated_fault`)
public enum SimulatedFault: Int32, Sendable, CaseIterable {
  /// Nothing can be done now, `EAGAIN`. (`SPS_FAULT_AGAIN`)
  case again
  /// The peer refuses the connection, `ECONNREFUSED`. (`SPS_FAULT_REFUSED`)
  case refused
  /// The peer resets the connection, `ECONNRESET`. (`SPS_FAULT_RESET`)
  case reset
  /// No route leads to the host, `EHOSTUNREACH`. (`SPS_FAULT_UNREACHABLE`)
  case unreachable
  /// No acknowledgement comes, `ETIMEDOUT`. (`SPS_FAULT_TIMED_OUT`)
  case timedOut
  /// No answer to keepalive comes, `ETIMEDOUT`. (`SPS_FAULT_NO_ANSWER`)
  case noAnswer
  /// The address is in use, `EADDRINUSE`. (`SPS_FAULT_ADDRESS_IN_USE`)
  case addressInUse
  /// The host does not have the address, `EADDRNOTAVAIL`. (`SPS_FAULT_ADDRESS_INVALID`)
  case addressInvalid
  /// The name does not exist, `EAI_NONAME`. (`SPS_FAULT_NAME_UNKNOWN`)
  case nameUnknown
  /// The OS refuses permission, `EACCES`. (`SPS_FAULT_DENIED`)
  case denied
  /// The process has no free descriptor, `EMFILE`. (`SPS_FAULT_NO_HANDLES`)
  case noHandles
  /// The OS has no memory, `ENOMEM`. (`SPS_FAULT_NO_MEMORY`)
  case noMemory
  /// The OS does not support the call. (`SPS_FAULT_UNSUPPORTED`)
  case unsupported
  /// The call fails for another reason, `EIO`. (`SPS_FAULT_FAILED`)
  case failed
  /// No name server answers, `EAI_AGAIN`. (`SPS_FAULT_NAME_UNANSWERED`)
  case nameUnanswered
}

extension SimulatedCall {
  /// Returns whether a call can fail in this way, by its manual page on Linux or a BSD.
  /// (`sps_simulated_call_may_fail`)
  public func mayFail(_ fault: SimulatedFault) -> Bool {
    sps_simulated_call_may_fail(rawValue, fault.rawValue)
  }
}

extension Simulation {
  /// Counts the calls of one kind on all hosts so far. nil counts all calls that can fail.
  /// (`sps_simulation_count_calls`)
  public func countCalls(_ call: SimulatedCall? = nil) -> Int {
    Int(clamping: sps_simulation_count_calls(world.handle, call?.rawValue ?? -1))
  }

  /// Makes one call fail, once. (`sps_simulation_fail_call`)
  ///
  /// - Parameters:
  ///   - call: the call that fails. nil: any call that can fail.
  ///   - nth: counted from the simulation's beginning, from 1. 0: none.
  ///   - fault: the failure.
  /// - Returns: `GodotError.ok`, or `GodotError.errInvalidParameter`, also if the call cannot fail
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
