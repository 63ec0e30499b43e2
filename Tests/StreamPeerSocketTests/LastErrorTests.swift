// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("last error", .watchdog)
struct LastErrorTests {
  @Test(arguments: Transport.allCases)
  func aNewObjectHasNoError(_ transport: Transport) {
    #expect(transport.makePeer().lastError == .ok)
    #expect(transport.makeServer().lastError == .ok)
    #expect(StreamPeer().lastError == .ok)
  }

  @Test(arguments: Transport.allCases)
  func everyTypedCallSetsTheLastError(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putData([UInt8](repeating: 0, count: 200)) == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 200 }
    for i in typedGets.indices {
      pair.client.consume(-1)
      _ = typedGets[i].call(pair.client)
      #expect(pair.client.lastError == .ok, "\(typedGets[i].name)")
      pair.client.consume(-1)
      _ = typedTryGets[i].call(pair.client)
      #expect(pair.client.lastError == .ok, "\(typedTryGets[i].name)")
      pair.client.consume(-1)
      _ = typedPuts[i].call(pair.client)
      #expect(pair.client.lastError == .ok, "\(typedPuts[i].name)")
    }
  }

  @Test(arguments: Transport.allCases)
  func everyOtherCallSetsTheLastError(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let client = pair.client
    #expect(pair.peer.putData([UInt8](repeating: 0, count: 200)) == .ok)
    try waitUntil("the bytes") { client.getAvailableBytes() == 200 }
    var calls: [(String, () -> Void)] = [
      ("getAvailableBytes", { _ = client.getAvailableBytes() }),
      ("getData", { _ = client.getData(1) }),
      ("getData of nothing", { _ = client.getData(0) }),
      ("getPartialData", { _ = client.getPartialData(1) }),
      ("getString", { _ = client.getString(1) }),
      ("getUtf8String", { _ = client.getUtf8String(1) }),
      ("tryGetString", { _ = client.tryGetString(1) }),
      ("tryGetUtf8String", { _ = client.tryGetUtf8String(1) }),
      ("putData", { _ = client.putData([1]) }),
      ("putPartialData", { _ = client.putPartialData([1]) }),
      ("putString", { _ = client.putString("a") }),
      ("putUtf8String", { _ = client.putUtf8String("a") }),
      ("peek", { client.peek { _ in } }),
      ("consume", { client.consume(0) }),
      ("setWriteBatching", { client.setWriteBatching(false) }),
      ("flush", { client.flush() }),
      ("poll", { client.poll() }),
      ("setConnectTimeout", { client.setConnectTimeout(milliseconds: 1) }),
      ("setAttemptDelay", { client.setAttemptDelay(milliseconds: 1) }),
      ("setIOTimeout", { client.setIOTimeout(milliseconds: 10_000) }),
      ("setIdleTimeout", { client.setIdleTimeout(milliseconds: 0) }),
      ("setOSBuffers", { client.setOSBuffers(sendBytes: 0, receiveBytes: 0) }),
      ("getOSBuffers", { _ = client.getOSBuffers() }),
    ]
    switch client {
    case let client as StreamPeerTCP:
      calls += [
        ("getConnectedHost", { _ = client.getConnectedHost() }),
        ("getConnectedPort", { _ = client.getConnectedPort() }),
        ("getLocalHost", { _ = client.getLocalHost() }),
        ("getLocalPort", { _ = client.getLocalPort() }),
        ("setKeepalive", { client.setKeepalive(idleMilliseconds: 0) }),
        ("setUserTimeout", { client.setUserTimeout(milliseconds: 0) }),
        ("getInfo", { _ = client.getInfo() }),
        ("setNoDelay", { client.setNoDelay(true) }),
      ]
    case let client as StreamPeerUDS:
      calls += [
        ("getConnectedPath", { _ = client.getConnectedPath() }),
        ("getPeerCredentials", { _ = client.getPeerCredentials() }),
      ]
    default:
      Issue.record("an unknown kind of socket")
    }
    calls += [
      ("shutdownWrite", { client.shutdownWrite() }),
      ("closeGracefully", { client.closeGracefully() }),
      ("disconnectFromHost", { client.disconnectFromHost() }),
    ]
    for (name, call) in calls {
      #expect(client.consume(-1) == .errInvalidParameter)
      #expect(client.lastError == .errInvalidParameter)
      call()
      #expect(client.lastError == .ok, "\(name)")
    }
  }

  @Test(arguments: Transport.allCases)
  func propertiesAndTheStatusLeaveTheError(_ transport: Transport) throws {
    let client = try Pair(transport).client
    #expect(client.consume(-1) == .errInvalidParameter)
    #expect(client.getStatus() == .connected)
    client.bigEndian = true
    #expect(client.bigEndian)
    #expect(client.osError == 0)
    #expect(client.closeReason == .none)
    #expect(!client.writeBatching)
    #expect(client.pendingWriteBytes == 0)
    #expect(client.lastError == .errInvalidParameter)
  }

  @Test(arguments: Transport.allCases)
  func lastErrorIsTheCallsResult(_ transport: Transport) throws {
    let listener = try Listener(transport)
    let client = transport.makePeer()
    #expect(client.putU8(1) == .failed)
    #expect(client.lastError == .failed)
    #expect(client.connect(to: listener.place) == .ok)
    #expect(client.lastError == .ok)
    #expect(client.connect(to: listener.place) == .errAlreadyInUse)
    #expect(client.lastError == .errAlreadyInUse)
    try waitUntil("the connection") { client.polledStatus() == .connected }
    #expect(client.tryGetU8() == nil)
    #expect(client.lastError == .errBusy)
  }

  @Test(arguments: Transport.allCases)
  func aServerHasALastErrorToo(_ transport: Transport) throws {
    let listener = try Listener(transport)
    let server = listener.server
    #expect(server.lastError == .ok)
    #expect(server.listen(at: listener.place) == .errAlreadyInUse)
    #expect(server.lastError == .errAlreadyInUse)
    #expect(server.isListening())
    #expect(server.lastError == .ok)  // this call succeeded
    #expect(server.listen(at: listener.place) == .errAlreadyInUse)
    #expect(!server.isConnectionAvailable())
    #expect(server.lastError == .ok)
    #expect(server.takeSocketConnection() == nil)
    #expect(server.lastError == .errBusy)
    let client = try listener.connect()
    #expect(try listener.take().getStatus() == .connected)
    #expect(server.lastError == .ok)
    server.stop()
    #expect(server.takeSocketConnection() == nil)
    #expect(server.lastError == .errUnconfigured)
    #expect(client.lastError == .ok)
  }
}
