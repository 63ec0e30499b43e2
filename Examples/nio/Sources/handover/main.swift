// SPDX-License-Identifier: MIT
//
// handover PORT: a connection changes its owner, from this library to SwiftNIO and back. One client
// sends lines. The owner answers each with its name: this library until the line `nio`, SwiftNIO
// until the line `back`, and so on. Port 0 lets the OS choose.
import Foundation
import NIOCore
import NIOPosix
import StreamPeerSocket

/// Answers lines with this library. Returns at the end of the connection (nil), or with the
/// connection after the line `nio`.
func answer(_ peer: StreamPeerTCP, unread: [UInt8] = []) throws -> Handover? {
  var unread = unread[...]
  while let line = nextLine(of: peer, unread: &unread) {
    try peer.putText("StreamPeerSocket: \(line)\n").orThrow()
    if line == "nio" {
      let handover = try Handover(from: peer)
      return Handover(fd: handover.fd, unread: unread + handover.unread)
    }
  }
  return nil
}

/// The next line, of which the last owner may have received a part.
func nextLine(of peer: StreamPeerTCP, unread: inout ArraySlice<UInt8>) -> String? {
  if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
    defer { unread = unread[(end + 1)...] }
    return String(decoding: unread[..<end], as: UTF8.self)
  }
  defer { unread = [] }
  let begin = String(decoding: unread, as: UTF8.self)
  return peer.getLine().map { begin + $0 }
}

/// Answers lines with SwiftNIO. Waits until that is over, and returns as above.
func answerWithNIO(_ handover: Handover) throws -> Handover? {
  let loop = MultiThreadedEventLoopGroup.singleton.next()
  let result = loop.makePromise(of: Handover?.self)
  ClientBootstrap(group: loop)
    .channelOption(.allowRemoteHalfClosure, value: true)
    .channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        let handler = LineHandler(unread: handover.unread, result: result)
        try channel.pipeline.syncOperations.addHandler(handler)
      }
    }
    .withConnectedSocket(handover.fd)  // the channel owns the descriptor now
    .cascadeFailure(to: result)
  return try result.futureResult.wait()
}

guard CommandLine.arguments.count == 2, let port = Int(CommandLine.arguments[1]) else {
  fatalError("usage: handover PORT")
}
let server = TCPServer()
let poller = SocketPoller()
try server.listen(port, "127.0.0.1").orThrow()
try poller.add(server).orThrow()
print("listening on port \(server.getLocalPort())")
fflush(nil)

var client: StreamPeerTCP?
while client == nil {
  poller.wait(timeoutMilliseconds: -1)
  client = server.takeConnection()
}
var handover = try answer(client!)
while let forNIO = handover, let returned = try answerWithNIO(forNIO) {
  handover = try answer(returned.makeStream(), unread: returned.unread)
}
