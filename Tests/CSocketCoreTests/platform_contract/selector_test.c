// SPDX-License-Identifier: MIT
//
// Many sockets and one wait: what a selector reports, and when it is silent.
#include "support/contract.h"

static const sps_platform *os(void) {
    return platform_under_test();
}

static const unsigned both = SPSI_READABLE | SPSI_WRITABLE;
static const unsigned edge = SPSI_READABLE | SPSI_EDGE;

// The token of a handle is its address. A test watches `client`, whose peer is `server`.
static spsi_selector *selector;
static connection open_pair;

static void begin(spsi_family family) {
    open_pair = open_connection(family);
    set_option(open_pair.client, SPSI_SEND_BUFFER, 32768);
    selector = make_selector();
}

static void end(unsigned interests) {
    if (interests != 0) {
        watch(selector, open_pair.client, interests, 0, NULL);
    }
    destroy_selector(selector);
    close_connection(&open_pair);
}

static void change(unsigned before, unsigned after) {
    watch(selector, open_pair.client, before, after, &open_pair.client);
}

static void await_mask(unsigned mask) {
    await_report(selector, &open_pair.client, mask);
}

static void expect_silence(void) {
    await_silence(selector);
}

// ---- Levels

START_TEST(bytes_are_reported_until_they_are_read) {
    NEEDS_FAMILY(_i);
    begin(_i);
    change(0, SPSI_READABLE);
    expect_silence();
    send_text(open_pair.server, "12");
    for (int i = 0; i < 3; i++) {
        await_mask(SPSI_READABLE);
    }
    receive_text(open_pair.client, "1");
    await_mask(SPSI_READABLE);
    receive_text(open_pair.client, "2");
    expect_silence();
    end(SPSI_READABLE);
}
END_TEST

// A wait drops the reports of the one before, not their reasons.
START_TEST(a_dropped_report_comes_again) {
    NEEDS_FAMILY(_i);
    begin(_i);
    change(0, SPSI_READABLE);
    send_text(open_pair.server, "1");
    for (int i = 0; i < 3; i++) {
        WAIT_UNTIL(os()->selector_wait(os(), selector, 20000).code == SPSI_DONE);
    }
    await_mask(SPSI_READABLE);
    receive_text(open_pair.client, "1");
    expect_silence();
    end(SPSI_READABLE);
}
END_TEST

START_TEST(room_is_reported_until_it_is_full) {
    NEEDS_FAMILY(_i);
    begin(_i);
    change(0, SPSI_WRITABLE);
    for (int i = 0; i < 3; i++) {
        await_mask(SPSI_WRITABLE);
    }
    const uint64_t count = fill_socket(open_pair.client);
    expect_silence();
    receive_pattern(open_pair.server, count);
    await_mask(SPSI_WRITABLE);
    end(SPSI_WRITABLE);
}
END_TEST

START_TEST(interests_change) {
    NEEDS_FAMILY(_i);
    begin(_i);
    size_t others;
    change(0, SPSI_READABLE);
    expect_silence();
    change(SPSI_READABLE, both);
    await_mask(SPSI_WRITABLE);
    send_text(open_pair.server, "x");
    await_mask(both);
    change(both, SPSI_WRITABLE);
    await_mask(SPSI_WRITABLE);
    change(SPSI_WRITABLE, SPSI_READABLE);
    await_mask(SPSI_READABLE);
    change(SPSI_READABLE, 0);
    expect_silence();
    ck_assert_uint_eq(wait_once(selector, 0, &open_pair.client, &others), 0);
    change(0, SPSI_READABLE);
    await_mask(SPSI_READABLE);
    end(SPSI_READABLE);
}
END_TEST

// The next handle often gets the number of the closed one.
START_TEST(a_removed_handle_is_not_reported) {
    NEEDS_FAMILY(_i);
    begin(_i);
    size_t others;
    change(0, both);
    send_text(open_pair.server, "x");
    await_mask(both);
    change(both, 0);
    ck_assert_uint_eq(wait_once(selector, 20000, &open_pair.client, &others), 0);
    ck_assert_uint_eq(others, 0);
    close_socket(open_pair.client);
    open_pair.client = connect_to_address(&open_pair.place);
    ck_assert_uint_eq(wait_once(selector, 20000, &open_pair.client, &others), 0);
    ck_assert_uint_eq(others, 0);
    change(0, SPSI_WRITABLE);
    await_mask(SPSI_WRITABLE);
    end(SPSI_WRITABLE);
}
END_TEST

START_TEST(an_empty_selector_waits_until_its_timeout) {
    enum { TIMEOUT_US = 20000 };
    begin(SPSI_FAMILY_IPV4);
    EXPECT(spsi_os_selector_wait(os(), selector, 0), SPSI_AGAIN);
    const uint64_t begin_us = spsi_os_now_us(os());
    EXPECT(spsi_os_selector_wait(os(), selector, TIMEOUT_US), SPSI_AGAIN);
    ck_assert_uint_ge(spsi_os_now_us(os()) - begin_us + EARLY_US, TIMEOUT_US);
    spsi_ready ready;
    ck_assert(!spsi_os_selector_next(os(), selector, &ready));
    end(0);
}
END_TEST

// ---- Edges

START_TEST(each_arrival_is_an_edge) {
    NEEDS_FAMILY(_i);
    begin(_i);
    change(0, edge);
    for (int i = 0; i < 50; i++) {
        send_text(open_pair.server, "12");
        await_mask(SPSI_READABLE);
        receive_text(open_pair.client, "12");
        receive_nothing(open_pair.client);
    }
    expect_silence();
    end(edge);
}
END_TEST

START_TEST(bytes_from_before_the_watch_are_an_edge) {
    NEEDS_FAMILY(_i);
    begin(_i);
    send_text(open_pair.server, "x");
    await_available(open_pair.client, 1);
    change(0, edge);
    await_mask(SPSI_READABLE);
    end(edge);
}
END_TEST

// Only where the platform promises it: others may report levels.
START_TEST(an_edge_is_reported_once) {
    NEEDS_FAMILY(_i);
    NEEDS(facts_of_platform().reports_edges_once, "this selector reports levels");
    begin(_i);
    size_t others;
    change(0, edge);
    send_text(open_pair.server, "12");
    await_mask(SPSI_READABLE);
    receive_text(open_pair.client, "1");
    ck_assert_uint_eq(wait_once(selector, 20000, &open_pair.client, &others), 0);
    send_text(open_pair.server, "3");
    await_mask(SPSI_READABLE);
    receive_text(open_pair.client, "23");
    end(edge);
}
END_TEST

START_TEST(new_room_is_an_edge) {
    NEEDS_FAMILY(_i);
    begin(_i);
    change(0, edge);
    const uint64_t count = fill_socket(open_pair.client);
    change(edge, edge | SPSI_WRITABLE);
    expect_silence();
    receive_pattern(open_pair.server, count);
    await_mask(SPSI_WRITABLE);
    change(edge | SPSI_WRITABLE, edge);
    send_text(open_pair.server, "x");
    await_mask(SPSI_READABLE);
    end(edge);
}
END_TEST

// The library asks for both interests of a socket that has room already.
START_TEST(room_from_before_the_watch_is_an_edge) {
    NEEDS_FAMILY(_i);
    begin(_i);
    change(0, edge);
    expect_silence();
    change(edge, edge | SPSI_WRITABLE);
    await_mask(SPSI_WRITABLE);
    end(edge | SPSI_WRITABLE);
}
END_TEST

// A caller that reads no more, and then does again, hears of the bytes that came meanwhile.
START_TEST(reading_may_pause) {
    NEEDS_FAMILY(_i);
    begin(_i);
    change(0, edge);
    change(edge, SPSI_EDGE);
    send_text(open_pair.server, "x");
    await_available(open_pair.client, 1);
    expect_silence();
    change(SPSI_EDGE, SPSI_READABLE);
    await_mask(SPSI_READABLE);
    end(SPSI_READABLE);
}
END_TEST

// ---- Ends

// One read takes the bytes, and is short. With edges only SPSI_MORE says that the end is there too.
START_TEST(an_end_behind_bytes_is_reported) {
    NEEDS_FAMILY(_i);
    const bool is_edge_once = facts_of_platform().reports_edges_once;
    const unsigned interests[] = {SPSI_READABLE, edge};
    const unsigned masks[] = {SPSI_READABLE, SPSI_READABLE | (is_edge_once ? SPSI_MORE : 0)};
    for (size_t i = 0; i < 2; i++) {
        begin(_i);
        send_text(open_pair.server, "last");
        DONE(spsi_os_shutdown_write(os(), open_pair.server));
        await_available(open_pair.client, 4);
        change(0, interests[i]);
        await_mask(masks[i]);
        receive_text(open_pair.client, "last");
        receive_code(open_pair.client, SPSI_END);
        end(interests[i]);
    }
}
END_TEST

START_TEST(an_end_is_reported_with_edges) {
    NEEDS_FAMILY(_i);
    begin(_i);
    change(0, edge);
    expect_silence();
    DONE(spsi_os_shutdown_write(os(), open_pair.server));
    await_mask(facts_of_platform().reports_edges_once ? SPSI_READABLE | SPSI_MORE : SPSI_READABLE);
    receive_code(open_pair.client, SPSI_END);
    end(edge);
}
END_TEST

static void reset_peer(void) {
    reset_socket(open_pair.server);
    open_pair.server = SPSI_NO_HANDLE;
}

START_TEST(a_reset_makes_a_handle_ready) {
    NEEDS_FAMILY(_i);
    static const unsigned interests[] = {SPSI_READABLE, SPSI_WRITABLE, SPSI_READABLE | SPSI_EDGE,
                                         SPSI_WRITABLE | SPSI_EDGE};
    for (size_t i = 0; i < sizeof interests / sizeof interests[0]; i++) {
        const unsigned wanted = interests[i] & both;
        begin(_i);
        if (wanted == SPSI_WRITABLE) {
            fill_socket(open_pair.client);
        }
        change(0, interests[i]);
        expect_silence();
        reset_peer();
        await_mask(facts_of_platform().reports_broken ? wanted | SPSI_BROKEN : wanted);
        EXPECT(spsi_os_pending_failure(os(), open_pair.client), SPSI_RESET);
        end(interests[i]);
    }
}
END_TEST

START_TEST(a_reset_is_reported_without_interests) {
    NEEDS_FAMILY(_i);
    NEEDS(facts_of_platform().reports_broken, "this selector reports no failures");
    begin(_i);
    change(0, SPSI_EDGE);
    expect_silence();
    reset_peer();
    await_mask(SPSI_BROKEN);
    EXPECT(spsi_os_pending_failure(os(), open_pair.client), SPSI_RESET);
    expect_silence();
    end(SPSI_EDGE);
}
END_TEST

// ---- Connecting and accepting

// The interests of the library's race.
static const unsigned racing = SPSI_EDGE | SPSI_WRITABLE;

START_TEST(a_connect_ends_with_a_report) {
    NEEDS_FAMILY(_i);
    spsi_address place;
    const spsi_handle holder = listen_somewhere_on(_i, &place), refusing = open_socket(_i);
    const spsi_address refused_place = bind_somewhere(refusing, _i);
    const spsi_address *places[] = {&place, &refused_place};
    const spsi_code codes[] = {SPSI_DONE, SPSI_REFUSED};
    selector = make_selector();
    for (size_t i = 0; i < 2; i++) {
        spsi_handle client = open_socket(_i);
        spsi_result result = spsi_os_connect(os(), client, places[i]);
        if (result.code == SPSI_AGAIN) {
            watch(selector, client, 0, racing, &client);
            do {
                await_report(selector, &client, SPSI_WRITABLE);
                result = spsi_os_connect_result(os(), client);
            } while (result.code == SPSI_AGAIN);
            watch(selector, client, racing, 0, &client);
        }
        EXPECT(result, codes[i]);
        close_socket(client);
    }
    destroy_selector(selector);
    close_socket(holder);
    close_socket(refusing);
}
END_TEST

START_TEST(a_server_is_ready_while_a_connection_waits) {
    NEEDS_FAMILY(_i);
    spsi_address place, peer;
    spsi_handle listener = listen_somewhere_on(_i, &place);
    selector = make_selector();
    watch(selector, listener, 0, SPSI_READABLE, &listener);
    await_silence(selector);
    const spsi_handle one = connect_to_address(&place), other = connect_to_address(&place);
    await_report(selector, &listener, SPSI_READABLE);
    const spsi_handle first = accept_from(listener, &peer);
    await_report(selector, &listener, SPSI_READABLE);
    const spsi_handle second = accept_from(listener, &peer);
    await_silence(selector);
    watch(selector, listener, SPSI_READABLE, 0, &listener);
    destroy_selector(selector);
    close_connection(&(connection){listener, one, first, place});
    close_socket(other);
    close_socket(second);
}
END_TEST

Suite *contract_selector_suite(void) {
    Suite *suite = suite_create("contract_selector");
    TCase *all = add_contract_case(suite, "all");
    tcase_add_loop_test(all, bytes_are_reported_until_they_are_read, 0, FAMILIES);
    tcase_add_loop_test(all, a_dropped_report_comes_again, 0, FAMILIES);
    tcase_add_loop_test(all, room_is_reported_until_it_is_full, 0, FAMILIES);
    tcase_add_loop_test(all, interests_change, 0, FAMILIES);
    tcase_add_loop_test(all, a_removed_handle_is_not_reported, 0, FAMILIES);
    tcase_add_test(all, an_empty_selector_waits_until_its_timeout);
    tcase_add_loop_test(all, each_arrival_is_an_edge, 0, FAMILIES);
    tcase_add_loop_test(all, bytes_from_before_the_watch_are_an_edge, 0, FAMILIES);
    tcase_add_loop_test(all, an_edge_is_reported_once, 0, FAMILIES);
    tcase_add_loop_test(all, new_room_is_an_edge, 0, FAMILIES);
    tcase_add_loop_test(all, room_from_before_the_watch_is_an_edge, 0, FAMILIES);
    tcase_add_loop_test(all, reading_may_pause, 0, FAMILIES);
    tcase_add_loop_test(all, an_end_behind_bytes_is_reported, 0, FAMILIES);
    tcase_add_loop_test(all, an_end_is_reported_with_edges, 0, FAMILIES);
    tcase_add_loop_test(all, a_reset_makes_a_handle_ready, 0, IP_FAMILIES);
    tcase_add_loop_test(all, a_reset_is_reported_without_interests, 0, IP_FAMILIES);
    tcase_add_loop_test(all, a_connect_ends_with_a_report, 0, IP_FAMILIES);
    tcase_add_loop_test(all, a_server_is_ready_while_a_connection_waits, 0, FAMILIES);
    return suite;
}
