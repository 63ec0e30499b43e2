// SPDX-License-Identifier: MIT
import Logging
import Metrics
import MetricsTestKit
import StreamPeerSocket
import StreamPeerSocketObservability
import Synchronization
import Testing

@Suite("observers", .timeLimit(.minutes(1)), .serialized)
struct ObserverTests {
  @Test func aLogHasALineForEachEvent() async throws {
    let lines = Lines()
    var logger = Logger(label: "test") { _ in LineHandler(lines: lines) }
    logger.logLevel = .debug
    try await exchange(LogObserver(logger))
    let seen = lines.all
    #expect(seen.count { $0.hasPrefix("debug connection opened") } == 2)
    #expect(seen.count { $0.hasPrefix("debug connection closed") } == 2)
    #expect(seen.contains { $0.contains("CLOSE_PEER_FINISHED") && $0.contains("incoming=true") })
    #expect(seen.contains { $0.hasPrefix("notice connect failed") && $0.contains("REFUSED") })
  }

  @Test func metricsCountConnections() async throws {
    let metrics = TestMetrics()
    try await exchange(MetricsObserver(prefix: "test", factory: metrics))
    let opened = try metrics.expectCounter(
      "test_connections_opened", [("direction", "incoming")])
    #expect(opened.totalValue == 1)
    let failed = try metrics.expectCounter(
      "test_connects_failed", [("reason", "CLOSE_REFUSED")])
    #expect(failed.totalValue == 1)
    #expect(try metrics.expectMeter("test_connections_open").lastValue == 0)
    #expect(try metrics.expectTimer("test_connection_duration").values.count == 2)
  }
}

/// One connection that ends in order, and one connect that is refused.
private func exchange(_ observer: some SocketObserver) async throws {
  let loop = SocketLoop(name: "observed", observer: observer)
  let listener = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .lines, on: loop)
  async let accepted = listener.accept()
  let client = try await Connection.tcp(
    "127.0.0.1", port: listener.port, coding: .lines, on: loop)
  let server = try #require(try await accepted)
  async let received = server.receive()
  try await client.send("x")
  #expect(try await received == "x")
  async let closing: Void = client.close()
  #expect(try await server.receive() == nil)
  await closing
  listener.stop()
  await #expect(throws: ConnectionError.self) {
    try await Connection.tcp("127.0.0.1", port: listener.port, on: loop)
  }
  await loop.shutDown()
}

private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }
  func append(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct LineHandler: LogHandler {
  let lines: Lines
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.debug

  init(lines: Lines) {
    self.lines = lines
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let details = (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted()
    lines.append("\(event.level) \(event.message) \(details.joined(separator: " "))")
  }
}
