// SPDX-License-Identifier: MIT
//
// chat [PORT]: a chat server for Godot games. A game sends Strings with `put_var` of a
// PacketPeerStream: its name, then what it says. It receives Strings with `get_var`.
//
// A game that reads slowly holds up nobody: it misses old lines, and is dropped after 5 seconds.
// SIGTERM and SIGINT end the server in order. Port 0 lets the OS choose.
import Foundation
import Signals
import StreamPeerSocket
import Synchronization

/// The members of the chat, and the lines that wait for each of them.
final class Room: Sendable {
  private let outboxes = Mutex<[String: AsyncStream<Variant>.Continuation]>([:])

  /// Returns the lines for a new member, or nil if the name is taken.
  func join(_ name: String) -> AsyncStream<Variant>? {
    let (lines, outbox) = AsyncStream<Variant>.makeStream(bufferingPolicy: .bufferingNewest(100))
    let isFree = outboxes.withLock { outboxes in
      guard outboxes[name] == nil else { return false }
      outboxes[name] = outbox
      return true
    }
    guard isFree else { return nil }
    say("\(name) joined")
    return lines
  }

  func leave(_ name: String) {
    outboxes.withLock { $0.removeValue(forKey: name) }?.finish()
    say("\(name) left")
  }

  /// Tells every member. It never waits: a full outbox loses its oldest line.
  func say(_ line: String) {
    outboxes.withLock { for outbox in $0.values { outbox.yield(.string(line)) } }
  }

  /// Lets each member receive the lines that wait, and no more.
  func close() {
    outboxes.withLock { for outbox in $0.values { outbox.finish() } }
  }

  /// Serves one game until it leaves, or until the room closes.
  func serve(_ game: Connection<Variant, Variant>) async throws {
    guard let name = try await game.receive(within: .seconds(10))?.stringValue else { return }
    guard let lines = join(name) else { return try await game.send("\(name) is taken") }
    defer { leave(name) }
    try await withThrowingTaskGroup { tasks in
      tasks.addTask {
        for try await said in game.messages {
          guard let text = said.stringValue else { return }
          self.say("\(name): \(text)")
        }
      }
      tasks.addTask {
        for await line in lines { try await game.send(line, within: .seconds(5)) }
      }
      try await tasks.next()
      tasks.cancelAll()
    }
  }
}

/// Prints why a game was lost. A game that leaves is no failure. If a line was on its way, the
/// game's OS answers with a reset.
@Sendable func report(_ game: Connection<Variant, Variant>, _ error: any Error) {
  let reason = (error as? ConnectionError)?.reason
  if reason != .peerFinished && reason != .reset { print(error) }
}

let signals = await terminationSignals()
let room = Room()
let listener = try await Listener.tcp(
  port: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 7777,
  coding: .variants, options: ServerOptions(stream: StreamOptions(maxValueBytes: 4096)))
print("listening on port \(listener.port)")
fflush(nil)

try await withThrowingTaskGroup { tasks in
  tasks.addTask {
    try await listener.run(maxConnections: 1000, onError: report) { game in
      try await room.serve(game)
    }
  }
  tasks.addTask {
    for await _ in signals { break }
    listener.stop()
    room.close()
    try await Task.sleep(for: .seconds(5))  // for the games to close
  }
  try await tasks.next()
  tasks.cancelAll()
}
