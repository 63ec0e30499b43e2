// SPDX-License-Identifier: MIT

/// Turns the bytes of a connection into messages, and messages into bytes.
///
/// A coder belongs to one connection, and runs on its loop. It may keep state.
///
/// ```swift
/// struct Chunks: MessageCoder {
///   func receive(from stream: StreamPeer) throws -> [UInt8]? {
///     guard let text = stream.tryGetUTF8String() else { return try stream.notYet() }
///     return Array(text.utf8)
///   }
///   func send(_ message: [UInt8], to stream: StreamPeer) throws {
///     try stream.putUTF8String(String(decoding: message, as: UTF8.self)).orThrow()
///   }
/// }
/// ```
public protocol MessageCoder<Incoming, Outgoing> {
  /// A message from the peer.
  associatedtype Incoming: Sendable
  /// A message to the peer.
  associatedtype Outgoing: Sendable

  /// Takes the next message, whole or not at all, and never waits.
  ///
  /// - Returns: nil if the message is not there yet. Then nothing may be consumed.
  /// - Throws: ``StreamPeer/lastError``, or any other error. ``Connection/receive(within:)`` turns
  ///   it into a ``ConnectionError``.
  mutating func receive(from stream: StreamPeer) throws -> Incoming?

  /// Writes a message. `stream` is memory, and takes everything.
  ///
  /// - Throws: any error. Then nothing of the message is sent. ``Connection/send(_:within:)`` turns
  ///   it into a ``ConnectionError``.
  mutating func send(_ message: Outgoing, to stream: StreamPeer) throws
}

extension StreamPeer {
  /// For a ``MessageCoder`` after a get that never waits: returns nil if the rest may still come.
  ///
  /// - Throws: ``lastError``, unless it is ``GodotError/errBusy`` or, of a packet,
  ///   ``GodotError/errUnavailable``.
  public final func notYet<Message>() throws(GodotError) -> Message? {
    let error = lastError
    if error == .errBusy || error == .errUnavailable { return nil }
    throw error
  }
}

/// How the messages of a ``Connection`` look on the wire.
public struct MessageCoding<Incoming: Sendable, Outgoing: Sendable>: Sendable {
  let makeCoder: @Sendable () -> any MessageCoder<Incoming, Outgoing>
  // Its coders write a message as one put, which a socket takes whole or refuses.
  let writesAtOnce: Bool

  /// A coding of your own.
  ///
  /// - Parameter makeCoder: makes the coder of one connection, on any thread.
  public init(_ makeCoder: @escaping @Sendable () -> any MessageCoder<Incoming, Outgoing>) {
    self.makeCoder = makeCoder
    writesAtOnce = false
  }

  init(writingAtOnce makeCoder: @escaping @Sendable () -> any MessageCoder<Incoming, Outgoing>) {
    self.makeCoder = makeCoder
    writesAtOnce = true
  }
}

// MARK: - Bytes

extension MessageCoding where Incoming == [UInt8], Outgoing == [UInt8] {
  /// Raw bytes. A message is every byte that has arrived, at most 65,536. The sender's messages are
  /// not kept apart.
  public static var bytes: Self { Self(writingAtOnce: { BytesCoder() }) }

  /// Packets as Godot's `PacketPeerStream` frames them: a length as u32, then the bytes.
  ///
  /// - Parameter maxBytes: the largest packet, either way; see
  ///   ``PacketPeerStream/inputBufferMaxSize``.
  public static func packets(maxBytes: Int = 65_532) -> Self {
    Self(writingAtOnce: { PacketsCoder(maxBytes: maxBytes) })
  }
}

struct BytesCoder: MessageCoder {
  func receive(from stream: StreamPeer) throws -> [UInt8]? {
    let bytes = unsafe stream.peek(1) { unsafe Array($0.prefix(65_536)) }
    if bytes.isEmpty { return try stream.notYet() }
    try stream.consume(bytes.count).orThrow()
    return bytes
  }

  func send(_ message: [UInt8], to stream: StreamPeer) throws {
    try stream.putData(message).orThrow()
  }
}

struct PacketsCoder: MessageCoder {
  private let packets = PacketPeerStream()

  init(maxBytes: Int) {
    packets.setInputBufferMaxSize(maxBytes)
    packets.setOutputBufferMaxSize(maxBytes)
  }

  func receive(from stream: StreamPeer) throws -> [UInt8]? {
    use(stream)
    let packet = packets.getPacket()
    switch packets.lastError {
    case .ok: return packet
    case .errUnavailable: return nil
    default: throw packets.lastError
    }
  }

  func send(_ message: [UInt8], to stream: StreamPeer) throws {
    use(stream)
    try packets.putPacket(message).orThrow()
  }

  private func use(_ stream: StreamPeer) {
    if packets.streamPeer !== stream { packets.streamPeer = stream }
  }
}

// MARK: - Text

extension MessageCoding where Incoming == String, Outgoing == String {
  /// Lines of UTF-8. They end with `\n` or `\r\n`, and are sent with `\n` unless `end` says else. A
  /// message that contains a line end arrives as several lines.
  ///
  /// - Parameters:
  ///   - maxBytes: the longest line that is received.
  ///   - end: follows each line that is sent.
  public static func lines(maxBytes: Int = 65_536, end: String = "\n") -> Self {
    Self(writingAtOnce: { LinesCoder(maxBytes: maxBytes, end: end) })
  }

  /// ``lines(maxBytes:end:)`` with its defaults.
  public static var lines: Self { lines() }
}

struct LinesCoder: MessageCoder {
  let maxBytes: Int
  let end: String

  func receive(from stream: StreamPeer) throws -> String? {
    try stream.tryGetLine(maxBytes: maxBytes) ?? stream.notYet()
  }

  func send(_ message: String, to stream: StreamPeer) throws {
    try stream.putText(message + end).orThrow()
  }
}

// MARK: - Values

extension MessageCoding where Incoming == Variant, Outgoing == Variant {
  /// Godot's Variants, as `put_var` writes them: to a stream, and to a `PacketPeerStream`.
  ///
  /// - Parameter maxMemoryBytes: the memory that a received value may take; 0: see
  ///   ``Variant/init(decoding:allowObjects:maxDepth:maxMemoryBytes:)``.
  public static func variants(maxMemoryBytes: Int = 0) -> Self {
    Self(writingAtOnce: { VariantsCoder(maxMemoryBytes: maxMemoryBytes) })
  }

  /// ``variants(maxMemoryBytes:)`` with its defaults.
  public static var variants: Self { variants() }
}

struct VariantsCoder: MessageCoder {
  let maxMemoryBytes: Int

  func receive(from stream: StreamPeer) throws -> Variant? {
    try stream.tryGetVar(maxMemoryBytes: maxMemoryBytes) ?? stream.notYet()
  }

  func send(_ message: Variant, to stream: StreamPeer) throws {
    try stream.putVar(message).orThrow()
  }
}

extension MessageCoding where Incoming: Decodable, Outgoing: Encodable {
  /// `Codable` values as Variants: a struct is a Dictionary, and Godot reads it as one. A value of
  /// another type is consumed, and the receive throws ``GodotError/errInvalidData``.
  ///
  /// - Parameters:
  ///   - incoming: the type of what is received.
  ///   - outgoing: the type of what is sent.
  public static func codable(_ incoming: Incoming.Type, sending outgoing: Outgoing.Type) -> Self {
    Self(writingAtOnce: { CodableCoder() })
  }

  /// ``codable(_:sending:)`` with one type both ways.
  public static func codable(_ message: Incoming.Type) -> Self where Incoming == Outgoing {
    Self(writingAtOnce: { CodableCoder() })
  }
}

struct CodableCoder<Incoming: Sendable & Decodable, Outgoing: Sendable & Encodable>: MessageCoder {
  func receive(from stream: StreamPeer) throws -> Incoming? {
    try stream.tryGet()
  }

  func send(_ message: Outgoing, to stream: StreamPeer) throws {
    try stream.put(message)
  }
}
