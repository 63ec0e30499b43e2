// SPDX-License-Identifier: MIT
internal import CSocketCore

/// A memory stream: the caller can read again what it has put, anywhere in the buffer. Godot:
/// `StreamPeerBuffer`. (`buffer.h`)
///
/// A buffer has bytes and a position. Gets and puts start at the position and move it. A put
/// overwrites, and extends the buffer at its end.
///
/// It differs from other streams:
///
/// - A get that waits returns ``GodotError/errInvalidParameter`` if too few bytes are left, like
///   Godot's `get_data`. Then the position is at the end. ``StreamPeer/getData(_:)`` returns the
///   rest, and a typed get skips it.
/// - A get that never waits (`tryGet…`, `peek`) returns ``GodotError/errBusy`` then, and skips
///   nothing.
/// - The end does not close the buffer.
/// - A put beyond 2,147,483,647 bytes returns ``GodotError/errOutOfMemory``.
public final class StreamPeerBuffer: StreamPeer {
  /// Creates an empty buffer. Of the options, only `maxValueBytes` has an effect here.
  /// (`sps_buffer_create`)
  public override init(options: StreamOptions = StreamOptions()) {
    unsafe super.init(adopting: options.make(in: .machine, sps_buffer_create), in: .machine)
  }

  // A duplicate.
  package override init(
    adopting made: (code: Int32, handle: OpaquePointer?), in network: SocketNetwork
  ) {
    unsafe super.init(adopting: made, in: network)
  }

  /// A copy of all bytes. Setting it calls ``setDataArray(_:)``. Godot: `data_array`.
  /// (`sps_buffer_get_data_array`, `sps_buffer_set_data_array`)
  public var dataArray: [UInt8] {
    get {
      var data: UnsafePointer<UInt8>?
      var bytes = 0
      unsafe sps_buffer_get_data_array(handle, &data, &bytes)
      return unsafe Array(UnsafeBufferPointer(start: data, count: bytes))
    }
    set { setDataArray(newValue) }
  }

  /// Replaces the buffer with a copy of `data`, and sets the position to 0. `data` is an array, a
  /// slice, `Data`, `String.utf8` and so on. Godot: `set_data_array`. (`sps_buffer_set_data_array`)
  ///
  /// - Returns: ``GodotError/ok``, or ``GodotError/errOutOfMemory``, also for more than
  ///   2,147,483,647 bytes. Then nothing changes.
  @discardableResult
  public func setDataArray(_ data: some Collection<UInt8>) -> GodotError {
    let code =
      unsafe data.withContiguousStorageIfAvailable {
        unsafe sps_buffer_set_data_array(handle, $0.baseAddress, $0.count)
      }
      ?? Array(data).withUnsafeBytes {
        unsafe sps_buffer_set_data_array(handle, $0.baseAddress, $0.count)
      }
    return note(code)
  }

  /// Shows all bytes without a copy. Not in Godot. (`sps_buffer_get_data_array`)
  ///
  /// - Parameter body: called once. It must not keep the bytes. A call on this buffer from inside
  ///   `body` returns ``GodotError/errInvalidParameter``, and nothing changes.
  /// - Returns: the result of `body`.
  public func withDataArray<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var data: UnsafePointer<UInt8>?
    var bytes = 0
    lastCode = unsafe sps_buffer_get_data_array(handle, &data, &bytes)
    let shown = unsafe UnsafeRawBufferPointer(start: data, count: bytes)
    return try lend { () throws(Failure) in unsafe try body(shown) }
  }

  /// Moves the position. Godot: `seek`. (`sps_buffer_seek`)
  ///
  /// - Parameter position: in bytes from the beginning, 0 to the size.
  /// - Returns: ``GodotError/ok``, or an error, after which nothing moves:
  ///   - ``GodotError/errParameterRangeError``: the position is beyond the end.
  ///   - ``GodotError/errInvalidParameter``: the position is negative.
  @discardableResult
  public func seek(_ position: Int) -> GodotError {
    unsafe note(sps_buffer_seek(handle, position))
  }

  /// Returns the position, in bytes from the beginning. It can be beyond the end after
  /// ``resize(_:)``. Godot: `get_position`. (`sps_buffer_get_position`)
  public func getPosition() -> Int {
    var position = 0
    lastCode = unsafe sps_buffer_get_position(handle, &position)
    return position
  }

  /// Returns the size of the buffer in bytes. Godot: `get_size`. (`sps_buffer_get_size`)
  public func getSize() -> Int {
    var bytes = 0
    lastCode = unsafe sps_buffer_get_size(handle, &bytes)
    return bytes
  }

  /// Extends the buffer with zeros, or shortens it. The position stays, even beyond the end. There
  /// a get finds nothing, and a put fills the gap with zeros. The buffer keeps its memory for later
  /// puts. Godot: `resize`. (`sps_buffer_resize`)
  ///
  /// - Returns: ``GodotError/ok``, or an error, after which nothing changes:
  ///   - ``GodotError/errInvalidParameter``: `size` is negative.
  ///   - ``GodotError/errOutOfMemory``: also above 2,147,483,647 bytes.
  @discardableResult
  public func resize(_ size: Int) -> GodotError {
    unsafe note(sps_buffer_resize(handle, size))
  }

  /// Drops all bytes, frees their memory, and sets the position to 0. Godot: `clear`.
  /// (`sps_buffer_clear`)
  @discardableResult
  public func clear() -> GodotError {
    unsafe note(sps_buffer_clear(handle))
  }

  /// Creates a second buffer with a copy of the bytes and the same options. As in Godot, its
  /// position is 0 and its byte order the default. Godot: `duplicate`. (`sps_buffer_duplicate`)
  ///
  /// - Returns: the copy. If there is no memory for it, ``StreamPeer/lastError`` of both is
  ///   ``GodotError/errOutOfMemory``.
  public func duplicate() -> StreamPeerBuffer {
    var copy: OpaquePointer?
    lastCode = unsafe sps_buffer_duplicate(handle, &copy)
    return unsafe StreamPeerBuffer(adopting: (lastCode, copy), in: network)
  }
}
