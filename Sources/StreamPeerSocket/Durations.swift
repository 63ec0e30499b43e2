// SPDX-License-Identifier: MIT
//
// Timeouts as Swift's own Duration, in addition to Godot's milliseconds. A fraction of a
// millisecond is rounded up. An invalid Duration is refused like the same number of milliseconds.

@available(macOS 13, iOS 16, watchOS 9, tvOS 16, *)
extension Duration {
  // Whole milliseconds, rounded up so that nothing ends too early. −1 means below zero, and
  // `Int.max` too long.
  var milliseconds: Int {
    guard self >= .zero else { return -1 }
    guard self < .seconds(Int32.max) else { return .max }
    let (seconds, attoseconds) = components
    let perMillisecond: Int64 = 1_000_000_000_000_000
    return Int(clamping: seconds * 1000 + (attoseconds + perMillisecond - 1) / perMillisecond)
  }
}

@available(macOS 13, iOS 16, watchOS 9, tvOS 16, *)
extension SocketPoller {
  /// ``wait(timeoutMilliseconds:)`` with a Duration.
  ///
  /// - Parameter timeout: the longest wait. Zero does not block, nil sets no limit.
  @discardableResult
  public func wait(timeout: Duration?) -> Int {
    guard let timeout else { return wait(timeoutMilliseconds: -1) }
    return wait(timeoutMilliseconds: timeout < .zero ? .min : timeout.milliseconds)
  }
}

@available(macOS 13, iOS 16, watchOS 9, tvOS 16, *)
extension StreamPeerSocket {
  /// ``closeGracefully(timeoutMilliseconds:)`` with a Duration.
  @discardableResult
  public final func closeGracefully(timeout: Duration) -> GodotError {
    closeGracefully(timeoutMilliseconds: timeout.milliseconds)
  }

  /// ``closeAndWait(timeoutMilliseconds:)`` with a Duration.
  @discardableResult
  public final func closeAndWait(timeout: Duration) -> GodotError {
    closeAndWait(timeoutMilliseconds: timeout.milliseconds)
  }

  /// ``setConnectTimeout(milliseconds:)`` with a Duration.
  @discardableResult
  public final func setConnectTimeout(_ timeout: Duration) -> GodotError {
    setConnectTimeout(milliseconds: timeout.milliseconds)
  }

  /// ``setAttemptDelay(milliseconds:)`` with a Duration.
  @discardableResult
  public final func setAttemptDelay(_ delay: Duration) -> GodotError {
    setAttemptDelay(milliseconds: delay.milliseconds)
  }

  /// ``setIOTimeout(milliseconds:)`` with a Duration.
  @discardableResult
  public final func setIOTimeout(_ timeout: Duration) -> GodotError {
    setIOTimeout(milliseconds: timeout.milliseconds)
  }

  /// ``setIdleTimeout(milliseconds:)`` with a Duration.
  @discardableResult
  public final func setIdleTimeout(_ timeout: Duration) -> GodotError {
    setIdleTimeout(milliseconds: timeout.milliseconds)
  }
}

@available(macOS 13, iOS 16, watchOS 9, tvOS 16, *)
extension StreamPeerTCP {
  /// ``setKeepalive(idleMilliseconds:intervalMilliseconds:count:)`` with Durations.
  @discardableResult
  public func setKeepalive(idle: Duration, interval: Duration = .zero, count: Int = 0)
    -> GodotError
  {
    setKeepalive(
      idleMilliseconds: idle.milliseconds, intervalMilliseconds: interval.milliseconds,
      count: count)
  }

  /// ``setUserTimeout(milliseconds:)`` with a Duration.
  @discardableResult
  public func setUserTimeout(_ timeout: Duration) -> GodotError {
    setUserTimeout(milliseconds: timeout.milliseconds)
  }
}

@available(macOS 13, iOS 16, watchOS 9, tvOS 16, *)
extension StreamOptions {
  /// ``connectTimeoutMilliseconds`` as a Duration.
  public var connectTimeout: Duration {
    get { .milliseconds(connectTimeoutMilliseconds) }
    set { connectTimeoutMilliseconds = newValue.milliseconds }
  }

  /// ``ioTimeoutMilliseconds`` as a Duration.
  public var ioTimeout: Duration {
    get { .milliseconds(ioTimeoutMilliseconds) }
    set { ioTimeoutMilliseconds = newValue.milliseconds }
  }

  /// ``idleTimeoutMilliseconds`` as a Duration.
  public var idleTimeout: Duration {
    get { .milliseconds(idleTimeoutMilliseconds) }
    set { idleTimeoutMilliseconds = newValue.milliseconds }
  }

  /// ``userTimeoutMilliseconds`` as a Duration.
  public var userTimeout: Duration {
    get { .milliseconds(userTimeoutMilliseconds) }
    set { userTimeoutMilliseconds = newValue.milliseconds }
  }

  /// ``keepaliveIdleMilliseconds`` as a Duration.
  public var keepaliveIdle: Duration {
    get { .milliseconds(keepaliveIdleMilliseconds) }
    set { keepaliveIdleMilliseconds = newValue.milliseconds }
  }

  /// ``keepaliveIntervalMilliseconds`` as a Duration.
  public var keepaliveInterval: Duration {
    get { .milliseconds(keepaliveIntervalMilliseconds) }
    set { keepaliveIntervalMilliseconds = newValue.milliseconds }
  }
}
