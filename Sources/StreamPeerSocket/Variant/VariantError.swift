// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Why bytes are no value, or a value cannot be bytes. Not in Godot.
/// (`sps_variant_reader_fault`, `sps_variant_reader_offset`)
public struct VariantError: Error, Hashable, Sendable {
  /// What is wrong. (`sps_variant_fault`)
  public enum Reason: Hashable, Sendable {
    /// The bytes end before the value does.
    case truncated
    /// There is no such type.
    case unknownType
    /// More levels of containers than are allowed.
    case tooDeep
    /// A text that is not UTF-8.
    case notUTF8
    /// A node path in the format before Godot 2.1.
    case oldNodePath
    /// An object with properties, which was not allowed.
    case objectNotAllowed
    /// An object with properties whose class has no name. Only when encoding.
    case noClassName
    /// More than 4 GiB; or a value that takes more memory than it may.
    case tooLarge
    /// An argument that can never be right: a depth outside 1 to 1,024.
    case badArgument
  }

  /// The kind of the error.
  public let reason: Reason
  /// Where the malformed item begins in the bytes; of a value that is too large, how many bytes were
  /// read; 0 when encoding.
  public let offset: Int
  /// The C library's code: ``GodotError/errInvalidData``, ``GodotError/errUnauthorized`` and so on.
  public let error: GodotError

  init(_ reason: Reason, _ code: Int32, offset: Int = 0) {
    self.reason = reason
    self.offset = offset
    error = GodotError(code: code)
  }
}

extension VariantError: CustomStringConvertible {
  /// Such as `truncated at byte 12 (ERR_INVALID_DATA)`.
  public var description: String { "\(reason) at byte \(offset) (\(error.name))" }
}
