// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// Godot's Variant. The bytes that Godot wrote decode to the value. The value prints as in Godot,
/// and encodes to the same bytes.
@Suite("variants", .watchdog)
struct VariantTests {
  // MARK: Godot's own bytes

  @Test func everyRowIsReadAndWrittenTheSame() throws {
    let rows = try WireRow.all(of: "put_var")
    #expect(rows.count >= 80)
    for row in rows {
      let variant = try Variant(decoding: row.variant)
      #expect(try variant.encoded() == row.variant, "\(row.name) \(row.value)")
      #expect(try Variant(decoding: variant.encoded()) == variant)
      #expect(variant == variant && variant.hashValue == variant.hashValue)
    }
  }

  @Test func everyRowPrintsAsInGodot() throws {
    // The fixture stores these rows as words, or in another order.
    let elsewhere = ["transform2d", "object_null", "deep_32_arrays", "typed_array_class_node"]
    for row in try WireRow.all(of: "put_var") where !elsewhere.contains(row.name) {
      let text = try Variant(decoding: row.variant).description
      if row.value.contains("\"nested\"") {
        #expect(text.split(separator: "\n").count == row.value.split(separator: "\n").count)
      } else if row.name == "float", let value = Double(row.value) {
        #expect(Double(text) == value || (text == "nan" && value.isNaN))
      } else {
        #expect(text == row.value)
      }
    }
  }

  @Test func eachPrefixIsAnError() throws {
    for row in try WireRow.all(of: "put_var") {
      for size in 0..<row.variant.count {
        let error = #expect(throws: VariantError.self) {
          try Variant(decoding: row.variant.prefix(size))
        }
        #expect(error?.reason == .truncated && error?.error == .errInvalidData)
        #expect(try #require(error).offset <= size)
      }
    }
  }

  // Every valid value can be encoded and decoded again.
  @Test func eachChangedByteIsAnErrorOrAValue() throws {
    for row in try WireRow.all(of: "put_var") {
      var bytes = row.variant
      for at in bytes.indices {
        for change: UInt8 in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
          bytes[at] ^= change
          if let variant = try? Variant(decoding: bytes, allowObjects: true) {
            let again = try Variant(decoding: variant.encoded(), allowObjects: true)
            #expect(again == variant, "\(row.name), byte \(at)")
            #expect(!variant.description.isEmpty)
          }
          bytes[at] ^= change
        }
      }
    }
  }

  // MARK: Wide values

  @Test func wideValuesStayWide() throws {
    let wide: [(VariantType, [Double])] = [
      (.vector2, [0.1, 2]), (.rect2, [1, 2, 3, 4]), (.vector3, [1, 2, 3]),
      (.projection, (0..<16).map(Double.init)), (.packedVector2Array, [1, 2, 3, 0.1]),
      (.packedVector3Array, []),
    ]
    for (type, components) in wide {
      let variant = Variant.wide(try #require(WideReals(type, components)))
      let bytes = try variant.encoded()
      #expect(bytes[0] == UInt8(type.rawValue) && bytes[2] == 1)
      #expect(bytes.count == (type.name.hasPrefix("Packed") ? 8 : 4) + 8 * components.count)
      let back = try Variant(decoding: bytes)
      #expect(back == variant && back.type == type && back.reals == components)
      #expect(try back.encoded() == bytes)
    }
    #expect(WideReals(.vector2, [1]) == nil)
    #expect(WideReals(.color, [1, 2, 3, 4]) == nil)
    #expect(WideReals(.packedVector3Array, [1, 2]) == nil)
  }

  @Test func wideValuesCanBeRounded() throws {
    let wide = Variant.wide(try #require(WideReals(.vector2, [0.1, 2])))
    #expect(wide.vector2Value == Vector2(0.1, 2))
    #expect(wide.vector3Value == nil)
    #expect("\(wide)" == "Vector2(0.1, 2)")
    let array = Variant.wide(try #require(WideReals(.packedVector2Array, [1, 2, 3, 4])))
    #expect(array.packedVector2ArrayValue == [Vector2(1, 2), Vector2(3, 4)])
    #expect(array == .packedVector2Array([Vector2(1, 2), Vector2(3, 4)]))
    #expect(
      array.hashValue == Variant.packedVector2Array([Vector2(1, 2), Vector2(3, 4)]).hashValue)
  }

  // MARK: Literals, subscripts, accessors

  @Test func literalsAreValues() {
    let variant: Variant = ["hp": 100, "name": "x", 1: nil, "list": [true, 2.5, ["deep": -1]]]
    #expect(variant["hp"] == 100)
    #expect(variant["hp"]?.intValue == 100)
    #expect(variant["name"]?.stringValue == "x")
    #expect(variant[1] == .some(.nil) && variant[1]?.isNil == true)
    #expect(variant["list"]?[0]?.boolValue == true)
    #expect(variant["list"]?[1]?.floatValue == 2.5)
    #expect(variant["list"]?[-1]?["deep"]?.intValue == -1)
    let none: [Variant?] = [
      variant["list"]?[3], variant["list"]?[-4], variant["none"], variant[7], variant["hp"]?["x"],
    ]
    #expect(none.allSatisfy { $0 == nil })
    #expect(variant["hp"]?.floatValue == nil && variant["hp"]?.stringValue == nil)
    #expect(variant.dictionaryValue?.keys == ["hp", "name", 1, "list"])
  }

  @Test func accessorsAreOfOneType() throws {
    for row in try WireRow.all(of: "put_var") {
      let variant = try Variant(decoding: row.variant)
      let values: [Any?] = [
        variant.boolValue, variant.intValue, variant.floatValue, variant.stringValue,
        variant.vector2Value, variant.vector2iValue, variant.rect2Value, variant.rect2iValue,
        variant.vector3Value, variant.vector3iValue, variant.transform2DValue,
        variant.vector4Value, variant.vector4iValue, variant.planeValue, variant.quaternionValue,
        variant.aabbValue, variant.basisValue, variant.transform3DValue, variant.projectionValue,
        variant.colorValue, variant.nodePathValue, variant.ridValue, variant.objectValue,
        variant.signalValue, variant.dictionaryValue, variant.arrayValue,
        variant.packedByteArrayValue, variant.packedInt32ArrayValue,
        variant.packedInt64ArrayValue, variant.packedFloat32ArrayValue,
        variant.packedFloat64ArrayValue, variant.packedStringArrayValue,
        variant.packedVector2ArrayValue, variant.packedVector3ArrayValue,
        variant.packedColorArrayValue, variant.packedVector4ArrayValue,
      ]
      let none = variant.isNil || variant.type == .callable
      #expect(values.count { $0 != nil } == (none ? 0 : 1), "\(row.name)")
    }
  }

  @Test func vectorsHaveTheirComponentsInPlace() throws {
    let rows = try WireRow.all(of: "put_var")
    let row = try #require(rows.first { $0.name == "transform3d" })
    let transform = try #require(try Variant(decoding: row.variant).transform3DValue)
    #expect(transform.origin == Vector3(10, 11, 12))
    #expect(transform.basis.row0 == Vector3(1, 4, 7) && transform.basis.x == Vector3(1, 2, 3))
    #expect(transform.basis.y == Vector3(4, 5, 6) && transform.basis.z == Vector3(7, 8, 9))
    #expect(Basis().x == Vector3(1, 0, 0) && Quaternion().w == 1 && Color().a == 1)
    #expect(Projection().w == Vector4(0, 0, 0, 1) && Transform2D().y == Vector2(0, 1))
  }

  // MARK: Equality

  @Test func equalityIsGodotsWithinAType() {
    #expect(Variant.int(1) != .float(1))
    #expect(Variant.string("a") == .stringName("a"))
    #expect(Variant.string("a").hashValue == Variant.stringName("a").hashValue)
    #expect(Variant.string("a") != .nodePath("a"))
    #expect(Variant.string("\u{e9}") != .string("e\u{301}"))  // other code points
    #expect(Variant.float(.nan) == .float(-.nan))
    #expect(Variant.float(.nan).hashValue == Variant.float(-.nan).hashValue)
    #expect(Variant.float(0) == .float(-0.0))
    #expect(Variant.vector2(Vector2(1, 2)) != .vector2i(Vector2i(1, 2)))
    #expect(Variant.callable == .callable && Variant.nil != .bool(false))
    let one: Variant = ["a": 1, "b": [2]]
    let other: Variant = ["b": [2], "a": 1]
    #expect(one == other && one.hashValue == other.hashValue)
    #expect(one != ["a": 1] && one != ["a": 1, "c": [2]] && one != ["a": 1, "b": [3]])
    let typed = VariantArray([1], of: .builtin(.int))
    #expect(typed == [1] && typed.hashValue == VariantArray([1]).hashValue)
  }

  @Test func textKeysOfOtherCodePointsAreOtherKeys() throws {
    let variant: Variant = ["\u{e9}": 1, "e\u{301}": 2]
    let back = try Variant(decoding: variant.encoded())
    #expect(back.dictionaryValue?.count == 2)
    #expect(back["\u{e9}"] == 1 && back["e\u{301}"] == 2)
  }

  // MARK: Containers

  @Test(arguments: [3, 16, 17, 1000])
  func aDictionaryKeepsItsOrder(_ count: Int) {
    var dictionary = VariantDictionary()
    for i in 0..<count { dictionary[.int(Int64(i))] = .string("\(i)") }
    #expect(dictionary.count == count)
    dictionary[1] = nil
    dictionary[2] = "two"
    dictionary[["a", "key"]] = "nested"
    dictionary["name"] = .some(.nil)
    #expect(
      dictionary.keys == (0..<count).filter { $0 != 1 }.map { .int(Int64($0)) } + [
        ["a", "key"], "name",
      ])
    #expect(dictionary[2] == "two" && dictionary[1] == nil)
    #expect(dictionary[["a", "key"]] == "nested")
    #expect(dictionary["name"] == .some(.nil))
    #expect(dictionary[.stringName("name")] == .some(.nil))
    dictionary[["a", "key"]] = nil
    #expect(dictionary.map(\.value).count == count && dictionary.values.last == .nil)
    dictionary.removeAll()
    #expect(dictionary.isEmpty && dictionary["name"] == nil)
  }

  @Test func anArrayIsACollection() {
    var array: VariantArray = [1, "two"]
    array.append(nil)
    array[0] = 1.5
    array.removeLast()
    #expect(array == [1.5, "two"])
    #expect(Variant.array(array).arrayValue?.map(\.type) == [.float, .string])
  }

  @Test func typedContainersKeepTheirTypes() throws {
    let array = VariantArray([.object(.id(7))], of: .class("Node"))
    let script = VariantArray([], of: .script("res://enemy.gd"))
    var dictionary = VariantDictionary(keys: .builtin(.string), values: .any)
    dictionary["list"] = .array(array)
    dictionary["script"] = .array(script)
    let back = try #require(
      try Variant(decoding: Variant.dictionary(dictionary).encoded()).dictionaryValue)
    #expect(back == dictionary)
    #expect(back.keyType == .builtin(.string) && back.valueType == .any)
    #expect(back["list"]?.arrayValue?.elementType == .class("Node"))
    #expect(back["script"]?.arrayValue?.elementType == .script("res://enemy.gd"))
    #expect("\(array)" == "Array[Node]([EncodedObjectAsID(7)])")
    #expect("\(script)" == "Array[Resource(\"res://enemy.gd\")]([])")
  }

  @Test func aKeyThatComesTwiceCountsOnce() throws {
    var bytes = try (["a": 1, "b": 2] as Variant).encoded()
    bytes[36] = UInt8(ascii: "a")
    #expect(try Variant(decoding: bytes) == ["a": 2])
  }

  // Compares with a plain list of pairs.
  @Test func pairsComeAndGo() throws {
    var random = Steps()
    var dictionary = VariantDictionary()
    var pairs: [(key: Variant, value: Variant)] = []
    for step in 0..<4000 {
      let number = Int64(random.next() % 60)
      let key: Variant = number.isMultiple(of: 5) ? [.int(number)] : .int(number)
      let found = pairs.firstIndex { $0.key == key }
      // More pairs are put than removed, and then fewer.
      if random.next() % 10 < (step / 500 % 2 == 0 ? 7 : 2) {
        dictionary[key] = .int(Int64(step))
        if let found { pairs[found].value = .int(Int64(step)) }
        if found == nil { pairs.append((key, .int(Int64(step)))) }
      } else {
        dictionary[key] = nil
        if let found { pairs.remove(at: found) }
      }
      #expect(dictionary.keys == pairs.map(\.key) && dictionary.values == pairs.map(\.value))
      #expect(
        dictionary.count == pairs.count && dictionary[key] == pairs.first { $0.key == key }?.value)
    }
    dictionary[1] = 1
    var copy = dictionary
    copy[1] = nil
    #expect(dictionary[1] == 1 && copy[1] == nil && copy.count == dictionary.count - 1)
    let back = try Variant(decoding: Variant.dictionary(copy).encoded())
    #expect(back == .dictionary(copy) && back.hashValue == Variant.dictionary(copy).hashValue)
    #expect(back.dictionaryValue?.keys == copy.keys)
  }

  // Numbers without an order, the same in each run.
  private struct Steps: RandomNumberGenerator {
    var state: UInt64 = 1
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
  }

  @Test(arguments: [4, 100])
  func theLastValueOfARepeatedKeyCounts(_ count: Int) throws {
    var dictionary = VariantDictionary()
    for key in 0..<Int64(count) { dictionary[.int(1000 + key)] = .int(key) }
    var bytes = try Variant.dictionary(dictionary).encoded()
    // Every second key becomes the one before it. A pair has 16 bytes, after a type and a count.
    for pair in stride(from: 1, to: count, by: 2) {
      bytes[8 + 16 * pair + 4] = bytes[8 + 16 * (pair - 1) + 4]
      bytes[8 + 16 * pair + 5] = bytes[8 + 16 * (pair - 1) + 5]
    }
    let back = try #require(try Variant(decoding: bytes).dictionaryValue)
    let kept = Array(stride(from: Int64(0), to: Int64(count), by: 2))
    #expect(back.keys == kept.map { .int(1000 + $0) })
    #expect(back.values == kept.map { .int($0 + 1) })
    #expect(kept.allSatisfy { back[.int(1000 + $0)] == .int($0 + 1) })
  }

  // MARK: Paths and objects

  @Test func pathsAreSplit() {
    let path: NodePath = "/root//Player:position:x"
    #expect(path.names == ["root", "Player"] && path.subnames == ["position", "x"])
    #expect(path.isAbsolute && "\(path)" == "/root/Player:position:x")
    #expect("\(NodePath(":x"))" == ":x" && "\(NodePath(""))" == "")
    #expect("\(Variant.nodePath("../Enemy"))" == "^\"../Enemy\"")
  }

  @Test func objectsAreDataWhereTheyAreAllowed() throws {
    let object = Variant.object(
      .properties(className: "Player", [.init("hp", 100), .init("at", .vector2(Vector2(1, 2)))]))
    let bytes = try (["who": object] as Variant).encoded()
    let error = #expect(throws: VariantError.self) { try Variant(decoding: bytes) }
    #expect(error?.reason == .objectNotAllowed && error?.error == .errUnauthorized)
    #expect(error?.offset == 20)
    let back = try Variant(decoding: bytes, allowObjects: true)
    #expect(back["who"] == object && back["who"]?["hp"] == 100 && back["who"]?["mp"] == nil)
    #expect("\(object)" == "Object(Player,\"hp\":100,\"at\":Vector2(1, 2))")
    let id = Variant.object(.id(1 << 63))
    #expect(try Variant(decoding: id.encoded()) == id)  // needs no allowObjects
    let nameless = Variant.object(.properties(className: "", []))
    #expect(throws: VariantError.self) { try nameless.encoded() }
  }

  // MARK: Untrusted bytes

  @Test func errorsReportThePositionAndTheReason() throws {
    func error(_ bytes: [UInt8], maxDepth: Int = 1024) -> VariantError? {
      #expect(throws: VariantError.self) { try Variant(decoding: bytes, maxDepth: maxDepth) }
    }
    let list: [UInt8] = [28, 0, 0, 0, 1, 0, 0, 0]
    #expect(error([])?.reason == .truncated)
    #expect(error(list + [39, 0, 0, 0])?.reason == .unknownType)
    #expect(error(list + [39, 0, 0, 0])?.offset == 8)
    #expect(error(list + [4, 0, 0, 0, 1, 0, 0, 0, 255, 0, 0, 0])?.reason == .notUTF8)
    #expect(error([22, 0, 0, 0, 1, 0, 0, 0, 97, 0, 0, 0])?.reason == .oldNodePath)
    #expect(error(list + list + [0, 0, 0, 0], maxDepth: 1)?.reason == .tooDeep)
    #expect(error([0, 0, 0, 0], maxDepth: 0)?.reason == .badArgument)
    #expect(error([0, 0, 0, 0], maxDepth: 1025)?.reason == .badArgument)
    let text = try #require(error(list + [39, 0, 0, 0])).description
    #expect(text == "unknownType at byte 8 (ERR_INVALID_DATA)")
    // the decoder ignores the bytes after the value
    #expect(try Variant(decoding: [0, 0, 0, 0, 1, 2, 3]) == .nil)
  }

  @Test func aMillionLevelsAreRefused() {
    let bytes = [[UInt8]](repeating: [28, 0, 0, 0, 1, 0, 0, 0], count: 1_000_000).joined()
    let error = #expect(throws: VariantError.self) { try Variant(decoding: Array(bytes)) }
    #expect(error?.reason == .tooDeep && error?.offset == 8 * 1024)
  }

  // A thread's small stack is enough to use and destroy the deepest value.
  @Test(arguments: [false, true])
  func theDeepestValueFitsOnAThreadsStack(_ dictionaries: Bool) throws {
    var deep: Variant = 0
    for _ in 0..<1024 { deep = dictionaries ? ["x": deep] : [deep] }
    let bytes = try deep.encoded()
    #expect(throws: VariantError.self) { try (["x": deep] as Variant).encoded() }
    deep = .nil
    let finished = DispatchSemaphore(value: 0)
    nonisolated(unsafe) var sizes: (hashes: Int, text: Int) = (0, 0)
    let thread = Thread {
      do {
        guard let one = try? Variant(decoding: bytes), let other = try? Variant(decoding: bytes)
        else { return }
        sizes = (Set([one, other]).count, one.description.utf8.count)
      }
      finished.signal()
    }
    thread.stackSize = 1 << 20
    thread.start()
    finished.wait()
    #expect(sizes.hashes == 1)
    #expect(sizes.text == 1 + 1024 * (dictionaries ? 9 : 2))
  }

  // Nested keys, and keys that are not numbers, could make a dictionary slow.
  @Test(arguments: [
    [UInt8](), [3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f], [28, 0, 0, 0, 0, 0, 0, 0],
  ])
  func manyKeysTakeNoTime(_ key: [UInt8]) throws {
    let count = 200_000
    var bytes: [UInt8] = [27, 0, 0, 0]
    withUnsafeBytes(of: UInt32(count).littleEndian) { bytes += $0 }
    for i in 0..<count {
      if key.isEmpty {
        bytes += [2, 0, 0, 0]
        withUnsafeBytes(of: UInt32(i).littleEndian) { bytes += $0 }
      } else {
        bytes += key
      }
      bytes += [0, 0, 0, 0]
    }
    let start = ContinuousClock.now
    let dictionary = try #require(try Variant(decoding: bytes).dictionaryValue)
    #expect(dictionary.count == (key.first == 3 ? 1 : count))
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  // MARK: On a stream

  @Test(arguments: Transport.allCases, [false, true])
  func valuesGoOverAStream(_ transport: Transport, bigEndian: Bool) throws {
    let pair = try Pair(transport)
    pair.client.bigEndian = bigEndian
    pair.peer.bigEndian = bigEndian
    #expect(pair.peer.tryGetVar() == nil)
    #expect(pair.peer.lastError == .errBusy)
    for row in try WireRow.all(of: "put_var") {
      let variant = try Variant(decoding: row.variant)
      #expect(pair.client.putVar(variant) == .ok)
      #expect(pair.peer.getVar() == variant)
      #expect(pair.peer.putVar(variant) == .ok)
      if !bigEndian {
        #expect(try pair.client.receive(row.bytes.count) == row.bytes)
        continue
      }
      var back: Variant?
      try waitUntil("the value") {
        back = pair.client.tryGetVar()
        return back != nil
      }
      #expect(back == variant && pair.client.lastError == .ok)
    }
  }

  @Test(arguments: Transport.allCases)
  func anInvalidValueLeavesTheStream(_ transport: Transport) throws {
    let pair = try Pair(transport)
    let object = Variant.object(.properties(className: "Player", []))
    #expect(pair.client.putU32(4) == .ok && pair.client.putU32(99) == .ok)
    for _ in 0..<2 { #expect(pair.client.putVar(object, fullObjects: true) == .ok) }
    #expect(pair.client.putVar("next") == .ok)
    #expect(pair.peer.getVar() == nil && pair.peer.lastError == .errInvalidData)
    #expect(pair.peer.getVar() == nil && pair.peer.lastError == .errUnauthorized)
    #expect(pair.peer.getVar(allowObjects: true) == object)
    #expect(pair.peer.getVar() == "next" && pair.peer.lastError == .ok)
  }

  @Test(arguments: Transport.allCases)
  func anInvalidVariantIsNotWritten(_ transport: Transport) throws {
    let pair = try Pair(transport)
    var deep: Variant = 0
    for _ in 0..<1025 { deep = [deep] }
    #expect(pair.client.putVar(deep) == .errParameterRangeError)
    #expect(pair.client.lastError == .errParameterRangeError)
    let nameless = Variant.object(.properties(className: "", []))
    #expect(pair.client.putVar(nameless, fullObjects: true) == .errInvalidParameter)
    let object: Variant = [.object(.properties(className: "Player", []))]
    #expect(pair.client.putVar(object) == .errUnauthorized)
    #expect(pair.client.putVar(1) == .ok)
    #expect(pair.peer.getVar() == 1)
    pair.client.disconnectFromHost()
    #expect(pair.client.putVar(1) == .failed)
    #expect(pair.client.getVar() == nil && pair.client.lastError == .failed)
  }
}

extension WireRow {
  /// The value without the length in front.
  fileprivate var variant: [UInt8] { Array(bytes.dropFirst(4)) }
}
