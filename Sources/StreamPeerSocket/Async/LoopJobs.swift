// SPDX-License-Identifier: MIT

// The jobs that are ready, first come, first served, in a ring that grows.
//
// It is plain memory, because every task takes this path. A push or a pop is a few loads and
// stores. A warm ring allocates nothing.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
@safe final class LoopJobs {
  // A power of two.
  private var capacity = 64
  private var ring: UnsafeMutablePointer<UnownedJob>
  private var first = 0
  private(set) var count = 0

  init() {
    unsafe ring = .allocate(capacity: capacity)
  }

  deinit {
    unsafe ring.deallocate()
  }

  var isEmpty: Bool { count == 0 }

  func append(_ job: UnownedJob) {
    if count == capacity { grow() }
    unsafe (ring + ((first + count) & (capacity - 1))).initialize(to: job)
    count += 1
  }

  // There must be one.
  func takeFirst() -> UnownedJob {
    let job = unsafe ring[first]
    first = (first + 1) & (capacity - 1)
    count -= 1
    return job
  }

  private func grow() {
    let larger = UnsafeMutablePointer<UnownedJob>.allocate(capacity: 2 * capacity)
    for place in 0..<count {
      unsafe (larger + place).initialize(to: ring[(first + place) & (capacity - 1)])
    }
    unsafe ring.deallocate()
    unsafe ring = larger
    first = 0
    capacity *= 2
  }
}
