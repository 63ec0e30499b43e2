// SPDX-License-Identifier: MIT
//
// Timeouts of one get or put, and of a silent peer.
#include <string.h>

#include "support/support.h"

static pair pair_with_io_timeout(transport transport, uint32_t timeout_ms) {
    const sps_stream_options options = {.struct_size = sizeof options, .io_timeout_ms = timeout_ms};
    return connect_pair_with(transport, &options);
}

START_TEST(a_get_that_times_out_has_consumed_nothing) {
    pair pair = pair_with_io_timeout(_i, 30);
    OK(sps_stream_put_data(pair.peer, "abc", 3, NULL));
    await_bytes(pair.client, 3);
    const uint64_t begin = now_ms();
    uint32_t value;
    IS(sps_stream_get_u32(pair.client, &value), SPS_ERR_TIMEOUT);
    ck_assert_uint_ge(now_ms() - begin, 29);
    uint8_t bytes[5] = "....";
    size_t count = 99;
    IS(sps_stream_get_data(pair.client, bytes, 4, &count), SPS_ERR_TIMEOUT);
    ck_assert_uint_eq(count, 0);
    const char *text;
    IS(sps_stream_get_string(pair.client, 4, &text, &count), SPS_ERR_TIMEOUT);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    OK(sps_stream_put_u8(pair.peer, 'd'));
    OK(sps_stream_get_data(pair.client, bytes, 4, NULL));
    ck_assert_mem_eq(bytes, "abcd", 4);
    close_pair(&pair);
}
END_TEST

// Even if puts fail, or if pending bytes cannot leave.
START_TEST(a_get_waits_even_if_puts_fail) {
    pair pair = pair_with_io_timeout(_i, 30);
    uint8_t value;
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u8(pair.client, 'x'));
    IS(sps_stream_get_u8(pair.client, &value), SPS_ERR_TIMEOUT);
    expect_u8(pair.peer, 'x'); // it has left meanwhile
    OK(sps_stream_set_write_batching(pair.client, false));
    uint64_t sent = put_until_full(pair.client, 0);
    OK(sps_stream_set_write_batching(pair.client, true));
    sent = put_pattern(pair.client, 5, sent);
    const uint64_t begin = now_ms();
    IS(sps_stream_get_u8(pair.client, &value), SPS_ERR_TIMEOUT);
    ck_assert_uint_ge(now_ms() - begin, 29);
    for (uint64_t received = 0; received < sent;) { // nothing of it is lost
        OK(get_pattern(pair.peer, &received));
        sps_socket_poll(pair.client);
    }
    OK(sps_socket_shutdown_write(pair.client));
    IS(sps_stream_get_u8(pair.client, &value), SPS_ERR_TIMEOUT);
    OK(sps_stream_put_u8(pair.peer, 'y'));
    expect_u8(pair.client, 'y');
    close_pair(&pair);
}
END_TEST

// The value is larger than the read buffer. The bytes that came stay readable.
START_TEST(a_large_get_that_times_out_has_consumed_nothing) {
    static uint8_t sent[200000], got[300000];
    fill_pattern(sent, sizeof sent, 0);
    pair pair = pair_with_io_timeout(_i, 30);
    OK(sps_stream_put_data(pair.peer, sent, 100000, NULL));
    size_t count;
    IS(sps_stream_get_data(pair.client, got, sizeof got, &count), SPS_ERR_TIMEOUT);
    ck_assert_uint_eq(count, 0);
    OK(sps_stream_put_data(pair.peer, sent + 100000, 100000, NULL));
    OK(sps_stream_get_data(pair.client, got, sizeof sent, &count));
    ck_assert(is_pattern(got, sizeof sent, 0));
    close_pair(&pair);
}
END_TEST

START_TEST(a_short_read_at_the_end_reports_its_count_with_a_timeout_too) {
    pair pair = pair_with_io_timeout(_i, 10000);
    OK(sps_stream_put_data(pair.peer, "abc", 3, NULL));
    OK(sps_socket_disconnect(pair.peer));
    uint8_t bytes[8];
    size_t count;
    IS(sps_stream_get_data(pair.client, bytes, 8, &count), SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(count, 3);
    ck_assert_mem_eq(bytes, "abc", 3);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    close_pair(&pair);
}
END_TEST

// Length and body are one get. One timeout covers both, however slowly the bytes come.
START_TEST(the_timeout_covers_the_whole_call) {
    pair pair = pair_with_io_timeout(_i, 60);
    OK(sps_stream_put_u32(pair.peer, 100));
    const uint64_t begin = now_ms();
    const char *text;
    size_t count;
    IS(sps_stream_get_utf8_string(pair.client, SPS_LENGTH_PREFIXED, &text, &count),
       SPS_ERR_TIMEOUT);
    const uint64_t took = now_ms() - begin;
    ck_assert_uint_ge(took, 59);
    ck_assert_msg(took < 5000, "took %u ms", (unsigned)took);
    uint32_t length;
    OK(sps_stream_get_u32(pair.client, &length)); // the length is still there
    ck_assert_uint_eq(length, 100);
    close_pair(&pair);
}
END_TEST

START_TEST(each_call_has_its_own_time) {
    pair pair = pair_with_io_timeout(_i, 20);
    uint8_t value;
    for (int i = 0; i < 3; i++) {
        const uint64_t begin = now_ms();
        IS(sps_stream_get_u8(pair.client, &value), SPS_ERR_TIMEOUT);
        ck_assert_uint_ge(now_ms() - begin, 19);
        IS(sps_stream_get_data(pair.client, &value, 1, NULL), SPS_ERR_TIMEOUT);
        ck_assert_uint_ge(now_ms() - begin, 39);
        const char *text;
        size_t count;
        IS(sps_stream_get_string(pair.client, 1, &text, &count), SPS_ERR_TIMEOUT);
        ck_assert_uint_ge(now_ms() - begin, 59);
    }
    close_pair(&pair);
}
END_TEST

START_TEST(a_put_of_bytes_reports_how_many_were_sent) {
    static uint8_t bytes[16 * 1024 * 1024];
    pair pair = pair_with_io_timeout(_i, 30);
    size_t sent;
    IS(sps_stream_put_data(pair.client, bytes, sizeof bytes, &sent), SPS_ERR_TIMEOUT);
    ck_assert_uint_gt(sent, 0);
    ck_assert_uint_lt(sent, sizeof bytes);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    sps_error error;
    while ((error = sps_stream_put_u8(pair.client, 1)) == SPS_OK) {
        sent++; // the OS has found more room
    }
    IS(error, SPS_ERR_TIMEOUT); // full: no byte of it was sent
    static uint8_t buffer[sizeof bytes];
    OK(sps_stream_get_data(pair.peer, buffer, sent, NULL));
    OK(sps_stream_put_u8(pair.client, 42)); // so the caller may repeat it
    expect_u8(pair.peer, 42);
    close_pair(&pair);
}
END_TEST

START_TEST(a_value_that_was_sent_in_part_ends_the_writing) {
    static char text[8 * 1024 * 1024];
    memset(text, 'x', sizeof text);
    pair pair = pair_with_io_timeout(_i, 30);
    IS(sps_stream_put_utf8_string(pair.client, text, sizeof text), SPS_FAILED);
    IS(sps_stream_put_u8(pair.client, 1), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE); // nothing was left to read
    expect_reason(pair.client, SPS_CLOSE_PUT_TIMED_OUT);
    close_pair(&pair);
}
END_TEST

// ---- The idle timeout

// The client has closed because the peer was idle.
static void expect_idle(const pair *pair, sps_status status) {
    ck_assert_int_eq(status_of(pair->client), status);
    expect_reason(pair->client, SPS_CLOSE_IDLE);
}

START_TEST(a_silent_peer_is_given_up) {
    const sps_stream_options options = {.struct_size = sizeof options, .idle_timeout_ms = 300};
    const uint64_t begin = now_ms(); // the time before the connection counts, too
    pair pair = connect_pair_with(_i, &options);
    BECOMES(sps_socket_poll(pair.client), SPS_FAILED);
    const uint64_t took = now_ms() - begin;
    // fractions of a millisecond are dropped
    ck_assert_msg(took >= 299, "after %u ms", (unsigned)took);
    expect_idle(&pair, SPS_STATUS_ERROR);
    close_pair(&pair);
}
END_TEST

START_TEST(a_peer_that_speaks_is_kept) {
    pair pair = connect_pair(_i);
    OK(sps_socket_set_idle_timeout(pair.client, 200));
    const uint64_t begin = now_ms();
    while (now_ms() - begin < 600) {
        uint8_t value;
        OK(sps_stream_put_u8(pair.peer, 1));
        OK(sps_stream_get_u8(pair.client, &value));
        OK(sps_socket_poll(pair.client));
        pause_briefly();
    }
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    OK(sps_socket_set_idle_timeout(pair.client, 0));
    close_pair(&pair);
}
END_TEST

START_TEST(earlier_bytes_stay_readable) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u32(pair.peer, 42));
    await_bytes(pair.client, 4);
    OK(sps_socket_poll(pair.client));
    OK(sps_socket_set_idle_timeout(pair.client, 1));
    const uint64_t begin = now_ms();
    WAIT_UNTIL(now_ms() > begin + 10);
    OK(sps_socket_poll(pair.client));
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    expect_u32(pair.client, 42);
    IS(sps_socket_poll(pair.client), SPS_FAILED);
    expect_reason(pair.client, SPS_CLOSE_IDLE);
    close_pair(&pair);
}
END_TEST

// The close reason of one connection does not carry over to the next.
START_TEST(a_reason_is_of_its_own_connection) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u8(pair.client, 1));
    await_bytes(pair.peer, 1);
    drop_peer(&pair); // with an unread byte: a reset
    BECOMES(sps_socket_poll(pair.client), SPS_FAILED);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    OK(sps_socket_disconnect(pair.client));
    OK(connect_to(pair.client, &pair.place));
    complete_pair(&pair);
    expect_reason(pair.client, SPS_CLOSE_NONE);
    OK(sps_socket_set_idle_timeout(pair.client, 30));
    BECOMES(sps_socket_poll(pair.client), SPS_FAILED);
    expect_idle(&pair, SPS_STATUS_ERROR);
    close_pair(&pair);
}
END_TEST

START_TEST(a_get_that_waits_notices_a_silent_peer) {
    pair pair = connect_pair(_i);
    OK(sps_socket_set_idle_timeout(pair.client, 30));
    uint8_t value;
    IS(sps_stream_get_u8(pair.client, &value), SPS_FAILED);
    expect_idle(&pair, SPS_STATUS_NONE);
    close_pair(&pair);
}
END_TEST

START_TEST(a_put_that_waits_notices_a_silent_peer) {
    static uint8_t bytes[16 * 1024 * 1024];
    pair pair = connect_pair(_i);
    OK(sps_socket_set_idle_timeout(pair.client, 50));
    IS(sps_stream_put_data(pair.client, bytes, sizeof bytes, NULL), SPS_FAILED);
    expect_idle(&pair, SPS_STATUS_NONE);
    close_pair(&pair);
}
END_TEST

// Unread bytes are a sign of life, once. They stay readable.
START_TEST(a_put_waits_once_more_for_a_peer_that_has_spoken) {
    static uint8_t bytes[16 * 1024 * 1024];
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u8(pair.peer, 42));
    const uint64_t begin = now_ms();
    OK(sps_socket_set_idle_timeout(pair.client, 50));
    IS(sps_stream_put_data(pair.client, bytes, sizeof bytes, NULL), SPS_FAILED);
    ck_assert_uint_ge(now_ms() - begin, 99);
    expect_u8(pair.client, 42);
    uint8_t value;
    IS(sps_stream_get_u8(pair.client, &value), SPS_FAILED);
    expect_reason(pair.client, SPS_CLOSE_IDLE);
    close_pair(&pair);
}
END_TEST

// ---- Invalid times

START_TEST(invalid_times) {
    sps_stream *stream = make_stream(_i, NULL);
    static const uint32_t none = (uint32_t)INT32_MAX + 1;
    IS(sps_socket_set_connect_timeout(stream, none), SPS_ERR_INVALID_PARAMETER);
    IS(sps_socket_set_attempt_delay(stream, none), SPS_ERR_INVALID_PARAMETER);
    IS(sps_socket_set_io_timeout(stream, none), SPS_ERR_INVALID_PARAMETER);
    IS(sps_socket_set_idle_timeout(stream, none), SPS_ERR_INVALID_PARAMETER);
    OK(sps_socket_set_connect_timeout(stream, INT32_MAX));
    OK(sps_socket_set_attempt_delay(stream, INT32_MAX));
    OK(sps_socket_set_io_timeout(stream, INT32_MAX));
    OK(sps_socket_set_idle_timeout(stream, INT32_MAX));
    IS(sps_socket_set_io_timeout(NULL, 1), SPS_ERR_INVALID_PARAMETER);
    IS(sps_socket_set_idle_timeout(NULL, 1), SPS_ERR_INVALID_PARAMETER);
    sps_stream_destroy(stream);
    const sps_stream_options bad[] = {
        {.struct_size = sizeof bad[0], .connect_timeout_ms = none},
        {.struct_size = sizeof bad[0], .io_timeout_ms = none},
        {.struct_size = sizeof bad[0], .idle_timeout_ms = none},
        {.struct_size = sizeof bad[0], .user_timeout_ms = none},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const sps_server_options options = {.struct_size = sizeof options, .stream = &bad[i]};
        sps_server *server;
        IS(sps_tcp_create(&bad[i], &stream), SPS_ERR_INVALID_PARAMETER);
        IS(sps_uds_create(&bad[i], &stream), SPS_ERR_INVALID_PARAMETER);
        IS(sps_tcp_server_create(&options, &server), SPS_ERR_INVALID_PARAMETER);
    }
}
END_TEST

Suite *timeouts_suite(void) {
    Suite *suite = suite_create("timeouts");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, a_get_that_times_out_has_consumed_nothing, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_get_waits_even_if_puts_fail, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_large_get_that_times_out_has_consumed_nothing, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_short_read_at_the_end_reports_its_count_with_a_timeout_too, 0,
                        TRANSPORTS);
    tcase_add_loop_test(all, the_timeout_covers_the_whole_call, 0, TRANSPORTS);
    tcase_add_loop_test(all, each_call_has_its_own_time, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_put_of_bytes_reports_how_many_were_sent, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_value_that_was_sent_in_part_ends_the_writing, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_silent_peer_is_given_up, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_peer_that_speaks_is_kept, 0, TRANSPORTS);
    tcase_add_loop_test(all, earlier_bytes_stay_readable, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_reason_is_of_its_own_connection, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_get_that_waits_notices_a_silent_peer, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_put_that_waits_notices_a_silent_peer, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_put_waits_once_more_for_a_peer_that_has_spoken, 0, TRANSPORTS);
    tcase_add_loop_test(all, invalid_times, 0, TRANSPORTS);
    return suite;
}
