// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Packets over a stream of any kind. Godot: `PacketPeerStream`. (`sps_packet_stream_create`)
///
/// A packet is its length as u32, little-endian whatever the stream's byte order is, and its bytes: what
/// Godot writes and reads. Until a packet is taken its bytes stay in the stream, so raw gets may be
/// mixed with packets.
public final class PacketPeerStream: PacketPeer {
  /// The stream, which is kept alive for as long as it is set. Godot: `stream_peer`.
  /// (`sps_packet_peer_set_stream`)
  public var streamPeer: StreamPeer? {
    // Before the stream that is set now may go away.
    willSet { sps_packet_peer_set_stream(ownHandle, newValue?.ownHandle) }
  }

  /// Makes a packet peer over a stream, which may also be set later. (`sps_packet_stream_create`)
  public init(_ streamPeer: StreamPeer? = nil) {
    var handle: OpaquePointer?
    let code = sps_packet_stream_create(nil, &handle)
    self.streamPeer = streamPeer
    super.init(adopting: (code, handle))
    sps_packet_peer_set_stream(handle, streamPeer?.ownHandle)
  }

  override var stream: StreamPeer? { streamPeer }

  /// The largest packet that is taken, in bytes; 65,532 unless set. What is set is rounded up to a
  /// power of two less 4, as in Godot, so that two sides with the same setting understand each
  /// other; a number that is none changes nothing, see ``setInputBufferMaxSize(_:)``.
  /// Godot: `input_buffer_max_size`. (`sps_packet_peer_get_input_buffer_max_size`)
  ///
  /// It is also how far ``PacketPeer/getAvailablePacketCount()`` reads ahead. Memory grows as bytes
  /// arrive, whatever a length claims.
  public var inputBufferMaxSize: Int {
    get { size(sps_packet_peer_get_input_buffer_max_size) }
    set { setInputBufferMaxSize(newValue) }
  }

  /// Sets ``inputBufferMaxSize``. (`sps_packet_peer_set_input_buffer_max_size`)
  ///
  /// - Parameter bytes: 0 to 1,073,741,820.
  /// - Returns: ``GodotError/ok``; ``GodotError/errInvalidParameter`` otherwise, and nothing changes.
  @discardableResult
  public func setInputBufferMaxSize(_ bytes: Int) -> GodotError {
    note(withCNumber(bytes) { sps_packet_peer_set_input_buffer_max_size(handle, $0) })
  }

  /// The largest packet that can be put, in the same way. Godot: `output_buffer_max_size`.
  /// (`sps_packet_peer_get_output_buffer_max_size`)
  public var outputBufferMaxSize: Int {
    get { size(sps_packet_peer_get_output_buffer_max_size) }
    set { setOutputBufferMaxSize(newValue) }
  }

  /// Sets ``outputBufferMaxSize``. (`sps_packet_peer_set_output_buffer_max_size`)
  ///
  /// - Returns: as ``setInputBufferMaxSize(_:)``.
  @discardableResult
  public func setOutputBufferMaxSize(_ bytes: Int) -> GodotError {
    note(withCNumber(bytes) { sps_packet_peer_set_output_buffer_max_size(handle, $0) })
  }
}
