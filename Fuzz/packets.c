// SPDX-License-Identifier: MIT
//
// An echo of packets. They come from a stream that delivers its bytes in any pieces, and go into
// another. Each packet has its length, comes whole or not at all, and is counted correctly. A
// packet above the limit ends the stream.
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "pipe.h"

enum {
    PREFIX_BYTES = 4,
    INPUT_BYTES = 252, // as the library rounds it
    WRITE_BUFFER_BYTES = 900,
    MEMORY_FACTOR = 4,
    MEMORY_CONSTANT = 16384,
    MOST_CALLS = 1024,
};

typedef struct echo {
    choices choices;
    pipe_end from, to;
    sps_stream *in, *out;
    sps_packet_peer *taker, *putter;
    size_t at;        // how much was taken
    size_t put_bytes; // and put: all but empty packets
    bool is_open;
} echo;

static size_t rest_bytes(const echo *echo) {
    return echo->from.in_bytes - echo->at;
}

static size_t length_at(const echo *echo, size_t at) {
    const uint8_t *b = echo->from.in + at;
    return (size_t)b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16 | (size_t)b[3] << 24;
}

static sps_error expected(const echo *echo) {
    const size_t left = rest_bytes(echo);
    if (left >= PREFIX_BYTES && length_at(echo, echo->at) > INPUT_BYTES) {
        return SPS_ERR_INVALID_DATA;
    }
    if (left >= PREFIX_BYTES && length_at(echo, echo->at) <= left - PREFIX_BYTES) {
        return SPS_OK;
    }
    return echo->from.ends ? SPS_ERR_FILE_EOF : SPS_ERR_UNAVAILABLE;
}

// Counts the whole packets in the rest of the input.
static size_t packets_left(const echo *echo) {
    size_t count = 0;
    for (size_t at = echo->at; echo->from.in_bytes - at >= PREFIX_BYTES; count++) {
        const size_t bytes = length_at(echo, at);
        if (bytes > INPUT_BYTES || bytes > echo->from.in_bytes - at - PREFIX_BYTES) {
            break;
        }
        at += PREFIX_BYTES + bytes;
    }
    return count;
}

static bool may_come_again(sps_error error) {
    return error == SPS_ERR_UNAVAILABLE || error == SPS_ERR_OUT_OF_MEMORY;
}

// The error that ended the stream is returned once.
static void expect_error(echo *echo, sps_error error) {
    size_t left = 0;
    const sps_error told = sps_stream_get_available_bytes(echo->in, &left);
    if (may_come_again(error)) {
        FUZZ_ASSERT(told == SPS_OK && left == rest_bytes(echo));
        return;
    }
    FUZZ_ASSERT(error == expected(echo) && told == SPS_FAILED);
    echo->is_open = false;
}

static void put(echo *echo, const uint8_t *data, size_t bytes) {
    sps_error error;
    while ((error = sps_packet_peer_put_packet(echo->putter, data, bytes)) != SPS_OK) {
        FUZZ_ASSERT(error == SPS_ERR_BUSY || error == SPS_ERR_OUT_OF_MEMORY);
    }
    echo->put_bytes += bytes > 0 ? PREFIX_BYTES + bytes : 0;
    size_t pending;
    FUZZ_ASSERT(sps_stream_get_pending_write_bytes(echo->out, &pending) == SPS_OK);
    FUZZ_ASSERT(echo->to.out_bytes + pending == echo->put_bytes);
}

static void take(echo *echo) {
    const uint8_t *data, *sent = echo->from.in + echo->at + PREFIX_BYTES;
    size_t bytes;
    const sps_error error = sps_packet_peer_get_packet(echo->taker, &data, &bytes);
    if (error != SPS_OK) {
        FUZZ_ASSERT(data == NULL && bytes == 0);
        expect_error(echo, error);
        return;
    }
    FUZZ_ASSERT(expected(echo) == SPS_OK && bytes == length_at(echo, echo->at));
    FUZZ_ASSERT(bytes == 0 || memcmp(data, sent, bytes) == 0);
    echo->at += PREFIX_BYTES + bytes;
    put(echo, sent, bytes);
}

static void count(echo *echo) {
    size_t packets;
    const sps_error error = sps_packet_peer_get_available_packet_count(echo->taker, &packets);
    FUZZ_ASSERT(packets <= packets_left(echo) && (error == SPS_OK || packets == 0));
    if (error != SPS_OK) {
        expect_error(echo, error);
        return;
    }
    for (uint8_t left = choose(&echo->choices) % 4; left > 0 && packets > 0; left--, packets--) {
        const size_t before = echo->at;
        take(echo); // the counted packets are there
        FUZZ_ASSERT(echo->at > before);
    }
}

static void step(echo *echo) {
    const uint8_t chosen = choose(&echo->choices);
    if (chosen % 4 == 0) {
        sps_stream_set_write_batching(echo->out, chosen & 4);
    } else if (chosen % 4 == 1) {
        count(echo);
    } else {
        take(echo);
    }
}

// The bytes that were put are the packets that were taken, without the empty ones.
static void expect_all_is_there(const echo *echo) {
    size_t out = 0;
    for (size_t at = 0; at < echo->at;) {
        const size_t bytes = PREFIX_BYTES + length_at(echo, at);
        if (bytes > PREFIX_BYTES) {
            FUZZ_ASSERT(memcmp(echo->to.out + out, echo->from.in + at, bytes) == 0);
            out += bytes;
        }
        at += bytes;
    }
    FUZZ_ASSERT(out == echo->to.out_bytes);
}

static void open_echo(echo *echo, uint8_t setting) {
    const sps_stream_options options = {.read_buffer_bytes = setting & 4   ? 16
                                                             : setting & 8 ? 4096
                                                                           : 0,
                                        .write_buffer_bytes = WRITE_BUFFER_BYTES};
    const sps_packet_options packets = {.struct_size = sizeof packets,
                                        .input_buffer_max_bytes = INPUT_BYTES};
    echo->in = open_pipe(&echo->from, &options);
    echo->out = open_pipe(&echo->to, &options);
    FUZZ_ASSERT(sps_packet_stream_create(&packets, &echo->taker) == SPS_OK);
    FUZZ_ASSERT(sps_packet_stream_create(NULL, &echo->putter) == SPS_OK);
    FUZZ_ASSERT(sps_packet_peer_set_stream(echo->taker, echo->in) == SPS_OK);
    FUZZ_ASSERT(sps_packet_peer_set_stream(echo->putter, echo->out) == SPS_OK);
}

static void close_echo(echo *echo) {
    sps_packet_peer_destroy(echo->taker);
    sps_packet_peer_destroy(echo->putter);
    sps_stream_destroy(echo->in);
    sps_stream_destroy(echo->out);
    FUZZ_ASSERT(echo->from.allocated == 0 && echo->to.allocated == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    echo echo = {.choices = take_choices(&data, &bytes), .is_open = true};
    const uint8_t setting = choose(&echo.choices);
    const size_t fail_every = setting & 2 ? 3 : 0;
    uint8_t *out = malloc(bytes + 1);
    echo.from = (pipe_end){.pieces = &echo.choices,
                           .in = data,
                           .in_bytes = bytes,
                           .ends = setting & 1,
                           .fail_every = fail_every};
    echo.to = (pipe_end){
        .pieces = &echo.choices, .out = out, .out_capacity = bytes, .fail_every = fail_every};
    open_echo(&echo, setting);
    for (int calls = 0; calls < MOST_CALLS && echo.is_open; calls++) {
        step(&echo);
    }
    while (sps_stream_flush(echo.out) == SPS_ERR_BUSY) {
    }
    expect_all_is_there(&echo);
    FUZZ_ASSERT(echo.from.most_allocated <= MEMORY_FACTOR * bytes + MEMORY_CONSTANT);
    close_echo(&echo);
    free(out);
    return 0;
}
