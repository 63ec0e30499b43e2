// SPDX-License-Identifier: MIT
//
// Two streams in memory, connected with each other: custom streams without a status. A test decides
// how many bytes move at once, and how the pipe ends.
#ifndef TLS_TEST_PIPE_H
#define TLS_TEST_PIPE_H

#include "support/support.h"

typedef struct pipe_end pipe_end;

typedef struct pipe_lane {
    uint8_t *bytes;
    size_t size, capacity;
    size_t most;      // of bytes that wait; SIZE_MAX: any number
    size_t piece;     // of bytes that one call moves
    sps_error ending; // the result of a get from an empty lane; OK: nothing yet
    size_t total;     // of bytes that were put
    int puts;         // calls
} pipe_lane;

typedef struct memory_pipe {
    pipe_lane lanes[2]; // lane i is read by stream i
    sps_stream *streams[2];
    pipe_end *ends[2];
} memory_pipe;

memory_pipe *make_pipe(void);
void drop_pipe(memory_pipe *pipe);

// Limits what one call moves, in both directions.
void set_piece(memory_pipe *pipe, size_t piece);

#endif
