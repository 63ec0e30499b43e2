// SPDX-License-Identifier: MIT
internal import CSocketCore

/// What Godot's `StreamPeerExtension` is, by its name: the class to subclass for a stream of one's own.
public typealias StreamPeerExtension = StreamPeer

/// Any byte stream: raw bytes, typed values, strings. Godot: `StreamPeer`. (`sps_stream`)
///
/// ``StreamPeerTCP`` and ``StreamPeerUDS`` are streams over a socket, and ``StreamPeerBuffer`` is one in
/// memory. A subclass of this class (or of ``StreamPeerExtension``, which is the same) is
/// a stream over whatever it likes, and is what `StreamPeerExtension` is in Godot: override
/// `_getPartialData(into:)`, `_putPartialData(_:)` and `_getAvailableBytes()`, and every typed
/// value, string and limit works on it. <doc:CustomStreams> has their contract.
///
/// As in Godot, a get answers with its value, which is 0 or empty when it failed; ``lastError``
/// tells which. On a stream that is not connected every get and put fails with
/// ``GodotError/failed``. One thread at a time uses a stream; different streams never interfere.
///
/// When the object goes away the stream is closed, on whichever thread that happens; one that is in
/// a ``SocketPoller`` is closed by the poller's next wait. What a socket still has in its write
/// buffer is offered to the OS once. A subclass' operations are not called any more by then: it
/// calls ``flush()`` before, in its own `deinit` at the latest.
open class StreamPeer {
  // The stream, which this object owns: it is made outside or in init, and ended in deinit, or by
  // the poller that it is in. nil when it could not be made.
  final let ownHandle: OpaquePointer?
  // What calls use: nil also while the stream's memory is lent. The C library answers
  // ERR_INVALID_PARAMETER then.
  final var handle: OpaquePointer?
  // Where it lives, which must not go before it.
  final let network: SocketNetwork
  // What the C library calls when this is a custom stream.
  private final let operations: CustomOperations?
  // The C library's last answer. An integer, so that to note it is one store.
  final var lastCode: Int32
  // In the poller that it is in, if any.
  final var membership: PollerMembership?

  /// What the last call on this stream came to; ``GodotError/ok`` after a success. Not in Godot.
  ///
  /// Every method sets it but ``StreamPeerSocket/getStatus()``; properties leave it alone.
  public final var lastError: GodotError { GodotError(code: lastCode) }

  /// Makes a stream whose bytes come from the subclass. (`sps_custom_create`)
  ///
  /// It is connected from the start, until one of its operations answers ``GodotError/errFileEof``.
  /// Unless `options` set a read buffer, it asks the subclass for no more bytes than each call
  /// needs.
  public init(options: StreamOptions = StreamOptions()) {
    let operations = CustomOperations()
    (lastCode, ownHandle) = operations.makeStream(options: options)
    handle = ownHandle
    self.operations = operations
    network = .machine
    operations.peer = self
  }

  // Takes over a stream of the C library's own, or what became of making it.
  init(adopting made: (code: Int32, handle: OpaquePointer?), in network: SocketNetwork) {
    (lastCode, ownHandle) = made
    handle = ownHandle
    self.network = network
    operations = nil
  }

  deinit {
    operations?.peer = nil
    Orphan(handle: ownHandle, destroy: { sps_stream_destroy($0) }, network: network)
      .end(in: membership)
  }

  // Notes a call's answer.
  @inline(__always)
  final func note(_ code: Int32) -> GodotError {
    lastCode = code
    return GodotError(code: code)
  }

  // MARK: What a subclass overrides

  /// Reads what is there now into `buffer`, and never waits. Godot: `_get_partial_data`.
  /// (`sps_custom_operations.get_partial_data`)
  ///
  /// An operation is called from inside calls on this stream only. Calls on the stream from inside
  /// an operation are ``GodotError/errInvalidParameter``. The default answers
  /// ``GodotError/failed``: this stream cannot be read.
  ///
  /// - Returns: ``GodotError/ok`` and how many bytes it has put at the front of `buffer`, 0 when
  ///   there are none now; ``GodotError/errFileEof`` when none will ever come, which ends the
  ///   stream. Any other error reaches the caller unchanged, and the stream goes on. Bytes that
  ///   came before an error count.
  open func _getPartialData(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (error: GodotError, received: Int) {
    notImplemented
  }

  /// Fills `buffer`, and waits for the bytes. Godot: `_get_data`.
  /// (`sps_custom_operations.get_data`)
  ///
  /// By default this stream does not wait. A get that finds too few bytes then answers
  /// ``GodotError/errBusy``, and a typed value or a string may be read again when the rest is
  /// there.
  ///
  /// - Returns: ``GodotError/ok``; after fewer bytes than `buffer` holds it is called again for the
  ///   rest; ``GodotError/errBusy`` when no more come now; else as ``_getPartialData(into:)``.
  open func _getData(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (error: GodotError, received: Int) {
    notImplemented
  }

  /// Writes what of `data` goes now, and never waits. Godot: `_put_partial_data`.
  /// (`sps_custom_operations.put_partial_data`)
  ///
  /// The default answers ``GodotError/failed``: this stream cannot be written.
  ///
  /// - Returns: ``GodotError/ok`` and how many bytes it has taken, 0 when none go now. Any other
  ///   error reaches the caller unchanged, and the stream goes on.
  open func _putPartialData(_ data: UnsafeRawBufferPointer) -> (error: GodotError, sent: Int) {
    notImplemented
  }

  /// Writes all of `data`, and waits until it is done. Godot: `_put_data`.
  /// (`sps_custom_operations.put_data`)
  ///
  /// By default this stream does not wait. A put then calls ``_putPartialData(_:)`` until all is
  /// written, and answers ``GodotError/errBusy`` when it takes nothing. A typed value, string or
  /// Variant that has begun by then is ``GodotError/ok``: its rest waits (``pendingWriteBytes``),
  /// and leaves before the next put, at ``flush()``, or before a get waits.
  ///
  /// - Returns: ``GodotError/ok``; after fewer bytes than `data` has it is called again for the
  ///   rest; else as ``_putPartialData(_:)``.
  open func _putData(_ data: UnsafeRawBufferPointer) -> (error: GodotError, sent: Int) {
    notImplemented
  }

  /// Tells how many bytes a get would give now. Godot: `_get_available_bytes`.
  /// (`sps_custom_operations.get_available_bytes`)
  ///
  /// - Returns: the count; 0 by default, and negative if the stream cannot tell.
  open func _getAvailableBytes() -> Int { 0 }

  private var notImplemented: (GodotError, Int) { (operations?.notImplemented() ?? .failed, 0) }
}
