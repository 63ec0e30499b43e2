// SPDX-License-Identifier: MIT

/// A path to a node, such as `/root/Player:position:x`. Godot: `NodePath`. (`SPS_VARIANT_NODE_PATH`)
public struct NodePath: Hashable, Sendable {
  /// `root` and `Player`.
  public var names: [String]
  /// `position` and `x`.
  public var subnames: [String]
  /// Whether it begins at the root, with a slash.
  public var isAbsolute: Bool

  /// Makes a path from its parts.
  public init(names: [String] = [], subnames: [String] = [], isAbsolute: Bool = false) {
    self.names = names
    self.subnames = subnames
    self.isAbsolute = isAbsolute
  }

  /// Takes a text apart; what is empty between slashes or colons is left out, as Godot does.
  public init(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    names = parts[0].split(separator: "/").map(String.init)
    subnames = parts.dropFirst().filter { !$0.isEmpty }
    isAbsolute = text.utf8.first == UInt8(ascii: "/")
  }
}

extension NodePath {
  /// By their code points, as in Godot.
  public static func == (left: NodePath, right: NodePath) -> Bool {
    left.isAbsolute == right.isAbsolute && isSame(left.names, right.names)
      && isSame(left.subnames, right.subnames)
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(isAbsolute)
    hasher.combine(names.count)
    for name in names + subnames { hasher.combine(text: name) }
  }
}

extension NodePath: ExpressibleByStringLiteral, CustomStringConvertible {
  /// Makes a path from a literal, as ``init(_:)`` does.
  public init(stringLiteral text: String) {
    self.init(text)
  }

  /// The path as text, as Godot writes it.
  public var description: String {
    let path = (isAbsolute ? "/" : "") + names.joined(separator: "/")
    return ([path] + subnames).joined(separator: ":")
  }
}
