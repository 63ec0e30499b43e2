// SPDX-License-Identifier: MIT
//
// Strings, and Variants as far as a stream knows them: a length and the bytes, taken and put whole.
#include <string.h>

#include "streampeersocket/variant.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "stream/stream.h"

typedef bool (*text_test)(const uint8_t *text, size_t size);

enum { PREFIX_BYTES = 4 };

// The u32 at the head, which must be there, without consuming it.
static uint32_t peek_prefix(const sps_stream *stream) {
    const uint8_t *b = stream->in.head;
    return stream->big_endian
               ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]
               : (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

static void write_prefix(const sps_stream *stream, uint32_t value, uint8_t *out) {
    for (unsigned i = 0; i < PREFIX_BYTES; i++) {
        const unsigned shift = stream->big_endian ? 24 - 8 * i : 8 * i;
        out[i] = (uint8_t)(value >> shift);
    }
}

// Finds the length of the text, and how many bytes stand before it.
static sps_error read_length(sps_stream *stream, int64_t byte_count, spsi_patience patience,
                             size_t *out_prefix, size_t *out_size) {
    if (byte_count != SPS_LENGTH_PREFIXED) {
        *out_prefix = 0;
        *out_size = (size_t)byte_count;
        return byte_count < 0 || byte_count > (int64_t)stream->max_value_bytes
                   ? SPS_ERR_INVALID_PARAMETER
                   : SPS_OK;
    }
    const sps_error error = spsi_stream_need(stream, PREFIX_BYTES, patience);
    if (error != SPS_OK) {
        return error;
    }
    *out_prefix = PREFIX_BYTES;
    *out_size = peek_prefix(stream);
    return *out_size > stream->max_value_bytes ? SPS_ERR_INVALID_DATA : SPS_OK;
}

// `is_valid` NULL: any bytes.
static sps_error get_text(sps_stream *stream, int64_t byte_count, text_test is_valid,
                          spsi_patience patience, const char **out_text, size_t *out_bytes) {
    if (stream == NULL || out_text == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_text = NULL;
    *out_bytes = 0;
    spsi_stream_begin(stream);
    size_t prefix, size;
    sps_error error = read_length(stream, byte_count, patience, &prefix, &size);
    if (error != SPS_OK) {
        return error;
    }
    error = spsi_stream_need(stream, prefix + size, patience);
    if (error != SPS_OK) {
        return error;
    }
    if (prefix + size == 0) {
        *out_text = "";
        return SPS_OK;
    }
    const uint8_t *text = stream->in.head + prefix;
    if (is_valid != NULL && !is_valid(text, size)) {
        return SPS_ERR_INVALID_DATA;
    }
    spsi_byte_queue_consume(&stream->in, prefix + size);
    *out_text = (const char *)text;
    *out_bytes = size;
    return SPS_OK;
}

sps_error sps_stream_get_string(sps_stream *stream, int64_t byte_count, const char **out_text,
                                size_t *out_bytes) {
    return get_text(stream, byte_count, spsi_utf8_is_ascii, SPSI_WAIT, out_text, out_bytes);
}

sps_error sps_stream_get_utf8_string(sps_stream *stream, int64_t byte_count, const char **out_text,
                                     size_t *out_bytes) {
    return get_text(stream, byte_count, spsi_utf8_is_valid, SPSI_WAIT, out_text, out_bytes);
}

sps_error sps_stream_try_get_string(sps_stream *stream, int64_t byte_count, const char **out_text,
                                    size_t *out_bytes) {
    return get_text(stream, byte_count, spsi_utf8_is_ascii, SPSI_NEVER_WAIT, out_text, out_bytes);
}

sps_error sps_stream_try_get_utf8_string(sps_stream *stream, int64_t byte_count,
                                         const char **out_text, size_t *out_bytes) {
    return get_text(stream, byte_count, spsi_utf8_is_valid, SPSI_NEVER_WAIT, out_text, out_bytes);
}

static sps_error put_text(sps_stream *stream, const uint8_t *text, size_t size) {
    uint8_t prefix[PREFIX_BYTES];
    write_prefix(stream, (uint32_t)size, prefix);
    const spsi_slice slices[] = {{prefix, sizeof prefix}, {text, size}};
    size_t sent;
    return spsi_stream_put(stream, slices, size > 0 ? 2 : 1, &sent);
}

static bool is_puttable(const sps_stream *stream, const char *text, size_t byte_count) {
    return stream != NULL && spsi_is_text_length(byte_count) && (text != NULL || byte_count == 0) &&
           spsi_utf8_is_valid((const uint8_t *)text, byte_count);
}

sps_error sps_stream_put_utf8_string(sps_stream *stream, const char *text, size_t byte_count) {
    if (!is_puttable(stream, text, byte_count)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    return put_text(stream, (const uint8_t *)text, byte_count);
}

sps_error sps_stream_put_string(sps_stream *stream, const char *text, size_t byte_count) {
    if (!is_puttable(stream, text, byte_count)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const uint8_t *utf8 = (const uint8_t *)text;
    if (spsi_utf8_is_ascii(utf8, byte_count)) {
        return put_text(stream, utf8, byte_count);
    }
    const size_t size = spsi_utf8_length(utf8, byte_count);
    uint8_t *ascii = spsi_allocate(&stream->allocator, size);
    if (ascii == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    spsi_utf8_to_ascii(utf8, byte_count, ascii);
    const sps_error error = put_text(stream, ascii, size);
    spsi_free(&stream->allocator, ascii, size);
    return error;
}

// ---- Variants

static sps_error get_var(sps_stream *stream, spsi_patience patience, const uint8_t **out_value,
                         size_t *out_bytes) {
    if (out_value == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const char *bytes = NULL;
    const sps_error error =
        get_text(stream, SPS_LENGTH_PREFIXED, NULL, patience, &bytes, out_bytes);
    *out_value = (const uint8_t *)bytes;
    return error;
}

sps_error sps_stream_get_var(sps_stream *stream, const uint8_t **out_value, size_t *out_bytes) {
    return get_var(stream, SPSI_WAIT, out_value, out_bytes);
}

sps_error sps_stream_try_get_var(sps_stream *stream, const uint8_t **out_value, size_t *out_bytes) {
    return get_var(stream, SPSI_NEVER_WAIT, out_value, out_bytes);
}

sps_error sps_stream_put_var(sps_stream *stream, const void *value, size_t bytes) {
    if (stream == NULL || !spsi_is_text_length(bytes) || (value == NULL && bytes > 0)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    return put_text(stream, value, bytes);
}
