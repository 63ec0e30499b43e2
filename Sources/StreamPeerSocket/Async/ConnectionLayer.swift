// SPDX-License-Identifier: MIT

/// A filter between the messages of a connection and its socket, such as TLS. All of it runs on the
/// loop.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
package struct ConnectionLayer: Sendable {
  // The filter, before it has a stream below.
  let makePeer: @Sendable (StreamOptions) -> StreamPeerSocket
  // Connects a filter to the stream below, which may still be connecting.
  let begin: @Sendable (StreamPeerSocket, StreamPeerSocket) -> GodotError
  // Ends a filter in order, within milliseconds.
  let end: @Sendable (StreamPeerSocket, Int) -> GodotError

  /// Creates a layer of one kind of filter.
  package init(
    makePeer: @escaping @Sendable (StreamOptions) -> StreamPeerSocket,
    begin: @escaping @Sendable (StreamPeerSocket, StreamPeerSocket) -> GodotError,
    end: @escaping @Sendable (StreamPeerSocket, Int) -> GodotError
  ) {
    self.makePeer = makePeer
    self.begin = begin
    self.end = end
  }
}
