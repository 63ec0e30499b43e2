// SPDX-License-Identifier: MIT
#include "support/custom_streams.h"

#include <string.h>

// ---- Operations

sps_error read_some(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    block *block = user_data;
    const size_t left = block->written - block->read;
    size_t n = count < left ? count : left;
    n = n < block->piece ? n : block->piece;
    memcpy(buffer, block->bytes + block->read, n);
    block->read += n;
    block->calls++;
    *out = n;
    return n == 0 ? block->at_end : SPS_OK;
}

sps_error write_some(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    block *block = user_data;
    const size_t left = sizeof block->bytes - block->written;
    size_t n = count < left ? count : left;
    n = n < block->piece ? n : block->piece;
    block->calls++;
    *out = block->on_write == SPS_OK ? n : 0;
    memcpy(block->bytes + block->written, data, *out);
    block->written += *out;
    return block->on_write;
}

sps_error read_all(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    *out = 0;
    while (*out < count) {
        size_t n;
        const sps_error error = read_some(user_data, buffer + *out, count - *out, &n);
        *out += n;
        if (n == 0) {
            return error == SPS_OK ? SPS_ERR_FILE_EOF : error;
        }
    }
    return SPS_OK;
}

sps_error write_all(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    *out = 0;
    while (*out < count) {
        size_t n;
        write_some(user_data, data + *out, count - *out, &n);
        if (n == 0) {
            return SPS_ERR_FILE_CANT_WRITE;
        }
        *out += n;
    }
    return SPS_OK;
}

static sps_error count_available(void *user_data, size_t *out) {
    const block *block = user_data;
    *out = block->written - block->read;
    return SPS_OK;
}

static void note_destroyed(void *user_data) {
    ((block *)user_data)->destroyed++;
}

const sps_custom_operations operations = {
    .struct_size = sizeof operations,
    .get_partial_data = read_some,
    .put_partial_data = write_some,
    .get_available_bytes = count_available,
    .destroy = note_destroyed,
};

// ---- Streams

sps_stream *open_custom(const sps_custom_operations *chosen, void *user_data,
                        const sps_stream_options *options) {
    sps_stream *stream = NULL;
    OK(sps_custom_create(chosen, user_data, options, &stream));
    return stream;
}

sps_stream *make_custom(block *block, const sps_custom_operations *chosen) {
    block->piece = block->piece == 0 ? 3 : block->piece;
    return open_custom(chosen, block, NULL);
}
