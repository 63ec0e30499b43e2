// SPDX-License-Identifier: MIT

// Hands a number to the C library, which counts in 32 bits without a sign. One that it cannot be
// told is answered as it answers to what is wrong.
func withCNumber(_ number: Int, _ body: (UInt32) -> Int32) -> Int32 {
  UInt32(exactly: number).map(body) ?? GodotError.errInvalidParameter.rawValue
}

// A number for an option: one that the C library cannot be told becomes one that it refuses.
func cNumber(orNone number: Int) -> UInt32 {
  UInt32(exactly: number) ?? .max
}
