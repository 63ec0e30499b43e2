// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Who was at the other end of a Unix stream when the connection was made. Not in Godot.
/// (`sps_peer_credentials`)
public struct PeerCredentials: Sendable, Hashable {
  /// The process, or 0 where the OS does not tell. It may be gone, and its number another's.
  public let pid: Int32
  /// The user.
  public let uid: UInt32
  /// The user's group.
  public let gid: UInt32
}

extension StreamPeerUDS {
  /// Tells who the peer is: on a server's side the process that connected, on a client's the one
  /// that listened. The OS vouches for it (SO_PEERCRED, `getpeereid` on BSD). Not in Godot.
  /// (`sps_uds_get_peer_credentials`)
  ///
  /// - Returns: nil when it is not known: ``StreamPeer/lastError`` is ``GodotError/failed`` when
  ///   not connected, ``GodotError/errUnavailable`` when the OS does not tell.
  public func getPeerCredentials() -> PeerCredentials? {
    var credentials = sps_peer_credentials()
    credentials.struct_size = UInt32(MemoryLayout<sps_peer_credentials>.size)
    guard note(sps_uds_get_peer_credentials(handle, &credentials)) == .ok else { return nil }
    return PeerCredentials(pid: credentials.pid, uid: credentials.uid, gid: credentials.gid)
  }
}
