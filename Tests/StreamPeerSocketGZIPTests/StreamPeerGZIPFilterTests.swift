// SPDX-License-Identifier: MIT
import StreamPeerSocket
import StreamPeerSocketGZIP
import SwiftTestSupport
import Testing

@Suite("StreamPeerGZIPFilter", .watchdog)
struct StreamPeerGZIPFilterTests {
  /// Two filters over TCP in a poller. The poller's events are those of the filters.
  @Test func filtersTalkInAPoller() throws {
    let server = TCPServer()
    #expect(server.listen(0, "127.0.0.1") == .ok)
    let client = StreamPeerTCP()
    #expect(client.connectToHost("127.0.0.1", port: server.getLocalPort()) == .ok)
    var accepted: StreamPeerTCP?
    while accepted == nil || client.getStatus() == .connecting {
      client.poll()
      accepted = accepted ?? server.takeConnection()
    }
    let poller = SocketPoller()
    let (one, two) = (StreamPeerGZIPFilter(), StreamPeerGZIPFilter())
    #expect(one.connectToStream(client) == .ok)
    #expect(two.connectToStream(try #require(accepted)) == .ok)
    #expect(one.connectToStream(client) == .errAlreadyInUse)
    #expect(poller.add(one) == .ok)
    #expect(poller.add(two) == .ok)
    #expect(one.putVar("hello") == .ok)
    var received: Variant?
    while received == nil {
      poller.wait(timeoutMilliseconds: 10_000)
      while let event = poller.nextEvent() {
        #expect(event.peer === one || event.peer === two)
        if event.peer === two { received = received ?? two.tryGetVar() }
      }
    }
    #expect(received == "hello")
    #expect(one.finish() == .ok)
    one.disconnectFromStream()
    #expect(one.getStream() == nil)
    client.disconnectFromHost()
    while two.getStatus() == .connected {
      poller.wait(timeoutMilliseconds: 10_000)
      while poller.nextEvent() != nil {}
    }
    #expect(two.closeReason == .peerFinished)
    #expect(two.getStream() === accepted)
  }

  /// The base of a filter that is dropped in a poller ends with it, in the poller's next wait.
  @Test func aDroppedFilterTakesItsBaseAlong() throws {
    let server = TCPServer()
    #expect(server.listen(0, "127.0.0.1") == .ok)
    let poller = SocketPoller()
    weak var base: StreamPeerTCP?
    do {
      let client = StreamPeerTCP()
      base = client
      #expect(client.connectToHost("127.0.0.1", port: server.getLocalPort()) == .ok)
      let filter = StreamPeerGZIPFilter()
      #expect(filter.connectToStream(client) == .ok)
      #expect(poller.add(filter) == .ok)
    }
    #expect(base != nil)
    poller.wait(timeoutMilliseconds: 0)
    #expect(base == nil)
  }
}
