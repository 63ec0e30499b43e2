// SPDX-License-Identifier: MIT
import StreamPeerSocket
import StreamPeerSocketTLS
import StreamPeerSocketTesting
import SwiftTestSupport
import Testing

@Suite("TLS on the simulated network", .watchdog)
struct SimulationTests {
  private typealias Lines = Connection<String, String>

  /// Runs a client against a server that sends each line back, over a bad network.
  private static func talk(seed: UInt64) async throws -> (lines: [String], trace: UInt64) {
    try await withSimulation(seed: seed) { simulation in
      let (server, phone) = try simulation.pair()
      simulation.setChaos(.badNetwork)
      let listener = try await Listener.tls(
        port: 443, tls: Identities.simulatedServer, coding: .lines, on: server)
      async let serving: Void = listener.run { connection in
        for try await line in connection.messages { try await connection.send("\(line)!") }
      }
      var lines: [String] = []
      let tls = Identities.simulatedClient
      for _ in 0..<2 {  // the second one resumes
        let connection = try await Lines.tls(
          "server", port: 443, tls: tls, coding: .lines, on: phone)
        for number in 0..<3 {
          try await connection.send("\(number)")
          lines.append(try #require(try await connection.receive()))
        }
        try await connection.finishSending()
        #expect(try await connection.receive() == nil)
        await connection.close()
      }
      listener.finish()
      try await serving
      return (lines, simulation.traceHash)
    }
  }

  @Test(arguments: 0..<30 as Range<UInt64>)
  func linesComeBackFromEachSeed(seed: UInt64) async throws {
    let lines = try await Self.talk(seed: seed).lines
    #expect(lines == ["0!", "1!", "2!", "0!", "1!", "2!"])
  }

  @Test func aRunReplays() async throws {
    let first = try await Self.talk(seed: 7)
    let second = try await Self.talk(seed: 7)
    #expect(first.trace == second.trace)
    #expect(try await Self.talk(seed: 8).trace != first.trace)
  }

  @Test func aHandshakeCostsRoundTripsOfTheSimulatedClock() async throws {
    let milliseconds = try await withSimulation { simulation in
      let (server, phone) = try simulation.pair(latency: 80_000)
      let listener = try await Listener.tls(
        port: 443, tls: Identities.simulatedServer, coding: .lines, on: server)
      async let accepted = listener.accept()
      let begin = phone.clock.now
      let connection = try await Lines.tls(
        "server", port: 443, tls: Identities.simulatedClient, coding: .lines, on: phone)
      let milliseconds = begin.duration(to: phone.clock.now) / .milliseconds(1)
      _ = try #require(try await accepted)
      connection.closeNow()
      return milliseconds
    }
    #expect((320...330).contains(milliseconds))  // of TCP and of TLS 1.3, 160 ms each
  }

  /// A relay on the way ends the connection below TLS. The lines before the cut arrive.
  @Test func aConnectionThatIsCutIsTruncated() async throws {
    try await withSimulation(seed: 3) { simulation in
      let (server, phone) = try simulation.pair()
      let relay = try #require(simulation.addHost("relay", "10.0.0.3")).loop
      let listener = try await Listener.tls(
        port: 443, tls: Identities.simulatedServer, coding: .lines, on: server)
      let way = try await Listener.tcp(port: 443, coding: .bytes, on: relay)
      async let accepted = listener.accept()
      async let taken = way.accept()
      async let connecting = Lines.tls(
        "relay", port: 443, tls: Identities.simulatedClient, coding: .lines, on: phone)
      let near = try #require(try await taken)
      let far = try await Connection.tcp("server", port: 443, coding: .bytes, on: relay)
      let carrying = [(near, far), (far, near)].map { from, to in
        Task(executorPreference: relay) {
          for try await bytes in from.messages { try await to.send(bytes) }
        }
      }
      let (client, peer) = (try await connecting, try #require(try await accepted))
      try await peer.send("before the cut")
      #expect(try await client.receive() == "before the cut")
      try await near.finishSending()
      let error = await #expect(throws: ConnectionError.self) { try await client.receive() }
      #expect(error?.reason == .truncated)
      #expect(error?.closeMessage.contains("close_notify") == true)
      for task in carrying { task.cancel() }
    }
  }

  @Test func aSilentNetworkEndsTheHandshakeInTime() async throws {
    try await withSimulation { simulation in
      let (server, phone) = try simulation.pair()
      let listener = try await Listener.tcp(port: 443, coding: .lines, on: server)
      async let accepted = listener.accept()  // it never answers
      let begin = phone.clock.now
      let error = await #expect(throws: ConnectionError.self) {
        try await Lines.tls(
          "server", port: 443, tls: Identities.simulatedClient, coding: .lines,
          timeout: .seconds(600), on: phone)
      }
      #expect(error?.reason == .connectTimedOut)
      #expect(abs(begin.duration(to: phone.clock.now) / .seconds(600) - 1) < 0.01)
      _ = try await accepted
    }
  }
}

extension Simulation {
  fileprivate func pair(
    latency: Int = 500
  ) throws -> (server: SocketLoop, phone: SocketLoop) {
    let server = try #require(addHost("server", "10.0.0.1"))
    let phone = try #require(addHost("phone", "10.0.0.2"))
    setLink(server, phone, latencyMicroseconds: latency)
    return (server.loop, phone.loop)
  }
}

extension Chaos {
  fileprivate static var badNetwork: Chaos {
    var chaos = Chaos()
    chaos.shortReads = 200
    chaos.shortWrites = 200
    chaos.cutDeliveries = 200
    chaos.lateDeliveries = 200
    chaos.lateMicroseconds = 20_000
    chaos.falseReadiness = 50
    chaos.isShuffled = true
    return chaos
  }
}
