// SPDX-License-Identifier: MIT
import CMemoryCounter
import StreamPeerSocket
import SwiftTestSupport
import Testing

@Suite(
  "allocations of await", .watchdog,
  .enabled(if: memory_counter_works() != 0, "memory cannot be counted here"))
struct AllocationTests {
  @Test func aWarmConnectionAllocatesNothingForAMessage() async throws {
    try await withLoop { loop in
      let pair = try await Pair(.bytes, on: loop)
      var sum = 0
      for _ in 0..<50 { sum += try await exchange(pair) }
      // Swift's runtime may allocate for itself in one round, for a cache that grows.
      var least = Int.max
      for _ in 0..<4 {
        memory_counter_begin()
        for _ in 0..<50 { sum += try await exchange(pair) }
        least = min(least, Int(memory_counter_most()))
      }
      #expect(least == 0)
      #expect(sum == 250 * 14)
    }
  }

  // 64 bytes there and back. Both receives suspend, and the loop's thread runs everything.
  private func exchange(_ pair: Pair<[UInt8]>) async throws -> Int {
    try await pass(from: pair.client, to: pair.server)
      + pass(from: pair.server, to: pair.client)
  }

  private func pass(
    from sender: Connection<[UInt8], [UInt8]>, to receiver: Connection<[UInt8], [UInt8]>
  ) async throws -> Int {
    try await sender.withWritableSpan(atLeast: 64) { span in
      span.append(repeating: 7, count: 64, as: UInt8.self)
    }
    return try await receiver.withReadableSpan(atLeast: 64) { span in
      (used: 64, result: Int(span.unsafeLoad(as: UInt8.self)))
    } ?? 0
  }
}
