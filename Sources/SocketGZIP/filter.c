// SPDX-License-Identifier: MIT
//
// A stream over another one. Puts go through the encoder into the outgoing queue, and from there to
// the base. Gets take bytes that the base shows (peek), and consume only what zlib has used. So
// what follows the compressed data stays in the base.
#include <string.h>

#include "stream.h"

enum {
    // Room of the caller's that is large enough to be filled without the queue.
    DIRECT_BYTES = 4096,
    // What a base without read-ahead is asked to show.
    READ_BYTES = 16 * 1024,
};

typedef struct filter {
    spsi_gzip gzip;
    sps_stream *base; // NULL: not connected
    size_t buffer_bytes;
    bool is_zlib;
    bool wants_flush;  // a flush point must get out
    bool wants_finish; // the end of the data must get out
    bool base_ended;   // in order
    bool has_ended;    // a get has returned that end, and the core has closed the stream
    bool write_failed; // the base has failed, and what was put is lost
    bool drops_input;  // while it disconnects: puts of the core's write buffer are dropped
    bool holds_byte;   // a get has waited for it
    uint8_t byte;
    spsi_gzip_queue outgoing; // compressed bytes for the base
    spsi_gzip_queue plain;    // decompressed bytes
} filter;

static filter *filter_of(void *state) {
    return state;
}

// ---- Writing

// Offers the outgoing bytes to the base. OK; ERR_BUSY if it takes no more now; or its error.
static sps_error send_outgoing(filter *f, bool waits) {
    size_t size;
    while ((size = spsi_gzip_queue_size(&f->outgoing)) > 0) {
        const uint8_t *data = f->outgoing.block + f->outgoing.head;
        size_t sent = 0;
        sps_error error = SPS_ERR_PARAMETER_RANGE_ERROR;
        if (waits) {
            error = sps_stream_put_data(f->base, data, size, &sent);
        }
        if (error == SPS_ERR_PARAMETER_RANGE_ERROR) { // its write buffer takes only pieces
            error = sps_stream_put_partial_data(f->base, data, size, &sent);
        }
        spsi_gzip_queue_drop(&f->outgoing, sent);
        if (error != SPS_OK) {
            return error;
        }
        if (sent == 0) {
            return SPS_ERR_BUSY;
        }
    }
    return SPS_OK;
}

// Writes out everything that was compressed, and with `finish` the end of the data.
static sps_error send_rest(filter *f, bool finish, bool waits) {
    for (bool is_done = false; !is_done;) {
        const size_t size = spsi_gzip_queue_room(&f->outgoing);
        spsi_gzip_room room = {f->outgoing.block + f->outgoing.tail, size};
        is_done = spsi_gzip_encode_rest(&f->gzip.encoder, &room, finish);
        f->outgoing.tail += size - room.size;
        const sps_error error = send_outgoing(f, waits);
        if (error != SPS_OK && (is_done || error != SPS_ERR_BUSY ||
                                spsi_gzip_queue_room(&f->outgoing) == 0)) {
            f->wants_flush = f->wants_flush && !(is_done && !finish);
            return error;
        }
    }
    f->wants_flush = false;
    return SPS_OK;
}

// Moves on what earlier calls have left.
static sps_error send_pending(filter *f, bool waits) {
    if (!f->gzip.encoder.is_open) {
        return SPS_OK;
    }
    return f->wants_flush || f->wants_finish ? send_rest(f, f->wants_finish, waits)
                                             : send_outgoing(f, waits);
}

// The encoder takes its memory at the first byte.
static sps_error open_encoder(filter *f) {
    spsi_gzip *gzip = &f->gzip;
    if (gzip->encoder.is_open) {
        return SPS_OK;
    }
    if (!spsi_gzip_queue_open(&f->outgoing, &gzip->allocator, f->buffer_bytes)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    const sps_error error =
        spsi_gzip_encoder_open(&gzip->encoder, &gzip->allocator, &gzip->settings, f->is_zlib);
    if (error != SPS_OK) {
        spsi_gzip_queue_close(&f->outgoing, &gzip->allocator);
    }
    return error;
}

static sps_error encode(filter *f, spsi_gzip_input *input, bool waits) {
    while (input->size > 0) {
        const size_t size = spsi_gzip_queue_room(&f->outgoing);
        spsi_gzip_room room = {f->outgoing.block + f->outgoing.tail, size};
        spsi_gzip_encode(&f->gzip.encoder, input, &room);
        f->outgoing.tail += size - room.size;
        if (room.size > 0) {
            break;
        }
        const sps_error error = send_outgoing(f, waits);
        if (error != SPS_OK &&
            (error != SPS_ERR_BUSY || spsi_gzip_queue_room(&f->outgoing) == 0)) {
            return error;
        }
    }
    return SPS_OK;
}

static sps_error put(filter *f, const uint8_t *data, size_t byte_count, bool waits,
                     size_t *out_sent) {
    if (f->drops_input) {
        *out_sent = byte_count;
        return SPS_OK;
    }
    if (f->base == NULL) {
        return SPS_ERR_UNCONFIGURED;
    }
    if (f->wants_finish || f->write_failed) {
        return SPS_FAILED;
    }
    sps_error error = open_encoder(f);
    if (error == SPS_OK) {
        error = send_pending(f, waits);
    }
    if (error != SPS_OK) {
        return error;
    }
    spsi_gzip_input input = {data, byte_count};
    error = encode(f, &input, waits);
    *out_sent = byte_count - input.size;
    f->wants_flush = !f->gzip.settings.manual_flush && *out_sent > 0;
    if (error == SPS_OK && f->wants_flush) {
        error = send_rest(f, false, waits);
    }
    if (error == SPS_FAILED) { // a put that has moved bytes would return OK
        f->write_failed = true;
        *out_sent = 0;
    }
    return error;
}

static sps_error put_data(void *state, const uint8_t *data, size_t byte_count, size_t *out_sent) {
    return put(filter_of(state), data, byte_count, true, out_sent);
}

static sps_error put_partial_data(void *state, const uint8_t *data, size_t byte_count,
                                  size_t *out_sent) {
    return put(filter_of(state), data, byte_count, false, out_sent);
}

// ---- Reading

// Shows bytes of the base. ERR_BUSY if there are none now; ERR_FILE_EOF at its end; or its error.
static sps_error show_input(filter *f, spsi_gzip_input *out_input) {
    *out_input = (spsi_gzip_input){&f->byte, 1};
    if (f->holds_byte) {
        return SPS_OK;
    }
    if (f->base_ended) {
        return SPS_ERR_FILE_EOF;
    }
    sps_error error = sps_stream_peek(f->base, 1, &out_input->data, &out_input->size);
    if (out_input->size == 1) { // a base without read-ahead has read only what it was asked for
        const sps_error more =
            sps_stream_peek(f->base, READ_BYTES, &out_input->data, &out_input->size);
        if (out_input->size == 0) { // it may not hold so much
            error = more != SPS_ERR_PARAMETER_RANGE_ERROR
                        ? more
                        : sps_stream_peek(f->base, 1, &out_input->data, &out_input->size);
        }
    }
    f->base_ended = error == SPS_ERR_FILE_EOF && out_input->size == 0;
    return out_input->size > 0 ? SPS_OK : error;
}

static void consume_input(filter *f, size_t count) {
    if (f->holds_byte) {
        f->holds_byte = count == 0;
    } else {
        sps_stream_consume(f->base, count);
    }
}

static sps_error open_decoder(filter *f) {
    spsi_gzip *gzip = &f->gzip;
    return gzip->decoder.is_open
               ? SPS_OK
               : spsi_gzip_decoder_open(&gzip->decoder, &gzip->allocator, &gzip->settings,
                                        f->is_zlib);
}

// The base has ended.
static sps_error end_reading(filter *f) {
    spsi_gzip_decode_end(&f->gzip.decoder);
    return f->gzip.decoder.error != SPS_OK ? f->gzip.decoder.error : SPS_ERR_FILE_EOF;
}

// Decompresses bytes of the base, once. OK if something moved; ERR_BUSY; or the end or fault.
static sps_error decode(filter *f, spsi_gzip_room *room) {
    spsi_gzip_decoder *decoder = &f->gzip.decoder;
    spsi_gzip_input input = {NULL, 0};
    if (decoder->error != SPS_OK) {
        return decoder->error;
    }
    if (decoder->place == SPSI_GZIP_ENDED && f->gzip.settings.single_member) {
        return SPS_ERR_FILE_EOF;
    }
    if (!decoder->holds_output) {
        const sps_error shown = show_input(f, &input);
        if (shown != SPS_OK) {
            return shown == SPS_ERR_FILE_EOF ? end_reading(f) : shown;
        }
        const sps_error opened = open_decoder(f);
        if (opened != SPS_OK) {
            return opened;
        }
    }
    const size_t size = input.size;
    spsi_gzip_decode(decoder, &input, room);
    if (input.size > 0 && decoder->place == SPSI_GZIP_ENDED && !f->gzip.settings.single_member) {
        spsi_gzip_decode_trailing(decoder);
    }
    if (size > 0) {
        consume_input(f, size - input.size);
    }
    return SPS_OK;
}

// Fills the queue of plain bytes as far as it has room. OK, or why it stopped before.
static sps_error fill_plain(filter *f) {
    if (f->plain.block == NULL &&
        !spsi_gzip_queue_open(&f->plain, &f->gzip.allocator, f->buffer_bytes)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    sps_error error = SPS_OK;
    size_t size;
    while (error == SPS_OK && (size = spsi_gzip_queue_room(&f->plain)) > 0) {
        spsi_gzip_room room = {f->plain.block + f->plain.tail, size};
        error = decode(f, &room);
        f->plain.tail += size - room.size;
    }
    return error;
}

// Gets once: from the queue, or, for large pieces, straight from zlib.
static sps_error get_piece(filter *f, uint8_t *buffer, size_t byte_count, size_t *out_received) {
    *out_received = spsi_gzip_queue_take(&f->plain, buffer, byte_count);
    if (*out_received > 0) {
        return SPS_OK;
    }
    if (byte_count >= DIRECT_BYTES) {
        spsi_gzip_room room = {buffer, byte_count};
        const sps_error error = decode(f, &room);
        *out_received = byte_count - room.size;
        return error;
    }
    const sps_error error = fill_plain(f);
    *out_received = spsi_gzip_queue_take(&f->plain, buffer, byte_count);
    return *out_received > 0 ? SPS_OK : error;
}

// The peer may need what was put to answer. Then waits for a byte.
static sps_error wait_for_base(filter *f) {
    f->wants_flush = f->wants_flush || f->gzip.encoder.is_dirty;
    send_pending(f, false);
    const sps_error error = sps_stream_get_data(f->base, &f->byte, 1, NULL);
    f->holds_byte = error == SPS_OK;
    f->base_ended = error == SPS_ERR_FILE_EOF;
    return error == SPS_ERR_FILE_EOF ? SPS_OK : error;
}

static sps_error get(filter *f, uint8_t *buffer, size_t byte_count, bool waits,
                     size_t *out_received) {
    *out_received = 0;
    if (f->base == NULL) {
        return SPS_ERR_UNCONFIGURED;
    }
    while (*out_received < byte_count) {
        size_t piece;
        sps_error error =
            get_piece(f, buffer + *out_received, byte_count - *out_received, &piece);
        *out_received += piece;
        if (error == SPS_ERR_BUSY && waits) {
            error = wait_for_base(f);
        }
        if (error != SPS_OK) {
            const bool is_partial = !waits && *out_received > 0;
            f->has_ended = f->has_ended || (error == SPS_ERR_FILE_EOF && !is_partial);
            return is_partial ? SPS_OK : error;
        }
    }
    return SPS_OK;
}

static sps_error get_data(void *state, uint8_t *buffer, size_t byte_count, size_t *out_received) {
    return get(filter_of(state), buffer, byte_count, true, out_received);
}

static sps_error get_partial_data(void *state, uint8_t *buffer, size_t byte_count,
                                  size_t *out_received) {
    return get(filter_of(state), buffer, byte_count, false, out_received);
}

static sps_error get_available_bytes(void *state, size_t *out_bytes) {
    filter *f = filter_of(state);
    *out_bytes = 0;
    if (f->base == NULL) {
        return SPS_OK;
    }
    const sps_error error = fill_plain(f);
    *out_bytes = spsi_gzip_queue_size(&f->plain);
    return error == SPS_ERR_OUT_OF_MEMORY && *out_bytes == 0 ? error : SPS_OK;
}

// ---- The calls of gzip.h

static void free_memory(filter *f) {
    spsi_gzip_encoder_close(&f->gzip.encoder);
    spsi_gzip_decoder_close(&f->gzip.decoder);
    spsi_gzip_queue_close(&f->outgoing, &f->gzip.allocator);
    spsi_gzip_queue_close(&f->plain, &f->gzip.allocator);
}

static void destroy(void *state) {
    filter *f = filter_of(state);
    if (f->base != NULL) {
        send_pending(f, false);
    }
    free_memory(f);
    spsi_gzip_destroy(&f->gzip);
}

sps_error sps_gzip_filter_create(const sps_gzip_options *options, sps_stream **out_stream) {
    const sps_custom_operations operations = {
        .struct_size = sizeof operations,
        .get_partial_data = get_partial_data,
        .get_data = get_data,
        .put_partial_data = put_partial_data,
        .put_data = put_data,
        .get_available_bytes = get_available_bytes,
        .destroy = destroy,
    };
    return spsi_gzip_create(options, SPSI_GZIP_FILTER, &operations, sizeof(filter), out_stream);
}

sps_error sps_gzip_connect_to_stream(sps_stream *stream, sps_stream *base, bool use_deflate,
                                     size_t buffer_size) {
    spsi_gzip *gzip;
    const sps_error found = spsi_gzip_find_kind(stream, SPSI_GZIP_FILTER, &gzip);
    if (found != SPS_OK) {
        return found;
    }
    filter *f = filter_of(gzip);
    if (base == NULL || base == stream || buffer_size == 0 || buffer_size > PTRDIFF_MAX) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (f->base != NULL) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    if (f->has_ended) {
        return SPS_FAILED;
    }
    memset(&gzip->encoder, 0, sizeof gzip->encoder);
    memset(&gzip->decoder, 0, sizeof gzip->decoder);
    f->wants_flush = f->wants_finish = f->base_ended = f->holds_byte = f->write_failed = false;
    f->base = base;
    f->is_zlib = use_deflate;
    f->buffer_bytes = buffer_size;
    return SPS_OK;
}

sps_error sps_gzip_get_stream(const sps_stream *stream, sps_stream **out_base) {
    spsi_gzip *gzip;
    if (out_base == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const sps_error found = spsi_gzip_find_kind(stream, SPSI_GZIP_FILTER, &gzip);
    if (found == SPS_ERR_INVALID_PARAMETER) {
        return found;
    }
    *out_base = found == SPS_OK ? filter_of(gzip)->base : NULL;
    return found;
}

// Drops what the core holds of a stream: bytes that it has read ahead, and batched puts.
static void drop_buffers_of_core(filter *f) {
    const uint8_t *data;
    size_t bytes = 0;
    sps_stream_peek(f->gzip.stream, 0, &data, &bytes);
    sps_stream_consume(f->gzip.stream, bytes);
    f->drops_input = true;
    sps_stream_flush(f->gzip.stream);
    f->drops_input = false;
}

sps_error sps_gzip_disconnect_from_stream(sps_stream *stream) {
    spsi_gzip *gzip;
    const sps_error found = spsi_gzip_find_kind(stream, SPSI_GZIP_FILTER, &gzip);
    if (found != SPS_OK) {
        return found;
    }
    filter *f = filter_of(gzip);
    if (f->base != NULL) {
        sps_stream_flush(stream);
        send_pending(f, false);
        f->base = NULL;
    }
    drop_buffers_of_core(f);
    free_memory(f);
    return SPS_OK;
}

// Passes batched puts on to the encoder, if the base takes them.
static sps_error take_batched_puts(filter *f) {
    size_t bytes = 0;
    sps_stream_get_pending_write_bytes(f->gzip.stream, &bytes);
    return bytes > 0 ? sps_stream_flush(f->gzip.stream) : SPS_OK;
}

static sps_error begin_flush(filter *f) {
    if (f->base == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    const sps_error error = f->wants_finish ? SPS_OK : take_batched_puts(f);
    return error == SPS_OK ? open_encoder(f) : error;
}

static sps_error send_all(filter *f) {
    const sps_error error = send_pending(f, false);
    return error == SPS_OK ? sps_stream_flush(f->base) : error;
}

sps_error spsi_gzip_finish_filter(spsi_gzip *gzip) {
    filter *f = filter_of(gzip);
    const sps_error error = begin_flush(f);
    if (error != SPS_OK) {
        return error;
    }
    f->wants_finish = true;
    return send_all(f);
}

sps_error spsi_gzip_flush_filter(spsi_gzip *gzip) {
    filter *f = filter_of(gzip);
    if (f->base != NULL && f->wants_finish) {
        return SPS_FAILED;
    }
    const sps_error error = begin_flush(f);
    if (error != SPS_OK) {
        return error;
    }
    f->wants_flush = f->wants_flush || f->gzip.encoder.is_dirty;
    return send_all(f);
}

uint64_t spsi_gzip_waiting_in_filter(const spsi_gzip *gzip) {
    return spsi_gzip_queue_size(&((const filter *)gzip)->outgoing);
}
