// SPDX-License-Identifier: MIT
import StreamPeerSocket
import SwiftTestSupport
import Testing

/// Swift has every method and property of Godot's classes. A list pairs each name with its Swift
/// counterpart. The test compares it with Godot 4.6's own list.
@Suite("API coverage", .watchdog)
struct APICoverageTests {
  @Test(arguments: [
    "StreamPeer", "StreamPeerSocket", "StreamPeerTCP", "StreamPeerUDS", "StreamPeerBuffer",
    "StreamPeerExtension", "SocketServer", "TCPServer", "UDSServer", "IP", "PacketPeer",
    "PacketPeerStream",
  ])
  func everyNameOfGodotIsThere(_ className: String) throws {
    let godot = try #require(try GodotAPI.read().classes[className])
    let godotNames = Set((godot.methods + godot.properties).map(\.name))
    let swiftNames = try #require(Self.swift[className]).keys
    #expect(godotNames.subtracting(swiftNames).isEmpty)
    #expect(Set(swiftNames).subtracting(godotNames).isEmpty)  // no name is invented
  }

  @Test func everyClassInheritsAsInGodot() throws {
    let classes = try GodotAPI.read().classes
    let swift: [(name: String, own: AnyClass, parent: AnyClass?)] = [
      ("StreamPeer", StreamPeer.self, nil),
      ("StreamPeerSocket", StreamPeerSocket.self, StreamPeer.self),
      ("StreamPeerTCP", StreamPeerTCP.self, StreamPeerSocket.self),
      ("StreamPeerUDS", StreamPeerUDS.self, StreamPeerSocket.self),
      ("StreamPeerBuffer", StreamPeerBuffer.self, StreamPeer.self),
      ("SocketServer", SocketServer.self, nil),
      ("TCPServer", TCPServer.self, SocketServer.self),
      ("UDSServer", UDSServer.self, SocketServer.self),
      ("IP", IP.self, nil),
      ("PacketPeer", PacketPeer.self, nil),
      ("PacketPeerStream", PacketPeerStream.self, PacketPeer.self),
    ]
    for row in swift {
      #expect("\(row.own)" == row.name)
      let root = row.name == "IP" ? "Object" : "RefCounted"
      #expect(row.parent.map { "\($0)" } ?? root == classes[row.name]?.inherits)
      #expect(_getSuperclass(row.own) == row.parent)
    }
  }

  // Arguments with defaults in Godot may be left out.
  private static var swift: [String: [String: Any]] {
    [
      "StreamPeer": [
        "big_endian": \StreamPeer.bigEndian as ReferenceWritableKeyPath<StreamPeer, Bool>,
        "get_8": StreamPeer.get8 as Get<Int8>,
        "get_16": StreamPeer.get16 as Get<Int16>,
        "get_32": StreamPeer.get32 as Get<Int32>,
        "get_64": StreamPeer.get64 as Get<Int64>,
        "get_u8": StreamPeer.getU8 as Get<UInt8>,
        "get_u16": StreamPeer.getU16 as Get<UInt16>,
        "get_u32": StreamPeer.getU32 as Get<UInt32>,
        "get_u64": StreamPeer.getU64 as Get<UInt64>,
        "get_half": StreamPeer.getHalf as Get<Float>,
        "get_float": StreamPeer.getFloat as Get<Float>,
        "get_double": StreamPeer.getDouble as Get<Double>,
        "get_available_bytes": StreamPeer.getAvailableBytes as Get<Int>,
        "get_string": { (peer: StreamPeer) -> String in peer.getString() },
        "get_utf8_string": { (peer: StreamPeer) -> String in peer.getUtf8String() },
        "get_var": { (peer: StreamPeer) -> Variant? in peer.getVar() },
        "get_data": { (peer: StreamPeer, bytes: Int) -> (GodotError, [UInt8]) in
          peer.getData(bytes)
        },
        "get_partial_data": { (peer: StreamPeer, bytes: Int) -> (GodotError, [UInt8]) in
          peer.getPartialData(bytes)
        },
        "put_8": StreamPeer.put8 as Put<Int8>,
        "put_16": StreamPeer.put16 as Put<Int16>,
        "put_32": StreamPeer.put32 as Put<Int32>,
        "put_64": StreamPeer.put64 as Put<Int64>,
        "put_u8": StreamPeer.putU8 as Put<UInt8>,
        "put_u16": StreamPeer.putU16 as Put<UInt16>,
        "put_u32": StreamPeer.putU32 as Put<UInt32>,
        "put_u64": StreamPeer.putU64 as Put<UInt64>,
        "put_half": StreamPeer.putHalf as Put<Float>,
        "put_float": StreamPeer.putFloat as Put<Float>,
        "put_double": StreamPeer.putDouble as Put<Double>,
        "put_string": StreamPeer.putString as Put<String>,
        "put_utf8_string": StreamPeer.putUtf8String as Put<String>,
        "put_var": { (peer: StreamPeer, value: Variant) -> GodotError in peer.putVar(value) },
        "put_data": { (peer: StreamPeer, data: [UInt8]) -> GodotError in peer.putData(data) },
        "put_partial_data": { (peer: StreamPeer, data: [UInt8]) -> (GodotError, Int) in
          peer.putPartialData(data)
        },
      ],
      "StreamPeerSocket": [
        "poll": StreamPeerSocket.poll,
        "get_status": { (peer: StreamPeerSocket) -> StreamPeerSocket.Status in peer.getStatus() },
        "disconnect_from_host": StreamPeerSocket.disconnectFromHost,
      ],
      "StreamPeerTCP": [
        "bind": { (peer: StreamPeerTCP) -> GodotError in peer.bind(0) },
        "connect_to_host": StreamPeerTCP.connectToHost(_:port:),
        "get_connected_host": StreamPeerTCP.getConnectedHost,
        "get_connected_port": StreamPeerTCP.getConnectedPort,
        "get_local_port": StreamPeerTCP.getLocalPort,
        "set_no_delay": StreamPeerTCP.setNoDelay,
      ],
      "StreamPeerUDS": [
        "bind": StreamPeerUDS.bind,
        "connect_to_host": StreamPeerUDS.connectToHost,
        "get_connected_path": StreamPeerUDS.getConnectedPath,
      ],
      "StreamPeerBuffer": [
        "clear": StreamPeerBuffer.clear,
        "data_array": \StreamPeerBuffer.dataArray
          as ReferenceWritableKeyPath<StreamPeerBuffer, [UInt8]>,
        "duplicate": StreamPeerBuffer.duplicate as (StreamPeerBuffer) -> () -> StreamPeerBuffer,
        "get_position": StreamPeerBuffer.getPosition as (StreamPeerBuffer) -> () -> Int,
        "get_size": StreamPeerBuffer.getSize as (StreamPeerBuffer) -> () -> Int,
        "resize": StreamPeerBuffer.resize,
        "seek": StreamPeerBuffer.seek,
      ],
      // A subclass of StreamPeer is the counterpart of Godot's StreamPeerExtension.
      "StreamPeerExtension": [
        "_get_data": Extension._getData,
        "_get_partial_data": Extension._getPartialData,
        "_put_data": Extension._putData,
        "_put_partial_data": Extension._putPartialData,
        "_get_available_bytes": Extension._getAvailableBytes,
      ],
      "SocketServer": [
        "is_connection_available": SocketServer.isConnectionAvailable,
        "is_listening": SocketServer.isListening,
        "stop": SocketServer.stop,
        "take_socket_connection": { (server: SocketServer) -> StreamPeerSocket? in
          server.takeSocketConnection()
        },
      ],
      "TCPServer": [
        "get_local_port": TCPServer.getLocalPort,
        "listen": { (server: TCPServer) -> GodotError in server.listen(0) },
        "take_connection": { (server: TCPServer) -> StreamPeerTCP? in server.takeConnection() },
      ],
      "UDSServer": [
        "listen": UDSServer.listen(_:),
        "take_connection": { (server: UDSServer) -> StreamPeerUDS? in server.takeConnection() },
      ],
      "PacketPeer": [
        "encode_buffer_max_size":
          \PacketPeer.encodeBufferMaxSize as ReferenceWritableKeyPath<PacketPeer, Int>,
        "get_available_packet_count": PacketPeer.getAvailablePacketCount,
        "get_packet": { (peer: PacketPeer) -> [UInt8] in peer.getPacket() },
        "get_packet_error": { (peer: PacketPeer) -> GodotError in peer.getPacketError() },
        "get_var": { (peer: PacketPeer) -> Variant? in peer.getVar() },
        "put_packet": { (peer: PacketPeer, packet: [UInt8]) -> GodotError in
          peer.putPacket(packet)
        },
        "put_var": { (peer: PacketPeer, value: Variant) -> GodotError in peer.putVar(value) },
      ],
      "PacketPeerStream": [
        "input_buffer_max_size":
          \PacketPeerStream.inputBufferMaxSize as ReferenceWritableKeyPath<PacketPeerStream, Int>,
        "output_buffer_max_size":
          \PacketPeerStream.outputBufferMaxSize as ReferenceWritableKeyPath<PacketPeerStream, Int>,
        "stream_peer":
          \PacketPeerStream.streamPeer as ReferenceWritableKeyPath<PacketPeerStream, StreamPeer?>,
      ],
      "IP": [
        "clear_cache": { (ip: IP) -> GodotError in ip.clearCache() },
        "erase_resolve_item": IP.eraseResolveItem,
        "get_local_addresses": IP.getLocalAddresses,
        "get_local_interfaces": IP.getLocalInterfaces,
        "get_resolve_item_address": IP.getResolveItemAddress,
        "get_resolve_item_addresses": IP.getResolveItemAddresses,
        "get_resolve_item_status": IP.getResolveItemStatus,
        "resolve_hostname": { (ip: IP) -> String in ip.resolveHostname("") },
        "resolve_hostname_addresses": { (ip: IP) -> [String] in ip.resolveHostnameAddresses("") },
        "resolve_hostname_queue_item": { (ip: IP) -> Int in ip.resolveHostnameQueueItem("") },
      ],
    ]
  }

  private typealias Get<Value> = (StreamPeer) -> () -> Value
  private typealias Put<Value> = (StreamPeer) -> (Value) -> GodotError
}

/// Overrides every method of Godot's StreamPeerExtension.
private final class Extension: StreamPeerExtension {
  override func _getData(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (error: GodotError, received: Int) { (.ok, buffer.count) }

  override func _getPartialData(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (error: GodotError, received: Int) { (.ok, buffer.count) }

  override func _putData(_ data: UnsafeRawBufferPointer) -> (error: GodotError, sent: Int) {
    (.ok, data.count)
  }

  override func _putPartialData(_ data: UnsafeRawBufferPointer) -> (error: GodotError, sent: Int) {
    (.ok, data.count)
  }

  override func _getAvailableBytes() -> Int { 0 }
}
