// SPDX-License-Identifier: MIT
#if Observability
  public import Metrics
  public import StreamPeerSocket

  /// Counts connections, and times them, with swift-metrics.
  ///
  /// - `PREFIX_connections_opened` and `PREFIX_connections_closed` are counters. Both have the
  ///   dimension `direction`: `incoming` or `outgoing`. The second also has `reason`.
  /// - `PREFIX_connections_open` is a meter: the connections that are open now.
  /// - `PREFIX_connects_failed` is a counter with the dimension `reason`.
  /// - `PREFIX_connection_duration` is a timer.
  @available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
  public struct MetricsObserver: SocketObserver {
    private let prefix: String
    private let factory: any MetricsFactory
    private let open: Meter
    private let duration: Metrics.Timer

    /// Creates an observer.
    ///
    /// - Parameters:
    ///   - prefix: begins each label.
    ///   - factory: makes the metrics. By default it is the program's metrics system.
    public init(
      prefix: String = "sockets", factory: any MetricsFactory = MetricsSystem.factory
    ) {
      self.prefix = prefix
      self.factory = factory
      open = Meter(label: "\(prefix)_connections_open", factory: factory)
      duration = Metrics.Timer(label: "\(prefix)_connection_duration", factory: factory)
    }

    /// Counts a connection.
    public func opened(_ connection: ObservedConnection) {
      count("connections_opened", connection.direction)
      open.increment()
    }

    /// Counts the end of a connection, and records its duration.
    public func closed(
      _ connection: ObservedConnection, reason: StreamPeerSocket.CloseReason, osError: Int32,
      duration: Duration
    ) {
      count("connections_closed", connection.direction, ("reason", "\(reason)"))
      open.decrement()
      self.duration.recordNanoseconds(Int64(duration / .nanoseconds(1)))
    }

    /// Counts a failed connect.
    public func connectFailed(_ error: ConnectionError) {
      count("connects_failed", ("reason", "\(error.reason)"))
    }

    private func count(_ name: String, _ dimensions: (String, String)...) {
      Counter(label: "\(prefix)_\(name)", dimensions: dimensions, factory: factory).increment()
    }
  }

  @available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
  extension ObservedConnection {
    fileprivate var direction: (String, String) {
      ("direction", isIncoming ? "incoming" : "outgoing")
    }
  }
#endif
