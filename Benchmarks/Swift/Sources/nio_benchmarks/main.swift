// SPDX-License-Identifier: MIT
//
// SwiftNIO as its users write it: handlers in a channel's pipeline, on one event loop.
import Harness
import NIOCore

func fillWithValues(_ piece: inout ByteBuffer) {
  piece.clear()
  for value in 0..<UInt32(values) {
    piece.writeInteger(value, endianness: .little)
  }
}

func storeInPlace(_ piece: inout ByteBuffer) {
  piece.clear()
  piece.writeWithUnsafeMutableBytes(minimumWritableBytes: pieceBytes) { room in
    storeValues(in: UnsafeMutableRawBufferPointer(rebasing: room[..<pieceBytes]))
    return pieceBytes
  }
}

// Writes the same bytes again and again, like the other programs. Nothing is copied.
func fillOnce(_ piece: inout ByteBuffer) {
  if piece.readableBytes == 0 {
    piece.writeRepeatingByte(0, count: pieceBytes)
  }
}

runRow(
  [
    "get_u32": { work in runHandler { ValueReader(work, done: $0) } },
    "put_u32": { work in
      runHandler { PieceWriter(work, done: $0, items: values, fill: fillWithValues) }
    },
    "ping_pong": { work in runHandler { Pinger(work, done: $0) } },
    "bulk_in": { work in runHandler { PieceReader(work, done: $0) } },
    "bulk_out": { work in
      runHandler { PieceWriter(work, done: $0, items: 1, fill: fillOnce) }
    },
    "frames": frames,
    "span_u32": { work in runHandler { SpanReader(work, done: $0) } },
    "block_u32": { work in
      runHandler { PieceWriter(work, done: $0, items: values, fill: storeInPlace) }
    },
    "tls_ping_pong": { work in runHandler(over: tlsServer()) { Pinger(work, done: $0) } },
    "tls_bulk_in": { work in runHandler(over: tlsServer()) { PieceReader(work, done: $0) } },
    "tls_bulk_out": { work in
      runHandler(over: tlsServer()) { SentPieceWriter(work, done: $0, fill: fillOnce) }
    },
    "tls_idle": tlsIdle,
  ])
