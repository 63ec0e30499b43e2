// SPDX-License-Identifier: MIT
//
// swift_growth CASE SIZE: does work of a given size with values, once. Another program counts the
// instructions, to check that twice the work costs about twice as much. The case `nothing` measures
// the start of the process.
import StreamPeerSocket

func words(_ values: Int...) -> [UInt8] {
  values.flatMap { value in
    withUnsafeBytes(of: UInt32(truncatingIfNeeded: value).littleEndian) { Array($0) }
  }
}

func need(_ holds: Bool, _ what: String) {
  if !holds { fatalError(what) }
}

// A letter, and marks that Unicode's normal form reorders.
func marks(_ count: Int, last: Unicode.Scalar) -> String {
  var text = "h"
  for index in 0..<count {
    text.unicodeScalars.append(index.isMultiple(of: 2) ? "\u{301}" : "\u{323}")
  }
  text.unicodeScalars.append(last)
  return text
}

func nested(_ index: Int) -> Variant { .array([.int(Int64(index))]) }

// The pairs as they are read. Nested keys are not searched, so one may be there twice.
func dictionary(_ keys: some Collection<Int>, _ key: (Int) -> Variant) -> VariantDictionary {
  var bytes = words(27, keys.count)
  for index in keys { bytes += try! key(index).encoded() + words(2, 1) }
  let made = try! Variant(decoding: bytes).dictionaryValue!
  need(made.count == keys.count, "keys were lost")
  return made
}

struct Message: Codable {
  var bytes: ContiguousArray<UInt8>
}

func decodeMarks(_ size: Int) throws {
  let pairs: Variant = [.string(marks(size, last: "a")): 1, .string(marks(size, last: "b")): 2]
  let value = try Variant(decoding: pairs.encoded())
  need(value["hp"] == nil && value.dictionaryValue?.count == 2, "keys were taken for the same")
  let path = NodePath(names: [marks(size, last: "a")])
  need(path != NodePath(names: [marks(size, last: "b")]), "paths were taken for the same")
}

func fillSet(_ size: Int) {
  let all = (0..<size).map { Variant.dictionary(["a": nested($0), "b": ["c": nested($0)]]) }
  need(Set(all).count == size, "values were taken for the same")
}

func compareInAnotherOrder(_ size: Int, _ key: (Int) -> Variant) {
  let one = dictionary(0..<size, key)
  let other = dictionary((0..<size).reversed(), key)
  need(one == other && one.hashValue == other.hashValue, "another order makes a difference")
}

func decodeEmptyContainers(_ size: Int, _ type: Int) throws {
  let bytes = words(28, size) + (0..<size).flatMap { _ in words(type, 0) }
  let value = try Variant(decoding: bytes)
  need(value.arrayValue?.count == size, "values were lost")
}

// Containers that claim as many elements as the bytes allow.
func decodeClaims(_ size: Int) {
  let bytes = (0..<size).flatMap { _ in words(28, size / 2) }
  need((try? Variant(decoding: bytes)) == nil, "what is cut off was read")
}

// Many deep values side by side, each level with one value.
func useDeepValues(_ size: Int, _ level: [UInt8]) throws {
  let deep = Array(repeatElement(level, count: 100).joined()) + words(0)
  let bytes = words(28, size) + (0..<size).flatMap { _ in deep }
  let value = try Variant(decoding: bytes)
  need(value == (try Variant(decoding: bytes)), "a value is not its own equal")
  need(try value.encoded().count == bytes.count, "a value is not written as it was read")
  need(value.description.utf8.count > size, "a value has no description")
}

func encodeBytes(_ size: Int) throws {
  let value = try Variant(encoding: Message(bytes: ContiguousArray(repeating: 1, count: size)))
  need(value["bytes"]?.packedByteArrayValue?.count == size, "bytes are no PackedByteArray")
  need(try value.decode(Message.self).bytes.count == size, "bytes were lost")
}

func removeLast(_ size: Int) {
  var made = dictionary(0..<size) { .int(Int64($0)) }
  for key in (0..<size).reversed() { made[.int(Int64(key))] = nil }
  need(made.isEmpty, "keys are left")
}

func removeFirst(_ size: Int) {
  var made = dictionary(0..<size) { .int(Int64($0)) }
  for key in 0..<size { made[.int(Int64(key))] = nil }
  need(made.isEmpty, "keys are left")
}

// Like a queue of waiting clients.
func comeAndGo(_ size: Int) {
  var made = dictionary(0..<size) { .int(Int64($0)) }
  for key in 0..<size {
    made[.int(Int64(key))] = nil
    made[.int(Int64(size + key))] = 1
  }
  need(made.count == size, "keys were lost")
}

func run(_ name: String, _ size: Int) throws {
  switch name {
  case "nothing": break
  case "combining_marks": try decodeMarks(size)
  case "set_of_dictionaries": fillSet(size)
  case "plain_keys_in_another_order": compareInAnotherOrder(size) { .int(Int64($0)) }
  case "nested_keys_in_another_order": compareInAnotherOrder(size, nested)
  case "nested_keys_that_are_the_same": compareInAnotherOrder(size) { nested(min($0, 1)) }
  case "empty_dictionaries": try decodeEmptyContainers(size, 27)
  case "empty_arrays": try decodeEmptyContainers(size, 28)
  case "claims": decodeClaims(size)
  case "deep_arrays": try useDeepValues(size, words(28, 1))
  case "deep_dictionaries": try useDeepValues(size, words(27, 1, 0))
  case "bytes_of_codable": try encodeBytes(size)
  case "last_keys_are_removed": removeLast(size)
  case "first_keys_are_removed": removeFirst(size)
  case "keys_come_and_go": comeAndGo(size)
  default: fatalError("no such case: \(name)")
  }
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let size = Int(arguments[2]) else { fatalError("CASE SIZE") }
try run(arguments[1], size)
