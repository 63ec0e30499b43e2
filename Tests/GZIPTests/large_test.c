// SPDX-License-Identifier: MIT
//
// More data than any buffer: a gibibyte through 64 KiB, in both directions at once.
#include <string.h>

#include "support/bomb.h"
#include "support/counting_allocator.h"

enum {
    PIECE_BYTES = 64 * 1024,
    PIECES = 16 * 1024, // a gibibyte
    PIECES_IF_SLOWED = 256,
    MOST_MEMORY = 600 * 1024,
    PARTS_OF_10_GIB = 160,
};

typedef struct flow {
    account account;
    sps_allocator allocator;
    sps_stream_options stream_options;
    sps_gzip_options options;
    sps_stream *in, *out;
    uint8_t expected[PIECE_BYTES];
    uint64_t checked, compressed;
} flow;

static void begin(flow *flow) {
    memset(flow, 0, sizeof *flow);
    flow->allocator = (sps_allocator){sizeof(sps_allocator), account_for, &flow->account};
    flow->stream_options = (sps_stream_options){.struct_size = sizeof(sps_stream_options),
                                                .allocator = &flow->allocator};
    flow->options = (sps_gzip_options){.struct_size = sizeof(sps_gzip_options),
                                       .stream = &flow->stream_options,
                                       .level = 1,
                                       .max_ratio = SPS_GZIP_NO_LIMIT};
    flow->in = start_compressing(GZIP, SPS_GZIP_BUFFER_SIZE, &flow->options);
    flow->out = start_decompressing(GZIP, SPS_GZIP_BUFFER_SIZE, &flow->options);
}

static void end(flow *flow) {
    sps_stream_destroy(flow->in);
    sps_stream_destroy(flow->out);
    ck_assert_uint_le(flow->account.most, MOST_MEMORY);
    ck_assert_uint_eq(flow->account.bytes, 0);
}

// Makes a piece that compresses somewhat, from its number.
static void make_piece(uint8_t *piece, uint64_t number) {
    uint64_t state = number * 0x9e3779b97f4a7c15u + 1;
    for (size_t at = 0; at < PIECE_BYTES; at += 32) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        memset(piece + at, (int)(number & 0xff), 32);
        memcpy(piece + at, &state, 8);
    }
}

// Checks the bytes against the pieces that were put.
static void check(flow *flow, const uint8_t *bytes, size_t count) {
    for (size_t at = 0; at < count;) {
        const size_t offset = flow->checked % PIECE_BYTES;
        const size_t left = PIECE_BYTES - offset;
        const size_t size = count - at < left ? count - at : left;
        if (offset == 0) {
            make_piece(flow->expected, flow->checked / PIECE_BYTES);
        }
        ck_assert(memcmp(flow->expected + offset, bytes + at, size) == 0);
        at += size;
        flow->checked += size;
    }
}

static void move_compressed(flow *flow) {
    static uint8_t compressed[PIECE_BYTES], plain[PIECE_BYTES];
    size_t count = 1;
    while (count > 0) {
        OK(sps_stream_get_partial_data(flow->in, compressed, sizeof compressed, &count));
        flow->compressed += count;
        for (size_t at = 0; at < count;) {
            size_t sent, received = 1;
            OK(sps_stream_put_partial_data(flow->out, compressed + at, count - at, &sent));
            at += sent;
            while (received > 0) {
                OK(sps_stream_get_partial_data(flow->out, plain, sizeof plain, &received));
                check(flow, plain, received);
            }
        }
    }
}

START_TEST(a_gibibyte_goes_through_64_kibibytes) {
    static flow flow;
    static uint8_t piece[PIECE_BYTES];
    const uint64_t pieces = is_slowed() ? PIECES_IF_SLOWED : PIECES;
    begin(&flow);
    for (uint64_t number = 0; number < pieces; number++) {
        make_piece(piece, number);
        for (size_t at = 0; at < sizeof piece;) {
            size_t sent;
            OK(sps_stream_put_partial_data(flow.in, piece + at, sizeof piece - at, &sent));
            at += sent;
            move_compressed(&flow);
        }
    }
    OK(sps_gzip_finish(flow.in));
    move_compressed(&flow);
    OK(sps_gzip_end_input(flow.out));
    ck_assert_uint_eq(flow.checked, pieces * PIECE_BYTES);
    ck_assert_uint_gt(flow.compressed, flow.checked / 8);
    end(&flow);
}
END_TEST

START_TEST(ten_gibibytes_of_zeros_without_a_limit) {
    static flow flow;
    static uint8_t zeros[PIECE_BYTES], back[PIECE_BYTES];
    const size_t parts = is_slowed() ? 4 : PARTS_OF_10_GIB;
    bytes bomb = make_bomb(parts);
    uint64_t received = 0;
    begin(&flow);
    for (size_t at = 0; at < bomb.size;) {
        size_t sent, count = 1;
        OK(sps_stream_put_partial_data(flow.out, bomb.data + at, bomb.size - at, &sent));
        at += sent;
        while (count > 0) {
            OK(sps_stream_get_partial_data(flow.out, back, sizeof back, &count));
            ck_assert(memcmp(back, zeros, count) == 0);
            received += count;
        }
    }
    ck_assert_uint_eq(received, (uint64_t)parts * BOMB_PART_BYTES);
    end(&flow);
    free_bytes(&bomb);
}
END_TEST

Suite *gzip_large_suite(void) {
    Suite *suite = suite_create("gzip_large");
    TCase *all = add_case(suite, "all");
    tcase_set_timeout(all, 900);
    tcase_add_test(all, a_gibibyte_goes_through_64_kibibytes);
    tcase_add_test(all, ten_gibibytes_of_zeros_without_a_limit);
    return suite;
}
