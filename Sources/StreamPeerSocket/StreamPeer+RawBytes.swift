// SPDX-License-Identifier: MIT
internal import CSocketCore

// MARK: - Get

extension StreamPeer {
  /// Reads exactly `bytes` bytes, and waits for them. Godot: `get_data`. (`sps_stream_get_data`)
  ///
  /// Memory grows as bytes arrive, whatever `bytes` claims. A get of more than 65,536 bytes reads
  /// in pieces, and the I/O timeout applies to each piece.
  ///
  /// - Parameter bytes: 0 to 2,147,483,647, which is Godot's maximum.
  /// - Returns: the bytes that were read, also on failure, and ``GodotError/ok`` or:
  ///   - ``GodotError/errFileEof``: the peer finished first. The stream is closed.
  ///   - ``GodotError/errTimeout``: the time of ``StreamPeerSocket/setIOTimeout(milliseconds:)`` is
  ///     over. Bytes that are not in `data` stay readable.
  ///   - ``GodotError/failed``: the stream is not connected, or the connection broke.
  ///   - ``GodotError/errInvalidParameter``: `bytes` is out of range. Nothing changes.
  public final func getData(_ bytes: Int) -> (error: GodotError, data: [UInt8]) {
    guard isGodotLength(bytes) else { return (note(GodotError.errInvalidParameter.rawValue), []) }
    var data: [UInt8] = []
    var error = GodotError.ok
    repeat {
      // At most as many bytes as have arrived already.
      let most = min(bytes - data.count, max(data.count, firstPieceBytes))
      let piece = unsafe array(most) { unsafe getData(into: $0) }
      error = piece.error
      data = data.isEmpty ? piece.data : data + piece.data
    } while error == .ok && data.count < bytes
    return (error, data)
  }

  /// Reads the bytes that are there now, at most `bytes`, and never waits. Godot:
  /// `get_partial_data`. (`sps_stream_get_partial_data`)
  ///
  /// - Parameter bytes: 0 to 2,147,483,647, which is Godot's maximum.
  /// - Returns: the bytes, and ``GodotError/ok``, also if none are there now, or:
  ///   - ``GodotError/errFileEof``: the peer has finished and every byte was read. The stream is
  ///     closed.
  ///   - ``GodotError/failed``, ``GodotError/errInvalidParameter``: as for ``getData(_:)``.
  public final func getPartialData(_ bytes: Int) -> (error: GodotError, data: [UInt8]) {
    guard isGodotLength(bytes) else { return (note(GodotError.errInvalidParameter.rawValue), []) }
    let most =
      bytes <= firstPieceBytes ? bytes : min(bytes, max(getAvailableBytes(), firstPieceBytes))
    return unsafe array(most) { unsafe getPartialData(into: $0) }
  }

  /// Fills `buffer`, and waits for the bytes. Godot: `get_data`. (`sps_stream_get_data`)
  ///
  /// - Returns: the codes of ``getData(_:)``, and the number of bytes in `buffer`.
  public final func getData(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (error: GodotError, received: Int) {
    var received = 0
    let error = unsafe note(
      sps_stream_get_data(handle, buffer.baseAddress, buffer.count, &received))
    return (error, received)
  }

  /// Reads into `buffer` the bytes that are there now, and never waits. Godot: `get_partial_data`.
  /// (`sps_stream_get_partial_data`)
  ///
  /// - Returns: the codes of ``getPartialData(_:)``, and the number of bytes in `buffer`.
  public final func getPartialData(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (error: GodotError, received: Int) {
    var received = 0
    let error = unsafe note(
      sps_stream_get_partial_data(handle, buffer.baseAddress, buffer.count, &received))
    return (error, received)
  }

  /// Counts the bytes that a get would return now without waiting. No poll is needed first. Each
  /// call asks the OS. It returns −1 if the stream is not open. Godot: `get_available_bytes`.
  /// (`sps_stream_get_available_bytes`)
  public final func getAvailableBytes() -> Int {
    var bytes = 0
    return unsafe note(sps_stream_get_available_bytes(handle, &bytes)) == .ok ? bytes : -1
  }
}

// The size of a new array before more bytes have arrived.
private let firstPieceBytes = 64 * 1024

// Godot counts bytes in a 32-bit int.
private func isGodotLength(_ bytes: Int) -> Bool {
  0...Int(Int32.max) ~= bytes
}

// Returns an array of the bytes that `read` reads. It keeps its capacity if at least half is used.
private func array(
  _ bytes: Int, _ read: (UnsafeMutableRawBufferPointer) -> (error: GodotError, received: Int)
) -> (error: GodotError, data: [UInt8]) {
  if bytes == 0 {  // an array of no capacity would write into the one that all empty ones share
    return unsafe (read(UnsafeMutableRawBufferPointer(start: nil, count: 0)).error, [])
  }
  var error = GodotError.ok
  let data = unsafe [UInt8](unsafeUninitializedCapacity: bytes) { buffer, count in
    (error, count) = unsafe read(UnsafeMutableRawBufferPointer(buffer))
  }
  let fits = data.count >= bytes / 2
  return unsafe (error, fits ? data : data.withUnsafeBufferPointer { unsafe Array($0) })
}

// MARK: - Put

extension StreamPeer {
  /// Writes all of `data`. If it returns ``GodotError/ok``, the OS has every byte. It waits while
  /// the peer does not read. Godot: `put_data`. (`sps_stream_put_data`)
  ///
  /// While writes are batched (``setWriteBatching(_:)``) it never waits: the write buffer takes all
  /// bytes or none.
  ///
  /// - Returns: ``GodotError/ok``, or:
  ///   - ``GodotError/failed``: the stream is not connected, or the connection broke.
  ///   - ``GodotError/errTimeout``: the time of ``StreamPeerSocket/setIOTimeout(milliseconds:)`` is
  ///     over. A part may have been sent. ``putPartialData(_:)-(UnsafeRawBufferPointer)`` reports
  ///     how much.
  ///   - ``GodotError/errOutOfMemory``: nothing was sent. Batched: the write buffer could not grow.
  ///   - ``GodotError/errBusy``: batched only. The write buffer has no room now.
  ///   - ``GodotError/errParameterRangeError``: batched only. `data` exceeds the capacity of the
  ///     write buffer.
  public final func putData(_ data: UnsafeRawBufferPointer) -> GodotError {
    unsafe note(sps_stream_put_data(handle, data.baseAddress, data.count, nil))
  }

  /// Writes the bytes that the OS takes now, and never waits. If writes are batched, the write
  /// buffer takes them. Godot: `put_partial_data`. (`sps_stream_put_partial_data`)
  ///
  /// - Returns: the number of bytes taken, and ``GodotError/ok``, also if it is 0. Errors are those
  ///   of ``putData(_:)-(UnsafeRawBufferPointer)``.
  public final func putPartialData(
    _ data: UnsafeRawBufferPointer
  ) -> (error: GodotError, sent: Int) {
    var sent = 0
    let error = unsafe note(
      sps_stream_put_partial_data(handle, data.baseAddress, data.count, &sent))
    return (error, sent)
  }

  /// Writes all of `data`: an array, a slice, `Data`, `String.utf8` and so on. Godot: `put_data`.
  /// (`sps_stream_put_data`)
  ///
  /// See ``putData(_:)-(UnsafeRawBufferPointer)``.
  @inlinable
  public final func putData(_ data: some Collection<UInt8>) -> GodotError {
    unsafe data.withContiguousStorageIfAvailable { unsafe putData(UnsafeRawBufferPointer($0)) }
      ?? Array(data).withUnsafeBytes { unsafe putData($0) }
  }

  /// Writes the bytes that the OS takes now: of an array, a slice, `Data`, `String.utf8` and so on.
  /// Godot: `put_partial_data`. (`sps_stream_put_partial_data`)
  ///
  /// See ``putPartialData(_:)-(UnsafeRawBufferPointer)``.
  @inlinable
  public final func putPartialData(
    _ data: some Collection<UInt8>
  ) -> (error: GodotError, sent: Int) {
    unsafe data.withContiguousStorageIfAvailable {
      unsafe putPartialData(UnsafeRawBufferPointer($0))
    }
      ?? Array(data).withUnsafeBytes { unsafe putPartialData($0) }
  }
}

// MARK: - Peek

extension StreamPeer {
  /// Shows buffered bytes without a copy and without consuming them. Not in Godot.
  /// (`sps_stream_peek`)
  ///
  /// If fewer than `wantBytes` are buffered, it reads once more, without waiting. With 0 it makes
  /// no syscall. Then ``lastError`` is ``GodotError/ok`` if at least `wantBytes` are there, or:
  ///
  /// - ``GodotError/errBusy``: fewer bytes are there yet.
  /// - ``GodotError/errFileEof`` (``GodotError/failed`` after a reset): `wantBytes` will never
  ///   come. `body` gets the rest.
  /// - ``GodotError/errParameterRangeError``: the library never buffers that many bytes.
  /// - ``GodotError/errInvalidParameter``: `wantBytes` is negative.
  ///
  /// - Parameters:
  ///   - wantBytes: the number of bytes that the caller needs.
  ///   - body: called once with all buffered bytes, which can be more or fewer than `wantBytes`. It
  ///     must not keep them. A call on this stream from inside `body` returns
  ///     ``GodotError/errInvalidParameter``, and nothing changes.
  /// - Returns: the result of `body`.
  public final func peek<Result, Failure: Error>(
    _ wantBytes: Int = 0, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var data: UnsafePointer<UInt8>?
    var bytes = 0
    lastCode = unsafe sps_stream_peek(handle, wantBytes, &data, &bytes)
    let shown = unsafe UnsafeRawBufferPointer(start: data, count: bytes)
    return try lend { () throws(Failure) in unsafe try body(shown) }
  }

  /// Drops `bytes` bytes that ``peek(_:_:)`` showed. Not in Godot. (`sps_stream_consume`)
  ///
  /// - Returns: ``GodotError/ok``, or an error, after which nothing is dropped:
  ///   - ``GodotError/errParameterRangeError``: fewer are buffered.
  ///   - ``GodotError/errInvalidParameter``: `bytes` is negative.
  @discardableResult
  public final func consume(_ bytes: Int) -> GodotError {
    unsafe note(sps_stream_consume(handle, bytes))
  }
}
