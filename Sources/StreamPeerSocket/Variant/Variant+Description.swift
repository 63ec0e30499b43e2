// SPDX-License-Identifier: MIT

extension Variant: CustomStringConvertible {
  /// The value as text, like Godot's `var_to_str`. The pairs of a dictionary keep their order.
  public var description: String {
    var text = ""
    // A stack of the pieces that are still to be written. No value is too deep for the call stack.
    var pending: [Piece] = [.value(self)]
    while let piece = pending.popLast() {
      switch piece {
      case .text(let piece): text += piece
      case .value(let value) where value.isNested:
        pending.append(contentsOf: value.pieces.reversed())
      case .value(let value): text += value.plainDescription
      }
    }
    return text
  }

  private enum Piece {
    case text(String)
    case value(Variant)
  }

  private var pieces: [Piece] {
    switch self {
    case .array(let array):
      let isTyped = array.elementType != .any
      let list = array.enumerated().flatMap { index, element -> [Piece] in
        index == 0 ? [.value(element)] : [.text(", "), .value(element)]
      }
      return [.text(isTyped ? "Array[\(array.elementType)]([" : "[")] + list
        + [.text(isTyped ? "])" : "]")]
    case .dictionary(let dictionary):
      return Self.pieces(dictionary)
    case .object(.properties(let className, let properties)):
      let list = properties.flatMap { property -> [Piece] in
        [.text(",\(quoted(property.name)):"), .value(property.value)]
      }
      return [.text("Object(\(className)")] + list + [.text(")")]
    case .object(.id(let id)):
      return [.text("EncodedObjectAsID(\(id))")]
    default:
      return []
    }
  }

  private static func pieces(_ dictionary: VariantDictionary) -> [Piece] {
    let isTyped = dictionary.keyType != .any || dictionary.valueType != .any
    let list = dictionary.enumerated().flatMap { index, pair -> [Piece] in
      [.text(index == 0 ? "\n" : ",\n"), .value(pair.key), .text(": "), .value(pair.value)]
    }
    let begin = isTyped ? "Dictionary[\(dictionary.keyType), \(dictionary.valueType)]({" : "{"
    return [.text(begin)] + list
      + [.text((dictionary.isEmpty ? "}" : "\n}") + (isTyped ? ")" : ""))]
  }

  private var plainDescription: String {
    switch self {
    case .nil: "null"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .float(let value): text(value)
    case .string(let value): quoted(value)
    case .stringName(let value): "&" + quoted(value)
    case .nodePath(let value): "^" + quoted(value.description)
    case .rid(let value): value.id == 0 ? "RID()" : "RID(\(value.id))"
    case .signal(let value): value.name.isEmpty ? "Signal()" : "Signal(\(value.name))"
    default: "\(type.name)(\(arguments.joined(separator: ", ")))"
    }
  }

  // The arguments in the parentheses after the type's name.
  private var arguments: [String] {
    switch self {
    case .packedByteArray(let values): values.map(\.description)
    case .packedInt32Array(let values): values.map(\.description)
    case .packedInt64Array(let values): values.map(\.description)
    case .packedStringArray(let values): values.map(quoted)
    case .packedFloat64Array, .wide: (reals ?? []).map { short(text($0)) }
    default: integers?.map(\.description) ?? (floats ?? []).map { short(text($0)) }
    }
  }
}

extension VariantArray: CustomStringConvertible {
  /// The array as text, like Godot's `var_to_str`.
  public var description: String { Variant.array(self).description }
}

extension VariantDictionary: CustomStringConvertible {
  /// The dictionary as text, like Godot's `var_to_str`.
  public var description: String { Variant.dictionary(self).description }
}

extension VariantObject: CustomStringConvertible {
  /// The object as text, like Godot's `var_to_str`.
  public var description: String { Variant.object(self).description }
}

func quoted(_ text: String) -> String {
  var quoted = "\""
  for character in text.unicodeScalars {
    if character == "\"" || character == "\\" { quoted.append("\\") }
    quoted.unicodeScalars.append(character)
  }
  return quoted + "\""
}

// Formats a float like Godot: the shortest text that reads back as the same value, with a point or
// an exponent.
private func text(_ real: some BinaryFloatingPoint & LosslessStringConvertible) -> String {
  real == -.infinity ? "inf_neg" : real.isNaN ? "nan" : real == 0 ? "0.0" : real.description
}

// Formats a component like Godot: 1 for 1.0.
private func short(_ text: String) -> String {
  text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
