// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import StreamPeerSocketFoundation
import SwiftTestSupport
import Testing

/// The codes equal Godot's. The fixture is the list of Godot 4.6.
@Suite("errors and statuses", .watchdog)
struct GodotErrorTests {
  @Test func everyCodeIsGodots() throws {
    let errors = try GodotAPI.read().errors
    #expect(errors.count == 49)
    #expect(GodotError.allCases.count == 49)
    for (error, constant) in zip(GodotError.allCases, errors) {
      #expect(error.rawValue == constant.value)
      #expect(error.name == constant.name)
      #expect("\(error)" == "\(constant.name): \(error.message)")
      #expect(error.localizedDescription == "\(error)")
      #expect(GodotError(rawValue: constant.value) == error)
      #expect(Self.byGodotName[constant.name] == error)
    }
    #expect(Self.byGodotName.count == 49)
  }

  @Test func everyCodeHasAMessage() {
    #expect(GodotError.allCases.allSatisfy { !$0.message.isEmpty })
    #expect(Set(GodotError.allCases.map(\.message)).count == 49)
    #expect(GodotError.errFileEof.message == "end of stream")
  }

  @Test(arguments: [Int32.min, -1, 49, Int32.max])
  func anInvalidCodeIsNil(_ number: Int32) {
    #expect(GodotError(rawValue: number) == nil)
  }

  @Test func everyErrorButOkIsThrown() throws {
    try GodotError.ok.orThrow()
    for error in GodotError.allCases where error != .ok {
      #expect(throws: error) { try error.orThrow() }
    }
  }

  @Test func everyStatusIsGodots() throws {
    let constants = try #require(try GodotAPI.read().classes["StreamPeerSocket"]).constants
    #expect(constants.map(\.value) == ["0", "1", "2", "3"])
    #expect(StreamPeerSocket.Status.allCases.map { String($0.rawValue) } == constants.map(\.value))
    #expect(StreamPeerSocket.Status.allCases.map(\.description) == constants.map(\.name))
    let names: [StreamPeerSocket.Status] = [.none, .connecting, .connected, .error]
    #expect(names == StreamPeerSocket.Status.allCases)
  }

  // Each Swift name with Godot's name.
  private static let byGodotName: [String: GodotError] = [
    "OK": .ok,
    "FAILED": .failed,
    "ERR_UNAVAILABLE": .errUnavailable,
    "ERR_UNCONFIGURED": .errUnconfigured,
    "ERR_UNAUTHORIZED": .errUnauthorized,
    "ERR_PARAMETER_RANGE_ERROR": .errParameterRangeError,
    "ERR_OUT_OF_MEMORY": .errOutOfMemory,
    "ERR_FILE_NOT_FOUND": .errFileNotFound,
    "ERR_FILE_BAD_DRIVE": .errFileBadDrive,
    "ERR_FILE_BAD_PATH": .errFileBadPath,
    "ERR_FILE_NO_PERMISSION": .errFileNoPermission,
    "ERR_FILE_ALREADY_IN_USE": .errFileAlreadyInUse,
    "ERR_FILE_CANT_OPEN": .errFileCantOpen,
    "ERR_FILE_CANT_WRITE": .errFileCantWrite,
    "ERR_FILE_CANT_READ": .errFileCantRead,
    "ERR_FILE_UNRECOGNIZED": .errFileUnrecognized,
    "ERR_FILE_CORRUPT": .errFileCorrupt,
    "ERR_FILE_MISSING_DEPENDENCIES": .errFileMissingDependencies,
    "ERR_FILE_EOF": .errFileEof,
    "ERR_CANT_OPEN": .errCantOpen,
    "ERR_CANT_CREATE": .errCantCreate,
    "ERR_QUERY_FAILED": .errQueryFailed,
    "ERR_ALREADY_IN_USE": .errAlreadyInUse,
    "ERR_LOCKED": .errLocked,
    "ERR_TIMEOUT": .errTimeout,
    "ERR_CANT_CONNECT": .errCantConnect,
    "ERR_CANT_RESOLVE": .errCantResolve,
    "ERR_CONNECTION_ERROR": .errConnectionError,
    "ERR_CANT_ACQUIRE_RESOURCE": .errCantAcquireResource,
    "ERR_CANT_FORK": .errCantFork,
    "ERR_INVALID_DATA": .errInvalidData,
    "ERR_INVALID_PARAMETER": .errInvalidParameter,
    "ERR_ALREADY_EXISTS": .errAlreadyExists,
    "ERR_DOES_NOT_EXIST": .errDoesNotExist,
    "ERR_DATABASE_CANT_READ": .errDatabaseCantRead,
    "ERR_DATABASE_CANT_WRITE": .errDatabaseCantWrite,
    "ERR_COMPILATION_FAILED": .errCompilationFailed,
    "ERR_METHOD_NOT_FOUND": .errMethodNotFound,
    "ERR_LINK_FAILED": .errLinkFailed,
    "ERR_SCRIPT_FAILED": .errScriptFailed,
    "ERR_CYCLIC_LINK": .errCyclicLink,
    "ERR_INVALID_DECLARATION": .errInvalidDeclaration,
    "ERR_DUPLICATE_SYMBOL": .errDuplicateSymbol,
    "ERR_PARSE_ERROR": .errParseError,
    "ERR_BUSY": .errBusy,
    "ERR_SKIP": .errSkip,
    "ERR_HELP": .errHelp,
    "ERR_BUG": .errBug,
    "ERR_PRINTER_ON_FIRE": .errPrinterOnFire,
  ]
}
