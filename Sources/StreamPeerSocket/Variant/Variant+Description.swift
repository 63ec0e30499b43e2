// SPDX-License-Identifier: MIT

extension Variant: CustomStringConvertible {
  /// The value as a text, in the manner of Godot's `var_to_str`; a dictionary's pairs stand in their
  /// own order.
  public var description: String {
    switch self {
    case .nil: return "null"
    case .bool(let value): return "\(value)"
    case .int(let value): return "\(value)"
    case .float(let value): return text(value)
    case .string(let value): return quoted(value)
    case .stringName(let value): return "&" + quoted(value)
    case .nodePath(let value): return "^" + quoted(value.description)
    case .rid(let value): return value.id == 0 ? "RID()" : "RID(\(value.id))"
    case .object(let value): return value.description
    case .signal(let value): return value.name.isEmpty ? "Signal()" : "Signal(\(value.name))"
    case .dictionary(let value): return value.description
    case .array(let value): return value.description
    default: return "\(type.name)(\(arguments.joined(separator: ", ")))"
    }
  }

  // What stands in the parentheses behind the type's name.
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
  /// The array as a text, in the manner of Godot's `var_to_str`.
  public var description: String {
    let list = "[\(elements.map(\.description).joined(separator: ", "))]"
    return elementType == .any ? list : "Array[\(elementType)](\(list))"
  }
}

extension VariantDictionary: CustomStringConvertible {
  /// The dictionary as a text, in the manner of Godot's `var_to_str`.
  public var description: String {
    let pairs = map { "\($0.key): \($0.value)" }.joined(separator: ",\n")
    let list = isEmpty ? "{}" : "{\n\(pairs)\n}"
    let isTyped = keyType != .any || valueType != .any
    return isTyped ? "Dictionary[\(keyType), \(valueType)](\(list))" : list
  }
}

extension VariantObject: CustomStringConvertible {
  /// The object as a text, in the manner of Godot's `var_to_str`.
  public var description: String {
    switch self {
    case .id(let id): "EncodedObjectAsID(\(id))"
    case .properties(let className, let properties):
      "Object("
        + ([className] + properties.map { "\(quoted($0.name)):\($0.value)" }).joined(separator: ",")
        + ")"
    }
  }
}

func quoted(_ text: String) -> String {
  var quoted = "\""
  for character in text.unicodeScalars {
    if character == "\"" || character == "\\" { quoted.append("\\") }
    quoted.unicodeScalars.append(character)
  }
  return quoted + "\""
}

// As Godot writes a float: the shortest text that reads back as the same, with a point or exponent.
private func text(_ real: some BinaryFloatingPoint & LosslessStringConvertible) -> String {
  real == -.infinity ? "inf_neg" : real.isNaN ? "nan" : real == 0 ? "0.0" : real.description
}

// As Godot writes a component: 1 for 1.0.
private func short(_ text: String) -> String {
  text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
