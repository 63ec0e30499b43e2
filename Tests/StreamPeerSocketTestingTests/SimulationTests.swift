// SPDX-License-Identifier: MIT
import StreamPeerSocket
import StreamPeerSocketTesting
import SwiftTestSupport
import Testing

/// The Swift interface of the simulated network. The C tests check the network's behaviour.
@Suite("Simulation", .timeLimit(.minutes(5)))
struct SimulationTests {
  // A server and a client, with a delay of 80 ms between them.
  private struct Game {
    let simulation: Simulation
    let serverHost, clientHost: SimulatedHost
    let server: TCPServer
    let client: StreamPeerTCP

    init(seed: UInt64 = 1, trace: ((String) -> Void)? = nil) throws {
      simulation = Simulation(seed: seed, trace: trace)
      serverHost = try #require(simulation.addHost("server", "10.0.0.1"))
      clientHost = try #require(simulation.addHost("client", "10.0.0.2"))
      #expect(simulation.setLink(serverHost, clientHost, latencyMicroseconds: 80_000) == .ok)
      server = TCPServer(network: serverHost.network)
      client = StreamPeerTCP(network: clientHost.network)
    }

    func connect() throws -> StreamPeerTCP {
      #expect(server.listen(4000) == .ok)
      #expect(client.connectToHost("server", port: 4000) == .ok)
      while client.getStatus() == .connecting {
        simulation.advance(microseconds: 1000)
        client.poll()
      }
      #expect(client.getStatus() == .connected)
      simulation.advance(microseconds: 100_000)
      return try #require(server.takeConnection())
    }
  }

  @Test func bytesTakeTheLatency() throws {
    let game = try Game()
    let peer = try game.connect()
    let start = game.simulation.nowMicroseconds
    #expect(game.client.putU32(7) == .ok)
    #expect(peer.getU32() == 7)
    #expect((80_000..<80_100).contains(game.simulation.nowMicroseconds - start))
  }

  @Test func theNextEventIsKnown() throws {
    let game = try Game()
    let peer = try game.connect()
    while game.simulation.step() {}
    #expect(game.simulation.nextEventMicroseconds == nil)
    #expect(game.client.putU8(7) == .ok)
    let now = game.simulation.nowMicroseconds
    let next = try #require(game.simulation.nextEventMicroseconds)
    #expect((79_000...80_000).contains(next - now))
    #expect(game.simulation.nowMicroseconds == now)
    game.simulation.advance(microseconds: next - now)
    #expect(peer.tryGetU8() == 7)
  }

  @Test func closuresRunWhileOneWaits() throws {
    let game = try Game()
    let peer = try game.connect()
    let echo = game.simulation.every(microseconds: 16_667) {
      if let value = peer.tryGetU8() { _ = peer.putU8(value + 1) }
    }
    _ = game.client.putU8(41)
    #expect(game.client.getU8() == 42)
    try #require(echo).stop()
    #expect(game.simulation.every(microseconds: 0) {} == nil)
  }

  @Test func aDeadlockFails() throws {
    let game = try Game()
    let peer = try game.connect()
    withExtendedLifetime(peer) {
      #expect(game.client.getU8() == 0)
      #expect(game.client.lastError == .failed)
    }
    #expect(game.simulation.deadlocks == 1)
    #expect(game.simulation.mistakes == 0)
  }

  @Test func cutsAndFaults() throws {
    let game = try Game()
    let peer = try game.connect()
    #expect(
      game.simulation.stallLink(game.serverHost, game.clientHost, microseconds: 3_000_000) == .ok)
    _ = game.client.putU8(1)
    #expect(peer.getU8() == 1)
    #expect(game.simulation.nowMicroseconds > 4_000_000)
    let sends = game.simulation.countCalls(.send)
    #expect(game.simulation.failCall(.send, nth: sends + 1, .reset) == .ok)
    #expect(game.client.putU8(2) == .failed)
    #expect(game.simulation.hasFailedCall)
    #expect(game.simulation.failCall(.close, nth: 1, .failed) == .errInvalidParameter)
    #expect(SimulatedCall.receive.mayFail(.reset) && !SimulatedCall.close.mayFail(.reset))
    #expect(SimulatedCall.pendingFailure.rawValue == 27 && SimulatedCall.allCases.count == 28)
    var chaos = Chaos()
    chaos.resets = 1001
    #expect(game.simulation.setChaos(chaos) == .errInvalidParameter)
    #expect(game.simulation.setChaos(nil) == .ok)
  }

  @Test func namesAndPollers() throws {
    let game = try Game()
    let network = game.clientHost.network
    let ip = game.clientHost.makeIP()
    game.simulation.addName("game.example", "10.0.0.1")
    #expect(ip.resolveHostname("game.example") == "10.0.0.1")
    game.simulation.setNameAnswer("game.example", .unknown)
    #expect(ip.resolveHostname("game.example").isEmpty)
    let poller = SocketPoller(network: network)
    #expect(poller.add(game.client) == .ok)
    #expect(SocketPoller().add(StreamPeerTCP(network: network)) != .ok)
    #expect(network == game.clientHost.network && network != game.serverHost.network)
    #expect(game.simulation.addHost("", "10.0.0.9") == nil)
  }

  @Test func aSeedIsARun() throws {
    var lines = 0
    func hash(_ seed: UInt64) throws -> UInt64 {
      let game = try Game(seed: seed) { _ in lines += 1 }
      game.simulation.setLink(
        game.serverHost, game.clientHost, latencyMicroseconds: 1000, jitterMicroseconds: 1000)
      _ = try game.connect()
      return game.simulation.traceHash
    }
    let first = try hash(1)
    #expect(try hash(1) == first)
    #expect(try hash(2) != first)
    #expect(lines > 10)
  }

  // A stream may outlive the last reference to its network.
  @Test func streamsKeepTheirNetwork() throws {
    let peer: StreamPeerTCP
    do {
      let game = try Game()
      peer = game.client
    }
    #expect(peer.connectToHost("10.0.0.1", port: 4000) == .ok)
    #expect(peer.getStatus() == .connecting)
  }
}
