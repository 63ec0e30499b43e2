// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Whole messages, each as it was put. Godot: `PacketPeer`. (`sps_packet_peer`)
///
/// ``PacketPeerStream`` is made; this is what every kind of packet peer would share. No call here waits for
/// a packet: it comes whole or not at all. One thread at a time uses a packet peer and its stream.
public class PacketPeer {
  // The packet peer, which this object owns; nil when it could not be made.
  final let ownHandle: OpaquePointer?
  // What packets come from.
  var stream: StreamPeer? { nil }
  // What calls use: nil also while the stream's memory is lent.
  final var handle: OpaquePointer? {
    if let stream, stream.isLent { nil } else { ownHandle }
  }
  // The C library's last answer.
  final var lastCode: Int32

  /// What the last call on this packet peer came to; ``GodotError/ok`` after a success. Not in Godot.
  public final var lastError: GodotError { GodotError(code: lastCode) }

  // Takes over what became of making a packet peer.
  init(adopting made: (code: Int32, handle: OpaquePointer?)) {
    (lastCode, ownHandle) = made
  }

  deinit {
    sps_packet_peer_destroy(ownHandle)
  }

  // Notes a call's answer.
  final func note(_ code: Int32) -> GodotError {
    lastCode = code
    return GodotError(code: code)
  }

  // MARK: Get

  /// How many packets are there, whole. Godot: `get_available_packet_count`.
  /// (`sps_packet_peer_get_available_packet_count`)
  ///
  /// When none is buffered, or when none was taken since it was asked last, it reads what has come. To ask
  /// before each packet is cheap.
  ///
  /// - Returns: 0 also when none will come any more: ``lastError`` is not ``GodotError/ok`` then, but as for
  ///   ``getPacket()``.
  public final func getAvailablePacketCount() -> Int {
    var count = 0
    lastCode = sps_packet_peer_get_available_packet_count(handle, &count)
    return count
  }

  /// Takes the next packet, and never waits. Godot: `get_packet`. (`sps_packet_peer_get_packet`)
  ///
  /// - Returns: empty when there is none, and for a packet of no bytes. ``lastError`` and
  ///   ``getPacketError()`` tell which: ``GodotError/errUnavailable`` when none is there yet;
  ///   ``GodotError/errFileEof`` when the peer has finished and no packet is left (the stream is
  ///   closed, a part of a packet is dropped); ``GodotError/errInvalidData`` when the next is longer than the limit:
  ///   the stream is closed, a socket with ``StreamPeerSocket/CloseReason/limit``;
  ///   ``GodotError/errUnconfigured`` without a stream; ``GodotError/failed`` when not connected, or
  ///   when the connection broke and no packet is left; ``GodotError/errOutOfMemory``, and nothing is lost.
  public final func getPacket() -> [UInt8] {
    withPacket { Array($0) } ?? []
  }

  /// Takes the next packet without a copy. Not in Godot. (`sps_packet_peer_get_packet`)
  ///
  /// - Parameter body: is called once when there is one, with its bytes. It must not keep the
  ///   bytes. Calls on this packet peer and on its stream from inside it are
  ///   ``GodotError/errInvalidParameter``, and nothing changes.
  /// - Returns: what `body` returns; nil, as for ``getPacket()``, when there is none.
  public final func withPacket<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    var data: UnsafePointer<UInt8>?
    var bytes = 0
    lastCode = sps_packet_peer_get_packet(handle, &data, &bytes)
    guard lastCode == 0, let stream else { return nil }
    let packet = UnsafeRawBufferPointer(start: data, count: bytes)
    return try stream.lend { () throws(Failure) in try body(packet) }
  }

  /// What the last get of a packet came to, be it as bytes or as a value; ``GodotError/ok`` before the first.
  /// Godot: `get_packet_error`. (`sps_packet_peer_get_packet_error`)
  public final func getPacketError() -> GodotError {
    var error: Int32 = 0
    lastCode = sps_packet_peer_get_packet_error(handle, &error)
    return GodotError(code: lastCode == 0 ? error : lastCode)
  }

  // MARK: Put

  /// Puts a packet: its length and its bytes leave as one write. Godot: `put_packet`.
  /// (`sps_packet_peer_put_packet`)
  ///
  /// - Parameter packet: an empty one is not put, as in Godot.
  /// - Returns: as ``StreamPeer/putData(_:)-(UnsafeRawBufferPointer)``; ``GodotError/errInvalidParameter``
  ///   when it is larger than the limit; ``GodotError/errUnconfigured`` without a stream.
  public final func putPacket(_ packet: UnsafeRawBufferPointer) -> GodotError {
    note(sps_packet_peer_put_packet(handle, packet.baseAddress, packet.count))
  }

  /// Puts a packet: an array, a slice, `Data`, `String.utf8` and so on. Godot: `put_packet`.
  /// (`sps_packet_peer_put_packet`)
  ///
  /// See ``putPacket(_:)-(UnsafeRawBufferPointer)``.
  @inlinable
  public final func putPacket(_ packet: some Collection<UInt8>) -> GodotError {
    packet.withContiguousStorageIfAvailable { putPacket(UnsafeRawBufferPointer($0)) }
      ?? Array(packet).withUnsafeBytes { putPacket($0) }
  }

  // MARK: Limits

  /// The largest value that ``putVar(_:fullObjects:)`` puts, in bytes; 8,388,608 unless set. What
  /// is set is rounded up to a power of two, as in Godot; a number that is none changes nothing,
  /// see ``setEncodeBufferMaxSize(_:)``. Godot: `encode_buffer_max_size`.
  /// (`sps_packet_peer_get_encode_buffer_max_size`)
  public final var encodeBufferMaxSize: Int {
    get { size(sps_packet_peer_get_encode_buffer_max_size) }
    set { setEncodeBufferMaxSize(newValue) }
  }

  /// Sets ``encodeBufferMaxSize``. (`sps_packet_peer_set_encode_buffer_max_size`)
  ///
  /// - Parameter bytes: 1,024 to 268,435,456 (256 MiB).
  /// - Returns: ``GodotError/ok``; ``GodotError/errInvalidParameter`` otherwise, and nothing changes.
  @discardableResult
  public final func setEncodeBufferMaxSize(_ bytes: Int) -> GodotError {
    note(withCNumber(bytes) { sps_packet_peer_set_encode_buffer_max_size(handle, $0) })
  }

  // A size that the C library tells.
  final func size(_ getter: (OpaquePointer?, UnsafeMutablePointer<UInt32>?) -> Int32) -> Int {
    var bytes: UInt32 = 0
    _ = getter(handle, &bytes)
    return Int(bytes)
  }
}
