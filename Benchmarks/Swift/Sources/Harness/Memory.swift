// SPDX-License-Identifier: MIT
import CHeap

// Before anything of the work was made.
nonisolated(unsafe) var heapBytesBefore = 0

/// What each peer has of the heap; all are idle, and each was active now and then.
public func printMemory(_ work: Work) {
  print("bytes_a_peer \((heap_bytes() - heapBytesBefore) / work.peers)")
}
