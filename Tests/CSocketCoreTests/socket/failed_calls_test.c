// SPDX-License-Identifier: MIT
//
// What becomes of a socket when calls of the OS fail or do a part: nothing is lost, doubled or waited for in vain.
#include <errno.h>
#include <string.h>

#include "support/counting_platform.h"

// ---- Writing

// Nothing more is waited for of a peer that cannot be written to: what came before is read, and
// then it is the end.
START_TEST(a_write_that_fails_alone_ends_the_connection) {
    pair pair = counted_pair(_i);
    OK(sps_stream_put_u8(pair.peer, 9));
    counting.send = fail_send;
    wait_for_bytes(pair.client, 1);
    IS(sps_stream_put_u8(pair.client, 1), SPS_FAILED);
    int32_t os_error;
    OK(sps_socket_get_os_error(pair.client, &os_error));
    ck_assert_int_eq(os_error, 12345);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    uint8_t value;
    OK(sps_stream_get_u8(pair.client, &value));
    ck_assert_uint_eq(value, 9);
    IS(sps_stream_get_u8(pair.client, &value), SPS_FAILED); // and does not wait for ever
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    OK(sps_stream_set_write_batching(pair.peer, true));
    OK(sps_stream_put_u8(pair.peer, 1));
    IS(sps_socket_poll(pair.peer), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.peer), SPS_STATUS_ERROR);
    close_pair(&pair);
}
END_TEST

START_TEST(a_failed_partial_put_consumes_nothing) {
    pair pair = counted_pair(_i);
    counting.send = fail_send;
    size_t sent = 9;
    IS(sps_stream_put_partial_data(pair.client, "x", 1, &sent), SPS_FAILED);
    ck_assert_uint_eq(sent, 0);
    counting.send = count_send;
    IS(sps_stream_put_partial_data(pair.client, "x", 1, &sent), SPS_FAILED); // it has ended
    WAIT_UNTIL(polled_status(pair.client) != SPS_STATUS_CONNECTED);
    expect_reason(pair.client, SPS_CLOSE_FAILED);
    close_pair(&pair);
}
END_TEST

START_TEST(a_failed_stream_cannot_be_shut_down) {
    pair pair = counted_pair(_i);
    OK(sps_stream_put_u32(pair.peer, 42));
    wait_for_bytes(pair.client, 4);
    counting.send = fail_send;
    IS(sps_stream_put_u8(pair.client, 1), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED); // there is something to read
    IS(sps_socket_shutdown_write(pair.client), SPS_FAILED);
    uint32_t value;
    OK(sps_stream_get_u32(pair.client, &value));
    ck_assert_uint_eq(value, 42);
    close_pair(&pair);
}
END_TEST

static spsi_result send_a_byte_and_then_none(const sps_platform *platform, spsi_handle handle,
                                             const spsi_slice *slices, size_t count, size_t *out) {
    (void)count;
    *out = 0;
    if (called.send++ > 0) {
        return (spsi_result){SPSI_NO_MEMORY, ENOBUFS};
    }
    const spsi_slice first = {slices[0].data, 1};
    return os()->send(platform, handle, &first, 1, out);
}

// ERR_OUT_OF_MEMORY would say that the value may be put again.
START_TEST(a_value_that_was_sent_in_part_cannot_be_repeated) {
    pair pair = counted_pair(_i);
    counting.send = send_a_byte_and_then_none;
    IS(sps_stream_put_u32(pair.client, 1), SPS_FAILED);
    IS(sps_stream_put_u32(pair.client, 1), SPS_FAILED);
    close_pair(&pair);
}
END_TEST

START_TEST(short_counts_lose_nothing) {
    pair pair = counted_pair(_i);
    send_at_most = 3;
    receive_at_most = 2;
    char text[100];
    memset(text, 'x', sizeof text);
    memcpy(text + 97, "end", 3);
    OK(sps_stream_put_utf8_string(pair.client, text, sizeof text));
    OK(sps_stream_put_u64(pair.client, UINT64_C(0x1122334455667788)));
    const char *got;
    size_t size;
    uint64_t value;
    OK(sps_stream_get_utf8_string(pair.peer, SPS_LENGTH_PREFIXED, &got, &size));
    ck_assert_uint_eq(size, sizeof text);
    ck_assert_mem_eq(got, text, sizeof text);
    OK(sps_stream_get_u64(pair.peer, &value));
    ck_assert_uint_eq(value, UINT64_C(0x1122334455667788));
    close_pair(&pair);
}
END_TEST

// ---- Closing

static spsi_result short_of_memory(const sps_platform *platform, spsi_handle handle,
                                   const spsi_slice *slices, size_t count, size_t *out) {
    (void)platform;
    (void)handle;
    (void)slices;
    (void)count;
    *out = 0;
    return (spsi_result){SPSI_NO_MEMORY, ENOBUFS};
}

// The socket is writable all the while, and the OS takes nothing.
START_TEST(a_wait_to_close_does_not_spin_when_memory_is_short) {
    pair pair = counted_pair(_i);
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u8(pair.client, 1));
    counting.send = short_of_memory;
    IS(sps_socket_close_and_wait(pair.client, 100), SPS_ERR_TIMEOUT);
    ck_assert_int_le(called.wait, 20);
    close_pair(&pair);
}
END_TEST

START_TEST(a_failed_flush_while_closing_reads_nothing) {
    pair pair = counted_pair(_i);
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u8(pair.client, 1));
    counting.send = short_of_memory;
    OK(sps_socket_close_gracefully(pair.client, 0));
    counting.send = count_send; // the peer's is the same
    OK(sps_stream_put_u32(pair.peer, 42));
    size_t unused;
    const spsi_socket *socket = (const spsi_socket *)pair.client;
    WAIT_UNTIL((os()->available(os(), socket->handle, &unused), unused) == 4);
    counting.send = fail_send;
    IS(sps_stream_set_write_batching(pair.client, false), SPS_FAILED);
    uint32_t value;
    IS(sps_stream_try_get_u32(pair.client, &value), SPS_FAILED);
    IS(sps_socket_poll(pair.client), SPS_FAILED);
    expect_reason(pair.client, SPS_CLOSE_FAILED);
    close_pair(&pair);
}
END_TEST

static spsi_result fail_shutdown(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    (void)handle;
    return (spsi_result){SPSI_FAILED, 107};
}

START_TEST(nothing_is_gathered_after_a_shutdown_that_failed) {
    pair pair = counted_pair(_i);
    counting.shutdown_write = fail_shutdown;
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u32(pair.client, 1));
    OK(sps_stream_flush(pair.client));
    OK(sps_stream_put_u32(pair.peer, 2));
    wait_for_bytes(pair.client, 4);
    OK(sps_socket_poll(pair.client));
    IS(sps_socket_shutdown_write(pair.client), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    IS(sps_stream_put_u32(pair.client, 3), SPS_FAILED);
    uint32_t value;
    OK(sps_stream_get_u32(pair.client, &value));
    ck_assert_uint_eq(value, 2);
    close_pair(&pair);
}
END_TEST

// ---- Shortages, and what the OS does not tell

// ENOMEM and ENOBUFS pass: the call may be repeated, and nothing is lost.
static int shortages;

static bool is_short(size_t *out_count) {
    if (shortages == 0) {
        return false;
    }
    shortages--;
    *out_count = 0;
    return true;
}

static spsi_result receive_with_shortage(const sps_platform *platform, spsi_handle handle,
                                         void *buffer, size_t size, size_t *out) {
    if (is_short(out)) {
        return (spsi_result){SPSI_NO_MEMORY, ENOMEM};
    }
    return os()->receive(platform, handle, buffer, size, out);
}

static spsi_result receive_waiting_with_shortage(const sps_platform *platform, spsi_handle handle,
                                                 void *buffer, size_t size, size_t *out) {
    if (is_short(out)) {
        return (spsi_result){SPSI_NO_MEMORY, ENOMEM};
    }
    return os()->receive_waiting(platform, handle, buffer, size, out);
}

static spsi_result send_with_shortage(const sps_platform *platform, spsi_handle handle,
                                      const spsi_slice *slices, size_t count, size_t *out) {
    if (is_short(out)) {
        return (spsi_result){SPSI_NO_MEMORY, ENOBUFS};
    }
    return os()->send(platform, handle, slices, count, out);
}

START_TEST(a_shortage_of_the_os_passes) {
    pair pair = counted_pair(_i);
    counting.receive = receive_with_shortage;
    counting.receive_waiting = receive_waiting_with_shortage;
    counting.send = send_with_shortage;
    shortages = 1;
    IS(sps_stream_put_u32(pair.client, 7), SPS_ERR_OUT_OF_MEMORY);
    OK(sps_stream_put_u32(pair.client, 7));
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u32(pair.client, 8));
    shortages = 1;
    IS(sps_stream_flush(pair.client), SPS_ERR_OUT_OF_MEMORY);
    OK(sps_stream_flush(pair.client));
    uint32_t value;
    OK(sps_stream_put_u32(pair.client, 9)); // a get that waits must not leave this behind
    counting.receive = count_receive;
    shortages = 1;
    IS(sps_stream_get_u32(pair.client, &value), SPS_ERR_OUT_OF_MEMORY);
    OK(sps_stream_flush(pair.client));
    counting.receive = receive_with_shortage;
    shortages = 1;
    IS(sps_stream_get_u32(pair.peer, &value), SPS_ERR_OUT_OF_MEMORY);
    OK(sps_stream_get_u32(pair.peer, &value));
    ck_assert_uint_eq(value, 7);
    OK(sps_stream_get_u32(pair.peer, &value));
    ck_assert_uint_eq(value, 8);
    shortages = 1;
    IS(sps_socket_poll(pair.peer), SPS_ERR_OUT_OF_MEMORY);
    ck_assert_int_eq(status_of(pair.peer), SPS_STATUS_CONNECTED);
    close_pair(&pair);
}
END_TEST

static spsi_result fail_available(const sps_platform *platform, spsi_handle handle, size_t *out) {
    (void)platform;
    (void)handle;
    static size_t count;
    *out = ++count; // which says nothing, since it has failed
    return (spsi_result){SPSI_FAILED, EIO};
}

// A put waits for a peer of whom nothing is heard, nor can be.
START_TEST(a_peer_that_cannot_be_looked_at_is_silent) {
    static const uint8_t bytes[65536];
    pair pair = counted_pair(_i);
    size_t sent;
    do {
        OK(sps_stream_put_partial_data(pair.client, bytes, sizeof bytes, &sent));
    } while (sent > 0);
    counting.available = fail_available;
    OK(sps_socket_set_idle_timeout(pair.client, 30));
    OK(sps_socket_set_io_timeout(pair.client, 5000));
    IS(sps_stream_put_data(pair.client, bytes, sizeof bytes, &sent), SPS_FAILED);
    WAIT_UNTIL(polled_status(pair.client) != SPS_STATUS_CONNECTED);
    expect_reason(pair.client, SPS_CLOSE_IDLE);
    close_pair(&pair);
}
END_TEST

static spsi_result set_no_option(const sps_platform *platform, spsi_handle handle,
                                 spsi_option option, uint32_t value) {
    (void)platform;
    (void)handle;
    (void)option;
    (void)value;
    return (spsi_result){SPSI_UNSUPPORTED, ENOPROTOOPT};
}

START_TEST(an_option_that_the_os_does_not_have_is_unavailable) {
    pair pair = counted_pair(TCP);
    counting.set_option = set_no_option;
    IS(sps_tcp_set_user_timeout(pair.client, 1000), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_set_no_delay(pair.client, true), SPS_ERR_UNAVAILABLE);
    close_pair(&pair);
}
END_TEST

Suite *failed_calls_suite(void) {
    Suite *suite = suite_create("failed_calls");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, a_write_that_fails_alone_ends_the_connection, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_failed_partial_put_consumes_nothing, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_failed_stream_cannot_be_shut_down, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_value_that_was_sent_in_part_cannot_be_repeated, 0, TRANSPORTS);
    tcase_add_loop_test(all, short_counts_lose_nothing, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_wait_to_close_does_not_spin_when_memory_is_short, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_failed_flush_while_closing_reads_nothing, 0, TRANSPORTS);
    tcase_add_loop_test(all, nothing_is_gathered_after_a_shutdown_that_failed, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_shortage_of_the_os_passes, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_peer_that_cannot_be_looked_at_is_silent, 0, TRANSPORTS);
    tcase_add_test(all, an_option_that_the_os_does_not_have_is_unavailable);
    return suite;
}
