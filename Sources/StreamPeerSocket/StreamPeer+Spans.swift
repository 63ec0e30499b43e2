// SPDX-License-Identifier: MIT
internal import CSocketCore

#if compiler(>=6.2)

  @available(macOS 10.14.4, iOS 12.2, watchOS 5.2, tvOS 12.2, visionOS 1.0, *)
  extension StreamPeer {
    /// Writes all of `data`. Godot: `put_data`. (`sps_stream_put_data`)
    ///
    /// See ``putData(_:)-(UnsafeRawBufferPointer)``.
    public final func putData(_ data: RawSpan) -> GodotError {
      unsafe data.withUnsafeBytes { unsafe putData($0) }
    }

    /// Writes all of `data`. Godot: `put_data`. (`sps_stream_put_data`)
    ///
    /// See ``putData(_:)-(UnsafeRawBufferPointer)``.
    public final func putData(_ data: Span<UInt8>) -> GodotError {
      unsafe putData(data.bytes)
    }

    /// Writes the bytes that the OS takes now. Godot: `put_partial_data`.
    /// (`sps_stream_put_partial_data`)
    ///
    /// See ``putPartialData(_:)-(UnsafeRawBufferPointer)``.
    public final func putPartialData(_ data: RawSpan) -> (error: GodotError, sent: Int) {
      unsafe data.withUnsafeBytes { unsafe putPartialData($0) }
    }

    /// Writes the bytes that the OS takes now. Godot: `put_partial_data`.
    /// (`sps_stream_put_partial_data`)
    ///
    /// See ``putPartialData(_:)-(UnsafeRawBufferPointer)``.
    public final func putPartialData(_ data: Span<UInt8>) -> (error: GodotError, sent: Int) {
      unsafe putPartialData(data.bytes)
    }

    /// Fills the free capacity of `output`, and waits for the bytes. Godot: `get_data`.
    /// (`sps_stream_get_data`)
    ///
    /// - Returns: the codes of ``getData(_:)``, and the number of bytes appended.
    public final func getData(
      into output: inout OutputRawSpan
    ) -> (error: GodotError, received: Int) {
      unsafe output.append { unsafe getData(into: $0) }
    }

    /// Appends to `output` the bytes that are there now, up to its free capacity, and never waits.
    /// Godot: `get_partial_data`. (`sps_stream_get_partial_data`)
    ///
    /// - Returns: the codes of ``getPartialData(_:)``, and the number of bytes appended.
    public final func getPartialData(
      into output: inout OutputRawSpan
    ) -> (error: GodotError, received: Int) {
      unsafe output.append { unsafe getPartialData(into: $0) }
    }

    /// Fills `buffer`, and waits for the bytes. Godot: `get_data`. (`sps_stream_get_data`)
    ///
    /// - Returns: the codes of ``getData(_:)``, and the number of bytes in `buffer`.
    public final func getData(
      into buffer: inout MutableRawSpan
    ) -> (error: GodotError, received: Int) {
      unsafe buffer.withUnsafeMutableBytes { unsafe getData(into: $0) }
    }

    /// Reads into `buffer` the bytes that are there now, and never waits. Godot:
    /// `get_partial_data`. (`sps_stream_get_partial_data`)
    ///
    /// - Returns: the codes of ``getPartialData(_:)``, and the number of bytes in `buffer`.
    public final func getPartialData(
      into buffer: inout MutableRawSpan
    ) -> (error: GodotError, received: Int) {
      unsafe buffer.withUnsafeMutableBytes { unsafe getPartialData(into: $0) }
    }

    /// Lends memory of the write buffer, and puts the bytes that `body` appends to it. They are
    /// written in place, without a copy. It never waits. Not in Godot. (`sps_stream_reserve`,
    /// `sps_stream_commit`)
    ///
    /// With batched writes the bytes gather. Otherwise they leave at once, and bytes that the OS
    /// does not take stay pending. If `body` throws, nothing is put.
    ///
    /// - Parameters:
    ///   - bytes: the free capacity that `body` needs. 0 counts as 1.
    ///   - body: called once with a span of at least that capacity, or not at all. A call on this
    ///     stream from inside `body` returns ``GodotError/errInvalidParameter``, and nothing
    ///     changes.
    /// - Returns: the result of `body`, or nil if it was not called, and ``GodotError/ok``, or:
    ///   - ``GodotError/errBusy``: the write buffer has no room now. A ``SocketPoller`` reports
    ///     ``SocketEvent/Kinds/writable`` once it has.
    ///   - ``GodotError/errParameterRangeError``: `bytes` exceeds the capacity of the write buffer.
    ///   - ``GodotError/failed``: the stream is not connected, or the connection broke.
    ///   - ``GodotError/errUnavailable``: it is a ``StreamPeerBuffer``.
    ///   - ``GodotError/errInvalidParameter``: `bytes` is negative.
    ///   - ``GodotError/errOutOfMemory``.
    public final func withWritableSpan<Result, Failure: Error>(
      atLeast bytes: Int = 1, _ body: (inout OutputRawSpan) throws(Failure) -> Result
    ) throws(Failure) -> (error: GodotError, result: Result?) {
      var memory: UnsafeMutableRawPointer?
      var size = 0
      let error = unsafe note(sps_stream_reserve(handle, bytes, &memory, &size))
      guard error == .ok else { return (error, nil) }
      let buffer = unsafe UnsafeMutableRawBufferPointer(start: memory, count: size)
      var span = unsafe OutputRawSpan(buffer: buffer, initializedCount: 0)
      let result: Result
      do throws(Failure) {
        result = try lend { () throws(Failure) in try body(&span) }
      } catch {
        _ = unsafe sps_stream_commit(handle, 0)
        throw error
      }
      return unsafe (note(sps_stream_commit(handle, span.finalize(for: buffer))), result)
    }
  }

  @available(macOS 10.14.4, iOS 12.2, watchOS 5.2, tvOS 12.2, visionOS 1.0, *)
  extension OutputRawSpan {
    fileprivate mutating func append(
      _ read: (UnsafeMutableRawBufferPointer) -> (error: GodotError, received: Int)
    ) -> (error: GodotError, received: Int) {
      unsafe withUnsafeMutableBytes { buffer, count in
        let result = unsafe read(UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
        count += result.received
        return result
      }
    }
  }

#endif
