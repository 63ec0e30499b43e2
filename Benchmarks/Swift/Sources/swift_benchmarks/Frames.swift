// SPDX-License-Identifier: MIT
//
// The frames of many peers, with the poller: the work of Benchmarks/core_frames.cpp.
import Harness
import StreamPeerSocket

private let idleFrames = 100  // for each that finds something

private struct Crowd {
  let poller = SocketPoller()
  let peers: [StreamPeerTCP]
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 1)

  init(_ work: Work) {
    peers = (0..<work.peers).map { _ in StreamPeerTCP() }
    for (index, peer) in peers.enumerated() {
      check(peer.adoptFD(Int(firstFD) + index))
      check(poller.add(peer))
    }
  }

  /// Runs one frame, and returns the number of bytes read.
  func frame() -> Int {
    var bytes = 0
    if poller.wait(timeoutMilliseconds: 0) > 0 {
      for event in poller.events where event.kinds.contains(.readable) {
        bytes += event.peer?.getPartialData(into: buffer).received ?? 0
      }
    }
    return bytes
  }
}

func frames(_ work: Work) {
  let crowd = Crowd(work)
  var meter = Meter(Work(isTCP: true, items: work.items * idleFrames, peers: work.peers))
  repeat {
    for _ in 0..<idleFrames {
      _ = crowd.frame()
    }
  } while meter.add(idleFrames)
  var samples = Samples(work)
  repeat {
    activatePeers()
    samples.begin()
    var bytes = 0
    while bytes < activePeers * messageBytes {
      bytes += crowd.frame()
    }
  } while samples.end()
  printMemory(work)
}
