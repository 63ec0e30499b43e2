// SPDX-License-Identifier: MIT
//
// Helpers of the async tests: a loop for each test, and pairs of connections.
import Foundation
import StreamPeerSocket
import Testing

/// Runs a body on a loop of its own, and sees that nothing is left open or waiting.
func withLoop(
  _ body: @escaping @Sendable (SocketLoop) async throws -> Void,
  sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  let loop = SocketLoop(name: "test")
  try await Task(executorPreference: loop) { try await body(loop) }.value
  await loop.shutDown()
}

/// Two ends of one connection. The listener is gone.
struct Pair<Message: Sendable> {
  let client: Connection<Message, Message>
  let server: Connection<Message, Message>

  init(
    _ coding: MessageCoding<Message, Message>, options: StreamOptions = StreamOptions(),
    on loop: SocketLoop
  ) async throws {
    let listener = try await Listener.tcp(
      port: 0, host: "127.0.0.1", coding: coding, options: ServerOptions(stream: options), on: loop)
    async let accepted = listener.accept()
    client = try await .tcp(
      "127.0.0.1", port: listener.port, coding: coding, options: options, on: loop)
    server = try #require(try await accepted)
  }
}

/// Lets every task of the loop that can continue do so, a few times over.
func settle() async throws {
  for _ in 0..<20 { await Task.yield() }
}
