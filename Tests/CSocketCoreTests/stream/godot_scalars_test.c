// SPDX-License-Identifier: MIT
//
// What a real Godot 4.6 wrote for each scalar, in both byte orders: our bytes are the same, and
// its bytes read back as the value. Over real sockets.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/json.h"
#include "support/support.h"

typedef struct vector {
    const char *name;
    const char *value;
    uint8_t bytes[64];
    size_t size;
    bool big_endian;
} vector;

static pair streams;

static double parse_real(const char *text) {
    return strcmp(text, "inf_neg") == 0 ? (double)-INFINITY : strtod(text, NULL);
}

// What was put on the client is these bytes at the peer.
static void expect_bytes(const vector *vector, const uint8_t *bytes, size_t size) {
    uint8_t got[64];
    OK(sps_stream_get_data(streams.peer, got, size, NULL));
    ck_assert_msg(memcmp(got, bytes, size) == 0, "%s %s (big_endian %d) wrote other bytes",
                  vector->name, vector->value, vector->big_endian);
}

static void offer_bytes(const vector *vector) {
    OK(sps_stream_put_data(streams.peer, vector->bytes, vector->size, NULL));
}

// ---- One check a type

#define DEFINE_INTEGER(function, suffix, type, parse)                                              \
    static void function(const vector *vector) {                                                   \
        const type value = (type)parse(vector->value, NULL, 10);                                   \
        OK(sps_stream_put_##suffix(streams.client, value));                                        \
        expect_bytes(vector, vector->bytes, vector->size);                                         \
        type got = 0;                                                                              \
        offer_bytes(vector);                                                                       \
        OK(sps_stream_get_##suffix(streams.client, &got));                                         \
        ck_assert(got == value);                                                                   \
        got = 0;                                                                                   \
        offer_bytes(vector);                                                                       \
        WAIT_UNTIL(sps_stream_try_get_##suffix(streams.client, &got) == SPS_OK);                   \
        ck_assert(got == value);                                                                   \
    }

DEFINE_INTEGER(check_8, 8, int8_t, strtoll)
DEFINE_INTEGER(check_16, 16, int16_t, strtoll)
DEFINE_INTEGER(check_32, 32, int32_t, strtoll)
DEFINE_INTEGER(check_64, 64, int64_t, strtoll)
DEFINE_INTEGER(check_u8, u8, uint8_t, strtoull)
DEFINE_INTEGER(check_u16, u16, uint16_t, strtoull)
DEFINE_INTEGER(check_u32, u32, uint32_t, strtoull)
DEFINE_INTEGER(check_u64, u64, uint64_t, strtoull)

static bool same(double a, double b) {
    return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b));
}

static void check_float(const vector *vector) {
    const float value = (float)parse_real(vector->value);
    float got;
    offer_bytes(vector);
    OK(sps_stream_get_float(streams.client, &got));
    ck_assert(same((double)got, (double)value) || (value == 0 && got == 0));
    OK(sps_stream_put_float(streams.client, got)); // the text of -0.0 and NaN is not the value
    expect_bytes(vector, vector->bytes, vector->size);
}

static void check_double(const vector *vector) {
    const double value = parse_real(vector->value);
    double got;
    offer_bytes(vector);
    OK(sps_stream_get_double(streams.client, &got));
    ck_assert(same(got, value) || (value == 0 && got == 0));
    OK(sps_stream_put_double(streams.client, got));
    expect_bytes(vector, vector->bytes, vector->size);
}

// Values that no half holds (ties to even, where Godot cuts), and those below the least normal
// half (kept, where Godot writes zero): docs/godot-differences.md. Every other row is Godot's.
static uint16_t expected_half(const vector *vector) {
    static const struct {
        const char *value;
        uint16_t bits;
    } better[] = {
        {"65520.0", 0x7c00}, // halfway between 65504 and what would be 65536
        {"5.960464477539064e-08", 0x0001},
        {"3.0517578e-05", 0x0200},
        {"1.0014648", 0x3c02}, // halfway between 0x3c01 and 0x3c02
    };
    for (size_t i = 0; i < sizeof better / sizeof better[0]; i++) {
        if (strcmp(vector->value, better[i].value) == 0) {
            return better[i].bits;
        }
    }
    const uint8_t *b = vector->bytes;
    return vector->big_endian ? (uint16_t)(b[0] << 8 | b[1]) : (uint16_t)(b[1] << 8 | b[0]);
}

static void check_put_half(const vector *vector) {
    const uint16_t bits = expected_half(vector);
    const uint8_t high = (uint8_t)(bits >> 8), low = (uint8_t)bits;
    const uint8_t bytes[2] = {vector->big_endian ? high : low, vector->big_endian ? low : high};
    OK(sps_stream_put_half(streams.client, (float)parse_real(vector->value)));
    expect_bytes(vector, bytes, 2);
}

static void check_get_half(const vector *vector) {
    float got;
    offer_bytes(vector);
    OK(sps_stream_get_half(streams.client, &got));
    ck_assert_msg(same((double)got, (double)(float)parse_real(vector->value)), "%s is %g",
                  vector->value, (double)got);
}

// The value stands in quotes.
static void check_string(const vector *vector) {
    const bool utf8 = strcmp(vector->name, "put_utf8_string") == 0;
    const char *value = vector->value + 1;
    const size_t size = strlen(value) - 1;
    OK(utf8 ? sps_stream_put_utf8_string(streams.client, value, size)
            : sps_stream_put_string(streams.client, value, size));
    expect_bytes(vector, vector->bytes, vector->size);
    const char *text;
    size_t length;
    offer_bytes(vector);
    OK(utf8 ? sps_stream_get_utf8_string(streams.client, SPS_LENGTH_PREFIXED, &text, &length)
            : sps_stream_get_string(streams.client, SPS_LENGTH_PREFIXED, &text, &length));
    ck_assert_uint_eq(length, size);
    ck_assert_mem_eq(text, value, size);
}

static void check_string_non_ascii(const vector *vector) {
    OK(sps_stream_put_string(streams.client, vector->value, strlen(vector->value)));
    expect_bytes(vector, vector->bytes, vector->size);
}

// The Variant itself is opaque here; the length before it follows the stream's byte order.
static void check_prefix(const vector *vector) {
    const size_t body = vector->size - 4;
    OK(sps_stream_put_u32(streams.client, (uint32_t)body));
    OK(sps_stream_put_data(streams.client, vector->bytes + 4, body, NULL));
    expect_bytes(vector, vector->bytes, vector->size);
    uint32_t length;
    uint8_t got[64];
    offer_bytes(vector);
    OK(sps_stream_get_u32(streams.client, &length));
    ck_assert_uint_eq(length, body);
    OK(sps_stream_get_data(streams.client, got, length, NULL));
    ck_assert_mem_eq(got, vector->bytes + 4, body);
}

static const struct {
    const char *name;
    void (*check)(const vector *vector);
} checks[] = {
    {"put_8", check_8},
    {"put_16", check_16},
    {"put_32", check_32},
    {"put_64", check_64},
    {"put_u8", check_u8},
    {"put_u16", check_u16},
    {"put_u32", check_u32},
    {"put_u64", check_u64},
    {"put_half", check_put_half},
    {"get_half_of_put_half", check_get_half},
    {"put_float", check_float},
    {"put_double", check_double},
    {"put_string", check_string},
    {"put_utf8_string", check_string},
    {"put_string_non_ascii", check_string_non_ascii},
    {"put_var_prefix_endianness", check_prefix},
};

static void check_row(const vector *vector) {
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        if (strcmp(checks[i].name, vector->name) == 0) {
            checks[i].check(vector);
            return;
        }
    }
    ck_abort_msg("no check for %s", vector->name);
}

static void visit_row(json_t *row, void *big_endian) {
    vector vector = {.name = text_of(row, "name"),
                     .value = text_of(row, "value"),
                     .big_endian = *(const bool *)big_endian};
    vector.size = parse_hex(text_of(row, "hex"), vector.bytes, sizeof vector.bytes);
    check_row(&vector);
}

static void check_group(transport transport, const char *group, bool big_endian) {
    streams = connect_pair(transport);
    OK(sps_stream_set_big_endian(streams.client, big_endian));
    ck_assert_uint_eq(visit_wire_rows(group, visit_row, &big_endian), 106);
    close_pair(&streams);
}

START_TEST(little_endian_rows) {
    check_group(_i, "scalar_le", false);
}
END_TEST

START_TEST(big_endian_rows) {
    check_group(_i, "scalar_be", true);
}
END_TEST

START_TEST(the_byte_order_can_be_read) {
    sps_stream *stream = make_stream(TCP, NULL);
    bool big = true;
    OK(sps_stream_is_big_endian(stream, &big));
    ck_assert(!big);
    OK(sps_stream_set_big_endian(stream, true));
    OK(sps_stream_is_big_endian(stream, &big));
    ck_assert(big);
    sps_stream_destroy(stream);
}
END_TEST

Suite *godot_scalars_suite(void) {
    Suite *suite = suite_create("godot_scalars");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, little_endian_rows, 0, TRANSPORTS);
    tcase_add_loop_test(all, big_endian_rows, 0, TRANSPORTS);
    tcase_add_test(all, the_byte_order_can_be_read);
    return suite;
}
