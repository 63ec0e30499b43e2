// SPDX-License-Identifier: MIT
//
// Times as Swift's own Duration, beside the milliseconds of Godot's world. A part of a millisecond
// is rounded up; a time that is none, or too long, is refused as its number of milliseconds would
// be.

@available(macOS 13, iOS 16, watchOS 9, tvOS 16, *)
extension Duration {
  // A whole number, so that nothing ends too early; −1 below zero, and `Int.max` for what is too
  // long.
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
  /// As ``wait(timeoutMilliseconds:)``.
  ///
  /// - Parameter timeout: how long to wait; zero: not at all; nil: as long as it takes.
  @discardableResult
  public func wait(timeout: Duration?) -> Int {
    guard let timeout else { return wait(timeoutMilliseconds: -1) }
    return wait(timeoutMilliseconds: timeout < .zero ? .min : timeout.milliseconds)
  }
}

@available(macOS 13, iOS 16, watchOS 9, tvOS 16, *)
extension StreamPeerSocket {
  /// As ``closeGracefully(timeoutMilliseconds:)``.
  @discardableResult
  public final func closeGracefully(timeout: Duration) -> GodotError {
    closeGracefully(timeoutMilliseconds: timeout.milliseconds)
  }

  /// As ``closeAndWait(timeoutMilliseconds:)``.
  @discardableResult
  public final func closeAndWait(timeout: Duration) -> GodotError {
    closeAndWait(timeoutMilliseconds: timeout.milliseconds)
  }

  /// As ``setConnectTimeout(milliseconds:)``.
  @discardableResult
  public final func setConnectTimeout(_ timeout: Duration) -> GodotError {
    setConnectTimeout(milliseconds: timeout.milliseconds)
  }

  /// As ``setAttemptDelay(milliseconds:)``.
  @discardableResult
  public final func setAttemptDelay(_ delay: Duration) -> GodotError {
    setAttemptDelay(milliseconds: delay.milliseconds)
  }

  /// As ``setIOTimeout(milliseconds:)``.
  @discardableResult
  public final func setIOTimeout(_ timeout: Duration) -> GodotError {
    setIOTimeout(milliseconds: timeout.milliseconds)
  }

  /// As ``setIdleTimeout(milliseconds:)``.
  @discardableResult
  public final func setIdleTimeout(_ timeout: Duration) -> GodotError {
    setIdleTimeout(milliseconds: timeout.milliseconds)
  }
}

@available(macOS 13, iOS 16, watchOS 9, tvOS 16, *)
extension StreamPeerTCP {
  /// As ``setKeepalive(idleMilliseconds:intervalMilliseconds:count:)``.
  @discardableResult
  public func setKeepalive(idle: Duration, interval: Duration = .zero, count: Int = 0)
    -> GodotError
  {
    setKeepalive(
      idleMilliseconds: idle.milliseconds, intervalMilliseconds: interval.milliseconds,
      count: count)
  }

  /// As ``setUserTimeout(milliseconds:)``.
  @discardableResult
  public func setUserTimeout(_ timeout: Duration) -> GodotError {
    setUserTimeout(milliseconds: timeout.milliseconds)
  }
}

@available(macOS 13, iOS 16, watchOS 9, tvOS 16, *)
extension StreamOptions {
  /// As ``connectTimeoutMilliseconds``.
  public var connectTimeout: Duration {
    get { .milliseconds(connectTimeoutMilliseconds) }
    set { connectTimeoutMilliseconds = newValue.milliseconds }
  }

  /// As ``ioTimeoutMilliseconds``.
  public var ioTimeout: Duration {
    get { .milliseconds(ioTimeoutMilliseconds) }
    set { ioTimeoutMilliseconds = newValue.milliseconds }
  }

  /// As ``idleTimeoutMilliseconds``.
  public var idleTimeout: Duration {
    get { .milliseconds(idleTimeoutMilliseconds) }
    set { idleTimeoutMilliseconds = newValue.milliseconds }
  }

  /// As ``userTimeoutMilliseconds``.
  public var userTimeout: Duration {
    get { .milliseconds(userTimeoutMilliseconds) }
    set { userTimeoutMilliseconds = newValue.milliseconds }
  }

  /// As ``keepaliveIdleMilliseconds``.
  public var keepaliveIdle: Duration {
    get { .milliseconds(keepaliveIdleMilliseconds) }
    set { keepaliveIdleMilliseconds = newValue.milliseconds }
  }

  /// As ``keepaliveIntervalMilliseconds``.
  public var keepaliveInterval: Duration {
    get { .milliseconds(keepaliveIntervalMilliseconds) }
    set { keepaliveIntervalMilliseconds = newValue.milliseconds }
  }
}
