// SPDX-License-Identifier: MIT

/// Hears of the connections of a loop, for logs and metrics. Pass it to
/// ``SocketLoop/init(name:observer:)``.
///
/// The loop calls it on its own thread, so it must not block. The library
/// `StreamPeerSocketObservability` has observers for swift-log and swift-metrics.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
public protocol SocketObserver: Sendable {
  /// A connection is established: connected, accepted or adopted.
  func opened(_ connection: ObservedConnection)

  /// A connection is closed. It is called once for each ``opened(_:)``.
  ///
  /// - Parameters:
  ///   - connection: the same as in ``opened(_:)``.
  ///   - reason: why it closed. ``StreamPeerSocket/CloseReason/local`` if this side closed it.
  ///   - osError: the OS's own code, or 0.
  ///   - duration: the time since it was established.
  func closed(
    _ connection: ObservedConnection, reason: StreamPeerSocket.CloseReason, osError: Int32,
    duration: Duration)

  /// A connect has failed, for another reason than cancellation.
  func connectFailed(_ error: ConnectionError)
}

/// A connection, as a ``SocketObserver`` hears of it.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
public struct ObservedConnection: Sendable, Hashable {
  /// A number that no other connection of the process has.
  public let id: UInt64

  /// The address of the peer, such as `example.org:80`.
  public let address: String

  /// Whether a ``Listener`` has accepted it.
  public let isIncoming: Bool

  /// The name of the loop that it lives on.
  public let loop: String
}
