// SPDX-License-Identifier: MIT

/// An object's signal, as the wire format carries it. Godot: `Signal`. (`SPS_VARIANT_SIGNAL`)
public struct Signal: Codable, Hashable, Sendable {
  /// The signal's name.
  public var name: String
  /// The object's number in the program that sent it.
  public var objectID: UInt64

  /// Makes a signal from its name and its object's number.
  public init(_ name: String = "", objectID: UInt64 = 0) {
    self.name = name
    self.objectID = objectID
  }

  /// Compares names by their code points, as in Godot.
  public static func == (left: Signal, right: Signal) -> Bool {
    left.objectID == right.objectID && isSame(left.name, right.name)
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(objectID)
    hasher.combine(text: name)
  }
}
