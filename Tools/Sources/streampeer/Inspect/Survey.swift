// SPDX-License-Identifier: MIT
import CSocketCore
import StreamPeerSocket

/// A scan of a value before it is printed: its length, whether it is valid, and the JSON form of
/// its containers.
struct Survey {
  /// How the pairs of a dictionary, or the properties of an object, are written.
  enum Form {
    /// As a JSON object: each key is a String and unique.
    case object
    /// As a JSON object inside `value`, because a key is "$type".
    case taggedObject
    /// As a list of two elements each.
    case pairs
  }

  private(set) var byteCount = 0
  private(set) var malformed: Malformed?
  /// One for each dictionary and object, in the order in which they begin.
  private(set) var forms: [Form] = []

  private struct Level {
    var form = 0
    var keys: Set<Key>?
  }

  private struct Key: Hashable {
    let bytes: UnsafeRawBufferPointer

    // Compares bytes, because Strings with the same canonical form are equal.
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

/// The key of a JSON object that is not a plain dictionary.
let typeKey = "$type"
