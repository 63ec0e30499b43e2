// SPDX-License-Identifier: MIT
//
// Bytes: receiving, sending, the end of a stream, resets, urgent data.
#include <string.h>

#include "support/contract.h"

static const sps_platform *os(void) {
    return platform_under_test();
}

static spsi_slice slice_of(const char *text) {
    return (spsi_slice){(const uint8_t *)text, strlen(text)};
}

START_TEST(slices_leave_in_order) {
    NEEDS_FAMILY(_i);
    const spsi_slice slices[SPSI_MAX_SLICES] = {slice_of("a"), slice_of("bcd"), slice_of("ef")};
    static const char *const expected[] = {"a", "abcd", "abcdef"};
    const connection open = open_connection(_i);
    for (size_t count = 1; count <= SPSI_MAX_SLICES; count++) {
        size_t sent = 0;
        DONE(spsi_os_send(os(), open.client, slices, count, &sent));
        ck_assert_uint_eq(sent, strlen(expected[count - 1]));
        receive_text(open.server, expected[count - 1]);
    }
    close_connection(&open);
}
END_TEST

START_TEST(a_receive_takes_at_most_its_size) {
    NEEDS_FAMILY(_i);
    const connection open = open_connection(_i);
    char bytes[] = "................";
    size_t count;
    send_text(open.client, "12345");
    await_available(open.server, 5);
    DONE(spsi_os_receive(os(), open.server, bytes, 2, &count));
    ck_assert_uint_eq(count, 2);
    ck_assert_mem_eq(bytes, "12..", 4);
    await_available(open.server, 3);
    DONE(spsi_os_receive(os(), open.server, bytes, sizeof bytes, &count));
    ck_assert_uint_eq(count, 3);
    ck_assert_mem_eq(bytes, "345.", 4);
    await_available(open.server, 0);
    receive_nothing(open.server);
    close_connection(&open);
}
END_TEST

START_TEST(the_end_follows_the_bytes) {
    NEEDS_FAMILY(_i);
    const connection open = open_connection(_i);
    send_text(open.client, "last");
    DONE(spsi_os_shutdown_write(os(), open.client));
    receive_text(open.server, "last");
    receive_code(open.server, SPSI_END);
    receive_code(open.server, SPSI_END);
    DONE(spsi_os_pending_failure(os(), open.server));
    close_connection(&open);
}
END_TEST

START_TEST(a_half_open_connection_still_carries_bytes) {
    NEEDS_FAMILY(_i);
    const connection open = open_connection(_i);
    DONE(spsi_os_shutdown_write(os(), open.client));
    receive_code(open.server, SPSI_END);
    send_text(open.server, "answer");
    receive_text(open.client, "answer");
    DONE(spsi_os_shutdown_write(os(), open.server));
    receive_code(open.client, SPSI_END);
    close_connection(&open);
}
END_TEST

START_TEST(a_close_ends_the_stream_of_the_peer) {
    NEEDS_FAMILY(_i);
    connection open = open_connection(_i);
    send_text(open.client, "last");
    close_socket(open.client);
    open.client = SPSI_NO_HANDLE;
    receive_text(open.server, "last");
    receive_code(open.server, SPSI_END);
    close_connection(&open);
}
END_TEST

// This also shows that no signal is raised.
START_TEST(nothing_is_sent_after_the_end) {
    NEEDS_FAMILY(_i);
    const connection open = open_connection(_i);
    const spsi_slice slice = slice_of("late");
    size_t sent = 99;
    DONE(spsi_os_shutdown_write(os(), open.client));
    EXPECT(spsi_os_send(os(), open.client, &slice, 1, &sent), SPSI_RESET);
    ck_assert_uint_eq(sent, 0);
    close_connection(&open);
}
END_TEST

// The first bytes may leave before the peer's OS answers.
START_TEST(a_closed_peer_resets_a_send) {
    NEEDS_FAMILY(_i);
    connection open = open_connection(_i);
    const spsi_slice slice = slice_of("nobody");
    spsi_result result;
    size_t sent;
    close_socket(open.server);
    open.server = SPSI_NO_HANDLE;
    WAIT_UNTIL((result = spsi_os_send(os(), open.client, &slice, 1, &sent)).code != SPSI_DONE);
    EXPECT(result, SPSI_RESET);
    ck_assert_uint_eq(sent, 0);
    close_connection(&open);
}
END_TEST

// ---- Full sockets

static connection open_small_connection(spsi_family family) {
    const connection open = open_connection(family);
    set_option(open.client, SPSI_SEND_BUFFER, 32768);
    set_option(open.server, SPSI_RECEIVE_BUFFER, 32768);
    return open;
}

START_TEST(a_full_socket_takes_bytes_again) {
    NEEDS_FAMILY(_i);
    const connection open = open_small_connection(_i);
    const uint64_t count = fill_socket(open.client);
    receive_pattern(open.server, count);
    receive_nothing(open.server);
    await_ready(open.client, SPSI_WRITABLE);
    send_text(open.client, "more");
    receive_text(open.server, "more");
    close_connection(&open);
}
END_TEST

// A send of slices that takes a part takes it from the front.
START_TEST(a_short_send_is_a_beginning) {
    NEEDS_FAMILY(_i);
    enum { PIECE = 1 << 20 };
    static uint8_t bytes[SPSI_MAX_SLICES * PIECE];
    const connection open = open_small_connection(_i);
    spsi_slice slices[SPSI_MAX_SLICES];
    fill_pattern(bytes, sizeof bytes, 0);
    for (size_t i = 0; i < SPSI_MAX_SLICES; i++) {
        slices[i] = (spsi_slice){bytes + i * PIECE, PIECE};
    }
    size_t sent = 0;
    DONE(spsi_os_send(os(), open.client, slices, SPSI_MAX_SLICES, &sent));
    ck_assert_uint_gt(sent, 0);
    ck_assert_uint_le(sent, sizeof bytes);
    receive_pattern(open.server, sent);
    receive_nothing(open.server);
    close_connection(&open);
}
END_TEST

// ---- Receiving with a wait

// Gives the receiver some time to find nothing. The tests pass without that time, too.
static void send_later(void *handle) {
    const spsi_handle sender = *(spsi_handle *)handle;
    spsi_os_wait(os(), sender, SPSI_READABLE, 10000);
    send_text(sender, "later");
}

static spsi_result receive_or_wait(spsi_handle handle, void *buffer, size_t size, size_t *count) {
    spsi_result result;
    while ((result = spsi_os_receive_waiting(os(), handle, buffer, size, count)).code ==
           SPSI_AGAIN) {
        await_ready(handle, SPSI_READABLE);
    }
    return result;
}

START_TEST(a_waiting_receive_takes_what_comes) {
    NEEDS_FAMILY(_i);
    connection open = open_connection(_i);
    char bytes[16];
    size_t count;
    for (int i = 0; i < 3; i++) {
        later(send_later, &open.client);
        DONE(receive_or_wait(open.server, bytes, sizeof bytes, &count));
        ck_assert_uint_eq(count, 5);
        ck_assert_mem_eq(bytes, "later", 5);
        finish_later();
    }
    DONE(spsi_os_shutdown_write(os(), open.client));
    EXPECT(receive_or_wait(open.server, bytes, sizeof bytes, &count), SPSI_END);
    close_connection(&open);
}
END_TEST

// receive_waiting() may change the socket. Other calls still do not wait.
START_TEST(after_a_waiting_receive_nothing_else_waits) {
    NEEDS_FAMILY(_i);
    connection open = open_small_connection(_i);
    char bytes[16];
    size_t count;
    for (int i = 0; i < 3; i++) {
        later(send_later, &open.server);
        DONE(receive_or_wait(open.client, bytes, sizeof bytes, &count));
        ck_assert_uint_eq(count, 5);
        finish_later();
    }
    receive_nothing(open.client);
    receive_pattern(open.server, fill_socket(open.client));
    close_connection(&open);
}
END_TEST

// ---- Resets. A Unix socket has none that close() could send.

START_TEST(a_reset_is_received_once) {
    NEEDS_FAMILY(_i);
    connection open = open_connection(_i);
    reset_socket(open.client);
    open.client = SPSI_NO_HANDLE;
    uint8_t byte;
    size_t count = 99;
    spsi_result result;
    WAIT_UNTIL((result = spsi_os_receive(os(), open.server, &byte, 1, &count)).code != SPSI_AGAIN);
    EXPECT(result, SPSI_RESET);
    ck_assert_int_ne(result.os_code, 0);
    ck_assert_uint_eq(count, 0);
    EXPECT(spsi_os_shutdown_write(os(), open.server), SPSI_RESET);
    close_connection(&open);
}
END_TEST

// After the failure was taken, the stream is over.
START_TEST(a_reset_is_pending_until_it_is_taken) {
    NEEDS_FAMILY(_i);
    connection open = open_connection(_i);
    reset_socket(open.client);
    open.client = SPSI_NO_HANDLE;
    await_ready(open.server, SPSI_READABLE);
    EXPECT(spsi_os_pending_failure(os(), open.server), SPSI_RESET);
    uint8_t byte;
    size_t count = 99;
    const spsi_result result = spsi_os_receive(os(), open.server, &byte, 1, &count);
    EXPECT(result, result.code == SPSI_END ? SPSI_END : SPSI_RESET);
    ck_assert_uint_eq(count, 0);
    close_connection(&open);
}
END_TEST

START_TEST(bytes_before_a_reset_can_be_received) {
    NEEDS_FAMILY(_i);
    NEEDS(facts_of_platform().keeps_bytes_at_reset, "this OS drops bytes at a reset");
    connection open = open_connection(_i);
    send_text(open.client, "first");
    await_available(open.server, 5);
    reset_socket(open.client);
    open.client = SPSI_NO_HANDLE;
    await_ready(open.server, SPSI_READABLE);
    receive_text(open.server, "first");
    receive_code(open.server, SPSI_RESET);
    close_connection(&open);
}
END_TEST

START_TEST(without_a_reset_at_close_there_is_an_end) {
    NEEDS_FAMILY(_i);
    connection open = open_connection(_i);
    set_option(open.client, SPSI_RESET_AT_CLOSE, 1);
    set_option(open.client, SPSI_RESET_AT_CLOSE, 0);
    close_socket(open.client);
    open.client = SPSI_NO_HANDLE;
    receive_code(open.server, SPSI_END);
    close_connection(&open);
}
END_TEST

// ---- Urgent data

// Reads after one report as the library does: until a read is short, or longer after SPSI_MORE.
static size_t read_reported(spsi_handle handle, unsigned mask, char *buffer, size_t size) {
    size_t total = 0, count;
    spsi_result result;
    do {
        result = spsi_os_receive(os(), handle, buffer + total, size - total, &count);
        total += count;
    } while (result.code == SPSI_DONE && (mask & SPSI_MORE) != 0);
    return total;
}

// A read stops at the mark, so a selector with edges says that there may be more. The urgent byte
// itself is no part of the stream.
START_TEST(urgent_data_hides_no_bytes) {
    NEEDS_FAMILY(_i);
    const connection open = open_connection(_i);
    spsi_selector *selector = make_selector();
    char text[8] = "";
    size_t others;
    send_text(open.client, "ab");
    const bool is_urgent = send_urgent(open.client, '!');
    send_text(open.client, "cd");
    watch(selector, open.server, 0, SPSI_READABLE | SPSI_EDGE, text);
    for (size_t at = 0; at < 4;) {
        const unsigned mask = wait_once(selector, 20000000, text, &others);
        ck_assert(mask & SPSI_READABLE);
        at += read_reported(open.server, mask, text + at, sizeof text - 1 - at);
    }
    ck_assert_str_eq(text, "abcd");
    watch(selector, open.server, SPSI_READABLE | SPSI_EDGE, 0, text);
    destroy_selector(selector);
    close_connection(&open);
    NEEDS(is_urgent, "no urgent data here");
}
END_TEST

Suite *contract_transfers_suite(void) {
    Suite *suite = suite_create("contract_transfers");
    TCase *all = add_contract_case(suite, "all");
    tcase_add_loop_test(all, slices_leave_in_order, 0, FAMILIES);
    tcase_add_loop_test(all, a_receive_takes_at_most_its_size, 0, FAMILIES);
    tcase_add_loop_test(all, the_end_follows_the_bytes, 0, FAMILIES);
    tcase_add_loop_test(all, a_half_open_connection_still_carries_bytes, 0, FAMILIES);
    tcase_add_loop_test(all, a_close_ends_the_stream_of_the_peer, 0, FAMILIES);
    tcase_add_loop_test(all, nothing_is_sent_after_the_end, 0, FAMILIES);
    tcase_add_loop_test(all, a_closed_peer_resets_a_send, 0, FAMILIES);
    tcase_add_loop_test(all, a_full_socket_takes_bytes_again, 0, FAMILIES);
    tcase_add_loop_test(all, a_short_send_is_a_beginning, 0, FAMILIES);
    tcase_add_loop_test(all, a_waiting_receive_takes_what_comes, 0, FAMILIES);
    tcase_add_loop_test(all, after_a_waiting_receive_nothing_else_waits, 0, FAMILIES);
    tcase_add_loop_test(all, a_reset_is_received_once, 0, IP_FAMILIES);
    tcase_add_loop_test(all, a_reset_is_pending_until_it_is_taken, 0, IP_FAMILIES);
    tcase_add_loop_test(all, bytes_before_a_reset_can_be_received, 0, IP_FAMILIES);
    tcase_add_loop_test(all, without_a_reset_at_close_there_is_an_end, 0, FAMILIES);
    tcase_add_loop_test(all, urgent_data_hides_no_bytes, 0, IP_FAMILIES);
    return suite;
}
