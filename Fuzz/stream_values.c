// SPDX-License-Identifier: MIT
//
// An echo of values. They come from a stream that delivers its bytes in any pieces, and go into
// another that accepts them in any pieces. Each value must equal its bytes. A get that cannot
// return a whole value returns none. Nothing is lost, doubled or reordered.
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "numbers.h"
#include "pipe.h"

enum {
    MAX_VALUE_BYTES = 600,
    WRITE_BUFFER_BYTES = 900,
    MOST_RAW = 700,
    MEMORY_FACTOR = 4,
    MEMORY_CONSTANT = 16384,
    MOST_CALLS = 2048,
};

typedef struct echo {
    choices choices;
    pipe_end from, to;
    sps_stream *in, *out;
    size_t at; // how much was taken, and so was put
    bool big_endian;
    bool is_open;
} echo;

static const uint8_t *rest(const echo *echo) {
    return echo->from.in + echo->at;
}

static size_t rest_bytes(const echo *echo) {
    return echo->from.in_bytes - echo->at;
}

// ---- Putting

static size_t pending(const echo *echo) {
    size_t bytes;
    FUZZ_ASSERT(sps_stream_get_pending_write_bytes(echo->out, &bytes) == SPS_OK);
    return bytes;
}

static void expect_all_is_there(const echo *echo) {
    FUZZ_ASSERT(echo->to.out_bytes + pending(echo) == echo->at);
    FUZZ_ASSERT(echo->at == 0 || memcmp(echo->to.out, echo->from.in, echo->to.out_bytes) == 0);
}

// Until the second stream has taken the pending bytes.
static void flush_all(echo *echo) {
    sps_error error;
    while ((error = sps_stream_flush(echo->out)) != SPS_OK) {
        FUZZ_ASSERT(error == SPS_ERR_BUSY);
    }
}

typedef struct value {
    const uint8_t *bytes; // on the wire
    size_t size;
    size_t prefix; // of them, the length's
    uint8_t kind;
} value;

enum { KINDS = 14, RAW = 10, ASCII = 11, UTF8 = 12, VARIANT = 13 };
static const size_t sizes[RAW] = {1, 2, 4, 8, 1, 2, 4, 8, 4, 8};

static sps_error put_number(sps_stream *out, const value *value, uint64_t bits) {
    float real;
    double wide;
    const uint32_t narrow = (uint32_t)bits;
    memcpy(&real, &narrow, sizeof real);
    memcpy(&wide, &bits, sizeof wide);
    switch (value->kind) {
    case 0:
        return sps_stream_put_u8(out, (uint8_t)bits);
    case 1:
        return sps_stream_put_u16(out, (uint16_t)bits);
    case 2:
        return sps_stream_put_u32(out, narrow);
    case 3:
        return sps_stream_put_u64(out, bits);
    case 4:
        return sps_stream_put_8(out, (int8_t)bits);
    case 5:
        return sps_stream_put_16(out, (int16_t)bits);
    case 6:
        return sps_stream_put_32(out, (int32_t)narrow);
    case 7:
        return sps_stream_put_64(out, (int64_t)bits);
    case 8:
        return sps_stream_put_float(out, real);
    default:
        return sps_stream_put_double(out, wide);
    }
}

static sps_error put_bytes(sps_stream *out, const value *value) {
    const char *text = (const char *)value->bytes + value->prefix;
    const size_t size = value->size - value->prefix;
    switch (value->prefix > 0 ? value->kind : RAW) {
    case ASCII:
        return sps_stream_put_string(out, text, size);
    case UTF8:
        return sps_stream_put_utf8_string(out, text, size);
    case VARIANT:
        return sps_stream_put_var(out, text, size);
    default:
        return sps_stream_put_data(out, value->bytes, value->size, NULL);
    }
}

// Puts the value that was taken, whole. The values are pending in the second stream, or leave at
// once.
static void put(echo *echo, const value *value, uint64_t bits) {
    const size_t before = echo->to.out_bytes + pending(echo);
    sps_error error;
    while ((error = value->kind < RAW ? put_number(echo->out, value, bits)
                                      : put_bytes(echo->out, value)) != SPS_OK) {
        FUZZ_ASSERT(error == SPS_ERR_BUSY || error == SPS_ERR_OUT_OF_MEMORY);
        FUZZ_ASSERT(echo->to.out_bytes + pending(echo) == before); // nothing of it
    }
    echo->at += value->size;
    expect_all_is_there(echo);
}

// ---- Taking

static uint64_t load(const echo *echo, size_t size) {
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++) {
        bits |= (uint64_t)rest(echo)[i] << (8 * (echo->big_endian ? size - 1 - i : i));
    }
    return bits;
}

static bool is_same_number(const uint8_t got[8], uint64_t expected, size_t size) {
    const uint8_t one = (uint8_t)expected;
    const uint16_t two = (uint16_t)expected;
    const uint32_t four = (uint32_t)expected;
    const void *all[] = {&one, &two, &four, &expected};
    return memcmp(got, all[size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3], size) == 0;
}

static bool is_ascii(const uint8_t *text, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

// The expected result of a get of a text or Variant after all has come, and the value.
static sps_error expected_text(const echo *echo, uint8_t kind, int64_t byte_count, value *out) {
    const sps_error end = echo->from.ends ? SPS_ERR_FILE_EOF : SPS_ERR_BUSY;
    const size_t prefix = byte_count == SPS_LENGTH_PREFIXED ? 4 : 0;
    if (rest_bytes(echo) < prefix) {
        return end;
    }
    const uint64_t size = prefix > 0 ? load(echo, prefix) : (uint64_t)byte_count;
    if (size > MAX_VALUE_BYTES) {
        return SPS_ERR_INVALID_DATA;
    }
    if (rest_bytes(echo) - prefix < size) {
        return end;
    }
    *out = (value){rest(echo), prefix + (size_t)size, prefix, kind};
    const uint8_t *text = rest(echo) + prefix;
    const bool is_good = kind == VARIANT ? true
                         : kind == ASCII ? is_ascii(text, size)
                                         : is_utf8(text, size);
    return is_good ? SPS_OK : SPS_ERR_INVALID_DATA;
}

static sps_error get_text(sps_stream *in, uint8_t kind, bool waits, int64_t byte_count,
                          const uint8_t **out_data, size_t *out_bytes) {
    const char **text = (const char **)out_data;
    switch (kind) {
    case ASCII:
        return waits ? sps_stream_get_string(in, byte_count, text, out_bytes)
                     : sps_stream_try_get_string(in, byte_count, text, out_bytes);
    case UTF8:
        return waits ? sps_stream_get_utf8_string(in, byte_count, text, out_bytes)
                     : sps_stream_try_get_utf8_string(in, byte_count, text, out_bytes);
    default:
        return waits ? sps_stream_get_var(in, out_data, out_bytes)
                     : sps_stream_try_get_var(in, out_data, out_bytes);
    }
}

// A get without a value has consumed nothing. But a get that waits at the end closes the stream.
static void expect_untouched(echo *echo, sps_error error, bool waits) {
    size_t left = 0;
    const sps_error told = sps_stream_get_available_bytes(echo->in, &left);
    if (error == SPS_ERR_FILE_EOF && (waits || rest_bytes(echo) == 0)) {
        FUZZ_ASSERT(told == SPS_FAILED);
        echo->is_open = false;
    } else {
        FUZZ_ASSERT(told == SPS_OK && left == rest_bytes(echo));
    }
}

static bool may_come_again(sps_error error) {
    return error == SPS_ERR_BUSY || error == SPS_ERR_OUT_OF_MEMORY;
}

static void echo_number(echo *echo, uint8_t kind, bool waits) {
    const size_t size = sizes[kind];
    const bool is_there = rest_bytes(echo) >= size;
    const uint64_t expected = is_there ? load(echo, size) : 0;
    uint8_t bits[8];
    const sps_error error = get_number(echo->in, kind, waits, bits);
    if (error == SPS_OK) {
        FUZZ_ASSERT(is_there && is_same_number(bits, expected, size));
        put(echo, &(value){rest(echo), size, 0, kind}, expected);
        return;
    }
    FUZZ_ASSERT(may_come_again(error) ||
                (error == SPS_ERR_FILE_EOF && echo->from.ends && !is_there));
    expect_untouched(echo, error, waits);
}

static void echo_text(echo *echo, uint8_t kind, bool waits) {
    const uint8_t chosen = choose(&echo->choices);
    const int64_t byte_count =
        kind == VARIANT || chosen % 4 != 0 ? SPS_LENGTH_PREFIXED : chosen / 4;
    value value = {NULL, 0, 0, kind};
    const sps_error expected = expected_text(echo, kind, byte_count, &value);
    const uint8_t *data;
    size_t bytes;
    const sps_error error = get_text(echo->in, kind, waits, byte_count, &data, &bytes);
    if (error != SPS_OK) {
        FUZZ_ASSERT(data == NULL && bytes == 0);
        FUZZ_ASSERT(may_come_again(error) || error == expected);
        expect_untouched(echo, error, waits);
        return;
    }
    FUZZ_ASSERT(expected == SPS_OK && bytes == value.size - value.prefix);
    FUZZ_ASSERT(bytes == 0 || memcmp(data, value.bytes + value.prefix, bytes) == 0);
    put(echo, &value, 0);
}

// ---- Bytes

static void echo_raw(echo *echo, bool waits) {
    static uint8_t buffer[MOST_RAW];
    const size_t wanted = 1 + (size_t)choose(&echo->choices) * MOST_RAW / 256;
    size_t count;
    const sps_error error = waits ? sps_stream_get_data(echo->in, buffer, wanted, &count)
                                  : sps_stream_get_partial_data(echo->in, buffer, wanted, &count);
    FUZZ_ASSERT(count <= wanted && count <= rest_bytes(echo));
    FUZZ_ASSERT(memcmp(buffer, rest(echo), count) == 0);
    FUZZ_ASSERT(error == SPS_OK || may_come_again(error) ||
                (error == SPS_ERR_FILE_EOF && echo->from.ends && count == rest_bytes(echo)));
    FUZZ_ASSERT(error != SPS_OK || !waits || count == wanted);
    if (count > 0) {
        put(echo, &(value){rest(echo), count, 0, RAW}, 0);
    }
    if (error == SPS_ERR_FILE_EOF) {
        expect_untouched(echo, error, waits);
    }
}

static void echo_span(echo *echo) {
    const uint8_t chosen = choose(&echo->choices);
    const uint8_t *data;
    size_t bytes;
    const sps_error error = sps_stream_peek(echo->in, chosen, &data, &bytes);
    FUZZ_ASSERT(bytes <= rest_bytes(echo) && (error != SPS_OK || bytes >= chosen));
    FUZZ_ASSERT(bytes == 0 || memcmp(data, rest(echo), bytes) == 0);
    FUZZ_ASSERT(error == SPS_OK || may_come_again(error) ||
                (error == SPS_ERR_FILE_EOF && bytes == rest_bytes(echo)));
    FUZZ_ASSERT(sps_stream_consume(echo->in, bytes + 1) == SPS_ERR_PARAMETER_RANGE_ERROR ||
                error == SPS_ERR_FILE_EOF);
    const size_t taken = bytes < chosen % 32u ? bytes : chosen % 32u;
    if (taken > 0) {
        FUZZ_ASSERT(sps_stream_consume(echo->in, taken) == SPS_OK);
        put(echo, &(value){rest(echo), taken, 0, RAW}, 0);
    } else if (error == SPS_ERR_FILE_EOF) {
        expect_untouched(echo, error, false);
    }
}

// ---- The fuzzer

static void set(echo *echo, uint8_t chosen) {
    if (chosen & 1) {
        echo->big_endian = !echo->big_endian;
        sps_stream_set_big_endian(echo->in, echo->big_endian);
        sps_stream_set_big_endian(echo->out, echo->big_endian);
    }
    if (chosen & 2) {
        const sps_error error = sps_stream_set_write_batching(echo->out, chosen & 4);
        FUZZ_ASSERT(error == SPS_OK || error == SPS_ERR_BUSY);
    }
    if (chosen & 8) {
        sps_stream_flush(echo->out);
    }
    expect_all_is_there(echo);
}

static void step(echo *echo) {
    const uint8_t chosen = choose(&echo->choices);
    const uint8_t kind = (chosen & 0x7f) % (KINDS + 2);
    const bool waits = chosen & 0x80;
    if (kind < RAW) {
        echo_number(echo, kind, waits);
    } else if (kind == RAW) {
        echo_raw(echo, waits);
    } else if (kind < KINDS) {
        echo_text(echo, kind, waits);
    } else if (kind == KINDS) {
        echo_span(echo);
    } else {
        set(echo, choose(&echo->choices));
    }
}

static void run(echo *echo) {
    for (int calls = 0; calls < MOST_CALLS && echo->is_open; calls++) {
        const size_t before = echo->at;
        step(echo);
        if (echo->at == before && rest_bytes(echo) == 0 && !echo->from.ends) {
            break;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    echo echo = {.choices = take_choices(&data, &bytes), .is_open = true};
    const uint8_t setting = choose(&echo.choices);
    uint8_t *out = malloc(bytes + 1);
    const size_t fail_every = setting & 2 ? 3 : 0;
    echo.from = (pipe_end){.pieces = &echo.choices,
                           .in = data,
                           .in_bytes = bytes,
                           .ends = setting & 1,
                           .fail_every = fail_every};
    echo.to = (pipe_end){
        .pieces = &echo.choices, .out = out, .out_capacity = bytes, .fail_every = fail_every};
    const sps_stream_options options = {.read_buffer_bytes = setting & 4   ? 16
                                                             : setting & 8 ? 4096
                                                                           : 0,
                                        .write_buffer_bytes = WRITE_BUFFER_BYTES,
                                        .max_value_bytes = MAX_VALUE_BYTES};
    echo.in = open_pipe(&echo.from, &options);
    echo.out = open_pipe(&echo.to, &options);
    run(&echo);
    flush_all(&echo);
    expect_all_is_there(&echo);
    FUZZ_ASSERT(echo.from.most_allocated <= MEMORY_FACTOR * bytes + MEMORY_CONSTANT);
    FUZZ_ASSERT(echo.to.most_allocated <= WRITE_BUFFER_BYTES + MEMORY_CONSTANT);
    sps_stream_destroy(echo.in);
    sps_stream_destroy(echo.out);
    FUZZ_ASSERT(echo.from.allocated == 0 && echo.to.allocated == 0);
    free(out);
    return 0;
}
