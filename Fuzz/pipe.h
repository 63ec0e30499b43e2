// SPDX-License-Identifier: MIT
//
// A stream in memory whose bytes come and go in pieces that a fuzzer's input chooses.
#ifndef FUZZ_PIPE_H
#define FUZZ_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <streampeersocket/streampeersocket.h>

// What an input chooses with, again and again from the start.
typedef struct choices {
    const uint8_t *bytes;
    size_t size; // 0: it always chooses 0
    size_t at;
} choices;

uint8_t choose(choices *choices);

// An input: how many choices, the choices, and data for the rest.
choices take_choices(const uint8_t **io_data, size_t *io_bytes);

typedef struct pipe_end {
    choices *pieces;
    const uint8_t *in; // what is to be read
    size_t in_bytes, in_at;
    bool ends;    // behind the last byte; else more may come, some day
    uint8_t *out; // what was written, in memory for `out_capacity`
    size_t out_bytes, out_capacity;
    size_t stalls; // pieces in a row that were nothing
    // The account of the stream's memory. Of `fail_every` requests one is refused; 0: none.
    size_t allocated, most_allocated, requests, fail_every;
} pipe_end;

// RFC 3629, by the value of each character and not by the library's tables.
bool is_utf8(const uint8_t *text, size_t bytes);

sps_stream *open_pipe(pipe_end *end, const sps_stream_options *options);

#endif
