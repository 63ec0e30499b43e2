// SPDX-License-Identifier: MIT
//
// A stream inside an event loop of the caller's own, which waits for what the stream says.
#include "support/ciphers.h"
#include "support/sockets.h"
#include "support/support.h"

static sps_socket_wait wait_of(const sps_stream *stream) {
    sps_socket_wait wait = {.struct_size = sizeof wait};
    OK(sps_socket_get_wait(stream, &wait));
    ck_assert_uint_eq(wait.struct_size, sizeof wait);
    ck_assert(wait.fd != -1 || wait.interests == 0);
    return wait;
}

static void expect_wait(const sps_stream *stream, uint32_t interests, int64_t timeout_us) {
    const sps_socket_wait wait = wait_of(stream);
    if (is_simulated()) { // which has no descriptor
        ck_assert(wait.interests == 0 && wait.timeout_us >= 0 && wait.timeout_us <= 10000);
        return;
    }
    ck_assert_uint_eq(wait.interests, interests);
    ck_assert_int_eq(wait.timeout_us, timeout_us);
}

static void expect_to_wait_for_nothing(const sps_stream *stream) {
    const sps_socket_wait wait = wait_of(stream);
    ck_assert_int_eq(wait.fd, -1);
    ck_assert_int_eq(wait.timeout_us, -1);
}

// Waits in poll(2), at most this long. Whether the stream is ready, or its time is over.
static bool is_ready(const sps_stream *stream, int most_ms) {
    const sps_socket_wait wait = wait_of(stream);
    if (is_simulated()) {
        pause_briefly();
        return true;
    }
    const int own_ms = wait.timeout_us < 0 ? most_ms : (int)(wait.timeout_us / 1000 + 1);
    const int wait_ms = own_ms < most_ms ? own_ms : most_ms;
    struct pollfd descriptor = {.fd = -1};
    if (wait.interests != 0) {
        descriptor.fd = (raw_socket)wait.fd;
    }
    descriptor.events |= wait.interests & SPS_WAIT_READABLE ? POLLIN : 0;
    descriptor.events |= wait.interests & SPS_WAIT_WRITABLE ? POLLOUT : 0;
    return poll(&descriptor, 1, wait_ms) == 1 || (wait.timeout_us >= 0 && own_ms <= wait_ms);
}

// Polls the stream as a loop does, until it has this status.
static void turn_until(sps_stream *stream, sps_status status) {
    for (int turn = 0; status_of(stream) != status; turn++) {
        // A stream that is always ready would spin.
        ck_assert(turn < 200 || is_simulated());
        ck_assert(is_ready(stream, 20000));
        sps_socket_poll(stream);
    }
}

START_TEST(it_waits_for_nothing_unless_it_is_open) {
    pair pair = prepare_pair(_i, NULL);
    expect_to_wait_for_nothing(pair.client);
    OK(connect_to(pair.client, &pair.place));
    complete_pair(&pair);
    OK(sps_socket_disconnect(pair.client));
    expect_to_wait_for_nothing(pair.client);
    close_pair(&pair);
}
END_TEST

START_TEST(a_connect_is_waited_for) {
    backlog backlog = fill_backlog(_i, 30000);
    const sps_socket_wait wait = wait_of(backlog.last);
    ck_assert_int_ge(wait.timeout_us, 0);
    ck_assert_int_le(wait.timeout_us, _i == TCP && !is_simulated() ? 30000000 : 10000);
    // Nothing shows that a Unix server's backlog has room, so the stream asks again after a time.
    ck_assert_uint_eq(wait.interests, _i == TCP && !is_simulated() ? SPS_WAIT_WRITABLE : 0);
    take_from_backlog(&backlog);
    turn_until(backlog.last, SPS_STATUS_CONNECTED);
    close_backlog(&backlog);
}
END_TEST

START_TEST(a_name_is_waited_for) {
    pair pair = prepare_pair(TCP, NULL);
    OK(sps_tcp_connect(pair.client, "localhost", pair.place.port));
    const sps_socket_wait wait = wait_of(pair.client);
    ck_assert_int_eq(wait.fd, -1);
    ck_assert_int_le(wait.timeout_us, 10000);
    turn_until(pair.client, SPS_STATUS_CONNECTED);
    close_pair(&pair);
    OK(sps_shutdown(20000));
}
END_TEST

START_TEST(bytes_and_the_end_are_waited_for) {
    pair pair = connect_pair(_i);
    expect_wait(pair.client, SPS_WAIT_READABLE, -1);
    ck_assert(is_simulated() || !is_ready(pair.client, 0));
    OK(sps_stream_put_u8(pair.peer, 7));
    ck_assert(is_ready(pair.client, 20000));
    OK(sps_socket_poll(pair.client));
    expect_wait(pair.client, SPS_WAIT_READABLE, -1); // the caller knows of the byte
    OK(sps_socket_shutdown_write(pair.peer));
    ck_assert(is_ready(pair.client, 20000));
    WAIT_UNTIL((OK(sps_socket_poll(pair.client)), wait_of(pair.client).interests == 0));
    expect_wait(pair.client, 0, -1); // it waits for the caller, who has not read the byte
    expect_u8_now(pair.client, 7);
    turn_until(pair.client, SPS_STATUS_NONE);
    expect_reason(pair.client, SPS_CLOSE_PEER_FINISHED);
    close_pair(&pair);
}
END_TEST

START_TEST(a_full_buffer_waits_for_the_caller) {
    static const sps_stream_options small = {.struct_size = sizeof small, .read_buffer_bytes = 64};
    pair pair = connect_pair_with(_i, &small);
    const uint8_t bytes[4096] = {0};
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    const uint8_t *span;
    size_t count;
    WAIT_UNTIL((OK(sps_socket_poll(pair.client)), wait_of(pair.client).interests == 0));
    expect_wait(pair.client, 0, -1);
    OK(sps_stream_peek(pair.client, 0, &span, &count));
    OK(sps_stream_consume(pair.client, count));
    expect_wait(pair.client, SPS_WAIT_READABLE, -1);
    close_pair(&pair);
}
END_TEST

START_TEST(unsent_bytes_wait_for_room) {
    pair pair = connect_pair(_i);
    OK(sps_stream_set_write_batching(pair.client, true));
    put_until_full(pair.client, 0);
    expect_wait(pair.client, SPS_WAIT_READABLE | SPS_WAIT_WRITABLE, -1);
    close_pair(&pair);
}
END_TEST

START_TEST(a_refused_put_waits_for_room) {
    pair pair = connect_pair(_i);
    put_until_full(pair.client, 0);
    expect_wait(pair.client, SPS_WAIT_READABLE | SPS_WAIT_WRITABLE, -1);
    close_pair(&pair);
}
END_TEST

// After the peer's end a refused put may be repeated once. The poll after that closes the stream.
START_TEST(the_last_chance_to_put_has_an_end) {
    pair pair = connect_pair(_i);
    uint64_t offset = 0;
    OK(sps_stream_set_write_batching(pair.client, true));
    put_until_full(pair.client, 0);
    OK(sps_socket_shutdown_write(pair.peer));
    WAIT_UNTIL((get_pattern(pair.peer, &offset), OK(sps_socket_poll(pair.client)),
                wait_of(pair.client).timeout_us == 0));
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    turn_until(pair.client, SPS_STATUS_NONE);
    expect_reason(pair.client, SPS_CLOSE_PEER_FINISHED);
    close_pair(&pair);
}
END_TEST

START_TEST(timeouts_are_waited_for) {
    pair pair = connect_pair(_i);
    OK(sps_socket_set_idle_timeout(pair.client, 50));
    const int64_t time_us = wait_of(pair.client).timeout_us;
    ck_assert_int_ge(time_us, 0);
    ck_assert_int_le(time_us, 50000);
    turn_until(pair.client, SPS_STATUS_ERROR);
    expect_reason(pair.client, SPS_CLOSE_IDLE);
    close_pair(&pair);
}
END_TEST

START_TEST(a_graceful_close_is_waited_for) {
    pair pair = connect_pair(_i);
    OK(sps_socket_close_gracefully(pair.client, 30000));
    ck_assert_int_gt(wait_of(pair.client).timeout_us, 0);
    OK(sps_socket_shutdown_write(pair.peer));
    turn_until(pair.client, SPS_STATUS_NONE);
    expect_reason(pair.client, SPS_CLOSE_LOCAL);
    close_pair(&pair);
}
END_TEST

START_TEST(it_refuses_what_it_cannot_wait_for) {
    sps_socket_wait wait = {.struct_size = sizeof wait};
    pair pair = connect_pair(_i);
    IS(sps_socket_get_wait(NULL, &wait), SPS_ERR_INVALID_PARAMETER);
    ck_assert_int_eq(wait.fd, -1);
    ck_assert_int_eq(wait.timeout_us, -1);
    IS(sps_socket_get_wait(pair.client, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_socket_get_wait(pair.client, &(sps_socket_wait){0}), SPS_ERR_INVALID_PARAMETER);
    sps_stream *memory;
    OK(sps_buffer_create(NULL, &memory));
    IS(sps_socket_get_wait(memory, &wait), SPS_ERR_UNAVAILABLE);
    sps_stream_destroy(memory);
    cipher *filter = make_cipher(NULL);
    IS(sps_socket_get_wait(filter->stream, &wait), SPS_ERR_UNAVAILABLE);
    sps_stream_destroy(filter->stream);
    expect_no_ciphers();
    sps_poller *poller;
    const sps_poller_options options = {.struct_size = sizeof options};
    OK(sps_poller_create(is_simulated() ? NULL : &options, &poller));
    if (sps_poller_add(poller, pair.client, NULL) == SPS_OK) {
        IS(sps_socket_get_wait(pair.client, &wait), SPS_ERR_ALREADY_IN_USE);
    }
    sps_poller_destroy(poller);
    close_pair(&pair);
}
END_TEST

Suite *socket_wait_suite(void) {
    Suite *suite = suite_create("socket_wait");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, it_waits_for_nothing_unless_it_is_open, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_connect_is_waited_for, 0, TRANSPORTS);
    tcase_add_test(all, a_name_is_waited_for);
    tcase_add_loop_test(all, bytes_and_the_end_are_waited_for, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_full_buffer_waits_for_the_caller, 0, TRANSPORTS);
    tcase_add_loop_test(all, unsent_bytes_wait_for_room, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_refused_put_waits_for_room, 0, TRANSPORTS);
    tcase_add_loop_test(all, the_last_chance_to_put_has_an_end, 0, TRANSPORTS);
    tcase_add_loop_test(all, timeouts_are_waited_for, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_graceful_close_is_waited_for, 0, TRANSPORTS);
    tcase_add_loop_test(all, it_refuses_what_it_cannot_wait_for, 0, TRANSPORTS);
    return suite;
}
