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
  /// Godot's `ERR_FILE_NOT_FOUND`. The library does not return it, but a custom stream may.
  case errFileNotFound = 7
  /// Godot's `ERR_FILE_BAD_DRIVE`. The library does not return it, but a custom stream may.
  case errFileBadDrive = 8
  /// Godot's `ERR_FILE_BAD_PATH`. The library does not return it, but a custom stream may.
  case errFileBadPath = 9
  /// Godot's `ERR_FILE_NO_PERMISSION`. The library does not return it, but a custom stream may.
  case errFileNoPermission = 10
  /// Godot's `ERR_FILE_ALREADY_IN_USE`. The library does not return it, but a custom stream may.
  case errFileAlreadyInUse = 11
  /// Godot's `ERR_FILE_CANT_OPEN`. The library does not return it, but a custom stream may.
  case errFileCantOpen = 12
  /// Godot's `ERR_FILE_CANT_WRITE`. The library does not return it, but a custom stream may.
  case errFileCantWrite = 13
  /// Godot's `ERR_FILE_CANT_READ`. The library does not return it, but a custom stream may.
  case errFileCantRead = 14
  /// Godot's `ERR_FILE_UNRECOGNIZED`. The library does not return it, but a custom stream may.
  case errFileUnrecognized = 15
  /// Godot's `ERR_FILE_CORRUPT`. The library does not return it, but a custom stream may.
  case errFileCorrupt = 16
  /// Godot's `ERR_FILE_MISSING_DEPENDENCIES`. The library does not return it, but a custom stream
  /// may.
  case errFileMissingDependencies = 17
  /// The stream ended before the call was satisfied.
  case errFileEof = 18
  /// Godot's `ERR_CANT_OPEN`. The library does not return it, but a custom stream may.
  case errCantOpen = 19
  /// The OS could not create the socket.
  case errCantCreate = 20
  /// The look-up of a host name failed for now. The name may exist.
  case errQueryFailed = 21
  /// The object, or the address, is already in use.
  case errAlreadyInUse = 22
  /// The object is busy with a call that is running. Only the Swift face returns it.
  case errLocked = 23
  /// The time for it is over: of a get or put that waits, of a look-up, of a graceful close.
  case errTimeout = 24
  /// Godot's `ERR_CANT_CONNECT`. The library does not return it, but a custom stream may.
  case errCantConnect = 25
  /// The name of a host could not be resolved.
  case errCantResolve = 26
  /// The connection could not be made: refused, unreachable or too late.
  case errConnectionError = 27
  /// The OS is out of descriptors.
  case errCantAcquireResource = 28
  /// Godot's `ERR_CANT_FORK`. The library does not return it, but a custom stream may.
  case errCantFork = 29
  /// The bytes on the stream are not what the call reads. Nothing was consumed.
  case errInvalidData = 30
  /// An argument is wrong. Nothing changed.
  case errInvalidParameter = 31
  /// The item exists already, for example an address of another simulated host.
  case errAlreadyExists = 32
  /// There is no such item, for example a stream that is not in this poller.
  case errDoesNotExist = 33
  /// Godot's `ERR_DATABASE_CANT_READ`. The library does not return it, but a custom stream may.
  case errDatabaseCantRead = 34
  /// Godot's `ERR_DATABASE_CANT_WRITE`. The library does not return it, but a custom stream may.
  case errDatabaseCantWrite = 35
  /// Godot's `ERR_COMPILATION_FAILED`. The library does not return it, but a custom stream may.
  case errCompilationFailed = 36
  /// Godot's `ERR_METHOD_NOT_FOUND`. The library does not return it, but a custom stream may.
  case errMethodNotFound = 37
  /// Godot's `ERR_LINK_FAILED`. The library does not return it, but a custom stream may.
  case errLinkFailed = 38
  /// Godot's `ERR_SCRIPT_FAILED`. The library does not return it, but a custom stream may.
  case errScriptFailed = 39
  /// Godot's `ERR_CYCLIC_LINK`. The library does not return it, but a custom stream may.
  case errCyclicLink = 40
  /// Godot's `ERR_INVALID_DECLARATION`. The library does not return it, but a custom stream may.
  case errInvalidDeclaration = 41
  /// Godot's `ERR_DUPLICATE_SYMBOL`. The library does not return it, but a custom stream may.
  case errDuplicateSymbol = 42
  /// Godot's `ERR_PARSE_ERROR`. The library does not return it, but a custom stream may.
  case errParseError = 43
  /// Nothing can be done now without waiting. Call again later.
  case errBusy = 44
  /// Godot's `ERR_SKIP`. The library does not return it, but a custom stream may.
  case errSkip = 45
  /// Godot's `ERR_HELP`. The library does not return it, but a custom stream may.
  case errHelp = 46
  /// Godot's `ERR_BUG`. The library does not return it, but a custom stream may.
  case errBug = 47
  /// Godot's `ERR_PRINTER_ON_FIRE`. The library does not return it, but a custom stream may.
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
