/* SPDX-License-Identifier: MIT */
/**
 * @file lines.h
 * Text as other programs send it: lines, and whatever ends with a delimiter, without a length before it.
 * Not in Godot. They work on any stream.
 *
 * What is handed out lies in the stream's memory, without its delimiter, and is valid until the
 * next call on this stream or its poller; that call may put it. A call that finds no delimiter
 * consumes nothing, so it can be made again when more has come. Called with the same delimiter, and
 * with nothing read in between, it looks only at what is new, so a peer that sends byte by byte
 * costs no more than another. Of a line that is long already the stream keeps a copy of the
 * delimiter meanwhile.
 */
#ifndef STREAMPEERSOCKET_LINES_H
#define STREAMPEERSOCKET_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "export.h"
#include "stream.h"

SPS_BEGIN_DECLARATIONS

/**
 * Reads up to a delimiter, and waits for it. The delimiter is consumed and not handed out. Since 0.1.
 *
 * @param delimiter such as "\r\n\r\n"; delimiter_bytes of it, at least 1.
 * @param max_bytes that may stand before it; 0: the stream's max_value_bytes.
 * @param out_data what stood before it.
 * @return OK; ERR_INVALID_DATA when more than max_bytes have come without it, and ERR_FILE_EOF (FAILED after
 *         a reset) when it will never come: nothing is consumed, and what is there can be read by
 *         sps_stream_get_partial_data(); ERR_INVALID_PARAMETER (no delimiter, or max_bytes above
 *         max_value_bytes); FAILED, ERR_TIMEOUT, ERR_OUT_OF_MEMORY as for a typed value.
 */
SPS_API sps_error sps_stream_get_until(sps_stream *stream, const void *delimiter,
                                       size_t delimiter_bytes, size_t max_bytes,
                                       const uint8_t **out_data, size_t *out_bytes);

/** The same without waiting: ERR_BUSY when it has not come yet. Since 0.1. */
SPS_API sps_error sps_stream_try_get_until(sps_stream *stream, const void *delimiter,
                                           size_t delimiter_bytes, size_t max_bytes,
                                           const uint8_t **out_data, size_t *out_bytes);

/**
 * Reads a line of UTF-8, which ends with "\n" or "\r\n", and waits for it. Since 0.1.
 *
 * @param out_text the line without its end, not terminated.
 * @return as sps_stream_get_until(); ERR_INVALID_DATA also when it is no UTF-8 (RFC 3629): nothing is
 *         consumed, so it may be read as bytes.
 */
SPS_API sps_error sps_stream_get_line(sps_stream *stream, size_t max_bytes, const char **out_text,
                                      size_t *out_bytes);

/** The same without waiting: ERR_BUSY when its end has not come yet. Since 0.1. */
SPS_API sps_error sps_stream_try_get_line(sps_stream *stream, size_t max_bytes,
                                          const char **out_text, size_t *out_bytes);

/**
 * Puts text as it is, with no length before it and nothing behind. Since 0.1.
 *
 * @return as sps_stream_put_u8(); ERR_INVALID_PARAMETER when it is no UTF-8.
 */
SPS_API sps_error sps_stream_put_text(sps_stream *stream, const char *text, size_t byte_count);

SPS_END_DECLARATIONS

#endif
