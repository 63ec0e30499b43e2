// SPDX-License-Identifier: MIT
import CSocketCore
import StreamPeerSocket

/// What there is to know of a value before it is printed: how long it is, whether it is sound, and
/// what its containers look like in JSON.
struct Survey {
  /// How the pairs of a dictionary, or the properties of an object, are written.
  enum Form {
    /// As a JSON object: each key is a String that is there once.
    case object
    /// As one, but inside `value`, since a key is "$type".
    case taggedObject
    /// As a list of two each.
    case pairs
  }

  private(set) var byteCount = 0
  private(set) var malformed: Malformed?
  /// Of each dictionary and object, in the order in which they begin.
  private(set) var forms: [Form] = []

  private struct Level {
    var form = 0
    var keys: Set<Key>?
  }

  private struct Key: Hashable {
    let bytes: UnsafeRawBufferPointer

    // Bytes, and not Strings, which are equal when they only look the same.
    static func == (a: Key, b: Key) -> Bool { a.bytes.elementsEqual(b.bytes) }

    func hash(into hasher: inout Hasher) { hasher.combine(bytes: bytes) }
  }

  init(_ bytes: UnsafeRawBufferPointer, _ walk: ItemWalk, _ writer: ItemWriter) {
    var levels: [Level] = []
    walk.begin(bytes)
    do {
      while let step = try walk.next() {
        look(at: step, &levels, writer)
      }
    } catch {
      malformed = error
    }
    byteCount = walk.offset
  }

  private mutating func look(
    at step: ItemWalk.Step, _ levels: inout [Level], _ writer: ItemWriter
  ) {
    if step.item.ends {
      levels.removeLast()
      return
    }
    if step.place == .key || step.place == .name {
      lookAtKey(step, &levels[levels.count - 1], writer)
    }
    if step.item.begins {
      if step.item.variantType == .array {
        levels.append(Level())
      } else {
        levels.append(Level(form: forms.count, keys: []))
        forms.append(.object)
      }
    }
  }

  private mutating func lookAtKey(
    _ step: ItemWalk.Step, _ level: inout Level, _ writer: ItemWriter
  ) {
    guard forms[level.form] != .pairs else { return }
    let isPlain =
      step.item.variantType == .string && writer.isUsual(step)
      && level.keys?.insert(Key(bytes: step.item.bytes)).inserted == true
    if !isPlain {
      forms[level.form] = .pairs
      level.keys = nil
    } else if step.item.bytes.elementsEqual(typeKey.utf8) {
      forms[level.form] = .taggedObject
    }
  }
}

/// The key that makes a JSON object more than a dictionary.
let typeKey = "$type"
