// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Packets: each message arrives whole, as it was put. Godot: `PacketPeer`. (`sps_packet_peer`)
///
/// This class has what all kinds of packet peers share. Create a ``PacketPeerStream``. No get here
/// waits: a packet comes whole or not at all. One thread at a time uses a packet peer and its
/// stream.
@safe public class PacketPeer {
  // The packet peer, which this object owns. It is nil if it could not be created.
  final let ownHandle: OpaquePointer?
  // The source of the packets.
  var stream: StreamPeer? { nil }
  // The handle that calls use. It is also nil while the stream's memory is lent.
  final var handle: OpaquePointer? {
    if let stream, stream.isLent { nil } else { unsafe ownHandle }
  }
  // The C library's last result.
  final var lastCode: Int32

  /// The result of the last call on this packet peer: ``GodotError/ok`` after a success. Not in
  /// Godot.
  public final var lastError: GodotError { GodotError(code: lastCode) }

  // Adopts a packet peer of the C library, or the error of creating it.
  init(adopting made: (code: Int32, handle: OpaquePointer?)) {
    unsafe (lastCode, ownHandle) = unsafe made
  }

  deinit {
    unsafe sps_packet_peer_destroy(ownHandle)
  }

  // Records the result of a call.
  final func note(_ code: Int32) -> GodotError {
    lastCode = code
    return GodotError(code: code)
  }

  // MARK: Get

  /// Counts the whole packets that are there. Godot: `get_available_packet_count`.
  /// (`sps_packet_peer_get_available_packet_count`)
  ///
  /// It reads if no packet is buffered, or if none was taken since the last count. A call before
  /// each packet is cheap.
  ///
  /// - Returns: the count. It is 0 also if no packet will ever come. Then ``lastError`` is an error
  ///   of ``getPacket()``.
  public final func getAvailablePacketCount() -> Int {
    var count = 0
    lastCode = unsafe sps_packet_peer_get_available_packet_count(handle, &count)
    return count
  }

  /// Takes the next packet, and never waits. Godot: `get_packet`. (`sps_packet_peer_get_packet`)
  ///
  /// - Returns: the packet. It is empty on failure, and for a packet of 0 bytes. ``lastError`` and
  ///   ``getPacketError()`` tell the two apart:
  ///   - ``GodotError/errUnavailable``: no packet is there yet.
  ///   - ``GodotError/errUnconfigured``: no stream is set.
  ///   - ``GodotError/errFileEof``: the peer has finished and no packet is left. The stream is
  ///     closed, and a partial packet is dropped.
  ///   - ``GodotError/failed``: the connection broke and no packet is left, or the stream is not
  ///     connected.
  ///   - ``GodotError/errInvalidData``: the next packet exceeds the limit. The stream is closed, a
  ///     socket with ``StreamPeerSocket/CloseReason/limit``.
  ///   - ``GodotError/errOutOfMemory``: nothing is lost.
  public final func getPacket() -> [UInt8] {
    unsafe withPacket { unsafe Array($0) } ?? []
  }

  /// Takes the next packet without a copy. Not in Godot. (`sps_packet_peer_get_packet`)
  ///
  /// - Parameter body: called once with the bytes if there is a packet. It must not keep them. A
  ///   call on this packet peer or its stream from inside `body` returns
  ///   ``GodotError/errInvalidParameter``, and nothing changes.
  /// - Returns: the result of `body`, or nil if there is no packet. The errors are those of
  ///   ``getPacket()``.
  public final func withPacket<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    var data: UnsafePointer<UInt8>?
    var bytes = 0
    lastCode = unsafe sps_packet_peer_get_packet(handle, &data, &bytes)
    guard lastCode == 0, let stream else { return nil }
    let packet = unsafe UnsafeRawBufferPointer(start: data, count: bytes)
    return try stream.lend { () throws(Failure) in unsafe try body(packet) }
  }

  /// Returns the result of the last get of a packet, as bytes or as a value. It is
  /// ``GodotError/ok`` before the first get. Godot: `get_packet_error`.
  /// (`sps_packet_peer_get_packet_error`)
  public final func getPacketError() -> GodotError {
    var error: Int32 = 0
    lastCode = unsafe sps_packet_peer_get_packet_error(handle, &error)
    return GodotError(code: lastCode == 0 ? error : lastCode)
  }

  // MARK: Put

  /// Puts a packet. Its length and its bytes are one write. Godot: `put_packet`.
  /// (`sps_packet_peer_put_packet`)
  ///
  /// - Parameter packet: as in Godot, an empty packet returns ``GodotError/ok`` and puts nothing.
  /// - Returns: the codes of ``StreamPeer/putData(_:)-(UnsafeRawBufferPointer)``, or:
  ///   - ``GodotError/errInvalidParameter``: the packet exceeds the limit.
  ///   - ``GodotError/errUnconfigured``: no stream is set.
  public final func putPacket(_ packet: UnsafeRawBufferPointer) -> GodotError {
    unsafe note(sps_packet_peer_put_packet(handle, packet.baseAddress, packet.count))
  }

  /// Puts a packet: an array, a slice, `Data`, `String.utf8` and so on. Godot: `put_packet`.
  /// (`sps_packet_peer_put_packet`)
  ///
  /// See ``putPacket(_:)-(UnsafeRawBufferPointer)``.
  @inlinable
  public final func putPacket(_ packet: some Collection<UInt8>) -> GodotError {
    unsafe packet.withContiguousStorageIfAvailable { unsafe putPacket(UnsafeRawBufferPointer($0)) }
      ?? Array(packet).withUnsafeBytes { unsafe putPacket($0) }
  }

  // MARK: Limits

  /// The largest value that ``putVar(_:fullObjects:)`` accepts, in bytes. The default is 8,388,608.
  /// As in Godot, a size is rounded up to a power of two. An invalid size changes nothing: see
  /// ``setEncodeBufferMaxSize(_:)``. Godot: `encode_buffer_max_size`.
  /// (`sps_packet_peer_get_encode_buffer_max_size`)
  public final var encodeBufferMaxSize: Int {
    get { unsafe size(sps_packet_peer_get_encode_buffer_max_size) }
    set { setEncodeBufferMaxSize(newValue) }
  }

  /// Sets ``encodeBufferMaxSize``. (`sps_packet_peer_set_encode_buffer_max_size`)
  ///
  /// - Parameter bytes: 1,024 to 268,435,456 (256 MiB).
  /// - Returns: ``GodotError/ok``, or ``GodotError/errInvalidParameter``: the size is out of range,
  ///   and nothing changes.
  @discardableResult
  public final func setEncodeBufferMaxSize(_ bytes: Int) -> GodotError {
    note(withCNumber(bytes) { unsafe sps_packet_peer_set_encode_buffer_max_size(handle, $0) })
  }

  // Returns a size from the C library.
  final func size(_ getter: (OpaquePointer?, UnsafeMutablePointer<UInt32>?) -> Int32) -> Int {
    var bytes: UInt32 = 0
    _ = unsafe getter(handle, &bytes)
    return Int(bytes)
  }
}
