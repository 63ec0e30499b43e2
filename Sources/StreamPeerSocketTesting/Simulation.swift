// SPDX-License-Identifier: MIT
internal import CSocketSimulation
public import StreamPeerSocket

/// A network that exists in memory, for testing programs that use StreamPeerSocket: hosts with
/// addresses and names, links with latency that can be cut, and a clock that costs no time to wait
/// for. All that happens follows from the calls that are made and from the seed. (`sps_simulation`)
///
/// ```swift
/// let simulation = Simulation(seed: 42)
/// let server = try #require(simulation.addHost("server", "10.0.0.1"))
/// let phone = try #require(simulation.addHost("phone", "10.0.0.2"))
/// simulation.setLink(server, phone, latencyMicroseconds: 80_000)
/// let peer = StreamPeerTCP(network: phone.network)
/// ```
///
/// A call that waits moves the simulation's clock on to the next event, and to the one after it,
/// until what it waits for has come; meanwhile the closures of ``every(microseconds:_:)`` run. A
/// wait in which nothing can happen any more fails at once. One thread uses a simulation and all
/// that lives in it: none of it is Sendable. (A connection that a server takes may be sent
/// elsewhere. Of a simulated server it may not, although the compiler cannot see that.) Streams and
/// pollers keep the network alive that they live in.
public final class Simulation {
  let world: World
  private var repetitions: [Repetition] = []

  /// Makes a simulation in which there is nothing yet. (`sps_simulation_create`)
  ///
  /// Without memory every call answers `GodotError.errInvalidParameter`.
  ///
  /// - Parameters:
  ///   - seed: what chance begins with.
  ///   - callMicroseconds: what each call of the network takes. Zero, or less: 1.
  ///   - longestWaitMicroseconds: after how long a wait without an end counts as a deadlock although
  ///     closures still run. Zero, or less: an hour.
  ///   - trace: gets a line of text for each thing that happens.
  public init(
    seed: UInt64 = 0, callMicroseconds: Int = 0, longestWaitMicroseconds: Int = 0,
    trace: ((String) -> Void)? = nil
  ) {
    world = World(
      seed: seed, callMicroseconds: callMicroseconds,
      longestWaitMicroseconds: longestWaitMicroseconds, trace: trace)
  }

  deinit {
    for repetition in repetitions { repetition.stop() }
  }

  // MARK: Hosts and names

  /// Adds a host, which has the loopback addresses and this one. (`sps_simulation_add_host`)
  ///
  /// - Parameters:
  ///   - name: what the trace calls it, and a name by which the others find it. At most 63 bytes.
  ///   - address: its first address; nil: none but loopback.
  /// - Returns: nil when the name or the address is none, or is taken.
  public func addHost(_ name: String, _ address: String? = nil) -> SimulatedHost? {
    var host: OpaquePointer?
    if let address {
      sps_simulation_add_host(world.handle, name, address, &host)
    } else {
      sps_simulation_add_host(world.handle, name, nil, &host)
    }
    return host.map { SimulatedHost(handle: $0, world: world) }
  }

  /// Adds an address to a name, and the name when it is new. (`sps_simulation_add_name`)
  ///
  /// - Returns: `GodotError.ok`; `GodotError.errInvalidParameter`;
  ///   `GodotError.errCantAcquireResource` when it has 16 addresses; `GodotError.errOutOfMemory`.
  @discardableResult
  public func addName(_ name: String, _ address: String) -> GodotError {
    godotError(sps_simulation_add_name(world.handle, name, address))
  }

  /// What a name server answers. (`sps_name_answer`)
  public enum NameAnswer: Int32, Sendable, CaseIterable {
    /// The addresses of the name. (`SPS_NAME_ANSWER_ADDRESSES`)
    case addresses = 0
    /// That there is no such name. (`SPS_NAME_ANSWER_UNKNOWN`)
    case unknown = 1
    /// Nothing at all. (`SPS_NAME_ANSWER_NEVER`)
    case never = 2
    /// That the name server has no answer now. (`SPS_NAME_ANSWER_FAILURE`)
    case failure = 3
    /// The IPv4 addresses, and nothing at all of IPv6. (`SPS_NAME_ANSWER_IPV4_ALONE`)
    case ipv4Alone = 4
  }

  /// Chooses what look-ups of a name come to, and after how long. (`sps_simulation_set_name_answer`)
  ///
  /// - Returns: `GodotError.ok`; `GodotError.errInvalidParameter`; `GodotError.errOutOfMemory`.
  @discardableResult
  public func setNameAnswer(
    _ name: String, _ answer: NameAnswer, afterMicroseconds delay: Int = 1000
  ) -> GodotError {
    godotError(
      sps_simulation_set_name_answer(world.handle, name, answer.rawValue, UInt64(clamping: delay)))
  }

  // MARK: Links

  /// Links two hosts in this way, or one to itself. (`sps_simulation_set_link`)
  ///
  /// - Parameters:
  ///   - one: a host.
  ///   - other: another host, or the same.
  ///   - latencyMicroseconds: one way. Zero: 500; of a host to itself none.
  ///   - jitterMicroseconds: at most this much more, by chance.
  ///   - bytesPerSecond: what each connection may send each way; zero: no limit.
  /// - Returns: `GodotError.ok`; `GodotError.errInvalidParameter` for hosts of two simulations;
  ///   `GodotError.errOutOfMemory`.
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
    /// Nothing arrives, and nobody is told. (`SPS_LINK_CUT_SILENT`)
    case silent = 1
    /// The same, but who connects is told. (`SPS_LINK_CUT_UNREACHABLE`)
    case unreachable = 2
    /// Who connects is refused; connections go on. (`SPS_LINK_CUT_REFUSING`)
    case refusing = 3
  }

  /// Cuts a link, or mends it with ``Cut/not``. (`sps_simulation_cut_link`)
  ///
  /// - Returns: as ``setLink(_:_:latencyMicroseconds:jitterMicroseconds:bytesPerSecond:)``.
  @discardableResult
  public func cutLink(
    _ one: SimulatedHost, _ other: SimulatedHost, _ cut: Cut = .silent
  ) -> GodotError {
    godotError(sps_simulation_cut_link(one.handle, other.handle, cut.rawValue))
  }

  /// Cuts a link silently, and mends it after a time. (`sps_simulation_stall_link`)
  ///
  /// - Returns: as ``setLink(_:_:latencyMicroseconds:jitterMicroseconds:bytesPerSecond:)``.
  @discardableResult
  public func stallLink(
    _ one: SimulatedHost, _ other: SimulatedHost, microseconds: Int
  ) -> GodotError {
    godotError(
      sps_simulation_stall_link(one.handle, other.handle, UInt64(clamping: microseconds)))
  }

  /// Resets every TCP connection between two hosts. (`sps_simulation_reset_link`)
  ///
  /// - Returns: as ``setLink(_:_:latencyMicroseconds:jitterMicroseconds:bytesPerSecond:)``.
  @discardableResult
  public func resetLink(_ one: SimulatedHost, _ other: SimulatedHost) -> GodotError {
    godotError(sps_simulation_reset_link(one.handle, other.handle))
  }

  // MARK: Time

  /// The simulation's clock, in microseconds. (`sps_simulation_now_us`)
  public var nowMicroseconds: Int { Int(clamping: sps_simulation_now_us(world.handle)) }

  /// Lets a time pass, with all that happens in it. (`sps_simulation_advance`)
  public func advance(microseconds: Int) {
    sps_simulation_advance(world.handle, UInt64(clamping: microseconds))
  }

  /// Goes on to the next event, and lets it happen. (`sps_simulation_step`)
  ///
  /// - Returns: false when nothing can happen.
  @discardableResult
  public func step() -> Bool { sps_simulation_step(world.handle) == GodotError.ok.rawValue }

  /// Calls `body` each time the interval is over: while anything waits, and in
  /// ``advance(microseconds:)`` and ``step()``; never inside of itself. It ends with the simulation.
  /// (`sps_simulation_every`)
  ///
  /// - Returns: what ends it before; nil when the interval is not above 0.
  @discardableResult
  public func every(microseconds: Int, _ body: @escaping () -> Void) -> Repetition? {
    guard let repetition = Repetition(world: world, microseconds: microseconds, body) else {
      return nil
    }
    repetitions.append(repetition)
    return repetition
  }

  /// A number by chance that follows from the seed. (`sps_simulation_random`)
  public func random() -> UInt64 { sps_simulation_random(world.handle) }

  // MARK: Trace

  /// A number for all that has happened so far; two runs that are alike have the same.
  /// (`sps_simulation_get_trace_hash`)
  public var traceHash: UInt64 { sps_simulation_get_trace_hash(world.handle) }

  /// How often something was done that no OS takes well. (`sps_simulation_count_mistakes`)
  public var mistakes: Int { Int(clamping: sps_simulation_count_mistakes(world.handle)) }

  /// How many waits have failed since nothing could happen any more.
  /// (`sps_simulation_count_deadlocks`)
  public var deadlocks: Int { Int(clamping: sps_simulation_count_deadlocks(world.handle)) }
}

func godotError(_ code: Int32) -> GodotError { GodotError(rawValue: code) ?? .failed }
