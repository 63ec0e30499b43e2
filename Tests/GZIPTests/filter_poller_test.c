// SPDX-License-Identifier: MIT
//
// Filters in a poller: the socket below is served, and the events are those of the plain bytes.
#include <string.h>

#include "support/counting_allocator.h"
#include "support/data.h"
#include "support/pollers.h"

// The client's filter is in a poller, and the peer's filter is not.
typedef struct watched {
    pair pair;
    sps_poller *poller;
    sps_stream *client, *peer;
} watched;

static sps_stream *make_filter(sps_stream *base, const sps_gzip_options *options) {
    sps_stream *filter;
    OK(sps_gzip_filter_create(options, &filter));
    OK(sps_gzip_connect_to_stream(filter, base, false, SPS_GZIP_BUFFER_SIZE));
    return filter;
}

static watched watch_with(const sps_gzip_options *options) {
    watched watched = {.pair = connect_pair(TCP), .poller = make_poller(NULL)};
    OK(sps_tcp_set_no_delay(watched.pair.peer, true));
    watched.client = make_filter(watched.pair.client, options);
    watched.peer = make_filter(watched.pair.peer, options);
    OK(sps_poller_add(watched.poller, watched.client, NULL));
    return watched;
}

static watched watch(void) {
    return watch_with(NULL);
}

static void unwatch(watched *watched) {
    sps_stream_destroy(watched->client);
    sps_stream_destroy(watched->peer);
    sps_poller_destroy(watched->poller);
    close_pair(&watched->pair);
}

START_TEST(messages_go_both_ways) {
    watched watched = watch();
    expect_nothing(watched.poller);
    for (uint32_t i = 0; i < 50; i++) {
        OK(sps_stream_put_u32(watched.peer, i));
        OK(sps_stream_put_u32(watched.peer, i + 1));
        gather_events(watched.poller, watched.client, SPS_EVENT_READABLE);
        expect_u32(watched.client, i);
        expect_u32(watched.client, i + 1);
        OK(sps_stream_put_u32(watched.client, i)); // leaves with the next wait
        wait_once(watched.poller, 0);
        expect_u32(watched.peer, i);
    }
    unwatch(&watched);
}
END_TEST

START_TEST(the_filter_of_a_connecting_socket_reports_its_connection) {
    pair pair = prepare_pair(TCP, NULL);
    sps_poller *poller = make_poller(NULL);
    sps_stream *filter;
    OK(sps_gzip_filter_create(NULL, &filter));
    OK(sps_poller_add(poller, filter, NULL));
    OK(connect_to(pair.client, &pair.place));
    OK(sps_gzip_connect_to_stream(filter, pair.client, false, SPS_GZIP_BUFFER_SIZE));
    OK(sps_stream_put_u32(filter, 7)); // gathers
    expect_event(poller, filter, SPS_EVENT_CONNECTED);
    pair.peer = take_from(pair.server);
    sps_stream *peer = make_filter(pair.peer, NULL);
    wait_once(poller, 0);
    expect_u32(peer, 7);
    sps_stream_destroy(filter);
    sps_stream_destroy(peer);
    sps_poller_destroy(poller);
    close_pair(&pair);
}
END_TEST

START_TEST(much_from_few_bytes_is_reported_until_all_is_read) {
    watched watched = watch();
    bytes plain = make_text(4000000), back = {NULL, 0};
    size_t sent = 0;
    const uint64_t end = now_ms() + 30000;
    while (back.size < plain.size) {
        size_t count;
        ck_assert_uint_lt(now_ms(), end);
        OK(sps_stream_put_partial_data(watched.peer, plain.data + sent, plain.size - sent, &count));
        sent += count;
        if (sent == plain.size) {
            const sps_error flushed = sps_gzip_flush(watched.peer);
            ck_assert(flushed == SPS_OK || flushed == SPS_ERR_BUSY);
        }
        wait_once(watched.poller, 1);
        take_events(watched.poller, SPS_EVENT_READABLE);
        OK(drain_into(watched.client, &back, 5000));
    }
    ck_assert(is_same(&plain, &back));
    free_bytes(&plain);
    free_bytes(&back);
    unwatch(&watched);
}
END_TEST

START_TEST(an_orderly_end_is_reported_after_the_bytes) {
    watched watched = watch();
    OK(sps_stream_put_u32(watched.peer, 5));
    OK(sps_gzip_finish(watched.peer));
    OK(sps_socket_shutdown_write(watched.pair.peer));
    gather_events(watched.poller, watched.client, SPS_EVENT_READABLE | SPS_EVENT_FINISHED);
    expect_u32(watched.client, 5);
    expect_closed(watched.poller, watched.client, SPS_CLOSE_PEER_FINISHED);
    unwatch(&watched);
}
END_TEST

START_TEST(a_fault_closes_with_its_reason) {
    watched watched = watch();
    OK(sps_stream_put_u32(watched.peer, 5));
    if (_i == 0) {
        OK(sps_socket_disconnect(watched.pair.peer));
    } else {
        OK(sps_stream_put_u64(watched.pair.peer, UINT64_MAX)); // behind the filter's back
    }
    gather_until(watched.poller, SPS_EVENT_READABLE);
    expect_u32(watched.client, 5);
    gather_until(watched.poller, SPS_EVENT_CLOSED);
    expect_reason(watched.client, _i == 0 ? SPS_CLOSE_TRUNCATED : SPS_CLOSE_PROTOCOL);
    const char *message;
    OK(sps_socket_get_close_message(watched.client, &message));
    ck_assert_str_eq(message, _i == 0 ? "truncated" : "corrupt");
    unwatch(&watched);
}
END_TEST

START_TEST(a_bomb_closes_with_the_limit) {
    const sps_gzip_options options = {.struct_size = sizeof options, .max_plain_bytes = 1000};
    watched watched = watch_with(&options);
    bytes plain = make_text(2000), back = {NULL, 0};
    OK(sps_stream_put_data(watched.peer, plain.data, plain.size, NULL));
    gather_until(watched.poller, SPS_EVENT_READABLE);
    IS(drain_into(watched.client, &back, 100), SPS_ERR_INVALID_DATA);
    ck_assert_uint_eq(back.size, 1000);
    gather_until(watched.poller, SPS_EVENT_CLOSED);
    expect_reason(watched.client, SPS_CLOSE_LIMIT);
    free_bytes(&plain);
    free_bytes(&back);
    unwatch(&watched);
}
END_TEST

// Puts pieces until puts are refused for a while: more may be in flight. Returns how many bytes.
static size_t put_until_refused(watched *watched, const bytes *noise) {
    enum { PIECE_BYTES = 30000, REFUSALS = 20 };
    size_t at = 0;
    for (size_t refused = 0; refused < REFUSALS; wait_once(watched->poller, 1)) {
        ck_assert_uint_lt(at + PIECE_BYTES, noise->size);
        const sps_error error =
            sps_stream_put_data(watched->client, noise->data + at, PIECE_BYTES, NULL);
        ck_assert(error == SPS_OK || error == SPS_ERR_BUSY);
        refused = error == SPS_OK ? 0 : refused + 1;
        at += error == SPS_OK ? PIECE_BYTES : 0;
    }
    return at;
}

START_TEST(a_refused_put_is_writable_again) {
    watched watched = watch();
    bytes noise = make_noise(30000000), back = {NULL, 0};
    const size_t put = put_until_refused(&watched, &noise);
    const uint64_t end = now_ms() + 30000;
    bool is_writable = false;
    while (!is_writable || back.size < put) {
        sps_event event;
        ck_assert_uint_lt(now_ms(), end);
        OK(drain_into(watched.peer, &back, 65536));
        wait_once(watched.poller, 1);
        while (next_event(watched.poller, &event)) {
            is_writable = is_writable || (event.kinds & SPS_EVENT_WRITABLE) != 0;
        }
    }
    ck_assert(back.size == put && memcmp(back.data, noise.data, put) == 0);
    free_bytes(&noise);
    free_bytes(&back);
    unwatch(&watched);
}
END_TEST

START_TEST(a_filter_over_a_filter_over_a_socket) {
    pair pair = connect_pair(TCP);
    sps_poller *poller = make_poller(NULL);
    OK(sps_tcp_set_no_delay(pair.peer, true));
    sps_stream *lower = make_filter(pair.client, NULL), *upper = make_filter(lower, NULL);
    sps_stream *peer_lower = make_filter(pair.peer, NULL);
    sps_stream *peer = make_filter(peer_lower, NULL);
    OK(sps_poller_add(poller, upper, NULL));
    for (uint32_t i = 0; i < 20; i++) {
        OK(sps_stream_put_u32(peer, i));
        gather_events(poller, upper, SPS_EVENT_READABLE);
        expect_u32(upper, i);
        OK(sps_stream_put_u32(upper, i));
        wait_once(poller, 0);
        expect_u32(peer, i);
    }
    OK(sps_gzip_finish(peer));
    OK(sps_gzip_finish(peer_lower));
    OK(sps_socket_shutdown_write(pair.peer));
    gather_until(poller, SPS_EVENT_CLOSED);
    expect_reason(upper, SPS_CLOSE_PEER_FINISHED);
    sps_stream_destroy(upper);
    sps_stream_destroy(lower);
    sps_stream_destroy(peer);
    sps_stream_destroy(peer_lower);
    sps_poller_destroy(poller);
    close_pair(&pair);
}
END_TEST

START_TEST(memory_that_comes_late_delays_and_loses_nothing) {
    account account = {0};
    const sps_allocator allocator = {sizeof allocator, account_for, &account};
    const sps_stream_options stream_options = {.struct_size = sizeof stream_options,
                                               .allocator = &allocator};
    const sps_gzip_options options = {.struct_size = sizeof options, .stream = &stream_options};
    watched watched = watch_with(&options);
    for (uint32_t i = 0; i < 4; i++) {
        OK(sps_stream_put_u32(watched.peer, i));
        account.fail_at = account.calls + 1 + i; // of what the decoder needs
        gather_until(watched.poller, SPS_EVENT_READABLE);
        expect_u32(watched.client, i);
    }
    unwatch(&watched);
}
END_TEST

START_TEST(many_idle_filters_cost_little) {
    enum { COUNT = 100 };
    pair pairs[COUNT];
    sps_stream *filters[COUNT];
    sps_poller *poller = make_poller(NULL);
    for (size_t i = 0; i < COUNT; i++) {
        pairs[i] = connect_pair(TCP);
        filters[i] = make_filter(pairs[i].client, NULL);
        OK(sps_poller_add(poller, filters[i], NULL));
    }
    wait_once(poller, 0);
    expect_rest(poller, 50);
    for (size_t i = 0; i < COUNT; i++) {
        sps_stream_destroy(filters[i]);
        close_pair(&pairs[i]);
    }
    sps_poller_destroy(poller);
}
END_TEST

Suite *gzip_filter_poller_suite(void) {
    Suite *suite = suite_create("gzip_filter_poller");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, messages_go_both_ways);
    tcase_add_test(all, the_filter_of_a_connecting_socket_reports_its_connection);
    tcase_add_test(all, much_from_few_bytes_is_reported_until_all_is_read);
    tcase_add_test(all, an_orderly_end_is_reported_after_the_bytes);
    tcase_add_loop_test(all, a_fault_closes_with_its_reason, 0, 2);
    tcase_add_test(all, a_bomb_closes_with_the_limit);
    tcase_add_test(all, a_refused_put_is_writable_again);
    tcase_add_test(all, a_filter_over_a_filter_over_a_socket);
    tcase_add_test(all, memory_that_comes_late_delays_and_loses_nothing);
    tcase_add_test(all, many_idle_filters_cost_little);
    return suite;
}
