// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// A body that borrows a stream's memory cannot destroy or change it. Calls from inside the body
/// are refused.
@Suite("lent memory", .watchdog)
struct LendingTests {
  private let shown = pattern(20_000)

  @Test(arguments: Transport.allCases)
  func aPeekedStreamStays(_ transport: Transport) throws {
    let pair = try Pair(transport)
    try #require(pair.peer.putData(shown) == .ok)
    try waitUntil("the bytes") { pair.client.peek(shown.count) { $0.count } == shown.count }
    pair.client.peek { bytes in
      pair.client.disconnectFromHost()
      #expect(pair.client.lastError == .errInvalidParameter)
      #expect(pair.client.consume(10) == .errInvalidParameter)
      #expect(pair.client.getU8() == 0 && pair.client.lastError == .errInvalidParameter)
      #expect(pair.client.putU8(1) == .errInvalidParameter)
      #expect(pair.client.poll() == .errInvalidParameter)
      #expect(pair.client.peek { $0.count } == 0)
      #expect(PacketPeerStream(pair.client).getPacket().isEmpty)
      #expect(bytes.elementsEqual(shown))
    }
    #expect(pair.client.getStatus() == .connected)
    #expect(pair.client.getData(shown.count) == (.ok, shown))
  }

  @Test(arguments: Transport.allCases)
  func aPollerWaitsForTheBody(_ transport: Transport) throws {
    let poller = SocketPoller()
    let pair = try Pair(transport)
    let other = try Pair(transport)
    #expect(poller.add(pair.client) == .ok)
    try #require(pair.peer.putData(shown) == .ok)
    try waitUntil("the bytes") {
      poller.wait(timeoutMilliseconds: 10)
      return pair.client.peek { $0.count } == shown.count
    }
    pair.client.peek { bytes in
      #expect(poller.wait(timeoutMilliseconds: -1) == 0 && poller.lastError == .errLocked)
      #expect(poller.nextEvent() == nil && poller.lastError == .errLocked)
      #expect(poller.remove(pair.client) == .errLocked)
      #expect(poller.add(other.client) == .errLocked)
      #expect(poller.add(other.listener.server) == .errLocked)
      #expect(poller.remove(other.listener.server) == .errLocked)
      poller.waker.wake()
      #expect(bytes.elementsEqual(shown))
    }
    #expect(poller.nextEvent()?.peer === pair.client)
    #expect(poller.wait(timeoutMilliseconds: -1) == 0 && poller.lastError == .ok)
    #expect(poller.remove(pair.client) == .ok)
  }

  @Test(arguments: Transport.allCases)
  func aPacketsStreamStays(_ transport: Transport) throws {
    let listener = try Listener(transport)
    let peer = PacketPeerStream(try listener.connect())
    var stream: StreamPeerSocket? = try listener.take()
    let packets = PacketPeerStream(stream)
    for _ in 0..<2 { #expect(peer.putPacket(shown) == .ok) }
    try waitUntil("the packets") { packets.getAvailablePacketCount() == 2 }
    weak var gone: StreamPeerSocket?
    gone = stream
    let isSame = packets.withPacket { packet in
      #expect(packets.getPacket().isEmpty && packets.lastError == .errInvalidParameter)
      stream?.disconnectFromHost()
      stream = nil
      packets.streamPeer = nil
      return packet.elementsEqual(shown)
    }
    #expect(isSame == true)
    #expect(gone == nil)  // the stream that the body released ended afterwards
    #expect(packets.getPacket().isEmpty && packets.lastError == .errUnconfigured)
  }

  @Test func aBufferStays() {
    let buffer = StreamPeerBuffer()
    buffer.setDataArray(shown)
    buffer.withDataArray { bytes in
      #expect(buffer.clear() == .errInvalidParameter)
      #expect(buffer.resize(0) == .errInvalidParameter)
      #expect(buffer.setDataArray([1]) == .errInvalidParameter)
      #expect(bytes.elementsEqual(shown))
    }
    #expect(buffer.dataArray == shown)
  }

  private struct Failure: Error {}

  @Test func aBodyThatThrowsReturnsItsMemory() {
    let buffer = StreamPeerBuffer()
    #expect(throws: Failure.self) { try buffer.peek { _ in throw Failure() } }
    #expect(buffer.putU8(1) == .ok)
  }

  private final class Reentrant: StreamPeerExtension {
    private(set) var answers: [GodotError] = []
    override func _getPartialData(
      into buffer: UnsafeMutableRawBufferPointer
    ) -> (error: GodotError, received: Int) {
      answers = [putU8(1), consume(1), setWriteBatching(true)]
      _ = getU8()
      answers.append(lastError)
      buffer.storeBytes(of: 7, as: UInt8.self)
      return (.ok, 1)
    }
  }

  @Test func anOperationCannotUseItsStream() {
    let stream = Reentrant()
    #expect(stream.tryGetU8() == 7)
    #expect(stream.answers == Array(repeating: .errInvalidParameter, count: 4))
  }
}
