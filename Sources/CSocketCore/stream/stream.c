// SPDX-License-Identifier: MIT
#include "stream/stream.h"

#include <string.h>

#include "base/endian.h"
#include "base/memory.h"
#include "base/sized_struct.h"

enum {
    DEFAULT_BUFFER_BYTES = 64 * 1024,
    DEFAULT_MAX_VALUE_BYTES = 8 * 1024 * 1024,
    // So that a value and its length can be counted in 32 bits.
    MOST_VALUE_BYTES = INT32_MAX - 4,
};

void spsi_stream_reset_chunk(sps_stream *stream) {
    stream->read_chunk_bytes = stream->read_buffer_bytes < SPSI_FIRST_BLOCK_BYTES
                                   ? stream->read_buffer_bytes
                                   : SPSI_FIRST_BLOCK_BYTES;
}

static uint32_t or_default(uint32_t value, uint32_t fallback) {
    return value != 0 ? value : fallback;
}

sps_error spsi_stream_options_read(const sps_stream_options *options,
                                   sps_stream_options *out_options) {
    const bool good = spsi_struct_read(options, out_options, sizeof *out_options);
    return good ? SPS_OK : SPS_ERR_INVALID_PARAMETER;
}

sps_error spsi_stream_create(const sps_stream_options *options, spsi_kind kind,
                             const spsi_stream_ops *ops, size_t object_bytes,
                             sps_stream **out_stream) {
    sps_stream_options chosen;
    if (spsi_stream_options_read(options, &chosen) != SPS_OK) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    sps_allocator allocator;
    if (!spsi_allocator_read(chosen.allocator, &allocator)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    uint8_t shift;
    sps_stream *stream = spsi_allocate_aligned(&allocator, object_bytes, &shift);
    if (stream == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    stream->ops = ops;
    stream->allocator = allocator;
    assert(object_bytes <= UINT16_MAX);
    stream->object_bytes = (uint16_t)object_bytes;
    stream->shift = shift;
    stream->kind = (uint8_t)kind;
    stream->read_buffer_bytes = or_default(chosen.read_buffer_bytes, DEFAULT_BUFFER_BYTES);
    stream->write_buffer_bytes = or_default(chosen.write_buffer_bytes, DEFAULT_BUFFER_BYTES);
    stream->low_mark_bytes =
        or_default(chosen.write_low_mark_bytes, stream->write_buffer_bytes / 2);
    stream->max_value_bytes = or_default(chosen.max_value_bytes, DEFAULT_MAX_VALUE_BYTES);
    if (stream->max_value_bytes > MOST_VALUE_BYTES) {
        stream->max_value_bytes = MOST_VALUE_BYTES;
    }
    stream->swap_bytes = !spsi_is_little_endian();
    spsi_stream_reset_chunk(stream);
    *out_stream = stream;
    return SPS_OK;
}

void spsi_stream_set_read_buffer(sps_stream *stream, uint32_t bytes) {
    stream->read_buffer_bytes = bytes;
    spsi_stream_reset_chunk(stream);
}

void sps_stream_destroy(sps_stream *stream) {
    if (stream == NULL) {
        return;
    }
    assert(stream->watch == NULL || !stream->watch->group->is_waiting);
    if (stream->above != NULL) {
        stream->above->ops->lose_base(stream->above);
    }
    stream->ops->destroy(stream);
    spsi_stream_reset(stream);
    if (stream->watch != NULL) {
        spsi_watch_end(stream->watch);
    }
    const sps_allocator allocator = stream->allocator;
    spsi_free_aligned(&allocator, stream, stream->object_bytes, stream->shift);
}

void spsi_stream_reset(sps_stream *stream) {
    spsi_stream_give_back(stream, &stream->in);
    spsi_stream_give_back(stream, &stream->out);
    spsi_stream_forget_scan(stream);
    stream->inline_count = 0;
    stream->read_end = SPS_OK;
    stream->known_empty = false;
    stream->has_new_bytes = false;
    spsi_stream_forget_refusal(stream);
    stream->wanted_bytes = 0;
}

sps_error sps_stream_set_big_endian(sps_stream *stream, bool enabled) {
    if (stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    stream->big_endian = enabled;
    stream->swap_bytes = enabled == spsi_is_little_endian();
    return SPS_OK;
}

sps_error sps_stream_is_big_endian(const sps_stream *stream, bool *out_enabled) {
    if (stream == NULL || out_enabled == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_enabled = stream->big_endian;
    return SPS_OK;
}
