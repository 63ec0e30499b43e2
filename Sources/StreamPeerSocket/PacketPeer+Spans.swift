// SPDX-License-Identifier: MIT
#if compiler(>=6.2)

  @available(macOS 10.14.4, iOS 12.2, watchOS 5.2, tvOS 12.2, visionOS 1.0, *)
  extension PacketPeer {
    /// Takes the next packet without a copy. Not in Godot. (`sps_packet_peer_get_packet`)
    ///
    /// See ``withPacket(_:)``. The compiler ensures that `body` does not keep the bytes.
    public final func withPacketSpan<Result, Failure: Error>(
      _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
      unsafe try withPacket { (packet) throws(Failure) in unsafe try body(packet.bytes) }
    }

    /// Puts a packet. Godot: `put_packet`. (`sps_packet_peer_put_packet`)
    ///
    /// See ``putPacket(_:)-(UnsafeRawBufferPointer)``.
    public final func putPacket(_ packet: RawSpan) -> GodotError {
      unsafe packet.withUnsafeBytes { unsafe putPacket($0) }
    }

    /// Puts a packet. Godot: `put_packet`. (`sps_packet_peer_put_packet`)
    ///
    /// See ``putPacket(_:)-(UnsafeRawBufferPointer)``.
    public final func putPacket(_ packet: Span<UInt8>) -> GodotError {
      unsafe putPacket(packet.bytes)
    }
  }

#endif
