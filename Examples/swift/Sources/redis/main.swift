// SPDX-License-Identifier: MIT
//
// redis [HOST PORT]: a client for Redis, and a tour of it. The protocol is lines. A line with a
// length precedes each value: https://redis.io/docs/latest/develop/reference/protocol-spec/
import Foundation
import StreamPeerSocket

/// An answer of Redis.
enum Reply: Sendable, Equatable {
  case null
  case text(String)
  case number(Int)
  case list([Reply])
  case failure(String)
}

struct RedisError: Error, CustomStringConvertible {
  let text: String
  var description: String { "Redis: \(text)" }
}

/// A connection to Redis. Only one task at a time may use it: replies come in the commands' order.
/// A value has at most 8 MiB, the default of `StreamOptions.maxValueBytes`.
struct Redis: Sendable {
  private let connection: Connection<String, String>

  init(_ host: String, port: Int) async throws {
    connection = try await .tcp(host, port: port, coding: .lines(end: "\r\n"), timeout: .seconds(5))
  }

  func close() async {
    await connection.close(within: .seconds(1))
  }

  func set(_ key: String, to value: String) async throws {
    _ = try await run("SET", key, value)
  }

  func get(_ key: String) async throws -> String? {
    if case .text(let value) = try await run("GET", key) { value } else { nil }
  }

  func increment(_ key: String) async throws -> Int {
    guard case .number(let value) = try await run("INCR", key) else {
      throw RedisError(text: "not a number")
    }
    return value
  }

  func publish(_ text: String, to channel: String) async throws {
    _ = try await run("PUBLISH", channel, text)
  }

  /// Subscribes to a channel, and returns its messages. Redis then allows no other command.
  func messages(of channel: String) async throws -> AsyncThrowingStream<String, any Error> {
    _ = try await run("SUBSCRIBE", channel)
    return AsyncThrowingStream {
      guard case .list(let parts) = try await reply(), case .text(let text)? = parts.last else {
        throw RedisError(text: "not a message")
      }
      return text
    }
  }

  func run(_ command: String...) async throws -> Reply {
    let reply = try await pipeline([command])[0]
    if case .failure(let text) = reply { throw RedisError(text: text) }
    return reply
  }

  /// Sends every command, and meanwhile receives the replies.
  func pipeline(_ commands: [[String]]) async throws -> [Reply] {
    async let sent: Void = send(commands)
    var replies: [Reply] = []
    for _ in commands { replies.append(try await reply()) }
    try await sent
    return replies
  }

  private func send(_ commands: [[String]]) async throws {
    for words in commands {
      let lines = ["*\(words.count)"] + words.flatMap { ["$\($0.utf8.count)", $0] }
      try await connection.send(lines.joined(separator: "\r\n"))
    }
  }

  private func reply() async throws -> Reply {
    do {
      return try await readReply()
    } catch {
      connection.closeNow()  // in the middle of a reply, the next one cannot be found
      throw error
    }
  }

  private func readReply() async throws -> Reply {
    let line = try await expect(connection.receive())
    let rest = String(line.dropFirst())
    switch (line.first, Int(rest)) {
    case ("+", _): return .text(rest)
    case ("-", _): return .failure(rest)
    case (":", let number?): return .number(number)
    case ("$", -1), ("*", -1): return .null
    case ("$", let count?) where (0...Int(Int32.max)).contains(count):
      let bytes = try await expect(connection.receive(exactly: count + 2))
      return .text(String(decoding: bytes.dropLast(2), as: UTF8.self))
    case ("*", let count?) where count >= 0:
      var list: [Reply] = []
      for _ in 0..<count { list.append(try await readReply()) }
      return .list(list)
    default: throw RedisError(text: "not a reply: \(line)")
    }
  }

  private func expect<Part>(_ part: Part?) throws -> Part {
    guard let part else { throw RedisError(text: "Redis has closed the connection") }
    return part
  }
}

/// Uses the client: values, a pipeline, a subscription.
func tour(_ host: String, port: Int) async throws {
  let redis = try await Redis(host, port: port)
  try await redis.set("greeting", to: "hello,\r\n日本語")
  print(try await redis.get("greeting") ?? "nothing")
  print(try await redis.get("a key that nobody has set") ?? "nothing")
  try await redis.set("book", to: String(repeating: "x", count: 1_000_000))
  print(try await redis.get("book")?.count ?? 0, "bytes")

  try await redis.set("counter", to: "0")
  let replies = try await redis.pipeline(Array(repeating: ["INCR", "counter"], count: 10_000))
  print(replies.count, "replies,", try await redis.increment("counter"), "in the counter")

  let subscriber = try await Redis(host, port: port)
  let news = try await subscriber.messages(of: "news")
  for text in ["one", "two", "three"] { try await redis.publish(text, to: "news") }
  for try await text in news {
    print("news:", text)
    if text == "three" { break }
  }
  await subscriber.close()
  await redis.close()
}

let arguments = CommandLine.arguments.dropFirst()
do {
  try await tour(arguments.first ?? "localhost", port: arguments.last.flatMap { Int($0) } ?? 6379)
} catch {
  print(error)
  exit(1)
}
