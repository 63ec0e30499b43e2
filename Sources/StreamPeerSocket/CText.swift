// SPDX-License-Identifier: MIT

/// Passes a text to the C library with a terminating NUL. C would see only the part before a NUL
/// inside it. Such a text is passed as NULL, and the C library returns ERR_INVALID_PARAMETER.
package func withCText(_ text: String, _ body: (UnsafePointer<CChar>?) -> Int32) -> Int32 {
  unsafe text.utf8.contains(0) ? body(nil) : text.withCString(body)
}

// Returns the text that the C library writes into a buffer of `bytes` bytes, which is enough for
// any such text. It is empty on failure.
func textFromC(
  _ bytes: Int32,
  _ getter: (UnsafeMutablePointer<CChar>?, Int, UnsafeMutablePointer<Int>?) -> Int32
) -> (code: Int32, text: String) {
  unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(bytes)) { buffer in
    var length = 0
    let code = unsafe getter(buffer.baseAddress, buffer.count, &length)
    guard code == GodotError.ok.rawValue else { return (code, "") }
    return unsafe (code, String(decoding: UnsafeRawBufferPointer(buffer)[..<length], as: UTF8.self))
  }
}

// Returns the text in an array of a C struct, up to its NUL. Swift sees the array as a tuple.
func textOfC<Characters>(_ characters: Characters) -> String {
  unsafe withUnsafeBytes(of: characters) { bytes in
    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
