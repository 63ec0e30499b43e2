// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite("write batching", .watchdog)
struct BatchingTests {
  @Test(arguments: Transport.allCases)
  func withoutBatchingAPutIsSentAtOnce(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(!pair.client.writeBatching)
    #expect(pair.client.putU32(1) == .ok)
    #expect(pair.client.pendingWriteBytes == 0)
    #expect(try pair.peer.receive(4) == [1, 0, 0, 0])
    #expect(pair.client.flush() == .ok)
  }

  @Test(arguments: Transport.allCases)
  func putsGatherUntilPoll(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.setWriteBatching(true) == .ok)
    #expect(pair.client.writeBatching)
    for i in UInt32(0)..<100 {
      #expect(pair.client.putU32(i) == .ok)
      #expect(pair.client.putUtf8String("ab") == .ok)
    }
    #expect(pair.client.pendingWriteBytes == 1000)
    #expect(pair.peer.getAvailableBytes() == 0)
    #expect(pair.client.poll() == .ok)
    #expect(pair.client.pendingWriteBytes == 0)
    try waitUntil("the bytes") { pair.peer.getAvailableBytes() == 1000 }
    for i in UInt32(0)..<100 {
      #expect(pair.peer.getU32() == i)
      #expect(pair.peer.getUtf8String() == "ab")
    }
  }

  @Test(arguments: Transport.allCases)
  func putsLeaveAtFlushAndAtDisconnect(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.setWriteBatching(true) == .ok)
    #expect(pair.client.putU8(1) == .ok)
    #expect(pair.client.flush() == .ok)
    #expect(try pair.peer.receive(1) == [1])
    #expect(pair.client.putU8(2) == .ok)
    pair.client.disconnectFromHost()
    #expect(pair.client.pendingWriteBytes == 0)
    #expect(try pair.peer.receive(1) == [2])
  }

  // The peer answers each question. The question leaves before the get waits.
  @Test(arguments: Transport.allCases)
  func putsLeaveBeforeAGetWaits(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let peer = pair.peer
    #expect(pair.client.setWriteBatching(true) == .ok)
    #expect(pair.client.putU8(20) == .ok)
    let other = Background { peer.putU8(peer.getU8() + 1) }
    #expect(pair.client.getU8() == 21)
    #expect(try other.join() == .ok)
  }

  @Test(arguments: Transport.allCases)
  func aFullBufferIsBusyAndTakesNothing(_ transport: Transport) throws {
    let pair = try Pair(transport, StreamOptions(writeBufferBytes: 1000))
    let client = pair.client
    #expect(client.setWriteBatching(true) == .ok)
    let sent = pattern(32 << 20)
    var count = 0
    var error = GodotError.ok
    while error == .ok {  // until the OS refuses more bytes, too
      error = client.putData(sent[count..<count + 700])
      count += error == .ok ? 700 : 0
    }
    #expect(error == .errBusy)
    #expect(client.putData(sent[..<1001]) == .errParameterRangeError)
    let (partialError, partial) = client.putPartialData(sent[count..<count + 1001])
    #expect(partialError == .ok)
    #expect(0..<700 ~= partial)
    #expect(client.pendingWriteBytes <= 1000)
    count += partial
    #expect(client.flush() == .errBusy)
    #expect(client.setWriteBatching(false) == .errBusy)
    #expect(client.writeBatching)
    #expect(client.shutdownWrite() == .errBusy)
    var received: [UInt8] = []
    try waitUntil("all bytes") {
      #expect(client.poll() == .ok)
      received += pair.peer.getPartialData(64 << 10).data
      return received.count >= count
    }
    #expect(received.count == count)
    #expect(matches(received, sent))
    #expect(client.flush() == .ok)
    #expect(client.setWriteBatching(false) == .ok)
    #expect(!client.writeBatching)
  }

  // The stream keeps bytes that are put while it connects.
  @Test func putsWhileConnectingAreSentWhenConnected() throws {
    let listener = try Listener(.tcp)
    let client = StreamPeerTCP()
    #expect(client.setWriteBatching(true) == .ok)
    #expect(client.putU32(1) == .failed)  // NONE
    #expect(client.connectToHost("localhost", port: try listener.place.port) == .ok)
    #expect(client.getStatus() == .connecting)
    #expect(client.putU32(4711) == .ok)
    #expect(client.putUtf8String("early") == .ok)
    #expect(client.setWriteBatching(false) == .errBusy)
    try waitUntil("the connection") { client.polledStatus() == .connected }
    #expect(client.pendingWriteBytes == 0)
    let peer = try listener.take()
    try waitUntil("the bytes") { peer.getAvailableBytes() == 13 }
    #expect(peer.getU32() == 4711)
    #expect(peer.getUtf8String() == "early")
  }

  @Test(arguments: Transport.allCases)
  func bytesOfABrokenConnectionAreDropped(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.setWriteBatching(true) == .ok)
    pair.peer.disconnectFromHost()
    let error = try answer {
      _ = pair.client.putU8(1)
      return pair.client.flush()
    }
    #expect(error == .failed)
    #expect(pair.client.pendingWriteBytes == 0)
    #expect(pair.client.putU8(1) == .failed)
    #expect(pair.client.getStatus() == .none)
    #expect(pair.client.setWriteBatching(false) == .ok)
  }

  @Test(arguments: Transport.allCases)
  func nothingIsTakenAfterShutdownWrite(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.setWriteBatching(true) == .ok)
    #expect(pair.client.putU8(1) == .ok)
    #expect(pair.client.shutdownWrite() == .ok)
    #expect(pair.client.putU8(2) == .failed)
    #expect(pair.client.putPartialData([2]) == (.failed, 0))
    #expect(pair.peer.getData(2) == (.errFileEof, [1]))
  }
}
