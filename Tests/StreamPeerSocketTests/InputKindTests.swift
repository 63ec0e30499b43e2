// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// Every kind of byte collection can be put. Bytes can be got into every kind of buffer.
@Suite("input and output kinds", .watchdog)
struct InputKindTests {
  // "0123456789" in a kind of collection. The closures only construct it, so they are unchecked.
  private struct Kind: @unchecked Sendable, CustomTestStringConvertible {
    let testDescription: String
    let putData: (StreamPeer) -> GodotError
    let putPartialData: (StreamPeer) -> (error: GodotError, sent: Int)

    init(_ name: String, _ data: @escaping () -> some Collection<UInt8>) {
      testDescription = name
      putData = { $0.putData(data()) }
      putPartialData = { $0.putPartialData(data()) }
    }
  }

  private static let digits = Array("0123456789".utf8)

  private static let kinds: [Kind] = [
    Kind("[UInt8]") { digits },
    Kind("ArraySlice") { ([0, 0] + digits + [0])[2..<12] },
    Kind("ContiguousArray") { ContiguousArray(digits) },
    Kind("Data") { Data(digits) },
    Kind("Data slice") { Data([0, 0] + digits + [0])[2..<12] },
    Kind("String.utf8") { "0123456789".utf8 },
    Kind("long String.utf8") { String("0123456789 and no small string".prefix(10)).utf8 },
    Kind("Substring.utf8") { "x0123456789x".dropFirst().dropLast().utf8 },
    Kind("reversed, not contiguous") { Array(digits.reversed()).reversed() as ReversedCollection },
    Kind("range, not contiguous") { UInt8(0x30)...0x39 },
    Kind("lazy map, not contiguous") { (0..<10).lazy.map { UInt8(0x30 + $0) } },
    Kind("DispatchData, not contiguous") {
      var data = DispatchData.empty
      for piece in [digits.prefix(3), digits.dropFirst(3)] {
        piece.withUnsafeBytes { data.append($0) }
      }
      return data
    },
  ]

  @Test(arguments: Transport.allCases, kinds)
  private func everyCollection(_ transport: Transport, kind: Kind) throws {
    let pair = try Pair(transport)
    #expect(kind.putData(pair.client) == .ok)
    #expect(try pair.peer.receiveText(10) == "0123456789")
    let (error, sent) = kind.putPartialData(pair.client)
    #expect(error == .ok)
    #expect(sent == 10)
    #expect(try pair.peer.receiveText(10) == "0123456789")
    #expect(pair.peer.getAvailableBytes() == 0)
  }

  @Test(arguments: Transport.allCases)
  func buffers(_ transport: Transport) throws {
    let pair = try Pair(transport)
    try Self.digits.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) throws in
      #expect(pair.client.putData(bytes) == .ok)
      #expect(try pair.peer.receiveText(10) == "0123456789")
      #expect(pair.client.putData(bytes[3..<5]) == .ok)  // a Slice
      #expect(try pair.peer.receiveText(2) == "34")
      #expect(pair.client.putPartialData(bytes).sent == 10)
      #expect(try pair.peer.receiveText(10) == "0123456789")
    }
    try Self.digits.withUnsafeBufferPointer { (bytes: UnsafeBufferPointer<UInt8>) throws in
      #expect(pair.client.putData(bytes) == .ok)
      #expect(try pair.peer.receiveText(10) == "0123456789")
      #expect(pair.client.putPartialData(bytes).sent == 10)
      #expect(try pair.peer.receiveText(10) == "0123456789")
    }
    var digits = Self.digits
    try digits.withUnsafeMutableBytes { (bytes: UnsafeMutableRawBufferPointer) throws in
      #expect(pair.client.putData(bytes) == .ok)
      #expect(try pair.peer.receiveText(10) == "0123456789")
    }
  }

  @Test(arguments: Transport.allCases)
  func emptyCollections(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.client.putData(EmptyCollection<UInt8>()) == .ok)
    #expect(pair.client.putData(Data()) == .ok)
    #expect(pair.client.putData("".utf8) == .ok)
    #expect(pair.client.putData(UInt8(0)..<0) == .ok)
    #expect(pair.client.putPartialData("".utf8).sent == 0)
    #expect(pair.client.putData(CollectionOfOne(UInt8(1))) == .ok)
    #expect(try pair.peer.receive(1) == [1])
  }

  // MARK: Outputs

  @Test(arguments: Transport.allCases)
  func theCallersBuffer(_ transport: Transport) throws {
    let pair = try Pair(transport)
    #expect(pair.peer.putData(Self.digits) == .ok)
    try waitUntil("the bytes") { pair.client.getAvailableBytes() == 10 }
    var buffer = [UInt8](repeating: 0x78, count: 8)
    buffer.withUnsafeMutableBytes { buffer in
      let middle = UnsafeMutableRawBufferPointer(rebasing: buffer[2..<5])
      let (error, received) = pair.client.getData(into: middle)
      #expect(error == .ok)
      #expect(received == 3)
    }
    // the bytes around it are unchanged
    #expect(String(decoding: buffer, as: UTF8.self) == "xx012xxx")
    buffer.withUnsafeMutableBytes { buffer in
      let (error, received) = pair.client.getPartialData(into: buffer)
      #expect(error == .ok)
      #expect(received == 7)
    }
    #expect(String(decoding: buffer, as: UTF8.self) == "3456789x")
  }

  #if compiler(>=6.2)
    @Test(arguments: Transport.allCases)
    func spans(_ transport: Transport) throws {
      let pair = try Pair(transport)
      let digits = Self.digits
      #expect(put(digits.span, pair.client) == .ok)
      #expect(try pair.peer.receiveText(10) == "0123456789")
      #expect(put(digits.span.bytes, pair.client) == .ok)
      #expect(try pair.peer.receiveText(10) == "0123456789")
      #expect(putPartial(digits.span, pair.client) == 10)
      #expect(try pair.peer.receiveText(10) == "0123456789")
      #expect(putPartial(digits.span.bytes, pair.client) == 10)
      #expect(try pair.peer.receiveText(10) == "0123456789")
      #expect(put([UInt8]().span, pair.client) == .ok)
      #expect(pair.peer.getAvailableBytes() == 0)
    }

    // The #expect macro cannot take a span.
    private func put(_ data: Span<UInt8>, _ peer: StreamPeer) -> GodotError { peer.putData(data) }
    private func put(_ data: RawSpan, _ peer: StreamPeer) -> GodotError { peer.putData(data) }

    private func putPartial(_ data: Span<UInt8>, _ peer: StreamPeer) -> Int {
      peer.putPartialData(data).sent
    }

    private func putPartial(_ data: RawSpan, _ peer: StreamPeer) -> Int {
      peer.putPartialData(data).sent
    }

    @Test(arguments: Transport.allCases)
    func mutableSpans(_ transport: Transport) throws {
      let pair = try Pair(transport)
      #expect(pair.peer.putData(Self.digits) == .ok)
      try waitUntil("the bytes") { pair.client.getAvailableBytes() == 10 }
      var buffer = [UInt8](repeating: 0x78, count: 8)
      var span = buffer.mutableSpan
      var bytes = span.mutableBytes
      let all = pair.client.getData(into: &bytes)
      #expect(all.error == .ok)
      #expect(all.received == 8)
      #expect(String(decoding: buffer, as: UTF8.self) == "01234567")
      var secondSpan = buffer.mutableSpan
      var secondBytes = secondSpan.mutableBytes
      let rest = pair.client.getPartialData(into: &secondBytes)
      #expect(rest.error == .ok)
      #expect(rest.received == 2)
      #expect(String(decoding: buffer, as: UTF8.self) == "89234567")
    }

    @Test(arguments: Transport.allCases)
    func outputSpans(_ transport: Transport) throws {
      let pair = try Pair(transport)
      #expect(pair.peer.putData(Self.digits) == .ok)
      try waitUntil("the bytes") { pair.client.getAvailableBytes() == 10 }
      withUnsafeTemporaryAllocation(byteCount: 8, alignment: 1) { buffer in
        buffer[0] = 0x78
        var output = OutputRawSpan(buffer: buffer, initializedCount: 1)
        let all = pair.client.getData(into: &output)  // after the x, as much as there is room for
        #expect(all.error == .ok)
        #expect(all.received == 7)
        let count = output.finalize(for: buffer)
        #expect(String(decoding: buffer[..<count], as: UTF8.self) == "x0123456")
        output = OutputRawSpan(buffer: buffer, initializedCount: 4)
        let rest = pair.client.getPartialData(into: &output)
        #expect(rest.error == .ok)
        #expect(rest.received == 3)
        let left = output.finalize(for: buffer)
        #expect(left == 7)
        #expect(String(decoding: buffer[..<left], as: UTF8.self) == "x012789")
      }
    }

    @Test(arguments: Transport.allCases)
    func writableSpans(_ transport: Transport) throws {
      let pair = try Pair(transport)
      #expect(pair.client.setWriteBatching(true) == .ok)
      let (error, capacity) = pair.client.withWritableSpan(atLeast: 10) { span in
        for digit in Self.digits { span.append(digit) }
        #expect(pair.client.putU8(1) == .errInvalidParameter)
        return span.capacity
      }
      #expect(error == .ok && capacity! >= 10)
      #expect(pair.client.pendingWriteBytes == 10)
      struct Refusal: Error {}
      #expect(throws: Refusal.self) {
        _ = try pair.client.withWritableSpan { span in
          span.append(1)
          throw Refusal()
        }
      }
      #expect(pair.client.withWritableSpan(atLeast: 100_000) { _ in 1 }.result == nil)
      #expect(pair.client.lastError == .errParameterRangeError)
      #expect(pair.client.withWritableSpan(atLeast: -1) { _ in }.error == .errInvalidParameter)
      #expect(StreamPeerBuffer().withWritableSpan { _ in }.error == .errUnavailable)
      #expect(pair.client.flush() == .ok)
      #expect(pair.peer.getData(10) == (.ok, Array(Self.digits)))
    }

    @Test(arguments: Transport.allCases)
    func anOutputSpanKeepsTheBytesBeforeTheEnd(_ transport: Transport) throws {
      let pair = try Pair(transport)
      #expect(pair.peer.putData("ab".utf8) == .ok)
      pair.peer.disconnectFromHost()
      withUnsafeTemporaryAllocation(byteCount: 8, alignment: 1) { buffer in
        var output = OutputRawSpan(buffer: buffer, initializedCount: 0)
        let (error, received) = pair.client.getData(into: &output)
        #expect(error == .errFileEof)
        #expect(received == 2)
        let count = output.finalize(for: buffer)
        #expect(String(decoding: buffer[..<count], as: UTF8.self) == "ab")
      }
    }
  #endif
}
