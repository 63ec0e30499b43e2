// SPDX-License-Identifier: MIT
import StreamPeerSocket
import StreamPeerSocketTesting
import StreamPeerSocketTestingTraits
import Synchronization
import SwiftTestSupport
import Testing

@Suite("loops on the simulated network", .watchdog)
struct SimulatedLoopTests {
  @Test func aClientAndAServerTalkOverASlowLink() async throws {
    let (milliseconds, lines) = try await withSimulation { simulation in
      let (server, phone) = try simulation.pair(latency: 80_000)
      let echo = Task(executorPreference: server) {
        let listener = try await Listener.tcp(port: 80, coding: .lines)
        try await listener.run { connection in
          for try await line in connection.messages { try await connection.send("\(line)!") }
        }
      }
      let begin = phone.clock.now
      let connection = try await Connection.tcp("server", port: 80, coding: .lines, on: phone)
      var lines: [String] = []
      for number in 0..<3 {
        try await connection.send("\(number)")
        lines.append(try #require(try await connection.receive()))
      }
      echo.cancel()
      return (begin.duration(to: phone.clock.now) / .milliseconds(1), lines)
    }
    #expect(lines == ["0!", "1!", "2!"])
    #expect((640...660).contains(milliseconds))  // four round trips of 160 ms
  }

  @Test func aSleepCostsNoTime() async throws {
    // The watchdog ends a run of minutes.
    let hours = try await withSimulation { simulation in
      let (server, phone) = try simulation.pair()
      let begin = phone.clock.now
      async let other: Void = Task.sleep(for: .seconds(7200), clock: server.clock)
      try await Task.sleep(for: .seconds(3600), clock: phone.clock)
      let first = begin.duration(to: phone.clock.now)
      try await other
      return (first / .seconds(3600), begin.duration(to: phone.clock.now) / .seconds(3600))
    }
    #expect(abs(hours.0 - 1) < 0.001 && abs(hours.1 - 2) < 0.001)
  }

  @Test func timeoutsAreOfTheSimulatedClock() async throws {
    try await withSimulation { simulation in
      let (server, phone) = try simulation.pair()
      let listener = try await Listener.tcp(port: 80, coding: .lines, on: server)
      async let accepted = listener.accept()
      let connection = try await Connection.tcp("server", port: 80, coding: .lines, on: phone)
      let peer = try #require(try await accepted)
      let begin = phone.clock.now
      let error = await #expect(throws: ConnectionError.self) {
        try await connection.receive(within: .seconds(600))
      }
      #expect(error?.code == .errTimeout)
      #expect(abs(begin.duration(to: phone.clock.now) / .seconds(600) - 1) < 0.001)
      await connection.close()
      #expect(try await peer.receive() == nil)
    }
  }

  @Test func aConnectReachesItsTimeout() async throws {
    try await withSimulation { simulation in
      let phone = try simulation.cutOff()
      let begin = phone.clock.now
      let error = await #expect(throws: ConnectionError.self) {
        try await Connection.tcp("server", port: 80, timeout: .seconds(5), on: phone)
      }
      #expect(error?.reason == .connectTimedOut)
      #expect(abs(begin.duration(to: phone.clock.now) / .seconds(5) - 1) < 0.01)
    }
  }

  @Test(arguments: [Duration.zero, .seconds(-1), .nanoseconds(1)])
  func aConnectWithoutTimeEnds(timeout: Duration) async throws {
    try await withSimulation { simulation in
      let phone = try simulation.cutOff()
      let begin = phone.clock.now
      let error = await #expect(throws: ConnectionError.self) {
        try await Connection.tcp("server", port: 80, timeout: timeout, on: phone)
      }
      #expect(error?.reason == .connectTimedOut)
      #expect(begin.duration(to: phone.clock.now) < .milliseconds(10))
    }
  }

  // In the look-up, whose name server never answers, and while the peer is silent.
  @Test(arguments: [Simulation.NameAnswer.never, .addresses])
  func aCancelledConnectEndsAtOnce(answer: Simulation.NameAnswer) async throws {
    try await withSimulation { simulation in
      let phone = try simulation.cutOff()
      simulation.addName("shop", "10.0.0.1")
      simulation.setNameAnswer("shop", answer, afterMicroseconds: 1000)
      let task = Task(executorPreference: phone) {
        try await Connection.tcp("shop", port: 80)
      }
      try await Task.sleep(for: .seconds(2), clock: phone.clock)
      let begin = phone.clock.now
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(begin.duration(to: phone.clock.now) < .milliseconds(10))
    }
  }

  @Test func oneSeedIsOneRun() async throws {
    let seeds: [UInt64] = [1, 1, 2]
    var hashes: [UInt64] = []
    for seed in seeds {
      hashes.append(
        try await withSimulation(seed: seed) { simulation in
          let (server, phone) = try simulation.pair(latency: 5000, jitter: 3000)
          var chaos = Chaos()
          chaos.shortReads = 300
          chaos.cutDeliveries = 300
          simulation.setChaos(chaos)
          try await Self.exchange(server, phone)
          #expect(simulation.mistakes == 0)
          return simulation.traceHash
        })
    }
    #expect(hashes[0] == hashes[1] && hashes[0] != hashes[2])
  }

  private static func exchange(_ server: SocketLoop, _ phone: SocketLoop) async throws {
    let listener = try await Listener.tcp(port: 80, coding: .packets(), on: server)
    async let serving: Void = listener.run { connection in
      for try await packet in connection.messages { try await connection.send(packet) }
    }
    try await withThrowingTaskGroup { group in
      for client in 0..<5 {
        group.addTask(executorPreference: phone) {
          try await withConnection(to: .tcp("server", port: 80), coding: .packets()) { connection in
            for count in [1, 1000, 30_000] {
              let packet = [UInt8](repeating: UInt8(client), count: count)
              try await connection.send(packet)
              #expect(try await connection.receive() == packet)
            }
          }
        }
      }
      try await group.waitForAll()
    }
    listener.stop()
    try await serving
  }

  @Test func aDeadlockEndsTheTest() async throws {
    await #expect(throws: SimulationDeadlock.self) {
      try await withSimulation(deadlockTimeout: .seconds(1)) { simulation in
        let (server, _) = try simulation.pair()
        let listener = try await Listener.tcp(port: 80, coding: .lines, on: server)
        _ = try await listener.accept()
      }
    }
  }

  @Test func anErrorOfTheBodyIsThrown() async throws {
    struct Broken: Error {}
    await #expect(throws: Broken.self) { try await withSimulation { _ in throw Broken() } }
  }

  @Test func aCancelledTestEnds() async throws {
    let task = Task {
      try await withSimulation(deadlockTimeout: .seconds(3600)) { simulation in
        let (_, phone) = try simulation.pair()
        while true { try await Task.sleep(for: .seconds(1), clock: phone.clock) }
      }
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test func aConnectionMayOutliveItsSimulation() async throws {
    let connection = try await withSimulation { simulation in
      let (server, phone) = try simulation.pair()
      let listener = try await Listener.tcp(port: 80, coding: .lines, on: server)
      async let accepted = listener.accept()
      let connection = try await Connection.tcp("server", port: 80, coding: .lines, on: phone)
      _ = try await accepted
      return connection
    }
    connection.closeNow()
  }
}

extension Simulation {
  /// The loop of a phone whose server does not answer.
  fileprivate func cutOff() throws -> SocketLoop {
    let server = try #require(addHost("server", "10.0.0.1"))
    let phone = try #require(addHost("phone", "10.0.0.2"))
    cutLink(server, phone, .silent)
    return phone.loop
  }

  /// The loops of two hosts with a link.
  fileprivate func pair(
    latency: Int = 500, jitter: Int = 0
  ) throws -> (server: SocketLoop, phone: SocketLoop) {
    let server = try #require(addHost("server", "10.0.0.1"))
    let phone = try #require(addHost("phone", "10.0.0.2"))
    setLink(server, phone, latencyMicroseconds: latency, jitterMicroseconds: jitter)
    return (server.loop, phone.loop)
  }
}

@Suite("the trait of a simulated network", .watchdog, .simulatedNetwork(seed: 7))
struct SimulatedNetworkTraitTests {
  @Test(arguments: [1, 2])
  func eachTestCaseHasASimulation(number: Int) async throws {
    let simulation = Simulation.current
    #expect(simulation.nowMicroseconds == 1_000_000)
    let phone = try #require(simulation.addHost("phone", "10.0.0.2")).loop
    try await Task.sleep(for: .seconds(3600), clock: phone.clock)
    #expect(Simulation.current.nowMicroseconds > 3_600_000_000)
  }
}
