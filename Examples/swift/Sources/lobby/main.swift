// SPDX-License-Identifier: MIT
//
// lobby [PORT]: a server for any number of players. It sends each string back.
// A player that reads slowly holds up nobody and loses nothing. Port 0 lets the OS choose.
import Foundation
import StreamPeerSocket

final class Player {
  let peer: StreamPeerTCP
  private var unsent: String?  // the peer reads too slowly to take it
  init(_ peer: StreamPeerTCP) { self.peer = peer }

  // Serves this player until nothing is left to read, or until its write buffer is full.
  // Both end with errBusy, and the poller reports when the player can go on.
  func serve() {
    while let text = unsent ?? peer.tryGetUtf8String() {
      unsent = text
      guard peer.putUtf8String(text) == .ok else { return }
      unsent = nil
    }
  }
}

final class Lobby {
  private let poller = SocketPoller()
  private let server = TCPServer()
  private var players: [ObjectIdentifier: Player] = [:]  // the poller keeps nothing alive

  var port: Int { server.getLocalPort() }

  func start(port: Int) throws {
    try server.listen(port).orThrow()
    try poller.add(server).orThrow()
  }

  func frame(timeoutMilliseconds: Int) {  // 0: once a frame; −1: in a thread of its own
    poller.wait(timeoutMilliseconds: timeoutMilliseconds)
    for event in poller.events {
      if event.server != nil { takePlayers() }
      guard let player = event.owner as? Player else { continue }
      player.serve()
      if player.peer.lastError != .errBusy {  // the stream has closed, or sent nonsense
        players[ObjectIdentifier(player)] = nil
      }
    }
  }

  private func takePlayers() {
    while let peer = server.takeConnection() {
      let player = Player(peer)
      guard poller.add(peer, owner: player) == .ok else { continue }
      players[ObjectIdentifier(player)] = player
    }
  }
}

let lobby = Lobby()
try lobby.start(port: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 7777)
print("listening on port \(lobby.port)")
fflush(nil)
while true {
  lobby.frame(timeoutMilliseconds: -1)
}
