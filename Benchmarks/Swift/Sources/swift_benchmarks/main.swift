// SPDX-License-Identifier: MIT
//
// The library as its users call it from Swift: the work of Benchmarks/core.cpp.
import Harness
import StreamPeerSocket

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

func check(_ error: GodotError) {
  if error != .ok { fail("\(error)") }
}

func openPeer(_ work: Work) -> StreamPeer {
  if work.isTCP {
    let peer = StreamPeerTCP()
    check(peer.adoptFD(Int(firstFD)))
    return peer
  }
  let peer = StreamPeerUDS()
  check(peer.adoptFD(Int(firstFD)))
  return peer
}

// The end of a frame. Batched writes never wait by themselves.
func waitWritable() {
  var waited = pollfd(fd: firstFD, events: Int16(POLLOUT), revents: 0)
  _ = poll(&waited, 1, -1)
}

func getU32(_ work: Work) {
  let peer = openPeer(work)
  var meter = Meter(work)
  repeat {
    var sum: UInt32 = 0
    for _ in 0..<values {
      sum &+= peer.getU32()
    }
    keep(sum)
    check(peer.lastError)
  } while meter.add(values)
}

func putU32(_ work: Work) {
  let peer = openPeer(work)
  var meter = Meter(work)
  check(peer.setWriteBatching(true))
  repeat {
    for value in 0..<UInt32(values) {
      var error = peer.putU32(value)
      while error == .errBusy {  // the partner is slower
        waitWritable()
        error = peer.putU32(value)
      }
      check(error)
    }
  } while meter.add(values)
}

// One call waits, and the loop takes the other values in place. That is the fastest way.
func spanU32(_ work: Work) {
  let peer = openPeer(work)
  var meter = Meter(work)
  var count = 0
  repeat {
    var sum = peer.getU32()
    check(peer.lastError)
    count = peer.peek { bytes in
      let (found, values) = sumOfValues(bytes)
      sum &+= found
      return values
    }
    keep(sum)
    check(peer.consume(count * 4))
  } while meter.add(1 + count)
}

func blockU32(_ work: Work) {
  let peer = openPeer(work)
  var meter = Meter(work)
  let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 4)
  repeat {
    storeValues(in: piece)
    check(peer.putData(UnsafeRawBufferPointer(piece)))
  } while meter.add(values)
}

func pingPong(_ work: Work) {
  let peer = openPeer(work)
  var samples = Samples(work)
  let message = UnsafeMutableRawBufferPointer.allocate(byteCount: messageBytes, alignment: 1)
  message.initializeMemory(as: UInt8.self, repeating: 0)
  repeat {
    samples.begin()
    check(peer.putData(UnsafeRawBufferPointer(message)))
    check(peer.getData(into: message).error)
  } while samples.end()
}

func bulkIn(_ work: Work) {
  let peer = openPeer(work)
  var meter = Meter(work)
  let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 1)
  repeat {
    check(peer.getData(into: piece).error)
  } while meter.add(1)
}

func bulkOut(_ work: Work) {
  let peer = openPeer(work)
  var meter = Meter(work)
  let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 1)
  piece.initializeMemory(as: UInt8.self, repeating: 0)
  repeat {
    check(peer.putData(UnsafeRawBufferPointer(piece)))
  } while meter.add(1)
}

runRow(
  [
    "get_u32": getU32, "put_u32": putU32, "ping_pong": pingPong, "bulk_in": bulkIn,
    "bulk_out": bulkOut, "frames": frames, "span_u32": spanU32, "block_u32": blockU32,
    "encode_dictionary": { encode(dictionary, $0) },
    "decode_dictionary": { decode(dictionary, $0) },
    "encode_packed": { encode(packed, $0) }, "decode_packed": { decode(packed, $0) },
    "trips": trips, "idle": idle, "connects": connects, "accepts": accepts,
  ])
