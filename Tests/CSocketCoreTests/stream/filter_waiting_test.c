// SPDX-License-Identifier: MIT
//
// Gets and puts that wait on a filter: for which event of the base, and until when.
#include <string.h>

#include "support/support.h"

// A filter that copies bytes. A test sets what its operations demand of the base. A call waits
// inside the only thread, so the peer acts in the poll of sps_custom_poll_after().
typedef struct relay {
    pair pair;
    sps_stream *stream;
    bool reads_before_put;  // a put needs a byte of the base first
    size_t puts_before_get; // a get must put so many bytes into the base first
    bool is_deaf;           // gets read from the base and keep everything
    void (*act)(struct relay *);
    uint8_t held; // of hold()
    bool holds;
    int gets, puts, polls;
    size_t first_put; // the size of the first put
} relay;

static sps_error relay_get(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    relay *relay = user_data;
    static const uint8_t bytes[65536];
    size_t moved = 1;
    relay->gets++;
    while (relay->puts_before_get > 0 && moved > 0) {
        const size_t most = relay->puts_before_get;
        OK(sps_stream_put_partial_data(relay->pair.client, bytes,
                                       most < sizeof bytes ? most : sizeof bytes, &moved));
        relay->puts_before_get -= moved;
    }
    if (relay->puts_before_get > 0) {
        return SPS_OK;
    }
    const sps_error error = sps_stream_get_partial_data(relay->pair.client, buffer, count, out);
    if (relay->is_deaf) {
        *out = 0;
        return SPS_OK;
    }
    return error;
}

static sps_error relay_put(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    relay *relay = user_data;
    relay->puts++;
    relay->first_put = relay->puts == 1 ? count : relay->first_put;
    if (relay->reads_before_put) {
        uint8_t byte;
        size_t moved;
        OK(sps_stream_get_partial_data(relay->pair.client, &byte, 1, &moved));
        relay->reads_before_put = moved == 0;
    }
    if (relay->reads_before_put) {
        return SPS_ERR_BUSY;
    }
    return sps_stream_put_partial_data(relay->pair.client, data, count, out);
}

static sps_error relay_poll(void *user_data) {
    relay *relay = user_data;
    relay->polls++;
    if (relay->act != NULL && relay->polls > 1) { // the first one connects
        relay->act(relay);
        relay->act = NULL;
    }
    return SPS_OK;
}

static const sps_custom_operations relay_operations = {.struct_size = sizeof relay_operations,
                                                       .get_partial_data = relay_get,
                                                       .put_partial_data = relay_put,
                                                       .poll = relay_poll};

static void open_relay(relay *relay, transport transport, const sps_custom_operations *operations) {
    relay->pair = connect_pair(transport);
    OK(sps_custom_create(operations, relay, NULL, &relay->stream));
    OK(sps_custom_open(relay->stream, relay->pair.client));
}

static void close_relay(relay *relay) {
    sps_stream_destroy(relay->stream);
    close_pair(&relay->pair);
}

// ---- Which event

static void send_a_byte(relay *relay) {
    OK(sps_stream_put_u8(relay->pair.peer, 7));
}

START_TEST(a_put_may_wait_for_bytes) {
    relay relay = {.reads_before_put = true, .act = send_a_byte};
    open_relay(&relay, _i, &relay_operations);
    OK(sps_custom_poll_after(relay.stream, 20));
    OK(sps_stream_put_u8(relay.stream, 1));
    expect_u8(relay.pair.peer, 1);
    ck_assert_int_le(relay.puts, 4);
    close_relay(&relay);
}
END_TEST

// The base has room all the time.
START_TEST(a_put_that_waits_for_bytes_times_out) {
    relay relay = {.reads_before_put = true};
    open_relay(&relay, _i, &relay_operations);
    OK(sps_socket_set_io_timeout(relay.stream, 30));
    IS(sps_stream_put_u8(relay.stream, 1), SPS_ERR_TIMEOUT);
    ck_assert_int_le(relay.puts, 3);
    relay.reads_before_put = false;
    OK(sps_stream_put_u8(relay.stream, 2));
    expect_u8(relay.pair.peer, 2);
    close_relay(&relay);
}
END_TEST

// Drains the peer, so the base has room.
static void drain_peer(relay *relay) {
    static uint8_t bytes[65536];
    size_t count;
    do {
        OK(sps_stream_get_partial_data(relay->pair.peer, bytes, sizeof bytes, &count));
    } while (count > 0);
}

static void fill_base(relay *relay) {
    put_until_full(relay->pair.client, 0);
    OK(sps_stream_put_u8(relay->pair.peer, 5)); // and it has a byte to read
    await_bytes(relay->pair.client, 1);
}

// The stream has a byte of the peer, and knows that no more will come.
static void end_peer_of(relay *relay, sps_stream *stream) {
    const uint8_t *span;
    size_t count;
    OK(sps_stream_put_u8(relay->pair.peer, 5));
    OK(sps_socket_shutdown_write(relay->pair.peer));
    WAIT_UNTIL(sps_stream_peek(stream, 2, &span, &count) == SPS_ERR_FILE_EOF);
}

START_TEST(a_get_may_wait_for_room) {
    relay relay = {.puts_before_get = 1, .act = drain_peer};
    open_relay(&relay, _i, &relay_operations);
    fill_base(&relay);
    OK(sps_custom_poll_after(relay.stream, 20));
    expect_u8(relay.stream, 5);
    ck_assert_int_le(relay.gets, 6);
    close_relay(&relay);
}
END_TEST

// The base has a byte to read all the time.
START_TEST(a_get_that_waits_for_room_times_out) {
    relay relay = {.puts_before_get = (size_t)1 << 30};
    open_relay(&relay, _i, &relay_operations);
    fill_base(&relay);
    OK(sps_socket_set_io_timeout(relay.stream, 30));
    uint8_t byte;
    IS(sps_stream_get_u8(relay.stream, &byte), SPS_ERR_TIMEOUT);
    ck_assert_int_le(relay.gets, 30); // the OS may find some more room
    relay.puts_before_get = 0;
    expect_u8_now(relay.stream, 5);
    close_relay(&relay);
}
END_TEST

// An earlier get has met the end of the peer. That end is no news for a put.
START_TEST(a_put_waits_behind_the_end_of_the_peer) {
    relay relay = {.act = drain_peer};
    open_relay(&relay, _i, &relay_operations);
    end_peer_of(&relay, relay.stream);
    put_until_full(relay.stream, 0);
    OK(sps_custom_poll_after(relay.stream, 20));
    OK(sps_stream_put_u8(relay.stream, 1));
    close_relay(&relay);
}
END_TEST

START_TEST(so_does_a_put_over_two_filters) {
    relay lower = {.act = drain_peer}, upper = {.act = NULL};
    open_relay(&lower, _i, &relay_operations);
    upper.pair.client = lower.stream;
    OK(sps_custom_create(&relay_operations, &upper, NULL, &upper.stream));
    OK(sps_custom_open(upper.stream, lower.stream));
    end_peer_of(&lower, upper.stream);
    put_until_full(upper.stream, 0);
    OK(sps_custom_poll_after(lower.stream, 20));
    OK(sps_stream_put_u8(upper.stream, 1));
    sps_stream_destroy(upper.stream);
    close_relay(&lower);
}
END_TEST

// The peer neither reads nor sends. It has sent a byte that nobody has read.
START_TEST(a_put_ends_at_the_idle_timeout_of_the_base) {
    relay relay = {.act = NULL};
    open_relay(&relay, _i, &relay_operations);
    OK(sps_socket_set_idle_timeout(relay.pair.client, 100));
    fill_base(&relay);
    static const uint8_t many[1 << 20];
    IS(sps_stream_put_data(relay.stream, many, sizeof many, NULL), SPS_FAILED);
    expect_u8(relay.stream, 5); // it came before
    uint8_t byte;
    IS(sps_stream_get_u8(relay.stream, &byte), SPS_FAILED);
    expect_reason(relay.stream, SPS_CLOSE_IDLE);
    close_relay(&relay);
}
END_TEST

// ---- Until when

START_TEST(the_shorter_timeout_counts) {
    relay relay = {.act = NULL};
    open_relay(&relay, TCP, &relay_operations);
    const uint32_t hour_ms = 3600000;
    OK(sps_socket_set_io_timeout(relay.stream, _i == 0 ? 30 : hour_ms));
    OK(sps_socket_set_io_timeout(relay.pair.client, _i == 0 ? hour_ms : 30));
    uint8_t byte;
    IS(sps_stream_get_u8(relay.stream, &byte), SPS_ERR_TIMEOUT);
    relay.reads_before_put = true;
    IS(sps_stream_put_u8(relay.stream, 1), SPS_ERR_TIMEOUT);
    close_relay(&relay);
}
END_TEST

START_TEST(a_poll_at_its_time_ends_no_wait) {
    relay relay = {.act = NULL};
    open_relay(&relay, TCP, &relay_operations);
    OK(sps_socket_set_io_timeout(relay.stream, 60));
    OK(sps_custom_poll_after(relay.stream, 20));
    const int polls = relay.polls;
    uint8_t byte;
    IS(sps_stream_get_u8(relay.stream, &byte), SPS_ERR_TIMEOUT);
    ck_assert_int_eq(relay.polls, polls + 1);
    close_relay(&relay);
}
END_TEST

// A filter that always wants another turn.
static sps_error poll_again(void *user_data) {
    relay *relay = user_data;
    return relay->stream != NULL ? sps_custom_poll_after(relay->stream, 0) : SPS_OK;
}

START_TEST(a_poll_that_comes_again_and_again_ends_no_timeout) {
    const sps_custom_operations operations = {.struct_size = sizeof operations,
                                              .get_partial_data = relay_get,
                                              .put_partial_data = relay_put,
                                              .poll = poll_again};
    relay relay = {.reads_before_put = true};
    open_relay(&relay, TCP, &operations);
    OK(sps_socket_set_io_timeout(relay.stream, 30));
    OK(sps_custom_poll_after(relay.stream, 0));
    uint8_t byte;
    IS(sps_stream_get_u8(relay.stream, &byte), SPS_ERR_TIMEOUT);
    IS(sps_stream_put_u8(relay.stream, 1), SPS_ERR_TIMEOUT);
    close_relay(&relay);
}
END_TEST

static sps_error get_made(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    relay *relay = user_data;
    *out = relay->holds && count > 0 ? 1 : 0;
    buffer[0] = 9;
    relay->holds = false;
    return SPS_OK;
}

static sps_error make_one(void *user_data) {
    relay *relay = user_data;
    relay->holds = ++relay->polls > 1;
    return SPS_OK;
}

START_TEST(a_poll_at_its_time_may_bring_bytes) {
    const sps_custom_operations operations = {
        .struct_size = sizeof operations, .get_partial_data = get_made, .poll = make_one};
    relay relay = {.act = NULL};
    open_relay(&relay, TCP, &operations);
    OK(sps_custom_poll_after(relay.stream, 20));
    expect_u8(relay.stream, 9);
    close_relay(&relay);
}
END_TEST

// A filter without a base that always has bytes.
static sps_error endless_get(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    (void)user_data;
    memset(buffer, 1, count);
    *out = count;
    return SPS_OK;
}

static sps_error nothing_to_do(void *user_data) {
    (void)user_data;
    return SPS_OK;
}

// Gets that never wait return ERR_BUSY after so many bytes, once. The filter above meets that.
START_TEST(a_get_over_two_filters_may_be_large) {
    enum { MANY = 3 * 1024 * 1024 };
    const sps_custom_operations endless = {
        .struct_size = sizeof endless, .get_partial_data = endless_get, .poll = nothing_to_do};
    relay relay = {.act = NULL};
    OK(sps_custom_create(&endless, NULL, NULL, &relay.pair.client));
    OK(sps_custom_open(relay.pair.client, NULL));
    OK(sps_custom_create(&relay_operations, &relay, NULL, &relay.stream));
    OK(sps_custom_open(relay.stream, relay.pair.client));
    uint8_t *bytes = malloc(MANY);
    ck_assert_ptr_nonnull(bytes);
    size_t count;
    OK(sps_stream_get_data(relay.stream, bytes, MANY, &count));
    ck_assert_uint_eq(count, MANY);
    free(bytes);
    sps_stream_destroy(relay.stream);
    sps_stream_destroy(relay.pair.client);
}
END_TEST

// ---- The end below

// The base knows its end before the operation has met it.
START_TEST(an_operation_meets_the_end_of_its_base) {
    relay relay = {.act = NULL};
    open_relay(&relay, _i, &relay_operations);
    OK(sps_stream_put_u8(relay.pair.peer, 1));
    OK(sps_socket_shutdown_write(relay.pair.peer));
    const uint8_t *span;
    size_t count;
    WAIT_UNTIL(sps_stream_peek(relay.pair.client, 2, &span, &count) == SPS_ERR_FILE_EOF);
    uint16_t value;
    IS(sps_stream_get_u16(relay.stream, &value), SPS_ERR_FILE_EOF);
    expect_reason(relay.stream, SPS_CLOSE_PEER_FINISHED);
    close_relay(&relay);
}
END_TEST

START_TEST(an_operation_that_ignores_the_end_fails) {
    relay relay = {.is_deaf = true};
    open_relay(&relay, _i, &relay_operations);
    OK(sps_stream_put_u8(relay.pair.peer, 1));
    OK(sps_socket_shutdown_write(relay.pair.peer));
    uint8_t byte;
    IS(sps_stream_get_u8(relay.stream, &byte), SPS_FAILED);
    expect_reason(relay.stream, SPS_CLOSE_TRUNCATED);
    ck_assert_int_le(relay.gets, 6);
    close_relay(&relay);
}
END_TEST

// ---- Bytes on their way

static sps_error hold(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    relay *relay = user_data;
    *out = relay->holds || count == 0 ? 0 : 1;
    relay->held = *out == 1 ? data[0] : relay->held;
    relay->holds = true;
    return SPS_OK;
}

static sps_error send_held(void *user_data) {
    relay *relay = user_data;
    if (!relay->holds) {
        return SPS_OK;
    }
    relay->holds = false;
    return sps_stream_put_u8(relay->pair.client, relay->held);
}

// The peer may need them to answer.
START_TEST(held_bytes_leave_before_a_get_waits) {
    const sps_custom_operations operations = {.struct_size = sizeof operations,
                                              .get_partial_data = relay_get,
                                              .put_partial_data = hold,
                                              .poll = send_held};
    relay relay = {.act = NULL};
    open_relay(&relay, _i, &operations);
    OK(sps_socket_set_io_timeout(relay.stream, 30));
    OK(sps_stream_put_u8(relay.stream, 3));
    uint8_t byte;
    IS(sps_stream_get_u8(relay.stream, &byte), SPS_ERR_TIMEOUT);
    expect_u8(relay.pair.peer, 3);
    close_relay(&relay);
}
END_TEST

// A get of gzip's filter sends what was put before, and batched bytes come only then.
START_TEST(a_get_follows_the_batched_bytes) {
    relay relay = {.act = NULL};
    open_relay(&relay, _i, &relay_operations);
    OK(sps_socket_set_io_timeout(relay.stream, 30));
    OK(sps_stream_set_write_batching(relay.stream, true));
    OK(sps_stream_put_u8(relay.stream, 3));
    uint8_t byte;
    IS(sps_stream_get_u8(relay.stream, &byte), SPS_ERR_TIMEOUT);
    ck_assert_int_eq(relay.gets, 2);
    expect_u8(relay.pair.peer, 3);
    close_relay(&relay);
}
END_TEST

// ---- Pieces

// A length and its bytes would be two records of TLS.
START_TEST(a_string_is_one_put) {
    relay relay = {.act = NULL};
    open_relay(&relay, _i, &relay_operations);
    OK(sps_stream_put_string(relay.stream, "hello", 5));
    ck_assert_int_eq(relay.puts, 1);
    ck_assert_uint_eq(relay.first_put, 9);
    close_relay(&relay);
}
END_TEST

START_TEST(a_long_string_begins_with_its_length) {
    static char text[5000];
    memset(text, 'a', sizeof text);
    memcpy(text + 1000, "0123456789012345678901234567890", 30);
    relay relay = {.act = NULL};
    open_relay(&relay, _i, &relay_operations);
    OK(sps_stream_put_string(relay.stream, text, sizeof text));
    ck_assert_int_eq(relay.puts, 2);
    ck_assert_uint_gt(relay.first_put, 4);
    const char *got;
    size_t count;
    OK(sps_stream_get_string(relay.pair.peer, SPS_LENGTH_PREFIXED, &got, &count));
    ck_assert_uint_eq(count, sizeof text);
    ck_assert_mem_eq(got, text, sizeof text);
    close_relay(&relay);
}
END_TEST

Suite *filter_waiting_suite(void) {
    Suite *suite = suite_create("filter_waiting");
    TCase *waits = add_case(suite, "waits");
    const TTest *const tests[] = {a_put_may_wait_for_bytes,
                                  a_put_that_waits_for_bytes_times_out,
                                  a_get_may_wait_for_room,
                                  a_get_that_waits_for_room_times_out,
                                  a_put_waits_behind_the_end_of_the_peer,
                                  so_does_a_put_over_two_filters,
                                  a_put_ends_at_the_idle_timeout_of_the_base,
                                  an_operation_meets_the_end_of_its_base,
                                  an_operation_that_ignores_the_end_fails,
                                  held_bytes_leave_before_a_get_waits,
                                  a_get_follows_the_batched_bytes,
                                  a_string_is_one_put,
                                  a_long_string_begins_with_its_length};
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        tcase_add_loop_test(waits, tests[i], 0, TRANSPORTS);
    }
    tcase_add_loop_test(waits, the_shorter_timeout_counts, 0, 2);
    tcase_add_test(waits, a_poll_at_its_time_ends_no_wait);
    tcase_add_test(waits, a_poll_at_its_time_may_bring_bytes);
    tcase_add_test(waits, a_poll_that_comes_again_and_again_ends_no_timeout);
    tcase_add_test(waits, a_get_over_two_filters_may_be_large);
    return suite;
}
