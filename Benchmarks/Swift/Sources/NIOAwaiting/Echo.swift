// SPDX-License-Identifier: MIT
import NIOCore
import NIOPosix

func serveEcho(
  onPort listening: (Int) -> Void, onEnd ended: @escaping @Sendable () -> Void
) async throws {
  let server = try await ServerBootstrap(group: loop)
    .bind(host: "127.0.0.1", port: 0) { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
  listening(server.channel.localAddress?.port ?? 0)
  try await server.executeThenClose { connections in
    try await withThrowingDiscardingTaskGroup { group in
      for try await connection in connections {
        group.addTask {
          try? await connection.executeThenClose { inbound, outbound in
            for try await bytes in inbound { try await outbound.write(bytes) }
          }
          ended()
        }
      }
    }
  }
}
