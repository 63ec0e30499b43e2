// SPDX-License-Identifier: MIT
//
// Filters in a poller: the poller serves the socket below and reports events of the filter.
#include <string.h>

#include "support/ciphers.h"
#include "support/pollers.h"

// A pair with a cipher at each end. The client's cipher is in the poller, the peer's is not.
typedef struct secret {
    pair pair;
    sps_poller *poller;
    cipher *client, *peer;
} secret;

static void poll_peer(const secret *secret) {
    OK(sps_socket_poll(secret->peer->stream));
}

// The next event of the client, while the peer polls.
static sps_event next_of_client(secret *secret) {
    sps_event event;
    WAIT_UNTIL((sps_socket_poll(secret->peer->stream), wait_once(secret->poller, 5),
                next_event(secret->poller, &event)));
    ck_assert_ptr_eq(event.stream, secret->client->stream);
    ck_assert_ptr_eq(event.user_data, secret->client);
    return event;
}

static secret begin_secret(transport transport, const sps_stream_options *options,
                           const sps_poller_options *poller_options) {
    secret secret = {.pair = connect_pair(transport), .poller = make_poller(poller_options)};
    secret.client = make_cipher(options);
    secret.peer = make_cipher(NULL);
    OK(open_cipher(secret.peer, secret.pair.peer));
    OK(open_cipher(secret.client, secret.pair.client));
    OK(sps_poller_add(secret.poller, secret.client->stream, secret.client));
    return secret;
}

static secret connect_secret_with(transport transport, const sps_stream_options *options,
                                  const sps_poller_options *poller_options) {
    secret secret = begin_secret(transport, options, poller_options);
    ck_assert_uint_eq(next_of_client(&secret).kinds, SPS_EVENT_CONNECTED);
    WAIT_UNTIL((poll_peer(&secret), status_of(secret.peer->stream) == SPS_STATUS_CONNECTED));
    return secret;
}

static secret connect_secret(transport transport) {
    return connect_secret_with(transport, NULL, NULL);
}

static void close_secret(secret *secret) {
    sps_stream_destroy(secret->client->stream);
    sps_stream_destroy(secret->peer->stream);
    sps_poller_destroy(secret->poller);
    close_pair(&secret->pair);
    expect_no_ciphers();
}

static void expect_client(secret *secret, uint32_t kinds) {
    ck_assert_uint_eq(next_of_client(secret).kinds, kinds);
}

static void expect_client_end(secret *secret, uint32_t kind, sps_close_reason reason) {
    const sps_event event = next_of_client(secret);
    ck_assert_uint_eq(event.kinds, kind);
    ck_assert_str_eq(sps_close_reason_name(event.close_reason), sps_close_reason_name(reason));
}

// A cipher over a cipher at each end. client and peer are the upper ones.
static secret connect_double_secret(transport transport, const sps_poller_options *options,
                                    cipher **out_lower, cipher **out_lower_peer) {
    secret secret = {.pair = connect_pair(transport), .poller = make_poller(options)};
    *out_lower = make_cipher_over(secret.pair.client);
    *out_lower_peer = make_cipher_over(secret.pair.peer);
    secret.client = make_cipher_over((*out_lower)->stream);
    secret.peer = make_cipher_over((*out_lower_peer)->stream);
    OK(sps_poller_add(secret.poller, secret.client->stream, secret.client));
    expect_client(&secret, SPS_EVENT_CONNECTED);
    WAIT_UNTIL((poll_peer(&secret), status_of(secret.peer->stream) == SPS_STATUS_CONNECTED));
    return secret;
}

static void close_double_secret(secret *secret, cipher *lower, cipher *lower_peer) {
    sps_stream_destroy(secret->client->stream);
    sps_stream_destroy(secret->peer->stream);
    secret->client = lower;
    secret->peer = lower_peer;
    close_secret(secret);
}

// ---- Events

START_TEST(events_are_those_of_the_filter) {
    secret secret = connect_secret((transport)_i);
    expect_nothing(secret.poller);
    OK(sps_stream_put_u32(secret.peer->stream, 5));
    expect_client(&secret, SPS_EVENT_READABLE);
    expect_u32_now(secret.client->stream, 5);
    OK(sps_stream_put_u32(secret.client->stream, 6));
    ck_assert_uint_eq(pending(secret.client->stream), 4); // until the next wait
    wait_once(secret.poller, 0);
    ck_assert_uint_eq(pending(secret.client->stream), 0);
    ck_assert_uint_eq(pending(secret.pair.client), 0); // it has left in the same wait
    expect_u32(secret.peer->stream, 6);
    expect_nothing(secret.poller);
    close_secret(&secret);
}
END_TEST

START_TEST(puts_gather_in_the_handshake) {
    secret secret = begin_secret((transport)_i, NULL, NULL);
    ck_assert_int_eq(status_of(secret.client->stream), SPS_STATUS_CONNECTING);
    OK(sps_stream_put_u32(secret.client->stream, 7));
    expect_client(&secret, SPS_EVENT_CONNECTED);
    wait_once(secret.poller, 0);
    expect_u32(secret.peer->stream, 7);
    close_secret(&secret);
}
END_TEST

// The base connects in the poller too, and only the filter's connection is an event.
START_TEST(a_filter_over_a_base_that_connects_is_reported) {
    secret secret = {.pair = prepare_pair((transport)_i, NULL), .poller = make_poller(NULL)};
    OK(connect_to(secret.pair.client, &secret.pair.place));
    secret.client = make_cipher_over(secret.pair.client);
    OK(sps_poller_add(secret.poller, secret.client->stream, secret.client));
    WAIT_UNTIL((wait_once(secret.poller, 5),
                sps_server_take_connection(secret.pair.server, &secret.pair.peer) == SPS_OK));
    secret.peer = make_cipher_over(secret.pair.peer);
    expect_client(&secret, SPS_EVENT_CONNECTED);
    close_secret(&secret);
}
END_TEST

START_TEST(a_base_that_is_refused_closes_the_filter) {
    secret secret = {.pair = prepare_pair(TCP, NULL), .poller = make_poller(NULL)};
    sps_server_destroy(secret.pair.server);
    secret.pair.server = NULL;
    const sps_error begun = connect_to(secret.pair.client, &secret.pair.place);
    ck_assert(begun == SPS_OK || begun == SPS_FAILED);
    secret.client = make_cipher(NULL);
    OK(sps_poller_add(secret.poller, secret.client->stream, secret.client));
    OK(open_cipher(secret.client, secret.pair.client));
    expect_closed(secret.poller, secret.client->stream, SPS_CLOSE_REFUSED);
    expect_nothing(secret.poller);
    secret.peer = make_cipher(NULL);
    close_secret(&secret);
}
END_TEST

START_TEST(a_broken_protocol_is_reported) {
    secret secret = begin_secret((transport)_i, NULL, NULL);
    WAIT_UNTIL((wait_once(secret.poller, 1), poll_peer(&secret), secret.peer->has_hello));
    OK(sps_stream_put_data(secret.pair.peer, "\0\0\2", 3, NULL)); // a second finish
    sps_event event = next_of_client(&secret);
    if (event.kinds == SPS_EVENT_CONNECTED) { // it had not come yet
        event = next_of_client(&secret);
    }
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CLOSED);
    ck_assert_int_eq(event.close_reason, SPS_CLOSE_PROTOCOL);
    ck_assert_int_eq(status_of(secret.client->stream), SPS_STATUS_ERROR);
    const char *text = NULL;
    OK(sps_socket_get_close_message(secret.client->stream, &text));
    ck_assert_str_eq(text, "an unexpected record");
    expect_nothing(secret.poller);
    sps_socket_disconnect(secret.peer->stream);
    close_secret(&secret);
}
END_TEST

// The base hands several records out at once. The filter holds them until the caller reads.
START_TEST(bytes_that_the_filter_holds_are_reported) {
    enum { RECORDS = 12 };
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 1024};
    secret secret = connect_secret_with((transport)_i, &options, NULL);
    uint8_t bytes[MOST_RECORD];
    for (uint64_t i = 0; i < RECORDS; i++) {
        fill_pattern(bytes, MOST_RECORD, i * MOST_RECORD);
        OK(sps_stream_put_data(secret.peer->stream, bytes, MOST_RECORD, NULL));
    }
    for (uint64_t got = 0; got < RECORDS * MOST_RECORD;) {
        expect_client(&secret, SPS_EVENT_READABLE);
        const uint8_t *span;
        size_t count;
        OK(sps_stream_peek(secret.client->stream, 1, &span, &count));
        ck_assert_uint_le(count, 1024);
        ck_assert(is_pattern(span, count, got));
        OK(sps_stream_consume(secret.client->stream, count));
        got += count;
    }
    expect_nothing(secret.poller);
    close_secret(&secret);
}
END_TEST

START_TEST(unread_bytes_hold_the_peer_back) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 2048};
    secret secret = connect_secret_with((transport)_i, &options, NULL);
    uint64_t put = put_until_full(secret.peer->stream, 0), got = 0;
    expect_client(&secret, SPS_EVENT_READABLE);
    for (int i = 0; i < 20; i++) { // nobody reads: no event, and the filter takes no more
        wait_once(secret.poller, 0);
        ck_assert_uint_le(buffered(secret.client->stream), 2048);
    }
    while (got < put) {
        const uint64_t before = got;
        sps_error error = get_pattern(secret.client->stream, &got);
        ck_assert(error == SPS_OK || error == SPS_ERR_BUSY);
        sps_socket_poll(secret.peer->stream);
        if (got == before) {
            wait_once(secret.poller, 5);
            take_events(secret.poller, SPS_EVENT_READABLE);
        }
    }
    close_secret(&secret);
}
END_TEST

START_TEST(room_after_a_refused_put_is_reported) {
    secret secret = connect_secret((transport)_i);
    uint64_t put = fill(secret.poller, secret.client->stream, 5000, 0), got = 0;
    ck_assert_uint_gt(put, 100000);
    expect_nothing(secret.poller);
    sps_event event;
    bool has_event = false;
    WAIT_UNTIL((sps_socket_poll(secret.peer->stream), get_pattern(secret.peer->stream, &got),
                wait_once(secret.poller, 1), has_event = next_event(secret.poller, &event)));
    ck_assert(has_event && event.kinds == SPS_EVENT_WRITABLE);
    ck_assert_uint_gt(put_until_busy(secret.client->stream, 5000, put), put);
    close_secret(&secret);
}
END_TEST

START_TEST(a_refused_unbatched_put_is_reported_too) {
    secret secret = connect_secret((transport)_i);
    OK(sps_stream_set_write_batching(secret.client->stream, false));
    uint64_t put = 0, got = 0;
    for (uint64_t before = 1; before != put; wait_once(secret.poller, 20)) {
        before = put;
        uint8_t bytes[3000];
        size_t sent;
        do {
            fill_pattern(bytes, sizeof bytes, put);
            OK(sps_stream_put_partial_data(secret.client->stream, bytes, sizeof bytes, &sent));
            put += sent;
        } while (sent > 0);
    }
    sps_event event;
    WAIT_UNTIL((sps_socket_poll(secret.peer->stream), get_pattern(secret.peer->stream, &got),
                wait_once(secret.poller, 1), next_event(secret.poller, &event)));
    ck_assert_uint_eq(event.kinds, SPS_EVENT_WRITABLE);
    close_secret(&secret);
}
END_TEST

// ---- Ends

START_TEST(an_orderly_end_is_reported_behind_the_bytes) {
    secret secret = connect_secret((transport)_i);
    OK(sps_stream_put_u32(secret.peer->stream, 5));
    OK(sps_socket_shutdown_write(secret.peer->stream));
    uint32_t seen = 0;
    while (!(seen & SPS_EVENT_FINISHED)) {
        const sps_event event = next_of_client(&secret);
        seen |= event.kinds;
        ck_assert_int_eq(event.close_reason, event.kinds & SPS_EVENT_FINISHED
                                                 ? SPS_CLOSE_PEER_FINISHED
                                                 : SPS_CLOSE_NONE);
    }
    ck_assert_uint_eq(seen, SPS_EVENT_READABLE | SPS_EVENT_FINISHED);
    expect_nothing(secret.poller);
    expect_u32_now(secret.client->stream, 5);
    expect_client_end(&secret, SPS_EVENT_CLOSED, SPS_CLOSE_PEER_FINISHED);
    ck_assert_int_eq(status_of(secret.client->stream), SPS_STATUS_NONE);
    expect_nothing(secret.poller);
    close_secret(&secret);
}
END_TEST

START_TEST(a_truncated_end_is_reported_as_such) {
    secret secret = connect_secret((transport)_i);
    secret.peer->failed = true; // it says no goodbye
    OK(sps_socket_disconnect(secret.pair.peer));
    expect_closed(secret.poller, secret.client->stream, SPS_CLOSE_TRUNCATED);
    ck_assert_int_eq(status_of(secret.client->stream), SPS_STATUS_ERROR);
    expect_nothing(secret.poller);
    close_secret(&secret);
}
END_TEST

START_TEST(a_reset_is_the_reason_of_the_base) {
    secret secret = connect_secret(TCP);
    OK(sps_stream_put_u32(secret.peer->stream, 5));
    expect_client(&secret, SPS_EVENT_READABLE);
    OK(sps_tcp_close_reset(secret.pair.peer));
    const sps_event event = wait_for_event(secret.poller);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_FINISHED);
    ck_assert_int_eq(event.close_reason, SPS_CLOSE_RESET);
    expect_u32_now(secret.client->stream, 5);
    expect_closed(secret.poller, secret.client->stream, SPS_CLOSE_RESET);
    close_secret(&secret);
}
END_TEST

// The end of the base comes while the filter's bytes cannot leave. They leave first.
START_TEST(bytes_leave_behind_the_end_of_the_peer) {
    secret secret = connect_secret((transport)_i);
    uint64_t put = fill(secret.poller, secret.client->stream, 5000, 0), got = 0;
    OK(sps_socket_shutdown_write(secret.peer->stream));
    uint32_t seen = 0;
    sps_event event;
    WAIT_UNTIL((wait_once(secret.poller, 1),
                seen |= next_event(secret.poller, &event) ? event.kinds : 0,
                seen & SPS_EVENT_FINISHED));
    WAIT_UNTIL((sps_socket_poll(secret.peer->stream), get_pattern(secret.peer->stream, &got),
                wait_once(secret.poller, 1),
                take_events(secret.poller, SPS_EVENT_WRITABLE | SPS_EVENT_CLOSED), got == put));
    WAIT_UNTIL((wait_once(secret.poller, 1),
                take_events(secret.poller, SPS_EVENT_WRITABLE | SPS_EVENT_CLOSED),
                status_of(secret.client->stream) == SPS_STATUS_NONE));
    expect_reason(secret.client->stream, SPS_CLOSE_PEER_FINISHED);
    close_secret(&secret);
}
END_TEST

START_TEST(a_silent_handshake_ends_in_time) {
    pair pair = connect_pair((transport)_i);
    sps_poller *poller = make_poller(NULL);
    cipher *cipher = make_cipher(NULL);
    cipher->handshake_ms = 60;
    OK(open_cipher(cipher, pair.client));
    OK(sps_poller_add(poller, cipher->stream, NULL));
    int64_t time_us = 0;
    wait_once(poller, 0);
    OK(sps_poller_get_timeout_us(poller, &time_us));
    ck_assert(time_us > 0 && time_us <= 60000);
    const int polls = cipher->polls;
    expect_closed(poller, cipher->stream, SPS_CLOSE_CONNECT_TIMED_OUT);
    ck_assert_int_eq(cipher->polls, polls + 1); // once, at its time
    OK(sps_poller_get_timeout_us(poller, &time_us));
    ck_assert_int_eq(time_us, -1);
    sps_stream_destroy(cipher->stream);
    sps_poller_destroy(poller);
    close_pair(&pair);
}
END_TEST

START_TEST(unread_bytes_of_a_filter_are_no_work) {
    secret secret = connect_secret((transport)_i);
    int64_t time_us = 0;
    OK(sps_stream_put_u16(secret.peer->stream, 0x0102));
    expect_client(&secret, SPS_EVENT_READABLE);
    expect_u8_now(secret.client->stream, 2);
    expect_nothing(secret.poller);
    OK(sps_poller_get_timeout_us(secret.poller, &time_us));
    ck_assert_int_eq(time_us, -1);
    expect_u8_now(secret.client->stream, 1);
    expect_nothing(secret.poller);
    OK(sps_poller_get_timeout_us(secret.poller, &time_us));
    ck_assert_int_eq(time_us, -1);
    close_secret(&secret);
}
END_TEST

START_TEST(a_time_that_is_taken_back_brings_no_turn) {
    secret secret = connect_secret((transport)_i);
    int64_t time_us = 0;
    OK(sps_custom_poll_after(secret.client->stream, 20));
    OK(sps_custom_poll_after(secret.client->stream, -1));
    wait_once(secret.poller, 0);
    OK(sps_poller_get_timeout_us(secret.poller, &time_us));
    ck_assert_int_eq(time_us, -1);
    const int polls = secret.client->polls;
    OK(sps_custom_poll_after(secret.client->stream, 0));
    wait_once(secret.poller, 50);
    ck_assert_int_gt(secret.client->polls, polls);
    close_secret(&secret);
}
END_TEST

// ---- Failures of operations

START_TEST(an_operation_that_fails_for_now_rests) {
    secret secret = connect_secret((transport)_i);
    secret.client->next_get = SPS_ERR_OUT_OF_MEMORY;
    secret.client->next_poll = SPS_ERR_OUT_OF_MEMORY;
    OK(sps_stream_put_u32(secret.peer->stream, 5));
    expect_client(&secret, SPS_EVENT_READABLE);
    expect_u32_now(secret.client->stream, 5);
    secret.client->next_put = SPS_ERR_INVALID_DATA;
    OK(sps_stream_put_u32(secret.client->stream, 6));
    wait_once(secret.poller, 0);
    ck_assert_uint_eq(pending(secret.client->stream), 4);
    expect_rest(secret.poller, 60);
    expect_u32(secret.peer->stream, 6);
    close_secret(&secret);
}
END_TEST

// Two filters have nothing more to send. The upper one closes when the socket has sent all of it.
START_TEST(bytes_leave_through_two_filters_before_the_end) {
    cipher *lower, *lower_peer;
    secret secret = connect_double_secret((transport)_i, NULL, &lower, &lower_peer);
    uint64_t put = fill(secret.poller, secret.client->stream, 5000, 0), got = 0;
    OK(sps_socket_shutdown_write(secret.peer->stream));
    const uint32_t kinds = SPS_EVENT_WRITABLE | SPS_EVENT_FINISHED | SPS_EVENT_CLOSED;
    WAIT_UNTIL((sps_socket_poll(secret.peer->stream), get_pattern(secret.peer->stream, &got),
                wait_once(secret.poller, 1), take_events(secret.poller, kinds), got == put));
    WAIT_UNTIL((wait_once(secret.poller, 1), take_events(secret.poller, kinds),
                status_of(secret.client->stream) == SPS_STATUS_NONE));
    expect_reason(secret.client->stream, SPS_CLOSE_PEER_FINISHED);
    close_double_secret(&secret, lower, lower_peer);
}
END_TEST

START_TEST(an_operation_that_keeps_failing_makes_no_spin) {
    secret secret = connect_secret((transport)_i);
    secret.client->next_get = SPS_ERR_INVALID_DATA;
    secret.client->fails_on = true;
    OK(sps_stream_put_u32(secret.peer->stream, 5));
    const int gets = secret.client->gets;
    expect_rest(secret.poller, 100);
    ck_assert_int_le(secret.client->gets - gets, 20); // each rest takes 10 ms
    uint32_t value;
    IS(sps_stream_try_get_u32(secret.client->stream, &value), SPS_ERR_INVALID_DATA);
    secret.client->fails_on = false;
    expect_client(&secret, SPS_EVENT_READABLE);
    expect_u32_now(secret.client->stream, 5);
    close_secret(&secret);
}
END_TEST

START_TEST(a_failed_put_is_reported_once) {
    secret secret = connect_secret((transport)_i);
    secret.client->next_put = SPS_FAILED;
    OK(sps_stream_put_u32(secret.client->stream, 6));
    expect_closed(secret.poller, secret.client->stream, SPS_CLOSE_FAILED);
    IS(sps_stream_put_u32(secret.client->stream, 7), SPS_FAILED);
    expect_nothing(secret.poller);
    close_secret(&secret);
}
END_TEST

START_TEST(a_failed_poll_is_reported_once) {
    secret secret = connect_secret((transport)_i);
    OK(sps_stream_put_u32(secret.peer->stream, 5));
    expect_client(&secret, SPS_EVENT_READABLE);
    secret.client->next_poll = SPS_FAILED;
    OK(sps_custom_poll_after(secret.client->stream, 0));
    expect_client_end(&secret, SPS_EVENT_FINISHED, SPS_CLOSE_FAILED);
    expect_u32_now(secret.client->stream, 5);
    expect_client_end(&secret, SPS_EVENT_CLOSED, SPS_CLOSE_FAILED);
    expect_nothing(secret.poller);
    close_secret(&secret);
}
END_TEST

// ---- Filters over filters

START_TEST(a_filter_over_a_filter_is_served) {
    cipher *lower, *lower_peer;
    secret secret = connect_double_secret((transport)_i, NULL, &lower, &lower_peer);
    OK(sps_stream_put_u32(secret.peer->stream, 5));
    expect_client(&secret, SPS_EVENT_READABLE);
    expect_u32_now(secret.client->stream, 5);
    OK(sps_stream_put_u32(secret.client->stream, 6));
    wait_once(secret.poller, 0);
    ck_assert_uint_eq(
        pending(secret.client->stream) + pending(lower->stream) + pending(secret.pair.client), 0);
    expect_u32(secret.peer->stream, 6);
    uint64_t put = fill(secret.poller, secret.client->stream, 5000, 0), got = 0;
    sps_event event;
    WAIT_UNTIL((sps_socket_poll(secret.peer->stream), get_pattern(secret.peer->stream, &got),
                wait_once(secret.poller, 1), next_event(secret.poller, &event)));
    ck_assert_uint_eq(event.kinds, SPS_EVENT_WRITABLE);
    WAIT_UNTIL((sps_socket_poll(secret.peer->stream), get_pattern(secret.peer->stream, &got),
                wait_once(secret.poller, 1), got == put));
    OK(sps_socket_shutdown_write(secret.peer->stream));
    expect_client_end(&secret, SPS_EVENT_CLOSED, SPS_CLOSE_PEER_FINISHED);
    close_double_secret(&secret, lower, lower_peer);
}
END_TEST

// Nobody reads the lower filter any more, and it has more than the share of a wait.
START_TEST(bytes_below_a_failed_filter_make_no_spin) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_read_bytes = 64};
    static const uint8_t rest[900];
    cipher *lower, *lower_peer;
    secret secret = connect_double_secret((transport)_i, &options, &lower, &lower_peer);
    secret.client->next_poll = SPS_FAILED;
    OK(sps_stream_put_data(lower_peer->stream, rest, sizeof rest, NULL));
    expect_client_end(&secret, SPS_EVENT_FINISHED | SPS_EVENT_CLOSED, SPS_CLOSE_FAILED);
    const int polls = lower->polls;
    expect_rest(secret.poller, 50);
    ck_assert_int_le(lower->polls - polls, 100); // one for each share, and a few
    close_double_secret(&secret, lower, lower_peer);
}
END_TEST

// ---- Inside a poller, a get may still wait

START_TEST(a_get_waits_in_a_poller) {
    secret secret = connect_secret((transport)_i);
    OK(sps_stream_put_u32(secret.peer->stream, 5));
    expect_u32(secret.client->stream, 5); // the poller has not waited
    OK(sps_socket_set_io_timeout(secret.client->stream, 20));
    uint32_t value;
    IS(sps_stream_get_u32(secret.client->stream, &value), SPS_ERR_TIMEOUT);
    OK(sps_stream_put_u32(secret.client->stream, 6));
    IS(sps_stream_get_u32(secret.client->stream, &value), SPS_ERR_TIMEOUT);
    expect_u32(secret.peer->stream, 6); // it left before the get waited
    close_secret(&secret);
}
END_TEST

Suite *poller_filters_suite(void) {
    Suite *suite = suite_create("poller_filters");
    TCase *test_case = add_case(suite, "events");
    const TTest *const tests[] = {events_are_those_of_the_filter,
                                  puts_gather_in_the_handshake,
                                  a_filter_over_a_base_that_connects_is_reported,
                                  a_broken_protocol_is_reported,
                                  bytes_that_the_filter_holds_are_reported,
                                  unread_bytes_hold_the_peer_back,
                                  room_after_a_refused_put_is_reported,
                                  a_refused_unbatched_put_is_reported_too,
                                  an_orderly_end_is_reported_behind_the_bytes,
                                  a_truncated_end_is_reported_as_such,
                                  bytes_leave_behind_the_end_of_the_peer,
                                  a_silent_handshake_ends_in_time,
                                  unread_bytes_of_a_filter_are_no_work,
                                  a_time_that_is_taken_back_brings_no_turn,
                                  an_operation_that_fails_for_now_rests,
                                  bytes_leave_through_two_filters_before_the_end,
                                  an_operation_that_keeps_failing_makes_no_spin,
                                  a_failed_put_is_reported_once,
                                  a_failed_poll_is_reported_once,
                                  a_filter_over_a_filter_is_served,
                                  bytes_below_a_failed_filter_make_no_spin,
                                  a_get_waits_in_a_poller};
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        tcase_add_loop_test(test_case, tests[i], 0, TRANSPORTS);
    }
    tcase_add_test(test_case, a_base_that_is_refused_closes_the_filter);
    tcase_add_test(test_case, a_reset_is_the_reason_of_the_base);
    return suite;
}
