// SPDX-License-Identifier: MIT
#include <string.h>

#include "support/pollers.h"

static bool is_batching(const sps_stream *stream) {
    bool enabled;
    OK(sps_stream_is_write_batching(stream, &enabled));
    return enabled;
}

START_TEST(puts_gather_until_poll) {
    pair pair = connect_pair(_i);
    ck_assert(!is_batching(pair.client));
    OK(sps_stream_set_write_batching(pair.client, true));
    ck_assert(is_batching(pair.client));
    for (uint32_t i = 0; i < 100; i++) {
        OK(sps_stream_put_u32(pair.client, i));
        OK(sps_stream_put_utf8_string(pair.client, "ab", 2));
    }
    ck_assert_uint_eq(pending(pair.client), 1000);
    size_t available = 99;
    OK(sps_stream_get_available_bytes(pair.peer, &available));
    ck_assert_uint_eq(available, 0);
    OK(sps_socket_poll(pair.client));
    ck_assert_uint_eq(pending(pair.client), 0);
    for (uint32_t i = 0; i < 100; i++) {
        const char *text;
        size_t size;
        expect_u32(pair.peer, i);
        OK(sps_stream_get_utf8_string(pair.peer, SPS_LENGTH_PREFIXED, &text, &size));
        ck_assert_mem_eq(text, "ab", 2);
    }
    close_pair(&pair);
}
END_TEST

START_TEST(puts_leave_at_flush_at_a_waiting_get_and_at_disconnect) {
    pair pair = connect_pair(_i);
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u8(pair.client, 1));
    OK(sps_stream_flush(pair.client));
    expect_u8(pair.peer, 1);
    OK(sps_stream_set_write_batching(pair.peer, true));
    OK(sps_stream_put_u8(pair.peer, 2));
    OK(sps_stream_put_u8(pair.client, 3));
    OK(sps_socket_disconnect(pair.peer)); // sends 2
    expect_u8(pair.client, 2);            // would have sent 3
    close_pair(&pair);
}
END_TEST

START_TEST(a_full_buffer_is_busy_and_takes_nothing) {
    const sps_stream_options options = {.struct_size = sizeof options, .write_buffer_bytes = 1000};
    pair pair = connect_pair_with(_i, &options);
    OK(sps_stream_set_write_batching(pair.client, true));
    uint8_t bytes[1001];
    uint64_t total = 0;
    // Until the OS takes no more either: for longer than TCP delays an ACK or a probe (200 ms), and however
    // often it was asked in that time.
    int refused = 0;
    for (uint64_t busy_since = now_ms(); refused < 25 || now_ms() - busy_since < 250;) {
        fill_pattern(bytes, 700, total);
        const sps_error error = sps_stream_put_data(pair.client, bytes, 700, NULL);
        if (error == SPS_OK) {
            total += 700;
            busy_since = now_ms();
            refused = 0;
        } else {
            IS(error, SPS_ERR_BUSY);
            refused++;
            pause_briefly();
        }
    }
    size_t count = 99;
    IS(sps_stream_put_data(pair.client, bytes, 1001, &count), SPS_ERR_PARAMETER_RANGE_ERROR);
    ck_assert_uint_eq(count, 0);
    fill_pattern(bytes, 1001, total);
    const size_t before = pending(pair.client);
    OK(sps_stream_put_partial_data(pair.client, bytes, 1001, &count));
    ck_assert_uint_eq(count, 1000 - before); // what there was room for
    ck_assert_uint_eq(pending(pair.client), 1000);
    total += count;
    IS(sps_stream_flush(pair.client), SPS_ERR_BUSY);
    IS(sps_stream_set_write_batching(pair.client, false), SPS_ERR_BUSY);
    ck_assert(is_batching(pair.client));
    IS(sps_socket_shutdown_write(pair.client), SPS_ERR_BUSY);
    for (uint64_t received = 0; received < total;) {
        OK(sps_socket_poll(pair.client));
        OK(get_pattern(pair.peer, &received));
    }
    OK(sps_stream_flush(pair.client));
    OK(sps_stream_set_write_batching(pair.client, false));
    ck_assert(!is_batching(pair.client));
    close_pair(&pair);
}
END_TEST

// NEEDS.md 29: what is put while connecting is kept, when batching.
START_TEST(puts_while_connecting_are_sent_when_connected) {
    pair pair = prepare_pair(TCP, NULL);
    OK(sps_stream_set_write_batching(pair.client, true));
    IS(sps_stream_put_u32(pair.client, 1), SPS_FAILED); // NONE
    OK(sps_tcp_connect(pair.client, "localhost", pair.place.port));
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTING);
    OK(sps_stream_put_u32(pair.client, 4711));
    OK(sps_stream_put_utf8_string(pair.client, "early", 5));
    IS(sps_stream_set_write_batching(pair.client, false), SPS_ERR_BUSY);
    WAIT_UNTIL(polled_status(pair.client) == SPS_STATUS_CONNECTED);
    ck_assert_uint_eq(pending(pair.client), 0);
    complete_pair(&pair);
    expect_u32(pair.peer, 4711);
    close_pair(&pair);
}
END_TEST

START_TEST(batched_bytes_of_a_broken_connection_are_dropped) {
    pair pair = connect_pair(_i);
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_socket_disconnect(pair.peer));
    BECOMES((sps_stream_put_u8(pair.client, 1), sps_stream_flush(pair.client)), SPS_FAILED);
    ck_assert_uint_eq(pending(pair.client), 0);
    IS(sps_stream_put_u8(pair.client, 1), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    OK(sps_stream_set_write_batching(pair.client, false));
    close_pair(&pair);
}
END_TEST

START_TEST(no_put_is_accepted_after_shutdown) {
    pair pair = connect_pair(_i);
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u8(pair.client, 1));
    OK(sps_socket_shutdown_write(pair.client));
    IS(sps_stream_put_u8(pair.client, 2), SPS_FAILED);
    IS(sps_stream_put_partial_data(pair.client, "x", 1, NULL), SPS_FAILED);
    uint8_t value;
    OK(sps_stream_get_u8(pair.peer, &value));
    IS(sps_stream_get_u8(pair.peer, &value), SPS_ERR_FILE_EOF);
    close_pair(&pair);
}
END_TEST

START_TEST(a_shutdown_does_not_outlive_its_connection) {
    pair pair = prepare_pair(TCP, NULL);
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(connect_to(pair.client, &pair.place));
    complete_pair(&pair);
    OK(sps_socket_shutdown_write(pair.client));
    OK(sps_socket_disconnect(pair.client));
    drop_peer(&pair);
    OK(sps_tcp_connect(pair.client, "localhost", pair.place.port));
    OK(sps_stream_put_u32(pair.client, 4711)); // CONNECTING
    complete_pair(&pair);
    expect_u32(pair.peer, 4711);
    close_pair(&pair);
}
END_TEST

Suite *write_batching_suite(void) {
    Suite *suite = suite_create("write_batching");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, puts_gather_until_poll, 0, TRANSPORTS);
    tcase_add_loop_test(all, puts_leave_at_flush_at_a_waiting_get_and_at_disconnect, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_full_buffer_is_busy_and_takes_nothing, 0, TRANSPORTS);
    tcase_add_test(all, puts_while_connecting_are_sent_when_connected);
    tcase_add_loop_test(all, batched_bytes_of_a_broken_connection_are_dropped, 0, TRANSPORTS);
    tcase_add_test(all, a_shutdown_does_not_outlive_its_connection);
    tcase_add_loop_test(all, no_put_is_accepted_after_shutdown, 0, TRANSPORTS);
    return suite;
}
