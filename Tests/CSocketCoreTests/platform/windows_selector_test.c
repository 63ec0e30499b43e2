// SPDX-License-Identifier: MIT
//
// The selector on the driver of Winsock: polls that are begun again, cancelled and abandoned.
#ifdef _WIN32
#include "support/contract.h"

#include <string.h>

#include "platform/windows/afd.h"

static const sps_platform *os(void) {
    return platform_under_test();
}

static const unsigned both = SPSI_READABLE | SPSI_WRITABLE;
static const unsigned edge = SPSI_READABLE | SPSI_EDGE;

static spsi_selector *selector;

// ---- One connection

static connection opened;

static void begin(void) {
    opened = open_connection(SPSI_FAMILY_IPV4);
    selector = make_selector();
}

static void end(unsigned interests) {
    if (interests != 0) {
        watch(selector, opened.client, interests, 0, NULL);
    }
    destroy_selector(selector);
    close_connection(&opened);
}

static void change(unsigned before, unsigned after) {
    watch(selector, opened.client, before, after, &opened.client);
}

static void expect_reports(unsigned mask) {
    size_t others;
    ck_assert_uint_eq(wait_once(selector, 0, &opened.client, &others), mask);
    ck_assert_uint_eq(others, 0);
}

// A poll is one-shot, so each wait begins it again.
START_TEST(a_poll_begins_again_in_each_wait) {
    begin();
    change(0, edge);
    send_text(opened.server, "12");
    await_report(selector, &opened.client, SPSI_READABLE);
    for (int i = 0; i < 3; i++) {
        expect_reports(SPSI_READABLE);
    }
    receive_text(opened.client, "12");
    expect_reports(0);
    send_text(opened.server, "3");
    await_report(selector, &opened.client, SPSI_READABLE);
    end(edge);
}
END_TEST

// A report that nobody takes does not stop the reports.
START_TEST(a_report_that_was_not_taken_comes_again) {
    begin();
    change(0, SPSI_WRITABLE);
    for (int i = 0; i < 3; i++) {
        DONE(spsi_os_selector_wait(os(), selector, 0));
    }
    expect_reports(SPSI_WRITABLE);
    end(SPSI_WRITABLE);
}
END_TEST

// The poll in flight does not ask for room. A zero timeout is enough for the new one.
START_TEST(a_further_interest_replaces_the_poll_in_flight) {
    begin();
    change(0, SPSI_READABLE);
    expect_reports(0);
    change(SPSI_READABLE, both);
    expect_reports(SPSI_WRITABLE);
    change(both, SPSI_READABLE);
    expect_reports(0);
    send_text(opened.server, "x");
    await_available(opened.client, 1);
    expect_reports(SPSI_READABLE);
    end(SPSI_READABLE);
}
END_TEST

// The first poll is still in flight, or its completion waits, when the second is due.
START_TEST(a_socket_that_is_added_again_is_reported_once) {
    begin();
    send_text(opened.server, "x");
    await_available(opened.client, 1);
    for (int i = 0; i < 20; i++) {
        change(0, i % 2 == 0 ? SPSI_READABLE : SPSI_WRITABLE);
        if (i % 3 != 0) {
            expect_reports(i % 2 == 0 ? SPSI_READABLE : SPSI_WRITABLE);
        }
        change(i % 2 == 0 ? SPSI_READABLE : SPSI_WRITABLE, 0);
    }
    expect_reports(0);
    end(0);
}
END_TEST

// A completion of the old socket waits in the port while its number belongs to another socket.
START_TEST(a_number_that_comes_again_is_another_socket) {
    begin();
    int old, new;
    size_t others;
    for (int i = 0; i < 20; i++) {
        const spsi_handle number = opened.client;
        watch(selector, opened.client, 0, SPSI_READABLE, &old);
        ck_assert_uint_eq(wait_once(selector, 0, &old, &others), 0);
        send_text(opened.server, "x");
        await_available(opened.client, 1);
        watch(selector, opened.client, SPSI_READABLE, 0, NULL);
        close_socket(opened.client);
        close_socket(opened.server);
        spsi_address peer;
        opened.client = connect_to_address(&opened.place);
        opened.server = accept_from(opened.listener, &peer);
        watch(selector, opened.client, 0, SPSI_READABLE, &new);
        ck_assert_uint_eq(wait_once(selector, 0, &new, &others), 0);
        ck_assert_uint_eq(others, 0);
        send_text(opened.server, "y");
        await_report(selector, &new, SPSI_READABLE);
        watch(selector, opened.client, SPSI_READABLE, 0, NULL);
        receive_text(opened.client, "y");
        (void)number;
    }
    end(0);
}
END_TEST

// A failure never ends, so with SPSI_EDGE it is reported once. Otherwise each wait reports it.
START_TEST(a_failure_is_reported_once_with_edges) {
    const unsigned interests[] = {SPSI_EDGE, edge, SPSI_READABLE, SPSI_WRITABLE};
    const unsigned failed = both | SPSI_MORE | SPSI_BROKEN;
    begin();
    change(0, interests[_i]);
    reset_socket(opened.server);
    opened.server = SPSI_NO_HANDLE;
    await_report(selector, &opened.client, failed);
    size_t others;
    const unsigned again = wait_once(selector, 0, &opened.client, &others);
    ck_assert_uint_eq(again & SPSI_BROKEN, interests[_i] & SPSI_EDGE ? 0 : SPSI_BROKEN);
    receive_code(opened.client, SPSI_RESET);
    end(interests[_i]);
}
END_TEST

// The caller breaks the contract. The selector goes on.
START_TEST(a_socket_that_was_closed_under_a_poll_is_broken) {
    begin();
    change(0, SPSI_READABLE);
    expect_reports(0);
    close_socket(opened.client);
    await_report(selector, &opened.client, SPSI_BROKEN);
    watch(selector, opened.client, SPSI_READABLE, 0, NULL);
    expect_reports(0);
    opened.client = SPSI_NO_HANDLE;
    end(0);
}
END_TEST

// The driver writes to the memory of a poll until it ends, so the end of a selector waits for that.
START_TEST(a_selector_ends_while_its_polls_are_in_flight) {
    begin();
    change(0, SPSI_READABLE);
    watch(selector, opened.server, 0, SPSI_READABLE, &opened.server);
    expect_reports(0);
    change(SPSI_READABLE, 0);
    send_text(opened.client, "x");
    destroy_selector(selector);
    selector = make_selector();
    watch(selector, opened.server, 0, SPSI_READABLE, &opened.server);
    await_report(selector, &opened.server, SPSI_READABLE);
    destroy_selector(selector);
    close_connection(&opened);
}
END_TEST

// The wait of one socket has a poll of its own, while the selector's is in flight.
START_TEST(a_wait_of_one_socket_takes_nothing_from_the_selector) {
    begin();
    change(0, edge);
    expect_reports(0);
    EXPECT(spsi_os_wait(os(), opened.client, SPSI_READABLE, 0), SPSI_AGAIN);
    DONE(spsi_os_wait(os(), opened.client, both, 0));
    send_text(opened.server, "x");
    await_ready(opened.client, SPSI_READABLE);
    expect_reports(SPSI_READABLE);
    end(edge);
}
END_TEST

// ---- Wakes

static DWORD WINAPI wake_often(void *context) {
    for (int i = 0; i < 1000; i++) {
        spsi_os_selector_wake(os(), context, SPSI_WAKER_CALLER);
    }
    return 0;
}

START_TEST(many_wakes_are_one) {
    begin();
    int none;
    size_t others = 0;
    wake_often(selector);
    wait_once(selector, 0, &none, &others);
    ck_assert_uint_eq(others, 1);
    EXPECT(spsi_os_selector_wait(os(), selector, 0), SPSI_AGAIN);
    end(0);
}
END_TEST

// However the wakes of threads fall between the waits, the last one ends a wait.
START_TEST(the_last_wake_of_many_threads_ends_a_wait) {
    enum { THREADS = 4 };
    begin();
    HANDLE threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        threads[i] = CreateThread(NULL, 0, wake_often, selector, 0, NULL);
        ck_assert_ptr_nonnull(threads[i]);
    }
    DONE(spsi_os_selector_wait(os(), selector, SPSI_FOREVER));
    spsi_ready ready;
    while (WaitForMultipleObjects(THREADS, threads, TRUE, 0) == WAIT_TIMEOUT) {
        spsi_os_selector_wait(os(), selector, 100);
        while (spsi_os_selector_next(os(), selector, &ready)) {
            ck_assert_uint_eq(ready.mask, SPSI_WOKEN);
        }
    }
    for (int i = 0; i < THREADS; i++) {
        CloseHandle(threads[i]);
    }
    while (spsi_os_selector_wait(os(), selector, 0).code == SPSI_DONE) {
        while (spsi_os_selector_next(os(), selector, &ready)) {
        }
    }
    spsi_os_selector_wake(os(), selector, SPSI_WAKER_CALLER);
    DONE(spsi_os_selector_wait(os(), selector, SPSI_FOREVER));
    end(0);
}
END_TEST

// ---- Many sockets

enum { MOST_PAIRS = 2500 };

static spsi_handle clients[MOST_PAIRS], servers[MOST_PAIRS];
static spsi_handle listener;

static void open_pairs(int count) {
    spsi_address place, peer;
    listener = listen_somewhere_on(SPSI_FAMILY_IPV4, &place);
    for (int i = 0; i < count; i++) {
        clients[i] = connect_to_address(&place);
        servers[i] = accept_from(listener, &peer);
        set_option(servers[i], SPSI_NO_DELAY, 1);
    }
    selector = make_selector();
}

static void close_pairs(int count) {
    destroy_selector(selector);
    for (int i = 0; i < count; i++) {
        close_socket(clients[i]);
        close_socket(servers[i]);
    }
    close_socket(listener);
}

// Counts the reports of one wait. Each must be of the array, for reading.
static int count_reports(const spsi_handle *of, int count) {
    spsi_ready ready;
    int reports = 0;
    while (spsi_os_selector_next(os(), selector, &ready)) {
        const spsi_handle *token = ready.token;
        ck_assert(token >= of && token < of + count);
        ck_assert_uint_eq(ready.mask, SPSI_READABLE);
        reports++;
    }
    return reports;
}

START_TEST(one_wait_serves_five_thousand_sockets) {
    open_pairs(MOST_PAIRS);
    for (int i = 0; i < MOST_PAIRS; i++) {
        watch(selector, clients[i], 0, edge, &clients[i]);
        watch(selector, servers[i], 0, edge, &servers[i]);
    }
    EXPECT(spsi_os_selector_wait(os(), selector, 0), SPSI_AGAIN);
    send_text(servers[1234], "x");
    DONE(spsi_os_selector_wait(os(), selector, SPSI_FOREVER));
    ck_assert_int_eq(count_reports(&clients[1234], 1), 1);
    receive_text(clients[1234], "x");
    for (int i = 0; i < MOST_PAIRS; i++) {
        send_text(servers[i], "x");
    }
    for (int i = 0; i < MOST_PAIRS; i++) {
        await_available(clients[i], 1);
    }
    DONE(spsi_os_selector_wait(os(), selector, SPSI_FOREVER));
    ck_assert_int_eq(count_reports(clients, MOST_PAIRS), MOST_PAIRS);
    for (int i = 0; i < MOST_PAIRS; i++) {
        receive_text(clients[i], "x");
    }
    EXPECT(spsi_os_selector_wait(os(), selector, 0), SPSI_AGAIN);
    close_pairs(MOST_PAIRS);
}
END_TEST

// ---- Any order

static uint32_t seed;

static unsigned choose(unsigned count) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % count;
}

// One socket in the model: the interests, and whether a byte waits, or has waited since the last
// wait. A poll that the byte has ended reports the socket all the same.
static unsigned interests_of[64];
static bool has_byte[64], had_byte[64];

static void change_one(int i) {
    const unsigned choices[] = {0, SPSI_READABLE, SPSI_WRITABLE, both, edge, edge | SPSI_WRITABLE};
    const unsigned after = choices[choose(sizeof choices / sizeof choices[0])];
    if (interests_of[i] != 0 || after != 0) {
        watch(selector, clients[i], interests_of[i], after, &clients[i]);
    }
    interests_of[i] = after;
}

static void move_byte(int i) {
    if (has_byte[i]) {
        receive_text(clients[i], "x");
    } else {
        send_text(servers[i], "x");
        await_available(clients[i], 1);
    }
    has_byte[i] = !has_byte[i];
    had_byte[i] = true;
}

// One wait reports exactly the sockets that are ready.
static void check_reports(int count) {
    unsigned masks[64] = {0};
    spsi_ready ready;
    spsi_os_selector_wait(os(), selector, 0);
    while (spsi_os_selector_next(os(), selector, &ready)) {
        const int i = (int)((const spsi_handle *)ready.token - clients);
        ck_assert_uint_eq(masks[i], 0);
        masks[i] = ready.mask;
    }
    for (int i = 0; i < count; i++) {
        const unsigned due = interests_of[i] & ((has_byte[i] ? SPSI_READABLE : 0u) | SPSI_WRITABLE);
        const unsigned spurious = had_byte[i] ? interests_of[i] & SPSI_READABLE : 0u;
        ck_assert_uint_eq(masks[i] | spurious, due | spurious);
        ck_assert_uint_eq(masks[i] & due, due);
        had_byte[i] = false;
    }
}

START_TEST(any_order_of_changes_loses_no_report) {
    enum { SOCKETS = 40, STEPS = 200, MOST_CHANGES = 8 };
    seed = (uint32_t)_i;
    memset(interests_of, 0, sizeof interests_of);
    memset(has_byte, 0, sizeof has_byte);
    memset(had_byte, 0, sizeof had_byte);
    open_pairs(SOCKETS);
    for (int step = 0; step < STEPS; step++) {
        for (unsigned left = choose(MOST_CHANGES); left > 0; left--) {
            const int i = (int)choose(SOCKETS);
            if (choose(2) == 0) {
                change_one(i);
            } else {
                move_byte(i);
            }
        }
        check_reports(SOCKETS);
    }
    close_pairs(SOCKETS);
}
END_TEST

Suite *windows_selector_suite(void) {
    Suite *suite = suite_create("windows_selector");
    TCase *polls = add_contract_case(suite, "polls");
    tcase_add_test(polls, a_poll_begins_again_in_each_wait);
    tcase_add_test(polls, a_report_that_was_not_taken_comes_again);
    tcase_add_test(polls, a_further_interest_replaces_the_poll_in_flight);
    tcase_add_test(polls, a_socket_that_is_added_again_is_reported_once);
    tcase_add_test(polls, a_number_that_comes_again_is_another_socket);
    tcase_add_loop_test(polls, a_failure_is_reported_once_with_edges, 0, 4);
    tcase_add_test(polls, a_socket_that_was_closed_under_a_poll_is_broken);
    tcase_add_test(polls, a_selector_ends_while_its_polls_are_in_flight);
    tcase_add_test(polls, a_wait_of_one_socket_takes_nothing_from_the_selector);
    TCase *wakes = add_contract_case(suite, "wakes");
    tcase_add_test(wakes, many_wakes_are_one);
    tcase_add_test(wakes, the_last_wake_of_many_threads_ends_a_wait);
    TCase *many = add_contract_case(suite, "many");
    tcase_add_test(many, one_wait_serves_five_thousand_sockets);
    tcase_add_loop_test(many, any_order_of_changes_loses_no_report, 0, 5);
    return suite;
}
#else
typedef int windows_selector_test_is_elsewhere; // ISO C wants a declaration in each file
#endif
