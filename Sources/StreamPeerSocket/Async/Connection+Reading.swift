// SPDX-License-Identifier: MIT

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension Connection {
  /// Waits for the next message.
  ///
  /// - Parameter timeout: the longest wait; nil sets no limit. After it the call throws
  ///   ``GodotError/errTimeout``, and has consumed nothing.
  /// - Returns: the message, or nil if the peer has finished in order and no message is left.
  public nonisolated(nonsending) func receive(
    within timeout: Duration? = nil
  ) async throws -> Incoming? {
    try await read(within: timeout) { try $0.receive() }
  }

  /// The messages, until the peer finishes or ``finishMessages()`` was called. A failure of the
  /// connection is thrown.
  public var messages: Messages { Messages(connection: self) }

  /// The sequence of ``Connection/messages``.
  public struct Messages: AsyncSequence, AsyncIteratorProtocol, Sendable {
    fileprivate let connection: Connection

    /// The sequence is its own iterator.
    public func makeAsyncIterator() -> Messages { self }

    /// The next message. See ``Connection/receive(within:)``.
    public nonisolated(nonsending) func next() async throws -> Incoming? {
      let message: Incoming?? = try await connection.read(within: nil) { socket in
        if let message = try socket.receive() { return .some(message) }
        return socket.isFinishing && socket.bufferedBytes == 0 ? .some(nil) : nil
      }
      return message ?? nil
    }

    /// The next message. See ``Connection/receive(within:)``.
    public func next(isolation actor: isolated (any Actor)?) async throws -> Incoming? {
      try await next()
    }
  }

  /// Lets ``messages`` end as soon as no byte of the peer is there, so that a task that iterates it
  /// ends in order. A message that has begun to arrive still comes.
  ///
  /// Other receives go on. So a task can still receive the rest of a request, and send the answer.
  /// Any thread may call it. See ``Listener/finish()``.
  public func finishMessages() {
    socket.finish()
  }

  // Repeats a read until its result is there. nil: the peer has finished.
  nonisolated(nonsending) func read<Result: Sendable>(
    within timeout: Duration?,
    _ take: @Sendable (MessageSocket<Incoming, Outgoing>) throws -> Result?
  ) async throws -> Result? {
    var call = LoopCall(deadline: timeout.map(loop.deadline(after:)))
    let (isDone, result) = try await readSteps(&call, take)
    if isDone { return result }
    let rest = call
    return try await loop.run {
      var call = rest
      return try await self.readSteps(&call, take).result
    }
  }

  private nonisolated(nonsending) func readSteps<Result>(
    _ call: inout LoopCall, _ take: (MessageSocket<Incoming, Outgoing>) throws -> Result?
  ) async throws -> (isDone: Bool, result: Result?) {
    var result: Result?
    let isDone = try await call.perform(on: loop, through: { (onLoop, onLoop.reading) }) {
      let socket = onLoop
      return try socket.readStep {
        result = try take(socket)
        return result != nil
      }
    }
    return (isDone, result)
  }
}

@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension ConnectionSocket {
  // One attempt to read. It is done if `take` has its result, or if the peer has finished.
  final func readStep(_ take: () throws -> Bool) throws -> LoopCall.Step {
    let hadBytes = bufferedBytes > 0
    do {
      if try take() || isAtEnd { return .done }
    } catch let code as GodotError {
      // With bytes that are not a message, the end is not in order. A get may meet an orderly end
      // before the poller reports it.
      let isInOrder = code == .errFileEof || (code == .failed && isAtEnd)
      if isInOrder && !hadBytes && bufferedBytes == 0 { return .done }
      throw error(code)
    }
    // A coder of the caller's own may not have asked why the rest is missing.
    if hasFinished { throw error(.errFileEof) }
    guard isOpen else { throw error(.failed) }
    return .wait(in: readable)
  }
}

// Reads other than the connection's own messages. Each takes its result whole, or nothing.
@available(macOS 15, iOS 18, watchOS 11, tvOS 18, visionOS 2, *)
extension Connection {
  /// Waits for exactly `count` bytes.
  ///
  /// - Parameters:
  ///   - count: 0 to ``StreamOptions/maxValueBytes``. A larger one throws
  ///     ``GodotError/errParameterRangeError``.
  ///   - timeout: as for ``receive(within:)``.
  /// - Returns: the bytes, or nil if the peer has finished in order before the first of them.
  public nonisolated(nonsending) func receive(
    exactly count: Int, within timeout: Duration? = nil
  ) async throws -> [UInt8]? {
    guard count >= 0 else { throw ConnectionError(.errInvalidParameter, address: address) }
    return try await read(within: timeout) { socket in
      let bytes = unsafe socket.peer.peek(count) {
        unsafe $0.count >= count ? Array($0.prefix(count)) : nil
      }
      guard let bytes else { return try socket.peer.notYet() }
      try socket.peer.consume(count).orThrow()
      return bytes
    }
  }

  /// Waits for at least one byte, and takes every byte that has arrived, up to a limit.
  ///
  /// - Parameters:
  ///   - limit: the most bytes to take, above 0.
  ///   - timeout: as for ``receive(within:)``.
  /// - Returns: at least one byte, or nil if the peer has finished in order.
  public nonisolated(nonsending) func receive(
    upTo limit: Int, within timeout: Duration? = nil
  ) async throws -> [UInt8]? {
    guard limit > 0 else { throw ConnectionError(.errInvalidParameter, address: address) }
    return try await read(within: timeout) { socket in
      let bytes = unsafe socket.peer.peek(1) { unsafe Array($0.prefix(limit)) }
      if bytes.isEmpty { return try socket.peer.notYet() }
      try socket.peer.consume(bytes.count).orThrow()
      return bytes
    }
  }

  /// Waits for a number in the stream's byte order.
  ///
  /// - Parameters:
  ///   - type: an integer of 8 to 64 bits, `Float` or `Double`.
  ///   - timeout: as for ``receive(within:)``.
  /// - Returns: the number, or nil if the peer has finished in order before its first byte.
  public nonisolated(nonsending) func receive<Value: StreamValue>(
    as type: Value.Type, within timeout: Duration? = nil
  ) async throws -> Value? {
    try await read(within: timeout) { try Value.tryGet(from: $0.peer) ?? $0.peer.notYet() }
  }

  /// Waits for a line of UTF-8. See ``StreamPeer/getLine(maxBytes:)``.
  ///
  /// - Returns: the line without its end, or nil if the peer has finished in order before it.
  public nonisolated(nonsending) func line(
    maxBytes: Int = 0, within timeout: Duration? = nil
  ) async throws -> String? {
    try await read(within: timeout) {
      try $0.peer.tryGetLine(maxBytes: maxBytes) ?? $0.peer.notYet()
    }
  }

  /// Waits for bytes that end with a delimiter. See
  /// ``StreamPeer/getUntil(_:maxBytes:)-(String,_)``.
  ///
  /// - Returns: the bytes before the delimiter, or nil if the peer has finished in order before
  ///   them.
  public nonisolated(nonsending) func bytes(
    until delimiter: String, maxBytes: Int = 0, within timeout: Duration? = nil
  ) async throws -> [UInt8]? {
    try await read(within: timeout) {
      try $0.peer.tryGetUntil(delimiter, maxBytes: maxBytes) ?? $0.peer.notYet()
    }
  }

  /// Waits for a Variant. See ``StreamPeer/getVar(allowObjects:maxMemoryBytes:)``.
  ///
  /// - Returns: the Variant, or nil if the peer has finished in order before it.
  public nonisolated(nonsending) func variant(
    maxMemoryBytes: Int = 0, within timeout: Duration? = nil
  ) async throws -> Variant? {
    try await read(within: timeout) {
      try $0.peer.tryGetVar(maxMemoryBytes: maxMemoryBytes) ?? $0.peer.notYet()
    }
  }

  /// Waits for bytes, and shows them in the library's own memory, without a copy.
  ///
  /// - Parameters:
  ///   - count: the fewest bytes that `body` needs, at least 1.
  ///   - timeout: as for ``receive(within:)``.
  ///   - body: parses the bytes on the loop. It returns how many it has used, and a result. The
  ///     used bytes are consumed.
  /// - Returns: the result of `body`, or nil if the peer has finished in order and no byte is left.
  public nonisolated(nonsending) func withReadableSpan<Result: Sendable>(
    atLeast count: Int = 1, within timeout: Duration? = nil,
    _ body: @Sendable (RawSpan) throws -> (used: Int, result: Result)
  ) async throws -> Result? {
    try await read(within: timeout) { socket in
      let parsed = unsafe try socket.peer.peek(max(1, count)) { bytes in
        unsafe bytes.count >= max(1, count) ? try body(bytes.bytes) : nil
      }
      guard let parsed else { return try socket.peer.notYet() }
      try socket.peer.consume(parsed.used).orThrow()
      return parsed.result
    }
  }
}
