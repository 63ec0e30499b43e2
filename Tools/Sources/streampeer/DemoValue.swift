// SPDX-License-Identifier: MIT
import StreamPeerSocket

/// One value of each type that a stream carries: how to put it, and whether a get returns it.
struct DemoValue: Sendable {
  let name: String
  let put: @Sendable (StreamPeer) -> Void
  let getMatches: @Sendable (StreamPeer) -> Bool

  private init<Value: Equatable & Sendable>(
    _ name: String, _ value: Value, put: @escaping @Sendable (StreamPeer) -> (Value) -> GodotError,
    get: @escaping @Sendable (StreamPeer) -> Value
  ) {
    self.name = name
    self.put = { _ = put($0)(value) }
    getMatches = { get($0) == value && $0.lastError == .ok }
  }

  static let all: [DemoValue] = [
    DemoValue("u8", 250, put: StreamPeer.putU8, get: { $0.getU8() }),
    DemoValue("8", -128, put: StreamPeer.put8, get: { $0.get8() }),
    DemoValue("u16", 65_535, put: StreamPeer.putU16, get: { $0.getU16() }),
    DemoValue("16", -32_768, put: StreamPeer.put16, get: { $0.get16() }),
    DemoValue("u32", 4_294_967_295, put: StreamPeer.putU32, get: { $0.getU32() }),
    DemoValue("32", -2_147_483_648, put: StreamPeer.put32, get: { $0.get32() }),
    DemoValue("u64", .max, put: StreamPeer.putU64, get: { $0.getU64() }),
    DemoValue("64", .min, put: StreamPeer.put64, get: { $0.get64() }),
    DemoValue("half", 0.5, put: StreamPeer.putHalf, get: { $0.getHalf() }),
    DemoValue("float", 3.14159274, put: StreamPeer.putFloat, get: { $0.getFloat() }),
    DemoValue("double", 2.718281828459045, put: StreamPeer.putDouble, get: { $0.getDouble() }),
    DemoValue("string", "plain text", put: StreamPeer.putString, get: { $0.getString() }),
    DemoValue(
      "utf8 string", "höhö 日本語 👾", put: StreamPeer.putUtf8String, get: { $0.getUtf8String() }),
  ]
}
