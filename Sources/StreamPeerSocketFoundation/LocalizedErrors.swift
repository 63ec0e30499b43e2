// SPDX-License-Identifier: MIT
//
// For programs that import Foundation anyway: StreamPeerSocket itself does not.
public import Foundation
public import StreamPeerSocket

extension GodotError: LocalizedError {
  /// The same as its description, such as `ERR_FILE_EOF: end of stream`.
  public var errorDescription: String? { description }
}

extension VariantError: LocalizedError {
  /// The same as its description.
  public var errorDescription: String? { description }
}
