// SPDX-License-Identifier: MIT
internal import CSocketSimulation
public import StreamPeerSocket

/// A network in memory, to test programs that use StreamPeerSocket. It has hosts with addresses and
/// names, links with latency that can be cut, and a clock of its own. A run depends only on the
/// calls and on the seed. (`sps_simulation`)
///
/// ```swift
/// let simulation = Simulation(seed: 42)
/// let server = try #require(simulation.addHost("server", "10.0.0.1"))
/// let phone = try #require(simulation.addHost("phone", "10.0.0.2"))
/// simulation.setLink(server, phone, latencyMicroseconds: 80_000)
/// let peer = StreamPeerTCP(network: phone.network)
/// ```
///
/// A call that waits advances the clock from event to event until its result is there. Meanwhile
/// the closures of ``every(microseconds:_:)`` run. A wait in which nothing more can happen fails at
/// once.
///
/// One thread uses a simulation and all its objects, so none of them is Sendable. Streams and
/// pollers keep their network alive. The compiler lets a program send a taken connection to another
/// thread. Do not do that with a connection of a simulated server.
public final class Simulation {
  let world: World
  // Runs the loops of the hosts. nil: the simulation was not made by withSimulation().
  let driver: SimulationDriver?
  private var repetitions: [Repetition] = []

  /// Creates an empty simulation. (`sps_simulation_create`)
  ///
  /// Without memory every call returns `GodotError.errInvalidParameter`.
  ///
  /// - Parameters:
  ///   - seed: the seed of the random numbers.
  ///   - callMicroseconds: the time that each call of the network takes. Zero or less: 1.
  ///   - longestWaitMicroseconds: a wait without a timeout counts as a deadlock after this time,
  ///     even if closures still run. Zero or less: one hour.
  ///   - trace: receives each line of the trace.
  public convenience init(
    seed: UInt64 = 0, callMicroseconds: Int = 0, longestWaitMicroseconds: Int = 0,
    trace: ((String) -> Void)? = nil
  ) {
    let world = World(
      seed: seed, callMicroseconds: callMicroseconds,
      longestWaitMicroseconds: longestWaitMicroseconds, trace: trace)
    self.init(world, driver: nil)
  }

  init(_ world: World, driver: SimulationDriver?) {
    self.world = world
    self.driver = driver
  }

  deinit {
    for repetition in repetitions { repetition.stop() }
  }

  // MARK: Hosts and names

  /// Adds a host with the loopback addresses and the given one. (`sps_simulation_add_host`)
  ///
  /// - Parameters:
  ///   - name: its name in the trace and for look-ups of other hosts. At most 63 bytes.
  ///   - address: its first address. nil: only loopback.
  /// - Returns: the host, or nil if the name or the address is invalid or in use.
  public func addHost(_ name: String, _ address: String? = nil) -> SimulatedHost? {
    var host: OpaquePointer?
    if let address {
      sps_simulation_add_host(world.handle, name, address, &host)
    } else {
      sps_simulation_add_host(world.handle, name, nil, &host)
    }
    return host.map { SimulatedHost(name: name, handle: $0, world: world, driver: driver) }
  }

  /// Adds an address to a name. A new name is added too. (`sps_simulation_add_name`)
  ///
  /// - Returns: `GodotError.ok`, or:
  ///   - `GodotError.errInvalidParameter`: the name or the address is invalid.
  ///   - `GodotError.errCantAcquireResource`: the name has 16 addresses.
  ///   - `GodotError.errOutOfMemory`.
  @discardableResult
  public func addName(_ name: String, _ address: String) -> GodotError {
    godotError(sps_simulation_add_name(world.handle, name, address))
  }

  /// The answer of a name server. (`sps_name_answer`)
  public enum NameAnswer: Int32, Sendable, CaseIterable {
    /// The addresses of the name. (`SPS_NAME_ANSWER_ADDRESSES`)
    case addresses = 0
    /// The name does not exist. (`SPS_NAME_ANSWER_UNKNOWN`)
    case unknown = 1
    /// No answer at all. (`SPS_NAME_ANSWER_NEVER`)
    case never = 2
    /// A server failure. (`SPS_NAME_ANSWER_FAILURE`)
    case failure = 3
    /// The IPv4 addresses. A look-up of IPv6 or of both families gets no answer.
    /// (`SPS_NAME_ANSWER_IPV4_ALONE`)
    case ipv4Alone = 4
  }

  /// Sets the answer to look-ups of a name, and its delay. (`sps_simulation_set_name_answer`)
  ///
  /// - Returns: `GodotError.ok`, `GodotError.errInvalidParameter` or `GodotError.errOutOfMemory`.
  @discardableResult
  public func setNameAnswer(
    _ name: String, _ answer: NameAnswer, afterMicroseconds delay: Int = 1000
  ) -> GodotError {
    godotError(
      sps_simulation_set_name_answer(world.handle, name, answer.rawValue, UInt64(clamping: delay)))
  }

  // MARK: Links

  /// Sets the link between two hosts, or of one host to itself. (`sps_simulation_set_link`)
  ///
  /// - Parameters:
  ///   - one: a host.
  ///   - other: another host, or the same.
  ///   - latencyMicroseconds: the one-way latency. Zero: 500, or none for a host's link to itself.
  ///   - jitterMicroseconds: the limit of the random delay on top of the latency.
  ///   - bytesPerSecond: the rate limit of each connection in each direction. Zero: no limit.
  /// - Returns: `GodotError.ok`, or:
  ///   - `GodotError.errInvalidParameter`: the hosts belong to two simulations.
  ///   - `GodotError.errOutOfMemory`.
  @discardableResult
  public func setLink(
    _ one: SimulatedHost, _ other: SimulatedHost, latencyMicroseconds: Int = 0,
    jitterMicroseconds: Int = 0, bytesPerSecond: Int = 0
  ) -> GodotError {
    var options = sps_link_options()
    options.struct_size = UInt32(MemoryLayout<sps_link_options>.size)
    options.latency_us = UInt64(clamping: latencyMicroseconds)
    options.jitter_us = UInt32(clamping: jitterMicroseconds)
    options.bytes_per_second = UInt64(clamping: bytesPerSecond)
    return godotError(sps_simulation_set_link(one.handle, other.handle, &options))
  }

  /// How a link is cut. (`sps_link_cut`)
  public enum Cut: Int32, Sendable, CaseIterable {
    /// It is whole. (`SPS_LINK_CUT_NOT`)
    case not = 0
    /// Nothing arrives, without any error. (`SPS_LINK_CUT_SILENT`)
    case silent = 1
    /// Silent, but a router reports connects as unreachable. (`SPS_LINK_CUT_UNREACHABLE`)
    case unreachable = 2
    /// Connects are refused, connections continue. (`SPS_LINK_CUT_REFUSING`)
    case refusing = 3
  }

  /// Cuts a link, or restores it with ``Cut/not``. (`sps_simulation_cut_link`)
  ///
  /// - Returns: the codes of
  ///   ``setLink(_:_:latencyMicroseconds:jitterMicroseconds:bytesPerSecond:)``.
  @discardableResult
  public func cutLink(
    _ one: SimulatedHost, _ other: SimulatedHost, _ cut: Cut = .silent
  ) -> GodotError {
    godotError(sps_simulation_cut_link(one.handle, other.handle, cut.rawValue))
  }

  /// Cuts a link silently, and restores it after a time. (`sps_simulation_stall_link`)
  ///
  /// - Returns: the codes of
  ///   ``setLink(_:_:latencyMicroseconds:jitterMicroseconds:bytesPerSecond:)``.
  @discardableResult
  public func stallLink(
    _ one: SimulatedHost, _ other: SimulatedHost, microseconds: Int
  ) -> GodotError {
    godotError(
      sps_simulation_stall_link(one.handle, other.handle, UInt64(clamping: microseconds)))
  }

  /// Resets every TCP connection between two hosts. (`sps_simulation_reset_link`)
  ///
  /// - Returns: the codes of
  ///   ``setLink(_:_:latencyMicroseconds:jitterMicroseconds:bytesPerSecond:)``.
  @discardableResult
  public func resetLink(_ one: SimulatedHost, _ other: SimulatedHost) -> GodotError {
    godotError(sps_simulation_reset_link(one.handle, other.handle))
  }

  // MARK: Time

  /// The simulation's clock, in microseconds. (`sps_simulation_now_us`)
  public var nowMicroseconds: Int { Int(clamping: sps_simulation_now_us(world.handle)) }

  /// Advances the clock, and runs all events on the way. (`sps_simulation_advance`)
  public func advance(microseconds: Int) {
    sps_simulation_advance(world.handle, UInt64(clamping: microseconds))
  }

  /// Advances the clock to the next event and runs it. (`sps_simulation_step`)
  ///
  /// - Returns: false if nothing can happen.
  @discardableResult
  public func step() -> Bool { sps_simulation_step(world.handle) == GodotError.ok.rawValue }

  /// When the next event happens on the simulation's clock, in microseconds, or nil if nothing can
  /// happen. Nothing happens and the clock stays. (`sps_simulation_next_event_us`)
  ///
  /// Timeouts of streams and pollers are not events of the network. A wait of a `SocketPoller` with
  /// a timeout advances the clock to them.
  public var nextEventMicroseconds: Int? {
    var time: UInt64 = 0
    let error = sps_simulation_next_event_us(world.handle, &time)
    return error == GodotError.ok.rawValue ? Int(clamping: time) : nil
  }

  /// Calls `body` at each interval: while a call waits, in ``advance(microseconds:)`` and in
  /// ``step()``. It is never called inside itself. It ends with the simulation.
  /// (`sps_simulation_every`)
  ///
  /// - Returns: an object that stops it earlier, or nil if the interval is not positive.
  @discardableResult
  public func every(microseconds: Int, _ body: @escaping () -> Void) -> Repetition? {
    guard let repetition = Repetition(world: world, microseconds: microseconds, body) else {
      return nil
    }
    repetitions.append(repetition)
    return repetition
  }

  /// Returns a random number that follows from the seed. (`sps_simulation_random`)
  public func random() -> UInt64 { sps_simulation_random(world.handle) }

  // MARK: Trace

  /// A hash of all that has happened so far. Identical runs have the same hash.
  /// (`sps_simulation_get_trace_hash`)
  public var traceHash: UInt64 { sps_simulation_get_trace_hash(world.handle) }

  /// The number of misuses of the OS, such as a call with a closed handle.
  /// (`sps_simulation_count_mistakes`)
  public var mistakes: Int { Int(clamping: sps_simulation_count_mistakes(world.handle)) }

  /// The number of waits that failed because nothing more could happen.
  /// (`sps_simulation_count_deadlocks`)
  public var deadlocks: Int { Int(clamping: sps_simulation_count_deadlocks(world.handle)) }
}

func godotError(_ code: Int32) -> GodotError { GodotError(rawValue: code) ?? .failed }
