// SPDX-License-Identifier: MIT

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension Connection {
  /// Sends a message, and waits until there is room for it. Nothing is dropped. The messages that
  /// the tasks of the loop send in one turn leave together.
  ///
  /// - Parameters:
  ///   - message: any size. The write buffer takes it whole if it fits.
  ///   - timeout: the longest wait for room; nil sets no limit. After it the call throws
  ///     ``GodotError/errTimeout``. It has sent nothing, or the connection is closed: then
  ///     ``ConnectionError/reason`` is ``StreamPeerSocket/CloseReason/local``.
  public nonisolated(nonsending) func send(
    _ message: Outgoing, within timeout: Duration? = nil
  ) async throws {
    var call = LoopCall(deadline: timeout.map(loop.deadline(after:)))
    var pieces = Pieces()
    if try await sendSteps(message, &call, &pieces) { return }
    let (rest, left) = (call, pieces)
    try await loop.run {
      var (call, pieces) = (rest, left)
      _ = try await self.sendSteps(message, &call, &pieces)
    }
  }

  private nonisolated(nonsending) func sendSteps(
    _ message: Outgoing, _ call: inout LoopCall, _ pieces: inout Pieces
  ) async throws -> Bool {
    do {
      return try await call.perform(on: loop, through: { (onLoop, onLoop.writing) }) {
        try onLoop.sendStep(message, &pieces)
      }
    } catch {
      guard pieces.sent > 0 else { throw error }
      socket.close()
      guard var error = error as? ConnectionError else { throw error }
      if error.reason == .none { error.reason = .local }
      throw error
    }
  }

  /// Waits for room, and lends memory of the write buffer. The bytes that `body` appends are sent,
  /// without a copy.
  ///
  /// - Parameters:
  ///   - bytes: the free capacity that `body` needs, at least 1. If it exceeds the capacity of the
  ///     write buffer, the call throws ``GodotError/errParameterRangeError``.
  ///   - timeout: as for ``send(_:within:)``.
  ///   - body: called once, on the loop. If it throws, nothing is sent.
  /// - Returns: the result of `body`.
  public nonisolated(nonsending) func withWritableSpan<Result: Sendable>(
    atLeast bytes: Int = 1, within timeout: Duration? = nil,
    _ body: @Sendable (inout OutputRawSpan) throws -> Result
  ) async throws -> Result {
    var call = LoopCall(deadline: timeout.map(loop.deadline(after:)))
    if let result = try await writeSteps(&call, bytes, body) { return result }
    let rest = call
    return try await loop.run {
      var call = rest
      // On the loop the steps end with a result.
      return try await self.writeSteps(&call, bytes, body)!
    }
  }

  private nonisolated(nonsending) func writeSteps<Result>(
    _ call: inout LoopCall, _ bytes: Int, _ body: (inout OutputRawSpan) throws -> Result
  ) async throws -> Result? {
    var result: Result?
    _ = try await call.perform(on: loop, through: { (onLoop, onLoop.writing) }) {
      let socket = onLoop
      let (code, written) = try socket.peer.withWritableSpan(atLeast: bytes, body)
      switch code {
      case .ok: result = written
      case .errBusy: return .wait(in: socket.writable)
      default: throw socket.error(code)
      }
      return .done
    }
    return result
  }

  /// Ends the outgoing direction, and waits until the OS has taken every message. The peer reads
  /// the end after them. This side can still receive.
  public nonisolated(nonsending) func finishSending() async throws {
    try await loop.run {
      var call = LoopCall(deadline: nil)
      _ = try await call.perform(on: self.loop, through: { (self.onLoop, self.onLoop.writing) }) {
        let socket = self.onLoop
        switch socket.peer.shutdownWrite() {
        case .ok: return .done
        case .errBusy: return .wait(in: socket.writable)
        case let code: throw socket.error(code)
        }
      }
    }
  }
}

// A message that is larger than the write buffer, or that its coder puts piece by piece.
struct Pieces: Sendable {
  var bytes: [UInt8]?
  var sent = 0
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension MessageSocket {
  func sendStep(_ message: Outgoing, _ pieces: inout Pieces) throws -> LoopCall.Step {
    if pieces.bytes == nil && writesAtOnce {
      do {
        try send(message, to: peer)
        return .done
      } catch GodotError.errBusy {
        return .wait(in: writable)
      } catch GodotError.errParameterRangeError {
        // only in pieces
      } catch let code as GodotError {
        throw error(code)
      }
    }
    let bytes = try pieces.bytes ?? encode(message)
    pieces.bytes = bytes
    let (code, count) = peer.putPartialData(bytes[pieces.sent...])
    guard code == .ok else { throw error(code) }
    pieces.sent += count
    return pieces.sent == bytes.count ? .done : .wait(in: writable)
  }

  private func encode(_ message: Outgoing) throws -> [UInt8] {
    let buffer = StreamPeerBuffer()
    buffer.bigEndian = peer.bigEndian
    do {
      try send(message, to: buffer)
    } catch let code as GodotError {
      throw error(code)
    }
    return buffer.dataArray
  }
}
