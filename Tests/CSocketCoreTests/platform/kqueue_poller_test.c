// SPDX-License-Identifier: MIT
//
// A poller on a scripted kqueue: real sockets, and the events that macOS and the BSDs report of
// them. No order of these events loses a byte or an end, or reports a socket for ever.
#include <errno.h>

#include "socket/socket.h"
#include "support/pollers.h"
#include "support/scripted_kqueue.h"

// Small OS buffers of a fixed size.
static const sps_stream_options small = {
    .struct_size = sizeof small, .os_send_buffer_bytes = 16384, .os_receive_buffer_bytes = 16384};

static pair watch_with_kqueue(transport transport, bool is_half_open) {
    sps_stream_options of_stream = small;
    of_stream.half_open = is_half_open;
    of_stream.platform = kqueue_platform();
    pair pair = connect_pair_with(transport, &of_stream);
    const sps_poller_options of_poller = {.struct_size = sizeof of_poller,
                                          .platform = kqueue_platform()};
    watch_pair(&pair, &of_poller);
    wait_once(pair.poller, 0);
    return pair;
}

static spsi_handle handle_of(sps_stream *stream) {
    return spsi_any_socket_of(stream)->handle;
}

static void report(const pair *pair, unsigned interest, filter_state state) {
    set_state(handle_of(pair->client), interest, state);
}

static void reset_peer(pair *pair) {
    if (pair->place.transport == TCP) {
        OK(sps_tcp_close_reset(pair->peer));
    }
    drop_peer(pair); // a Unix socket resets, because its peer has unread bytes
}

// Waits until kqueue has nothing more to report. A selector that is asked for something that stays
// true would report it in each of these waits.
static void expect_no_spin(const pair *pair) {
    for (int i = 0; i < 3; i++) {
        wait_once(pair->poller, 0);
    }
    const size_t reports = count_reports();
    for (int i = 0; i < 10; i++) {
        ck_assert_uint_eq(wait_once(pair->poller, 0), 0);
    }
    ck_assert_uint_eq(count_reports(), reports);
}

// Reads all bytes that are left. They must be the pattern.
static uint64_t read_all(sps_stream *stream) {
    uint64_t before = 0, offset = 0;
    while (get_pattern(stream, &offset) == SPS_OK && offset > before) {
        before = offset;
    }
    return offset;
}

// EV_EOF comes with bytes left. One turn reads all of them and the end, however short its reads.
START_TEST(the_bytes_before_an_end_are_read) {
    pair pair = watch_with_kqueue(_i, false);
    put_pattern(pair.peer, 5000, 0);
    drop_peer(&pair);
    report(&pair, SPSI_READABLE, (filter_state){.flags = FILTER_EOF, .data = 5000});
    gather_events(pair.poller, pair.client, SPS_EVENT_READABLE | SPS_EVENT_FINISHED);
    ck_assert_uint_eq(read_all(pair.client), 5000);
    gather_until(pair.poller, SPS_EVENT_CLOSED);
    expect_no_spin(&pair);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    close_pair(&pair);
}
END_TEST

// The peer has finished, our reply is blocked, and then the peer resets. kqueue reports that as
// EV_EOF of the filter of writing, with the error or without, and never as EV_ERROR.
static void reset_behind_writes(transport transport, unsigned error, bool reading_too) {
    pair pair = watch_with_kqueue(transport, true);
    OK(sps_socket_shutdown_write(pair.peer));
    report(&pair, SPSI_READABLE, (filter_state){.flags = FILTER_EOF});
    gather_events(pair.poller, pair.client, SPS_EVENT_FINISHED);
    put_until_busy(pair.client, 4000, 0);
    wait_once(pair.poller, 0);
    ck_assert(registration_of(handle_of(pair.client), SPSI_WRITABLE).is_there);
    expect_no_spin(&pair);
    reset_peer(&pair);
    if (reading_too) {
        report(&pair, SPSI_READABLE, (filter_state){.flags = FILTER_EOF, .fflags = error});
    }
    report(&pair, SPSI_WRITABLE, (filter_state){.flags = FILTER_EOF, .fflags = error});
    expect_closed(pair.poller, pair.client, SPS_CLOSE_RESET);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_ERROR);
    ck_assert_uint_eq(count_filters(), 0);
    expect_no_spin(&pair);
    close_pair(&pair);
}

START_TEST(a_reset_behind_blocked_writes_ends_the_stream) {
    for (int with_error = 0; with_error <= 1; with_error++) {
        reset_behind_writes(_i, with_error ? ECONNRESET : 0, false);
        reset_behind_writes(_i, with_error ? ECONNRESET : 0, true);
    }
}
END_TEST

// libuv has seen kqueue report the broken writing side before the peer's last bytes. They come
// first all the same.
START_TEST(bytes_before_a_reset_survive_the_failure_of_writing) {
    pair pair = watch_with_kqueue(_i, false);
    put_until_busy(pair.client, 4000, 0);
    wait_once(pair.poller, 0);
    put_pattern(pair.peer, 3000, 0);
    if (pair.place.transport == TCP) {
        OK(sps_socket_shutdown_write(pair.peer)); // Linux drops bytes behind a reset
    }
    drop_peer(&pair);
    report(&pair, SPSI_WRITABLE, (filter_state){.flags = FILTER_EOF, .fflags = ECONNRESET});
    sps_event event;
    do {
        event = wait_for_event(pair.poller);
    } while (!(event.kinds & SPS_EVENT_READABLE));
    ck_assert_uint_eq(read_all(pair.client), 3000);
    gather_until(pair.poller, SPS_EVENT_CLOSED);
    expect_no_spin(&pair);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

// A stream whose read buffer is full asks for no bytes. A reset must reach it all the same.
START_TEST(a_reset_reaches_a_stream_that_does_not_read) {
    pair pair = watch_with_kqueue(_i, false);
    OK(sps_stream_put_u8(pair.client, 1)); // unread, so a Unix socket resets, too
    uint64_t sent = 0;
    report(&pair, SPSI_READABLE, (filter_state){.data = 1});
    WAIT_UNTIL((sent = put_until_full(pair.peer, sent), wait_once(pair.poller, 0),
                take_events(pair.poller, SPS_EVENT_READABLE), buffered(pair.client) >= 65536));
    wait_once(pair.poller, 0);
    ck_assert(registration_of(handle_of(pair.client), SPSI_READABLE).is_once);
    report(&pair, SPSI_READABLE, (filter_state){.data = 16384});
    expect_no_spin(&pair);
    reset_peer(&pair);
    report(&pair, SPSI_READABLE, (filter_state){.flags = FILTER_EOF, .fflags = ECONNRESET});
    gather_events(pair.poller, pair.client, SPS_EVENT_FINISHED);
    expect_no_spin(&pair);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    uint64_t received = 0;
    while (get_pattern(pair.client, &received) == SPS_OK && received > 0) {
        wait_once(pair.poller, 0);
        if (status_of(pair.client) != SPS_STATUS_CONNECTED) {
            break;
        }
    }
    expect_reason(pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

// A peer that half-closes leaves EV_EOF for good.
START_TEST(an_end_that_stays_makes_no_spin) {
    pair pair = watch_with_kqueue(_i, true);
    OK(sps_socket_shutdown_write(pair.peer));
    report(&pair, SPSI_READABLE, (filter_state){.flags = FILTER_EOF});
    gather_events(pair.poller, pair.client, SPS_EVENT_FINISHED);
    expect_no_spin(&pair);
    OK(sps_stream_put_u8(pair.client, 7)); // the other way is open
    wait_once(pair.poller, 0);
    expect_u8(pair.peer, 7);
    expect_no_spin(&pair);
    close_pair(&pair);
}
END_TEST

// A graceful close waits for the peer. It must meet a reset that only the filter of writing shows.
START_TEST(a_reset_ends_a_graceful_close) {
    pair pair = watch_with_kqueue(_i, false);
    put_until_busy(pair.client, 4000, 0);
    wait_once(pair.poller, 0);
    OK(sps_socket_close_gracefully(pair.client, 20000));
    wait_once(pair.poller, 0);
    expect_no_spin(&pair);
    reset_peer(&pair);
    report(&pair, SPSI_WRITABLE, (filter_state){.flags = FILTER_EOF, .fflags = ECONNRESET});
    expect_closed(pair.poller, pair.client, SPS_CLOSE_RESET);
    ck_assert_uint_eq(count_filters(), 0);
    close_pair(&pair);
}
END_TEST

Suite *kqueue_poller_suite(void) {
    Suite *suite = suite_create("kqueue_poller");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, the_bytes_before_an_end_are_read, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_reset_behind_blocked_writes_ends_the_stream, 0, TRANSPORTS);
    tcase_add_loop_test(all, bytes_before_a_reset_survive_the_failure_of_writing, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_reset_reaches_a_stream_that_does_not_read, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_end_that_stays_makes_no_spin, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_reset_ends_a_graceful_close, 0, TRANSPORTS);
    return suite;
}
