// SPDX-License-Identifier: MIT
internal import CSocketCore

/// What has happened to one peer or server of a ``SocketPoller``. (`sps_event`)
///
/// It keeps its peer or server alive while it is kept itself.
public struct SocketEvent {
  /// What has happened: several at once are to be read in this order. (`SPS_EVENT_…`)
  public struct Kinds: OptionSet, Sendable, Hashable {
    /// The bits of the C library. (`sps_event.kinds`)
    public let rawValue: UInt32

    /// Makes a set from the bits of the C library. (`sps_event.kinds`)
    public init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    /// The connection stands. Not told of peers that were connected when they were added.
    /// (`SPS_EVENT_CONNECTED`)
    public static let connected = Kinds(rawValue: 1)
    /// Bytes have come since this was told last, and some are to be read. Read until
    /// ``GodotError/errBusy``: what is left is not told again before more comes.
    /// (`SPS_EVENT_READABLE`)
    public static let readable = Kinds(rawValue: 2)
    /// A put was answered ``GodotError/errBusy`` (a partial one took not all) since this was told
    /// last, and now there is room for it: not more than ``StreamOptions/writeLowMarkBytes`` wait
    /// any more. (`SPS_EVENT_WRITABLE`)
    public static let writable = Kinds(rawValue: 4)
    /// Nothing more will come: the other side has finished, or the connection broke. What has come is
    /// still to be read, or what was put is still to
    /// be sent. Then the peer is closed.
    /// (`SPS_EVENT_FINISHED`)
    public static let finished = Kinds(rawValue: 8)
    /// The peer is no longer open; ``SocketEvent/closeReason`` tells why. It stays in the poller and
    /// may connect again. Told also when a get or put met the end; not told of what the caller has
    /// closed itself, but for a graceful close that has come to its end. If the status is
    /// ``StreamPeerSocket/Status/error``, ``StreamPeer/lastError`` is what a `poll()` would have
    /// answered. Of a server: it can take no connection any more and has stopped;
    /// ``SocketServer/osError`` tells why. (`SPS_EVENT_CLOSED`)
    public static let closed = Kinds(rawValue: 16)
    /// A server has connections to take: until ``SocketServer/takeSocketConnection()`` is nil. Told
    /// at every wait while some are left. When a connection could not be taken for want of
    /// descriptors or memory, the server rests for a tenth of a second.
    /// (`SPS_EVENT_CONNECTION_AVAILABLE`)
    public static let connectionAvailable = Kinds(rawValue: 32)
  }

  /// What has happened; at least one.
  public let kinds: Kinds

  /// With ``Kinds/closed``: why, as ``StreamPeerSocket/closeReason`` had it when the event was taken.
  /// With ``Kinds/finished``: what that will tell once it is closed, or would, for who drops the peer
  /// before. Else ``StreamPeerSocket/CloseReason/none``.
  public var closeReason: StreamPeerSocket.CloseReason {
    StreamPeerSocket.CloseReason(rawValue: reason) ?? .failed
  }

  /// The peer; nil when it is a server's.
  public var peer: StreamPeerSocket? {
    if case .peer(let peer) = source { peer } else { nil }
  }

  /// The server; nil when it is a peer's.
  public var server: SocketServer? {
    if case .server(let server) = source { server } else { nil }
  }

  /// What the peer or server was added for; nil when there is no such object, or when it is gone.
  public var owner: AnyObject? {
    membership.owner
  }

  private enum Source {
    case peer(StreamPeerSocket)
    case server(SocketServer)
  }

  private let reason: Int32
  private let source: Source
  private let membership: PollerMembership
}

extension SocketEvent {
  // `user_data` is a membership: SocketPoller.add() gives no other. nil: its object is gone.
  init?(_ event: sps_event) {
    membership = Unmanaged.fromOpaque(event.user_data).takeUnretainedValue()
    guard let object = membership.object else { return nil }
    kinds = Kinds(rawValue: event.kinds)
    reason = event.close_reason
    guard event.stream != nil else {
      source = .server(unsafeDowncast(object, to: SocketServer.self))
      return
    }
    let peer = unsafeDowncast(object, to: StreamPeerSocket.self)
    source = .peer(peer)
    membership.note(kinds, closeReason, in: peer)
  }
}

extension SocketEvent.Kinds: CustomStringConvertible {
  /// Their names, such as `readable, finished`.
  public var description: String {
    let names: [(Self, String)] = [
      (.connected, "connected"), (.readable, "readable"), (.writable, "writable"),
      (.finished, "finished"), (.closed, "closed"), (.connectionAvailable, "connectionAvailable"),
    ]
    return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
  }
}
