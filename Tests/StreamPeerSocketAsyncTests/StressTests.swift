// SPDX-License-Identifier: MIT
//
// Many connections and tasks, of which some are cancelled at random in every phase. All choices
// follow from a seed. SPS_STRESS_SEEDS=4,5,6 runs other seeds, and SPS_STRESS_CONNECTIONS another
// number of connections.
import Foundation
import StreamPeerSocket
import Synchronization
import SwiftTestSupport
import Testing

@Suite("stress", .serialized, .watchdog)
struct StressTests {
  static let seeds =
    setting("SPS_STRESS_SEEDS")?.split(separator: ",").compactMap { UInt64($0) } ?? [1, 2, 3]
  static let connections = setting("SPS_STRESS_CONNECTIONS").flatMap { Int($0) } ?? 200

  @Test(arguments: seeds)
  func nothingIsLostOrLeftBehind(seed: UInt64) async throws {
    try await Stress(seed: seed).run(connections: Self.connections)
  }

  // The task continues on another thread than the one that ends. The sanitizer watches.
  @Test func loopsEndInARow() async {
    for _ in 0..<3000 {
      let loop = SocketLoop(name: "short")
      await loop.shutDown()
    }
  }
}

private func setting(_ name: String) -> String? {
  ProcessInfo.processInfo.environment[name]
}

/// A server that sends each packet back, and clients of which each has two lanes of tasks.
private struct Stress: Sendable {
  let seed: UInt64
  let tally = Tally()
  let loops = [SocketLoop(name: "one"), SocketLoop(name: "two")]
  let options = StreamOptions(osSendBufferBytes: 4096, osReceiveBufferBytes: 4096)

  typealias Packets = Connection<[UInt8], [UInt8]>

  func run(connections: Int) async throws {
    let listener = try await Listener.tcp(
      port: 0, host: "127.0.0.1", coding: .packets(),
      options: ServerOptions(stream: options), on: loops[0])
    let server = Task {
      try await listener.run(over: loops) { connection in
        while let packet = try await connection.receive() {
          try await connection.send(packet)
          var random = Random(seed: seed &+ UInt64(packet.client) << 8 &+ UInt64(packet.number))
          if random.isChosen(1, of: 1000) {  // the client may see the end, or a reset
            tally.hungUp.insert(packet.client)
            return connection.closeNow()
          }
        }
      }
    }
    try await withThrowingDiscardingTaskGroup { group in
      for client in 0..<connections {
        group.addTask { try await self.runClient(client, port: listener.port) }
      }
    }
    listener.stop()
    try await server.value
    for loop in loops { await loop.shutDown() }
    tally.print(seed)
  }

  // MARK: One client

  private func runClient(_ client: Int, port: Int) async throws {
    var random = Random(seed: seed &* 1_000_003 &+ UInt64(client))
    let loop = loops[Int(random.below(2))]
    guard let connection = try await connect(port, on: loop, &random) else { return }
    let (readerRandom, senderRandom) = (random.split(), random.split())
    async let received = receive(connection, readerRandom)
    let sent = try await send(connection, client, senderRandom)
    let echoes = try await received
    // A cancelled send has sent nothing, or the connection is closed. A cancelled receive has
    // consumed nothing. So exactly the sent packets come back, in order. A connection that ends
    // early may lack the last ones.
    #expect(echoes.numbers == Array(sent.numbers.prefix(echoes.numbers.count)))
    let isHungUp = tally.hungUp.contains(client)
    if sent.isInOrder && echoes.isInOrder && !isHungUp { #expect(echoes.numbers == sent.numbers) }
    tally.note(sent: sent.numbers.count, echoed: echoes.numbers.count, echoes.isInOrder)
    if random.isChosen(1, of: 3) { await connection.close(within: .seconds(20)) }
  }

  private func connect(
    _ port: Int, on loop: SocketLoop, _ random: inout Random
  ) async throws -> Packets? {
    let host = random.isChosen(1, of: 2) ? "127.0.0.1" : "localhost"
    let options = self.options
    let result = await random.run(on: loops, cancelled: 1, of: 20, tally) {
      try await Packets.tcp(host, port: port, coding: .packets(), options: options, on: loop)
    }
    return try result.unlessCancelled()
  }

  private func send(
    _ connection: Packets, _ client: Int, _ random: Random
  ) async throws -> Lane {
    var random = random
    var lane = Lane()
    for number in 0..<27 {
      await random.pause()
      let packet = [UInt8](client, number: number, count: 8 + Int(random.below(12_000)))
      let result = await random.run(on: loops, cancelled: 1, of: 8, tally) {
        try await connection.send(packet)
      }
      switch result {
      case .success: lane.numbers.append(number)
      case .failure(is CancellationError): continue
      case .failure(is ConnectionError): return lane
      case .failure(let error): throw error
      }
    }
    if random.isChosen(1, of: 10) {
      connection.closeNow()
    } else {
      lane.isInOrder = await (Result { try await connection.finishSending() }).isSuccess
    }
    return lane
  }

  private func receive(_ connection: Packets, _ random: Random) async throws -> Lane {
    var random = random
    var lane = Lane()
    while true {
      await random.pause()
      let result = await random.run(on: loops, cancelled: 1, of: 8, tally) {
        try await connection.receive()
      }
      switch result {
      case .success(nil):
        lane.isInOrder = true
        return lane
      case .success(let packet?):
        #expect(packet.isWhole)
        lane.numbers.append(packet.number)
      case .failure(is CancellationError): continue
      case .failure(is ConnectionError): return lane
      case .failure(let error): throw error
      }
    }
  }
}

/// The packets that one direction has carried, and whether it ended in order.
private struct Lane {
  var numbers: [Int] = []
  var isInOrder = false
}

private final class Tally: Sendable {
  let tasks = Atomic(0), cancelled = Atomic(0), sent = Atomic(0), echoed = Atomic(0)
  let inOrder = Atomic(0)
  let hungUp = Clients()

  func note(sent: Int, echoed: Int, _ isInOrder: Bool) {
    self.sent.add(sent, ordering: .relaxed)
    self.echoed.add(echoed, ordering: .relaxed)
    if isInOrder { inOrder.add(1, ordering: .relaxed) }
  }

  func print(_ seed: UInt64) {
    let (tasks, cancelled) = (tasks.load(ordering: .relaxed), cancelled.load(ordering: .relaxed))
    let (sent, echoed) = (sent.load(ordering: .relaxed), echoed.load(ordering: .relaxed))
    let inOrder = inOrder.load(ordering: .relaxed)
    Swift.print(
      "stress seed \(seed): \(tasks) tasks, \(cancelled) cancelled, \(sent) packets sent,",
      "\(echoed) echoed, \(inOrder) connections ended in order")
  }
}

/// With a lock that the thread sanitizer knows. It does not know Mutex.
private final class Clients: @unchecked Sendable {
  private let lock = NSLock()
  private var numbers: Set<Int> = []

  func insert(_ number: Int) { lock.withLock { _ = numbers.insert(number) } }
  func contains(_ number: Int) -> Bool { lock.withLock { numbers.contains(number) } }
}

extension [UInt8] {
  /// A packet that names itself and can be checked.
  fileprivate init(_ client: Int, number: Int, count: Int) {
    self.init(repeating: UInt8(number), count: count)
    (self[1], self[2]) = (UInt8(client % 256), UInt8(client / 256))
  }

  fileprivate var number: Int { Int(self[0]) }
  fileprivate var client: Int { Int(self[1]) + 256 * Int(self[2]) }
  fileprivate var isWhole: Bool { self == [UInt8](client, number: number, count: count) }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }

  fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }

  fileprivate func unlessCancelled() throws -> Success? {
    do { return try get() } catch is CancellationError { return nil }
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014), so that all choices follow from the seed.
private struct Random: Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func below(_ limit: UInt64) -> UInt64 { next() % limit }
  mutating func isChosen(_ part: UInt64, of all: UInt64) -> Bool { below(all) < part }
  mutating func split() -> Random { Random(seed: next()) }

  /// Lets the other lane wait, sometimes.
  mutating func pause() async {
    if isChosen(1, of: 20) { try? await Task.sleep(for: .microseconds(below(3000))) }
  }

  /// Runs an operation as a task of its own, on a loop or on none. Cancels some of them: at once,
  /// after a few turns, or later.
  mutating func run<Success: Sendable>(
    on loops: [SocketLoop], cancelled part: UInt64, of all: UInt64, _ tally: Tally,
    _ operation: @escaping @Sendable () async throws -> Success
  ) async -> Result<Success, any Error> {
    let place = Int(below(UInt64(loops.count + 1)))
    let task =
      place < loops.count
      ? Task(executorPreference: loops[place], operation: operation) : Task(operation: operation)
    tally.tasks.add(1, ordering: .relaxed)
    guard isChosen(part, of: all) else { return await task.result }
    switch below(3) {
    case 0: break
    case 1: for _ in 0..<below(8) { await Task.yield() }
    default: try? await Task.sleep(for: .microseconds(below(500)))
    }
    task.cancel()
    let result = await task.result
    if case .failure(is CancellationError) = result { tally.cancelled.add(1, ordering: .relaxed) }
    return result
  }
}
