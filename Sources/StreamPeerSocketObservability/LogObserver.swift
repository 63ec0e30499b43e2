// SPDX-License-Identifier: MIT
#if Observability
  public import Logging
  public import StreamPeerSocket

  /// Writes a log line for each connection that opens, closes or fails.
  ///
  /// ```swift
  /// let loop = SocketLoop(name: "server", observer: LogObserver(Logger(label: "server")))
  /// ```
  ///
  /// Connections are of level debug. Failures are of level notice: a broken connection, and a
  /// connect that failed. The metadata has the keys `connection`, `peer`, `incoming`, `loop`,
  /// `reason`, `os_error` and `seconds`.
  @available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
  public struct LogObserver: SocketObserver {
    private let logger: Logger

    /// Creates an observer that writes to a logger.
    public init(_ logger: Logger) {
      self.logger = logger
    }

    /// Writes a line of level debug.
    public func opened(_ connection: ObservedConnection) {
      logger.debug("connection opened", metadata: connection.metadata)
    }

    /// Writes a line of level debug after an orderly end, and of level notice otherwise.
    public func closed(
      _ connection: ObservedConnection, reason: StreamPeerSocket.CloseReason, osError: Int32,
      duration: Duration
    ) {
      let isInOrder = reason == .local || reason == .peerFinished
      var metadata = connection.metadata
      metadata["reason"] = "\(reason)"
      metadata["seconds"] = "\(duration / .seconds(1))"
      if osError != 0 { metadata["os_error"] = "\(osError)" }
      logger.log(level: isInOrder ? .debug : .notice, "connection closed", metadata: metadata)
    }

    /// Writes a line of level notice.
    public func connectFailed(_ error: ConnectionError) {
      logger.notice(
        "connect failed: \(error)",
        metadata: [
          "peer": "\(error.address)", "reason": "\(error.reason)", "os_error": "\(error.osError)",
        ])
    }
  }

  @available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
  extension ObservedConnection {
    fileprivate var metadata: Logger.Metadata {
      [
        "connection": "\(id)", "peer": "\(address)", "incoming": "\(isIncoming)",
        "loop": "\(loop)",
      ]
    }
  }
#endif
