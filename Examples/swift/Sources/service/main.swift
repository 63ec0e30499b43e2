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
import Synchronization

/// The protocol of swift-service-lifecycle has this shape. Its `ServiceGroup` runs such a type.
protocol Service: Sendable {
  func run() async throws
}

/// Stands in for two functions of swift-service-lifecycle, `withGracefulShutdownHandler` and
/// `cancelWhenGracefulShutdown`. Those need no object: they find the shutdown of their group.
final class GracefulShutdown: Sendable {
  private struct State {
    var hasBegun = false
    var handlers: [Int: @Sendable () -> Void] = [:]
    var count = 0
  }
  private let state = Mutex(State())

  func begin() {
    state.withLock { state in
      state.hasBegun = true
      for handler in state.handlers.values { handler() }
    }
  }

  /// Runs `operation`. Calls the handler if the shutdown begins meanwhile, or has begun before.
  func withHandler<Result>(
    _ handler: @escaping @Sendable () -> Void, operation: () async throws -> Result
  ) async rethrows -> Result {
    let number = state.withLock { state in
      if state.hasBegun { handler() }
      state.count += 1
      state.handlers[state.count] = handler
      return state.count
    }
    defer { state.withLock { state in state.handlers[number] = nil } }
    return try await operation()
  }

  /// Runs `operation` in a task, and cancels it as above.
  func cancelling<Result: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task(executorPreference: SocketLoop.current) { try await operation() }
    return try await withTaskCancellationHandler {
      try await withHandler {
        task.cancel()
      } operation: {
        try await task.value
      }
    } onCancel: {
      task.cancel()
    }
  }
}

struct SumService: Service {
  let listener: Listener<String, String>
  let shutdown: GracefulShutdown

  func run() async throws {
    try await shutdown.withHandler {
      listener.stop()
    } operation: {
      // A client that keeps its side open may hold up the end for one second.
      try await listener.run(closeTimeout: .seconds(1), onError: { print($1) }) { client in
        while let line = try await firstLine(from: client) { try await answer(line, to: client) }
      }
    }
  }

  // Waits for a request. Returns nil if the client finishes, or if the shutdown begins first.
  func firstLine(from client: Connection<String, String>) async throws -> String? {
    do {
      return try await shutdown.cancelling { try await client.receive() }
    } catch is CancellationError {
      return try? await client.receive(within: .zero)  // a request that has come is answered
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
let shutdown = GracefulShutdown()
let listener = try await Listener.tcp(
  port: arguments.first ?? 7777, coding: .lines,
  options: ServerOptions(stream: StreamOptions(halfOpen: true)))  // a client may finish, then wait
let service = SumService(listener: listener, shutdown: shutdown)
print("listening on port \(listener.port)")
fflush(nil)

let isInOrder = try await withThrowingTaskGroup { tasks in
  tasks.addTask {
    try await service.run()
    return true
  }
  tasks.addTask {
    for await _ in signals { break }
    shutdown.begin()
    try await Task.sleep(for: .seconds(arguments.dropFirst().first ?? 10))
    return false
  }
  defer { tasks.cancelAll() }
  return try await tasks.next()!
}
exit(isInOrder ? 0 : 1)
