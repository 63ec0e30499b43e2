// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// The gets that take a whole value or nothing, and never wait.
@Suite("try to get", .watchdog)
struct TryGetTests {
  @Test(arguments: Transport.allCases)
  func nothingIsTakenUntilAllIsThere(_ transport: Transport) throws {
    let pair = try Pair(transport)
    for i in typedTryGets.indices {
      let (name, bytes, tryGet) = typedTryGets[i]
      #expect(tryGet(pair.client) == nil, "\(name)")
      #expect(pair.client.lastError == .errBusy, "\(name)")
      let value = try bytesPut(by: typedPuts[i], pair)
      #expect(pair.peer.putData(value.dropLast()) == .ok)
      try waitUntil("the bytes") { pair.client.getAvailableBytes() == bytes - 1 }
      #expect(tryGet(pair.client) == nil, "\(name)")
      #expect(pair.client.lastError == .errBusy, "\(name)")
      #expect(pair.client.getAvailableBytes() == bytes - 1, "\(name)")
      #expect(pair.peer.putData(value.suffix(1)) == .ok)
      try waitUntil("the bytes") { pair.client.getAvailableBytes() == bytes }
      #expect(tryGet(pair.client) == 3, "\(name)")
      #expect(pair.client.lastError == .ok, "\(name)")
      #expect(pair.client.getAvailableBytes() == 0, "\(name)")
    }
  }

  private func bytesPut(by put: TypedCall<GodotError>, _ pair: Pair) throws -> [UInt8] {
    #expect(put.call(pair.client) == .ok)
    return try pair.peer.receive(put.bytes)
  }

  @Test(arguments: Transport.allCases)
  func zeroIsAValueAndNotNil(_ transport: Transport) throws {
    let pair = try Pair(transport)
    for (name, bytes, tryGet) in typedTryGets {
      #expect(pair.peer.putData([UInt8](repeating: 0, count: bytes)) == .ok)
      try waitUntil("the bytes") { pair.client.getAvailableBytes() == bytes }
      #expect(tryGet(pair.client) == 0, "\(name)")
    }
  }

  @Test(arguments: Transport.allCases)
  func atTheEndTheRestStaysReadable(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putData([1, 2, 3]) == .ok)
    pair.peer.disconnectFromHost()
    let error = try answer(after: .errBusy) {
      #expect(pair.client.tryGetU32() == nil)
      return pair.client.lastError
    }
    #expect(error == .errFileEof)
    #expect(pair.client.getStatus() == .connected)
    #expect(pair.client.tryGetU16() == 0x0201)
    #expect(pair.client.getPartialData(10) == (.ok, [3]))
    #expect(pair.client.tryGetU8() == nil)
    #expect(pair.client.lastError == .errFileEof)
    #expect(pair.client.getStatus() == .none)
    #expect(pair.client.tryGetU8() == nil)
    #expect(pair.client.lastError == .failed)
  }

  @Test(arguments: Transport.allCases)
  func afterAResetItIsFailed(_ transport: Transport) throws {
    let pair = try Pair(transport)
    try pair.resetByPeer()
    let error = try answer(after: .errBusy) {
      #expect(pair.client.tryGetU32() == nil)
      return pair.client.lastError
    }
    #expect(error == .failed)
    #expect(pair.client.getStatus() == .none)
  }
}
