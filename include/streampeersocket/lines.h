/* SPDX-License-Identifier: MIT */
/**
 * @file lines.h
 * Lines and other text that ends with a delimiter, without a length prefix. Godot has no
 * counterpart. The calls work on any stream.
 *
 * The result lies in the stream's memory, without its delimiter. It is valid until the next call on
 * this stream or its poller. That next call may put it.
 *
 * A call that finds no delimiter consumes nothing, so the caller can repeat it when more bytes have
 * come. A repetition with the same delimiter, and no other get between, scans only the new bytes.
 * So a peer that sends single bytes costs no more than another. Meanwhile the stream keeps a copy
 * of the delimiter if the line is long.
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
 * Reads up to a delimiter, and waits for it. The call consumes the delimiter and does not return
 * it. Since 0.1.
 *
 * @param delimiter such as "\r\n\r\n".
 * @param delimiter_bytes its length, at least 1.
 * @param max_bytes limit of the bytes before the delimiter. 0 means the stream's max_value_bytes.
 * @param out_data the bytes before the delimiter.
 * @return OK, or:
 *         - ERR_INVALID_DATA: more than max_bytes have come without the delimiter. Nothing is
 *           consumed.
 *         - ERR_FILE_EOF (FAILED after a reset): the delimiter will never come. Nothing is
 *           consumed. sps_stream_get_partial_data() reads the rest.
 *         - ERR_INVALID_PARAMETER: the delimiter is empty or longer than max_value_bytes. Or
 *           max_bytes is above max_value_bytes.
 *         - FAILED, ERR_TIMEOUT, ERR_OUT_OF_MEMORY: as for a typed value.
 */
SPS_API sps_error sps_stream_get_until(sps_stream *stream, const void *delimiter,
                                       size_t delimiter_bytes, size_t max_bytes,
                                       const uint8_t **out_data, size_t *out_bytes);

/**
 * sps_stream_get_until() without waiting: ERR_BUSY if the delimiter has not come yet. Since 0.1.
 */
SPS_API sps_error sps_stream_try_get_until(sps_stream *stream, const void *delimiter,
                                           size_t delimiter_bytes, size_t max_bytes,
                                           const uint8_t **out_data, size_t *out_bytes);

/**
 * Reads a line of UTF-8 that ends with "\n" or "\r\n", and waits for it. Since 0.1.
 *
 * @param max_bytes limit of the bytes before the "\n". A "\r" there counts too. 0 means the
 *         stream's max_value_bytes.
 * @param out_text the line without its end, not NUL-terminated.
 * @return the codes of sps_stream_get_until(), and:
 *         - ERR_INVALID_DATA: also if the line is not UTF-8 (RFC 3629). Nothing is consumed, so the
 *           caller can read it as bytes.
 */
SPS_API sps_error sps_stream_get_line(sps_stream *stream, size_t max_bytes, const char **out_text,
                                      size_t *out_bytes);

/**
 * sps_stream_get_line() without waiting: ERR_BUSY if the end of the line has not come yet.
 * Since 0.1.
 */
SPS_API sps_error sps_stream_try_get_line(sps_stream *stream, size_t max_bytes,
                                          const char **out_text, size_t *out_bytes);

/**
 * Puts text as it is, without a length prefix and without a terminator. Since 0.1.
 *
 * @return the codes of sps_stream_put_u8(), and:
 *         - ERR_INVALID_PARAMETER: the text is not UTF-8.
 */
SPS_API sps_error sps_stream_put_text(sps_stream *stream, const char *text, size_t byte_count);

SPS_END_DECLARATIONS

#endif
