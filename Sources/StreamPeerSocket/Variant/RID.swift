// SPDX-License-Identifier: MIT

/// A resource of one of Godot's servers, as its number there. Godot: `RID`. (`SPS_VARIANT_RID`)
public struct RID: Codable, Hashable, Sendable {
  /// The number. 0 means no resource.
  public var id: UInt64

  /// Creates a reference from a number.
  public init(_ id: UInt64 = 0) {
    self.id = id
  }
}
