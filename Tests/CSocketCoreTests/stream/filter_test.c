// SPDX-License-Identifier: MIT
//
// Filters without a poller: their status, their ends, and how they wait for their base.
#include <string.h>

#include "support/ciphers.h"

// A pair of streams with a cipher at each end.
typedef struct secret {
    pair pair;
    cipher *client, *peer;
} secret;

static secret connect_secret_with(transport transport, const sps_stream_options *options) {
    secret secret = {.pair = connect_pair(transport)};
    secret.client = make_cipher(options);
    secret.peer = make_cipher(options);
    OK(open_cipher(secret.client, secret.pair.client));
    OK(open_cipher(secret.peer, secret.pair.peer));
    shake_hands(secret.client->stream, secret.peer->stream);
    return secret;
}

static secret connect_secret(transport transport) {
    return connect_secret_with(transport, NULL);
}

static void close_secret(secret *secret) {
    sps_stream_destroy(secret->client->stream);
    sps_stream_destroy(secret->peer->stream);
    close_pair(&secret->pair);
    expect_no_ciphers();
}

static void expect_message(const sps_stream *stream, const char *expected) {
    const char *text = NULL;
    OK(sps_socket_get_close_message(stream, &text));
    ck_assert_str_eq(text, expected);
}

// ---- Values and waiting

START_TEST(every_value_goes_through) {
    secret secret = connect_secret((transport)_i);
    sps_stream *client = secret.client->stream, *peer = secret.peer->stream;
    const char *text;
    size_t size;
    OK(sps_stream_put_u32(client, 0x12345678));
    OK(sps_stream_put_utf8_string(client, "äh", 3));
    expect_u32(peer, 0x12345678);
    OK(sps_stream_get_utf8_string(peer, SPS_LENGTH_PREFIXED, &text, &size));
    ck_assert(size == 3 && memcmp(text, "äh", 3) == 0);
    OK(sps_stream_put_double(peer, 0.25));
    double value;
    OK(sps_stream_get_double(client, &value)); // waits for the base
    ck_assert(value == 0.25);
    close_secret(&secret);
}
END_TEST

START_TEST(a_large_block_crosses_many_records) {
    enum { BYTES = 50000 };
    static uint8_t bytes[BYTES], got[BYTES];
    secret secret = connect_secret((transport)_i);
    fill_pattern(bytes, BYTES, 3);
    size_t moved;
    OK(sps_stream_put_data(secret.client->stream, bytes, BYTES, &moved));
    ck_assert_uint_eq(moved, BYTES);
    OK(sps_stream_get_data(secret.peer->stream, got, BYTES, &moved));
    ck_assert(moved == BYTES && is_pattern(got, BYTES, 3));
    close_secret(&secret);
}
END_TEST

START_TEST(a_filter_reads_ahead_and_counts) {
    secret secret = connect_secret((transport)_i);
    for (uint32_t i = 0; i < 3; i++) {
        OK(sps_stream_put_u32(secret.client->stream, i));
    }
    size_t count = 0;
    WAIT_UNTIL((OK(sps_socket_poll(secret.peer->stream)),
                OK(sps_stream_get_available_bytes(secret.peer->stream, &count)), count == 12));
    for (uint32_t i = 0; i < 3; i++) {
        expect_u32_now(secret.peer->stream, i);
    }
    uint32_t none;
    IS(sps_stream_try_get_u32(secret.peer->stream, &none), SPS_ERR_BUSY);
    close_secret(&secret);
}
END_TEST

START_TEST(a_get_that_times_out_consumes_nothing) {
    secret secret = connect_secret((transport)_i);
    OK(sps_socket_set_io_timeout(secret.peer->stream, 30));
    OK(sps_stream_put_u16(secret.client->stream, 0x3412));
    uint8_t bytes[4];
    size_t count = 99;
    IS(sps_stream_get_data(secret.peer->stream, bytes, 4, &count), SPS_ERR_TIMEOUT);
    ck_assert_uint_eq(count, 0);
    OK(sps_stream_put_u16(secret.client->stream, 0x7856));
    expect_u32(secret.peer->stream, 0x78563412);
    close_secret(&secret);
}
END_TEST

START_TEST(the_timeout_of_the_base_ends_a_wait_too) {
    secret secret = connect_secret((transport)_i);
    OK(sps_socket_set_io_timeout(secret.pair.peer, 30));
    uint32_t value;
    IS(sps_stream_get_u32(secret.peer->stream, &value), SPS_ERR_TIMEOUT);
    ck_assert_int_eq(status_of(secret.peer->stream), SPS_STATUS_CONNECTED);
    close_secret(&secret);
}
END_TEST

// Puts pieces until one fails, because the peer does not read.
static sps_error put_until_failure(sps_stream *stream, bool raw) {
    static const uint8_t zeros[60000];
    for (int i = 0; i < 1000; i++) {
        const sps_error error =
            raw ? sps_stream_put_data(stream, zeros, sizeof zeros, NULL)
                : sps_stream_put_utf8_string(stream, (const char *)zeros, sizeof zeros);
        if (error != SPS_OK) {
            return error;
        }
    }
    return SPS_OK;
}

START_TEST(a_put_that_times_out_says_so) {
    secret secret = connect_secret((transport)_i);
    OK(sps_socket_set_io_timeout(secret.client->stream, 30));
    IS(put_until_failure(secret.client->stream, true), SPS_ERR_TIMEOUT);
    ck_assert_int_eq(status_of(secret.client->stream), SPS_STATUS_CONNECTED);
    close_secret(&secret);
}
END_TEST

START_TEST(a_value_that_is_cut_closes_the_writing_side) {
    secret secret = connect_secret((transport)_i);
    OK(sps_socket_set_io_timeout(secret.client->stream, 30));
    const sps_error error = put_until_failure(secret.client->stream, false);
    ck_assert(error == SPS_FAILED || error == SPS_ERR_TIMEOUT); // between two values
    if (error == SPS_FAILED) {
        IS(sps_stream_put_u8(secret.client->stream, 1), SPS_FAILED);
        ck_assert_int_eq(status_of(secret.client->stream), SPS_STATUS_NONE); // nothing was unread
        expect_reason(secret.client->stream, SPS_CLOSE_PUT_TIMED_OUT);
    }
    close_secret(&secret);
}
END_TEST

START_TEST(a_flush_goes_down_to_the_socket) {
    secret secret = connect_secret((transport)_i);
    OK(sps_stream_set_write_batching(secret.client->stream, true));
    OK(sps_stream_set_write_batching(secret.pair.client, true));
    OK(sps_stream_put_u32(secret.client->stream, 5));
    OK(sps_stream_flush(secret.client->stream));
    size_t pending = 99;
    OK(sps_stream_get_pending_write_bytes(secret.pair.client, &pending));
    ck_assert_uint_eq(pending, 0);
    expect_u32(secret.peer->stream, 5);
    close_secret(&secret);
}
END_TEST

START_TEST(batched_puts_leave_before_a_get_waits) {
    secret secret = connect_secret((transport)_i);
    OK(sps_stream_set_write_batching(secret.client->stream, true));
    OK(sps_stream_set_write_batching(secret.pair.client, true));
    OK(sps_socket_set_io_timeout(secret.client->stream, 20));
    OK(sps_stream_put_u32(secret.client->stream, 6));
    uint32_t value;
    IS(sps_stream_get_u32(secret.client->stream, &value), SPS_ERR_TIMEOUT);
    expect_u32(secret.peer->stream, 6);
    close_secret(&secret);
}
END_TEST

START_TEST(a_filter_stands_over_a_filter) {
    secret secret = connect_secret((transport)_i);
    cipher *upper = make_cipher_over(secret.client->stream);
    cipher *other = make_cipher_over(secret.peer->stream);
    shake_hands(upper->stream, other->stream);
    OK(sps_stream_put_u64(upper->stream, 1));
    OK(sps_stream_put_u64(other->stream, 2));
    uint64_t value;
    OK(sps_stream_get_u64(other->stream, &value)); // waits through both
    ck_assert_uint_eq(value, 1);
    OK(sps_stream_get_u64(upper->stream, &value));
    ck_assert_uint_eq(value, 2);
    OK(sps_socket_shutdown_write(upper->stream));
    IS(sps_stream_get_u64(other->stream, &value), SPS_ERR_FILE_EOF);
    expect_reason(other->stream, SPS_CLOSE_PEER_FINISHED);
    ck_assert_int_eq(status_of(secret.peer->stream), SPS_STATUS_CONNECTED);
    sps_stream_destroy(upper->stream);
    sps_stream_destroy(other->stream);
    close_secret(&secret);
}
END_TEST

// ---- Opening

START_TEST(a_new_filter_is_not_connected) {
    cipher *cipher = make_cipher(NULL);
    sps_stream *stream = cipher->stream, *base = stream;
    uint8_t byte;
    size_t count;
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    OK(sps_socket_poll(stream));
    ck_assert_int_eq(cipher->polls, 0);
    IS(sps_stream_get_u8(stream, &byte), SPS_FAILED);
    IS(sps_stream_put_u8(stream, 1), SPS_FAILED);
    IS(sps_stream_get_available_bytes(stream, &count), SPS_FAILED);
    IS(sps_socket_shutdown_write(stream), SPS_FAILED);
    OK(sps_custom_get_base(stream, &base));
    ck_assert_ptr_null(base);
    OK(sps_socket_disconnect(stream));
    expect_reason(stream, SPS_CLOSE_NONE);
    sps_stream_destroy(stream);
    expect_no_ciphers();
}
END_TEST

START_TEST(an_open_filter_refuses_a_second_base) {
    secret secret = connect_secret(TCP);
    cipher *third = make_cipher(NULL);
    sps_stream *base = NULL;
    IS(sps_custom_open(secret.client->stream, secret.pair.client), SPS_ERR_ALREADY_IN_USE);
    IS(sps_custom_open(third->stream, secret.pair.client), SPS_ERR_ALREADY_IN_USE);
    IS(sps_custom_open(third->stream, third->stream), SPS_ERR_INVALID_PARAMETER);
    OK(sps_custom_get_base(secret.client->stream, &base));
    ck_assert_ptr_eq(base, secret.pair.client);
    OK(sps_custom_get_base(third->stream, &base));
    ck_assert_ptr_null(base);
    ck_assert_int_eq(status_of(third->stream), SPS_STATUS_NONE);
    sps_stream_destroy(third->stream);
    close_secret(&secret);
}
END_TEST

START_TEST(filters_form_no_circle) {
    cipher *lower = make_cipher(NULL), *upper = make_cipher(NULL);
    OK(sps_custom_open(upper->stream, lower->stream));
    IS(sps_custom_open(lower->stream, upper->stream), SPS_ERR_INVALID_PARAMETER);
    sps_stream_destroy(upper->stream);
    sps_stream_destroy(lower->stream);
}
END_TEST

START_TEST(a_failed_handshake_is_told) {
    pair pair = connect_pair((transport)_i);
    cipher *cipher = make_cipher_over(pair.client);
    ck_assert_int_eq(status_of(cipher->stream), SPS_STATUS_CONNECTING);
    IS(sps_stream_put_u8(cipher->stream, 1), SPS_FAILED);
    OK(sps_stream_put_data(pair.peer, "\2\0\2no", 5, NULL)); // no hello
    BECOMES(sps_socket_poll(cipher->stream), SPS_ERR_CONNECTION_ERROR);
    ck_assert_int_eq(status_of(cipher->stream), SPS_STATUS_ERROR);
    expect_reason(cipher->stream, SPS_CLOSE_PROTOCOL);
    expect_message(cipher->stream, "an unexpected record");
    ck_assert_int_eq(cipher->closes, 1);
    const int polls = cipher->polls;
    OK(sps_socket_poll(cipher->stream));
    ck_assert_int_eq(cipher->polls, polls);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    sps_stream_destroy(cipher->stream);
    close_pair(&pair);
}
END_TEST

START_TEST(a_base_that_is_refused_fails_the_filter) {
    sps_server *server = make_server(TCP, NULL);
    const place place = listen_somewhere(server, TCP);
    sps_server_destroy(server);
    sps_stream *base = make_stream(TCP, NULL);
    const sps_error begun = connect_to(base, &place);
    ck_assert(begun == SPS_OK || begun == SPS_FAILED);
    cipher *cipher = make_cipher_over(base);
    if (status_of(cipher->stream) == SPS_STATUS_CONNECTING) {
        BECOMES(sps_socket_poll(cipher->stream), SPS_ERR_CONNECTION_ERROR);
    }
    ck_assert_int_eq(status_of(cipher->stream), SPS_STATUS_ERROR);
    expect_reason(cipher->stream, SPS_CLOSE_REFUSED);
    int32_t code = 0;
    OK(sps_socket_get_os_error(cipher->stream, &code));
    ck_assert_int_ne(code, 0);
    sps_stream_destroy(cipher->stream);
    sps_stream_destroy(base);
}
END_TEST

START_TEST(a_filter_opens_over_a_base_that_connects) {
    pair pair = prepare_pair((transport)_i, NULL);
    OK(connect_to(pair.client, &pair.place));
    cipher *client = make_cipher_over(pair.client);
    complete_pair(&pair);
    cipher *peer = make_cipher_over(pair.peer);
    shake_hands(client->stream, peer->stream);
    sps_stream_destroy(client->stream);
    sps_stream_destroy(peer->stream);
    close_pair(&pair);
}
END_TEST

START_TEST(a_connection_carries_one_filter_after_another) {
    secret secret = connect_secret((transport)_i);
    uint8_t byte;
    OK(sps_stream_put_u8(secret.client->stream, 1));
    OK(sps_socket_disconnect(secret.client->stream)); // with an end mark
    expect_reason(secret.client->stream, SPS_CLOSE_LOCAL);
    expect_u8(secret.peer->stream, 1);
    IS(sps_stream_get_u8(secret.peer->stream, &byte), SPS_ERR_FILE_EOF);
    OK(sps_socket_disconnect(secret.peer->stream));
    expect_u8(secret.pair.client, 0); // the other end mark, which no filter read
    expect_u8(secret.pair.client, 0);
    expect_u8(secret.pair.client, 4);
    OK(open_cipher(secret.client, secret.pair.client));
    OK(open_cipher(secret.peer, secret.pair.peer));
    shake_hands(secret.client->stream, secret.peer->stream);
    expect_reason(secret.client->stream, SPS_CLOSE_NONE);
    OK(sps_stream_put_u8(secret.peer->stream, 2));
    expect_u8(secret.client->stream, 2);
    close_secret(&secret);
}
END_TEST

// ---- The end

START_TEST(an_end_mark_ends_in_order) {
    secret secret = connect_secret((transport)_i);
    sps_stream *peer = secret.peer->stream;
    OK(sps_stream_put_u32(secret.client->stream, 7));
    OK(sps_socket_shutdown_write(secret.client->stream));
    OK(sps_socket_shutdown_write(secret.client->stream)); // again
    IS(sps_stream_put_u8(secret.client->stream, 1), SPS_FAILED);
    WAIT_UNTIL((OK(sps_socket_poll(peer)), secret.peer->ended));
    ck_assert_int_eq(status_of(peer), SPS_STATUS_CONNECTED); // bytes are unread
    expect_u32_now(peer, 7);
    OK(sps_socket_poll(peer));
    ck_assert_int_eq(status_of(peer), SPS_STATUS_NONE);
    expect_reason(peer, SPS_CLOSE_PEER_FINISHED);
    expect_message(peer, "");
    ck_assert_int_eq(secret.peer->closes, 1);
    close_secret(&secret);
}
END_TEST

START_TEST(truncated_is_another_reason) {
    secret secret = connect_secret((transport)_i);
    sps_stream *peer = secret.peer->stream;
    OK(sps_stream_put_u32(secret.client->stream, 7));
    secret.client->failed = true; // it says no goodbye
    OK(sps_socket_disconnect(secret.pair.client));
    expect_u32(peer, 7);
    BECOMES(sps_socket_poll(peer), SPS_FAILED);
    ck_assert_int_eq(status_of(peer), SPS_STATUS_ERROR);
    expect_reason(peer, SPS_CLOSE_TRUNCATED);
    expect_message(peer, "the base ended without an end mark");
    close_secret(&secret);
}
END_TEST

START_TEST(a_get_meets_the_failure_behind_the_bytes) {
    secret secret = connect_secret(TCP);
    sps_stream *peer = secret.peer->stream;
    OK(sps_stream_put_u32(secret.client->stream, 7));
    WAIT_UNTIL((OK(sps_socket_poll(peer)), secret.peer->got_at == 4));
    OK(sps_tcp_close_reset(secret.pair.client));
    expect_u32(peer, 7);
    uint32_t value;
    IS(sps_stream_get_u32(peer, &value), SPS_FAILED);
    ck_assert_int_eq(status_of(peer), SPS_STATUS_NONE); // Godot's rule inside a get
    expect_reason(peer, SPS_CLOSE_RESET);
    close_secret(&secret);
}
END_TEST

START_TEST(a_failed_put_is_final_but_bytes_stay_readable) {
    secret secret = connect_secret((transport)_i);
    sps_stream *peer = secret.peer->stream;
    OK(sps_stream_put_u32(secret.client->stream, 7));
    WAIT_UNTIL((OK(sps_socket_poll(peer)), secret.peer->got_at == 4));
    secret.peer->next_put = SPS_FAILED;
    IS(sps_stream_put_u8(peer, 1), SPS_FAILED);
    IS(sps_stream_put_u8(peer, 1), SPS_FAILED);
    ck_assert_int_eq(status_of(peer), SPS_STATUS_CONNECTED);
    const int polls = secret.peer->polls;
    expect_u32_now(peer, 7);
    IS(sps_socket_poll(peer), SPS_FAILED);
    ck_assert_int_eq(secret.peer->polls, polls);
    expect_reason(peer, SPS_CLOSE_FAILED);
    close_secret(&secret);
}
END_TEST

START_TEST(a_failed_poll_is_final_but_bytes_stay_readable) {
    secret secret = connect_secret((transport)_i);
    sps_stream *peer = secret.peer->stream;
    OK(sps_stream_put_u32(secret.client->stream, 7));
    WAIT_UNTIL((OK(sps_socket_poll(peer)), secret.peer->got_at == 4));
    secret.peer->next_poll = SPS_FAILED;
    OK(sps_socket_poll(peer));
    IS(sps_stream_put_u8(peer, 1), SPS_FAILED);
    expect_u32_now(peer, 7);
    IS(sps_socket_poll(peer), SPS_FAILED);
    ck_assert_int_eq(status_of(peer), SPS_STATUS_ERROR);
    close_secret(&secret);
}
END_TEST

START_TEST(other_codes_reach_the_caller_and_change_nothing) {
    secret secret = connect_secret((transport)_i);
    sps_stream *peer = secret.peer->stream;
    uint8_t byte;
    secret.peer->next_poll = SPS_ERR_OUT_OF_MEMORY;
    IS(sps_socket_poll(peer), SPS_ERR_OUT_OF_MEMORY);
    secret.peer->next_get = SPS_ERR_INVALID_DATA;
    IS(sps_stream_get_u8(peer, &byte), SPS_ERR_INVALID_DATA);
    secret.peer->next_put = SPS_ERR_INVALID_DATA;
    IS(sps_stream_put_u8(peer, 1), SPS_ERR_INVALID_DATA);
    OK(sps_stream_put_u8(peer, 2));
    expect_u8(secret.client->stream, 2);
    close_secret(&secret);
}
END_TEST

START_TEST(the_base_may_be_destroyed_first) {
    secret secret = connect_secret((transport)_i);
    sps_stream *peer = secret.peer->stream, *base = peer;
    OK(sps_stream_put_u32(secret.client->stream, 7));
    WAIT_UNTIL((OK(sps_socket_poll(peer)), secret.peer->got_at == 4));
    drop_peer(&secret.pair);
    ck_assert_int_eq(secret.peer->closes, 1);
    OK(sps_custom_get_base(peer, &base));
    ck_assert_ptr_null(base);
    const int calls = secret.peer->polls + secret.peer->gets + secret.peer->puts;
    IS(sps_stream_put_u8(peer, 1), SPS_FAILED);
    expect_u32_now(peer, 7);
    IS(sps_socket_poll(peer), SPS_FAILED);
    expect_reason(peer, SPS_CLOSE_LOCAL);
    ck_assert_int_eq(secret.peer->polls + secret.peer->gets + secret.peer->puts, calls);
    uint8_t byte;
    IS(sps_stream_get_u8(secret.client->stream, &byte), SPS_ERR_FILE_EOF); // it said goodbye
    close_secret(&secret);
}
END_TEST

START_TEST(the_base_may_be_destroyed_in_the_handshake) {
    pair pair = connect_pair((transport)_i);
    cipher *cipher = make_cipher_over(pair.peer);
    drop_peer(&pair);
    ck_assert_int_eq(status_of(cipher->stream), SPS_STATUS_ERROR);
    expect_reason(cipher->stream, SPS_CLOSE_LOCAL);
    ck_assert_int_eq(cipher->closes, 1);
    sps_stream_destroy(cipher->stream);
    close_pair(&pair);
}
END_TEST

START_TEST(the_filter_may_be_destroyed_first) {
    secret secret = connect_secret((transport)_i);
    sps_stream_destroy(secret.peer->stream);
    secret.peer = make_cipher(NULL);
    uint8_t byte;
    IS(sps_stream_get_u8(secret.client->stream, &byte), SPS_ERR_FILE_EOF);
    OK(sps_stream_put_u8(secret.pair.peer, 9)); // the base serves the caller again
    OK(sps_socket_disconnect(secret.client->stream));
    expect_u8(secret.pair.client, 9);
    close_secret(&secret);
}
END_TEST

START_TEST(a_base_that_the_caller_disconnects_fails_the_filter) {
    secret secret = connect_secret((transport)_i);
    sps_stream *peer = secret.peer->stream;
    OK(sps_socket_disconnect(secret.pair.peer));
    IS(sps_socket_poll(peer), SPS_FAILED);
    ck_assert_int_eq(status_of(peer), SPS_STATUS_ERROR);
    expect_reason(peer, SPS_CLOSE_LOCAL); // the base's
    close_secret(&secret);
}
END_TEST

START_TEST(disconnect_works_in_every_status) {
    secret secret = connect_secret((transport)_i);
    sps_stream *client = secret.client->stream, *base = client;
    OK(sps_socket_disconnect(client));
    ck_assert_int_eq(status_of(client), SPS_STATUS_NONE);
    OK(sps_custom_get_base(client, &base));
    ck_assert_ptr_null(base);
    ck_assert_int_eq(status_of(secret.pair.client), SPS_STATUS_CONNECTED);
    OK(open_cipher(secret.client, secret.pair.client)); // CONNECTING
    OK(sps_socket_disconnect(client));
    ck_assert_int_eq(secret.client->closes, 2);
    expect_reason(client, SPS_CLOSE_LOCAL);
    OK(sps_socket_disconnect(client));
    close_secret(&secret);
}
END_TEST

Suite *filter_suite(void) {
    Suite *suite = suite_create("filter");
    TCase *values = add_case(suite, "values");
    const TTest *const value_tests[] = {every_value_goes_through,
                                        a_large_block_crosses_many_records,
                                        a_filter_reads_ahead_and_counts,
                                        a_get_that_times_out_consumes_nothing,
                                        the_timeout_of_the_base_ends_a_wait_too,
                                        a_put_that_times_out_says_so,
                                        a_value_that_is_cut_closes_the_writing_side,
                                        a_flush_goes_down_to_the_socket,
                                        batched_puts_leave_before_a_get_waits,
                                        a_filter_stands_over_a_filter};
    for (size_t i = 0; i < sizeof value_tests / sizeof value_tests[0]; i++) {
        tcase_add_loop_test(values, value_tests[i], 0, TRANSPORTS);
    }
    TCase *opening = add_case(suite, "opening");
    tcase_add_test(opening, a_new_filter_is_not_connected);
    tcase_add_test(opening, an_open_filter_refuses_a_second_base);
    tcase_add_test(opening, filters_form_no_circle);
    tcase_add_loop_test(opening, a_failed_handshake_is_told, 0, TRANSPORTS);
    tcase_add_test(opening, a_base_that_is_refused_fails_the_filter);
    tcase_add_loop_test(opening, a_filter_opens_over_a_base_that_connects, 0, TRANSPORTS);
    tcase_add_loop_test(opening, a_connection_carries_one_filter_after_another, 0, TRANSPORTS);
    TCase *ends = add_case(suite, "ends");
    const TTest *const end_tests[] = {an_end_mark_ends_in_order,
                                      truncated_is_another_reason,
                                      a_failed_put_is_final_but_bytes_stay_readable,
                                      a_failed_poll_is_final_but_bytes_stay_readable,
                                      other_codes_reach_the_caller_and_change_nothing,
                                      the_base_may_be_destroyed_first,
                                      the_base_may_be_destroyed_in_the_handshake,
                                      the_filter_may_be_destroyed_first,
                                      a_base_that_the_caller_disconnects_fails_the_filter,
                                      disconnect_works_in_every_status};
    for (size_t i = 0; i < sizeof end_tests / sizeof end_tests[0]; i++) {
        tcase_add_loop_test(ends, end_tests[i], 0, TRANSPORTS);
    }
    tcase_add_test(ends, a_get_meets_the_failure_behind_the_bytes);
    return suite;
}
