// SPDX-License-Identifier: MIT
internal import CSocketGZIP
public import StreamPeerSocket

/// Compresses another stream, its base, in both directions. Not in Godot. (`gzip.h`)
///
/// It has the status, the poll and the close reason of a socket, and can be in a
/// `SocketPoller`. Only the filter uses the base while it is connected.
///
/// Each put, or each flush of batched writes, can be read by the peer at once. Batched writes
/// compress best.
public final class StreamPeerGZIPFilter: StreamPeerSocket {
  /// Creates a filter without a base. (`sps_gzip_filter_create`)
  public init(
    options: GZIPOptions = GZIPOptions(), stream: StreamOptions = StreamOptions()
  ) {
    unsafe super.init(adopting: options.make(stream, sps_gzip_filter_create), in: .machine)
  }

  /// Connects the filter to its base, and keeps the base. (`sps_gzip_connect_to_stream`)
  ///
  /// - Parameters:
  ///   - stream: any other stream that is not in a poller.
  ///   - useDeflate: false: the format of gzip. true: that of zlib.
  ///   - bufferSize: bytes, at least 1.
  /// - Returns: `ok`, or an error, after which nothing changes:
  ///   - `errAlreadyInUse`: the filter has a base, or the base has a filter.
  ///   - `errInvalidParameter`: `bufferSize` is below 1, or the base stands over
  ///     the filter.
  ///   - `errUnavailable`: the filter is in a poller, and the base cannot be.
  ///   - `errOutOfMemory`.
  @discardableResult
  public func connectToStream(
    _ stream: StreamPeer, useDeflate: Bool = false, bufferSize: Int = StreamPeerGZIP.bufferSize
  ) -> GodotError {
    let code = unsafe sps_gzip_connect_to_stream(
      handle, stream.handle, useDeflate, max(0, bufferSize))
    if code == 0 { base = stream }
    return note(code)
  }

  /// The base, or nil.
  public func getStream() -> StreamPeer? { base }

  /// Separates the filter from its base, which stays open. It offers the base once what was
  /// compressed, and drops the rest. (`sps_gzip_disconnect_from_stream`)
  public func disconnectFromStream() {
    if unsafe note(sps_gzip_disconnect_from_stream(handle)) == .ok { base = nil }
  }

  /// Ends the compressed data: the peer's filter reads an orderly end. (`sps_gzip_finish`)
  ///
  /// - Returns: `ok`, or:
  ///   - `errBusy`: the base does not take all bytes now. Call again.
  ///   - `errUnavailable`, `failed`: the filter is not connected.
  ///   - `errOutOfMemory`: call again.
  @discardableResult
  public func finish() -> GodotError {
    unsafe note(sps_gzip_finish(handle))
  }

  /// Makes everything that was put readable for the peer, and flushes the base.
  /// (`sps_gzip_flush`)
  ///
  /// - Returns: the codes of ``finish()``.
  @discardableResult
  public func syncFlush() -> GodotError {
    unsafe note(sps_gzip_flush(handle))
  }

  /// The work of the filter so far. (`sps_gzip_get_info`)
  public var info: GZIPInfo { unsafe GZIPInfo(of: handle) }
}
