// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket

extension ConnectAttempt {
  /// A line of a timeline, such as `0.000 s to 0.251 s  2001:db8::1 port 80: abandoned`.
  var line: String {
    let seconds = { (microseconds: UInt64) in String(format: "%.3f s", Double(microseconds) / 1e6) }
    let end = state == .running ? "..." : seconds(endMicroseconds)
    let why = osError > 0 ? " (\(String(cString: strerror(osError)).lowercased()))" : ""
    return "\(seconds(startMicroseconds)) to \(end)  \(host) port \(port): \(state)\(why)"
  }
}
