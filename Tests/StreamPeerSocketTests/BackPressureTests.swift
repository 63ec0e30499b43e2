// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// The echo lobby of docs/guide-swift.md: a peer that reads slowly loses nothing.
@Suite("back-pressure", .watchdog)
struct BackPressureTests {
  private final class Player {
    let peer: StreamPeerTCP
    private var unsent: String?
    private(set) var refusals = 0
    init(_ peer: StreamPeerTCP) { self.peer = peer }

    func serve() {
      while let text = unsent ?? peer.tryGetUtf8String() {
        unsent = text
        guard peer.putUtf8String(text) == .ok else {
          refusals += 1
          return
        }
        unsent = nil
      }
    }
  }

  private final class Lobby {
    private let poller = SocketPoller()
    private let server = TCPServer(
      options: ServerOptions(
        stream: StreamOptions(osSendBufferBytes: 20_000, osReceiveBufferBytes: 20_000)))
    private var players: [ObjectIdentifier: Player] = [:]
    private(set) var refusals = 0
    var port: Int { server.getLocalPort() }

    init() {
      server.listen(0, "127.0.0.1")
      poller.add(server)
    }

    // Runs until the last player has left.
    func run() {
      repeat {
        poller.wait(timeoutMilliseconds: -1)
        for event in poller.events {
          if event.server != nil { takePlayers() }
          guard let player = event.owner as? Player else { continue }
          player.serve()
          if player.peer.lastError != .errBusy {
            refusals += player.refusals
            players[ObjectIdentifier(player)] = nil
          }
        }
      } while !players.isEmpty
    }

    private func takePlayers() {
      while let peer = server.takeConnection() {
        let player = Player(peer)
        poller.add(peer, owner: player)
        players[ObjectIdentifier(player)] = player
      }
    }
  }

  @Test func aSlowReaderLosesNothing() throws {
    let lobby = Lobby()
    let port = lobby.port
    let running = Background { lobby.run() }
    let client = StreamPeerTCP(options: StreamOptions(osReceiveBufferBytes: 20_000))
    #expect(client.connectToHost("127.0.0.1", port: port) == .ok)
    try waitUntil("the connection") { client.polledStatus() == .connected }
    #expect(client.setWriteBatching(true) == .ok)
    let count = 3000
    let filler = String(repeating: "x", count: 1000)
    var (sent, received) = (0, 0)
    try waitUntil("the echoes") {
      while sent < count, client.putUtf8String("\(sent) \(filler)") == .ok { sent += 1 }
      client.poll()
      for _ in 0..<4 {  // so the lobby's answers pile up
        guard let text = client.tryGetUtf8String() else { break }
        try #require(text == "\(received) \(filler)")
        received += 1
      }
      return received == count
    }
    client.disconnectFromHost()
    try running.join()
    #expect(lobby.refusals > 0)
  }
}
