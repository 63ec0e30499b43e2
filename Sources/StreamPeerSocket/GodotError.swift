// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Godot's `@GlobalScope.Error`: what every call answers with.
///
/// The raw values are Godot's and the C library's (`sps_error`), the same on every platform.
/// It is an `Error`, so that a caller may throw it; see ``orThrow()``. The module
/// `StreamPeerSocketFoundation` makes it a `LocalizedError`.
public enum GodotError: Int32, Error, CaseIterable, Sendable {
  /// The call did what it says.
  case ok = 0
  /// The call failed; on a stream that is not connected, every get and put does.
  case failed = 1
  /// What the call needs is not there: a socket where the stream is none, a feature the OS lacks.
  case errUnavailable = 2
  /// The object was not set up for this: a server that does not listen.
  case errUnconfigured = 3
  /// The OS refused permission.
  case errUnauthorized = 4
  /// A value is outside what can ever work: a buffer too small, a put larger than the write buffer.
  case errParameterRangeError = 5
  /// Memory could not be had. The object is unharmed and the call may be repeated.
  case errOutOfMemory = 6
  case errFileNotFound = 7
  case errFileBadDrive = 8
  case errFileBadPath = 9
  case errFileNoPermission = 10
  case errFileAlreadyInUse = 11
  case errFileCantOpen = 12
  case errFileCantWrite = 13
  case errFileCantRead = 14
  case errFileUnrecognized = 15
  case errFileCorrupt = 16
  case errFileMissingDependencies = 17
  /// The stream ended before the call was satisfied.
  case errFileEof = 18
  case errCantOpen = 19
  /// The OS could not create the socket.
  case errCantCreate = 20
  case errQueryFailed = 21
  /// The object, or the address, is already in use.
  case errAlreadyInUse = 22
  case errLocked = 23
  /// The time for it is over: of a get or put that waits, of a look-up, of a graceful close.
  case errTimeout = 24
  case errCantConnect = 25
  /// The name of a host could not be resolved.
  case errCantResolve = 26
  /// The connection could not be made: refused, unreachable or too late.
  case errConnectionError = 27
  /// The OS is out of descriptors.
  case errCantAcquireResource = 28
  case errCantFork = 29
  /// The bytes on the stream are not what the call reads. Nothing was consumed.
  case errInvalidData = 30
  /// An argument is wrong. Nothing changed.
  case errInvalidParameter = 31
  case errAlreadyExists = 32
  case errDoesNotExist = 33
  case errDatabaseCantRead = 34
  case errDatabaseCantWrite = 35
  case errCompilationFailed = 36
  case errMethodNotFound = 37
  case errLinkFailed = 38
  case errScriptFailed = 39
  case errCyclicLink = 40
  case errInvalidDeclaration = 41
  case errDuplicateSymbol = 42
  case errParseError = 43
  /// Nothing can be done now without waiting. Call again later.
  case errBusy = 44
  case errSkip = 45
  case errHelp = 46
  case errBug = 47
  case errPrinterOnFire = 48

  /// The name as Godot spells it, such as `ERR_FILE_EOF`. (`sps_error_name`)
  public var name: String { String(cString: sps_error_name(rawValue)) }

  /// A short English text, such as `end of stream`. (`sps_error_message`)
  public var message: String { String(cString: sps_error_message(rawValue)) }

  /// Throws this error unless it is ``ok``.
  public func orThrow() throws(GodotError) {
    if self != .ok { throw self }
  }

  // The error for a code of the C library. Success, which is nearly always, is a comparison.
  @inline(__always)
  init(code: sps_error) {
    self = code == 0 ? .ok : GodotError(rawValue: code) ?? .failed
  }
}

extension GodotError: CustomStringConvertible {
  /// The name and the message, for a line of a log: `ERR_FILE_EOF: end of stream`.
  public var description: String { "\(name): \(message)" }
}
