// SPDX-License-Identifier: MIT
//
// Typed values, strings, lines and Variants. A put takes a piece of the pattern, or bytes whose
// form on the wire is known. Received values are compared byte by byte.
#include "api.h"

#include <string.h>

#include "numbers.h"

enum { NUMBERS = 10, PREFIX_BYTES = 4 };
static const size_t sizes[NUMBERS] = {1, 2, 4, 8, 1, 2, 4, 8, 4, 8};

static const uint64_t get_codes =
    CODE(SPS_OK) | CODE(SPS_ERR_FILE_EOF) | CODE(SPS_FAILED) | CODE(SPS_ERR_OUT_OF_MEMORY);
static const uint64_t put_codes = CODE(SPS_OK) | CODE(SPS_ERR_BUSY) | CODE(SPS_FAILED) |
                                  CODE(SPS_ERR_OUT_OF_MEMORY) | CODE(SPS_ERR_TIMEOUT) |
                                  CODE(SPS_ERR_PARAMETER_RANGE_ERROR);

static bool is_machine_big_endian(void) {
    const uint16_t one = 1;
    return *(const uint8_t *)&one == 0;
}

static void reverse(uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size / 2; i++) {
        const uint8_t byte = bytes[i];
        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = byte;
    }
}

// Converts between the wire's byte order and the machine's.
static void order(const slot *slot, uint8_t *bytes, size_t size) {
    if (slot->seen.big_endian != is_machine_big_endian()) {
        reverse(bytes, size);
    }
}

// ---- Numbers

static sps_error put_number(sps_stream *stream, uint32_t kind, const uint8_t *bits) {
#define PUT(type, name)                                                                            \
    {                                                                                              \
        type value;                                                                                \
        memcpy(&value, bits, sizeof value);                                                        \
        return sps_stream_put_##name(stream, value);                                               \
    }
    switch (kind) {
    case 0:
        PUT(uint8_t, u8)
    case 1:
        PUT(uint16_t, u16)
    case 2:
        PUT(uint32_t, u32)
    case 3:
        PUT(uint64_t, u64)
    case 4:
        PUT(int8_t, 8)
    case 5:
        PUT(int16_t, 16)
    case 6:
        PUT(int32_t, 32)
    case 7:
        PUT(int64_t, 64)
    case 8:
        PUT(float, float)
    default:
        PUT(double, double)
    }
#undef PUT
}

static void expect_put(world *world, slot *slot, sps_error error, size_t size) {
    ANSWERS(world, error, put_codes | others_of(slot));
    EXPECT(slot->stream != NULL || error == SPS_ERR_INVALID_PARAMETER);
    settle_put(world, slot, error, error == SPS_OK ? size : 0);
}

static void put_value(world *world) {
    slot *slot = pick_stream(world);
    const uint32_t kind = reader_below(&world->calls, NUMBERS);
    const size_t size = sizes[kind];
    if (!may_offer(world, slot, size)) {
        return;
    }
    uint8_t bits[8];
    fill_pattern(world, slot, bits, size);
    offer(world, slot, bits, size);
    order(slot, bits, size);
    expect_put(world, slot, put_number(slot->stream, kind, bits), size);
}

static void put_half(world *world) {
    static const struct {
        float value;
        uint8_t wire[2];
    } halves[] = {{1, {0x00, 0x3c}}, {-2, {0x00, 0xc0}}, {0, {0, 0}}, {65504, {0xff, 0x7b}}};
    slot *slot = pick_stream(world);
    const uint32_t which = reader_below(&world->calls, 4);
    if (!may_offer(world, slot, 2)) {
        return;
    }
    uint8_t wire[2] = {halves[which].wire[0], halves[which].wire[1]};
    if (slot->seen.big_endian) {
        reverse(wire, 2);
    }
    offer(world, slot, wire, 2);
    expect_put(world, slot, sps_stream_put_half(slot->stream, halves[which].value), 2);
}

// A get that waits closes the stream at the end, and drops a partial value.
static void record_end(world *world, const slot *slot, sps_error error, bool waits) {
    if (error == SPS_ERR_FILE_EOF && waits) {
        note_dropped(world, slot);
    }
}

// Rules for every get that has not returned a value.
static void expect_no_value(world *world, slot *slot, sps_error error, bool waits, size_t needed) {
    ANSWERS(world, error,
            get_codes | (waits ? CODE(SPS_ERR_TIMEOUT) : CODE(SPS_ERR_BUSY)) | others_of(slot) |
                CODE(SPS_ERR_INVALID_DATA) | CODE(SPS_ERR_INVALID_PARAMETER));
    if (error != SPS_ERR_INVALID_PARAMETER) { // an argument is looked at first
        expect_of_status(slot, error);
    }
    if (error == SPS_ERR_FILE_EOF && needed > 0) {
        expect_end(world, slot, needed);
    }
}

static void get_value(world *world) {
    slot *slot = pick_stream(world);
    const uint32_t kind = reader_below(&world->calls, NUMBERS);
    const bool waits = reader_flag(&world->calls);
    const size_t size = sizes[kind];
    uint8_t bits[8];
    const sps_error error = get_number(slot->stream, kind, waits, bits);
    if (error == SPS_OK) {
        say(world, error);
        order(slot, bits, size);
        expect_came(world, slot, bits, size);
        return;
    }
    expect_no_value(world, slot, error, waits, size);
    record_end(world, slot, error, waits);
    EXPECT(error != SPS_ERR_INVALID_DATA);
    for (size_t i = 0; i < size && slot->stream != NULL; i++) {
        EXPECT(bits[i] == 0); // a result that did not come is zero
    }
}

static void get_half(world *world) {
    slot *slot = pick_stream(world);
    const bool waits = reader_flag(&world->calls);
    float value;
    const sps_error error = waits ? sps_stream_get_half(slot->stream, &value)
                                  : sps_stream_try_get_half(slot->stream, &value);
    if (error == SPS_OK) {
        say(world, error);
        expect_came(world, slot, NULL, 2);
        return;
    }
    expect_no_value(world, slot, error, waits, 2);
    record_end(world, slot, error, waits);
}

// ---- Strings

typedef enum text { ASCII, UTF8, VARIANT, PLAIN, TEXTS } text;

static void write_prefix(const slot *slot, uint8_t prefix[PREFIX_BYTES], size_t size) {
    const uint32_t length = (uint32_t)size;
    memcpy(prefix, &length, PREFIX_BYTES);
    order(slot, prefix, PREFIX_BYTES);
}

static sps_error put_text(sps_stream *stream, text kind, const uint8_t *bytes, size_t size) {
    const char *text = (const char *)bytes;
    switch (kind) {
    case ASCII:
        return sps_stream_put_string(stream, text, size);
    case UTF8:
        return sps_stream_put_utf8_string(stream, text, size);
    case VARIANT:
        return sps_stream_put_var(stream, bytes, size);
    default:
        return sps_stream_put_text(stream, text, size);
    }
}

// Letters of the pattern, with line ends between them.
static void make_text(const world *world, const slot *slot, uint8_t *bytes, size_t size) {
    fill_pattern(world, slot, bytes, size);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = bytes[i] < 20 ? '\n' : bytes[i] & 0x7f;
    }
}

static void put_string(world *world) {
    slot *slot = pick_stream(world);
    const text kind = (text)reader_below(&world->calls, TEXTS);
    const size_t size = reader_size(&world->calls);
    const size_t prefix = kind == PLAIN ? 0 : PREFIX_BYTES;
    if (!may_offer(world, slot, prefix + size)) {
        return;
    }
    make_text(world, slot, scratch(world) + prefix, size);
    if (prefix > 0) {
        write_prefix(slot, scratch(world), size);
    }
    offer(world, slot, scratch(world), prefix + size);
    expect_put(world, slot, put_text(slot->stream, kind, scratch(world) + prefix, size),
               prefix + size);
}

static void put_bad_text(world *world) {
    static const uint8_t bad[] = {'a', 0xc0, 0x80};
    slot *slot = pick_stream(world);
    const text kind = (text)reader_below(&world->calls, TEXTS);
    if (kind == VARIANT) {
        return; // the caller checks a Variant's bytes
    }
    const sps_error error = put_text(slot->stream, kind, bad, sizeof bad);
    ANSWERS(world, error, CODE(SPS_ERR_INVALID_PARAMETER) | CODE(SPS_FAILED));
}

static sps_error get_text(sps_stream *stream, text kind, bool waits, int64_t count,
                          const uint8_t **out_bytes, size_t *out_size) {
    const char **text = (const char **)out_bytes;
    switch (kind) {
    case ASCII:
        return (waits ? sps_stream_get_string : sps_stream_try_get_string)(stream, count, text,
                                                                           out_size);
    case UTF8:
        return (waits ? sps_stream_get_utf8_string
                      : sps_stream_try_get_utf8_string)(stream, count, text, out_size);
    default:
        return (waits ? sps_stream_get_var : sps_stream_try_get_var)(stream, out_bytes, out_size);
    }
}

// A received span, with the bytes before and after it on the wire.
static void expect_span(world *world, slot *slot, const uint8_t *prefix, size_t prefix_size,
                        const uint8_t *bytes, size_t size) {
    expect_came(world, slot, prefix, prefix_size);
    expect_came(world, slot, bytes, size);
}

static void get_string(world *world) {
    slot *slot = pick_stream(world);
    const text kind = (text)reader_below(&world->calls, PLAIN);
    const bool waits = reader_flag(&world->calls);
    const uint8_t chosen = reader_byte(&world->calls);
    const bool is_prefixed = kind == VARIANT || chosen < 128;
    const int64_t count = is_prefixed ? SPS_LENGTH_PREFIXED : chosen == 255 ? -2 : chosen - 128;
    const uint8_t *bytes = scratch(world);
    size_t size = 1;
    const sps_error error = get_text(slot->stream, kind, waits, count, &bytes, &size);
    if (error == SPS_OK) {
        uint8_t prefix[PREFIX_BYTES];
        say(world, error);
        EXPECT(is_prefixed || (int64_t)size == count);
        write_prefix(slot, prefix, size);
        expect_span(world, slot, prefix, is_prefixed ? PREFIX_BYTES : 0, bytes, size);
        return;
    }
    EXPECT(slot->stream == NULL || (bytes == NULL && size == 0));
    EXPECT(count != -2 || error == SPS_ERR_INVALID_PARAMETER || error == SPS_FAILED);
    expect_no_value(world, slot, error, waits, is_prefixed ? 0 : (size_t)(count > 0 ? count : 1));
    record_end(world, slot, error, waits);
}

// ---- Lines

static void get_until(world *world) {
    static const struct {
        const char *bytes;
        size_t size;
    } delimiters[] = {{"\n", 1}, {"\n\n", 2}, {"\0", 1}, {"", 0}};
    slot *slot = pick_stream(world);
    const uint32_t which = reader_below(&world->calls, 4);
    const bool waits = reader_flag(&world->calls);
    const size_t most = reader_size(&world->calls), delimiter = delimiters[which].size;
    const uint8_t *bytes = scratch(world);
    size_t size = 1;
    const sps_error error = (waits ? sps_stream_get_until : sps_stream_try_get_until)(
        slot->stream, delimiters[which].bytes, delimiter, most, &bytes, &size);
    if (error == SPS_OK) {
        say(world, error);
        EXPECT(delimiter > 0 && (most == 0 || size <= most));
        expect_came(world, slot, bytes, size);
        expect_came(world, slot, (const uint8_t *)delimiters[which].bytes, delimiter);
        return;
    }
    EXPECT(slot->stream == NULL || (bytes == NULL && size == 0));
    EXPECT(delimiter > 0 || error == SPS_ERR_INVALID_PARAMETER);
    if (slot->stream != NULL && delimiter > 0) {
        expect_no_value(world, slot, error, waits, 0);
    } else {
        say(world, error);
    }
}

static void get_line(world *world) {
    slot *slot = pick_stream(world);
    const bool waits = reader_flag(&world->calls);
    const size_t most = reader_size(&world->calls);
    const char *text = (const char *)scratch(world);
    size_t size = 1;
    const sps_error error =
        (waits ? sps_stream_get_line : sps_stream_try_get_line)(slot->stream, most, &text, &size);
    if (error == SPS_OK) {
        say(world, error);
        expect_came(world, slot, (const uint8_t *)text, size);
        const bool has_return = !may_come_next(world, slot, '\n'); // "\n" or "\r\n"
        expect_came(world, slot, (const uint8_t *)"\r\n" + !has_return, has_return ? 2 : 1);
        return;
    }
    EXPECT(slot->stream == NULL || (text == NULL && size == 0));
    expect_no_value(world, slot, error, waits, 0);
}

const row value_rows[] = {
    {"put a value", put_value, MOVES},   {"put a half", put_half, MOVES},
    {"get a value", get_value, MOVES},   {"get a half", get_half, MOVES},
    {"put a string", put_string, MOVES}, {"put bad text", put_bad_text, 0},
    {"get a string", get_string, MOVES}, {"get until", get_until, MOVES},
    {"get a line", get_line, MOVES},
};
const size_t value_count = sizeof value_rows / sizeof value_rows[0];
