// SPDX-License-Identifier: MIT
//
// The library's awaited calls. All tasks prefer the loop of their connections, as those of a
// listener do.
import CCounts
import Harness
import StreamPeerSocket
import Synchronization

typealias Bytes = Connection<[UInt8], [UInt8]>

let loop = SocketLoop.shared

func adopt(_ index: Int = 0) async throws -> Bytes {
  try await Connection.adopting(Int(firstFD) + index, coding: .bytes)
}

// A message to an echo server and back.
func trip(_ connection: Bytes, _ message: [UInt8]) async throws {
  try await connection.send(message)
  var missing = messageBytes
  while missing > 0 {
    guard let bytes = try await connection.receive() else { fail("the partner has finished") }
    missing -= bytes.count
  }
}

func onEachConnection(
  _ work: Work, _ body: @escaping @Sendable (Bytes, [UInt8]) async throws -> Void
) -> Never {
  runTasks(on: loop) {
    let message = [UInt8](repeating: 0, count: messageBytes)
    try await withThrowingDiscardingTaskGroup { group in
      for index in 0..<work.peers {
        let connection = try await adopt(index)
        group.addTask(executorPreference: loop) { try await body(connection, message) }
      }
    }
  }
}

func trips(_ work: Work) {
  let meter = SharedMeter(work)
  onEachConnection(work) { connection, message in
    while true {
      try await trip(connection, message)
      meter.add()
    }
  }
}

// Each connection makes one trip, and then a task waits for a message.
func idle(_ work: Work) {
  let active = Mutex(work.peers)
  onEachConnection(work) { connection, message in
    try await trip(connection, message)
    let isLast = active.withLock { count in
      count -= 1
      return count == 0
    }
    if isLast {
      try await trip(connection, message)  // the others wait by now
      printMemory(work)
      finish()
    }
    _ = try await connection.receive()
  }
}

// In whole pieces, as the rows of the C core, and in the library's own memory, as NIO's messages.
func bulkIn(_ work: Work) {
  let meter = SharedMeter(work)
  runTasks(on: loop) {
    let connection = try await adopt()
    while try await connection.withReadableSpan(atLeast: pieceBytes, { _ in (pieceBytes, true) })
      != nil
    {
      meter.add()
    }
  }
}

func bulkOut(_ work: Work) {
  let meter = SharedMeter(work)
  runTasks(on: loop) {
    let connection = try await adopt()
    let piece = [UInt8](repeating: 0, count: pieceBytes)
    while true {
      try await connection.send(piece)
      meter.add()
    }
  }
}

func connects(_ work: Work) {
  let meter = SharedMeter(work)
  let port = partnerPort()
  runTasks(on: loop) {
    while true {
      try await withConnection(to: .tcp("127.0.0.1", port: port), coding: .bytes) { _ in }
      meter.add()
    }
  }
}

func accepts(_ work: Work) {
  let meter = SharedMeter(work)
  runTasks(on: loop) {
    try await serveEcho(onPort: tellPartner) { meter.add() }
  }
}

// Both ends in one program, from listening to the last byte.
func echoRun(_ work: Work) {
  runTasks(on: loop) {
    let before = allocations()
    try await withThrowingTaskGroup { group in
      let (ports, port) = AsyncStream.makeStream(of: Int.self)
      group.addTask(executorPreference: loop) {
        try await serveEcho {
          port.yield($0)
        } onEnd: {
        }
      }
      guard let port = await ports.first(where: { _ in true }) else { fail("no port") }
      try await withConnection(to: .tcp("127.0.0.1", port: port), coding: .bytes) { connection in
        group.addTask(executorPreference: loop) {
          var missing = work.items * runBytes
          for try await bytes in connection.messages {
            missing -= bytes.count
            if missing == 0 { return }
          }
        }
        let message = [UInt8](repeating: 0, count: runBytes)
        for _ in 0..<work.items { try await connection.send(message) }
        try await group.next()
      }
      print("allocations \(allocations() - before) of 1")
      finish()
    }
  }
}

runRow(
  [
    "trips": trips, "idle": idle, "bulk_in": bulkIn, "bulk_out": bulkOut, "connects": connects,
    "accepts": accepts, "echo_run": echoRun,
  ])
