// SPDX-License-Identifier: MIT
//
// Filters that join and leave a poller, in every order, with their bases. Their share of a wait.
#include <string.h>

#include "support/ciphers.h"
#include "support/pollers.h"

static bool is_batching(const sps_stream *stream) {
    bool batching;
    OK(sps_stream_is_write_batching(stream, &batching));
    return batching;
}

// A connected pair of ciphers, none of them in a poller.
typedef struct secret {
    pair pair;
    sps_poller *poller;
    cipher *client, *peer;
} secret;

static secret connect_secret_with(transport transport, const sps_stream_options *options,
                                  const sps_poller_options *poller_options) {
    secret secret = {.pair = connect_pair(transport), .poller = make_poller(poller_options)};
    secret.client = make_cipher(options);
    secret.peer = make_cipher(NULL);
    OK(open_cipher(secret.client, secret.pair.client));
    OK(open_cipher(secret.peer, secret.pair.peer));
    shake_hands(secret.client->stream, secret.peer->stream);
    return secret;
}

static secret connect_secret(transport transport) {
    return connect_secret_with(transport, NULL, NULL);
}

static void end_secret(secret *secret) {
    sps_stream_destroy(secret->client->stream);
    sps_stream_destroy(secret->peer->stream);
    close_pair(&secret->pair);
    sps_poller_destroy(secret->poller);
    expect_no_ciphers();
}

// ---- Joining and leaving

START_TEST(a_filter_takes_its_base_along) {
    secret secret = connect_secret((transport)_i);
    sps_stream *filter = secret.client->stream, *base = secret.pair.client;
    OK(sps_poller_add(secret.poller, filter, NULL));
    ck_assert(is_batching(filter) && is_batching(base));
    IS(sps_poller_add(secret.poller, filter, NULL), SPS_ERR_ALREADY_IN_USE);
    IS(sps_poller_add(secret.poller, base, NULL), SPS_ERR_ALREADY_IN_USE);
    IS(sps_poller_remove(secret.poller, base), SPS_ERR_DOES_NOT_EXIST);
    OK(sps_poller_remove(secret.poller, filter));
    ck_assert(!is_batching(filter) && !is_batching(base));
    IS(sps_poller_remove(secret.poller, filter), SPS_ERR_DOES_NOT_EXIST);
    OK(sps_poller_add(secret.poller, base, NULL)); // alone
    OK(sps_poller_remove(secret.poller, base));
    end_secret(&secret);
}
END_TEST

START_TEST(a_base_in_a_poller_keeps_its_filter_out) {
    secret secret = connect_secret((transport)_i);
    OK(sps_poller_add(secret.poller, secret.pair.client, NULL));
    IS(sps_poller_add(secret.poller, secret.client->stream, NULL), SPS_ERR_ALREADY_IN_USE);
    ck_assert(!is_batching(secret.client->stream));
    OK(sps_stream_put_u32(secret.peer->stream, 5)); // the caller polls the filter
    expect_event(secret.poller, secret.pair.client, SPS_EVENT_READABLE);
    OK(sps_socket_poll(secret.client->stream));
    expect_u32_now(secret.client->stream, 5);
    sps_poller *other = make_poller(NULL);
    IS(sps_poller_add(other, secret.client->stream, NULL), SPS_ERR_ALREADY_IN_USE);
    sps_poller_destroy(other);
    OK(sps_poller_remove(secret.poller, secret.pair.client));
    OK(sps_poller_add(secret.poller, secret.client->stream, NULL));
    end_secret(&secret);
}
END_TEST

START_TEST(unread_bytes_are_reported_after_a_removal) {
    secret secret = connect_secret((transport)_i);
    sps_stream *filter = secret.client->stream;
    OK(sps_poller_add(secret.poller, filter, NULL));
    OK(sps_stream_put_u32(secret.peer->stream, 5));
    WAIT_UNTIL(wait_once(secret.poller, 100) > 0);
    OK(sps_poller_remove(secret.poller, filter));
    sps_event event;
    ck_assert(!next_event(secret.poller, &event));
    OK(sps_poller_add(secret.poller, filter, NULL));
    expect_event(secret.poller, filter, SPS_EVENT_READABLE);
    expect_u32_now(filter, 5);
    expect_nothing(secret.poller);
    end_secret(&secret);
}
END_TEST

START_TEST(unsent_bytes_survive_the_removal) {
    secret secret = connect_secret((transport)_i);
    sps_stream *filter = secret.client->stream;
    OK(sps_poller_add(secret.poller, filter, NULL));
    uint64_t put = fill(secret.poller, filter, 5000, 0), got = 0;
    OK(sps_poller_remove(secret.poller, filter));
    WAIT_UNTIL((sps_socket_poll(filter), sps_socket_poll(secret.peer->stream),
                get_pattern(secret.peer->stream, &got), got == put));
    OK(sps_poller_add(secret.poller, filter, NULL));
    expect_event(secret.poller, filter, SPS_EVENT_WRITABLE); // of the put that was refused
    end_secret(&secret);
}
END_TEST

START_TEST(a_filter_can_be_opened_in_a_poller) {
    secret secret = {.pair = connect_pair((transport)_i), .poller = make_poller(NULL)};
    secret.client = make_cipher(NULL);
    secret.peer = make_cipher_over(secret.pair.peer);
    OK(sps_poller_add(secret.poller, secret.client->stream, NULL)); // it has no base yet
    expect_nothing(secret.poller);
    OK(open_cipher(secret.client, secret.pair.client));
    IS(sps_poller_add(secret.poller, secret.pair.client, NULL), SPS_ERR_ALREADY_IN_USE);
    sps_event event;
    WAIT_UNTIL((sps_socket_poll(secret.peer->stream), wait_once(secret.poller, 5),
                next_event(secret.poller, &event)));
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CONNECTED);
    OK(sps_socket_disconnect(secret.client->stream)); // the base leaves the poller
    expect_nothing(secret.poller);
    OK(sps_poller_add(secret.poller, secret.pair.client, NULL));
    IS(open_cipher(secret.client, secret.pair.client), SPS_ERR_ALREADY_IN_USE);
    ck_assert_int_eq(status_of(secret.client->stream), SPS_STATUS_NONE);
    end_secret(&secret);
}
END_TEST

START_TEST(only_sockets_can_be_waited_for) {
    sps_poller *poller = make_poller(NULL);
    sps_stream *buffer;
    OK(sps_buffer_create(NULL, &buffer));
    cipher *cipher = make_cipher(NULL);
    IS(sps_poller_add(poller, buffer, NULL), SPS_ERR_UNAVAILABLE);
    OK(sps_poller_add(poller, cipher->stream, NULL));
    IS(open_cipher(cipher, buffer), SPS_ERR_UNAVAILABLE);
    ck_assert_int_eq(status_of(cipher->stream), SPS_STATUS_NONE);
    OK(sps_poller_remove(poller, cipher->stream));
    OK(open_cipher(cipher, buffer));
    IS(sps_poller_add(poller, cipher->stream, NULL), SPS_ERR_UNAVAILABLE);
    sps_stream_destroy(cipher->stream);
    sps_stream_destroy(buffer);
    sps_poller_destroy(poller);
}
END_TEST

// ---- Ends in every order

START_TEST(the_poller_may_go_first) {
    secret secret = connect_secret((transport)_i);
    OK(sps_poller_add(secret.poller, secret.client->stream, NULL));
    sps_poller_destroy(secret.poller);
    secret.poller = NULL;
    ck_assert(!is_batching(secret.client->stream) && !is_batching(secret.pair.client));
    OK(sps_stream_put_u32(secret.peer->stream, 5));
    expect_u32(secret.client->stream, 5);
    end_secret(&secret);
}
END_TEST

START_TEST(the_base_may_go_first_in_a_poller) {
    secret secret = connect_secret((transport)_i);
    OK(sps_poller_add(secret.poller, secret.client->stream, NULL));
    OK(sps_stream_put_u32(secret.peer->stream, 5));
    expect_event(secret.poller, secret.client->stream, SPS_EVENT_READABLE);
    sps_stream_destroy(secret.pair.client);
    secret.pair.client = NULL;
    sps_event event = wait_for_event(secret.poller);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_FINISHED);
    ck_assert_int_eq(event.close_reason, SPS_CLOSE_LOCAL);
    expect_u32_now(secret.client->stream, 5);
    expect_closed(secret.poller, secret.client->stream, SPS_CLOSE_LOCAL);
    expect_nothing(secret.poller);
    end_secret(&secret);
}
END_TEST

START_TEST(the_filter_may_go_first_in_a_poller) {
    secret secret = connect_secret((transport)_i);
    OK(sps_poller_add(secret.poller, secret.client->stream, NULL));
    OK(sps_stream_put_u32(secret.client->stream, 5));
    sps_stream_destroy(secret.client->stream); // its bytes and its end mark leave
    secret.client = make_cipher(NULL);
    expect_u32(secret.peer->stream, 5);
    uint8_t byte;
    IS(sps_stream_get_u8(secret.peer->stream, &byte), SPS_ERR_FILE_EOF);
    OK(sps_poller_add(secret.poller, secret.pair.client, NULL));
    expect_event(secret.poller, secret.pair.client, SPS_EVENT_READABLE); // the peer's end mark
    end_secret(&secret);
}
END_TEST

START_TEST(a_disconnected_base_closes_the_filter) {
    secret secret = connect_secret((transport)_i);
    OK(sps_poller_add(secret.poller, secret.client->stream, NULL));
    wait_once(secret.poller, 0);
    OK(sps_socket_disconnect(secret.pair.client));
    expect_closed(secret.poller, secret.client->stream, SPS_CLOSE_LOCAL);
    expect_nothing(secret.poller);
    end_secret(&secret);
}
END_TEST

START_TEST(the_callers_own_disconnect_is_no_event) {
    secret secret = connect_secret((transport)_i);
    OK(sps_poller_add(secret.poller, secret.client->stream, NULL));
    OK(sps_stream_put_u32(secret.peer->stream, 5));
    WAIT_UNTIL(wait_once(secret.poller, 100) > 0);
    OK(sps_socket_disconnect(secret.client->stream));
    sps_event event;
    ck_assert(!next_event(secret.poller, &event));
    expect_nothing(secret.poller);
    end_secret(&secret);
}
END_TEST

START_TEST(a_middle_filter_may_go_first) {
    secret secret = connect_secret((transport)_i);
    cipher *upper = make_cipher_over(secret.client->stream);
    cipher *other = make_cipher_over(secret.peer->stream);
    shake_hands(upper->stream, other->stream);
    OK(sps_poller_add(secret.poller, upper->stream, NULL));
    wait_once(secret.poller, 0);
    sps_stream_destroy(secret.client->stream);
    expect_closed(secret.poller, upper->stream, SPS_CLOSE_LOCAL);
    OK(sps_poller_add(secret.poller, secret.pair.client, NULL)); // it is free again
    sps_stream_destroy(upper->stream);
    sps_stream_destroy(other->stream);
    secret.client = make_cipher(NULL);
    end_secret(&secret);
}
END_TEST

START_TEST(a_disconnected_middle_filter_ends_the_upper_one) {
    secret secret = connect_secret((transport)_i);
    cipher *upper = make_cipher_over(secret.client->stream);
    cipher *other = make_cipher_over(secret.peer->stream);
    shake_hands(upper->stream, other->stream);
    OK(sps_poller_add(secret.poller, upper->stream, NULL));
    wait_once(secret.poller, 0);
    OK(sps_socket_disconnect(secret.client->stream));
    expect_closed(secret.poller, upper->stream, SPS_CLOSE_LOCAL);
    expect_nothing(secret.poller);
    sps_stream_destroy(upper->stream);
    sps_stream_destroy(other->stream);
    end_secret(&secret);
}
END_TEST

// ---- Shares

START_TEST(a_wait_reads_a_share_of_a_filter) {
    const sps_poller_options poller_options = {.struct_size = sizeof poller_options,
                                               .max_read_bytes = 1500};
    secret secret = connect_secret_with((transport)_i, NULL, &poller_options);
    OK(sps_poller_add(secret.poller, secret.client->stream, NULL));
    wait_once(secret.poller, 0);
    const uint64_t put = put_pattern(secret.peer->stream, 20000, 0);
    uint64_t got = 0;
    while (got < put) {
        sps_socket_poll(secret.peer->stream);
        const sps_event event = wait_for_event(secret.poller);
        ck_assert_uint_eq(event.kinds, SPS_EVENT_READABLE);
        const uint8_t *span;
        size_t count;
        OK(sps_stream_peek(event.stream, 0, &span, &count));
        ck_assert_uint_le(count, 1500);
        ck_assert(is_pattern(span, count, got));
        OK(sps_stream_consume(event.stream, count));
        got += count;
    }
    expect_nothing(secret.poller);
    end_secret(&secret);
}
END_TEST

// A loop of gets ends, even if the filter has more.
START_TEST(gets_read_a_share_of_a_filter) {
    const sps_poller_options poller_options = {.struct_size = sizeof poller_options,
                                               .max_read_bytes = 4096};
    secret secret = connect_secret_with((transport)_i, NULL, &poller_options);
    OK(sps_poller_add(secret.poller, secret.client->stream, NULL));
    wait_once(secret.poller, 0);
    uint64_t put = put_pattern(secret.peer->stream, 60000, 0), got = 0;
    while (got < put) {
        sps_socket_poll(secret.peer->stream);
        const sps_event event = wait_for_event(secret.poller);
        ck_assert_uint_eq(event.kinds, SPS_EVENT_READABLE);
        uint64_t before = got;
        uint8_t bytes[8]; // a divisor of a record
        size_t count = 1;
        for (; count > 0; got += count) {
            OK(sps_stream_get_partial_data(event.stream, bytes, sizeof bytes, &count));
            ck_assert(is_pattern(bytes, count, got));
        }
        ck_assert_uint_le(got - before, 2 * 4096 + sizeof bytes);
    }
    end_secret(&secret);
}
END_TEST

START_TEST(a_budget_of_events_defers_other_filters) {
    enum { PAIRS = 4 };
    const sps_poller_options options = {.struct_size = sizeof options, .max_events = 1};
    sps_poller *poller = make_poller(&options);
    secret secrets[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        secrets[i] = connect_secret((transport)_i);
        OK(sps_poller_add(poller, secrets[i].client->stream, &secrets[i]));
        wait_once(poller, 0);
        OK(sps_stream_put_u32(secrets[i].peer->stream, (uint32_t)i));
    }
    for (unsigned seen = 0; seen != (1U << PAIRS) - 1;) {
        ck_assert_uint_le(wait_once(poller, 1000), 1);
        sps_event event;
        if (next_event(poller, &event)) {
            uint32_t value;
            OK(sps_stream_try_get_u32(event.stream, &value));
            ck_assert_ptr_eq(event.user_data, &secrets[value]);
            seen |= 1U << value;
        }
    }
    expect_nothing(poller);
    sps_poller_destroy(poller);
    for (int i = 0; i < PAIRS; i++) {
        sps_stream_destroy(secrets[i].client->stream);
        sps_stream_destroy(secrets[i].peer->stream);
        close_pair(&secrets[i].pair);
        sps_poller_destroy(secrets[i].poller);
    }
    expect_no_ciphers();
}
END_TEST

// A filter that asks for a turn again and again holds up nobody.
START_TEST(a_busy_filter_leaves_turns_to_others) {
    secret busy = connect_secret((transport)_i), other = connect_secret((transport)_i);
    OK(sps_poller_add(busy.poller, busy.client->stream, NULL));
    OK(sps_poller_add(busy.poller, other.client->stream, NULL));
    wait_once(busy.poller, 0);
    for (uint32_t i = 0; i < 50; i++) {
        OK(sps_custom_poll_after(busy.client->stream, 0));
        const int polls = busy.client->polls;
        OK(sps_stream_put_u32(other.peer->stream, i));
        expect_event(busy.poller, other.client->stream, SPS_EVENT_READABLE);
        expect_u32_now(other.client->stream, i);
        ck_assert_int_gt(busy.client->polls, polls);
        ck_assert_int_le(busy.client->polls, polls + 1);
    }
    sps_stream_destroy(busy.client->stream);
    sps_stream_destroy(busy.peer->stream);
    close_pair(&busy.pair);
    end_secret(&other);
    sps_poller_destroy(busy.poller);
}
END_TEST

// ---- Operations inside a wait

// A filter with bytes of its own, which its poll makes.
typedef struct source {
    sps_stream *stream;
    sps_poller *poller;
    int polls;
    bool may_make, has_byte;
} source;

static sps_error get_made(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    source *source = user_data;
    *out = source->has_byte && count > 0 ? 1 : 0;
    if (*out == 1) {
        buffer[0] = 9;
        source->has_byte = false;
    }
    return SPS_OK;
}

static sps_error make_one(void *user_data) {
    source *source = user_data;
    source->has_byte = source->may_make;
    return SPS_OK;
}

// Each of these calls would change what the wait goes through.
static sps_error meddle(void *user_data) {
    source *source = user_data;
    if (++source->polls == 1) {
        return SPS_OK;
    }
    sps_server *server = NULL;
    OK(sps_tcp_server_create(NULL, &server));
    IS(sps_poller_wait(source->poller, 0, NULL), SPS_ERR_BUSY);
    IS(sps_poller_remove(source->poller, source->stream), SPS_ERR_BUSY);
    IS(sps_poller_add(source->poller, source->stream, NULL), SPS_ERR_BUSY);
    IS(sps_poller_add_server(source->poller, server, NULL), SPS_ERR_BUSY);
    sps_server_destroy(server);
    return SPS_OK;
}

static void open_source(source *source, sps_error (*poll)(void *)) {
    const sps_custom_operations operations = {
        .struct_size = sizeof operations, .get_partial_data = get_made, .poll = poll};
    OK(sps_custom_create(&operations, source, NULL, &source->stream));
    OK(sps_custom_open(source->stream, NULL));
    source->poller = make_poller(NULL);
    OK(sps_poller_add(source->poller, source->stream, NULL));
    wait_once(source->poller, 0);
}

static void close_source(source *source) {
    sps_stream_destroy(source->stream);
    sps_poller_destroy(source->poller);
}

START_TEST(operations_cannot_change_the_poller_that_waits) {
    source source = {.polls = 0};
    open_source(&source, meddle);
    OK(sps_custom_poll_after(source.stream, 0));
    wait_once(source.poller, 20);
    ck_assert_int_ge(source.polls, 2);
    OK(sps_poller_remove(source.poller, source.stream)); // outside of a wait
    close_source(&source);
}
END_TEST

// Nothing but the time brings the turn.
START_TEST(a_poll_at_its_time_is_followed_by_a_read) {
    source source = {.polls = 0};
    open_source(&source, make_one);
    source.may_make = true;
    OK(sps_custom_poll_after(source.stream, 20));
    ck_assert_uint_eq(wait_once(source.poller, -1), 1);
    expect_event(source.poller, source.stream, SPS_EVENT_READABLE);
    expect_u8_now(source.stream, 9);
    close_source(&source);
}
END_TEST

Suite *poller_filter_members_suite(void) {
    Suite *suite = suite_create("poller_filter_members");
    TCase *test_case = add_case(suite, "members");
    const TTest *const tests[] = {a_filter_takes_its_base_along,
                                  a_base_in_a_poller_keeps_its_filter_out,
                                  unread_bytes_are_reported_after_a_removal,
                                  unsent_bytes_survive_the_removal,
                                  a_filter_can_be_opened_in_a_poller,
                                  the_poller_may_go_first,
                                  the_base_may_go_first_in_a_poller,
                                  the_filter_may_go_first_in_a_poller,
                                  a_disconnected_base_closes_the_filter,
                                  the_callers_own_disconnect_is_no_event,
                                  a_middle_filter_may_go_first,
                                  a_disconnected_middle_filter_ends_the_upper_one,
                                  a_wait_reads_a_share_of_a_filter,
                                  gets_read_a_share_of_a_filter,
                                  a_budget_of_events_defers_other_filters,
                                  a_busy_filter_leaves_turns_to_others};
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        tcase_add_loop_test(test_case, tests[i], 0, TRANSPORTS);
    }
    tcase_add_test(test_case, only_sockets_can_be_waited_for);
    tcase_add_test(test_case, operations_cannot_change_the_poller_that_waits);
    tcase_add_test(test_case, a_poll_at_its_time_is_followed_by_a_read);
    return suite;
}
