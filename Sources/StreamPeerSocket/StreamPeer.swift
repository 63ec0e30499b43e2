// SPDX-License-Identifier: MIT
internal import CSocketCore

/// The base class for your own stream. It is ``StreamPeer`` under the name that Godot uses.
public typealias StreamPeerExtension = StreamPeer

/// A byte stream of any kind: raw bytes, typed values, strings. Godot: `StreamPeer`. (`sps_stream`)
///
/// ``StreamPeerTCP`` and ``StreamPeerUDS`` are streams over a socket. ``StreamPeerBuffer`` is one
/// in memory. Your own subclass is a custom stream, like a `StreamPeerExtension` in Godot. It
/// overrides `_getPartialData(into:)`, `_putPartialData(_:)` and `_getAvailableBytes()`. Every
/// typed value, string and limit works on it. <doc:CustomStreams> has the contract of these
/// methods.
///
/// As in Godot, a get returns its value, which is 0 or empty on failure. ``lastError`` tells the
/// two apart. On a stream that is not connected, every get and put fails with
/// ``GodotError/failed``. One thread at a time uses a stream. Different streams never interfere.
///
/// The stream closes when the object is destroyed, on any thread. If the stream is in a
/// ``SocketPoller``, the next wait of the poller closes it. Closing a socket offers its write
/// buffer to the OS once. The library no longer calls the operations of a subclass by then. So a
/// subclass calls ``flush()`` earlier, at the latest in its own `deinit`.
@safe open class StreamPeer {
  // The stream, which this object owns. It is nil if it could not be created. deinit destroys it,
  // or the poller that it is in.
  final let ownHandle: OpaquePointer?
  // The handle that calls use. It is also nil while the stream's memory is lent. The C library then
  // returns ERR_INVALID_PARAMETER.
  package final var handle: OpaquePointer?
  // The network of the stream. It must outlive the stream.
  final let network: SocketNetwork
  // The callbacks of a custom stream.
  private final let operations: CustomOperations?
  // The C library's last result. It is an integer, so recording it is one store.
  final var lastCode: Int32
  /// The stream below a filter. It outlives the C stream of this one.
  package final var base: StreamPeer?
  // The stream below all filters.
  final var lowest: StreamPeer { base?.lowest ?? self }
  // The membership in a poller, if any.
  final var membership: PollerMembership?

  /// The result of the last call on this stream: ``GodotError/ok`` after a success. Not in Godot.
  ///
  /// Every method sets it, except ``StreamPeerSocket/getStatus()``. Properties do not change it.
  public final var lastError: GodotError { GodotError(code: lastCode) }

  /// Creates a stream whose bytes come from the subclass. (`sps_custom_create`)
  ///
  /// It is connected from the start, until one of its operations returns ``GodotError/errFileEof``.
  /// Without a read buffer in `options`, each call asks the subclass only for the bytes that it
  /// needs.
  public init(options: StreamOptions = StreamOptions()) {
    let operations = CustomOperations()
    unsafe (lastCode, ownHandle) = unsafe operations.makeStream(options: options)
    unsafe handle = ownHandle
    self.operations = operations
    network = .machine
    unsafe operations.peer = self
  }

  /// Adopts a stream of the C library, or the error of creating it.
  package init(adopting made: (code: Int32, handle: OpaquePointer?), in network: SocketNetwork) {
    unsafe (lastCode, ownHandle) = unsafe made
    unsafe handle = ownHandle
    self.network = network
    operations = nil
  }

  deinit {
    unsafe operations?.peer = nil
    unsafe Orphan(
      handle: ownHandle, destroy: { unsafe sps_stream_destroy($0) }, network: network, kept: base
    ).end(in: membership)
  }

  /// Records the result of a call.
  @inline(__always)
  package final func note(_ code: Int32) -> GodotError {
    lastCode = code
    return GodotError(code: code)
  }

  // MARK: Methods to override

  /// Reads into `buffer` the bytes that are there now, and never waits. Godot: `_get_partial_data`.
  /// (`sps_custom_operations.get_partial_data`)
  ///
  /// The library calls an operation only from inside calls on this stream. A call on the stream
  /// from inside an operation returns ``GodotError/errInvalidParameter``. The default
  /// implementation returns ``GodotError/failed``: this stream cannot be read.
  ///
  /// - Returns: ``GodotError/ok`` and the number of bytes at the front of `buffer`, 0 if none are
  ///   there now. ``GodotError/errFileEof`` means that no byte will ever come, and ends the stream.
  ///   Any other error reaches the caller unchanged, and the stream goes on. Bytes that came before
  ///   an error count.
  open func _getPartialData(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (error: GodotError, received: Int) {
    notImplemented
  }

  /// Fills `buffer`, and waits for the bytes. Godot: `_get_data`.
  /// (`sps_custom_operations.get_data`)
  ///
  /// By default this stream does not wait. A get that finds too few bytes then returns
  /// ``GodotError/errBusy``. The caller can repeat the get of a typed value or a string later.
  ///
  /// - Returns: ``GodotError/ok`` and the number of bytes at the front of `buffer`. After a short
  ///   read the library calls again for the rest. ``GodotError/errBusy`` means that no more bytes
  ///   come now. Other errors are those of ``_getPartialData(into:)``.
  open func _getData(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (error: GodotError, received: Int) {
    notImplemented
  }

  /// Writes the bytes of `data` that can be written now, and never waits. Godot:
  /// `_put_partial_data`. (`sps_custom_operations.put_partial_data`)
  ///
  /// The default implementation returns ``GodotError/failed``: this stream cannot be written.
  ///
  /// - Returns: ``GodotError/ok`` and the number of bytes taken, 0 if none can be taken now. Any
  ///   other error reaches the caller unchanged, and the stream goes on.
  open func _putPartialData(_ data: UnsafeRawBufferPointer) -> (error: GodotError, sent: Int) {
    notImplemented
  }

  /// Writes all of `data`, and waits until it is done. Godot: `_put_data`.
  /// (`sps_custom_operations.put_data`)
  ///
  /// By default this stream does not wait. A put then calls ``_putPartialData(_:)`` until all bytes
  /// are written, and returns ``GodotError/errBusy`` if it takes none. A typed value, string or
  /// Variant that is written in part by then returns ``GodotError/ok``. Its rest is pending
  /// (``pendingWriteBytes``). The rest is written before the next put, at ``flush()``, or before a
  /// get waits.
  ///
  /// - Returns: ``GodotError/ok`` and the number of bytes taken. After a short write the library
  ///   calls again for the rest. Other errors are those of ``_putPartialData(_:)``.
  open func _putData(_ data: UnsafeRawBufferPointer) -> (error: GodotError, sent: Int) {
    notImplemented
  }

  /// Counts the bytes that a get would return now. Godot: `_get_available_bytes`.
  /// (`sps_custom_operations.get_available_bytes`)
  ///
  /// - Returns: the count. It is 0 by default, and negative if the stream does not know.
  open func _getAvailableBytes() -> Int { 0 }

  private var notImplemented: (GodotError, Int) { (operations?.notImplemented() ?? .failed, 0) }
}
