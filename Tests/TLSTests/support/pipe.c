// SPDX-License-Identifier: MIT
#include "support/pipe.h"

#include <string.h>

#include "streampeersocket/custom.h"

struct pipe_end {
    memory_pipe *pipe;
    int index;
};

static sps_error get(void *user_data, uint8_t *buffer, size_t byte_count, size_t *out_received) {
    pipe_end *end = user_data;
    pipe_lane *lane = &end->pipe->lanes[end->index];
    size_t count = byte_count < lane->piece ? byte_count : lane->piece;
    count = count < lane->size ? count : lane->size;
    *out_received = count;
    if (count == 0) {
        return lane->ending;
    }
    memcpy(buffer, lane->bytes, count);
    memmove(lane->bytes, lane->bytes + count, lane->size - count);
    lane->size -= count;
    return SPS_OK;
}

static sps_error put(void *user_data, const uint8_t *data, size_t byte_count, size_t *out_sent) {
    pipe_end *end = user_data;
    pipe_lane *lane = &end->pipe->lanes[1 - end->index];
    *out_sent = 0;
    lane->puts++;
    if (lane->ending != SPS_OK) {
        return SPS_FAILED;
    }
    size_t count = byte_count < lane->piece ? byte_count : lane->piece;
    const size_t room = lane->most > lane->size ? lane->most - lane->size : 0;
    count = count < room ? count : room;
    if (lane->size + count > lane->capacity) {
        lane->capacity = 2 * (lane->size + count);
        lane->bytes = realloc(lane->bytes, lane->capacity);
        ck_assert_ptr_nonnull(lane->bytes);
    }
    memcpy(lane->bytes + lane->size, data, count);
    lane->size += count;
    lane->total += count;
    *out_sent = count;
    return SPS_OK;
}

static sps_error available(void *user_data, size_t *out_bytes) {
    const pipe_end *end = user_data;
    *out_bytes = end->pipe->lanes[end->index].size;
    return SPS_OK;
}

memory_pipe *make_pipe(void) {
    static const sps_custom_operations operations = {
        .struct_size = sizeof operations,
        .get_partial_data = get,
        .put_partial_data = put,
        .get_available_bytes = available,
    };
    memory_pipe *pipe = calloc(1, sizeof *pipe);
    for (int i = 0; i < 2; i++) {
        pipe->lanes[i].most = pipe->lanes[i].piece = SIZE_MAX;
        pipe->ends[i] = calloc(1, sizeof *pipe->ends[i]);
        *pipe->ends[i] = (pipe_end){pipe, i};
        OK(sps_custom_create(&operations, pipe->ends[i], NULL, &pipe->streams[i]));
    }
    return pipe;
}

void drop_pipe(memory_pipe *pipe) {
    for (int i = 0; i < 2; i++) {
        sps_stream_destroy(pipe->streams[i]);
        free(pipe->ends[i]);
        free(pipe->lanes[i].bytes);
    }
    free(pipe);
}

void set_piece(memory_pipe *pipe, size_t piece) {
    pipe->lanes[0].piece = pipe->lanes[1].piece = piece;
}
