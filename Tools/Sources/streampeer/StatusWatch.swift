// SPDX-License-Identifier: MIT
import StreamPeerSocket

/// Reports each change of a socket's status, with the time since the watch began.
struct StatusWatch {
  private let peer: StreamPeerSocket
  private let watch = Stopwatch()
  private let report: (_ time: String, _ status: StreamPeerSocket.Status) -> Void
  private var last = StreamPeerSocket.Status.none

  init(
    _ peer: StreamPeerSocket,
    report: @escaping (_ time: String, _ status: StreamPeerSocket.Status) -> Void
  ) {
    self.peer = peer
    self.report = report
  }

  mutating func look() {
    let status = peer.getStatus()
    if status != last {
      last = status
      report(watch.text, status)
    }
  }
}
