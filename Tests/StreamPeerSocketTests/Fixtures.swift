// SPDX-License-Identifier: MIT
//
// The bytes that Godot 4.6 wrote, and its API, in the files beside the tests.
import Foundation

/// A call that Godot made, and the bytes that it wrote.
struct WireRow: Decodable {
  let group: String
  let name: String
  let value: String
  private let hex: String

  var bytes: [UInt8] {
    let digits = Array(hex.utf8)
    return stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)!
    }
  }

  static func all(of group: String) throws -> [WireRow] {
    let lines = try Data(contentsOf: fixture("godot-4.6-wire.jsonl")).split(separator: 0x0a)
    return try lines.map { try JSONDecoder().decode(WireRow.self, from: $0) }
      .filter { $0.group == group }
  }
}

struct GodotAPI: Decodable {
  struct Named: Decodable {
    let name: String
  }

  struct StatusConstant: Decodable {
    let name: String
    let value: String
  }

  struct ErrorConstant: Decodable {
    let name: String
    let value: Int32
  }

  struct Class: Decodable {
    let inherits: String
    let methods: [Named]
    let properties: [Named]
    let constants: [StatusConstant]
  }

  let classes: [String: Class]
  let errors: [ErrorConstant]

  static func read() throws -> GodotAPI {
    let data = try Data(contentsOf: fixture("godot-4.6-api.json"))
    return try JSONDecoder().decode(GodotAPI.self, from: data)
  }

  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    errors = try container.decode(
      [ErrorConstant].self, forKey: Key(stringValue: "@GlobalScope.Error"))
    let keys = container.allKeys.filter { !$0.stringValue.hasPrefix("@") }
    classes = try Dictionary(
      uniqueKeysWithValues: keys.map {
        ($0.stringValue, try container.decode(Class.self, forKey: $0))
      })
  }
}

private func fixture(_ name: String) -> URL {
  Bundle.module.bundleURL.appendingPathComponent("Fixtures").appendingPathComponent(name)
}
