// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import StreamPeerSocketTLS
import SwiftTestSupport
import Synchronization
import Testing

@Suite("TLS, awaited", .watchdog)
struct AwaitTests {
  private typealias Lines = Connection<String, String>

  /// The errors that the tasks of the server have thrown.
  private final class Failures: Sendable {
    private let all = Mutex<[String]>([])
    var count: Int { all.withLock { $0.count } }
    func note(_ error: any Error) { all.withLock { $0.append("\(error)") } }
  }

  /// Runs a body on a loop of its own, with a listener that sends each line back.
  private func withEcho(
    _ failures: Failures = Failures(),
    _ body: @escaping @Sendable (Listener<String, String>) async throws -> Void
  ) async throws {
    let loop = SocketLoop(name: "test")
    try await Task(executorPreference: loop) {
      let listener = try await Listener.tls(
        port: 0, host: "127.0.0.1", tls: Identities.server, coding: .lines, on: loop)
      async let serving: Void = listener.run(
        onError: { failures.note($1) }
      ) { connection in
        for try await line in connection.messages { try await connection.send("\(line)!") }
      }
      try await body(listener)
      listener.finish()
      try await serving
    }.value
    await loop.shutDown()
  }

  @Test func linesComeBack() async throws {
    try await withEcho { listener in
      try await withThrowingTaskGroup { group in
        for number in 0..<20 {
          group.addTask {
            let connection = try await Lines.tls(
              "localhost", port: listener.port, tls: Identities.client, coding: .lines,
              on: listener.loop)
            let long = String(repeating: "\(number)", count: 20_000)
            try await connection.send(long)
            #expect(try await connection.receive() == long + "!")
            try await connection.finishSending()
            #expect(try await connection.receive() == nil)
            await connection.close()
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test func anUntrustedServerIsAnErrorWithASentence() async throws {
    let failures = Failures()
    try await withEcho(failures) { listener in
      let error = await #expect(throws: ConnectionError.self) {
        _ = try await Lines.tls(
          "localhost", port: listener.port, tls: Identities.stranger, coding: .lines,
          on: listener.loop)
      }
      #expect(error?.reason == .untrusted)
      #expect(error?.closeMessage.isEmpty == false)
      // The listener goes on.
      let connection = try await Lines.tls(
        "127.0.0.1", port: listener.port, tls: Identities.client, coding: .lines,
        on: listener.loop)
      try await connection.send("x")
      #expect(try await connection.receive() == "x!")
      await connection.close()
    }
    #expect(failures.count == 1)
  }

  @Test func aPeerWithoutTLSIsAnErrorOfItsConnection() async throws {
    let failures = Failures()
    try await withEcho(failures) { listener in
      let plain = try await Lines.tcp(
        "127.0.0.1", port: listener.port, coding: .lines, on: listener.loop)
      try await plain.send("GET / HTTP/1.0")
      _ = try? await plain.receive()
      plain.closeNow()
    }
    #expect(failures.count == 1)
  }

  @Test func aRefusedConnectSaysSo() async throws {
    let loop = SocketLoop(name: "test")
    let listener = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .lines, on: loop)
    let port = listener.port
    listener.stop()
    let error = await #expect(throws: ConnectionError.self) {
      _ = try await Lines.tls(
        "127.0.0.1", port: port, tls: Identities.client, coding: .lines, on: loop)
    }
    #expect(error?.reason == .refused)
    #expect(error?.description.contains("nobody listens there") == true)
    await loop.shutDown()
  }

  /// A cancelled connect ends, wherever the handshake stands: the server never answers.
  @Test func aCancelledHandshakeEnds() async throws {
    let loop = SocketLoop(name: "test")
    let listener = try await Listener.tcp(port: 0, host: "127.0.0.1", coding: .bytes, on: loop)
    let connecting = Task {
      try await Lines.tls(
        "127.0.0.1", port: listener.port, tls: Identities.client, coding: .lines, on: loop)
    }
    let silent = try #require(try await listener.accept())
    _ = try await silent.receive()  // the client's hello
    connecting.cancel()
    await #expect(throws: CancellationError.self) { _ = try await connecting.value }
    #expect(try await silent.receive() == nil)
    await loop.shutDown()
  }

  @Test func aUnixSocket() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "s").path()
    let loop = SocketLoop(name: "test")
    try await Task(executorPreference: loop) {
      let listener = try await Listener.tls(
        unix: path, tls: Identities.server, coding: .lines, on: loop)
      async let serving: Void = listener.run { connection in
        for try await line in connection.messages { try await connection.send("\(line)!") }
      }
      let connection = try await Lines.tls(
        unix: path, name: "game.test", tls: Identities.client, coding: .lines, on: loop)
      #expect(connection.address == path)
      try await connection.send("x")
      #expect(try await connection.receive() == "x!")
      await connection.close()
      let plain = try await Lines.unix(path, coding: .lines, on: loop)
      try await plain.send("no TLS")
      let answer = try? await plain.receive(within: .seconds(20))
      #expect(answer != "no TLS!")
      plain.closeNow()
      let error = await #expect(throws: ConnectionError.self) {
        _ = try await Lines.tls(
          unix: path, name: "other.test", tls: Identities.client, coding: .lines, on: loop)
      }
      #expect(error?.reason == .untrusted)
      listener.finish()
      try await serving
    }.value
    await loop.shutDown()
  }

  @Test func optionsThatAreNoServersDoNotListen() async throws {
    let loop = SocketLoop(name: "test")
    let broken = TLSOptions.server(key: CryptoKey(), certificate: Identities.certificate)
    for (options, code) in [
      (broken, GodotError.errUnconfigured), (Identities.client, .errInvalidParameter),
    ] {
      await #expect(throws: code) {
        _ = try await Listener.tls(
          port: 0, host: "127.0.0.1", tls: options, coding: .lines, on: loop)
      }
      await #expect(throws: code) {
        _ = try await Listener.tls(unix: "/nowhere", tls: options, coding: .lines, on: loop)
      }
    }
    await #expect(throws: GodotError.errUnconfigured) {
      _ = try await Lines.tls("127.0.0.1", port: 1, tls: broken, coding: .lines, on: loop)
    }
    await #expect(throws: GodotError.errUnconfigured) {
      _ = try await Lines.tls(
        unix: "/nowhere", name: "game.test", tls: broken, coding: .lines, on: loop)
    }
    await loop.shutDown()
  }

  @Test func aFailedHandshakeIsNoFailureOfAccept() async throws {
    let loop = SocketLoop(name: "test")
    try await Task(executorPreference: loop) {
      let listener = try await Listener.tls(
        port: 0, host: "127.0.0.1", tls: Identities.server, coding: .lines, on: loop)
      async let accepted = listener.accept()
      let plain = try await Lines.tcp(
        "127.0.0.1", port: listener.port, coding: .lines, on: loop)
      try await plain.send("GET / HTTP/1.0")
      let client = try await Lines.tls(
        "127.0.0.1", port: listener.port, tls: Identities.client, coding: .lines, on: loop)
      let server = try #require(try await accepted)
      try await client.send("hello")
      #expect(try await server.receive() == "hello")
    }.value
    await loop.shutDown()
  }

  /// A client that never shakes hands does not hold up a graceful shutdown.
  @Test func aSilentClientDoesNotHoldUpTheEnd() async throws {
    let loop = SocketLoop(name: "test")
    try await Task(executorPreference: loop) {
      let accepted = AsyncStream.makeStream(of: Void.self)
      let listener = try await Listener.tls(
        port: 0, host: "127.0.0.1", tls: Identities.server, coding: .lines, on: loop)
      async let serving: Void = listener.run { _ in accepted.continuation.yield() }
      let silent = try await Lines.tcp(
        "127.0.0.1", port: listener.port, coding: .lines, on: loop)
      // The next client is served, so the silent one is in its handshake.
      let client = try await Lines.tls(
        "127.0.0.1", port: listener.port, tls: Identities.client, coding: .lines, on: loop)
      for await _ in accepted.stream { break }
      listener.finish()
      #expect(try await silent.receive(within: .seconds(20)) == nil)
      client.closeNow()
      try await serving
    }.value
    await loop.shutDown()
  }
}
