// SPDX-License-Identifier: MIT

// Hands a text to the C library with a terminating NUL. C would see only the part before a NUL
// inside it; it is given NULL instead, and answers ERR_INVALID_PARAMETER.
func withCText(_ text: String, _ body: (UnsafePointer<CChar>?) -> Int32) -> Int32 {
  text.utf8.contains(0) ? body(nil) : text.withCString(body)
}
