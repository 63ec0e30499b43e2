// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A stream in memory: what is put can be read again, anywhere in it. Godot: `StreamPeerBuffer`.
/// (`buffer.h`)
///
/// A buffer has bytes and a position, where gets read and puts write, and which they move. A put
/// overwrites, and makes the buffer longer where it passes the end; it is done when it returns.
///
/// A get that waits and wants more than is left answers ``GodotError/errInvalidParameter``, as Godot's
/// `get_data` does, and the position is at the end then: ``StreamPeer/getData(_:)`` hands out what was
/// left, and what is too little for a value is skipped. One that never waits (`tryGet…`, `peek`)
/// answers ``GodotError/errBusy`` and skips nothing. Nothing of this closes the buffer. A put that would
/// make it larger than 2,147,483,647 bytes is ``GodotError/errOutOfMemory``.
public final class StreamPeerBuffer: StreamPeer {
  /// Makes an empty buffer. Of the options, `maxValueBytes` means something here.
  /// (`sps_buffer_create`)
  public override init(options: StreamOptions = StreamOptions()) {
    super.init(adopting: options.make(in: .machine, sps_buffer_create), in: .machine)
  }

  // A duplicate.
  override init(adopting made: (code: Int32, handle: OpaquePointer?), in network: SocketNetwork) {
    super.init(adopting: made, in: network)
  }

  /// All bytes, copied. Setting them is ``setDataArray(_:)``. Godot: `data_array`.
  /// (`sps_buffer_get_data_array`, `sps_buffer_set_data_array`)
  public var dataArray: [UInt8] {
    get {
      var data: UnsafePointer<UInt8>?
      var bytes = 0
      sps_buffer_get_data_array(handle, &data, &bytes)
      return Array(UnsafeBufferPointer(start: data, count: bytes))
    }
    set { setDataArray(newValue) }
  }

  /// Makes the buffer a copy of `data`: an array, a slice, `Data`, `String.utf8` and so on; the position
  /// is 0. Godot: `set_data_array`. (`sps_buffer_set_data_array`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errOutOfMemory``, also for more than 2,147,483,647
  ///   bytes, and nothing changes.
  @discardableResult
  public func setDataArray(_ data: some Collection<UInt8>) -> GodotError {
    let code =
      data.withContiguousStorageIfAvailable {
        sps_buffer_set_data_array(handle, $0.baseAddress, $0.count)
      }
      ?? Array(data).withUnsafeBytes { sps_buffer_set_data_array(handle, $0.baseAddress, $0.count) }
    return note(code)
  }

  /// Shows all bytes without a copy. Not in Godot. (`sps_buffer_get_data_array`)
  ///
  /// - Parameter body: is called once. It must not keep the bytes. Calls on this buffer from inside
  ///   it are ``GodotError/errInvalidParameter``, and nothing changes.
  /// - Returns: what `body` returns.
  public func withDataArray<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var data: UnsafePointer<UInt8>?
    var bytes = 0
    lastCode = sps_buffer_get_data_array(handle, &data, &bytes)
    let shown = UnsafeRawBufferPointer(start: data, count: bytes)
    return try lend { () throws(Failure) in try body(shown) }
  }

  /// Moves the position. Godot: `seek`. (`sps_buffer_seek`)
  ///
  /// - Parameter position: in bytes from the beginning: 0 to the size.
  /// - Returns: ``GodotError/ok``; ``GodotError/errParameterRangeError`` behind the end,
  ///   ``GodotError/errInvalidParameter`` when it is negative (nothing moves).
  @discardableResult
  public func seek(_ position: Int) -> GodotError {
    note(sps_buffer_seek(handle, position))
  }

  /// The position, in bytes from the beginning; behind the end after ``resize(_:)`` to less.
  /// Godot: `get_position`. (`sps_buffer_get_position`)
  public func getPosition() -> Int {
    var position = 0
    lastCode = sps_buffer_get_position(handle, &position)
    return position
  }

  /// How many bytes the buffer has. Godot: `get_size`. (`sps_buffer_get_size`)
  public func getSize() -> Int {
    var bytes = 0
    lastCode = sps_buffer_get_size(handle, &bytes)
    return bytes
  }

  /// Makes the buffer longer, with zeros, or shorter. The position stays, even behind the end: then there
  /// is nothing to get, and a put fills what is between with zeros. The memory stays for what is put
  /// next. Godot: `resize`. (`sps_buffer_resize`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errInvalidParameter`` when `size` is negative,
  ///   ``GodotError/errOutOfMemory``, also above 2,147,483,647 bytes (nothing changes).
  @discardableResult
  public func resize(_ size: Int) -> GodotError {
    note(sps_buffer_resize(handle, size))
  }

  /// Drops all bytes, and gives their memory back; the position is 0. Godot: `clear`.
  /// (`sps_buffer_clear`)
  @discardableResult
  public func clear() -> GodotError {
    note(sps_buffer_clear(handle))
  }

  /// Makes another buffer with a copy of the bytes and the same options. Its position is 0, and its byte
  /// order the default, as in Godot. Godot: `duplicate`. (`sps_buffer_duplicate`)
  ///
  /// - Returns: the copy; its ``StreamPeer/lastError`` is ``GodotError/errOutOfMemory`` when it could
  ///   not be made, and so is this buffer's.
  public func duplicate() -> StreamPeerBuffer {
    var copy: OpaquePointer?
    lastCode = sps_buffer_duplicate(handle, &copy)
    return StreamPeerBuffer(adopting: (lastCode, copy), in: network)
  }
}
