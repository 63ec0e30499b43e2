// SPDX-License-Identifier: MIT
import Foundation
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// A memory stream, with Godot's rules for StreamPeerBuffer.
@Suite("StreamPeerBuffer", .watchdog)
struct StreamPeerBufferTests {
  @Test(arguments: [false, true])
  func everyTypedValueWorks(bigEndian: Bool) {
    let buffer = StreamPeerBuffer()
    buffer.bigEndian = bigEndian
    for i in typedPuts.indices {
      buffer.clear()
      #expect(typedPuts[i].call(buffer) == .ok)
      #expect(typedPuts[i].call(buffer) == .ok)
      #expect(buffer.getSize() == 2 * typedPuts[i].bytes)
      #expect(buffer.seek(0) == .ok)
      #expect(typedGets[i].call(buffer) == 3, "\(typedGets[i].name)")
      #expect(buffer.getPosition() == typedPuts[i].bytes)
      #expect(typedTryGets[i].call(buffer) == 3, "\(typedTryGets[i].name)")
      #expect(buffer.getAvailableBytes() == 0)
    }
    buffer.clear()
    _ = buffer.putU32(0x0102_0304)
    #expect(buffer.dataArray == (bigEndian ? [1, 2, 3, 4] : [4, 3, 2, 1]))
  }

  @Test func stringsAndVariantsWork() {
    let buffer = StreamPeerBuffer()
    #expect(buffer.putUtf8String("héllo") == .ok)
    #expect(buffer.putString("héllo") == .ok)
    #expect(buffer.putVar(["hp": 100]) == .ok)
    buffer.seek(0)
    #expect(buffer.getUtf8String() == "héllo")
    #expect(buffer.getString() == "h llo")
    #expect(buffer.getVar() == ["hp": 100])
    #expect(buffer.getAvailableBytes() == 0)
  }

  @Test func aPutOverwritesAndMakesLonger() {
    let buffer = StreamPeerBuffer()
    #expect(buffer.putData("0123456789".utf8) == .ok)
    #expect(buffer.seek(3) == .ok)
    #expect(buffer.putData("abc".utf8) == .ok)
    #expect(buffer.getPosition() == 6)
    #expect(buffer.seek(9) == .ok)
    #expect(buffer.putPartialData("xy".utf8) == (.ok, 2))
    #expect(buffer.dataArray == Array("012abc678xy".utf8))
  }

  @Test func aGetOfMoreThanIsLeft() {
    let buffer = StreamPeerBuffer()
    buffer.dataArray = [1, 2, 3]
    #expect(buffer.getData(100_000) == (.errInvalidParameter, [1, 2, 3]))
    #expect(buffer.getPartialData(100_000) == (.ok, []))
    buffer.seek(1)
    #expect(buffer.tryGetU32() == nil)
    #expect(buffer.lastError == .errBusy)
    #expect(buffer.getPosition() == 1)
    #expect(buffer.getU32() == 0)
    #expect(buffer.lastError == .errInvalidParameter)
    #expect(buffer.getPosition() == 3)  // as in Godot, so a loop to the end terminates
    _ = buffer.putU8(4)
    buffer.seek(0)
    #expect(buffer.getU32() == 0x0403_0201)
  }

  @Test func seekGoesToTheEndAndNoFurther() {
    let buffer = StreamPeerBuffer()
    buffer.dataArray = [1, 2, 3]
    #expect(buffer.getPosition() == 0)
    #expect(buffer.seek(3) == .ok)
    #expect(buffer.seek(4) == .errParameterRangeError)
    #expect(buffer.seek(-1) == .errInvalidParameter)
    #expect(buffer.seek(.min) == .errInvalidParameter)
    #expect(buffer.getPosition() == 3)
  }

  @Test func resizeBringsZerosAndLeavesThePosition() {
    let buffer = StreamPeerBuffer()
    buffer.dataArray = [1, 2, 3, 4]
    buffer.seek(4)
    #expect(buffer.resize(2) == .ok)
    #expect(buffer.getPosition() == 4)
    #expect(buffer.getAvailableBytes() == 0)
    _ = buffer.putU8(5)
    #expect(buffer.dataArray == [1, 2, 0, 0, 5])
    #expect(buffer.resize(7) == .ok)
    #expect(buffer.dataArray == [1, 2, 0, 0, 5, 0, 0])
    #expect(buffer.resize(-1) == .errInvalidParameter)
    #expect(buffer.resize(.max) == .errOutOfMemory)
    #expect(buffer.getSize() == 7)
  }

  @Test func allBytesAreSetAndThePositionIs0() {
    let buffer = StreamPeerBuffer()
    #expect(buffer.dataArray == [])
    _ = buffer.putU64(1)
    #expect(buffer.setDataArray(Data([7, 8, 9])[1...]) == .ok)
    #expect(buffer.getPosition() == 0)
    #expect(buffer.dataArray == [8, 9])
    #expect(buffer.setDataArray((1...3).lazy.map { UInt8($0) }) == .ok)
    #expect(buffer.withDataArray { Array($0) } == [1, 2, 3])
    _ = buffer.getU8()
    buffer.dataArray.append(4)  // reads a copy, and sets another
    #expect(buffer.dataArray == [1, 2, 3, 4])
    #expect(buffer.getPosition() == 0)
    #expect(buffer.seek(9) == .errParameterRangeError)
    buffer.dataArray = []
    #expect(buffer.lastError == .ok)
    #expect(buffer.getSize() == 0)
    #expect(buffer.withDataArray { $0.count } == 0)
  }

  @Test func clearLeavesNothing() {
    let buffer = StreamPeerBuffer()
    _ = buffer.putU32(1)
    #expect(buffer.clear() == .ok)
    #expect(buffer.dataArray == [])
    #expect(buffer.getPosition() == 0)
  }

  @Test func aDuplicateHasItsOwnPosition() {
    let buffer = StreamPeerBuffer(options: StreamOptions(maxValueBytes: 4))
    buffer.bigEndian = true
    _ = buffer.putString("12345")
    let copy = buffer.duplicate()
    #expect(copy.getPosition() == 0)
    #expect(!copy.bigEndian)
    _ = copy.putU8(9)
    #expect(buffer.dataArray == [0, 0, 0, 5] + Array("12345".utf8))
    #expect(copy.dataArray == [9, 0, 0, 5] + Array("12345".utf8))
    copy.seek(4)
    #expect(copy.getString(5) == "")
    #expect(copy.lastError == .errInvalidParameter)  // the copy has the same limit
  }

  @Test func aPutIsDoneWhenItReturns() {
    let buffer = StreamPeerBuffer()
    #expect(buffer.setWriteBatching(true) == .ok)
    _ = buffer.putU8(1)
    _ = buffer.putU8(2)
    #expect(!buffer.writeBatching)
    #expect(buffer.pendingWriteBytes == 0)
    #expect(buffer.dataArray == [1, 2])
    #expect(buffer.flush() == .ok)
    #expect(buffer.getPosition() == 2)
  }

  @Test func peekingShowsAllThatIsLeft() {
    let buffer = StreamPeerBuffer()
    buffer.dataArray = [1, 2, 3, 4]
    buffer.seek(1)
    #expect(buffer.peek { Array($0) } == [2, 3, 4])
    #expect(buffer.consume(2) == .ok)
    #expect(buffer.getPosition() == 3)
    #expect(buffer.consume(2) == .errParameterRangeError)
  }

  /// Compares random operations with a model: an array, a size and a position.
  @Test(arguments: [UInt64(1), 2])
  func randomOperationsMatchAnArray(seed: UInt64) {
    var random = seed
    func draw(_ below: Int) -> Int {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(random >> 33) % below
    }
    let buffer = StreamPeerBuffer()
    var bytes: [UInt8] = []
    var position = 0
    func put(_ new: [UInt8]) {
      bytes += [UInt8](repeating: 0, count: max(0, position + new.count - bytes.count))
      bytes.replaceSubrange(position..<position + new.count, with: new)
      position += new.count
    }
    for _ in 0..<2000 {
      let left = max(0, bytes.count - position)
      switch draw(6) {
      case 0:
        let value = UInt16(draw(65536))
        _ = buffer.putU16(value)
        put([UInt8(value & 255), UInt8(value >> 8)])
      case 1:
        let data = (0..<draw(40)).map { _ in UInt8(draw(256)) }
        _ = buffer.putData(data)
        if !data.isEmpty { put(data) }
      case 2:
        let value = buffer.getU16()
        #expect(buffer.lastError == (left < 2 ? .errInvalidParameter : .ok))
        if left >= 2 {
          #expect(value == UInt16(bytes[position]) | UInt16(bytes[position + 1]) << 8)
        }
        position += min(2, left)
      case 3:
        let count = draw(20)
        let data = buffer.getPartialData(count).data
        #expect(data == Array(bytes.dropFirst(position).prefix(count)))
        position += data.count
      case 4:
        position = draw(bytes.count + 1)
        buffer.seek(position)
      default:
        let size = draw(300)
        buffer.resize(size)
        bytes = Array(bytes.prefix(size))
        bytes += [UInt8](repeating: 0, count: size - bytes.count)
      }
      #expect(buffer.getPosition() == position)
      #expect(buffer.dataArray == bytes)
    }
  }
}
