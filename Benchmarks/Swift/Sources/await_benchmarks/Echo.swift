// SPDX-License-Identifier: MIT
import StreamPeerSocket

func serveEcho(
  onPort listening: (Int) -> Void, onEnd ended: @escaping @Sendable () -> Void
) async throws {
  let listener = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .bytes)
  listening(listener.port)
  try await listener.run { connection in
    for try await bytes in connection.messages { try await connection.send(bytes) }
    ended()
  }
}
