// SPDX-License-Identifier: MIT
internal import CSocketCore

// Connects the C library to a subclass of StreamPeer: the user_data of a custom stream. The C
// stream owns it, so it exists as long as the library may call an operation. The peer detaches
// itself before it destroys the C stream. After that no operation reaches an object whose deinit
// has run, and the C stream gets FAILED.
final class CustomOperations {
  unowned(unsafe) var peer: StreamPeer?
  // The library called an operation that no subclass overrides.
  private var isMissing = false

  // Returns Godot's code for such an operation.
  func notImplemented() -> GodotError {
    isMissing = true
    return .failed
  }

  // Returns the code that the C stream gets for the result of an operation.
  fileprivate func code(of error: GodotError, moved: Int) -> Int32 {
    defer { isMissing = false }
    let isNotThere = isMissing && error == .failed && moved == 0
    return isNotThere ? Int32(SPS_CUSTOM_NOT_IMPLEMENTED) : error.rawValue
  }

  func makeStream(options: StreamOptions) -> (code: Int32, handle: OpaquePointer?) {
    var operations = sps_custom_operations()
    operations.struct_size = UInt32(MemoryLayout<sps_custom_operations>.size)
    unsafe operations.get_partial_data = {
      unsafe get($0, $1, $2, $3) { unsafe $0._getPartialData(into: $1) }
    }
    unsafe operations.put_partial_data = {
      unsafe put($0, $1, $2, $3) { unsafe $0._putPartialData($1) }
    }
    unsafe operations.get_data = { unsafe get($0, $1, $2, $3) { unsafe $0._getData(into: $1) } }
    unsafe operations.put_data = { unsafe put($0, $1, $2, $3) { unsafe $0._putData($1) } }
    unsafe operations.get_available_bytes = { unsafe available($0, $1) }
    unsafe operations.destroy = { unsafe Unmanaged<CustomOperations>.fromOpaque($0!).release() }

    let owned = unsafe Unmanaged.passRetained(self)
    let made = unsafe options.make(in: .machine) {
      unsafe sps_custom_create(&operations, owned.toOpaque(), $0, $1)
    }
    if unsafe made.handle == nil { unsafe owned.release() }
    return unsafe made
  }
}

private func operations(of userData: UnsafeMutableRawPointer?) -> CustomOperations {
  unsafe Unmanaged<CustomOperations>.fromOpaque(userData!).takeUnretainedValue()
}

private func get(
  _ userData: UnsafeMutableRawPointer?, _ buffer: UnsafeMutablePointer<UInt8>?, _ bytes: Int,
  _ outReceived: UnsafeMutablePointer<Int>?,
  _ operation: (StreamPeer, UnsafeMutableRawBufferPointer) -> (error: GodotError, received: Int)
) -> Int32 {
  let operations = unsafe operations(of: userData)
  guard let peer = unsafe operations.peer else { return GodotError.failed.rawValue }
  let buffer = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: bytes)
  let result = peer.lend { unsafe operation(peer, buffer) }
  unsafe outReceived?.pointee = max(0, result.received)
  return operations.code(of: result.error, moved: result.received)
}

private func put(
  _ userData: UnsafeMutableRawPointer?, _ data: UnsafePointer<UInt8>?, _ bytes: Int,
  _ outSent: UnsafeMutablePointer<Int>?,
  _ operation: (StreamPeer, UnsafeRawBufferPointer) -> (error: GodotError, sent: Int)
) -> Int32 {
  let operations = unsafe operations(of: userData)
  guard let peer = unsafe operations.peer else { return GodotError.failed.rawValue }
  let data = unsafe UnsafeRawBufferPointer(start: data, count: bytes)
  let result = peer.lend { unsafe operation(peer, data) }
  unsafe outSent?.pointee = max(0, result.sent)
  return operations.code(of: result.error, moved: result.sent)
}

private func available(
  _ userData: UnsafeMutableRawPointer?, _ outBytes: UnsafeMutablePointer<Int>?
) -> Int32 {
  let peer = unsafe operations(of: userData).peer
  let bytes = peer?.lend { peer?._getAvailableBytes() ?? -1 } ?? -1
  unsafe outBytes?.pointee = max(0, bytes)
  return bytes < 0 ? GodotError.errUnavailable.rawValue : GodotError.ok.rawValue
}
