// SPDX-License-Identifier: MIT
import StreamPeerSocket
import StreamPeerSocketTesting
import SwiftTestSupport
import Synchronization
import Testing

@Suite("edges of the simulation", .watchdog)
struct SimulationEdgeTests {
  @Test func aBodyVisitsOtherThreads() async throws {
    // One visit may wait for other tests. Not each lasts until the driver gives up its wait.
    let shortest = try await withSimulation(deadlockTimeout: .seconds(30)) { _ in
      var times: [Duration] = []
      for _ in 0..<5 {
        times.append(await ContinuousClock().measure { await MainActor.run {} })
      }
      return times.dropFirst().min()
    }
    #expect(try #require(shortest) < .seconds(20))
  }

  /// The driver may have handled a message before the wake that announces it. A task may wait for
  /// a thread as long as other tests hold them all.
  @Test func aWakeThatComesLateIsNoDeadlock() async throws {
    try await withSimulation(deadlockTimeout: .seconds(200)) { _ in
      for _ in 0..<20_000 { await Task.detached {}.value }
    }
  }

  @Test func aBodyThatIgnoresItsCancellationEndsBeforeTheCall() async throws {
    let hasEnded = Mutex(false)
    await #expect(throws: SimulationDeadlock.self) {
      try await withSimulation(deadlockTimeout: .seconds(1)) { _ in
        await Task.detached { try? await Task.sleep(for: .milliseconds(1500)) }.value
        hasEnded.withLock { $0 = true }
      }
    }
    #expect(hasEnded.withLock { $0 })
  }

  @Test(arguments: [Int64.max, 9_000_000_000, 3_000_000])
  func aTimeoutMayBeLong(seconds: Int64) async throws {
    try await withSimulation { simulation in
      let server = try #require(simulation.addHost("server", "10.0.0.1")).loop
      let listener = try await Listener.tcp(port: 80, coding: .lines, on: server)
      async let accepted = listener.accept()
      let client = try await Connection.tcp(
        "server", port: 80, coding: .lines, timeout: .seconds(seconds), on: server)
      let peer = try await accepted
      let error = await #expect(throws: ConnectionError.self) {
        try await client.receive(within: .seconds(seconds))
      }
      #expect(error?.code == .errTimeout)
      peer?.closeNow()
    }
  }
}
