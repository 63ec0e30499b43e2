// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A connection whose calls are awaited. It exchanges messages of one coding.
///
/// ```swift
/// let connection = try await Connection.tcp("example.org", port: 80, coding: .lines)
/// try await connection.send("GET / HTTP/1.0\r\n")
/// for try await line in connection.messages { print(line) }
/// await connection.close()
/// ```
///
/// The connection lives on a ``SocketLoop``. When its last reference goes away, the loop closes the
/// socket at once. ``close(within:)`` ends it in order.
///
/// Any task may call it. One task at a time receives, and one sends. Others wait for their turn, in
/// the order of their calls.
///
/// After the peer has finished and everything was received and sent, the connection closes by
/// itself. With ``StreamOptions/halfOpen`` it stays open for replies, until ``close(within:)``. A
/// server whose clients finish before they read the reply needs this option.
///
/// A turn is one call. A message of several parts, such as a line and then bytes, needs a
/// ``MessageCoder``. With several calls another task may come between, and a cancelled call leaves
/// the other parts unread.
///
/// Calls that wait throw:
///
/// - `CancellationError` if the task is cancelled. A cancelled receive has consumed nothing. A
///   cancelled send has sent nothing, or the connection is closed: the library cannot complete a
///   message of which a part was sent.
/// - ``ConnectionError`` for everything else.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
public final class Connection<Incoming: Sendable, Outgoing: Sendable>: Sendable {
  /// The loop that the connection lives on.
  public let loop: SocketLoop

  /// The address of the peer, such as `example.org:80`. It appears in errors.
  public let address: String

  let socket: LoopBound<MessageSocket<Incoming, Outgoing>>

  // The caller is on the loop, and calls start().
  init(
    _ peer: sending StreamPeerSocket, address: String, coding: MessageCoding<Incoming, Outgoing>,
    layer: ConnectionLayer? = nil, isIncoming: Bool = false, on loop: SocketLoop
  ) {
    self.loop = loop
    self.address = address
    socket = LoopBound(
      MessageSocket(
        peer, address: address, coding: coding, layer: layer, isIncoming: isIncoming, loop: loop),
      on: loop)
  }

  deinit {
    socket.end()
  }

  // The socket can be reached only on the loop.
  var onLoop: MessageSocket<Incoming, Outgoing> {
    @inline(__always) get { socket.object }
  }

  /// Runs `body` on the loop with the stream of the connection. It gives access to options of the
  /// socket, addresses, statistics and the byte order.
  ///
  /// The connection polls, reads ahead and sends as before. A put that has no room returns
  /// ``GodotError/errBusy``. Call no get that waits: it blocks the loop.
  ///
  /// - Returns: the result of `body`.
  public nonisolated(nonsending) func withStream<Result: Sendable>(
    _ body: @Sendable (StreamPeerSocket) throws -> Result
  ) async throws -> Result {
    try await loop.run { try body(self.onLoop.peer) }
  }
}
