// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// Settings of a socket reach the OS, and the OS's numbers reach the caller.
@Suite("settings", .watchdog)
struct SettingsTests {
  // A client whose server does not take it. So this process has only one descriptor of the
  // connection.
  private let listener: Listener
  private let client: StreamPeerTCP

  init() throws {
    listener = try Listener(.tcp)
    client = try #require(try listener.connect() as? StreamPeerTCP)
  }

  private func descriptor(of client: StreamPeerTCP) throws -> Int32 {
    try #require(socketsOfThisProcess(at: .port(client.getLocalPort())).first)
  }

  // MARK: Keepalive

  @Test func keepaliveReachesTheSocket() throws {
    let descriptor = try descriptor(of: client)
    #expect(option(SO_KEEPALIVE, of: descriptor, level: SOL_SOCKET) == 0)  // the default
    #expect(
      client.setKeepalive(idleMilliseconds: 2500, intervalMilliseconds: 1000, count: 3) == .ok)
    #expect(option(SO_KEEPALIVE, of: descriptor, level: SOL_SOCKET) == 1)
    #expect(option(TCP_KEEPIDLE, of: descriptor) == 3)  // rounded up
    #expect(option(TCP_KEEPINTVL, of: descriptor) == 1)
    #expect(option(TCP_KEEPCNT, of: descriptor) == 3)
    #expect(client.setKeepalive(idleMilliseconds: 0) == .ok)
    #expect(option(SO_KEEPALIVE, of: descriptor, level: SOL_SOCKET) == 0)
  }

  @Test func keepaliveOutOfRangeChangesNothing() throws {
    let descriptor = try descriptor(of: client)
    #expect(
      client.setKeepalive(idleMilliseconds: 9000, intervalMilliseconds: 8000, count: 7) == .ok)
    let wrong: [(Int, Int, Int, GodotError)] = [
      (-1, 1000, 1, .errInvalidParameter), (1000, -1, 1, .errInvalidParameter),
      (1000, 1000, -1, .errInvalidParameter), (Int.max, 1000, 1, .errInvalidParameter),
      (1000, 1 << 32, 1, .errInvalidParameter), (1000, 1000, Int.min, .errInvalidParameter),
      (32_767_001, 1000, 1, .errParameterRangeError),
      (1000, 32_767_001, 1, .errParameterRangeError), (1000, 1000, 128, .errParameterRangeError),
    ]
    for (idle, interval, count, error) in wrong {
      #expect(
        client.setKeepalive(idleMilliseconds: idle, intervalMilliseconds: interval, count: count)
          == error)
      #expect(client.lastError == error)
    }
    #expect(option(SO_KEEPALIVE, of: descriptor, level: SOL_SOCKET) == 1)
    #expect(option(TCP_KEEPIDLE, of: descriptor) == 9)
    #expect(option(TCP_KEEPINTVL, of: descriptor) == 8)
    #expect(option(TCP_KEEPCNT, of: descriptor) == 7)
  }

  @Test func settingsAreKeptForTheNextConnection() throws {
    let client = StreamPeerTCP()
    #expect(
      client.setKeepalive(idleMilliseconds: 4000, intervalMilliseconds: 3000, count: 2) == .ok)
    #expect(client.setUserTimeout(milliseconds: 12_345) == .ok)
    try expectSettings(client)
  }

  @Test func settingsAreOptionsToo() throws {
    try expectSettings(
      StreamPeerTCP(
        options: StreamOptions(
          userTimeoutMilliseconds: 12_345, keepaliveIdleMilliseconds: 4000,
          keepaliveIntervalMilliseconds: 3000, keepaliveCount: 2)))
  }

  private func expectSettings(_ client: StreamPeerTCP) throws {
    for _ in 0..<2 {
      #expect(client.connect(to: listener.place) == .ok)
      try waitUntil("the connection") { client.polledStatus() == .connected }
      let descriptor = try descriptor(of: client)
      #expect(option(SO_KEEPALIVE, of: descriptor, level: SOL_SOCKET) == 1)
      #expect(option(TCP_KEEPIDLE, of: descriptor) == 4)
      #expect(option(TCP_KEEPINTVL, of: descriptor) == 3)
      #expect(option(TCP_KEEPCNT, of: descriptor) == 2)
      #expect(option(TCP_USER_TIMEOUT, of: descriptor) == 12_345)
      client.disconnectFromHost()
    }
  }

  @Test func theUserTimeoutReachesTheSocket() throws {
    let descriptor = try descriptor(of: client)
    #expect(client.setUserTimeout(milliseconds: 5000) == .ok)
    #expect(option(TCP_USER_TIMEOUT, of: descriptor) == 5000)
    #expect(client.setUserTimeout(milliseconds: -5) == .errInvalidParameter)
    #expect(option(TCP_USER_TIMEOUT, of: descriptor) == 5000)
    #expect(client.setUserTimeout(milliseconds: 0) == .ok)
    #expect(option(TCP_USER_TIMEOUT, of: descriptor) == 0)
  }

  // MARK: Buffers

  @Test(arguments: Transport.allCases)
  func theBuffersOfTheOSAreSet(_ transport: Transport) throws {
    let client = try Pair(transport).client
    let before = client.getOSBuffers()
    #expect(client.lastError == .ok)
    #expect(before.sendBytes > 0)
    #expect(before.receiveBytes > 0)
    #expect(client.setOSBuffers(sendBytes: 20_000, receiveBytes: 30_000) == .ok)
    let after = client.getOSBuffers()
    #expect(20_000...40_000 ~= after.sendBytes)  // Linux doubles them
    #expect(30_000...60_000 ~= after.receiveBytes)
  }

  @Test(arguments: Transport.allCases)
  func theBuffersOfTheOSAreAnOptionToo(_ transport: Transport) throws {
    let options = StreamOptions(osSendBufferBytes: 20_000, osReceiveBufferBytes: 30_000)
    let pair = try Pair(transport, options)
    let expectBuffers = { (side: StreamPeerSocket) in
      let buffers = side.getOSBuffers()
      #expect(20_000...40_000 ~= buffers.sendBytes)
      #expect(30_000...60_000 ~= buffers.receiveBytes)
    }
    expectBuffers(pair.client)
    expectBuffers(pair.peer)
  }

  // MARK: Numbers that the OS reports

  @Test func theOSReportsAConnectionsNumbers() throws {
    let peer = try listener.take()
    #expect(client.putData(pattern(1000)) == .ok)
    #expect(try peer.receive(1000) == pattern(1000))
    #expect(peer.putU8(1) == .ok)
    #expect(try client.receive(1) == [1])
    var told: TCPInfo?
    try waitUntil("the acknowledgement") {
      told = client.getInfo()
      return told?.acknowledgedBytes ?? 0 >= 1000
    }
    let info = try #require(told)
    #expect(client.lastError == .ok)
    #expect(1000...1001 ~= info.acknowledgedBytes)  // some systems count the SYN
    #expect(info.receivedBytes == 1)
    #expect(info.roundTripMicroseconds > 0)
    #expect(info.segmentBytes > 0)
    #expect(info.congestionWindowSegments > 0)
    #expect(info.unacknowledgedSegments == 0)
    #expect(info.notSentBytes == 0)
    #expect((peer as? StreamPeerTCP)?.getInfo()?.receivedBytes == 1000)
  }
}
