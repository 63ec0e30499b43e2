// SPDX-License-Identifier: MIT
internal import CSocketCore

/// The events of one peer or server of a ``SocketPoller``. (`sps_event`)
///
/// It keeps the peer or server alive.
public struct SocketEvent {
  /// The kinds of events. Handle several at once in this order. (`SPS_EVENT_…`)
  public struct Kinds: OptionSet, Sendable, Hashable {
    /// The bits of the C library. (`sps_event.kinds`)
    public let rawValue: UInt32

    /// Makes a set from the bits of the C library. (`sps_event.kinds`)
    public init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    /// The connection is established. A peer that was connected when it was added has no such
    /// event. (`SPS_EVENT_CONNECTED`)
    public static let connected = Kinds(rawValue: 1)
    /// Bytes have come since the last such event, and some are unread. The event is edge-triggered:
    /// read until ``GodotError/errBusy``, or it does not repeat before more bytes come.
    /// (`SPS_EVENT_READABLE`)
    public static let readable = Kinds(rawValue: 2)
    /// A put was refused (``GodotError/errBusy``, or a short partial put) since the last such
    /// event, and there is room now. At most ``StreamOptions/writeLowMarkBytes`` are pending.
    /// (`SPS_EVENT_WRITABLE`)
    public static let writable = Kinds(rawValue: 4)
    /// Nothing more will come from the peer: it has finished, or the connection broke. The peer
    /// stays open until the caller has read all bytes, and the library has sent what was put. Then
    /// ``closed`` follows. (`SPS_EVENT_FINISHED`)
    public static let finished = Kinds(rawValue: 8)
    /// The peer is no longer open, and ``SocketEvent/closeReason`` says why. It stays in the poller
    /// and may connect again. The poller also reports it if a get or put met the end. It does not
    /// report a close by the caller, except for a graceful close that has completed.
    /// (`SPS_EVENT_CLOSED`)
    ///
    /// If the status is ``StreamPeerSocket/Status/error``, ``StreamPeer/lastError`` is the code
    /// that `poll()` would have returned. For a server: it can take no more connections, so it has
    /// stopped. ``SocketServer/osError`` is the OS's code.
    public static let closed = Kinds(rawValue: 16)
    /// A server has connections to take. Call ``SocketServer/takeSocketConnection()`` until it
    /// returns nil. The event is level-triggered: it repeats at every wait while connections are
    /// left. (`SPS_EVENT_CONNECTION_AVAILABLE`)
    public static let connectionAvailable = Kinds(rawValue: 32)
  }

  /// The kinds of events, at least one.
  public let kinds: Kinds

  /// With ``Kinds/closed``: the value of ``StreamPeerSocket/closeReason`` when the event was taken.
  /// With ``Kinds/finished``: the reason that the peer will report when it closes. It is available
  /// now, in case the caller drops the peer first. Otherwise ``StreamPeerSocket/CloseReason/none``.
  public var closeReason: StreamPeerSocket.CloseReason {
    StreamPeerSocket.CloseReason(rawValue: reason) ?? .failed
  }

  /// The peer, or nil for a server's event.
  public var peer: StreamPeerSocket? {
    if case .peer(let peer) = source { peer } else { nil }
  }

  /// The server, or nil for a peer's event.
  public var server: SocketServer? {
    if case .server(let server) = source { server } else { nil }
  }

  /// The owner that the peer or server was added with. It is nil if there is none, or if it no
  /// longer exists.
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
  // `user_data` is a membership, because only SocketPoller.add() sets it. nil: its object is
  // destroyed.
  init?(_ event: sps_event) {
    membership = unsafe Unmanaged.fromOpaque(event.user_data).takeUnretainedValue()
    guard let object = membership.object else { return nil }
    kinds = unsafe Kinds(rawValue: event.kinds)
    reason = unsafe event.close_reason
    guard unsafe event.stream != nil else {
      source = unsafe .server(unsafeDowncast(object, to: SocketServer.self))
      return
    }
    let peer = unsafe unsafeDowncast(object, to: StreamPeerSocket.self)
    source = .peer(peer)
    membership.note(kinds, closeReason, in: peer)
  }
}

extension SocketEvent.Kinds: CustomStringConvertible {
  /// The names of the kinds, such as `readable, finished`.
  public var description: String {
    let names: [(Self, String)] = [
      (.connected, "connected"), (.readable, "readable"), (.writable, "writable"),
      (.finished, "finished"), (.closed, "closed"), (.connectionAvailable, "connectionAvailable"),
    ]
    return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
  }
}
