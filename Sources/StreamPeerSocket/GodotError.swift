// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Godot's `@GlobalScope.Error`: the result of every call.
///
/// The raw values are Godot's and the C library's (`sps_error`), the same on every platform. It is
/// an `Error`, so a caller can throw it: see ``orThrow()``. The module `StreamPeerSocketFoundation`
/// makes it a `LocalizedError`.
public enum GodotError: Int32, Error, CaseIterable, Sendable {
  /// The call succeeded.
  case ok = 0
  /// The call failed. Every get and put on a stream that is not connected returns it.
  case failed = 1
  /// The stream or the OS lacks what the call needs, for example a socket or an option.
  case errUnavailable = 2
  /// The object is not set up for the call, for example a server that does not listen.
  case errUnconfigured = 3
  /// The OS refused permission.
  case errUnauthorized = 4
  /// A value exceeds a limit, for example a put larger than the write buffer.
  case errParameterRangeError = 5
  /// There is no memory. The object is still usable, and the caller can repeat the call.
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
  /// The stream ended before the call had all bytes.
  case errFileEof = 18
  /// Godot's `ERR_CANT_OPEN`. The library does not return it, but a custom stream may.
  case errCantOpen = 19
  /// The OS could not create the socket.
  case errCantCreate = 20
  /// No name server answered, or the answer was a server failure. The name may exist.
  case errQueryFailed = 21
  /// The object, or the address, is already in use.
  case errAlreadyInUse = 22
  /// The object is in use by a call that is still running. Only the Swift face returns it.
  case errLocked = 23
  /// The time is over: of a waiting get or put, a look-up, or a graceful close.
  case errTimeout = 24
  /// Godot's `ERR_CANT_CONNECT`. The library does not return it, but a custom stream may.
  case errCantConnect = 25
  /// The host name has no address.
  case errCantResolve = 26
  /// The connect failed: the peer refused, is unreachable, or did not answer in time.
  case errConnectionError = 27
  /// The OS has no descriptor.
  case errCantAcquireResource = 28
  /// Godot's `ERR_CANT_FORK`. The library does not return it, but a custom stream may.
  case errCantFork = 29
  /// The bytes on the stream are not what the call reads.
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
  public var name: String { unsafe String(cString: sps_error_name(rawValue)) }

  /// A short English text, such as `end of stream`. (`sps_error_message`)
  public var message: String { unsafe String(cString: sps_error_message(rawValue)) }

  /// Throws this error unless it is ``ok``.
  public func orThrow() throws(GodotError) {
    if self != .ok { throw self }
  }

  // The error for a code of the C library. Success is the common case and costs one comparison.
  @inline(__always)
  package init(code: Int32) {
    self = code == 0 ? .ok : GodotError(rawValue: code) ?? .failed
  }
}

extension GodotError: CustomStringConvertible {
  /// The name and the message, for a log line: `ERR_FILE_EOF: end of stream`.
  public var description: String { "\(name): \(message)" }
}
