// SPDX-License-Identifier: MIT
import CCounts

// The heap before the work begins.
nonisolated(unsafe) var heapBytesBefore = 0

/// Prints the heap bytes of each peer. All peers are idle, and each was active before.
public func printMemory(_ work: Work) {
  print("bytes_a_peer \((heap_bytes() - heapBytesBefore) / work.peers)")
}
