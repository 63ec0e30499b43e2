// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Why a value cannot be decoded or encoded. Not in Godot. (`sps_variant_reader_fault`,
/// `sps_variant_reader_offset`)
public struct VariantError: Error, Hashable, Sendable {
  /// The kind of the error. (`sps_variant_fault`)
  public enum Reason: Hashable, Sendable {
    /// The bytes end before the value does.
    case truncated
    /// There is no such type.
    case unknownType
    /// The value exceeds the limit of nested containers.
    case tooDeep
    /// A text that is not UTF-8.
    case notUTF8
    /// A node path in the format before Godot 2.1.
    case oldNodePath
    /// An object with properties is not allowed.
    case objectNotAllowed
    /// An object with properties has a class without a name. It occurs only in encoding.
    case noClassName
    /// The value exceeds 4 GiB, or the limit of its memory.
    case tooLarge
    /// An argument is invalid: a depth outside 1 to 1,024.
    case badArgument
  }

  /// The kind of the error.
  public let reason: Reason
  /// The position of the malformed item in the bytes. For a value that is too large, the number of
  /// bytes read. 0 in encoding.
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
  /// A text such as `truncated at byte 12 (ERR_INVALID_DATA)`.
  public var description: String { "\(reason) at byte \(offset) (\(error.name))" }
}
