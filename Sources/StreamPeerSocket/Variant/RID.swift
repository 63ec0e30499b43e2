// SPDX-License-Identifier: MIT

/// A resource of one of Godot's servers, by its number there. Godot: `RID`. (`SPS_VARIANT_RID`)
public struct RID: Codable, Hashable, Sendable {
  /// The number; 0 is no resource.
  public var id: UInt64

  /// Makes the resource of a number.
  public init(_ id: UInt64 = 0) {
    self.id = id
  }
}
