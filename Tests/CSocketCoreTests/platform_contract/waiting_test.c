// SPDX-License-Identifier: MIT
//
// The clock, the wait for one socket, and the lock.
#include "support/contract.h"

static const sps_platform *os(void) {
    return platform_under_test();
}

static const unsigned both = SPSI_READABLE | SPSI_WRITABLE;

START_TEST(the_clock_never_goes_back) {
    uint64_t last = spsi_os_now_us(os());
    for (int i = 0; i < 100000; i++) {
        const uint64_t now = spsi_os_now_us(os());
        ck_assert_uint_ge(now, last);
        last = now;
    }
}
END_TEST

START_TEST(a_wait_lasts_until_its_timeout) {
    NEEDS_FAMILY(_i);
    enum { TIMEOUT_US = 20000 };
    const connection open = open_connection(_i);
    EXPECT(spsi_os_wait(os(), open.client, SPSI_READABLE, 0), SPSI_AGAIN);
    const uint64_t begin = spsi_os_now_us(os());
    EXPECT(spsi_os_wait(os(), open.client, SPSI_READABLE, TIMEOUT_US), SPSI_AGAIN);
    ck_assert_uint_ge(spsi_os_now_us(os()) - begin + EARLY_US, TIMEOUT_US);
    close_connection(&open);
}
END_TEST

START_TEST(an_idle_connection_is_writable) {
    NEEDS_FAMILY(_i);
    const connection open = open_connection(_i);
    DONE(spsi_os_wait(os(), open.client, SPSI_WRITABLE, 0));
    DONE(spsi_os_wait(os(), open.client, both, 0));
    EXPECT(spsi_os_wait(os(), open.client, SPSI_READABLE, 0), SPSI_AGAIN);
    close_connection(&open);
}
END_TEST

START_TEST(a_full_socket_is_not_writable) {
    NEEDS_FAMILY(_i);
    const connection open = open_connection(_i);
    set_option(open.client, SPSI_SEND_BUFFER, 32768);
    const uint64_t count = fill_socket(open.client);
    EXPECT(spsi_os_wait(os(), open.client, both, 0), SPSI_AGAIN);
    send_text(open.server, "answer");
    DONE(spsi_os_wait(os(), open.client, both, SPSI_FOREVER));
    receive_text(open.client, "answer");
    receive_pattern(open.server, count);
    DONE(spsi_os_wait(os(), open.client, SPSI_WRITABLE, SPSI_FOREVER));
    close_connection(&open);
}
END_TEST

static void send_byte(void *handle) {
    send_text(*(spsi_handle *)handle, "x");
}

START_TEST(bytes_end_a_wait) {
    NEEDS_FAMILY(_i);
    connection open = open_connection(_i);
    const uint64_t timeouts[] = {SPSI_FOREVER, SPSI_FOREVER - 1, 20000000};
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
        later(send_byte, &open.server);
        DONE(spsi_os_wait(os(), open.client, SPSI_READABLE, timeouts[i]));
        finish_later();
        DONE(spsi_os_wait(os(), open.client, SPSI_READABLE, 0)); // it stays ready
        receive_text(open.client, "x");
        EXPECT(spsi_os_wait(os(), open.client, SPSI_READABLE, 0), SPSI_AGAIN);
    }
    close_connection(&open);
}
END_TEST

START_TEST(the_end_of_the_peer_ends_a_wait) {
    NEEDS_FAMILY(_i);
    const connection open = open_connection(_i);
    DONE(spsi_os_shutdown_write(os(), open.server));
    DONE(spsi_os_wait(os(), open.client, SPSI_READABLE, SPSI_FOREVER));
    receive_code(open.client, SPSI_END);
    close_connection(&open);
}
END_TEST

// A failure ends the wait for either interest.
START_TEST(a_reset_ends_a_wait) {
    NEEDS_FAMILY(_i);
    for (unsigned interest = SPSI_READABLE; interest <= SPSI_WRITABLE; interest++) {
        connection open = open_connection(_i);
        set_option(open.client, SPSI_SEND_BUFFER, 32768);
        if (interest == SPSI_WRITABLE) {
            fill_socket(open.client);
        }
        reset_socket(open.server);
        open.server = SPSI_NO_HANDLE;
        DONE(spsi_os_wait(os(), open.client, interest, SPSI_FOREVER));
        EXPECT(spsi_os_pending_failure(os(), open.client), SPSI_RESET);
        close_connection(&open);
    }
}
END_TEST

START_TEST(a_refusal_ends_a_wait) {
    NEEDS_FAMILY(_i);
    const spsi_handle holder = open_socket(_i), client = open_socket(_i);
    const spsi_address place = bind_somewhere(holder, _i);
    spsi_result result = spsi_os_connect(os(), client, &place);
    if (result.code == SPSI_AGAIN) {
        DONE(spsi_os_wait(os(), client, SPSI_WRITABLE, SPSI_FOREVER));
        result = spsi_os_connect_result(os(), client);
    }
    EXPECT(result, SPSI_REFUSED);
    close_socket(holder);
    close_socket(client);
}
END_TEST

static void connect_later(void *client_and_place) {
    const connection *open = client_and_place;
    const spsi_code code = spsi_os_connect(os(), open->client, &open->place).code;
    ck_assert(code == SPSI_DONE || code == SPSI_AGAIN);
}

START_TEST(a_connection_ends_the_wait_of_its_server) {
    NEEDS_FAMILY(_i);
    connection open = {.client = open_socket(_i)};
    spsi_address peer;
    open.listener = listen_somewhere_on(_i, &open.place);
    EXPECT(spsi_os_wait(os(), open.listener, SPSI_READABLE, 0), SPSI_AGAIN);
    later(connect_later, &open);
    DONE(spsi_os_wait(os(), open.listener, SPSI_READABLE, SPSI_FOREVER));
    open.server = accept_from(open.listener, &peer);
    finish_later();
    EXPECT(spsi_os_wait(os(), open.listener, SPSI_READABLE, 0), SPSI_AGAIN);
    close_connection(&open);
}
END_TEST

// ---- The lock

enum { ROUNDS = 20000 };
static volatile int counted;

static void count_locked(void *unused) {
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        spsi_os_lock(os());
        counted = counted + 1;
        spsi_os_unlock(os());
    }
}

START_TEST(one_thread_has_the_lock) {
    NEEDS(facts_of_platform().has_threads, "no threads here");
    counted = 0;
    later(count_locked, NULL);
    count_locked(NULL);
    finish_later();
    ck_assert_int_eq(counted, 2 * ROUNDS);
}
END_TEST

Suite *contract_waiting_suite(void) {
    Suite *suite = suite_create("contract_waiting");
    TCase *all = add_contract_case(suite, "all");
    tcase_add_test(all, the_clock_never_goes_back);
    tcase_add_loop_test(all, a_wait_lasts_until_its_timeout, 0, FAMILIES);
    tcase_add_loop_test(all, an_idle_connection_is_writable, 0, FAMILIES);
    tcase_add_loop_test(all, a_full_socket_is_not_writable, 0, FAMILIES);
    tcase_add_loop_test(all, bytes_end_a_wait, 0, FAMILIES);
    tcase_add_loop_test(all, the_end_of_the_peer_ends_a_wait, 0, FAMILIES);
    tcase_add_loop_test(all, a_reset_ends_a_wait, 0, IP_FAMILIES);
    tcase_add_loop_test(all, a_refusal_ends_a_wait, 0, IP_FAMILIES);
    tcase_add_loop_test(all, a_connection_ends_the_wait_of_its_server, 0, FAMILIES);
    tcase_add_test(all, one_thread_has_the_lock);
    return suite;
}
