// SPDX-License-Identifier: MIT
//
// Lines and delimited text, from a stream that delivers its bytes in any pieces. Each result must
// equal that of a scan of all the data. A refused call must have consumed nothing.
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "pipe.h"

enum { MEMORY_FACTOR = 4, MEMORY_CONSTANT = 16384, MOST_CALLS = 1024, MOST_STALLS = 64 };

typedef struct delimiter {
    const char *bytes;
    size_t size;
} delimiter;

static const delimiter delimiters[] = {{"\n", 1},  {"\r\n", 2}, {"\r\n\r\n", 4}, {"aa", 2},
                                       {"aab", 3}, {"\0", 1},   {"abcabd", 6},   {"\n\n", 2}};

// The expected result of a call.
typedef struct outcome {
    sps_error error;
    size_t bytes;    // handed out
    size_t consumed; // the delimiter included
} outcome;

static outcome expected(const pipe_end *end, size_t at, delimiter delimiter, size_t most,
                        bool is_line) {
    const size_t left = end->in_bytes - at;
    for (size_t before = 0; before + delimiter.size <= left; before++) {
        const uint8_t *line = end->in + at;
        if (memcmp(line + before, delimiter.bytes, delimiter.size) != 0) {
            continue;
        }
        const size_t cut = is_line && before > 0 && line[before - 1] == '\r';
        const bool is_good = before <= most && (!is_line || is_utf8(line, before - cut));
        return is_good ? (outcome){SPS_OK, before - cut, before + delimiter.size}
                       : (outcome){SPS_ERR_INVALID_DATA, 0, 0};
    }
    if (left >= most + delimiter.size) {
        return (outcome){SPS_ERR_INVALID_DATA, 0, 0};
    }
    return (outcome){end->ends ? SPS_ERR_FILE_EOF : SPS_ERR_BUSY, 0, 0};
}

typedef struct call {
    delimiter delimiter;
    size_t max_bytes;
    bool is_line, waits;
} call;

static call choose_call(choices *choices) {
    static const size_t limits[] = {0, 1, 3, 80};
    const uint8_t chosen = choose(choices);
    call call = {.is_line = chosen & 1, .waits = chosen & 2, .max_bytes = limits[chosen >> 2 & 3]};
    call.delimiter = delimiters[call.is_line ? 0 : chosen >> 4 & 7];
    return call;
}

static sps_error make(sps_stream *stream, const call *call, const uint8_t **out_data,
                      size_t *out_bytes) {
    const char *delimiter = call->delimiter.bytes;
    const size_t size = call->delimiter.size;
    if (call->is_line) {
        return call->waits ? sps_stream_get_line(stream, call->max_bytes, (const char **)out_data,
                                                 out_bytes)
                           : sps_stream_try_get_line(stream, call->max_bytes,
                                                     (const char **)out_data, out_bytes);
    }
    return call->waits
               ? sps_stream_get_until(stream, delimiter, size, call->max_bytes, out_data, out_bytes)
               : sps_stream_try_get_until(stream, delimiter, size, call->max_bytes, out_data,
                                          out_bytes);
}

// Repeats a call until it has a result, which must be the expected one. Returns how much was
// consumed.
static outcome make_until_done(sps_stream *stream, pipe_end *end, size_t at, const call *call) {
    enum { MAX_VALUE_BYTES = 1000 };
    const size_t most = call->max_bytes != 0 ? call->max_bytes : MAX_VALUE_BYTES;
    const outcome outcome = expected(end, at, call->delimiter, most, call->is_line);
    const uint8_t *data;
    size_t bytes;
    sps_error error;
    int stalls = 0;
    while ((error = make(stream, call, &data, &bytes)) == SPS_ERR_BUSY ||
           error == SPS_ERR_OUT_OF_MEMORY) {
        FUZZ_ASSERT(data == NULL && bytes == 0);
        if (++stalls > MOST_STALLS) {
            return (struct outcome){error, 0, 0};
        }
    }
    FUZZ_ASSERT(error == outcome.error && bytes == outcome.bytes);
    FUZZ_ASSERT(bytes == 0 || memcmp(data, end->in + at, bytes) == 0);
    return outcome;
}

// Takes a part of the refused bytes, as bytes.
static size_t take_some(sps_stream *stream, const pipe_end *end, size_t at, size_t most) {
    uint8_t bytes[64];
    size_t count;
    const sps_error error = sps_stream_get_partial_data(
        stream, bytes, most < sizeof bytes ? most : sizeof bytes, &count);
    FUZZ_ASSERT(error == SPS_OK || count == 0);
    FUZZ_ASSERT(count <= end->in_bytes - at && memcmp(bytes, end->in + at, count) == 0);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    choices choices = take_choices(&data, &bytes);
    const uint8_t setting = choose(&choices);
    pipe_end end = {.pieces = &choices,
                    .in = data,
                    .in_bytes = bytes,
                    .ends = setting & 1,
                    .fail_every = setting & 2 ? 3 : 0};
    const sps_stream_options options = {.read_buffer_bytes = setting & 4   ? 16
                                                             : setting & 8 ? 4096
                                                                           : 0,
                                        .max_value_bytes = 1000};
    sps_stream *stream = open_pipe(&end, &options);
    size_t at = 0;
    bool is_open = true;
    for (int calls = 0; calls < MOST_CALLS && is_open; calls++) {
        const call call = choose_call(&choices);
        const outcome outcome = make_until_done(stream, &end, at, &call);
        at += outcome.consumed;
        if (outcome.error != SPS_OK) {
            const size_t taken = take_some(stream, &end, at, 1 + choose(&choices) % 64);
            at += taken;
            // The other bytes stay readable. The stream closes when none is left.
            size_t left = 0;
            is_open =
                sps_stream_get_available_bytes(stream, &left) == SPS_OK && (at < bytes || end.ends);
            FUZZ_ASSERT(!is_open || left == bytes - at);
        }
    }
    FUZZ_ASSERT(end.most_allocated <= MEMORY_FACTOR * bytes + MEMORY_CONSTANT);
    sps_stream_destroy(stream);
    FUZZ_ASSERT(end.allocated == 0);
    return 0;
}
