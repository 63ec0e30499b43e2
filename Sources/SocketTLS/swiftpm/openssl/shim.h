// SPDX-License-Identifier: MIT
//
// Nothing of OpenSSL is for Swift. The module only tells SwiftPM how to find and link it.
