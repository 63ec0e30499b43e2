// SPDX-License-Identifier: MIT
import ArgumentParser
import StreamPeerSocket

/// The length before each value, as `put_var` writes it to a stream.
struct Framing {
  let bigEndian: Bool
  static let headerBytes = 4

  func length(_ header: UnsafeRawBufferPointer) -> Int {
    let bits = header.loadUnaligned(as: UInt32.self)
    return Int(bigEndian ? UInt32(bigEndian: bits) : UInt32(littleEndian: bits))
  }

  func header(_ length: Int) -> [UInt8] {
    let bits = UInt32(truncatingIfNeeded: length)
    return withUnsafeBytes(of: bigEndian ? bits.bigEndian : bits.littleEndian) { Array($0) }
  }
}

/// Prints the values in a source of bytes.
final class ValueInspector {
  enum Format {
    case text(offsets: Bool)
    case json
  }

  private let source: ByteSource
  private let out: Output
  private let framing: Framing?
  private let format: Format
  private let keepGoing: Bool
  private let writer = ItemWriter()
  private let walk: ItemWalk
  private var text: TextPrinter
  private var json: JSONPrinter
  private var number = 0
  private var hasFailed = false

  init(
    _ source: ByteSource, _ out: Output, _ limits: VariantLimits, _ framing: Framing?,
    _ format: Format, keepGoing: Bool
  ) {
    self.source = source
    self.out = out
    self.framing = framing
    self.format = format
    self.keepGoing = keepGoing
    walk = ItemWalk(limits)
    var showsOffsets = false
    if case .text(let offsets) = format { showsOffsets = offsets }
    text = TextPrinter(out, writer, showsOffsets: showsOffsets)
    json = JSONPrinter(out, writer)
    source.beforeReading = { try out.flush() }
  }

  /// Prints all values. Throws an error text for the first malformed value, or for all of them.
  func run() throws {
    while try source.fill(1) {
      number += 1
      try framing.map(inspectFrame) ?? inspectValue()
    }
    if hasFailed { throw ExitCode.failure }
  }

  private func failure(_ offset: Int, _ reason: String, hint: String? = nil) -> ToolError {
    ToolError(
      "malformed at byte \(offset) (0x\(String(offset, radix: 16))), in value \(number): \(reason)"
        + (hint.map { " (\($0))" } ?? ""))
  }

  // MARK: One value after another

  private func inspectValue() throws {
    var survey = source.withBytes { Survey($0, walk, writer) }
    while survey.malformed?.isTruncated == true, try source.readMore() {
      survey = source.withBytes { Survey($0, walk, writer) }
    }
    source.withBytes { show($0, survey) }
    if let malformed = survey.malformed {
      throw failure(source.offset + malformed.offset, malformed.reason, hint: hint())
    }
    source.consume(survey.byteCount)
  }

  // If there is a whole frame at the start, the input probably has frames.
  private func hint() -> String? {
    number == 1 && beginsWithFrame(bigEndian: false) ? "does it need --framed?" : nil
  }

  private func beginsWithFrame(bigEndian: Bool) -> Bool {
    source.withBytes { bytes in
      guard bytes.count > Framing.headerBytes else { return false }
      let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(Framing.headerBytes))
      let length = Framing(bigEndian: bigEndian).length(bytes)
      guard length <= rest.count else { return false }
      let survey = Survey(rest, walk, writer)
      return survey.malformed == nil && survey.byteCount == length
    }
  }

  // MARK: Frames

  private func inspectFrame(_ framing: Framing) throws {
    let headerBytes = Framing.headerBytes
    guard try source.fill(headerBytes) else {
      throw failure(source.offset, "the bytes end inside the length of a value")
    }
    let length = source.withBytes { framing.length($0) }
    let isWhole = try source.fill(headerBytes + length)
    let available = min(length, source.count - headerBytes)
    let survey = source.withBytes { bytes in
      let value = UnsafeRawBufferPointer(rebasing: bytes[headerBytes..<headerBytes + available])
      let survey = Survey(value, walk, writer)
      show(value, survey, headerBytes)
      return survey
    }
    let problem = problem(of: survey, length, available, framing)
    if let problem {
      guard keepGoing && isWhole else { throw problem }
      try out.flush()
      Console.warn("streampeer: \(problem)")
      hasFailed = true
    }
    source.consume(headerBytes + available)
  }

  private func problem(
    of survey: Survey, _ length: Int, _ available: Int, _ framing: Framing
  ) -> ToolError? {
    if available < length {
      let isOther = number == 1 && beginsWithFrame(bigEndian: !framing.bigEndian)
      let other = framing.bigEndian ? "without --big-endian?" : "with --big-endian?"
      return failure(
        source.offset, "its length is \(length), but only \(available) bytes follow",
        hint: isOther ? other : nil)
    }
    let begin = source.offset + Framing.headerBytes
    if let malformed = survey.malformed {
      return failure(begin + malformed.offset, malformed.reason)
    }
    let left = length - survey.byteCount
    return left == 0
      ? nil
      : failure(begin + survey.byteCount, "the value ends \(left) bytes before its frame does")
  }

  // MARK: Printing

  private func show(_ bytes: UnsafeRawBufferPointer, _ survey: Survey, _ headerBytes: Int = 0) {
    switch format {
    case .json:
      guard survey.malformed == nil else { return }
      json.begin(survey)
      forEachStep(of: bytes) { json.print($0) }
    case .text(let offsets):
      let base = source.offset + headerBytes
      if offsets && survey.malformed == nil {
        out.append("# value \(number): \(survey.byteCount) bytes\n")
      }
      forEachStep(of: bytes) { text.print($0, base: base) }
      if survey.malformed != nil { text.breakOff() }
    }
  }

  // Visits the items up to the end, or up to the malformed one.
  private func forEachStep(of bytes: UnsafeRawBufferPointer, _ body: (ItemWalk.Step) -> Void) {
    walk.begin(bytes)
    while let step = try? walk.next() { body(step) }
  }
}

/// Encodes each JSON text in a source.
final class ValueEncoder {
  private let source: ByteSource
  private let out: Output
  private let limits: VariantLimits
  private let framing: Framing?
  private let coding: TextCoding?
  private let writer = ItemWriter()
  private var number = 0

  init(
    _ source: ByteSource, _ out: Output, _ limits: VariantLimits, _ framing: Framing?,
    _ coding: TextCoding?
  ) {
    self.source = source
    self.out = out
    self.limits = limits
    self.framing = framing
    self.coding = coding
    source.beforeReading = { try out.flush() }
  }

  func run() throws {
    try skipByteOrderMark()
    while try skipSpace() {
      number += 1
      try encodeValue()
    }
  }

  // Some programs write a byte order mark before UTF-8.
  private func skipByteOrderMark() throws {
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    if try source.fill(mark.count), source.withBytes({ $0.starts(with: mark) }) {
      source.consume(mark.count)
    }
  }

  // Returns false at the end.
  private func skipSpace() throws -> Bool {
    while try source.fill(1) {
      let spaces = source.withBytes { bytes in
        bytes.firstIndex { !JSONParser.isSpace($0) } ?? bytes.count
      }
      source.consume(spaces)
      if source.count > 0 { return true }
    }
    return false
  }

  private func encodeValue() throws {
    while true {
      do {
        let end = try source.withBytes { try encode($0) }
        return source.consume(end)
      } catch let fault as JSONDocument.Fault {
        guard fault.isIncomplete else { throw failure(fault) }
        _ = try source.readMore()  // at the end, it is looked at once more, as all there is
      }
    }
  }

  // Returns the position of the end of the text.
  private func encode(_ text: UnsafeRawBufferPointer) throws -> Int {
    let document = try JSONDocument(text, isAll: source.isAtEnd)
    do {
      put(try JSONEncoding.encode(document, limits, writer))
    } catch {
      let path = document.path(to: error.token)
      throw ToolError("value \(number) is none at \(path): \(error.reason)")
    }
    return document.end
  }

  private func failure(_ fault: JSONDocument.Fault) -> ToolError {
    let offset = source.offset + fault.offset
    return ToolError("no JSON at byte \(offset), in value \(number): \(fault.reason)")
  }

  private func put(_ value: [UInt8]) {
    let bytes = (framing?.header(value.count) ?? []) + value
    guard let coding else { return out.append(bytes) }
    out.append(coding.encode(bytes))
    out.append("\n")
  }
}
