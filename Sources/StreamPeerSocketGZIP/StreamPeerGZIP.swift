// SPDX-License-Identifier: MIT
internal import CSocketGZIP
public import StreamPeerSocket

/// Compresses or decompresses what is put, with gzip or zlib. Godot: `StreamPeerGZIP`. (`gzip.h`)
///
/// A put is input, and a get returns output. Typed values, strings and Variants work too. No call
/// waits:
///
/// - A get returns ``GodotError/errUnavailable`` if too few bytes are there.
/// - ``StreamPeer/putPartialData(_:)`` takes only bytes that it processes at once. So memory stays
///   fixed for data of any size.
/// - ``StreamPeer/putData(_:)`` takes everything. The rest waits, and gets move it on.
/// - ``StreamPeer/getAvailableBytes()`` counts at most the buffer. More can follow after a get.
///
/// Input that is not right has a code each. Every byte before it can be read first:
///
/// - ``GodotError/errFileUnrecognized``: another format.
/// - ``GodotError/errFileCorrupt``: damaged bytes.
/// - ``GodotError/errFileCantRead``: truncated, after ``endInput()``.
/// - ``GodotError/errParseError``: trailing data.
/// - ``GodotError/errInvalidData``: a limit of the options is exceeded.
@safe public final class StreamPeerGZIP: StreamPeer {
  /// Godot's default for `buffer_size`.
  public static let defaultBufferSize = Int(SPS_GZIP_BUFFER_SIZE)

  /// Creates an object that has not started. (`sps_gzip_create`)
  public init(options: GZIPOptions = GZIPOptions()) {
    var made: OpaquePointer?
    let code = unsafe options.withCOptions { unsafe sps_gzip_create($0, &made) }
    unsafe super.init(adopting: (code, made), in: .machine)
  }

  /// Starts to compress what is put. Godot: `start_compression`. (`sps_gzip_start_compression`)
  ///
  /// - Returns: ``GodotError/ok``; ``GodotError/errAlreadyInUse`` if it has started;
  ///   ``GodotError/errInvalidParameter`` if `bufferSize` is not positive.
  @discardableResult
  public func startCompression(
    useDeflate: Bool = false, bufferSize: Int = StreamPeerGZIP.defaultBufferSize
  ) -> GodotError {
    unsafe note(sps_gzip_start_compression(handle, useDeflate, bufferSize))
  }

  /// Starts to decompress what is put. Godot: `start_decompression`.
  /// (`sps_gzip_start_decompression`)
  @discardableResult
  public func startDecompression(
    useDeflate: Bool = false, bufferSize: Int = StreamPeerGZIP.defaultBufferSize
  ) -> GodotError {
    unsafe note(sps_gzip_start_decompression(handle, useDeflate, bufferSize))
  }

  /// Ends the compressed data. Godot: `finish`. (`sps_gzip_finish`)
  @discardableResult
  public func finish() -> GodotError { unsafe note(sps_gzip_finish(handle)) }

  /// Drops everything. The object can start again. Godot: `clear`. (`sps_gzip_clear`)
  public func clear() { unsafe _ = note(sps_gzip_clear(handle)) }

  /// Says that no more input comes, and whether the data is complete. Not in Godot.
  /// (`sps_gzip_end_input`)
  @discardableResult
  public func endInput() -> GodotError { unsafe note(sps_gzip_end_input(handle)) }

  /// Makes everything that was put readable for a decompressor. Not in Godot. (`sps_gzip_flush`)
  @discardableResult
  public func syncFlush() -> GodotError { unsafe note(sps_gzip_flush(handle)) }
}

/// How a ``StreamPeerGZIP`` compresses, and what it accepts. Zero means the default.
/// (`sps_gzip_options`)
public struct GZIPOptions: Sendable, Hashable {
  /// 1 (fast) to 9 (small), or -1 to store only. Default: zlib's. (`level`)
  public var level: Int

  /// The most plain bytes for each compressed byte, after the first 8 MiB. Default 256. `Int.max`:
  /// no limit. (`max_ratio`)
  public var maxRatio: Int

  /// The most plain bytes. Default: no limit. (`max_plain_bytes`)
  public var maxPlainBytes: Int

  /// Creates options. Arguments that are left out keep their default.
  public init(level: Int = 0, maxRatio: Int = 0, maxPlainBytes: Int = 0) {
    self.level = level
    self.maxRatio = maxRatio
    self.maxPlainBytes = maxPlainBytes
  }

  func withCOptions(_ body: (UnsafePointer<sps_gzip_options>) -> Int32) -> Int32 {
    var options = unsafe sps_gzip_options()
    unsafe options.struct_size = UInt32(MemoryLayout<sps_gzip_options>.size)
    unsafe options.level = Int32(clamping: level)
    unsafe options.max_ratio = UInt32(clamping: maxRatio)
    unsafe options.max_plain_bytes = UInt64(clamping: maxPlainBytes)
    return unsafe body(&options)
  }
}
