// SPDX-License-Identifier: MIT
//
// Lists of the typed calls, for tests that apply to all of them.
import StreamPeerSocket

typealias TypedCall<Value> = (name: String, bytes: Int, call: @Sendable (StreamPeer) -> Value)

let typedGets: [TypedCall<Double>] = [
  ("get8", 1, { Double($0.get8()) }),
  ("getU8", 1, { Double($0.getU8()) }),
  ("get16", 2, { Double($0.get16()) }),
  ("getU16", 2, { Double($0.getU16()) }),
  ("get32", 4, { Double($0.get32()) }),
  ("getU32", 4, { Double($0.getU32()) }),
  ("get64", 8, { Double($0.get64()) }),
  ("getU64", 8, { Double($0.getU64()) }),
  ("getHalf", 2, { Double($0.getHalf()) }),
  ("getFloat", 4, { Double($0.getFloat()) }),
  ("getDouble", 8, { $0.getDouble() }),
]

let typedTryGets: [TypedCall<Double?>] = [
  ("tryGet8", 1, { $0.tryGet8().map { Double($0) } }),
  ("tryGetU8", 1, { $0.tryGetU8().map { Double($0) } }),
  ("tryGet16", 2, { $0.tryGet16().map { Double($0) } }),
  ("tryGetU16", 2, { $0.tryGetU16().map { Double($0) } }),
  ("tryGet32", 4, { $0.tryGet32().map { Double($0) } }),
  ("tryGetU32", 4, { $0.tryGetU32().map { Double($0) } }),
  ("tryGet64", 8, { $0.tryGet64().map { Double($0) } }),
  ("tryGetU64", 8, { $0.tryGetU64().map { Double($0) } }),
  ("tryGetHalf", 2, { $0.tryGetHalf().map { Double($0) } }),
  ("tryGetFloat", 4, { $0.tryGetFloat().map { Double($0) } }),
  ("tryGetDouble", 8, { $0.tryGetDouble() }),
]

/// Each puts a 3, which is not 0 in any type.
let typedPuts: [TypedCall<GodotError>] = [
  ("put8", 1, { $0.put8(3) }),
  ("putU8", 1, { $0.putU8(3) }),
  ("put16", 2, { $0.put16(3) }),
  ("putU16", 2, { $0.putU16(3) }),
  ("put32", 4, { $0.put32(3) }),
  ("putU32", 4, { $0.putU32(3) }),
  ("put64", 8, { $0.put64(3) }),
  ("putU64", 8, { $0.putU64(3) }),
  ("putHalf", 2, { $0.putHalf(3) }),
  ("putFloat", 4, { $0.putFloat(3) }),
  ("putDouble", 8, { $0.putDouble(3) }),
]
