// SPDX-License-Identifier: MIT
import NIOPosix
import StreamPeerSocket

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A connection between two owners: its descriptor, and the bytes that the last owner has received
/// and not used. The receiver closes the descriptor.
struct Handover: Sendable {
  let fd: Int32
  let unread: [UInt8]
}

extension Handover {
  /// Takes the connection out of a stream. The stream has none afterwards.
  init(from peer: StreamPeerTCP) throws {
    try peer.flush().orThrow()
    unread = peer.peek { Array($0) }
    try peer.consume(unread.count).orThrow()  // releaseFD() refuses while bytes are buffered
    fd = Int32(peer.releaseFD())
    try peer.lastError.orThrow()
  }

  /// Duplicates the descriptor of a channel. The channel is then closed, and this duplicate keeps
  /// the connection open.
  init(duplicating descriptor: Int32, unread: [UInt8]) throws {
    fd = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    self.unread = unread
    if fd < 0 { throw IOFailure(code: errno) }
  }

  /// Gives the connection to a stream.
  func makeStream() throws -> StreamPeerTCP {
    let peer = StreamPeerTCP()
    let result = peer.adoptFD(Int(fd))
    if result != .ok { close(fd) }
    try result.orThrow()
    return peer
  }
}

struct IOFailure: Error {
  let code: Int32
}
