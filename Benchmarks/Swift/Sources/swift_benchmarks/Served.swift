// SPDX-License-Identifier: MIT
//
// Echoes on many connections, and connections that come and go, with the poller: the work of
// Benchmarks/core_served.cpp.
import Harness
import StreamPeerSocket

private struct Echoed {
  let poller = SocketPoller()
  let peers: [StreamPeerTCP]
  let message = UnsafeMutableRawBufferPointer.allocate(byteCount: messageBytes, alignment: 1)

  init(_ work: Work) {
    message.initializeMemory(as: UInt8.self, repeating: 0)
    peers = (0..<work.peers).map { _ in StreamPeerTCP() }
    for (index, peer) in peers.enumerated() {
      check(peer.adoptFD(Int(firstFD) + index))
      check(poller.add(peer))
      check(peer.putData(UnsafeRawBufferPointer(message)))
    }
  }

  /// Takes the messages that have come back, and sends them again.
  func turn(sendsAgain: Bool) -> Int {
    var done = 0
    poller.wait(timeoutMilliseconds: -1)
    for event in poller.events {
      guard let peer = event.peer else { continue }
      check(peer.getData(into: message).error)
      if sendsAgain { check(peer.putData(UnsafeRawBufferPointer(message))) }
      done += 1
    }
    return done
  }
}

func trips(_ work: Work) {
  let echoed = Echoed(work)
  var meter = Meter(work)
  while meter.add(echoed.turn(sendsAgain: true)) {}
}

func idle(_ work: Work) {
  let echoed = Echoed(work)
  var done = 0
  while done < work.peers { done += echoed.turn(sendsAgain: false) }
  printMemory(work)
}

func connects(_ work: Work) {
  let port = partnerPort()
  let poller = SocketPoller()
  var meter = Meter(work)
  repeat {
    let peer = StreamPeerTCP()
    check(poller.add(peer))
    check(peer.connectToHost("127.0.0.1", port: port))
    while peer.getStatus() == .connecting {
      poller.wait(timeoutMilliseconds: -1)
      for _ in poller.events {}
    }
    guard peer.getStatus() == .connected else { fail("connect") }
    peer.disconnectFromHost()
  } while meter.add(1)
}

func accepts(_ work: Work) {
  let server = TCPServer()
  check(server.listen(0, "127.0.0.1"))
  let poller = SocketPoller()
  check(poller.add(server))
  tellPartner(port: server.getLocalPort())
  var peers: [ObjectIdentifier: StreamPeerTCP] = [:]
  var meter = Meter(work)
  var ended = 0
  repeat {
    ended = 0
    poller.wait(timeoutMilliseconds: -1)
    for event in poller.events {
      if let peer = event.peer {
        if event.kinds.isDisjoint(with: [.finished, .closed]) { continue }
        peer.disconnectFromHost()
        peers[ObjectIdentifier(peer)] = nil
        ended += 1
      } else {
        while let peer = server.takeConnection() {
          peers[ObjectIdentifier(peer)] = peer
          check(poller.add(peer))
        }
      }
    }
  } while meter.add(ended)
}
