// SPDX-License-Identifier: MIT
//
// service [PORT [SECONDS]]: a server that shuts down in order. A request is numbers, one a line,
// and an empty line. The answer is their sum.
//
// After SIGTERM or SIGINT it accepts nothing more, closes idle connections, and answers the open
// requests. It cancels those that are still open after SECONDS (default 10).
import Foundation
import Signals
import StreamPeerSocket

/// The protocol of swift-service-lifecycle has this shape, and its `ServiceGroup` runs such a type.
/// There `withGracefulShutdownHandler` in `run()` calls `listener.finish()`.
protocol Service: Sendable {
  func run() async throws
}

struct SumService: Service {
  let listener: Listener<String, String>

  func run() async throws {
    // A client that keeps its side open may hold up the end for one second.
    try await listener.run(closeTimeout: .seconds(1), onError: { print($1) }) { client in
      for try await line in client.messages { try await answer(line, to: client) }
    }
  }

  func answer(_ first: String, to client: Connection<String, String>) async throws {
    var line = first
    var sum = 0
    while !line.isEmpty {
      guard let number = Int(line) else { return try await client.send("not a number: \(line)") }
      sum &+= number  // wraps: no client may end the program
      guard let next = try await client.receive(within: .seconds(30)) else { return }
      line = next
    }
    try await client.send("\(sum)")
  }
}

let arguments = CommandLine.arguments.dropFirst().map { Int($0) ?? 0 }
let signals = await terminationSignals()
let listener = try await Listener.tcp(
  port: arguments.first ?? 7777, coding: .lines,
  options: ServerOptions(stream: StreamOptions(halfOpen: true)))  // a client may finish, then wait
let service = SumService(listener: listener)
print("listening on port \(listener.port)")
fflush(nil)

let isInOrder = try await withThrowingTaskGroup { tasks in
  tasks.addTask {
    try await service.run()
    return true
  }
  tasks.addTask {
    for await _ in signals { break }
    listener.finish()
    try await Task.sleep(for: .seconds(arguments.dropFirst().first ?? 10))
    return false
  }
  defer { tasks.cancelAll() }
  return try await tasks.next()!
}
exit(isInOrder ? 0 : 1)
