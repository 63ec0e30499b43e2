// SPDX-License-Identifier: MIT

// The waits that have a deadline, in a binary heap: the earliest is the first.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
final class LoopTimers {
  private var heap: [LoopWait] = []

  var isEmpty: Bool { heap.isEmpty }

  // The earliest deadline, or nil without one.
  var next: UInt64? { heap.first?.dueNanoseconds }

  // For a poller's wait: −1 without a deadline. Rounded up, so that no wait ends too early.
  func nextMilliseconds(from now: UInt64) -> Int32 {
    guard let next else { return -1 }
    guard next > now else { return 0 }
    return Int32(clamping: (next - now + 999_999) / 1_000_000)
  }

  func add(_ wait: LoopWait, dueNanoseconds: UInt64) {
    wait.dueNanoseconds = dueNanoseconds
    wait.place = heap.count
    heap.append(wait)
    moveUp(wait)
  }

  func remove(_ wait: LoopWait) {
    let place = wait.place
    guard place >= 0 else { return }
    wait.place = -1
    let moved = heap.removeLast()
    guard moved !== wait else { return }
    put(moved, at: place)
    moveUp(moved)
    moveDown(moved)
  }

  // Returns whether a deadline has passed.
  func fire(until nowNanoseconds: UInt64) -> Bool {
    guard let next, next <= nowNanoseconds else { return false }
    while let first = heap.first, first.dueNanoseconds <= nowNanoseconds {
      first.end(.timedOut)
    }
    return true
  }

  private func put(_ wait: LoopWait, at place: Int) {
    heap[place] = wait
    wait.place = place
  }

  private func moveUp(_ wait: LoopWait) {
    while wait.place > 0 {
      let parent = heap[(wait.place - 1) / 2]
      guard parent.dueNanoseconds > wait.dueNanoseconds else { return }
      swapPlaces(parent, wait)
    }
  }

  private func moveDown(_ wait: LoopWait) {
    while true {
      var child = 2 * wait.place + 1
      guard child < heap.count else { return }
      let other = child + 1
      if other < heap.count, heap[other].dueNanoseconds < heap[child].dueNanoseconds {
        child = other
      }
      guard heap[child].dueNanoseconds < wait.dueNanoseconds else { return }
      swapPlaces(heap[child], wait)
    }
  }

  private func swapPlaces(_ one: LoopWait, _ other: LoopWait) {
    let place = one.place
    put(one, at: other.place)
    put(other, at: place)
  }
}
