// SPDX-License-Identifier: MIT
//
// A stream over another one. Puts go through the encoder into the outgoing queue, and from there to
// the base. Gets peek at bytes of the base, and consume only what the codec has used. So the bytes
// that follow the compressed data stay in the base. No operation waits: the core does.
#include <string.h>

#include "stream.h"
#include "streampeersocket/socket.h"

// What a base without read-ahead is asked to show.
enum { READ_BYTES = 16 * 1024 };

typedef struct filter {
    spsi_gzip gzip;
    sps_stream *base; // NULL: closed
    size_t buffer_bytes;
    const spsi_gzip_format *format;
    bool wants_flush;         // a flush point must get out
    bool wants_finish;        // the end of the data must get out
    bool write_failed;        // the base has failed, and what was put is lost
    bool base_ended;          // in order
    bool data_ended;          // a get has returned the end of the data
    bool is_asked_to_finish;  // by the caller, and not by the core after the peer's end
    size_t owed_bytes;        // batched puts behind an empty get, which need a flush point
    spsi_gzip_queue outgoing; // compressed bytes for the base
    spsi_gzip_queue plain;    // decompressed bytes that were counted
} filter;

static filter *filter_of(void *state) {
    return state;
}

// ---- Writing

// Offers the outgoing bytes to the base. OK; ERR_BUSY if it takes no more now; or its error.
static sps_error send_outgoing(filter *f) {
    size_t size;
    while ((size = spsi_gzip_queue_size(&f->outgoing)) > 0) {
        const uint8_t *data = f->outgoing.block + f->outgoing.head;
        size_t sent = 0;
        const sps_error error = sps_stream_put_partial_data(f->base, data, size, &sent);
        spsi_gzip_queue_drop(&f->outgoing, sent);
        if (error != SPS_OK) { // the end of a stream is a code of gets
            return error == SPS_ERR_FILE_EOF ? SPS_FAILED : error;
        }
        if (sent == 0) {
            return SPS_ERR_BUSY;
        }
    }
    return SPS_OK;
}

static spsi_gzip_room outgoing_room(filter *f) {
    const size_t size = spsi_gzip_queue_room(&f->outgoing);
    return (spsi_gzip_room){f->outgoing.block + f->outgoing.tail, size};
}

// Sends what is outgoing. True, and the result, if the caller must stop: an error, or no room.
static bool is_stuck(filter *f, sps_error *out_error) {
    *out_error = send_outgoing(f);
    return *out_error != SPS_OK &&
           (*out_error != SPS_ERR_BUSY || spsi_gzip_queue_room(&f->outgoing) == 0);
}

// Compresses into the outgoing queue, and sends that, until the input is used up.
static sps_error encode(filter *f, spsi_gzip_input *input) {
    while (input->size > 0) {
        spsi_gzip_room room = outgoing_room(f);
        const size_t size = room.size;
        spsi_gzip_encode(&f->gzip.encoder, input, &room);
        f->outgoing.tail += size - room.size;
        sps_error error;
        if (room.size == 0 && is_stuck(f, &error)) {
            return error;
        }
    }
    return SPS_OK;
}

// Writes out everything that was compressed, and with `finish` the end of the data.
static sps_error send_rest(filter *f, bool finish) {
    for (;;) {
        spsi_gzip_room room = outgoing_room(f);
        const size_t size = room.size;
        const bool is_done = spsi_gzip_encode_rest(&f->gzip.encoder, &room, finish);
        f->outgoing.tail += size - room.size;
        f->wants_flush = f->wants_flush && !is_done;
        sps_error error;
        const bool is_stopped = is_stuck(f, &error);
        if (is_stopped || is_done) {
            return error;
        }
    }
}

// Moves on what earlier calls have left.
static sps_error send_pending(filter *f) {
    if (f->base == NULL || !spsi_gzip_encoder_is_open(&f->gzip.encoder) || f->write_failed) {
        return SPS_OK;
    }
    return f->wants_flush || f->wants_finish ? send_rest(f, f->wants_finish) : send_outgoing(f);
}

// The encoder takes its memory at the first byte.
static sps_error open_encoder(filter *f) {
    spsi_gzip *gzip = &f->gzip;
    if (spsi_gzip_encoder_is_open(&gzip->encoder)) {
        return SPS_OK;
    }
    if (!spsi_gzip_queue_open(&f->outgoing, &gzip->allocator, f->buffer_bytes)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    const sps_error error =
        spsi_gzip_encoder_open(&gzip->encoder, &gzip->allocator, &gzip->settings, f->format);
    if (error != SPS_OK) {
        spsi_gzip_queue_close(&f->outgoing, &gzip->allocator);
    }
    return error;
}

// A failure of the base is final. What it did not take is lost.
static sps_error note_failure(filter *f, sps_error error) {
    f->write_failed = f->write_failed || error == SPS_FAILED;
    return error;
}

// Flushes the base. A filter of this library also needs a flush point of its own.
static sps_error flush_base(filter *f) {
    return spsi_gzip_find(f->base) != NULL ? sps_gzip_flush(f->base) : sps_stream_flush(f->base);
}

// The same before the core waits for the peer. The wait itself flushes a base of another kind.
static void flush_filter_below(filter *f) {
    if (spsi_gzip_find(f->base) != NULL) {
        sps_gzip_flush(f->base); // a failure shows in the next get
    }
}

// Whether a flush point follows bytes that were put. With manual_flush only if an empty get has
// come before: the peer may need all bytes that were batched then.
static bool needs_flush(filter *f, size_t sent) {
    const size_t owed = f->owed_bytes;
    f->owed_bytes -= sent < owed ? sent : owed;
    return sent > 0 && (!f->gzip.settings.manual_flush || (owed > 0 && f->owed_bytes == 0));
}

static sps_error put_partial_data(void *state, const uint8_t *data, size_t byte_count,
                                  size_t *out_sent) {
    filter *f = filter_of(state);
    if (f->write_failed || f->wants_finish) {
        return SPS_FAILED;
    }
    sps_error error = open_encoder(f);
    if (error == SPS_OK) {
        error = send_pending(f);
    }
    if (error != SPS_OK) {
        return note_failure(f, error);
    }
    spsi_gzip_input input = {data, byte_count};
    error = encode(f, &input);
    *out_sent = byte_count - input.size;
    const bool is_owed = f->owed_bytes > 0;
    f->wants_flush = needs_flush(f, *out_sent);
    if (error == SPS_OK && f->wants_flush) {
        error = send_rest(f, false);
    }
    if (error == SPS_OK && is_owed) {
        flush_filter_below(f);
    }
    return note_failure(f, error);
}

// The core also calls it after the peer's end. If nothing was put by then, it writes nothing. A
// code of the base that is not final becomes ERR_BUSY, and the core calls again.
static sps_error shutdown_write(void *state) {
    filter *f = filter_of(state);
    if (f->write_failed) {
        return SPS_FAILED;
    }
    if (f->data_ended && !spsi_gzip_encoder_is_open(&f->gzip.encoder) && !f->is_asked_to_finish) {
        return SPS_OK;
    }
    const sps_error error = open_encoder(f);
    if (error != SPS_OK) {
        return error;
    }
    f->wants_finish = true;
    const sps_error sent = note_failure(f, send_pending(f));
    const bool is_final = sent == SPS_OK || sent == SPS_FAILED;
    return is_final || f->is_asked_to_finish ? sent : SPS_ERR_BUSY;
}

// ---- Reading

// Shows bytes of the base. ERR_BUSY if there are none now; ERR_FILE_EOF at its end; or its error.
static sps_error show_input(filter *f, spsi_gzip_input *out_input) {
    *out_input = (spsi_gzip_input){NULL, 0};
    if (f->base_ended) {
        return SPS_ERR_FILE_EOF;
    }
    sps_error error = sps_stream_peek(f->base, 1, &out_input->data, &out_input->size);
    if (out_input->size == 1) { // a base without read-ahead has read only what it was asked for
        const sps_error more =
            sps_stream_peek(f->base, READ_BYTES, &out_input->data, &out_input->size);
        if (more == SPS_ERR_PARAMETER_RANGE_ERROR) { // it may not hold so much
            sps_stream_peek(f->base, 1, &out_input->data, &out_input->size);
        }
    }
    f->base_ended = error == SPS_ERR_FILE_EOF && out_input->size == 0;
    return out_input->size > 0 ? SPS_OK : error;
}

static sps_error open_decoder(filter *f) {
    spsi_gzip *gzip = &f->gzip;
    return spsi_gzip_decoder_is_open(&gzip->decoder)
               ? SPS_OK
               : spsi_gzip_decoder_open(&gzip->decoder, &gzip->allocator, &gzip->settings,
                                        f->format);
}

static sps_close_reason reason_of(sps_gzip_fault fault) {
    switch (fault) {
    case SPS_GZIP_FAULT_TRUNCATED:
        return SPS_CLOSE_TRUNCATED;
    case SPS_GZIP_FAULT_RATIO:
    case SPS_GZIP_FAULT_LENGTH:
    case SPS_GZIP_FAULT_WINDOW:
        return SPS_CLOSE_LIMIT;
    default:
        return SPS_CLOSE_PROTOCOL;
    }
}

// The code of a fault. The next poll closes the stream.
static sps_error report_fault(filter *f) {
    const spsi_gzip_decoder *decoder = &f->gzip.decoder;
    if (decoder->fault != SPS_GZIP_FAULT_NONE) {
        sps_custom_set_failure(f->gzip.stream, reason_of(decoder->fault),
                               sps_gzip_fault_name(decoder->fault));
    }
    return decoder->error;
}

// The base has ended.
static sps_error end_reading(filter *f) {
    spsi_gzip_decode_end(&f->gzip.decoder);
    return f->gzip.decoder.error != SPS_OK ? report_fault(f) : SPS_ERR_FILE_EOF;
}

// Decompresses bytes of the base, once.
static sps_error decode_input(filter *f, spsi_gzip_room *room) {
    spsi_gzip_decoder *decoder = &f->gzip.decoder;
    spsi_gzip_input input;
    const sps_error shown = show_input(f, &input);
    if (shown != SPS_OK) {
        return shown == SPS_ERR_FILE_EOF ? end_reading(f) : shown;
    }
    const sps_error opened = open_decoder(f);
    if (opened != SPS_OK) {
        return opened;
    }
    const size_t size = input.size;
    spsi_gzip_decode(decoder, &input, room);
    if (input.size > 0 && decoder->place == SPSI_GZIP_ENDED && !f->gzip.settings.single_member) {
        spsi_gzip_decode_trailing(decoder);
    }
    sps_stream_consume(f->base, size - input.size);
    return SPS_OK;
}

// Fills the room. OK, or why it stopped before.
static sps_error decode(filter *f, spsi_gzip_room *room) {
    spsi_gzip_decoder *decoder = &f->gzip.decoder;
    sps_error error = SPS_OK;
    while (room->size > 0 && error == SPS_OK) {
        if (decoder->error != SPS_OK) {
            error = report_fault(f);
        } else if (decoder->place == SPSI_GZIP_ENDED && f->gzip.settings.single_member) {
            error = SPS_ERR_FILE_EOF;
        } else if (decoder->holds_output) {
            spsi_gzip_input none = {NULL, 0};
            spsi_gzip_decode(decoder, &none, room);
        } else {
            error = decode_input(f, room);
        }
    }
    return error;
}

// A get has found nothing, and may wait next. The peer may need what was put to answer.
static void flush_for_answer(filter *f) {
    f->wants_flush = f->wants_flush || f->gzip.encoder.is_dirty;
    sps_stream_get_pending_write_bytes(f->gzip.stream, &f->owed_bytes);
    if (note_failure(f, send_pending(f)) == SPS_OK) {
        flush_filter_below(f);
    }
}

static sps_error get_partial_data(void *state, uint8_t *buffer, size_t byte_count,
                                  size_t *out_received) {
    filter *f = filter_of(state);
    const size_t counted = spsi_gzip_queue_take(&f->plain, buffer, byte_count);
    if (f->plain.block != NULL && spsi_gzip_queue_size(&f->plain) == 0) {
        spsi_gzip_queue_close(&f->plain, &f->gzip.allocator);
    }
    spsi_gzip_room room = {buffer + counted, byte_count - counted};
    const sps_error error = decode(f, &room);
    *out_received = byte_count - room.size;
    if (error == SPS_ERR_BUSY) {
        flush_for_answer(f);
    }
    if (*out_received > 0) {
        return SPS_OK;
    }
    f->data_ended = error == SPS_ERR_FILE_EOF;
    return error;
}

static sps_error get_available_bytes(void *state, size_t *out_bytes) {
    filter *f = filter_of(state);
    *out_bytes = 0;
    if (f->plain.block == NULL &&
        !spsi_gzip_queue_open(&f->plain, &f->gzip.allocator, f->buffer_bytes)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    const size_t size = spsi_gzip_queue_room(&f->plain);
    spsi_gzip_room room = {f->plain.block + f->plain.tail, size};
    const sps_error error = decode(f, &room);
    f->plain.tail += size - room.size;
    *out_bytes = spsi_gzip_queue_size(&f->plain);
    if (*out_bytes == 0) {
        spsi_gzip_queue_close(&f->plain, &f->gzip.allocator);
    }
    return error == SPS_ERR_OUT_OF_MEMORY && *out_bytes == 0 ? error : SPS_OK;
}

// ---- Status

// Whether the base carries bytes: OK; ERR_BUSY while it connects; FAILED. A stream without a status
// always does.
static sps_error check_base(const sps_stream *base) {
    sps_status status;
    if (sps_socket_get_status(base, &status) != SPS_OK || status == SPS_STATUS_CONNECTED) {
        return SPS_OK;
    }
    return status == SPS_STATUS_CONNECTING ? SPS_ERR_BUSY : SPS_FAILED;
}

static sps_error poll_filter(void *state) {
    filter *f = filter_of(state);
    sps_status status = SPS_STATUS_NONE;
    sps_socket_get_status(f->gzip.stream, &status);
    if (status == SPS_STATUS_CONNECTING) {
        return check_base(f->base);
    }
    const sps_error sent = note_failure(f, send_pending(f)); // a get meets a failure of the base
    const bool has_fault = f->gzip.decoder.error != SPS_OK && f->plain.block == NULL;
    if (has_fault) {
        report_fault(f);
        return SPS_FAILED;
    }
    return sent == SPS_FAILED ? SPS_OK : sent;
}

static void free_memory(filter *f) {
    spsi_gzip_encoder_close(&f->gzip.encoder);
    spsi_gzip_decoder_close(&f->gzip.decoder);
    spsi_gzip_queue_close(&f->outgoing, &f->gzip.allocator);
    spsi_gzip_queue_close(&f->plain, &f->gzip.allocator);
}

static void close_filter(void *state) {
    filter *f = filter_of(state);
    send_pending(f);
    free_memory(f);
    f->base = NULL;
}

void spsi_gzip_destroy_filter(void *state) {
    filter *f = filter_of(state);
    free_memory(f);
    spsi_gzip_destroy(&f->gzip);
}

// ---- The calls of gzip.h

sps_error sps_gzip_filter_create(const sps_gzip_options *options, sps_stream **out_stream) {
    const sps_custom_operations operations = {
        .struct_size = sizeof operations,
        .get_partial_data = get_partial_data,
        .put_partial_data = put_partial_data,
        .get_available_bytes = get_available_bytes,
        .destroy = spsi_gzip_destroy_filter,
        .poll = poll_filter,
        .shutdown_write = shutdown_write,
        .close = close_filter,
    };
    return spsi_gzip_create(options, SPSI_GZIP_FILTER, &operations, sizeof(filter), out_stream);
}

// Makes the state that of a new connection.
static void reset(filter *f) {
    memset(&f->gzip.encoder, 0, sizeof f->gzip.encoder);
    memset(&f->gzip.decoder, 0, sizeof f->gzip.decoder);
    f->wants_flush = f->wants_finish = f->write_failed = f->base_ended = f->data_ended = false;
    f->owed_bytes = 0;
}

// Opens the stream over its base. The core polls at once.
static sps_error open_filter(filter *f, sps_stream *base) {
    const spsi_gzip_encoder encoder = f->gzip.encoder;
    const spsi_gzip_decoder decoder = f->gzip.decoder;
    reset(f);
    f->base = base;
    const sps_error error = sps_custom_open(f->gzip.stream, base);
    if (error != SPS_OK) {
        f->base = NULL;
        f->gzip.encoder = encoder; // for sps_gzip_get_info()
        f->gzip.decoder = decoder;
    }
    return error;
}

sps_error sps_gzip_connect_to_stream(sps_stream *stream, sps_stream *base, bool use_deflate,
                                     size_t buffer_size) {
    spsi_gzip *gzip;
    const sps_error found = spsi_gzip_find_kind(stream, SPSI_GZIP_FILTER, &gzip);
    if (found != SPS_OK) {
        return found;
    }
    filter *f = filter_of(gzip);
    const spsi_gzip_format *format = spsi_gzip_format_of(&gzip->settings, use_deflate);
    if (base == NULL || buffer_size == 0 || buffer_size > PTRDIFF_MAX || format == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (f->base != NULL) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    f->format = format;
    f->buffer_bytes = buffer_size;
    return open_filter(f, base);
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
    *out_base = NULL;
    return found == SPS_OK ? sps_custom_get_base(stream, out_base) : found;
}

sps_error sps_gzip_disconnect_from_stream(sps_stream *stream) {
    spsi_gzip *gzip;
    const sps_error found = spsi_gzip_find_kind(stream, SPSI_GZIP_FILTER, &gzip);
    return found == SPS_OK ? sps_socket_disconnect(stream) : found;
}

sps_error spsi_gzip_finish_filter(spsi_gzip *gzip) {
    filter *f = filter_of(gzip);
    if (f->base == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    f->is_asked_to_finish = true;
    const sps_error error = sps_socket_shutdown_write(gzip->stream);
    f->is_asked_to_finish = false;
    return error == SPS_OK ? flush_base(f) : error;
}

sps_error spsi_gzip_flush_filter(spsi_gzip *gzip) {
    filter *f = filter_of(gzip);
    if (f->base == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    const sps_error error = sps_stream_flush(gzip->stream);
    if (error != SPS_OK) {
        return error;
    }
    f->wants_flush = f->wants_flush || f->gzip.encoder.is_dirty;
    const sps_error sent = note_failure(f, send_pending(f));
    return sent == SPS_OK ? flush_base(f) : sent;
}

uint64_t spsi_gzip_waiting_in_filter(const spsi_gzip *gzip) {
    return spsi_gzip_queue_size(&((const filter *)gzip)->outgoing);
}
