// SPDX-License-Identifier: MIT
//
// Godot's StreamPeerGZIP. A put goes through the codec into the output queue, from which gets read.
// If that is full, the rest of a put waits in the input queue, and gets move it on.
#include <string.h>

#include "stream.h"

typedef enum work { IDLE, COMPRESSES, DECOMPRESSES } work;

// Room of the caller's that is large enough to be filled without the output queue.
enum { DIRECT_BYTES = 4096 };

typedef struct transformer {
    spsi_gzip gzip;
    work task;
    bool wants_flush;  // a flush point follows the input
    bool wants_finish; // the end of the data follows the input
    bool input_ended;  // decompression: no more input will come
    bool drops_input;  // during clear: puts of the core's write buffer are dropped
    bool keeps_input;  // during finish and flush: they are accepted, whatever waits
    spsi_gzip_queue input, output;
} transformer;

static transformer *transformer_of(void *state) {
    return state;
}

// ---- Work

static void run_codec(transformer *t, spsi_gzip_input *input, spsi_gzip_room *room) {
    if (t->task == COMPRESSES) {
        spsi_gzip_encode(&t->gzip.encoder, input, room);
    } else if (t->task == DECOMPRESSES) {
        spsi_gzip_decode(&t->gzip.decoder, input, room);
        if (input->size > 0 && t->gzip.decoder.place == SPSI_GZIP_ENDED) {
            spsi_gzip_decode_trailing(&t->gzip.decoder);
        }
    }
}

// Processes what waits: input, then a flush point or the end.
static void advance(transformer *t, spsi_gzip_room *room) {
    const size_t size = spsi_gzip_queue_size(&t->input);
    spsi_gzip_input input = {size > 0 ? t->input.block + t->input.head : NULL, size};
    run_codec(t, &input, room);
    spsi_gzip_queue_drop(&t->input, size - input.size);
    if (input.size > 0) {
        return;
    }
    if (t->input.block != NULL) {
        spsi_gzip_queue_close(&t->input, &t->gzip.allocator);
    }
    if (t->wants_flush && spsi_gzip_encode_rest(&t->gzip.encoder, room, false)) {
        t->wants_flush = false;
    }
    if (t->wants_finish) {
        spsi_gzip_encode_rest(&t->gzip.encoder, room, true);
    }
    if (t->input_ended && !t->gzip.decoder.holds_output) {
        spsi_gzip_decode_end(&t->gzip.decoder);
    }
}

static spsi_gzip_room room_of(transformer *t) {
    const size_t size = spsi_gzip_queue_room(&t->output);
    return (spsi_gzip_room){size > 0 ? t->output.block + t->output.tail : NULL, size};
}

static void fill_output(transformer *t) {
    spsi_gzip_room room = room_of(t);
    const size_t size = room.size;
    advance(t, &room);
    t->output.tail += size - room.size;
}

// The code that gets and puts return once nothing is left before it.
static sps_error fault_of(const transformer *t) {
    return t->task == DECOMPRESSES ? t->gzip.decoder.error : SPS_OK;
}

// ---- Gets

// Gets once: from the queue, or, for large pieces, straight from the codec.
static size_t get_piece(transformer *t, uint8_t *buffer, size_t byte_count) {
    if (spsi_gzip_queue_size(&t->output) == 0 && byte_count >= DIRECT_BYTES) {
        spsi_gzip_room room = {buffer, byte_count};
        advance(t, &room);
        return byte_count - room.size;
    }
    if (spsi_gzip_queue_size(&t->output) == 0) {
        fill_output(t);
    }
    return spsi_gzip_queue_take(&t->output, buffer, byte_count);
}

static size_t get_all(transformer *t, uint8_t *buffer, size_t byte_count) {
    size_t received = 0;
    while (received < byte_count) {
        const size_t piece = get_piece(t, buffer + received, byte_count - received);
        if (piece == 0) {
            break;
        }
        received += piece;
    }
    fill_output(t);
    return received;
}

static sps_error get_partial_data(void *state, uint8_t *buffer, size_t byte_count,
                                  size_t *out_received) {
    transformer *t = transformer_of(state);
    *out_received = get_all(t, buffer, byte_count);
    return *out_received > 0 ? SPS_OK : fault_of(t);
}

static sps_error get_data(void *state, uint8_t *buffer, size_t byte_count, size_t *out_received) {
    transformer *t = transformer_of(state);
    *out_received = get_all(t, buffer, byte_count);
    if (*out_received == byte_count) {
        return SPS_OK;
    }
    const sps_error fault = fault_of(t);
    return fault != SPS_OK ? fault : SPS_ERR_UNAVAILABLE;
}

static sps_error get_available_bytes(void *state, size_t *out_bytes) {
    transformer *t = transformer_of(state);
    fill_output(t);
    *out_bytes = spsi_gzip_queue_size(&t->output);
    return SPS_OK;
}

// ---- Puts

static sps_error check_put(const transformer *t) {
    if (t->task == IDLE) {
        return SPS_ERR_UNCONFIGURED;
    }
    if (t->wants_finish || t->input_ended) {
        return SPS_FAILED;
    }
    return fault_of(t);
}

// Processes bytes of the caller as far as there is room. Returns how many.
static size_t process(transformer *t, const uint8_t *data, size_t byte_count) {
    fill_output(t);
    spsi_gzip_input input = {data, byte_count};
    spsi_gzip_room room = room_of(t);
    if (spsi_gzip_queue_size(&t->input) > 0 || t->wants_flush || room.size == 0) {
        return 0;
    }
    const size_t size = room.size;
    run_codec(t, &input, &room);
    t->output.tail += size - room.size;
    return byte_count - input.size;
}

static bool may_wait(const transformer *t, size_t byte_count) {
    const size_t size = spsi_gzip_queue_size(&t->input);
    const size_t most = t->gzip.settings.max_waiting_bytes;
    return size == 0 || t->keeps_input || (size < most && byte_count <= most - size);
}

static sps_error put_data(void *state, const uint8_t *data, size_t byte_count, size_t *out_sent) {
    transformer *t = transformer_of(state);
    if (t->drops_input) {
        *out_sent = byte_count;
        return SPS_OK;
    }
    sps_error error = check_put(t);
    if (error != SPS_OK) {
        return error;
    }
    const size_t processed = process(t, data, byte_count);
    const size_t rest = byte_count - processed;
    *out_sent = processed;
    error = fault_of(t);
    if (error != SPS_OK || rest == 0) {
        return error;
    }
    if (!may_wait(t, rest)) {
        return SPS_ERR_BUSY;
    }
    if (!spsi_gzip_queue_append(&t->input, &t->gzip.allocator, data + processed, rest)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    *out_sent = byte_count;
    return SPS_OK;
}

static sps_error put_partial_data(void *state, const uint8_t *data, size_t byte_count,
                                  size_t *out_sent) {
    transformer *t = transformer_of(state);
    if (t->drops_input || t->keeps_input) {
        return put_data(state, data, byte_count, out_sent);
    }
    const sps_error error = check_put(t);
    if (error == SPS_OK) {
        *out_sent = process(t, data, byte_count);
    }
    return error != SPS_OK ? error : fault_of(t);
}

// ---- The calls of gzip.h

static void free_memory(transformer *t) {
    spsi_gzip_encoder_close(&t->gzip.encoder);
    spsi_gzip_decoder_close(&t->gzip.decoder);
    spsi_gzip_queue_close(&t->input, &t->gzip.allocator);
    spsi_gzip_queue_close(&t->output, &t->gzip.allocator);
}

void spsi_gzip_destroy_transformer(void *state) {
    transformer *t = transformer_of(state);
    free_memory(t);
    spsi_gzip_destroy(&t->gzip);
}

sps_error sps_gzip_create(const sps_gzip_options *options, sps_stream **out_stream) {
    const sps_custom_operations operations = {
        .struct_size = sizeof operations,
        .get_partial_data = get_partial_data,
        .get_data = get_data,
        .put_partial_data = put_partial_data,
        .put_data = put_data,
        .get_available_bytes = get_available_bytes,
        .destroy = spsi_gzip_destroy_transformer,
    };
    return spsi_gzip_create(options, SPSI_GZIP_TRANSFORMER, &operations, sizeof(transformer),
                            out_stream);
}

// Drops what the core holds of a stream: bytes that it has read ahead, and batched puts.
static void drop_buffers_of_core(transformer *t) {
    sps_stream *stream = t->gzip.stream;
    const uint8_t *data;
    size_t bytes = 0;
    sps_stream_peek(stream, 0, &data, &bytes);
    sps_stream_consume(stream, bytes);
    t->drops_input = true;
    sps_stream_flush(stream);
    t->drops_input = false;
}

// Passes batched puts on to the codec.
static sps_error take_batched_puts(transformer *t) {
    t->keeps_input = true;
    const sps_error error = sps_stream_flush(t->gzip.stream);
    t->keeps_input = false;
    return error;
}

static void clear(transformer *t) {
    drop_buffers_of_core(t);
    free_memory(t);
    memset(&t->gzip.encoder, 0, sizeof t->gzip.encoder);
    memset(&t->gzip.decoder, 0, sizeof t->gzip.decoder);
    t->task = IDLE;
    t->wants_flush = t->wants_finish = t->input_ended = false;
}

static sps_error open_codec(transformer *t, work task, const spsi_gzip_format *format) {
    spsi_gzip *gzip = &t->gzip;
    return task == COMPRESSES
               ? spsi_gzip_encoder_open(&gzip->encoder, &gzip->allocator, &gzip->settings, format)
               : spsi_gzip_decoder_open(&gzip->decoder, &gzip->allocator, &gzip->settings, format);
}

static sps_error start(sps_stream *stream, work task, bool use_deflate, size_t buffer_size) {
    spsi_gzip *gzip;
    const sps_error found = spsi_gzip_find_kind(stream, SPSI_GZIP_TRANSFORMER, &gzip);
    if (found != SPS_OK) {
        return found;
    }
    transformer *t = transformer_of(gzip);
    if (t->task != IDLE) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    const spsi_gzip_format *format = spsi_gzip_format_of(&gzip->settings, use_deflate);
    if (buffer_size == 0 || buffer_size > PTRDIFF_MAX || format == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (!spsi_gzip_queue_open(&t->output, &gzip->allocator, buffer_size)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    const sps_error error = open_codec(t, task, format);
    if (error != SPS_OK) {
        spsi_gzip_queue_close(&t->output, &gzip->allocator);
        return error;
    }
    t->task = task;
    return SPS_OK;
}

sps_error sps_gzip_start_compression(sps_stream *stream, bool use_deflate, size_t buffer_size) {
    return start(stream, COMPRESSES, use_deflate, buffer_size);
}

sps_error sps_gzip_start_decompression(sps_stream *stream, bool use_deflate, size_t buffer_size) {
    return start(stream, DECOMPRESSES, use_deflate, buffer_size);
}

sps_error sps_gzip_clear(sps_stream *stream) {
    spsi_gzip *gzip;
    const sps_error found = spsi_gzip_find_kind(stream, SPSI_GZIP_TRANSFORMER, &gzip);
    if (found == SPS_OK) {
        clear(transformer_of(gzip));
    }
    return found;
}

sps_error spsi_gzip_finish_transformer(spsi_gzip *gzip) {
    transformer *t = transformer_of(gzip);
    if (t->task != COMPRESSES) {
        return SPS_ERR_UNAVAILABLE;
    }
    if (!t->wants_finish) {
        const sps_error error = take_batched_puts(t);
        if (error != SPS_OK) {
            return error;
        }
    }
    t->wants_finish = true;
    fill_output(t);
    return SPS_OK;
}

sps_error spsi_gzip_flush_transformer(spsi_gzip *gzip) {
    transformer *t = transformer_of(gzip);
    if (t->task != COMPRESSES) {
        return SPS_ERR_UNAVAILABLE;
    }
    if (t->wants_finish) {
        return SPS_FAILED;
    }
    const sps_error error = take_batched_puts(t);
    if (error != SPS_OK) {
        return error;
    }
    t->wants_flush = true;
    fill_output(t);
    return SPS_OK;
}

sps_error sps_gzip_end_input(sps_stream *stream) {
    spsi_gzip *gzip;
    const sps_error found = spsi_gzip_find_kind(stream, SPSI_GZIP_TRANSFORMER, &gzip);
    if (found != SPS_OK) {
        return found;
    }
    transformer *t = transformer_of(gzip);
    if (t->task != DECOMPRESSES) {
        return SPS_ERR_UNAVAILABLE;
    }
    if (!t->input_ended) {
        const sps_error error = take_batched_puts(t);
        if (error != SPS_OK) {
            return error;
        }
    }
    t->input_ended = true;
    fill_output(t);
    const sps_error fault = fault_of(t);
    if (fault != SPS_OK) {
        return fault;
    }
    const bool is_all = spsi_gzip_queue_size(&t->input) == 0 && !gzip->decoder.holds_output;
    return is_all ? SPS_OK : SPS_ERR_BUSY;
}

uint64_t spsi_gzip_waiting_in_transformer(const spsi_gzip *gzip) {
    return spsi_gzip_queue_size(&((const transformer *)gzip)->input);
}
