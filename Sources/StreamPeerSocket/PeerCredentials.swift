// SPDX-License-Identifier: MIT
internal import CSocketCore

/// The process at the other end of a Unix stream at the time of the connect. Not in Godot.
/// (`sps_peer_credentials`)
public struct PeerCredentials: Sendable, Hashable {
  /// The process, or 0 if the OS does not report it. The process may have ended, and another may
  /// have its number.
  public let pid: Int32
  /// The user of the process.
  public let uid: UInt32
  /// The group of the process.
  public let gid: UInt32
}

extension StreamPeerUDS {
  /// Returns the identity of the peer. On a server's side that is the process that connected, on a
  /// client's the process that listened. The OS guarantees it (SO_PEERCRED, `getpeereid` on BSD).
  /// Not in Godot. (`sps_uds_get_peer_credentials`)
  ///
  /// - Returns: the credentials, or nil. Then ``StreamPeer/lastError`` is ``GodotError/failed`` if
  ///   the stream is not connected, or ``GodotError/errUnavailable`` if the OS does not report
  ///   them.
  public func getPeerCredentials() -> PeerCredentials? {
    var credentials = sps_peer_credentials()
    credentials.struct_size = UInt32(MemoryLayout<sps_peer_credentials>.size)
    guard unsafe note(sps_uds_get_peer_credentials(handle, &credentials)) == .ok else { return nil }
    return PeerCredentials(pid: credentials.pid, uid: credentials.uid, gid: credentials.gid)
  }
}
