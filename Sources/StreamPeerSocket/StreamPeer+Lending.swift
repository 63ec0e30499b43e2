// SPDX-License-Identifier: MIT

// A body receives a span in the stream's own memory. A call on the stream, on its packet peer, or
// on its poller could free or change that memory. So while the memory is lent, these calls are
// refused and the stream is kept alive.
extension StreamPeer {
  final var isLent: Bool { unsafe handle == nil && ownHandle != nil }

  final func lend<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let lent = unsafe handle
    let lifetime = membership?.lifetime
    unsafe handle = nil
    lifetime?.lentMembers += 1
    defer {
      unsafe handle = lent
      lifetime?.lentMembers -= 1
    }
    return try body()
  }
}
