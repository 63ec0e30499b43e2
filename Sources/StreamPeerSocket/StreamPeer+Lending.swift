// SPDX-License-Identifier: MIT

// A body that is shown a stream's own memory could end or change that memory, by a call on the
// stream, on a packet peer over it, or on the poller that it is in. So while the memory is lent all
// of these calls are refused, and the stream is kept alive.
extension StreamPeer {
  final var isLent: Bool { handle == nil && ownHandle != nil }

  final func lend<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let lent = handle
    let lifetime = membership?.lifetime
    handle = nil
    lifetime?.lentMembers += 1
    defer {
      handle = lent
      lifetime?.lentMembers -= 1
    }
    return try body()
  }
}
