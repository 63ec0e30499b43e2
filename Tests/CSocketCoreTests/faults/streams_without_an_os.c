// SPDX-License-Identifier: MIT
//
// Streams that need no OS: buffers, and a caller's own stream, whose operations may fail like calls.
#include <string.h>

#include "faults/messages.h"
#include "faults/scenarios.h"

static size_t least(size_t one, size_t other) {
    return one < other ? one : other;
}

// ---- A buffer

enum { MOST_BUFFER = 40000 };

// What the buffer must have: a put that fails has changed nothing.
typedef struct model {
    uint8_t bytes[MOST_BUFFER];
    size_t size, position;
} model;

static void check_buffer(sps_stream *stream, const model *model) {
    const uint8_t *data;
    size_t size, position;
    EXPECT(sps_buffer_get_data_array(stream, &data, &size) == SPS_OK);
    EXPECT(size == model->size && (size == 0 || memcmp(data, model->bytes, size) == 0));
    EXPECT(sps_buffer_get_position(stream, &position) == SPS_OK && position == model->position);
}

static void note_written(model *model, const void *bytes, size_t size) {
    memcpy(model->bytes + model->position, bytes, size);
    model->position += size;
    model->size = model->size > model->position ? model->size : model->position;
}

// Puts of all kinds; each is made again when there was no memory for it.
static void put_kinds(sps_stream *stream, model *model) {
    uint8_t piece[PIECE];
    const uint8_t value[] = {0x78, 0x56, 0x34, 0x12};
    for (int i = 0; i < 8; i++) {
        const size_t size = (size_t)(PIECE - 371 * i);
        fill_pattern(piece, size, model->position);
        for (int tries = 0; tries < 2; tries++) {
            size_t sent = 0;
            const sps_error error = sps_stream_put_data(stream, piece, size, &sent);
            EXPECT(error == (sent == size ? SPS_OK : SPS_ERR_OUT_OF_MEMORY));
            EXPECT(sent == size || sent == 0);
            note_written(model, piece, sent);
            if (sps_stream_put_u32(stream, 0x12345678) == SPS_OK) {
                note_written(model, value, sizeof value);
            }
            if (sps_stream_put_utf8_string(stream, "text", 4) == SPS_OK) {
                note_written(model, "\4\0\0\0text", 8);
            }
            check_buffer(stream, model);
        }
    }
}

static void resize_and_copy(sps_stream *stream, model *model) {
    sps_stream *copy = stream;
    const sps_error error = sps_buffer_duplicate(stream, &copy);
    EXPECT((error == SPS_OK) == (copy != NULL));
    if (copy != NULL) {
        const size_t position = model->position;
        model->position = 0;
        check_buffer(copy, model);
        model->position = position;
        sps_stream_destroy(copy);
    }
    if (sps_buffer_resize(stream, MOST_BUFFER) == SPS_OK) {
        memset(model->bytes + model->size, 0, MOST_BUFFER - model->size);
        model->size = MOST_BUFFER;
    }
    check_buffer(stream, model);
    model->position = least(model->size, 100);
    EXPECT(sps_buffer_seek(stream, model->position) == SPS_OK);
    uint8_t piece[PIECE];
    fill_pattern(piece, sizeof piece, 7);
    if (sps_buffer_set_data_array(stream, piece, sizeof piece) == SPS_OK) {
        memcpy(model->bytes, piece, sizeof piece);
        model->size = sizeof piece;
        model->position = 0;
    }
    check_buffer(stream, model);
}

// Messages in it, behind one another, then all of them out of it.
static void keep_messages(sps_stream *stream) {
    way vars = {0, 0, false}, lines = {0, 0, false};
    EXPECT(sps_buffer_clear(stream) == SPS_OK);
    for (int i = 0; i < 3; i++) {
        put_next_var(&vars, stream);
    }
    for (int i = 0; i < 6; i++) {
        put_next_line(&lines, stream);
    }
    EXPECT((vars.taken == 3 && lines.taken == 6) || the_plan.struck > 0);
    EXPECT(sps_buffer_seek(stream, 0) == SPS_OK);
    for (uint64_t i = 0; i < vars.taken; i++) {
        EXPECT(take_var(&vars, stream, i % 2 == 0));
    }
    for (uint64_t i = 0; i < lines.taken; i++) {
        EXPECT(take_line(&lines, stream, i % 2 == 0));
    }
}

static void buffer(transport transport) {
    (void)transport;
    static model model;
    memset(&model, 0, sizeof model);
    const sps_stream_options options = stream_options();
    sps_stream *stream = NULL;
    if (sps_buffer_create(&options, &stream) == SPS_OK) {
        put_kinds(stream, &model);
        resize_and_copy(stream, &model);
        keep_messages(stream);
    }
    EXPECT(stream != NULL || the_plan.struck > 0);
    sps_stream_destroy(stream);
}

// ---- A caller's own stream

enum { MOST_HELD = 200000, PIPE_PIECE = 700 };

// What was put and not got yet, of which each operation moves a piece at the most.
typedef struct pipe_end {
    uint8_t held[MOST_HELD];
    size_t size;
    int destroyed;
} pipe_end;

enum {
    OPERATION = 1U << SPSI_AGAIN | 1U << SPSI_FAILED | 1U << SPSI_NO_MEMORY | 1U << SHORT_SEND,
    GET = OPERATION | 1U << SPSI_END,
};

static sps_error planned_answer(void) {
    switch (the_plan.code) {
    case SPSI_AGAIN:
        return SPS_ERR_BUSY;
    case SPSI_END:
        return SPS_ERR_FILE_EOF;
    case SPSI_NO_MEMORY:
        return SPS_ERR_OUT_OF_MEMORY;
    default:
        return SPS_FAILED;
    }
}

static sps_error get_partial(void *user_data, uint8_t *buffer, size_t size, size_t *out_received) {
    pipe_end *pipe = user_data;
    *out_received = 0;
    size = least(least(size, pipe->size), PIPE_PIECE);
    if (fault_strikes("custom get", GET)) {
        if (the_plan.code != SHORT_SEND) {
            return planned_answer();
        }
        size = least(size, 1);
    }
    memcpy(buffer, pipe->held, size);
    memmove(pipe->held, pipe->held + size, pipe->size - size);
    pipe->size -= size;
    *out_received = size;
    return SPS_OK;
}

static sps_error put_partial(void *user_data, const uint8_t *data, size_t size, size_t *out_sent) {
    pipe_end *pipe = user_data;
    *out_sent = 0;
    size = least(size, PIPE_PIECE);
    if (fault_strikes("custom put", OPERATION)) {
        if (the_plan.code != SHORT_SEND) {
            return planned_answer();
        }
        size = least(size, 1);
    }
    EXPECT(pipe->size + size <= MOST_HELD);
    memcpy(pipe->held + pipe->size, data, size);
    pipe->size += size;
    *out_sent = size;
    return SPS_OK;
}

// All or as much as is there, then whatever the partial one says.
static sps_error get_all(void *user_data, uint8_t *buffer, size_t size, size_t *out_received) {
    *out_received = 0;
    while (*out_received < size) {
        size_t count;
        const sps_error error =
            get_partial(user_data, buffer + *out_received, size - *out_received, &count);
        *out_received += count;
        if (error != SPS_OK || count == 0) {
            return error != SPS_OK ? error : SPS_ERR_BUSY;
        }
    }
    return SPS_OK;
}

static sps_error put_all(void *user_data, const uint8_t *data, size_t size, size_t *out_sent) {
    sps_error error = SPS_OK;
    *out_sent = 0;
    while (*out_sent < size && error == SPS_OK) {
        size_t count;
        error = put_partial(user_data, data + *out_sent, size - *out_sent, &count);
        *out_sent += count;
    }
    return error;
}

static void end_pipe(void *user_data) {
    ((pipe_end *)user_data)->destroyed++;
}

static void talk_to_itself(sps_stream *stream, bool batched) {
    way values = {0, 0, false}, vars = values, lines = values;
    is_error(&values, sps_stream_set_write_batching(stream, batched));
    for (int i = 0; i < 6 && !values.told && !vars.told && !lines.told; i++) {
        way *const ways[] = {&values, &vars, &lines};
        const sps_error error = sps_stream_put_u32(stream, (uint32_t)values.taken);
        values.taken += error == SPS_OK;
        is_error(&values, error);
        if (i % 2 == 0) {
            put_next_var(&vars, stream);
        } else {
            put_next_line(&lines, stream);
        }
        for (int tries = 0; tries < 400; tries++) {
            way *way = values.got < values.taken ? ways[0]
                       : vars.got < vars.taken   ? ways[1]
                                                 : ways[2];
            if (way->told || way->got == way->taken) {
                break;
            }
            is_error(way, sps_stream_flush(stream));
            uint32_t value;
            sps_error got = SPS_OK;
            if (way == &values && (got = sps_stream_try_get_u32(stream, &value)) == SPS_OK) {
                EXPECT(value == way->got);
                way->got++;
            } else if (way != &values) {
                way == &vars ? take_var(way, stream, tries % 2) : take_line(way, stream, tries % 2);
            }
            is_error(way, got);
        }
    }
    const bool told = values.told || vars.told || lines.told;
    EXPECT(told ||
           (values.got == values.taken && vars.got == vars.taken && lines.got == lines.taken));
    EXPECT(!told || the_plan.struck > 0);
}

static void custom(bool waits, bool batched) {
    static pipe_end pipe;
    pipe.size = 0;
    pipe.destroyed = 0;
    const sps_custom_operations operations = {.struct_size = sizeof operations,
                                              .get_partial_data = get_partial,
                                              .put_partial_data = put_partial,
                                              .get_data = waits ? get_all : NULL,
                                              .put_data = waits ? put_all : NULL,
                                              .destroy = end_pipe};
    sps_stream_options options = stream_options();
    options.write_buffer_bytes = 65536;
    sps_stream *stream = NULL;
    if (sps_custom_create(&operations, &pipe, &options, &stream) == SPS_OK) {
        talk_to_itself(stream, batched);
        EXPECT(pipe.destroyed == 0);
        sps_stream_destroy(stream);
        EXPECT(pipe.destroyed == 1);
    } else {
        EXPECT(stream == NULL && pipe.destroyed == 0);
    }
}

static void custom_waits(transport transport) {
    (void)transport;
    custom(true, false);
}

static void custom_in_parts(transport transport) {
    (void)transport;
    custom(false, false);
}

static void custom_batched(transport transport) {
    (void)transport;
    custom(false, true);
}

static void custom_packets(transport transport) {
    (void)transport;
    static pipe_end pipe;
    pipe.size = 0;
    const sps_custom_operations operations = {.struct_size = sizeof operations,
                                              .get_partial_data = get_partial,
                                              .put_partial_data = put_partial};
    const sps_packet_options packet_options = {.struct_size = sizeof packet_options,
                                               .allocator = fault_allocator()};
    const sps_stream_options options = stream_options();
    sps_stream *stream = NULL;
    sps_packet_peer *peer = NULL;
    way way = {0, 0, false};
    if (sps_custom_create(&operations, &pipe, &options, &stream) == SPS_OK &&
        sps_packet_stream_create(&packet_options, &peer) == SPS_OK) {
        EXPECT(sps_packet_peer_set_stream(peer, stream) == SPS_OK);
        for (int i = 0; i < 8 && !way.told; i++) {
            put_next_packet(&way, peer);
            for (int tries = 0; tries < 200 && way.got < way.taken && !way.told; tries++) {
                is_error(&way, sps_stream_flush(stream));
                take_packets(&way, peer);
            }
        }
        EXPECT(way.told || way.got == way.taken);
        EXPECT(!way.told || the_plan.struck > 0);
    }
    sps_packet_peer_destroy(peer);
    sps_stream_destroy(stream);
}

const scenario memory_scenarios[] = {{"buffer", buffer, TCP},
                                     {"custom, waiting", custom_waits, TCP},
                                     {"custom, in parts", custom_in_parts, TCP},
                                     {"custom, batched", custom_batched, TCP},
                                     {"custom, packets", custom_packets, TCP},
                                     {NULL, NULL, TCP}};
