// SPDX-License-Identifier: MIT

// Passes a number to the C library as uint32_t. A number that does not fit returns the code that
// the C library returns for an invalid number.
func withCNumber(_ number: Int, _ body: (UInt32) -> Int32) -> Int32 {
  UInt32(exactly: number).map(body) ?? GodotError.errInvalidParameter.rawValue
}

// Converts a number for an option. A number that does not fit becomes one that the C library
// refuses.
func cNumber(orNone number: Int) -> UInt32 {
  UInt32(exactly: number) ?? .max
}
