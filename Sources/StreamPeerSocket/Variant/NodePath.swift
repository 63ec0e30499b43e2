// SPDX-License-Identifier: MIT

/// A path to a node, such as `/root/Player:position:x`. Godot: `NodePath`.
/// (`SPS_VARIANT_NODE_PATH`)
public struct NodePath: Hashable, Sendable {
  /// The names of nodes: `root` and `Player` in the example.
  public var names: [String]
  /// The names of properties: `position` and `x` in the example.
  public var subnames: [String]
  /// Whether it begins with a slash, at the root.
  public var isAbsolute: Bool

  /// Creates a path from its parts.
  public init(names: [String] = [], subnames: [String] = [], isAbsolute: Bool = false) {
    self.names = names
    self.subnames = subnames
    self.isAbsolute = isAbsolute
  }

  /// Parses a text. Like Godot, it omits empty names between slashes or colons.
  public init(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    names = parts[0].split(separator: "/").map(String.init)
    subnames = parts.dropFirst().filter { !$0.isEmpty }
    isAbsolute = text.utf8.first == UInt8(ascii: "/")
  }
}

extension NodePath {
  /// Compares names by their code points, as in Godot.
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
  /// Creates a path from a literal, like ``init(_:)``.
  public init(stringLiteral text: String) {
    self.init(text)
  }

  /// The path as text, like Godot writes it.
  public var description: String {
    let path = (isAbsolute ? "/" : "") + names.joined(separator: "/")
    return ([path] + subnames).joined(separator: ":")
  }
}
