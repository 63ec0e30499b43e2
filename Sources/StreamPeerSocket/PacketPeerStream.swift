// SPDX-License-Identifier: MIT
internal import CSocketCore

/// Packets over a stream of any kind. Godot: `PacketPeerStream`. (`sps_packet_stream_create`)
///
/// On the wire a packet is its length as u32, then its bytes, as in Godot. The length is always
/// little-endian, whatever the stream's byte order. The bytes stay in the stream until the caller
/// takes a packet. So raw gets may alternate with packets.
public final class PacketPeerStream: PacketPeer {
  /// The stream. The packet peer keeps it alive while it is set. Godot: `stream_peer`.
  /// (`sps_packet_peer_set_stream`)
  public var streamPeer: StreamPeer? {
    // In willSet, because the previous stream may be destroyed after it.
    willSet { unsafe sps_packet_peer_set_stream(ownHandle, newValue?.ownHandle) }
  }

  /// Creates a packet peer over a stream, which the caller may also set later.
  /// (`sps_packet_stream_create`)
  public init(_ streamPeer: StreamPeer? = nil) {
    var handle: OpaquePointer?
    let code = unsafe sps_packet_stream_create(nil, &handle)
    self.streamPeer = streamPeer
    unsafe super.init(adopting: (code, handle))
    unsafe sps_packet_peer_set_stream(handle, streamPeer?.ownHandle)
  }

  override var stream: StreamPeer? { streamPeer }

  /// The largest packet that a get accepts, in bytes. The default is 65,532. An invalid size
  /// changes nothing: see ``setInputBufferMaxSize(_:)``. Godot: `input_buffer_max_size`.
  /// (`sps_packet_peer_get_input_buffer_max_size`)
  ///
  /// As in Godot, a size is rounded up to a power of two, minus 4. So two sides with the same
  /// setting accept the same packets. The size also limits how far
  /// ``PacketPeer/getAvailablePacketCount()`` reads ahead. Memory grows as bytes arrive, whatever a
  /// length claims.
  public var inputBufferMaxSize: Int {
    get { unsafe size(sps_packet_peer_get_input_buffer_max_size) }
    set { setInputBufferMaxSize(newValue) }
  }

  /// Sets ``inputBufferMaxSize``. (`sps_packet_peer_set_input_buffer_max_size`)
  ///
  /// - Parameter bytes: 0 to 1,073,741,820.
  /// - Returns: ``GodotError/ok``, or ``GodotError/errInvalidParameter``: the size is out of range,
  ///   and nothing changes.
  @discardableResult
  public func setInputBufferMaxSize(_ bytes: Int) -> GodotError {
    note(withCNumber(bytes) { unsafe sps_packet_peer_set_input_buffer_max_size(handle, $0) })
  }

  /// The largest packet that a put accepts, rounded like ``inputBufferMaxSize``. Godot:
  /// `output_buffer_max_size`. (`sps_packet_peer_get_output_buffer_max_size`)
  public var outputBufferMaxSize: Int {
    get { unsafe size(sps_packet_peer_get_output_buffer_max_size) }
    set { setOutputBufferMaxSize(newValue) }
  }

  /// Sets ``outputBufferMaxSize``. (`sps_packet_peer_set_output_buffer_max_size`)
  ///
  /// - Returns: the codes of ``setInputBufferMaxSize(_:)``.
  @discardableResult
  public func setOutputBufferMaxSize(_ bytes: Int) -> GodotError {
    note(withCNumber(bytes) { unsafe sps_packet_peer_set_output_buffer_max_size(handle, $0) })
  }
}
