// SPDX-License-Identifier: MIT
//
// A poller inside an event loop of the caller's own, which waits for the poller's descriptor.
#include "support/pollers.h"
#include "support/sockets.h"

// The descriptor; -1 if this platform has none.
static int descriptor_of(const sps_poller *poller) {
    intptr_t fd = 0;
    const bool has_one = !is_simulated() && HAS_POLLER_DESCRIPTORS;
    IS(sps_poller_get_fd(poller, &fd), has_one ? SPS_OK : SPS_ERR_UNAVAILABLE);
    ck_assert_int_eq(fd >= 0, has_one);
    return (int)fd;
}

#define NEEDS_A_DESCRIPTOR                                                                         \
    if (is_simulated() || !HAS_POLLER_DESCRIPTORS) {                                               \
        return;                                                                                    \
    }

static bool is_readable(const sps_poller *poller, int timeout_ms) {
    struct pollfd wait = {.fd = (raw_socket)descriptor_of(poller), .events = POLLIN};
    return poll(&wait, 1, timeout_ms) == 1;
}

static int64_t time_of(const sps_poller *poller) {
    int64_t time_us = 0;
    OK(sps_poller_get_timeout_us(poller, &time_us));
    return time_us;
}

// Waits in poll(2) as a loop does, until the poller reports these kinds of a stream.
static void gather_elsewhere(sps_poller *poller, const sps_stream *stream, uint32_t kinds) {
    uint32_t seen = 0;
    for (int turn = 0; (seen & kinds) != kinds; turn++) {
        ck_assert_int_lt(turn, 100); // a descriptor that is always readable would spin
        const int64_t time_us = time_of(poller);
        ck_assert(is_readable(poller, time_us < 0 ? 20000 : (int)(time_us / 1000 + 1)) ||
                  time_us >= 0);
        wait_once(poller, 0);
        sps_event event;
        while (next_event(poller, &event)) {
            seen |= event.stream == stream ? event.kinds : 0;
        }
    }
}

// The kinds of the events that the loop would handle now. It would sleep if the descriptor is not
// readable and the time is not over.
static uint32_t kinds_if_ready(const pair *pair) {
    uint32_t kinds = 0;
    sps_event event;
    if (is_readable(pair->poller, 0) || time_of(pair->poller) == 0) {
        wait_once(pair->poller, 0);
    }
    while (next_event(pair->poller, &event)) {
        kinds |= event.kinds;
    }
    return kinds;
}

// The loop may sleep: nothing is left to do. A connect's timer may still fire, to no effect.
static void expect_sleep(sps_poller *poller) {
    wait_once(poller, 0);
    sps_event event;
    while (next_event(poller, &event)) {
    }
    const int64_t time_us = time_of(poller);
    ck_assert(time_us == -1 || time_us > 10000000);
    ck_assert(!is_readable(poller, 0));
}

START_TEST(bytes_room_and_the_end_make_it_readable) {
    NEEDS_A_DESCRIPTOR
    pair pair = connect_watched(_i);
    expect_sleep(pair.poller);
    OK(sps_stream_put_u32(pair.peer, 7));
    gather_elsewhere(pair.poller, pair.client, SPS_EVENT_READABLE);
    expect_u8_now(pair.client, 7); // three bytes stay unread
    expect_sleep(pair.poller);
    fill(pair.poller, pair.client, 4096, 0);
    expect_sleep(pair.poller); // the peer does not read
    uint64_t offset = 0;       // the peer reads until there is room, since some bytes are in flight
    uint32_t seen = 0;
    WAIT_UNTIL((offset = drain(pair.peer, offset), seen |= kinds_if_ready(&pair),
                (seen & SPS_EVENT_WRITABLE) != 0));
    drop_peer(&pair);
    gather_elsewhere(pair.poller, pair.client, SPS_EVENT_FINISHED);
    close_pair(&pair);
}
END_TEST

START_TEST(a_connection_makes_it_readable) {
    NEEDS_A_DESCRIPTOR
    pair pair = prepare_pair(_i, NULL);
    pair.poller = make_poller(NULL);
    OK(sps_poller_add_server(pair.poller, pair.server, NULL));
    OK(sps_poller_add(pair.poller, pair.client, NULL));
    expect_sleep(pair.poller);
    OK(connect_to(pair.client, &pair.place));
    gather_elsewhere(pair.poller, pair.client, SPS_EVENT_CONNECTED);
    wait_once(pair.poller, 0);
    ck_assert(is_readable(pair.poller, 20000)); // it repeats while a connection is left
    pair.peer = take_from(pair.server);
    expect_sleep(pair.poller);
    close_pair(&pair);
}
END_TEST

START_TEST(a_name_is_found_without_a_busy_loop) {
    NEEDS_A_DESCRIPTOR
    pair pair = prepare_pair(TCP, NULL);
    pair.poller = make_poller(NULL);
    OK(sps_poller_add(pair.poller, pair.client, NULL));
    OK(sps_tcp_connect(pair.client, "localhost", pair.place.port));
    gather_elsewhere(pair.poller, pair.client, SPS_EVENT_CONNECTED);
    close_pair(&pair);
    OK(sps_shutdown(20000));
}
END_TEST

START_TEST(a_wake_makes_it_readable_once) {
    NEEDS_A_DESCRIPTOR
    sps_poller *poller = make_poller(NULL);
    const int fd = descriptor_of(poller);
    for (int i = 0; i < 3; i++) {
        ck_assert(!is_readable(poller, 0));
        OK(sps_poller_wake(poller));
        OK(sps_poller_wake(poller));
        ck_assert(is_readable(poller, 0));
        ck_assert_uint_eq(wait_once(poller, 0), 0);
        ck_assert_int_eq(descriptor_of(poller), fd); // it stays the same
    }
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(it_is_one_descriptor_or_a_clear_error) {
    sps_poller *poller = make_poller(NULL);
    intptr_t fd = 0;
    IS(sps_poller_get_fd(NULL, &fd), SPS_ERR_INVALID_PARAMETER);
    ck_assert_int_eq(fd, -1);
    IS(sps_poller_get_fd(poller, NULL), SPS_ERR_INVALID_PARAMETER);
    descriptor_of(poller);
    sps_poller_destroy(poller);
}
END_TEST

Suite *poller_descriptor_suite(void) {
    Suite *suite = suite_create("poller_descriptor");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, bytes_room_and_the_end_make_it_readable, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_connection_makes_it_readable, 0, TRANSPORTS);
    tcase_add_test(all, a_name_is_found_without_a_busy_loop);
    tcase_add_test(all, a_wake_makes_it_readable_once);
    tcase_add_test(all, it_is_one_descriptor_or_a_clear_error);
    return suite;
}
