// SPDX-License-Identifier: MIT
internal import CSocketGZIP
internal import StreamPeerSocket

/// How a stream compresses, and what it accepts. (`sps_gzip_options`)
public struct GZIPOptions: Sendable, Hashable {
  /// The library that compresses. (`sps_gzip_codec`)
  public enum Codec: Int32, Sendable {
    /// zlib, for the formats gzip and zlib.
    case zlib = 0
    /// zstd. It needs the package trait `Zstandard`. Without it `lastError` of a new stream is
    /// `errUnavailable`, and every call fails.
    case zstd = 1
  }

  /// The codec of both directions. (`codec`)
  public var codec = Codec.zlib

  /// 1 (fast) to 9 (small), or −1: the bytes are stored without compression. 0: the default of
  /// zlib, which is 6. With zstd: 1 to 22, and 0 means 3. (`level`)
  public var level: Int

  /// The window of the compressor, 9 to 15, as a power of two in bytes. 0: 15, which is 32 KiB.
  /// Of zstd: 10 to 27. 0: by the level, at most 23. (`window_bits`)
  public var windowBits = 0

  /// The memory of the compressor beside its window, 1 (least) to 9 (fastest). 0: 8.
  /// Of zstd: 0. (`memory_level`)
  public var memoryLevel = 0

  /// zstd alone: the largest window of a frame to decompress, 10 to 27, as a power of two in bytes.
  /// 0: 23, which is 8 MiB. (`max_window_bits`)
  public var maxWindowBits = 0

  /// The most plain bytes for each compressed byte, above 8 MiB of plain bytes. 0: 256. nil: no
  /// limit. (`max_ratio`)
  public var maxRatio: Int?

  /// The most plain bytes that a stream decompresses. 0: no limit. (`max_plain_bytes`)
  public var maxPlainBytes: Int

  /// The data ends with its first member. Bytes behind it are trailing data. (`single_member`)
  public var singleMember = false

  /// Of a ``StreamPeerGZIP``: the most bytes that puts leave waiting while the buffer is full. 0:
  /// 8 MiB. (`max_waiting_bytes`)
  public var maxWaitingBytes = 0

  /// Of a ``StreamPeerGZIPFilter``: a put only compresses. The bytes leave at
  /// ``StreamPeerGZIPFilter/syncFlush()``, and at a get or poll that finds nothing to read.
  /// (`manual_flush`)
  public var manualFlush = false

  /// Creates options. An argument that is left out keeps its default.
  public init(level: Int = 0, maxRatio: Int? = 0, maxPlainBytes: Int = 0) {
    self.level = level
    self.maxRatio = maxRatio
    self.maxPlainBytes = maxPlainBytes
  }

  // Calls a function of the C library that creates a stream.
  func make(
    _ stream: StreamOptions,
    _ create: (UnsafePointer<sps_gzip_options>, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  ) -> (code: Int32, handle: OpaquePointer?) {
    unsafe stream.make { stream, handle in
      let isNegative = min(maxRatio ?? 0, maxPlainBytes, maxWaitingBytes, maxWindowBits) < 0
      if isNegative { return GodotError.errInvalidParameter.rawValue }
      var options = unsafe sps_gzip_options()
      unsafe options.struct_size = UInt32(MemoryLayout<sps_gzip_options>.size)
      unsafe options.level = Int32(clamping: level)
      unsafe options.window_bits = Int32(clamping: windowBits)
      unsafe options.memory_level = Int32(clamping: memoryLevel)
      unsafe options.stream = stream.assumingMemoryBound(to: sps_stream_options.self)
      unsafe options.max_ratio = maxRatio.map { UInt32(clamping: $0) } ?? .max
      unsafe options.single_member = singleMember ? 1 : 0
      unsafe options.max_plain_bytes = UInt64(clamping: maxPlainBytes)
      unsafe options.max_waiting_bytes = UInt32(clamping: maxWaitingBytes)
      unsafe options.manual_flush = manualFlush ? 1 : 0
      unsafe options.codec = codec.rawValue
      unsafe options.max_window_bits = UInt32(clamping: maxWindowBits)
      return unsafe create(&options, handle)
    }
  }
}

/// The work of a stream so far. The counts of a direction that is not in use are 0.
/// (`sps_gzip_info`)
public struct GZIPInfo: Sendable, Hashable {
  /// Why decompression stopped. (`sps_gzip_fault`)
  public enum Fault: Int32, Sendable {
    /// Nothing is wrong.
    case none = 0
    /// The bytes do not begin as the format, or need what is not supported.
    case unrecognized = 1
    /// The bytes are damaged.
    case corrupt = 2
    /// The bytes end too early.
    case truncated = 3
    /// Other bytes follow. ``GZIPInfo/compressedIn`` counts the bytes before them.
    case trailing = 4
    /// The output exceeds ``GZIPOptions/maxRatio``.
    case ratio = 5
    /// The output exceeds ``GZIPOptions/maxPlainBytes``.
    case length = 6
    /// A frame of zstd needs a window above ``GZIPOptions/maxWindowBits``.
    case window = 7
  }

  /// Why decompression stopped.
  public let fault: Fault
  /// Plain bytes that were compressed.
  public let plainIn: UInt64
  /// Compressed bytes that were produced.
  public let compressedOut: UInt64
  /// Compressed bytes that were consumed.
  public let compressedIn: UInt64
  /// Plain bytes that were produced.
  public let plainOut: UInt64
  /// Members or zlib streams that were decompressed to their end.
  public let members: UInt64
  /// Bytes that wait: input of a ``StreamPeerGZIP``, or output that the base of a
  /// ``StreamPeerGZIPFilter`` did not take.
  public let waitingBytes: UInt64
  /// Whether decompression is at the end of a member, so the data may end here.
  public let isComplete: Bool

  init(of stream: OpaquePointer?) {
    var info = sps_gzip_info()
    info.struct_size = UInt32(MemoryLayout<sps_gzip_info>.size)
    unsafe sps_gzip_get_info(stream, &info)
    fault = Fault(rawValue: info.fault) ?? .corrupt
    plainIn = info.plain_in
    compressedOut = info.compressed_out
    compressedIn = info.compressed_in
    plainOut = info.plain_out
    members = info.members
    waitingBytes = info.waiting_bytes
    isComplete = info.is_complete != 0
  }
}
