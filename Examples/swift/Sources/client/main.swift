// SPDX-License-Identifier: MIT
//
// client HOST PORT TEXT: sends TEXT to a lobby and prints the answer. It runs as a game does:
// once a frame it polls, and no call waits.
import Foundation
import StreamPeerSocket

guard CommandLine.arguments.count == 4, let port = Int(CommandLine.arguments[2]) else {
  fatalError("usage: client HOST PORT TEXT")
}
let (host, text) = (CommandLine.arguments[1], CommandLine.arguments[3])

let peer = StreamPeerTCP(options: StreamOptions(connectTimeoutMilliseconds: 10_000))
try peer.connectToHost(host, port: port).orThrow()  // returns at once, even for a name
var hasSent = false
while true {
  peer.poll()
  switch peer.getStatus() {
  case .connecting:
    break
  case .connected:
    if !hasSent {
      try peer.putUtf8String(text).orThrow()
      hasSent = true
    }
    if let answer = peer.tryGetUtf8String() {  // the whole string or nothing
      print(answer)
      exit(0)
    }
  case .none, .error:
    print("no answer: \(peer.closeReason)")
    exit(1)
  }
  Thread.sleep(forTimeInterval: 1.0 / 60)  // the rest of the frame
}
