// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// A subclass of StreamPeer, the counterpart of Godot's StreamPeerExtension.
@Suite("custom streams", .watchdog)
struct CustomStreamTests {
  @Test func typedValuesAndStringsWork() {
    let block = Block()
    block.bigEndian = true
    #expect(block.putU64(0x0102_0304_0506_0708) == .ok)
    #expect(block.putDouble(-2.5) == .ok)
    #expect(block.putUtf8String("héllo") == .ok)
    #expect(block.bytes.prefix(8) == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(block.getAvailableBytes() == 26)
    #expect(block.getU64() == 0x0102_0304_0506_0708)
    #expect(block.tryGetDouble() == -2.5)
    #expect(block.getUtf8String() == "héllo")
    #expect(block.getAvailableBytes() == 0)
  }

  @Test func everyTypedValueWorks() {
    for i in typedPuts.indices {
      let block = Block()
      #expect(typedPuts[i].call(block) == .ok)
      #expect(block.bytes.count == typedPuts[i].bytes)
      #expect(typedGets[i].call(block) == 3, "\(typedGets[i].name)")
      #expect(typedPuts[i].call(block) == .ok)
      #expect(typedTryGets[i].call(block) == 3, "\(typedTryGets[i].name)")
      #expect(block.bytes.isEmpty)
    }
  }

  @Test func rawBytesWork() {
    let block = Block()
    #expect(block.putData("0123456789".utf8) == .ok)
    #expect(block.calls == 4)  // three bytes in each call
    #expect(block.putPartialData("abcdef".utf8) == (.ok, 3))
    #expect(block.getPartialData(100) == (.ok, Array("012".utf8)))
    #expect(block.getData(10) == (.ok, Array("3456789abc".utf8)))
    #expect(block.getPartialData(100) == (.ok, []))
  }

  @Test func itReadsNoFurtherThanItNeeds() {
    let block = Block(holding: 100, piece: 100)
    _ = block.getU32()
    #expect(block.bytes.count == 96)
    #expect(block.getData(10).error == .ok)
    #expect(block.bytes.count == 86)
    #expect(block.getPartialData(5).error == .ok)
    #expect(block.bytes.count == 81)
  }

  @Test func readingAheadIsAChoice() {
    let block = Block(holding: 100, piece: 100, options: StreamOptions(readBufferBytes: 64))
    for _ in 0..<16 { _ = block.getU32() }
    #expect(block.calls == 1)
  }

  // MARK: Missing bytes

  @Test func aMissingByteIsBusyAndLosesNothing() {
    for i in typedGets.indices where typedGets[i].bytes > 1 {
      let block = Block()
      #expect(typedPuts[i].call(block) == .ok)
      let last = block.bytes.removeLast()
      #expect(typedGets[i].call(block) == 0, "\(typedGets[i].name)")
      #expect(block.lastError == .errBusy)
      #expect(typedTryGets[i].call(block) == nil, "\(typedTryGets[i].name)")
      #expect(block.lastError == .errBusy)
      block.bytes.append(last)
      #expect(typedGets[i].call(block) == 3, "\(typedGets[i].name)")
      #expect(block.lastError == .ok)
    }
  }

  @Test func aMissingPieceOfAStringIsBusyAndLosesNothing() {
    let block = Block()
    #expect(block.putString("hello") == .ok)
    let end = block.bytes.suffix(2)
    block.bytes.removeLast(2)
    #expect(block.getString() == "")
    #expect(block.lastError == .errBusy)
    #expect(block.getUtf8String() == "")
    #expect(block.lastError == .errBusy)
    block.bytes += end
    #expect(block.getString() == "hello")
  }

  @Test func getDataReportsItsCount() {
    let block = Block(holding: 5)
    #expect(block.getData(8) == (.errBusy, [UInt8](repeating: 0, count: 5)))
    #expect(block.getData(1) == (.errBusy, []))
  }

  @Test func aFullTargetIsBusyAndReportsItsCount() {
    let block = Block(holding: 250)
    #expect(block.putData("0123456789".utf8) == .errBusy)
    #expect(block.bytes.count == Block.capacity)
    #expect(block.bytes.suffix(6).elementsEqual("012345".utf8))
    #expect(block.putPartialData("x".utf8) == (.ok, 0))
  }

  @Test func theRestOfAValueWaitsAndLeavesFirst() {
    let block = Block(holding: Block.capacity - 5)
    #expect(block.putU64(0x0807_0605_0403_0201) == .ok)
    #expect(block.bytes.suffix(5) == [1, 2, 3, 4, 5])
    #expect(block.pendingWriteBytes == 3)
    #expect(block.putU8(9) == .errBusy)
    block.bytes = []
    #expect(block.putU8(9) == .ok)
    #expect(block.bytes == [6, 7, 8, 9])
    #expect(block.pendingWriteBytes == 0)
  }

  // MARK: Waiting

  @Test func waitingOverridesAreCalled() {
    let block = WaitingBlock()
    #expect(block.putU32(7) == .ok)
    #expect(block.waitingCalls == 1)
    #expect(block.getU32() == 7)
    #expect(block.waitingCalls == 2)
    #expect(block.putData([1, 2, 3, 4, 5]) == .ok)
    #expect(block.waitingCalls == 3)
    #expect(block.getData(5) == (.ok, [1, 2, 3, 4, 5]))
    #expect(block.waitingCalls == 4)
    #expect(block.calls == 0)  // calls of the non-waiting operations
    #expect(block.putPartialData([1]) == (.ok, 1))
    #expect(block.tryGetU8() == 1)
    #expect(block.waitingCalls == 4)
    #expect(block.calls == 2)
  }

  @Test func waitingEndsAtTheEnd() {
    let block = WaitingBlock(holding: 6)
    #expect(block.getU32() == 0)
    #expect(block.lastError == .ok)
    #expect(block.getU32() == 0)
    #expect(block.lastError == .errFileEof)
    #expect(block.getU32() == 0)
    #expect(block.lastError == .failed)
    #expect(block.putU32(1) == .failed)
    #expect(block.getAvailableBytes() == -1)
  }

  @Test func waitingForDataThatEndsGivesTheBytesThatCame() {
    let block = WaitingBlock(holding: 6)
    #expect(block.getData(10) == (.errFileEof, [UInt8](repeating: 0, count: 6)))
    #expect(block.getData(1) == (.failed, []))
  }

  // The result of a waiting override, and its effect.
  @Test(arguments: [
    (GodotError.errBusy, GodotError.errBusy), (.errFileEof, .errFileEof), (.ok, .errBusy),
    (.errBug, .errBug), (.failed, .failed), (.errUnavailable, .errUnavailable),
  ])
  func aWaitingGetThatBringsTooLittle(_ its: GodotError, _ ours: GodotError) {
    let block = WaitingBlock()
    block.onShortWait = its
    #expect(block.getData(4) == (ours, []))
    let isForGood = ours == .errFileEof
    block.bytes = [1, 2, 3, 4]
    #expect(block.getU32() == (isForGood ? 0 : 0x0403_0201))
    #expect(block.lastError == (isForGood ? .failed : .ok))
  }

  @Test func aWaitingGetThatCallsItsSuperclassDoesNotWait() {
    let block = CallingSuper()
    block.bytes = [1, 2, 3]
    #expect(block.getU32() == 0)
    #expect(block.lastError == .errBusy)
    block.bytes = [4]
    #expect(block.getU32() == 0x0403_0201)
  }

  @Test(arguments: [
    (GodotError.errBusy, GodotError.errBusy), (.errFileCantWrite, .errFileCantWrite),
    (.ok, .errBusy), (.failed, .failed),
  ])
  func aWaitingPutThatTakesTooLittle(_ its: GodotError, _ ours: GodotError) {
    let block = WaitingBlock(holding: Block.capacity - 2)
    block.onShortPut = its
    #expect(block.putData([1, 2, 3]) == ours)
    #expect(block.bytes.suffix(2) == [1, 2])
    block.bytes = []
    #expect(block.putU8(9) == .ok)  // the stream remains usable
  }

  // A subclass with only one of the two puts uses it for both.
  @Test func aStreamThatOnlyWaitsTakesPartsToo() {
    let log = Log()
    let only = OnlyWaiting(log)
    #expect(only.putPartialData([1, 2, 3]) == (.ok, 3))
    #expect(only.putU8(1) == .ok)
    #expect(only.setWriteBatching(true) == .ok)
    #expect(only.putU8(1) == .ok)
    #expect(log.calls == 2)
    #expect(only.flush() == .ok)
    #expect(log.calls == 3)
  }

  // The other side may need the batch before it answers.
  @Test func aBatchLeavesBeforeAGetWaits() {
    let block = WaitingBlock(piece: 3)
    #expect(block.setWriteBatching(true) == .ok)
    #expect(block.putU32(7) == .ok)
    #expect(block.bytes.isEmpty)
    #expect(block.getU32() == 7)
  }

  // MARK: End and failure

  @Test func theEndIsReportedOnceAllIsRead() {
    let block = Block(holding: 3, piece: 100)
    block.atEnd = .errFileEof
    #expect(block.tryGetU16() == 0)
    #expect(block.tryGetU16() == nil)
    #expect(block.lastError == .errFileEof)
    #expect(block.getU8() == 0)  // the byte is still there
    #expect(block.lastError == .ok)
    #expect(block.getPartialData(1) == (.errFileEof, []))
    #expect(block.getPartialData(1) == (.failed, []))
    #expect(block.putU8(1) == .failed)
  }

  @Test(arguments: [GodotError.failed, .errFileCorrupt, .errUnauthorized, .errBug])
  func aFailureAffectsOneCall(_ failure: GodotError) {
    let block = Block()
    block.atEnd = failure
    #expect(block.tryGetU8() == nil)
    #expect(block.lastError == failure)
    block.atEnd = .ok
    block.bytes = [1, 2, 3, 4]
    #expect(block.tryGetU8() == 1)
    #expect(block.putU8(1) == .ok)
  }

  @Test func aFailedWriteLeavesWritingAndReading() {
    let block = Block(holding: 1)
    block.onWrite = .errFileCantWrite
    #expect(block.putU8(1) == .errFileCantWrite)
    block.onWrite = .ok
    #expect(block.putU8(1) == .ok)
    #expect(block.getU8() == 0)
    #expect(block.lastError == .ok)
  }

  @Test func anUnsupportedOperationIsFailed() {
    let nothing = StreamPeer()
    #expect(nothing.getU8() == 0)
    #expect(nothing.lastError == .failed)
    #expect(nothing.getData(3) == (.failed, []))
    #expect(nothing.getPartialData(3) == (.failed, []))
    #expect(nothing.tryGetU8() == nil)
    #expect(nothing.lastError == .failed)
    #expect(nothing.putU8(1) == .failed)
    #expect(nothing.putPartialData([1]) == (.failed, 0))
    #expect(nothing.getAvailableBytes() == 0)
    #expect(nothing.lastError == .ok)
  }

  @Test(arguments: [1000, Int.max, -1, Int.min])
  func anOperationThatLiesAboutItsCountDoesNoHarm(_ lie: Int) {
    let liar = Liar(holding: 200, piece: 200)
    liar.lie = lie
    let data = [UInt8](repeating: 9, count: 8)
    let (error, received) = liar.getData(8)
    #expect(lie > 0 ? error == .ok : error == .errBusy)
    #expect(received.count == (lie > 0 ? 8 : 0))
    let (partialError, partial) = liar.getPartialData(8)
    #expect(partialError == .ok)
    #expect(partial.count == (lie > 0 ? 8 : 0))
    _ = liar.getU32()
    #expect(liar.lastError == (lie > 0 ? .ok : .errBusy))
    #expect(liar.putPartialData(data) == (.ok, lie > 0 ? 8 : 0))
    #expect(liar.putData(data) == (lie > 0 ? .ok : .errBusy))
  }

  // MARK: Batching and peeking

  @Test func batchedPutsAreOneWrite() {
    let block = Block(piece: 100)
    #expect(block.setWriteBatching(true) == .ok)
    #expect(block.putU32(1) == .ok)
    #expect(block.putU32(2) == .ok)
    #expect(block.pendingWriteBytes == 8)
    #expect(block.calls == 0)
    #expect(block.flush() == .ok)
    #expect(block.calls == 1)
    #expect(block.bytes.count == 8)
  }

  @Test func peekingKeeps() {
    let block = Block(piece: 100)
    block.bytes = [1, 2, 3, 4, 5]
    #expect(block.peek(3) { Array($0) } == [1, 2, 3])
    #expect(block.lastError == .ok)
    #expect(block.consume(1) == .ok)
    #expect(block.getData(4) == (.ok, [2, 3, 4, 5]))
  }

  @Test func limitsHold() {
    let block = Block(options: StreamOptions(maxValueBytes: 4))
    #expect(block.putString("12345") == .ok)
    #expect(block.getString() == "")
    #expect(block.lastError == .errInvalidData)
    #expect(block.getData(4) == (.ok, [5, 0, 0, 0]))
  }

  // MARK: Lifetime

  @Test func theObjectIsReleased() {
    weak var gone: Block?
    do {
      let block = Block()
      gone = block
      #expect(block.putU32(1) == .ok)
      #expect(block.getU32() == 1)
      #expect(gone != nil)
    }
    #expect(gone == nil)
  }

  @Test func thereIsNoCallbackAfterDeinit() {
    let log = Log()
    do {
      let block = LoggingBlock(log)
      #expect(block.setWriteBatching(true) == .ok)
      #expect(block.putU32(1) == .ok)
      #expect(log.calls == 0)
    }
    #expect(log.isDeinitialized)
    #expect(log.calls == 0)  // the stream dropped its pending bytes
  }

  @Test func aDeinitMayFlush() {
    let log = Log()
    do {
      let block = FlushingBlock(log)
      #expect(block.setWriteBatching(true) == .ok)
      #expect(block.putU32(1) == .ok)
    }
    #expect(log.isDeinitialized)
    #expect(log.calls == 1)
  }

  @Test func theObjectIsReleasedAfterItsEnd() {
    weak var gone: Block?
    do {
      let block = Block()
      gone = block
      block.atEnd = .errFileEof
      #expect(block.tryGetU8() == nil)
      #expect(block.lastError == .errFileEof)
    }
    #expect(gone == nil)
  }
}

// MARK: - Streams over an array

/// A memory stream that moves small pieces.
private class Block: StreamPeer {
  static let capacity = 256
  final var bytes: [UInt8]
  final var calls = 0  // calls of operations that move bytes and do not wait
  final var waitingCalls = 0
  final var atEnd = GodotError.ok  // the result of a read after the last byte
  final var onWrite = GodotError.ok
  final var onWait = GodotError.ok  // the result of waiting for bytes
  final var onShortWait = GodotError.errFileEof  // the same, if too few bytes came
  final var onShortPut = GodotError.ok  // the result of waiting if there is not room for all
  private let piece: Int  // the most bytes of one call

  init(holding count: Int = 0, piece: Int = 3, options: StreamOptions = StreamOptions()) {
    bytes = [UInt8](repeating: 0, count: count)
    self.piece = piece
    super.init(options: options)
  }

  final func take(_ most: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(bytes.count, most, buffer.count)
    buffer.copyBytes(from: bytes.prefix(count))
    bytes.removeFirst(count)
    return count
  }

  override func _getPartialData(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (error: GodotError, received: Int) {
    calls += 1
    let count = take(piece, into: buffer)
    return (count == 0 ? atEnd : .ok, count)
  }

  override func _putPartialData(_ data: UnsafeRawBufferPointer) -> (error: GodotError, sent: Int) {
    calls += 1
    guard onWrite == .ok else { return (onWrite, 0) }
    let count = min(data.count, piece, Self.capacity - bytes.count)
    bytes += data.prefix(count)
    return (.ok, count)
  }

  override func _getAvailableBytes() -> Int { bytes.count }
}

/// A block with waiting gets and puts. Missing bytes never come.
private final class WaitingBlock: Block {
  override func _getData(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (error: GodotError, received: Int) {
    waitingCalls += 1
    guard onWait == .ok else { return (onWait, 0) }
    let count = take(.max, into: buffer)
    return (count < buffer.count ? onShortWait : .ok, count)
  }

  override func _putData(_ data: UnsafeRawBufferPointer) -> (error: GodotError, sent: Int) {
    waitingCalls += 1
    let count = min(data.count, Self.capacity - bytes.count)
    bytes += data.prefix(count)
    return (count < data.count ? onShortPut : .ok, count)
  }
}

/// A block that waits by a call of its superclass, which does not wait.
private final class CallingSuper: Block {
  override func _getData(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (error: GodotError, received: Int) {
    super._getData(into: buffer)
  }
}

/// A block that reports a wrong count.
private final class Liar: Block {
  var lie = 0

  override func _getPartialData(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (error: GodotError, received: Int) {
    _ = super._getPartialData(into: buffer)
    return (.ok, lie)
  }

  override func _putPartialData(_ data: UnsafeRawBufferPointer) -> (error: GodotError, sent: Int) {
    _ = super._putPartialData(data)
    return (.ok, lie)
  }
}

/// State that outlives a stream.
private final class Log {
  var calls = 0
  var isDeinitialized = false
}

private class LoggingBlock: StreamPeer {
  final let log: Log

  init(_ log: Log) {
    self.log = log
    super.init()
  }

  deinit { log.isDeinitialized = true }

  override func _putPartialData(_ data: UnsafeRawBufferPointer) -> (error: GodotError, sent: Int) {
    log.calls += 1
    return (.ok, data.count)
  }
}

private final class OnlyWaiting: StreamPeer {
  private let log: Log

  init(_ log: Log) {
    self.log = log
    super.init()
  }

  override func _putData(_ data: UnsafeRawBufferPointer) -> (error: GodotError, sent: Int) {
    log.calls += 1
    return (.ok, data.count)
  }
}

private final class FlushingBlock: LoggingBlock {
  deinit { flush() }
}
