// SPDX-License-Identifier: MIT
//
// A stream in memory. A fuzzer's input chooses the pieces in which its bytes come and go.
#ifndef FUZZ_PIPE_H
#define FUZZ_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <streampeersocket/streampeersocket.h>

// The source of all choices of an input. It starts over at its end.
typedef struct choices {
    const uint8_t *bytes;
    size_t size; // if 0, every choice is 0
    size_t at;
} choices;

uint8_t choose(choices *choices);

// Reads the choices from the start of an input: their count, then the choices. The rest is data.
choices take_choices(const uint8_t **io_data, size_t *io_bytes);

typedef struct pipe_end {
    choices *pieces;
    const uint8_t *in; // the bytes to read
    size_t in_bytes, in_at;
    bool ends;    // if true, the stream ends after the last byte; otherwise more may come
    uint8_t *out; // the written bytes; the memory holds `out_capacity`
    size_t out_bytes, out_capacity;
    size_t stalls; // the number of empty pieces in a row
    // The account of the stream's memory. One request of `fail_every` fails; if 0, none does.
    size_t allocated, most_allocated, requests, fail_every;
} pipe_end;

// Checks by RFC 3629, from each character's value, without the library's tables.
bool is_utf8(const uint8_t *text, size_t bytes);

sps_stream *open_pipe(pipe_end *end, const sps_stream_options *options);

#endif
