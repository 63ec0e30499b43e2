// SPDX-License-Identifier: MIT
//
// Small inputs that decompress to gigabytes: limits refuse them, and memory stays bounded.
#include <string.h>

#include "support/bomb.h"
#include "support/counting_allocator.h"

enum {
    MEBIBYTE = 1024 * 1024,
    PARTS_OF_10_GIB = 160,
    MOST_MEMORY = 256 * 1024,
    ANY_RATIO_BYTES = 8 * MEBIBYTE, // of gzip.h
};

typedef struct attack {
    account account;
    sps_allocator allocator;
    sps_stream_options stream_options;
    sps_gzip_options options;
    sps_stream *stream;
    uint64_t received;
} attack;

// The options keep the addresses, so the attack stays where it is.
static void begin(attack *attack, uint32_t max_ratio, uint64_t max_plain_bytes) {
    memset(attack, 0, sizeof *attack);
    attack->allocator = (sps_allocator){sizeof(sps_allocator), account_for, &attack->account};
    attack->stream_options = (sps_stream_options){.struct_size = sizeof(sps_stream_options),
                                                  .allocator = &attack->allocator};
    attack->options = (sps_gzip_options){.struct_size = sizeof(sps_gzip_options),
                                         .stream = &attack->stream_options,
                                         .max_ratio = max_ratio,
                                         .max_plain_bytes = max_plain_bytes};
    OK(sps_gzip_create(&attack->options, &attack->stream));
    OK(sps_gzip_start_decompression(attack->stream, false, SPS_GZIP_BUFFER_SIZE));
}

// Gets all that is there, and drops it.
static sps_error receive(attack *attack) {
    static uint8_t buffer[MEBIBYTE];
    size_t count = 1;
    sps_error error = SPS_OK;
    while (error == SPS_OK && count > 0) {
        error = sps_stream_get_partial_data(attack->stream, buffer, sizeof buffer, &count);
        attack->received += count;
    }
    return error;
}

// Puts the bomb in partial puts, and gets all that comes. Returns what stopped it, or OK.
static sps_error send(attack *attack, const bytes *bomb) {
    sps_error error = SPS_OK;
    for (size_t at = 0; at < bomb->size && error == SPS_OK;) {
        size_t sent;
        error =
            sps_stream_put_partial_data(attack->stream, bomb->data + at, bomb->size - at, &sent);
        at += sent;
        const sps_error got = receive(attack);
        error = error == SPS_OK ? got : error;
    }
    return error;
}

static void end(attack *attack) {
    sps_stream_destroy(attack->stream);
    ck_assert_uint_le(attack->account.most, MOST_MEMORY);
    ck_assert_uint_eq(attack->account.bytes, 0);
}

START_TEST(ten_gibibytes_in_ten_mebibytes_are_refused) {
    bytes bomb = make_bomb(PARTS_OF_10_GIB);
    ck_assert_uint_lt(bomb.size, 11 * MEBIBYTE);
    attack attack;
    begin(&attack, 0, 0);
    IS(send(&attack, &bomb), SPS_ERR_INVALID_DATA);
    ck_assert_int_eq(info_of(attack.stream).fault, SPS_GZIP_FAULT_RATIO);
    ck_assert_uint_ge(attack.received, ANY_RATIO_BYTES);
    ck_assert_uint_le(attack.received, ANY_RATIO_BYTES + MEBIBYTE);
    IS(sps_stream_put_u8(attack.stream, 0), SPS_ERR_INVALID_DATA);
    end(&attack);
    free_bytes(&bomb);
}
END_TEST

START_TEST(one_put_of_the_bomb_holds_only_what_was_put) {
    bytes bomb = make_bomb(PARTS_OF_10_GIB);
    attack attack;
    begin(&attack, 0, 0);
    OK(sps_stream_put_data(attack.stream, bomb.data, bomb.size, NULL));
    ck_assert_uint_le(attack.account.most, bomb.size + MOST_MEMORY);
    IS(receive(&attack), SPS_ERR_INVALID_DATA);
    ck_assert_uint_le(attack.received, ANY_RATIO_BYTES + MEBIBYTE);
    ck_assert_uint_le(attack.account.most, bomb.size + MOST_MEMORY);
    sps_stream_destroy(attack.stream);
    free_bytes(&bomb);
}
END_TEST

START_TEST(a_limit_of_bytes_is_exact) {
    bytes bomb = make_bomb(1);
    attack attack;
    const uint64_t limits[] = {1, 65534, 65535, 65536, 5 * MEBIBYTE + 1};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        begin(&attack, SPS_GZIP_NO_LIMIT, limits[i]);
        IS(send(&attack, &bomb), SPS_ERR_INVALID_DATA);
        ck_assert_int_eq(info_of(attack.stream).fault, SPS_GZIP_FAULT_LENGTH);
        ck_assert_uint_eq(attack.received, limits[i]);
        end(&attack);
    }
    free_bytes(&bomb);
}
END_TEST

START_TEST(data_of_exactly_the_limit_is_accepted) {
    bytes plain = make_text(70000);
    bytes compressed = compress_without_us(GZIP, plain.data, plain.size);
    attack attack;
    begin(&attack, 0, plain.size);
    OK(send(&attack, &compressed));
    OK(sps_gzip_end_input(attack.stream));
    ck_assert_uint_eq(attack.received, plain.size);
    end(&attack);
    begin(&attack, 0, plain.size - 1);
    IS(send(&attack, &compressed), SPS_ERR_INVALID_DATA);
    end(&attack);
    free_bytes(&plain);
    free_bytes(&compressed);
}
END_TEST

START_TEST(the_ratio_counts_the_whole_stream) {
    bytes noise = make_noise(100000);
    bytes harmless = compress_without_us(GZIP, noise.data, noise.size);
    bytes bomb = make_bomb(1);
    append(&harmless, bomb.data, bomb.size);
    attack attack;
    begin(&attack, 0, 0);
    IS(send(&attack, &harmless), SPS_ERR_INVALID_DATA);
    ck_assert_uint_ge(attack.received, 24 * (uint64_t)MEBIBYTE); // 256 * 100,000
    ck_assert_uint_lt(attack.received, BOMB_PART_BYTES);
    end(&attack);
    free_bytes(&noise);
    free_bytes(&harmless);
    free_bytes(&bomb);
}
END_TEST

START_TEST(a_chosen_ratio_counts) {
    bytes bomb = make_bomb(1);
    attack attack;
    begin(&attack, SPS_GZIP_NO_LIMIT, 0);
    OK(send(&attack, &bomb));
    ck_assert_uint_eq(attack.received, BOMB_PART_BYTES);
    end(&attack);
    begin(&attack, 1040, 0); // the format does not reach it
    OK(send(&attack, &bomb));
    end(&attack);
    begin(&attack, 10, 0);
    IS(send(&attack, &bomb), SPS_ERR_INVALID_DATA);
    end(&attack);
    free_bytes(&bomb);
}
END_TEST

START_TEST(a_get_into_much_memory_is_stopped_as_well) {
    bytes bomb = make_bomb(1);
    attack attack;
    begin(&attack, 0, 0);
    OK(sps_stream_put_data(attack.stream, bomb.data, bomb.size, NULL));
    uint8_t *buffer = malloc(BOMB_PART_BYTES);
    size_t count;
    IS(sps_stream_get_data(attack.stream, buffer, BOMB_PART_BYTES, &count), SPS_ERR_INVALID_DATA);
    ck_assert_uint_le(count, ANY_RATIO_BYTES + 2 * MEBIBYTE);
    free(buffer);
    sps_stream_destroy(attack.stream);
    free_bytes(&bomb);
}
END_TEST

Suite *gzip_bombs_suite(void) {
    Suite *suite = suite_create("gzip_bombs");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, ten_gibibytes_in_ten_mebibytes_are_refused);
    tcase_add_test(all, one_put_of_the_bomb_holds_only_what_was_put);
    tcase_add_test(all, a_limit_of_bytes_is_exact);
    tcase_add_test(all, data_of_exactly_the_limit_is_accepted);
    tcase_add_test(all, the_ratio_counts_the_whole_stream);
    tcase_add_test(all, a_chosen_ratio_counts);
    tcase_add_test(all, a_get_into_much_memory_is_stopped_as_well);
    return suite;
}
