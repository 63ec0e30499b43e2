// SPDX-License-Identifier: MIT
import StreamPeerSocket
import StreamPeerSocketGZIP
import SwiftTestSupport
import Testing

/// The C tests prove the behaviour. These prove that Swift reaches it.
@Suite("StreamPeerGZIP", .watchdog)
struct StreamPeerGZIPTests {
  private func getAll(_ peer: StreamPeerGZIP) -> [UInt8] {
    var all: [UInt8] = []
    while peer.getAvailableBytes() > 0 {
      all += peer.getPartialData(peer.getAvailableBytes()).data
    }
    return all
  }

  private func compress(_ data: [UInt8], useDeflate: Bool = false) -> [UInt8] {
    let peer = StreamPeerGZIP()
    #expect(peer.startCompression(useDeflate: useDeflate) == .ok)
    #expect(peer.putData(data) == .ok)
    #expect(peer.finish() == .ok)
    return getAll(peer)
  }

  @Test(arguments: [false, true], [1, 100, StreamPeerGZIP.bufferSize])
  func valuesGoThereAndBack(useDeflate: Bool, bufferSize: Int) {
    let peer = StreamPeerGZIP()
    #expect(peer.startCompression(useDeflate: useDeflate, bufferSize: bufferSize) == .ok)
    #expect(peer.putUtf8String("Hello World!!!") == .ok)
    #expect(peer.putVar(["hp": 100]) == .ok)
    #expect(peer.finish() == .ok)
    let compressed = getAll(peer)
    peer.clear()
    #expect(peer.startDecompression(useDeflate: useDeflate, bufferSize: bufferSize) == .ok)
    #expect(peer.putData(compressed) == .ok)
    #expect(peer.getUtf8String() == "Hello World!!!")
    #expect(peer.getVar() == ["hp": 100])
    #expect(peer.endInput() == .ok)
    #expect(peer.info.isComplete)
    #expect(peer.info.members == 1)
  }

  /// The trait `Zstandard` decides. Either way the answer is clear.
  @Test func zstdIsThereOrUnavailable() {
    var options = GZIPOptions()
    options.codec = .zstd
    options.maxWindowBits = 20
    let from = StreamPeerGZIP(options: options)
    if from.lastError == .errUnavailable {
      #expect(from.startCompression() != .ok)
      return
    }
    #expect(from.startCompression(useDeflate: true) == .errInvalidParameter)
    #expect(from.startCompression() == .ok)
    #expect(from.putUtf8String("Hello World!!!") == .ok)
    #expect(from.finish() == .ok)
    let compressed = getAll(from)
    #expect(compressed.prefix(4) == [0x28, 0xb5, 0x2f, 0xfd])
    let to = StreamPeerGZIP(options: options)
    #expect(to.startDecompression() == .ok)
    #expect(to.putData(compressed) == .ok)
    #expect(to.getUtf8String() == "Hello World!!!")
    #expect(to.endInput() == .ok)
  }

  @Test func theCodesAreThoseOfGodot() {
    let peer = StreamPeerGZIP()
    #expect(peer.getAvailableBytes() == 0)
    #expect(peer.putData([1]) == .errUnconfigured)
    #expect(peer.finish() == .errUnavailable)
    #expect(peer.startCompression(bufferSize: 0) == .errInvalidParameter)
    #expect(peer.startDecompression(bufferSize: -1) == .errInvalidParameter)
    #expect(peer.startCompression() == .ok)
    #expect(peer.startDecompression() == .errAlreadyInUse)
    #expect(peer.getData(5).error == .errUnavailable)
  }

  @Test func aFlushPointMakesAllReadable() {
    let from = StreamPeerGZIP()
    let to = StreamPeerGZIP()
    from.startCompression()
    to.startDecompression()
    #expect(from.putU32(7) == .ok)
    #expect(from.syncFlush() == .ok)
    #expect(to.putData(getAll(from)) == .ok)
    #expect(to.getU32() == 7)
  }

  @Test func eachFaultHasACode() {
    let whole = compress(Array("some text".utf8))
    let damaged = Array(whole.dropLast(8)) + [UInt8](repeating: 0, count: 8)
    let faults: [([UInt8], GodotError, GZIPInfo.Fault)] = [
      (Array("no gzip".utf8), .errFileUnrecognized, .unrecognized),
      (damaged, .errFileCorrupt, .corrupt),
      (Array(whole.dropLast()), .errFileCantRead, .truncated),
      (whole + [1], .errParseError, .trailing),
    ]
    for (input, expected, fault) in faults {
      let peer = StreamPeerGZIP()
      peer.startDecompression()
      _ = peer.putData(input)
      #expect(peer.endInput() == expected)
      #expect(peer.info.fault == fault)
    }
  }

  @Test func limitsStopABomb() {
    let bomb = compress([UInt8](repeating: 0, count: 20_000_000))
    let byRatio = StreamPeerGZIP()
    byRatio.startDecompression()
    #expect(byRatio.putData(bomb) == .ok)
    #expect(getAll(byRatio).count < 10_000_000)
    #expect(byRatio.getPartialData(1).error == .errInvalidData)
    let unlimited = StreamPeerGZIP(options: GZIPOptions(maxRatio: nil))
    unlimited.startDecompression()
    #expect(unlimited.putData(bomb) == .ok)
    #expect(getAll(unlimited).count == 20_000_000)
    let byLength = StreamPeerGZIP(options: GZIPOptions(maxPlainBytes: 1000))
    byLength.startDecompression()
    #expect(byLength.putData(bomb) == .errInvalidData)
    #expect(getAll(byLength).count == 1000)
  }

  @Test func aWrongOptionCreatesNoStream() {
    // A computed limit may be negative. That must not mean "no limit".
    for options in [
      GZIPOptions(level: 10), GZIPOptions(maxPlainBytes: -1), GZIPOptions(maxRatio: -1),
    ] {
      let peer = StreamPeerGZIP(options: options)
      #expect(peer.lastError == .errInvalidParameter)
      #expect(peer.startCompression() == .errInvalidParameter)
    }
  }
}
