// SPDX-License-Identifier: MIT

/// A number that streams read and write: an integer of 8 to 64 bits, `Float` or `Double`.
public protocol StreamValue: Sendable {
  /// Reads the number in the stream's byte order, whole or not at all, and never waits.
  ///
  /// - Returns: nil if it is not there: see ``StreamPeer/lastError``.
  static func tryGet(from stream: StreamPeer) -> Self?
}

extension UInt8: StreamValue {
  /// See ``StreamPeer/tryGetU8()``.
  public static func tryGet(from stream: StreamPeer) -> UInt8? { stream.tryGetU8() }
}

extension Int8: StreamValue {
  /// See ``StreamPeer/tryGet8()``.
  public static func tryGet(from stream: StreamPeer) -> Int8? { stream.tryGet8() }
}

extension UInt16: StreamValue {
  /// See ``StreamPeer/tryGetU16()``.
  public static func tryGet(from stream: StreamPeer) -> UInt16? { stream.tryGetU16() }
}

extension Int16: StreamValue {
  /// See ``StreamPeer/tryGet16()``.
  public static func tryGet(from stream: StreamPeer) -> Int16? { stream.tryGet16() }
}

extension UInt32: StreamValue {
  /// See ``StreamPeer/tryGetU32()``.
  public static func tryGet(from stream: StreamPeer) -> UInt32? { stream.tryGetU32() }
}

extension Int32: StreamValue {
  /// See ``StreamPeer/tryGet32()``.
  public static func tryGet(from stream: StreamPeer) -> Int32? { stream.tryGet32() }
}

extension UInt64: StreamValue {
  /// See ``StreamPeer/tryGetU64()``.
  public static func tryGet(from stream: StreamPeer) -> UInt64? { stream.tryGetU64() }
}

extension Int64: StreamValue {
  /// See ``StreamPeer/tryGet64()``.
  public static func tryGet(from stream: StreamPeer) -> Int64? { stream.tryGet64() }
}

extension Float: StreamValue {
  /// See ``StreamPeer/tryGetFloat()``.
  public static func tryGet(from stream: StreamPeer) -> Float? { stream.tryGetFloat() }
}

extension Double: StreamValue {
  /// See ``StreamPeer/tryGetDouble()``.
  public static func tryGet(from stream: StreamPeer) -> Double? { stream.tryGetDouble() }
}
