// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// Swift's own types as Godot's: an Encodable value becomes a Variant, and back.
@Suite("variants of Codable", .watchdog)
struct VariantCodableTests {
  private struct Player: Codable, Equatable {
    struct Item: Codable, Equatable {
      var name: String
      var count: UInt8
    }

    var name = "Ada"
    var hp = 100
    var speed: Float = 2.5
    var at = Vector2(1, 2)
    var path: NodePath = "/root/Player"
    var items = [Item(name: "sword", count: 1)]
    var scores: [Int: Double] = [7: 1.5]
    var flags: [String: Bool] = ["is_admin": false]
    var bytes: [UInt8] = [1, 2, 3]
    var title: String?
    var any: Variant = [1, "two", nil]
  }

  private let playersVariant: Variant = [
    "name": "Ada", "hp": 100, "speed": 2.5, "at": .vector2(Vector2(1, 2)),
    "path": .nodePath("/root/Player"), "items": [["name": "sword", "count": 1]],
    "scores": [7: 1.5], "flags": ["is_admin": false], "bytes": .packedByteArray([1, 2, 3]),
    "any": [1, "two", nil],
  ]

  @Test func aStructIsADictionary() throws {
    let variant = try Variant(encoding: Player())
    #expect(variant == playersVariant)
    #expect(variant.dictionaryValue?.keys == playersVariant.dictionaryValue?.keys)
    #expect(try variant.decode(Player.self) == Player())
    var titled = Player()
    titled.title = "Countess"
    #expect(try Variant(encoding: titled)["title"] == "Countess")
    #expect(try Variant(encoding: titled).decode(Player.self) == titled)
  }

  @Test func aStructCanBeReadFromGodotsTypes() throws {
    var dictionary = try #require(playersVariant.dictionaryValue)
    dictionary["speed"] = 2  // as GDScript sends it
    dictionary["name"] = .stringName("Ada")
    dictionary["title"] = .some(.nil)
    dictionary["unknown"] = 1
    dictionary["at"] = .wide(try #require(WideReals(.vector2, [1, 2])))
    var expected = Player()
    expected.speed = 2
    #expect(try Variant.dictionary(dictionary).decode(Player.self) == expected)
    let object = Variant.object(
      .properties(className: "Item", [.init("name", "axe"), .init("count", 2)]))
    #expect(try object.decode(Player.Item.self) == Player.Item(name: "axe", count: 2))
  }

  @Test func packedArraysAreArrays() throws {
    #expect(try Variant.packedInt32Array([1, -2]).decode([Int].self) == [1, -2])
    #expect(try Variant.packedInt64Array([1, .max]).decode([Int64].self) == [1, .max])
    #expect(try Variant.packedFloat32Array([1.5]).decode([Float].self) == [1.5])
    #expect(try Variant.packedFloat64Array([0.1]).decode([Double].self) == [0.1])
    #expect(try Variant.packedStringArray(["a"]).decode([String].self) == ["a"])
    #expect(try Variant.packedByteArray([1]).decode([Int].self) == [1])
    #expect(try Variant.packedVector3Array([Vector3(1, 2, 3)]).decode() == [Vector3(1, 2, 3)])
    #expect(try Variant.packedColorArray([Color()]).decode([Color].self) == [Color()])
    #expect(try ([1, 2] as Variant).decode([UInt8].self) == [1, 2])
  }

  @Test func simpleValuesKeepTheirTypes() throws {
    #expect(try Variant(encoding: 5) == 5)
    #expect(try Variant(encoding: "x") == "x")
    #expect(try Variant(encoding: Int?.none) == .nil)
    #expect(try Variant(encoding: [Int]()) == [])
    #expect(try Variant(encoding: [UInt8]()) == .packedByteArray([]))
    #expect(try Variant(encoding: [String: Int]()) == [:])
    #expect(try (7 as Variant).decode(Int?.self) == 7)
    #expect(try Variant.packedByteArray([7]).decode([UInt8]?.self) == [7])
    #expect(try Variant(encoding: [[1], [2, 3]]) == [[1], [2, 3]])
    #expect(try Variant(encoding: ["a": [Color()]]) == ["a": [.color(Color())]])
    #expect(try Variant.nil.decode(Int?.self) == nil)
    #expect(try ([1, nil] as Variant).decode([Int?].self) == [1, nil])
    for row in try WireRow.all(of: "put_var") {
      let variant = try Variant(decoding: row.bytes.dropFirst(4))
      #expect(try Variant(encoding: variant) == variant)
      #expect(try variant.decode(Variant.self) == variant)
      #expect(
        try JSONDecoder().decode(Variant.self, from: JSONEncoder().encode(variant)) == variant)
    }
  }

  @Test func errorsReportThePosition() throws {
    func failure(_ change: (inout VariantDictionary) -> Void) -> DecodingError? {
      var dictionary = playersVariant.dictionaryValue ?? [:]
      change(&dictionary)
      return #expect(throws: DecodingError.self) {
        try Variant.dictionary(dictionary).decode(Player.self)
      }
    }
    func path(_ error: DecodingError?) -> String? {
      switch error {
      case .typeMismatch(_, let context), .valueNotFound(_, let context),
        .keyNotFound(_, let context), .dataCorrupted(let context):
        context.codingPath.map(\.stringValue).joined(separator: ".")
      default: nil
      }
    }
    #expect(
      path(failure { $0["items"] = [["name": "sword", "count": "many"]] }) == "items.0.count")
    #expect(path(failure { $0["items"] = [["name": "sword", "count": 256]] }) == "items.0.count")
    #expect(path(failure { $0["items"] = [["name": "sword"]] }) == "items.0")
    #expect(path(failure { $0["items"] = 1 }) == "items")
    #expect(path(failure { $0["at"] = "here" }) == "at")
    #expect(path(failure { $0["hp"] = .some(.nil) }) == "hp")
    #expect(path(failure { $0["hp"] = nil }) == "")
    #expect(throws: DecodingError.self) { try (1 as Variant).decode(Player.self) }
    #expect(throws: EncodingError.self) { try Variant(encoding: UInt64.max) }
  }

  // A recursive type cannot be decoded without stack.
  @Test func aValueTooDeepForATypeIsRefused() throws {
    final class Node: Codable {
      var next: Node?
    }
    var deep: Variant = [:]
    for _ in 0..<1000 { deep = ["next": deep] }
    #expect(throws: DecodingError.self) { try deep.decode(Node.self) }
    #expect(try (["next": ["next": [:]]] as Variant).decode(Node.self).next?.next != nil)
  }

  @Test(arguments: Transport.allCases)
  func valuesGoOverAStream(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(try pair.peer.tryGet(Player.self) == nil)
    try pair.client.put(Player())
    #expect(try pair.peer.get(Player.self) == Player())
    #expect(pair.client.putVar(playersVariant) == .ok)
    var player: Player?
    try waitUntil("the player") {
      player = try pair.peer.tryGet()
      return player != nil
    }
    #expect(player == Player())
    try pair.client.put("no player")
    try pair.client.put(5)
    #expect(throws: DecodingError.self) { try pair.peer.get(Player.self) }
    #expect(try pair.peer.get() == 5)
    pair.client.disconnectFromHost()
    #expect(throws: GodotError.failed) { try pair.client.put(5) }
    #expect(throws: GodotError.failed) { try pair.client.get(Int.self) }
  }
}
