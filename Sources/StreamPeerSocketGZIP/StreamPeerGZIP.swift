// SPDX-License-Identifier: MIT
internal import CSocketGZIP
public import StreamPeerSocket

/// Compresses or decompresses what is put. A get returns the result. Godot: `StreamPeerGZIP`.
/// (`gzip.h`)
///
/// ```swift
/// let gzip = StreamPeerGZIP()
/// gzip.startCompression()
/// gzip.putData("text".utf8)
/// gzip.finish()
/// let (_, bytes) = gzip.getPartialData(gzip.getAvailableBytes())
/// ```
///
/// It differs from other streams:
///
/// - No get or put waits. A get of too many bytes returns `errUnavailable`.
/// - A put returns `ok` if it has processed the bytes, or has kept those for which
///   the buffer has no room. They are processed while gets make room. If too many wait
///   (``GZIPOptions/maxWaitingBytes``), it returns `errBusy`, and has taken nothing.
/// - `getAvailableBytes()` counts at most the buffer. More can follow after a get.
///
/// Damaged, truncated and trailing input are errors of their own, and so are limits: see
/// ``GZIPInfo/Fault``. Every plain byte before a fault can be read first.
public final class StreamPeerGZIP: StreamPeer {
  /// Godot's default size of the buffer in bytes.
  public static let bufferSize = Int(SPS_GZIP_BUFFER_SIZE)

  /// Creates a stream that is not started. (`sps_gzip_create`)
  ///
  /// An option out of its range makes every call fail: see ``GZIPOptions``.
  public init(options: GZIPOptions, stream: StreamOptions = StreamOptions()) {
    unsafe super.init(adopting: options.make(stream, sps_gzip_create), in: .machine)
  }

  /// Creates a stream with the default options of compression. (`sps_gzip_create`)
  public override convenience init(options: StreamOptions = StreamOptions()) {
    self.init(options: GZIPOptions(), stream: options)
  }

  /// Starts to compress what is put. Godot: `start_compression`.
  /// (`sps_gzip_start_compression`)
  ///
  /// - Parameters:
  ///   - useDeflate: false: the format of gzip. true: that of zlib.
  ///   - bufferSize: the most output in bytes that waits for gets, at least 1.
  /// - Returns: `ok`, or an error, after which nothing changes:
  ///   - `errAlreadyInUse`: it was started. ``clear()`` ends that.
  ///   - `errInvalidParameter`: `bufferSize` is below 1.
  ///   - `errOutOfMemory`.
  @discardableResult
  public func startCompression(
    useDeflate: Bool = false, bufferSize: Int = StreamPeerGZIP.bufferSize
  ) -> GodotError {
    unsafe note(sps_gzip_start_compression(handle, useDeflate, max(0, bufferSize)))
  }

  /// Starts to decompress what is put. Godot: `start_decompression`.
  /// (`sps_gzip_start_decompression`)
  ///
  /// The parameters and codes are those of ``startCompression(useDeflate:bufferSize:)``.
  @discardableResult
  public func startDecompression(
    useDeflate: Bool = false, bufferSize: Int = StreamPeerGZIP.bufferSize
  ) -> GodotError {
    unsafe note(sps_gzip_start_decompression(handle, useDeflate, max(0, bufferSize)))
  }

  /// Ends the compressed data. Later puts return `failed`. Godot: `finish`.
  /// (`sps_gzip_finish`)
  ///
  /// - Returns: `ok`, or:
  ///   - `errUnavailable`: the stream does not compress.
  ///   - `errOutOfMemory`: call again.
  @discardableResult
  public func finish() -> GodotError {
    unsafe note(sps_gzip_finish(handle))
  }

  /// Drops everything, input and output. The stream can start again. Godot: `clear`.
  /// (`sps_gzip_clear`)
  public func clear() {
    _ = unsafe note(sps_gzip_clear(handle))
  }

  /// Says that no more input comes to a stream that decompresses. Not in Godot.
  /// (`sps_gzip_end_input`)
  ///
  /// - Returns: `ok`: the data is complete, and output may be unread. Or:
  ///   - `errBusy`: input waits for room. Get bytes, and call again.
  ///   - `errFileCantRead`: the input is truncated.
  ///   - The code of another fault.
  ///   - `errUnavailable`: the stream does not decompress.
  @discardableResult
  public func endInput() -> GodotError {
    unsafe note(sps_gzip_end_input(handle))
  }

  /// Makes everything that was put readable for the decompressor. It costs 5 to 20 bytes. Not
  /// in Godot. (`sps_gzip_flush`)
  ///
  /// - Returns: the codes of ``finish()``, or `failed`: the data is finished.
  @discardableResult
  public func syncFlush() -> GodotError {
    unsafe note(sps_gzip_flush(handle))
  }

  /// The work of the stream so far. (`sps_gzip_get_info`)
  public var info: GZIPInfo { unsafe GZIPInfo(of: handle) }
}
