// SPDX-License-Identifier: MIT
#include <limits.h>
#include <string.h>

#include "codec.h"

enum { GZIP_FORMAT = 16 }; // added to window_bits

sps_error spsi_gzip_encoder_open(spsi_gzip_encoder *encoder, const sps_allocator *allocator,
                                 const spsi_gzip_settings *settings, bool is_zlib) {
    memset(encoder, 0, sizeof *encoder);
    encoder->heap.allocator = allocator;
    encoder->zlib.zalloc = spsi_gzip_zalloc;
    encoder->zlib.zfree = spsi_gzip_zfree;
    encoder->zlib.opaque = &encoder->heap;
    const int window = settings->window_bits + (is_zlib ? 0 : GZIP_FORMAT);
    const int result = deflateInit2(&encoder->zlib, settings->level, Z_DEFLATED, window,
                                    settings->memory_level, Z_DEFAULT_STRATEGY);
    encoder->is_open = result == Z_OK;
    return encoder->is_open ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
}

void spsi_gzip_encoder_close(spsi_gzip_encoder *encoder) {
    if (encoder->is_open) {
        deflateEnd(&encoder->zlib);
        encoder->is_open = false;
    }
}

static uInt piece_of(size_t size) {
    return size < UINT_MAX ? (uInt)size : UINT_MAX;
}

// Calls zlib once. It can fail only if it is called wrongly.
static int deflate_once(spsi_gzip_encoder *encoder, spsi_gzip_input *input, spsi_gzip_room *room,
                        int flush) {
    z_stream *zlib = &encoder->zlib;
    zlib->next_in = input->data;
    zlib->avail_in = piece_of(input->size);
    zlib->next_out = room->data;
    zlib->avail_out = piece_of(room->size);
    const int result = deflate(zlib, flush);
    const size_t consumed = (size_t)(zlib->next_in - input->data);
    const size_t produced = (size_t)(zlib->next_out - room->data);
    input->data += consumed;
    input->size -= consumed;
    room->data += produced;
    room->size -= produced;
    encoder->plain_in += consumed;
    encoder->compressed_out += produced;
    return result;
}

// Moves the spill to the room. True if nothing is left of it.
static bool drain_spill(spsi_gzip_encoder *encoder, spsi_gzip_room *room) {
    const size_t size = encoder->spill_bytes;
    const size_t count = size < room->size ? size : room->size;
    if (count > 0) {
        memcpy(room->data, encoder->spill, count);
        memmove(encoder->spill, encoder->spill + count, size - count);
        encoder->spill_bytes = size - count;
        room->data += count;
        room->size -= count;
    }
    return encoder->spill_bytes == 0;
}

void spsi_gzip_encode(spsi_gzip_encoder *encoder, spsi_gzip_input *input, spsi_gzip_room *room) {
    if (!drain_spill(encoder, room)) {
        return;
    }
    while (input->size > 0 && room->size > 0) {
        encoder->is_dirty = true;
        deflate_once(encoder, input, room, Z_NO_FLUSH);
    }
}

// Calls zlib once to write out the rest. True if it is done. In less room than a marker needs, zlib
// would write markers for ever, so it gets the spill then.
static bool deflate_rest(spsi_gzip_encoder *encoder, spsi_gzip_room *room, bool finish) {
    spsi_gzip_input none = {NULL, 0};
    spsi_gzip_room spill = {encoder->spill, sizeof encoder->spill};
    const bool is_spilled = room->size < sizeof encoder->spill;
    spsi_gzip_room *chosen = is_spilled ? &spill : room;
    const int result = deflate_once(encoder, &none, chosen, finish ? Z_FINISH : Z_SYNC_FLUSH);
    if (is_spilled) {
        encoder->spill_bytes = sizeof encoder->spill - spill.size;
    }
    return finish ? result == Z_STREAM_END : chosen->size > 0;
}

bool spsi_gzip_encode_rest(spsi_gzip_encoder *encoder, spsi_gzip_room *room, bool finish) {
    if (!drain_spill(encoder, room)) {
        return false;
    }
    bool is_done = encoder->is_finished || (!finish && !encoder->is_dirty);
    while (!is_done && room->size > 0) {
        is_done = deflate_rest(encoder, room, finish);
        encoder->is_dirty = encoder->is_dirty && !is_done;
        encoder->is_finished = is_done && finish;
        if (!drain_spill(encoder, room)) {
            return false;
        }
    }
    return is_done;
}
