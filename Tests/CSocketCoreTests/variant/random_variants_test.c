// SPDX-License-Identifier: MIT
//
// Random values of all types, over connections that cut what is written at random places.
#include <stdlib.h>

#include "support/random_variants.h"

enum {
    VALUES = 400, // at most
    MOST_AT_ONCE = 4,
    SEEDS = 3,
};

typedef struct road {
    pair in, out; // a value goes from in.client to in.peer, and from out.client to out.peer
    uint8_t piece[65536];
    size_t begin, end; // of the piece, what the second connection has not taken
    rng cuts;
} road;

// Moves some bytes from the first connection to the second, however many of them.
static void relay_some(road *road) {
    size_t count;
    const uint32_t most = rng_one_in(&road->cuts, 2) ? sizeof road->piece : 500;
    if (road->begin == road->end) {
        const uint32_t wanted = 1 + rng_below(&road->cuts, most);
        OK(sps_stream_get_partial_data(road->in.peer, road->piece, wanted, &count));
        road->begin = 0;
        road->end = count;
    }
    if (road->begin < road->end) {
        const size_t left = road->end - road->begin;
        const size_t cut = 1 + rng_below(&road->cuts, (uint32_t)left);
        OK(sps_stream_put_partial_data(road->out.client, road->piece + road->begin, cut, &count));
        road->begin += count;
    }
}

// Takes a value while it is on its way.
static void receive(road *road, const uint8_t **out_value, size_t *out_bytes) {
    for (uint64_t deadline = now_ms() + 20000;;) {
        OK(sps_socket_poll(road->in.client)); // what waits to be sent
        relay_some(road);
        if (rng_one_in(&road->cuts, 4)) {
            const sps_error error = sps_stream_try_get_var(road->out.peer, out_value, out_bytes);
            if (error == SPS_OK) {
                return;
            }
            IS(error, SPS_ERR_BUSY);
        }
        ck_assert(now_ms() < deadline);
    }
}

static void send_value(road *road, uint64_t seed) {
    sps_variant_writer writer = {.struct_size = sizeof writer};
    const uint8_t *data;
    size_t bytes;
    OK(sps_variant_writer_init(&writer, NULL));
    write_random_value(&writer, &(rng){seed}, 0);
    OK(sps_variant_writer_get_data(&writer, &data, &bytes));
    if (bytes > 8192) { // what waits for room would wait for ever, in one thread
        OK(sps_stream_set_write_batching(road->in.client, true));
    }
    OK(sps_stream_put_var(road->in.client, data, bytes));
    sps_variant_writer_destroy(&writer);
}

static void receive_value(road *road, uint64_t seed) {
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_item item = {.struct_size = sizeof item};
    const sps_variant_reader_options options = {.struct_size = sizeof options, .allow_objects = 1};
    const uint8_t *value;
    size_t bytes;
    receive(road, &value, &bytes);
    OK(sps_variant_reader_init(&reader, value, bytes, &options));
    expect_random_value(&reader, &(rng){seed}, 0);
    IS(sps_variant_reader_next(&reader, &item), SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(sps_variant_reader_offset(&reader), bytes);
}

// A few values, which are on their way at once.
static void pass_values(road *road, uint64_t first, uint64_t count) {
    OK(sps_stream_set_write_batching(road->in.client, rng_one_in(&road->cuts, 2)));
    for (uint64_t i = 0; i < count; i++) {
        send_value(road, first + i);
    }
    for (uint64_t i = 0; i < count; i++) {
        receive_value(road, first + i);
    }
    size_t left;
    OK(sps_stream_get_available_bytes(road->out.peer, &left));
    ck_assert_uint_eq(left, 0);
}

START_TEST(random_values_survive_any_cuts) {
    const transport transport = _i % TRANSPORTS;
    const uint64_t seed = 1 + (uint64_t)_i / TRANSPORTS;
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .write_buffer_bytes = 8 * 1024 * 1024};
    road *road = malloc(sizeof *road);
    *road = (struct road){.in = connect_pair_with(transport, &options),
                          .out = connect_pair_with(transport, &options),
                          .cuts = {seed}};
    for (uint64_t i = 0; i < VALUES; i += MOST_AT_ONCE) {
        pass_values(road, seed << 32 | i, 1 + rng_below(&road->cuts, MOST_AT_ONCE));
    }
    for (sps_variant_type type = 0; type < SPS_VARIANT_TYPES; type++) {
        const bool is_number = type == SPS_VARIANT_INT || type == SPS_VARIANT_FLOAT;
        ck_assert(seen[type][0] > 0);
        ck_assert((seen[type][1] > 0) == (is_number || may_be_wide(type)));
    }
    ck_assert_uint_eq(deepest, DEPTH);
    close_pair(&road->in);
    close_pair(&road->out);
    free(road);
}
END_TEST

Suite *random_variants_suite(void) {
    Suite *suite = suite_create("random_variants");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, random_values_survive_any_cuts, 0, SEEDS * TRANSPORTS);
    return suite;
}
