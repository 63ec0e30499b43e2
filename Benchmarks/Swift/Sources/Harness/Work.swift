// SPDX-License-Identifier: MIT
//
// The Swift counterpart of Benchmarks/bench.hpp. The numbers must be the same.
import CCounts

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

public let pieceBytes = 64 * 1024
public let messageBytes = 64
public let values = pieceBytes / 4  // of a piece
public let activePeers = 50
public let runBytes = 10_000  // of a message of an echo run

// The open descriptors at the start: a control channel to the partner, then the connections.
public let controlFD: Int32 = 3
public let firstFD: Int32 = 4

public struct Work: Sendable {
  public let isTCP: Bool
  public let items: Int
  public let peers: Int

  public init(isTCP: Bool, items: Int, peers: Int) {
    self.isTCP = isTCP
    self.items = items
    self.peers = peers
  }
}

/// The main program: `PROGRAM ROW TRANSPORT ITEMS PEERS`. Status 69: there is no such row.
public func runRow(_ rows: [String: (Work) -> Void], elseBecause reason: String = "") -> Never {
  let arguments = CommandLine.arguments
  guard arguments.count == 5, let items = Int(arguments[3]), let peers = Int(arguments[4]) else {
    fail("usage: \(arguments[0]) ROW TRANSPORT ITEMS PEERS")
  }
  guard let run = rows[arguments[1]] else { fail(reason, status: 69) }
  heapBytesBefore = heap_bytes()
  run(Work(isTCP: arguments[2] == "tcp", items: items, peers: peers))
  exit(EXIT_SUCCESS)
}

/// Runs the tasks of a row, and ends the program after them.
public func runTasks(
  on executor: (any TaskExecutor)? = nil, _ body: @escaping @Sendable () async throws -> Void
) -> Never {
  Task(executorPreference: executor) {
    do { try await body() } catch { fail("\(error)") }
    finish()
  }
  while true { pause() }
}

/// Ends the program, with all its threads and tasks.
public func finish() -> Never {
  fflush(nil)
  _exit(EXIT_SUCCESS)
}

/// Ends the program after a failure that should never happen.
public func fail(_ what: String, status: Int32 = EXIT_FAILURE) -> Never {
  tell(what)
  exit(status)
}

/// Prints why a figure is missing, or what failed.
public func tell(_ what: String) {
  _ = (what + "\n").withCString { write(STDERR_FILENO, $0, strlen($0)) }
}

/// Lets the partner send a message to some of the peers. When it returns, all have arrived.
public func activatePeers() {
  var byte: UInt8 = 0
  guard write(controlFD, &byte, 1) == 1, read(controlFD, &byte, 1) == 1 else { fail("partner") }
}

/// Lets the partner connect to this program.
public func tellPartner(port: Int) {
  var port = UInt16(port)
  guard write(controlFD, &port, 2) == 2 else { fail("partner") }
}

/// The port on which the partner accepts connections.
public func partnerPort() -> Int {
  var port: UInt16 = 0
  guard read(controlFD, &port, 2) == 2 else { fail("partner") }
  return Int(port)
}

/// Forces the compiler to compute the value: a sum of the values read.
@inline(never)
public func keep(_ value: UInt32) {}

/// Returns the sum of all whole values in the bytes, and their number.
@inline(never)
public func sumOfValues(_ bytes: UnsafeRawBufferPointer) -> (sum: UInt32, values: Int) {
  var sum: UInt32 = 0
  for index in 0..<bytes.count / 4 {
    sum &+= bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
  }
  return (sum, bytes.count / 4)
}

/// Puts values one by one, until the piece is full.
@inline(never)
public func storeValues(in piece: UnsafeMutableRawBufferPointer) {
  for value in 0..<UInt32(piece.count / 4) {
    piece.storeBytes(of: value, toByteOffset: Int(value) * 4, as: UInt32.self)
  }
}
