// SPDX-License-Identifier: MIT
//
// A stream in memory. A fuzzer's input chooses the pieces in which its bytes come and go.
#ifndef FUZZ_PIPE_H
#define FUZZ_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <streampeersocket/streampeersocket.h>

// The choices of an input, repeated from the start.
typedef struct choices {
    const uint8_t *bytes;
    size_t size; // 0: it always chooses 0
    size_t at;
} choices;

uint8_t choose(choices *choices);

// Parses an input: the number of choices, the choices, and data for the rest.
choices take_choices(const uint8_t **io_data, size_t *io_bytes);

typedef struct pipe_end {
    choices *pieces;
    const uint8_t *in; // the bytes to read
    size_t in_bytes, in_at;
    bool ends;    // after the last byte; otherwise more may come
    uint8_t *out; // the written bytes, with room for `out_capacity`
    size_t out_bytes, out_capacity;
    size_t stalls; // pieces in a row that were nothing
    // The account of the stream's memory. One of `fail_every` requests is refused. 0: none.
    size_t allocated, most_allocated, requests, fail_every;
} pipe_end;

// Checks UTF-8 by RFC 3629: by the value of each character, not by the library's tables.
bool is_utf8(const uint8_t *text, size_t bytes);

sps_stream *open_pipe(pipe_end *end, const sps_stream_options *options);

#endif
