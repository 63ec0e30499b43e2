// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("close reasons", .watchdog)
struct CloseReasonTests {
  @Test func everyReasonHasItsNameInC() {
    let names = [
      "NONE", "LOCAL", "PEER_FINISHED", "RESET", "REFUSED", "UNREACHABLE", "CONNECT_TIMED_OUT",
      "NAME_NOT_FOUND", "NOT_ACKNOWLEDGED", "NO_RESOURCES", "FAILED", "KEEPALIVE", "IDLE",
      "PUT_TIMED_OUT", "GRACE_TIMED_OUT", "LIMIT", "LOOKUP_FAILED",
      "TRUNCATED", "PROTOCOL", "UNTRUSTED",
    ]
    #expect(StreamPeerSocket.CloseReason.allCases.map(\.rawValue) == Array(0...19))
    #expect(StreamPeerSocket.CloseReason.allCases.map(\.description) == names.map { "CLOSE_\($0)" })
  }

  @Test(arguments: Transport.allCases)
  func eachSideKnowsWhy(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.closeReason == .none)
    pair.peer.disconnectFromHost()
    try waitUntil("the end") { pair.client.polledStatus() == .none }
    #expect(pair.client.closeReason == .peerFinished)
    #expect(pair.peer.closeReason == .local)
  }

  @Test func aRefusedPortIsRefused() throws {
    let nowhere = try Nowhere(.tcp)
    let port = try nowhere.place.port
    let client = StreamPeerTCP()
    #expect(client.setAttemptDelay(milliseconds: 100) == .ok)
    #expect(client.connectToHost("localhost", port: port) == .ok)
    try waitUntil("the refusal") { client.polledStatus() == .error }
    #expect(client.closeReason == .refused)
    let attempts = client.connectAttempts
    #expect(!attempts.isEmpty)
    for attempt in attempts {
      #expect(attempt.state == .failed)
      #expect(attempt.port == port)
      #expect(attempt.osError == client.osError)
      #expect(attempt.endMicroseconds >= attempt.startMicroseconds)
    }
  }

  @Test func aConnectionHasItsAttempt() throws {
    let pair = try Pair(.tcp)
    let client = try #require(pair.client as? StreamPeerTCP)
    let attempt = try #require(client.connectAttempts.first)
    #expect(client.connectAttempts.count == 1)
    #expect(attempt.host == "127.0.0.1")
    #expect(attempt.state == .connected)
    #expect((pair.peer as? StreamPeerTCP)?.connectAttempts == [])
  }

  @Test func readingTheStatusLeavesTheLastError() {
    let peer = StreamPeerTCP()
    #expect(peer.connectToHost("not a host", port: 0) == .errInvalidParameter)
    #expect(peer.getStatus() == .none)
    #expect(peer.closeReason == .none)
    #expect(peer.lastError == .errInvalidParameter)
  }

  @Test func aHardCloseIsAReset() throws {
    let pair = try Pair(.tcp)
    let client = try #require(pair.client as? StreamPeerTCP)
    client.closeReset()
    #expect(client.lastError == .ok)
    #expect(client.getStatus() == .none)
    #expect(client.closeReason == .local)
    #expect(try answer { pair.peer.poll() } == .failed)
    #expect(pair.peer.getStatus() == .error)
    #expect(pair.peer.closeReason == .reset)
    client.closeReset()  // NONE
    #expect(client.lastError == .ok)
    #expect(client.connect(to: pair.listener.place) == .ok)
    try waitUntil("the connection") { client.polledStatus() == .connected }
  }

  @Test func anUnknownNameIsNotFound() throws {
    let client = StreamPeerTCP()
    #expect(client.connectToHost("no-such-host.invalid", port: 80) == .ok)
    #expect(try answer { client.poll() } == .errCantResolve)
    #expect(client.closeReason == .nameNotFound)
    #expect(client.connectAttempts.isEmpty)
  }
}
