// SPDX-License-Identifier: MIT
//
// This module imports Foundation, so that StreamPeerSocket does not have to.
public import Foundation
public import StreamPeerSocket

extension GodotError: LocalizedError {
  /// The description, such as `ERR_FILE_EOF: end of stream`.
  public var errorDescription: String? { description }
}

extension VariantError: LocalizedError {
  /// The description.
  public var errorDescription: String? { description }
}
