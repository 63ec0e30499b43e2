// SPDX-License-Identifier: MIT
//
// A peer that sends faster than it is served delays no other peer. Each loop of non-waiting gets
// ends, and the next turn reads on. A server that the OS refuses connections rests.
#include <errno.h>
#include <string.h>

#include "support/counting_platform.h"
#include "support/pollers.h"

// ---- A flood

enum { BUFFER = 65536, ALONE = 16 * BUFFER, IN_POLLER = 4 * BUFFER };

// A receive that always has bytes. Each value in them is 1, and each line is empty.
static spsi_result receive_flood(const sps_platform *platform, spsi_handle handle, void *buffer,
                                 size_t size, size_t *out) {
    (void)platform;
    (void)handle;
    memset(buffer, '\n', size);
    *out = size;
    return (spsi_result){SPSI_DONE, 0};
}

static const sps_poller_options *with_share(uint32_t max_read_bytes) {
    static sps_poller_options options;
    options = (sps_poller_options){
        .struct_size = sizeof options, .max_read_bytes = max_read_bytes, .platform = &counting};
    return &options;
}

static pair flooded_pair(transport transport) {
    pair pair = counted_pair(transport);
    counting.receive = receive_flood;
    OK(sps_stream_put_u8(pair.peer, 1)); // the selector reports the client
    return pair;
}

typedef size_t (*getter)(sps_stream *stream); // returns how many bytes it got; 0: none now

// Check writes a record for each of its assertions, which takes longer than a get.
static void expect_ok_or_busy(sps_error error) {
    if (error != SPS_OK && error != SPS_ERR_BUSY) {
        ck_abort_msg("a get returned %s", sps_error_name(error));
    }
}

static size_t get_value(sps_stream *stream) {
    uint32_t value;
    const sps_error error = sps_stream_try_get_u32(stream, &value);
    expect_ok_or_busy(error);
    return error == SPS_OK ? sizeof value : 0;
}

static size_t get_line(sps_stream *stream) {
    const char *text;
    size_t bytes;
    const sps_error error = sps_stream_try_get_line(stream, 0, &text, &bytes);
    expect_ok_or_busy(error);
    return error == SPS_OK ? bytes + 1 : 0;
}

static size_t get_part(sps_stream *stream) {
    static uint8_t bytes[3 * BUFFER];
    size_t count;
    OK(sps_stream_get_partial_data(stream, bytes, sizeof bytes, &count));
    return count;
}

static size_t peek_and_consume(sps_stream *stream) {
    const uint8_t *span;
    size_t count;
    const sps_error error = sps_stream_peek(stream, 1, &span, &count);
    expect_ok_or_busy(error);
    OK(sps_stream_consume(stream, count));
    return count;
}

static const getter getters[] = {get_value, get_line, get_part, peek_and_consume};
enum { GETTERS = sizeof getters / sizeof *getters };

// A loop of gets. It must end.
static size_t get_all(sps_stream *stream, getter get) {
    size_t total = 0;
    for (size_t count = 1; count > 0 && total < 100 * BUFFER; total += count) {
        count = get(stream);
    }
    ck_assert_uint_lt(total, 100 * BUFFER);
    return total;
}

START_TEST(a_loop_of_gets_ends) {
    pair pair = flooded_pair(_i / GETTERS);
    for (int turn = 0; turn < 3; turn++) {
        const size_t count = get_all(pair.client, getters[_i % GETTERS]);
        ck_assert_uint_ge(count, ALONE);
        ck_assert_uint_le(count, ALONE + 3 * BUFFER);
    }
    close_pair(&pair);
}
END_TEST

static void expect_turns(pair *pair, getter get, size_t share) {
    for (int turn = 0; turn < 3; turn++) {
        expect_event(pair->poller, pair->client, SPS_EVENT_READABLE);
        const size_t count = get_all(pair->client, get);
        ck_assert_uint_gt(count, 0);
        ck_assert_uint_le(count, share + 3 * BUFFER);
    }
}

START_TEST(a_loop_of_gets_ends_in_a_poller) {
    pair pair = flooded_pair(_i / GETTERS);
    watch_pair(&pair, with_share(0));
    expect_turns(&pair, getters[_i % GETTERS], IN_POLLER);
    close_pair(&pair);
}
END_TEST

START_TEST(a_share_bounds_the_gets_too) {
    pair pair = flooded_pair(_i);
    watch_pair(&pair, with_share(1000));
    for (int turn = 0; turn < 3; turn++) {
        expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
        ck_assert_uint_le(get_all(pair.client, get_value), 1000 + 1000);
    }
    close_pair(&pair);
}
END_TEST

// A value larger than many shares arrives whole, one part in each wait.
START_TEST(a_value_larger_than_the_share_comes_whole) {
    enum { WANTED = 1000000 };
    pair pair = flooded_pair(TCP);
    watch_pair(&pair, with_share(_i == 0 ? 5000 : 0));
    const uint8_t *span;
    size_t count = 0;
    sps_error error;
    do {
        expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
        error = sps_stream_peek(pair.client, WANTED, &span, &count);
    } while (error == SPS_ERR_BUSY);
    OK(error);
    ck_assert_uint_ge(count, WANTED);
    close_pair(&pair);
}
END_TEST

// ---- A server that cannot accept

static spsi_result refuse_to_accept(const sps_platform *platform, spsi_handle handle,
                                    spsi_handle *out_handle, spsi_address *out_peer) {
    (void)platform;
    (void)handle;
    (void)out_peer;
    *out_handle = SPSI_NO_HANDLE;
    return (spsi_result){SPSI_DENIED, EPERM};
}

static int32_t os_error_of(const sps_server *server) {
    int32_t code;
    OK(sps_server_get_os_error(server, &code));
    return code;
}

// A firewall or a system call filter refuses accept(). It may change, so the server tries again,
// but rarely.
START_TEST(a_server_that_cannot_accept_backs_off) {
    sps_server *server = counted_server(_i);
    const place place = listen_somewhere(server, _i);
    sps_poller *poller = make_poller(with_share(0));
    OK(sps_poller_add_server(poller, server, NULL));
    sps_stream *client = make_stream(_i, NULL), *taken;
    OK(connect_to(client, &place));
    WAIT_UNTIL(polled_status(client) == SPS_STATUS_CONNECTED);
    counting.accept = refuse_to_accept;
    const sps_event event = wait_for_event(poller);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CONNECTION_AVAILABLE);
    IS(sps_server_take_connection(server, &taken), SPS_FAILED);
    ck_assert_int_eq(os_error_of(server), EPERM);
    expect_rest(poller, 300);
    counting.accept = os()->accept;
    ck_assert_uint_eq(wait_for_event(poller).kinds, SPS_EVENT_CONNECTION_AVAILABLE);
    OK(sps_server_take_connection(server, &taken));
    sps_stream_destroy(taken);
    sps_stream_destroy(client);
    sps_server_destroy(server);
    sps_poller_destroy(poller);
}
END_TEST

Suite *flooding_peers_suite(void) {
    Suite *suite = suite_create("flooding_peers");
    TCase *floods = add_case(suite, "floods");
    tcase_add_loop_test(floods, a_loop_of_gets_ends, 0, TRANSPORTS * GETTERS);
    tcase_add_loop_test(floods, a_loop_of_gets_ends_in_a_poller, 0, TRANSPORTS * GETTERS);
    tcase_add_loop_test(floods, a_share_bounds_the_gets_too, 0, TRANSPORTS);
    tcase_add_loop_test(floods, a_value_larger_than_the_share_comes_whole, 0, 2);
    TCase *servers = add_case(suite, "servers");
    tcase_add_loop_test(servers, a_server_that_cannot_accept_backs_off, 0, TRANSPORTS);
    return suite;
}
