// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// Every invalid argument returns its documented error. Nothing changes, and nothing is lost.
@Suite("bad input", .watchdog)
struct BadInputTests {
  // MARK: Lengths

  @Test(
    arguments: Transport.allCases,
    [-1, Int.min, Int(Int32.min), Int(Int32.max) + 1, Int(UInt32.max) + 1, Int.max])
  func negativeAndHugeLengths(_ transport: Transport, length: Int) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putData("xyz!".utf8) == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 4 }
    #expect(pair.client.getData(length) == (.errInvalidParameter, []))
    #expect(pair.client.lastError == .errInvalidParameter)
    #expect(pair.client.getPartialData(length) == (.errInvalidParameter, []))
    #expect(pair.client.lastError == .errInvalidParameter)
    #expect(pair.client.consume(length) != .ok)
    #expect(pair.client.peek(length) { $0.count } == 0)
    let impossible: GodotError = length < 0 ? .errInvalidParameter : .errParameterRangeError
    #expect(pair.client.lastError == impossible)
    #expect(pair.client.consume(length) == impossible)
    #expect(pair.client.getStatus() == .connected)
    #expect(try pair.client.receiveText(4) == "xyz!")  // nothing was lost
    #expect(pair.peer.getAvailableBytes() == 0)  // nothing was written
  }

  @Test(
    arguments: Transport.allCases,
    [-2, Int.min, Int(Int32.min), 8 << 20 + 1, Int(Int32.max) + 1, Int.max])
  func negativeAndHugeLengthsOfText(_ transport: Transport, length: Int) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putData("xyz!".utf8) == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 4 }
    #expect(pair.client.getString(length) == "")
    #expect(pair.client.lastError == .errInvalidParameter)
    #expect(pair.client.getUtf8String(length) == "")
    #expect(pair.client.lastError == .errInvalidParameter)
    #expect(pair.client.tryGetString(length) == nil)
    #expect(pair.client.lastError == .errInvalidParameter)
    #expect(pair.client.tryGetUtf8String(length) == nil)
    #expect(pair.client.lastError == .errInvalidParameter)
    #expect(try pair.client.receiveText(4) == "xyz!")
  }

  @Test(arguments: Transport.allCases, [0, -1, Int.min, Int.max])
  func optionsOutOfRange(_ transport: Transport, number: Int) throws {
    let options = StreamOptions(
      readBufferBytes: number, writeBufferBytes: number, maxValueBytes: number,
      writeLowMarkBytes: number)
    let listener = try Listener(transport, ServerOptions(backlog: number, stream: options))
    let client = try listener.connect(options)
    let peer = try listener.take()
    #expect(client.setWriteBatching(true) == .ok)
    #expect(client.putUtf8String("héllo") == .ok)
    #expect(client.flush() == .ok)
    #expect(peer.getUtf8String() == "héllo")
  }

  @Test(
    arguments: [-1, Int.min, Int(Int32.max) + 1, 1 << 32, Int.max],
    [
      \StreamOptions.connectTimeoutMilliseconds, \.ioTimeoutMilliseconds,
      \.idleTimeoutMilliseconds, \.userTimeoutMilliseconds, \.osSendBufferBytes,
      \.osReceiveBufferBytes,
    ] as [WritableKeyPath<StreamOptions, Int> & Sendable])
  func invalidOptions(
    _ number: Int, option: WritableKeyPath<StreamOptions, Int> & Sendable
  ) {
    var options = StreamOptions()
    options[keyPath: option] = number
    for transport in Transport.allCases {
      let peer = transport.makePeer(options)
      #expect(peer.lastError == .errInvalidParameter)
      #expect(peer.poll() == .errInvalidParameter)
      let server = transport.makeServer(ServerOptions(stream: options))
      #expect(server.lastError == .errInvalidParameter)
    }
  }

  @Test(
    arguments: Transport.allCases,
    [-1, Int.min, Int(Int32.max) + 1, Int(UInt32.max), 1 << 32, 1 << 32 + 1, Int.max])
  func timesOutOfRange(_ transport: Transport, time: Int) throws {
    let pair = try Pair(transport)
    let client = pair.client
    #expect(client.setConnectTimeout(milliseconds: time) == .errInvalidParameter)
    #expect(client.setAttemptDelay(milliseconds: time) == .errInvalidParameter)
    #expect(client.setIOTimeout(milliseconds: time) == .errInvalidParameter)
    #expect(client.setIdleTimeout(milliseconds: time) == .errInvalidParameter)
    #expect(client.closeGracefully(timeoutMilliseconds: time) == .errInvalidParameter)
    #expect(client.closeAndWait(timeoutMilliseconds: time) == .errInvalidParameter)
    if let client = client as? StreamPeerTCP {
      #expect(client.setUserTimeout(milliseconds: time) == .errInvalidParameter)
    }
    #expect(client.lastError == .errInvalidParameter)
    #expect(client.getStatus() == .connected)
    #expect(client.putU8(1) == .ok)
    #expect(try pair.peer.receive(1) == [1])
  }

  @Test(arguments: Transport.allCases, [-1, Int.min, Int(Int32.max) + 1, 1 << 32, Int.max])
  func sizesOutOfRange(_ transport: Transport, bytes: Int) throws {
    let client = try Pair(transport).client
    let before = client.getOSBuffers()
    #expect(client.setOSBuffers(sendBytes: bytes, receiveBytes: 8192) == .errInvalidParameter)
    #expect(client.setOSBuffers(sendBytes: 8192, receiveBytes: bytes) == .errInvalidParameter)
    #expect(client.lastError == .errInvalidParameter)
    #expect(client.getOSBuffers() == before)
  }

  @Test(arguments: [-1, Int.min, 0o1000, Int(UInt32.max), 1 << 32 | 0o600, Int.max])
  func invalidFileModes(_ mode: Int) throws {
    let directory = try TemporaryDirectory()
    let server = UDSServer(options: ServerOptions(fileMode: mode))
    #expect(server.lastError == .errInvalidParameter)
    #expect(server.listen("\(directory.path)/listener") == .errInvalidParameter)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
  }

  @Test(arguments: Transport.allCases, [Int.max, 32_767_001])
  func keepaliveOptionsOutOfRange(_ transport: Transport, time: Int) {
    let options = StreamOptions(keepaliveIdleMilliseconds: time)
    #expect(transport.makePeer(options).lastError == .errParameterRangeError)
    let server = transport.makeServer(ServerOptions(stream: options))
    #expect(server.lastError == .errParameterRangeError)
  }

  // MARK: Ports

  // Some of these become a valid port if they are truncated to 16 or 32 bits.
  @Test(arguments: [-1, 65536, 65536 + 80, 1 << 32, 1 << 32 + 80, Int.min, Int.max])
  func portsOutOfRange(_ port: Int) {
    let client = StreamPeerTCP()
    let server = TCPServer()
    #expect(client.connectToHost("127.0.0.1", port: port) == .errInvalidParameter)
    #expect(client.connectToHost("localhost", port: port) == .errInvalidParameter)
    #expect(client.bind(port, "127.0.0.1") == .errInvalidParameter)
    #expect(server.listen(port, "127.0.0.1") == .errInvalidParameter)
    #expect(client.getStatus() == .none)
    #expect(!server.isListening())
    #expect(client.bind(0, "127.0.0.1") == .ok)  // their status is still NONE
    #expect(server.listen(0, "127.0.0.1") == .ok)
  }

  @Test func portZeroIsInvalidForConnect() {
    let client = StreamPeerTCP()
    #expect(client.connectToHost("127.0.0.1", port: 0) == .errInvalidParameter)
    #expect(client.getStatus() == .none)
  }

  @Test func aPortThatWouldWrapIsNotThePortOfAServer() throws {
    let listener = try Listener(.tcp)
    let client = StreamPeerTCP()
    for port in [try listener.place.port + 1 << 16, try listener.place.port + 1 << 32] {
      #expect(client.connectToHost("127.0.0.1", port: port) == .errInvalidParameter)
      #expect(client.getStatus() == .none)
    }
  }

  // MARK: Hosts

  @Test(arguments: [
    "", " ", "a b", "256.0.0.1", "1.2.3", "1.2.3.4.5", "1", "::g", "[::1]", "1::2::3", "fe80::1%",
    "fe80::1%nonesuch", "::1%0", "1.2.3.4%lo", "a..b", ".a", "http://a/", "a\n", "\u{fffd}", "hé",
    "*", "127.0.0.1 ", "01.2.3.4", "::1%99999999999", String(repeating: "a", count: 10_000),
  ])
  func invalidHosts(_ host: String) {
    let client = StreamPeerTCP()
    #expect(client.connectToHost(host, port: 80) == .errInvalidParameter)
    #expect(client.lastError == .errInvalidParameter)
    #expect(client.getStatus() == .none)
    #expect(client.poll() == .ok)
    #expect(client.getStatus() == .none)
  }

  // 192.0.2.1 is not a local address (RFC 5737).
  @Test(arguments: ["", "localhost", "example.invalid", "**", "300.1.1.1", "192.0.2.1", "hé"])
  func addressesThatCannotBeBound(_ host: String) {
    let client = StreamPeerTCP()
    let server = TCPServer()
    #expect(client.bind(0, host) == .errInvalidParameter)
    #expect(client.getLocalPort() == 0)
    #expect(server.listen(0, host) == .errInvalidParameter)
    #expect(!server.isListening())
  }

  @Test func aHostWithANUL() throws {
    let listener = try Listener(.tcp)
    let client = StreamPeerTCP()
    // The part before the NUL would be valid.
    for host in ["127.0.0.1\0", "127.0.0.1\0.example", "\0", "\0127.0.0.1"] {
      let port = try listener.place.port
      #expect(client.connectToHost(host, port: port) == .errInvalidParameter)
      #expect(client.getStatus() == .none)
      #expect(client.bind(0, host) == .errInvalidParameter)
      #expect(client.getLocalPort() == 0)
      let server = TCPServer()
      #expect(server.listen(0, host) == .errInvalidParameter)
      #expect(server.lastError == .errInvalidParameter)
      #expect(!server.isListening())
    }
    #expect(client.bind(0, "*\0") == .errInvalidParameter)
    #expect(!listener.server.isConnectionAvailable())
  }

  // MARK: Paths

  @Test func invalidPaths() throws {
    let directory = try TemporaryDirectory()
    let client = StreamPeerUDS()
    let server = UDSServer()
    let tooLong = directory.path.appending("/").padding(
      toLength: 108, withPad: "p", startingAt: 0)
    for path in ["", tooLong, String(repeating: "p", count: 1 << 20)] {
      #expect(client.connectToHost(path) == .errInvalidParameter)
      #expect(client.bind(path) == .errInvalidParameter)
      #expect(server.listen(path) == .errInvalidParameter)
    }
    #expect(client.bind("\(directory.path)/none/x") == .errInvalidParameter)
    #expect(server.listen("\(directory.path)/none/x") == .errInvalidParameter)
    #expect(client.getStatus() == .none)
    #expect(!server.isListening())
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    // The longest valid path. No server listens there.
    #expect(client.connectToHost(String(tooLong.dropLast())) == .failed)
    #expect(client.getStatus() == .none)
  }

  @Test func aPathWithANUL() throws {
    let directory = try TemporaryDirectory()
    let listener = try Listener(.uds)
    let path = try listener.place.path
    let client = StreamPeerUDS()
    for bad in ["\(path)\0", "\(path)\0x", "\0", "\0abstract"] {
      #expect(client.connectToHost(bad) == .errInvalidParameter)
      #expect(client.getStatus() == .none)
    }
    let fresh = "\(directory.path)/fresh\0x"
    #expect(client.bind(fresh) == .errInvalidParameter)
    let server = UDSServer()
    #expect(server.listen(fresh) == .errInvalidParameter)
    #expect(!server.isListening())
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    #expect(!listener.server.isConnectionAvailable())
  }

  @Test func aLookUpOfAHostWithANUL() {
    let ip = IP()
    for host in ["127.0.0.1\0", "127.0.0.1\0.example", "\0", "\0127.0.0.1"] {
      #expect(ip.resolveHostname(host) == "")
      #expect(ip.resolveHostnameAddresses(host) == [])
      #expect(ip.resolveHostnameQueueItem(host) == IP.resolverInvalidID)
      #expect(ip.clearCache(host) == .errInvalidParameter)
    }
  }

  // MARK: An invalid argument is reported before a wrong status

  @Test(arguments: Transport.allCases)
  func badInputWhileConnectedChangesNothing(_ transport: Transport) throws {
    let pair = try Pair(transport)
    switch pair.client {
    case let client as StreamPeerTCP:
      #expect(client.connectToHost("", port: -1) != .ok)
      #expect(client.bind(-1, "") != .ok)
    case let client as StreamPeerUDS:
      #expect(client.connectToHost("") != .ok)
      #expect(client.bind("") != .ok)
    default:
      Issue.record("an unknown kind of socket")
    }
    #expect(pair.client.getStatus() == .connected)
    #expect(pair.client.putU8(1) == .ok)
    #expect(try pair.peer.receive(1) == [1])
  }
}
