/* SPDX-License-Identifier: MIT */
/**
 * @file gzip.h
 * Compression of streams with gzip (RFC 1952), zlib (RFC 1950) or zstd (RFC 8878). It is a library
 * of its own, streampeersocket-gzip, which needs zlib, and may have been built with libzstd. There
 * are two kinds of streams. Typed values, strings, lines and Variants work on both.
 *
 * A transformer is the counterpart of Godot's StreamPeerGZIP. A put is input, a get returns output:
 *
 *     sps_gzip_create(NULL, &gzip);
 *     sps_gzip_start_compression(gzip, false, SPS_GZIP_BUFFER_SIZE);
 *     sps_stream_put_data(gzip, text, text_bytes, NULL);
 *     sps_gzip_finish(gzip);
 *     // Repeat while sps_stream_get_available_bytes(gzip) returns more than 0 bytes:
 *     sps_stream_get_partial_data(gzip, buffer, sizeof buffer, &count);
 *
 * A filter stands over another stream, its base, and works in both directions. A put is compressed
 * and goes to the base. A get reads from the base and returns plain bytes:
 *
 *     sps_gzip_filter_create(NULL, &filter);
 *     sps_gzip_connect_to_stream(filter, tcp, false, SPS_GZIP_BUFFER_SIZE);
 *     sps_stream_put_utf8_string(filter, "hello", 5);
 *     sps_stream_get_u32(filter, &answer);
 *
 * Formats: use_deflate false is gzip, true is zlib, as in Godot. The compressor writes one member
 * (gzip) or one stream (zlib). The decompressor reads several gzip members in a row as one, like
 * gzip(1). Zero bytes after the last member are padding, which it ignores. A zlib stream is always
 * alone. A preset dictionary is not supported.
 *
 * With SPS_GZIP_CODEC_ZSTD in the options the format is zstd, and use_deflate must be false. The
 * compressor writes one frame with a checksum. A frame counts as a member. The decompressor reads
 * several frames in a row as one, and skips skippable frames, like zstd(1). Zero bytes behind a
 * frame are trailing data. A frame without a checksum is accepted, one with a dictionary is not
 * supported.
 *
 * Failures of decompression have a code each, and a fault in sps_gzip_info:
 *
 * - ERR_FILE_UNRECOGNIZED: the bytes do not begin as the format does. Or they need a feature that
 *   is not supported, such as a dictionary.
 * - ERR_FILE_CORRUPT: the bytes are damaged, or a checksum does not match.
 * - ERR_FILE_CANT_READ: truncated. The bytes end before the compressed data does. No bytes at all
 *   are truncated too.
 * - ERR_PARSE_ERROR: trailing data. Other bytes follow the end of the compressed data.
 * - ERR_INVALID_DATA: a limit of the options is exceeded. It protects against "bombs", small inputs
 *   that decompress to gigabytes.
 *
 * A fault stays. Every plain byte before it can be read first. The checksum is at the end of a
 * member, so bytes of a member can be read before damage is found.
 *
 * Memory is bounded, whatever the input claims. A transformer holds its buffer, the state of the
 * codec, and input that waits: see sps_gzip_options.max_waiting_bytes. A filter holds the state of
 * each direction in use, and at most two buffers. zlib's state takes about 300 KiB to compress, and
 * 45 KiB to decompress. zstd's takes about 3.5 MiB to compress with the default level, and to
 * decompress the window of the frame and about 500 KiB more. zstd allocates with malloc(3), and not
 * with the allocator of the options. To decompress it allocates the window at the begin of a frame.
 * Without that memory decompression ends with ERR_OUT_OF_MEMORY for good.
 *
 * The rules of stream.h for threads and arguments also hold here. A call on a stream of another
 * kind returns ERR_UNAVAILABLE.
 */
#ifndef STREAMPEERSOCKET_GZIP_H
#define STREAMPEERSOCKET_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "export.h"
#include "options.h"
#include "stream.h"

/**
 * Marks the exported symbols of this library, as SPS_API does for the core. Define SPS_GZIP_STATIC
 * to link the static library.
 */
#if defined(SPS_GZIP_STATIC)
#define SPS_GZIP_API
#elif defined(_WIN32)
#if defined(SPS_GZIP_BUILDING)
#define SPS_GZIP_API __declspec(dllexport)
#else
#define SPS_GZIP_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define SPS_GZIP_API __attribute__((visibility("default")))
#else
#define SPS_GZIP_API
#endif

SPS_BEGIN_DECLARATIONS

enum {
    /** Godot's default for buffer_size. */
    SPS_GZIP_BUFFER_SIZE = 65535,
    /** A level that stores the bytes without compression. */
    SPS_GZIP_LEVEL_STORE = -1
};

/** A limit that is off. */
#define SPS_GZIP_NO_LIMIT UINT32_MAX

/** The library that compresses: one of the SPS_GZIP_CODEC_… values. */
typedef int32_t sps_gzip_codec;

enum {
    /** zlib, for the formats gzip and zlib. */
    SPS_GZIP_CODEC_ZLIB = 0,
    /** zstd (RFC 8878). Not in Godot's StreamPeerGZIP. */
    SPS_GZIP_CODEC_ZSTD = 1
};

/** Why decompression stopped: one of the SPS_GZIP_FAULT_… values. */
typedef int32_t sps_gzip_fault;

enum {
    /** Nothing is wrong. */
    SPS_GZIP_FAULT_NONE = 0,
    /** The bytes do not begin as the format, or need what is not supported. */
    SPS_GZIP_FAULT_UNRECOGNIZED = 1,
    /** The bytes are damaged. */
    SPS_GZIP_FAULT_CORRUPT = 2,
    /** The bytes end too early. */
    SPS_GZIP_FAULT_TRUNCATED = 3,
    /** Other bytes follow. info.compressed_in counts the bytes before them. */
    SPS_GZIP_FAULT_TRAILING = 4,
    /** The output exceeds max_ratio. */
    SPS_GZIP_FAULT_RATIO = 5,
    /** The output exceeds max_plain_bytes. */
    SPS_GZIP_FAULT_LENGTH = 6,
    /** zstd: a frame needs a larger window than max_window_bits. */
    SPS_GZIP_FAULT_WINDOW = 7
};

/** How a stream compresses, and what it accepts. */
typedef struct sps_gzip_options {
    /** sizeof(sps_gzip_options). */
    uint32_t struct_size;
    /**
     * 1 (fast) to 9 (small), or SPS_GZIP_LEVEL_STORE. Default 0: zlib's default, which is 6.
     * zstd: 1 to 22. Default 0: 3. It cannot store.
     */
    int32_t level;
    /**
     * Window of the compressor, 9 to 15, as a power of two in bytes. Default 15 (32 KiB).
     * zstd: 10 to 27. Default 0: by the level, at most 23 (8 MiB).
     */
    int32_t window_bits;
    /**
     * Memory of the compressor beside its window, 1 (least) to 9 (fastest). Default 8. With 9 here
     * and 15 in window_bits it is about 384 KiB, with 1 and 9 about 10 KiB. zstd: 0.
     */
    int32_t memory_level;
    /** Options of the stream: allocator (also zlib's), max_value_bytes and buffers. Copied. */
    const sps_stream_options *stream;
    /**
     * Most plain bytes for each compressed byte, over the whole stream. Below 8 MiB (8,388,608)
     * of plain bytes any ratio is allowed. Default 256. Text compresses to 3 to 10. gzip reaches
     * 1,032, and zstd more than 10,000.
     */
    uint32_t max_ratio;
    /**
     * 1: the data ends with its first member. Bytes behind it are trailing data. Default 0.
     */
    uint32_t single_member;
    /** Most plain bytes that a stream decompresses. Default 0: no limit. */
    uint64_t max_plain_bytes;
    /**
     * Transformers only. Most bytes that puts leave waiting while the buffer is full. Default
     * 8 MiB. One put of any size is accepted if nothing waits.
     */
    uint32_t max_waiting_bytes;
    /**
     * Filters only. 1: a put only compresses, and the bytes leave at sps_gzip_flush(), and as the
     * codec fills its blocks. They also leave at a get or poll that finds nothing to read, because
     * the peer may need them to answer. That compresses better. Default 0: each put, or each flush
     * of batched writes, can be read by the peer at once.
     */
    uint32_t manual_flush;
    /** Default SPS_GZIP_CODEC_ZLIB. Both directions have it. */
    sps_gzip_codec codec;
    /**
     * zstd only. Largest window of a frame that the decompressor accepts, 10 to 27, as a power of
     * two in bytes. It takes that memory, and about 500 KiB more. Default 23 (8 MiB), as RFC 8878
     * recommends. zlib: 0.
     */
    uint32_t max_window_bits;
} sps_gzip_options;

/** The work of a stream so far. The counts of a direction that is not in use are 0. */
typedef struct sps_gzip_info {
    /** sizeof(sps_gzip_info). */
    uint32_t struct_size;
    /** Why decompression stopped. */
    sps_gzip_fault fault;
    /** Plain bytes that were compressed. */
    uint64_t plain_in;
    /** Compressed bytes that were produced. */
    uint64_t compressed_out;
    /** Compressed bytes that were consumed. */
    uint64_t compressed_in;
    /** Plain bytes that were produced. */
    uint64_t plain_out;
    /** Members, zlib streams or frames with data that were decompressed to their end. */
    uint64_t members;
    /** Bytes that wait: input of a transformer, or output that a filter's base did not take. */
    uint64_t waiting_bytes;
    /** 1: decompression is at the end of a member, so the data may end here. */
    uint32_t is_complete;
} sps_gzip_info;

/* ---- Transformers */

/**
 * Creates a transformer, to end with sps_stream_destroy(). Before a start, a put returns
 * ERR_UNCONFIGURED, and there is nothing to get. Godot: StreamPeerGZIP.new. Since 0.1.
 *
 * Gets and puts of a transformer never wait. They differ from other streams:
 *
 * - sps_stream_get_data() and gets of values return ERR_UNAVAILABLE if too few bytes are there. The
 *   first returns the bytes that are there, values consume nothing. After a fault they return its
 *   code instead.
 * - A put returns OK if it has processed all bytes, or has kept those for which the buffer has no
 *   room. They are processed while gets make room. If too many wait (max_waiting_bytes), it
 *   returns ERR_BUSY and has taken nothing.
 * - sps_stream_put_partial_data() takes only bytes that it processes at once. So memory stays fixed
 *   for data of any size.
 * - A put returns the code of a fault that it meets. out_sent counts the bytes before the fault.
 * - sps_stream_get_available_bytes() counts at most the buffer. More can follow after a get.
 *
 * @param options NULL for defaults.
 * @param out_stream NULL on failure.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: an option is out of its range, or has a struct_size of 0.
 *         - ERR_UNAVAILABLE: the codec is zstd, and the library was built without libzstd.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_GZIP_API sps_error sps_gzip_create(const sps_gzip_options *options, sps_stream **out_stream);

/**
 * Starts to compress what is put. Godot: start_compression. Since 0.1.
 *
 * @param use_deflate false: gzip, or zstd by the options. true: zlib.
 * @param buffer_size the most output in bytes that waits for gets. Any size from 1 works. Godot's
 *        default is SPS_GZIP_BUFFER_SIZE.
 * @return OK, or an error, after which nothing changes:
 *         - ERR_ALREADY_IN_USE: it was started. sps_gzip_clear() ends that.
 *         - ERR_INVALID_PARAMETER: buffer_size is 0 or above PTRDIFF_MAX. Or use_deflate is true
 *           for zstd.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_GZIP_API sps_error sps_gzip_start_compression(sps_stream *stream, bool use_deflate,
                                                  size_t buffer_size);

/** Starts to decompress what is put. Otherwise as sps_gzip_start_compression(). Since 0.1. */
SPS_GZIP_API sps_error sps_gzip_start_decompression(sps_stream *stream, bool use_deflate,
                                                    size_t buffer_size);

/**
 * Says that no more input comes to a decompressing transformer. Godot has no such call. After it
 * puts return FAILED, and a truncated input is a fault. Since 0.1.
 *
 * @return OK: every byte was decompressed, and the data is complete. Output may still be unread.
 *         Or:
 *         - ERR_BUSY: input waits for room. Get bytes, and call again to learn the result.
 *         - ERR_FILE_CANT_READ: the input is truncated.
 *         - The code of another fault.
 *         - ERR_UNAVAILABLE: it does not decompress.
 */
SPS_GZIP_API sps_error sps_gzip_end_input(sps_stream *stream);

/**
 * Drops everything, input and output, and frees the memory. The transformer can start again. The
 * byte order and other settings stay. Godot: clear. Since 0.1.
 *
 * @return OK.
 */
SPS_GZIP_API sps_error sps_gzip_clear(sps_stream *stream);

/* ---- Both kinds */

/**
 * Ends the compressed data: compresses what was put, and writes the checksum. It never waits. After
 * it puts return FAILED. A second call returns the same. Godot: finish. Since 0.1.
 *
 * Transformers: output for which the buffer has no room follows while gets make room.
 *
 * Filters: the peer's filter then reads an orderly end. If nothing was put, the data is an empty
 * member. Gets and the base continue.
 *
 * @return OK, or:
 *         - ERR_BUSY: a filter's base does not take all bytes now. Call again.
 *         - ERR_UNAVAILABLE: the transformer does not compress. Or the filter is closed.
 *         - FAILED: the filter is not connected, or its base has failed.
 *         - ERR_OUT_OF_MEMORY: call again.
 *         - On a filter, another code of the base.
 */
SPS_GZIP_API sps_error sps_gzip_finish(sps_stream *stream);

/**
 * A flush point: makes everything that was put readable for the decompressor (Z_SYNC_FLUSH,
 * ZSTD_e_flush). It costs 5 to 20 bytes, so do it at the end of messages, not of values. A
 * filter also flushes its base. It never waits. Since 0.1.
 *
 * @return as sps_gzip_finish(). Also FAILED: the data is finished.
 */
SPS_GZIP_API sps_error sps_gzip_flush(sps_stream *stream);

/** Reports what the stream has done so far, also after its end. Since 0.1. */
SPS_GZIP_API sps_error sps_gzip_get_info(const sps_stream *stream, sps_gzip_info *out_info);

/**
 * Returns a short English text for a fault, such as "truncated". The text is static: never freed,
 * never NULL. Since 0.1.
 */
SPS_GZIP_API const char *sps_gzip_fault_name(sps_gzip_fault fault);

/* ---- Filters */

/**
 * Creates a filter, to end with sps_stream_destroy(). It is a filter of custom.h: it has a status,
 * and can be in a poller. The rules there for status, base, waiting and pollers hold. Since 0.1.
 *
 * - A put compresses, and offers the result to the base. Bytes that the base does not take wait in
 *   the filter, at most buffer_size. Then a put takes nothing (ERR_BUSY), until they have left.
 *   They leave with a put, a get, sps_gzip_flush(), sps_socket_poll() or in a poller.
 * - Batched writes (sps_stream_set_write_batching()) compress best: what gathers is compressed as
 *   one, and leaves at sps_stream_flush() or sps_gzip_flush(). In a poller writes are batched.
 * - Before a get waits, everything that was put leaves, also batched writes. So a get that finds
 *   nothing is a flush point, also through a base that is a filter of this library.
 * - If the base ends after a complete member, a get returns ERR_FILE_EOF, and the filter closes:
 *   SPS_CLOSE_PEER_FINISHED. If something was put, that data ends in order too, before the
 *   filter closes.
 * - After a fault gets return its code. sps_socket_poll() or the poller then closes the filter, and
 *   the status is ERROR. The reason is SPS_CLOSE_TRUNCATED, SPS_CLOSE_LIMIT, or SPS_CLOSE_PROTOCOL
 *   for other faults. sps_socket_get_close_message() returns the fault's name.
 * - With single_member, the filter ends behind the member. The bytes after it stay in the base.
 *   Trailing data stays there too, except for bytes that the filter needed to recognize it: at most
 *   one of gzip, and three of zstd.
 * - sps_socket_shutdown_write() is sps_gzip_finish(), without the flush of the base. But if a get
 *   has met the end of the peer's data and nothing was put, it writes nothing. For a code of
 *   the base that is not final, such as ERR_OUT_OF_MEMORY, it returns ERR_BUSY.
 * - Each direction takes its memory at its first byte, and frees it when the filter closes.
 *
 * The parameters and the codes are those of sps_gzip_create().
 */
SPS_GZIP_API sps_error sps_gzip_filter_create(const sps_gzip_options *options,
                                              sps_stream **out_stream);

/**
 * Connects a filter to its base. The status becomes that of the base: CONNECTED, or CONNECTING
 * until the base is connected, or ERROR if the base is not open. A base without a status counts as
 * connected. A filter that has closed can connect again. Since 0.1.
 *
 * @param base any other stream. Borrowed, as by sps_custom_open(). Only the filter uses it.
 * @param use_deflate as in sps_gzip_start_compression(), for both directions.
 * @param buffer_size as in sps_gzip_start_compression().
 * @return OK, or an error, after which nothing changes:
 *         - ERR_INVALID_PARAMETER: buffer_size is 0 or above PTRDIFF_MAX, or base is the filter or
 *           stands over it. Or use_deflate is true for zstd.
 *         - ERR_ALREADY_IN_USE, ERR_UNAVAILABLE and other codes of sps_custom_open().
 */
SPS_GZIP_API sps_error sps_gzip_connect_to_stream(sps_stream *filter, sps_stream *base,
                                                  bool use_deflate, size_t buffer_size);

/** Returns the base, or NULL: sps_custom_get_base(). Since 0.1. */
SPS_GZIP_API sps_error sps_gzip_get_stream(const sps_stream *filter, sps_stream **out_base);

/**
 * Separates a filter from its base: sps_socket_disconnect(). It offers the base once what was
 * compressed, without waiting, and drops the rest and unread bytes. It does not write the end of
 * the data: see sps_gzip_finish(). The base stays open. Since 0.1.
 *
 * @return OK, also without a base.
 */
SPS_GZIP_API sps_error sps_gzip_disconnect_from_stream(sps_stream *filter);

SPS_END_DECLARATIONS

#endif
