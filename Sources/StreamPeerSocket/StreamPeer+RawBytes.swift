// SPDX-License-Identifier: MIT
internal import CSocketCore

// MARK: - Get

extension StreamPeer {
  /// Reads exactly `bytes` bytes, and waits for them. Godot: `get_data`. (`sps_stream_get_data`)
  ///
  /// Memory is taken as bytes arrive, whatever `bytes` claims.
  ///
  /// - Parameter bytes: 0 to 2,147,483,647, which is Godot's largest; anything else is
  ///   ``GodotError/errInvalidParameter``, and nothing changes.
  /// - Returns: ``GodotError/ok`` and all of them; ``GodotError/errFileEof`` when the peer finished
  ///   first (the stream is closed); ``GodotError/errTimeout`` when the time of
  ///   ``StreamPeerSocket/setIOTimeout(milliseconds:)`` is over: what is not in `data` stays
  ///   readable; ``GodotError/failed`` when not connected, or when the connection broke. `data` is
  ///   what was read, also when it is too little. Of more than 65,536 bytes it reads piece by piece,
  ///   each within that time.
  public final func getData(_ bytes: Int) -> (error: GodotError, data: [UInt8]) {
    guard isGodotLength(bytes) else { return (note(GodotError.errInvalidParameter.rawValue), []) }
    var data: [UInt8] = []
    var error = GodotError.ok
    repeat {
      // At most as much again as has arrived.
      let most = min(bytes - data.count, max(data.count, firstPieceBytes))
      let piece = array(most) { getData(into: $0) }
      error = piece.error
      data = data.isEmpty ? piece.data : data + piece.data
    } while error == .ok && data.count < bytes
    return (error, data)
  }

  /// Reads what is there now, `bytes` bytes at most, and never waits. Godot: `get_partial_data`.
  /// (`sps_stream_get_partial_data`)
  ///
  /// - Parameter bytes: as for ``getData(_:)``. Memory is taken for what is there.
  /// - Returns: ``GodotError/ok``, also with no bytes when there are none now;
  ///   ``GodotError/errFileEof`` when the peer has finished and every byte was read (the stream is
  ///   closed); ``GodotError/failed`` as for ``getData(_:)``.
  public final func getPartialData(_ bytes: Int) -> (error: GodotError, data: [UInt8]) {
    guard isGodotLength(bytes) else { return (note(GodotError.errInvalidParameter.rawValue), []) }
    let most =
      bytes <= firstPieceBytes ? bytes : min(bytes, max(getAvailableBytes(), firstPieceBytes))
    return array(most) { getPartialData(into: $0) }
  }

  /// Fills `buffer`, and waits for the bytes. Godot: `get_data`. (`sps_stream_get_data`)
  ///
  /// - Returns: as ``getData(_:)``; `received` bytes are in `buffer`.
  public final func getData(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (error: GodotError, received: Int) {
    var received = 0
    let error = note(
      sps_stream_get_data(handle, buffer.baseAddress, buffer.count, &received))
    return (error, received)
  }

  /// Reads what is there now into `buffer`, and never waits. Godot: `get_partial_data`.
  /// (`sps_stream_get_partial_data`)
  ///
  /// - Returns: as ``getPartialData(_:)``; `received` bytes are in `buffer`.
  public final func getPartialData(
    into buffer: UnsafeMutableRawBufferPointer
  ) -> (error: GodotError, received: Int) {
    var received = 0
    let error = note(
      sps_stream_get_partial_data(handle, buffer.baseAddress, buffer.count, &received))
    return (error, received)
  }

  /// How many bytes a get would hand out now; −1 when the stream is not open. No poll is needed
  /// before; it asks the OS each time. Godot: `get_available_bytes`.
  /// (`sps_stream_get_available_bytes`)
  public final func getAvailableBytes() -> Int {
    var bytes = 0
    return note(sps_stream_get_available_bytes(handle, &bytes)) == .ok ? bytes : -1
  }
}

// What is read at once into a new array, before anything has arrived that allows for more.
private let firstPieceBytes = 64 * 1024

// Godot counts bytes in an int of 32 bits.
private func isGodotLength(_ bytes: Int) -> Bool {
  0...Int(Int32.max) ~= bytes
}

// An array of what `read` reads into its memory. It keeps that memory unless most of it is unused.
private func array(
  _ bytes: Int, _ read: (UnsafeMutableRawBufferPointer) -> (error: GodotError, received: Int)
) -> (error: GodotError, data: [UInt8]) {
  if bytes == 0 {  // an array of no capacity would write into the one that all empty ones share
    return (read(UnsafeMutableRawBufferPointer(start: nil, count: 0)).error, [])
  }
  var error = GodotError.ok
  let data = [UInt8](unsafeUninitializedCapacity: bytes) { buffer, count in
    (error, count) = read(UnsafeMutableRawBufferPointer(buffer))
  }
  let fits = data.count >= bytes / 2
  return (error, fits ? data : data.withUnsafeBufferPointer { Array($0) })
}

// MARK: - Put

extension StreamPeer {
  /// Writes all of `data`: when it returns ``GodotError/ok`` the OS has every byte. It waits as
  /// long as the peer does not read. Godot: `put_data`. (`sps_stream_put_data`)
  ///
  /// While writes are batched (``setWriteBatching(_:)``) it takes all or nothing into the write
  /// buffer, and never waits.
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errTimeout`` when the time of
  ///   ``StreamPeerSocket/setIOTimeout(milliseconds:)`` is over, and a part may have been sent (a
  ///   caller who must know which calls ``putPartialData(_:)-(UnsafeRawBufferPointer)``);
  ///   ``GodotError/failed`` when not connected or when the connection broke.
  ///   Batched: ``GodotError/errBusy`` when there is no room now,
  ///   ``GodotError/errParameterRangeError`` when there can never be enough,
  ///   ``GodotError/errOutOfMemory``.
  public final func putData(_ data: UnsafeRawBufferPointer) -> GodotError {
    note(sps_stream_put_data(handle, data.baseAddress, data.count, nil))
  }

  /// Writes what of `data` the OS (batched: the write buffer) takes now, and never waits.
  /// Godot: `put_partial_data`. (`sps_stream_put_partial_data`)
  ///
  /// - Returns: ``GodotError/ok`` and how many bytes were taken, maybe none; else as
  ///   ``putData(_:)-(UnsafeRawBufferPointer)``.
  public final func putPartialData(
    _ data: UnsafeRawBufferPointer
  ) -> (error: GodotError, sent: Int) {
    var sent = 0
    let error = note(sps_stream_put_partial_data(handle, data.baseAddress, data.count, &sent))
    return (error, sent)
  }

  /// Writes all of `data`: an array, a slice, `Data`, `String.utf8` and so on. Godot: `put_data`.
  /// (`sps_stream_put_data`)
  ///
  /// See ``putData(_:)-(UnsafeRawBufferPointer)``.
  @inlinable
  public final func putData(_ data: some Collection<UInt8>) -> GodotError {
    data.withContiguousStorageIfAvailable { putData(UnsafeRawBufferPointer($0)) }
      ?? Array(data).withUnsafeBytes { putData($0) }
  }

  /// Writes what of `data` goes now: an array, a slice, `Data`, `String.utf8` and so on.
  /// Godot: `put_partial_data`. (`sps_stream_put_partial_data`)
  ///
  /// See ``putPartialData(_:)-(UnsafeRawBufferPointer)``.
  @inlinable
  public final func putPartialData(
    _ data: some Collection<UInt8>
  ) -> (error: GodotError, sent: Int) {
    data.withContiguousStorageIfAvailable { putPartialData(UnsafeRawBufferPointer($0)) }
      ?? Array(data).withUnsafeBytes { putPartialData($0) }
  }
}

// MARK: - Peek

extension StreamPeer {
  /// Shows buffered bytes without a copy and without consuming them. Not in Godot.
  /// (`sps_stream_peek`)
  ///
  /// When fewer than `wantBytes` are buffered it reads once more, without waiting; with 0 it makes
  /// no syscall.
  ///
  /// ``lastError`` is ``GodotError/ok`` when at least `wantBytes` are there; ``GodotError/errBusy``
  /// when fewer are there yet; ``GodotError/errFileEof`` (``GodotError/failed`` after a reset) when
  /// they will never come: what is left is shown; ``GodotError/errParameterRangeError`` when that
  /// many are never buffered; ``GodotError/errInvalidParameter`` when `wantBytes` is negative.
  ///
  /// - Parameters:
  ///   - wantBytes: how many bytes the caller would like to see.
  ///   - body: is called once, with all that is buffered: more or less than `wantBytes`, maybe
  ///     nothing. It must not keep the bytes. Calls on this stream from inside it are
  ///     ``GodotError/errInvalidParameter``, and nothing changes.
  /// - Returns: what `body` returns.
  public final func peek<Result, Failure: Error>(
    _ wantBytes: Int = 0, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var data: UnsafePointer<UInt8>?
    var bytes = 0
    lastCode = sps_stream_peek(handle, wantBytes, &data, &bytes)
    let shown = UnsafeRawBufferPointer(start: data, count: bytes)
    return try lend { () throws(Failure) in try body(shown) }
  }

  /// Drops `bytes` bytes that ``peek(_:_:)`` showed. Not in Godot. (`sps_stream_consume`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errParameterRangeError`` when fewer are buffered,
  ///   ``GodotError/errInvalidParameter`` when `bytes` is negative (nothing is dropped).
  @discardableResult
  public final func consume(_ bytes: Int) -> GodotError {
    note(sps_stream_consume(handle, bytes))
  }
}
