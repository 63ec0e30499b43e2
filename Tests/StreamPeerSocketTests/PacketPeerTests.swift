// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// Whole messages over streams of every kind.
@Suite("packet peers", .watchdog)
struct PacketPeerTests {
  @Test(arguments: Transport.allCases, [false, true])
  func aPacketIsItsLengthAndItsBytes(_ transport: Transport, bigEndian: Bool) throws {
    let pair = try Pair(transport)
    pair.client.bigEndian = bigEndian
    pair.peer.bigEndian = bigEndian
    let client = PacketPeerStream(pair.client)
    let peer = PacketPeerStream(pair.peer)
    #expect(client.putPacket([1, 2, 3]) == .ok)
    #expect(client.putPacket([]) == .ok)  // as in Godot: nothing is put
    #expect(client.putPacket("hi".utf8) == .ok)
    #expect(try pair.peer.receive(13) == [3, 0, 0, 0, 1, 2, 3, 2, 0, 0, 0] + Array("hi".utf8))
    #expect(pair.client.putData([1, 0, 0, 0, 7, 0, 0, 0, 0, 2, 0, 0, 0, 8]) == .ok)
    try waitUntil("the packets") { peer.getAvailablePacketCount() == 2 }
    #expect(peer.getPacket() == [7])
    #expect(peer.lastError == .ok)
    #expect(peer.getPacket() == [])
    #expect(peer.getPacketError() == .ok)
    #expect(peer.getPacket() == [])  // only a part is there
    #expect(peer.lastError == .errUnavailable)
    #expect(peer.getPacketError() == .errUnavailable)
    #expect(peer.lastError == .ok)
    #expect(pair.client.putU8(9) == .ok)
    try waitUntil("the rest") { peer.getAvailablePacketCount() == 1 }
    #expect(peer.getPacket() == [8, 9])
  }

  @Test func aPacketIsBorrowedWithoutACopy() throws {
    struct Failure: Error, Equatable {}
    let pair = try Pair(.tcp)
    let client = PacketPeerStream(pair.client)
    let peer = PacketPeerStream(pair.peer)
    for packet in 1...4 as ClosedRange<UInt8> {
      #expect(client.putPacket([packet, packet, packet]) == .ok)
    }
    try waitUntil("the packets") { peer.getAvailablePacketCount() == 4 }
    #expect(peer.withPacket { $0.reduce(0) { $0 + Int($1) } } == 3)
    #expect(throws: Failure()) {
      try peer.withPacket { (_) throws(Failure) -> Int in throw Failure() }
    }
    #if compiler(>=6.2)
      #expect(peer.withPacketSpan { $0.unsafeLoad(fromByteOffset: 2, as: UInt8.self) } == 3)
    #endif
    var calls = 0
    while peer.withPacket({ _ in calls += 1 }) != nil {}
    #expect(calls >= 1)
    #expect(peer.getPacketError() == .errUnavailable)
  }

  #if compiler(>=6.2)
    @Test func spansArePut() throws {
      let pair = try Pair(.tcp)
      let client = PacketPeerStream(pair.client)
      let bytes: [UInt8] = [4, 5]
      #expect(client.putPacket(bytes.span) == .ok)
      #expect(client.putPacket(bytes.span.bytes) == .ok)
      #expect(try pair.peer.receive(12) == [2, 0, 0, 0, 4, 5, 2, 0, 0, 0, 4, 5])
    }
  #endif

  // MARK: Values

  private struct Player: Codable, Equatable {
    var name: String
    var hp: Int
  }

  @Test(arguments: Transport.allCases)
  func valuesArePackets(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let client = PacketPeerStream(pair.client)
    let peer = PacketPeerStream(pair.peer)
    #expect(peer.getVar() == nil)
    #expect(peer.lastError == .errUnavailable)
    #expect(try peer.tryGet(Player.self) == nil)
    let value: Variant = ["name": "Ada", "hp": 100]
    #expect(client.putVar(value) == .ok)
    #expect(client.putVar(.nil) == .ok)
    try client.put(Player(name: "Ada", hp: 100))
    try client.put(7)
    try waitUntil("the packets") { peer.getAvailablePacketCount() == 4 }
    #expect(peer.getVar() == value)
    #expect(peer.getVar() == .some(.nil))
    #expect(try peer.tryGet() == Player(name: "Ada", hp: 100))
    #expect(throws: (any Error).self) { try peer.tryGet(Player.self) }
    #expect(peer.getVar() == nil)  // it was consumed
    #expect(peer.getPacketError() == .errUnavailable)
  }

  @Test func anInvalidValueIsConsumed() throws {
    let pair = try Pair(.tcp)
    let client = PacketPeerStream(pair.client)
    let peer = PacketPeerStream(pair.peer)
    #expect(client.putPacket([0xff, 0, 0, 0]) == .ok)
    let object = Variant.object(.properties(className: "Item", [.init("name", "axe")]))
    #expect(client.putVar(object) == .errUnauthorized)
    for _ in 0..<2 { #expect(client.putVar(object, fullObjects: true) == .ok) }
    #expect(client.putVar(8) == .ok)
    try waitUntil("the packets") { peer.getAvailablePacketCount() == 4 }
    #expect(peer.getVar() == nil)
    #expect(peer.lastError == .errInvalidData)
    #expect(throws: GodotError.errUnauthorized) { try peer.tryGet(Player.self) }
    #expect(peer.getVar(allowObjects: true) == object)
    #expect(peer.getVar() == 8)
  }

  @Test func aValueTooLargeIsOutOfMemory() throws {
    let pair = try Pair(.tcp)
    let client = PacketPeerStream(pair.client)
    client.encodeBufferMaxSize = 1024
    #expect(client.putVar(.packedByteArray(pattern(1020))) == .errOutOfMemory)
    client.encodeBufferMaxSize = 1 << 20
    #expect(client.putVar(.packedByteArray(pattern(70000))) == .errInvalidParameter)
    #expect(client.putPacket([1]) == .ok)
    #expect(try pair.peer.receive(5) == [1, 0, 0, 0, 1])
    #expect(pair.peer.getAvailableBytes() == 0)
  }

  // MARK: Limits

  @Test func limitsAreGodots() {
    let peer = PacketPeerStream()
    #expect(peer.inputBufferMaxSize == 65_532)
    #expect(peer.outputBufferMaxSize == 65_532)
    #expect(peer.encodeBufferMaxSize == 8 << 20)
    peer.inputBufferMaxSize = 1000
    peer.outputBufferMaxSize = 65_533
    peer.encodeBufferMaxSize = 1025
    #expect(peer.inputBufferMaxSize == 1020)
    #expect(peer.outputBufferMaxSize == 131_068)
    #expect(peer.encodeBufferMaxSize == 2048)
    for bad in [-1, 1 << 30, .max, .min] {
      #expect(peer.setInputBufferMaxSize(bad) == .errInvalidParameter)
      #expect(peer.setOutputBufferMaxSize(bad) == .errInvalidParameter)
      #expect(peer.setEncodeBufferMaxSize(bad) == .errInvalidParameter)
      peer.inputBufferMaxSize = bad
      #expect(peer.lastError == .errInvalidParameter)
    }
    #expect(peer.inputBufferMaxSize == 1020)
    #expect(peer.outputBufferMaxSize == 131_068)
    #expect(peer.encodeBufferMaxSize == 2048)
    #expect(peer.putPacket(pattern(131_069)) == .errUnconfigured)
    peer.streamPeer = StreamPeerBuffer()
    #expect(peer.putPacket(pattern(131_069)) == .errInvalidParameter)
  }

  @Test(arguments: Transport.allCases)
  func aPacketAboveTheLimitClosesTheStream(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let client = PacketPeerStream(pair.client)
    let peer = PacketPeerStream(pair.peer)
    client.inputBufferMaxSize = 12
    #expect(peer.putPacket(pattern(12)) == .ok)
    #expect(peer.putPacket(pattern(13)) == .ok)
    try waitUntil("the packet") { client.getAvailablePacketCount() == 1 }
    #expect(client.getPacket() == pattern(12))
    try waitUntil("the other") { client.getPacket() == [] && client.lastError != .errUnavailable }
    #expect(client.lastError == .errInvalidData)
    #expect(pair.client.getStatus() == .none)
    #expect(pair.client.closeReason == .limit)
    #expect(client.getAvailablePacketCount() == 0)
    #expect(client.lastError == .failed)
  }

  // MARK: The end

  @Test(arguments: Transport.allCases)
  func packetsBeforeTheEndComeFirst(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let client = PacketPeerStream(pair.client)
    #expect(pair.peer.putData([1, 0, 0, 0, 7, 2, 0, 0, 0, 8]) == .ok)
    pair.peer.disconnectFromHost()
    try waitUntil("the packet") { client.getAvailablePacketCount() == 1 }
    #expect(client.getPacket() == [7])
    try waitUntil("the end") { client.getPacket() == [] && client.lastError != .errUnavailable }
    #expect(client.getPacketError() == .errFileEof)
    #expect(pair.client.getStatus() == .none)
    #expect(pair.client.closeReason == .peerFinished)
  }

  // MARK: Streams

  @Test func withoutAStreamItIsUnconfigured() throws {
    let peer = PacketPeerStream()
    #expect(peer.streamPeer == nil)
    #expect(peer.getPacketError() == .ok)
    #expect(peer.getPacket() == [])
    #expect(peer.getPacketError() == .errUnconfigured)
    #expect(peer.putPacket([1]) == .errUnconfigured)
    #expect(peer.putVar(1) == .errUnconfigured)
    #expect(peer.getAvailablePacketCount() == 0)
    #expect(peer.lastError == .errUnconfigured)
    let pair = try Pair(.tcp)
    peer.streamPeer = pair.client
    #expect(peer.putPacket([1]) == .ok)
    peer.streamPeer = pair.peer
    try waitUntil("the packet") { peer.getAvailablePacketCount() == 1 }
    #expect(peer.getPacket() == [1])
    peer.streamPeer = nil
    #expect(peer.getVar() == nil)
    #expect(peer.lastError == .errUnconfigured)
    #expect(throws: GodotError.errUnconfigured) { try peer.tryGet(Int.self) }
    #expect(throws: GodotError.errUnconfigured) { try peer.put(1) }
  }

  @Test func aStreamIsKeptWhileItIsSet() throws {
    let peer = PacketPeerStream()
    weak var stream: StreamPeer?
    do {
      let queue = Queue([1, 0, 0, 0, 5, 1, 0, 0, 0, 6])
      stream = queue
      peer.streamPeer = queue
    }
    #expect(peer.streamPeer != nil)
    #expect(peer.getAvailablePacketCount() == 2)
    #expect(peer.getPacket() == [5])
    peer.streamPeer = nil
    #expect(stream == nil)
  }

  @Test func aSubclassOfStreamPeerIsAStream() {
    let queue = Queue([])
    let peer = PacketPeerStream(queue)
    #expect(peer.getAvailablePacketCount() == 0)
    #expect(peer.putPacket([1, 2]) == .ok)
    #expect(queue.bytes == [2, 0, 0, 0, 1, 2])
    #expect(peer.putVar("text") == .ok)
    #expect(peer.getAvailablePacketCount() == 2)
    #expect(peer.getPacket() == [1, 2])
    #expect(peer.getVar() == "text")
    #expect(peer.getVar() == nil)
    #expect(peer.lastError == .errUnavailable)
  }

  @Test func aFullBatchIsBusyAndTakesWholePackets() throws {
    let pair = try Pair(.tcp, StreamOptions(writeBufferBytes: 1000))
    let client = PacketPeerStream(pair.client)
    let peer = PacketPeerStream(pair.peer)
    pair.client.setWriteBatching(true)
    #expect(client.putPacket(pattern(997)) == .errParameterRangeError)
    var put = 0
    while client.putPacket(pattern(500)) == .ok { put += 1 }
    #expect(client.lastError == .errBusy)
    var got = 0
    try waitUntil("all packets") {
      pair.client.poll()
      while peer.getAvailablePacketCount() > 0 {
        #expect(peer.getPacket() == pattern(500))
        got += 1
      }
      return got == put
    }
  }

  @Test func packetsComeThroughAPoller() throws {
    let pair = try Pair(.tcp, StreamOptions(readBufferBytes: 1000, writeBufferBytes: 1 << 20))
    let client = PacketPeerStream(pair.client)
    let peer = PacketPeerStream(pair.peer)
    client.outputBufferMaxSize = 1 << 19
    peer.inputBufferMaxSize = 1 << 19
    let poller = SocketPoller()
    #expect(poller.add(pair.client) == .ok)
    #expect(poller.add(pair.peer) == .ok)
    let large = pattern(300_000)
    #expect(client.putPacket([1]) == .ok)
    #expect(client.putPacket(large) == .ok)
    #expect(client.putPacket([2]) == .ok)
    var packets: [[UInt8]] = []
    try waitUntil("the packets") {
      poller.wait(timeoutMilliseconds: 1000)
      while poller.nextEvent() != nil {
        while let packet = peer.withPacket({ Array($0) }) { packets.append(packet) }
        #expect(peer.lastError == .errUnavailable)
      }
      return packets.count == 3
    }
    #expect(packets == [[1], large, [2]])
  }
}

/// A stream that returns the bytes that were put into it.
private final class Queue: StreamPeer {
  var bytes: [UInt8]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    super.init()
  }

  override func _getPartialData(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (error: GodotError, received: Int) {
    let count = min(buffer.count, bytes.count)
    buffer.copyBytes(from: bytes.prefix(count))
    bytes.removeFirst(count)
    return (.ok, count)
  }

  override func _putPartialData(_ data: UnsafeRawBufferPointer) -> (error: GodotError, sent: Int) {
    bytes += data
    return (.ok, data.count)
  }
}
