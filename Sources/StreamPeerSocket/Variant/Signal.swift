// SPDX-License-Identifier: MIT

/// An object's signal, as far as it is on the wire. Godot: `Signal`. (`SPS_VARIANT_SIGNAL`)
public struct Signal: Codable, Hashable, Sendable {
  public var name: String
  /// The object's number in the program that has sent it.
  public var objectID: UInt64

  public init(_ name: String = "", objectID: UInt64 = 0) {
    self.name = name
    self.objectID = objectID
  }

  /// By their code points, as in Godot.
  public static func == (left: Signal, right: Signal) -> Bool {
    left.objectID == right.objectID && isSame(left.name, right.name)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(objectID)
    hasher.combine(text: name)
  }
}
