// SPDX-License-Identifier: MIT
//
// The caller's allocator: everything comes from it, everything goes back, and each allocation
// may fail once without loss.
#include <string.h>

#include "support/counting_allocator.h"
#include "support/support.h"

// A conversation in which each step is repeated while it answers ERR_OUT_OF_MEMORY; at most
// once.
#define REPEAT(call)                                                                               \
    {                                                                                              \
        sps_error error = (call);                                                                  \
        if (error == SPS_ERR_OUT_OF_MEMORY) {                                                      \
            failures++;                                                                            \
            error = (call);                                                                        \
        }                                                                                          \
        assert_code(error, SPS_OK, #call, __FILE__, __LINE__);                                     \
    }

static int converse(transport transport, const sps_stream_options *options) {
    int failures = 0;
    const sps_server_options server_options = {.struct_size = sizeof server_options,
                                               .stream = options};
    sps_server *server;
    sps_stream *client, *peer;
    REPEAT(transport == TCP ? sps_tcp_server_create(&server_options, &server)
                            : sps_uds_server_create(&server_options, &server));
    const place place = listen_somewhere(server, transport);
    REPEAT(transport == TCP ? sps_tcp_create(options, &client) : sps_uds_create(options, &client));
    REPEAT(connect_to(client, &place));
    WAIT_UNTIL(polled_status(client) == SPS_STATUS_CONNECTED);
    bool available = false;
    WAIT_UNTIL((sps_server_is_connection_available(server, &available), available));
    REPEAT(sps_server_take_connection(server, &peer));
    REPEAT(sps_stream_set_write_batching(client, true));
    REPEAT(sps_stream_put_u32(client, 4711));
    REPEAT(sps_stream_put_string(client, "na\xc3\xafve", 6));
    REPEAT(sps_stream_put_utf8_string(client, "na\xc3\xafve", 6));
    REPEAT(sps_stream_flush(client));
    uint32_t number;
    const char *text;
    size_t size;
    REPEAT(sps_stream_get_u32(peer, &number));
    ck_assert_uint_eq(number, 4711);
    REPEAT(sps_stream_get_string(peer, SPS_LENGTH_PREFIXED, &text, &size));
    ck_assert_mem_eq(text, "na ve", 5);
    REPEAT(sps_stream_get_utf8_string(peer, SPS_LENGTH_PREFIXED, &text, &size));
    ck_assert_mem_eq(text, "na\xc3\xafve", 6);
    static char large[20000];
    memset(large, 'l', sizeof large);
    REPEAT(sps_stream_put_utf8_string(peer, large, sizeof large));
    REPEAT(sps_socket_poll(client));
    REPEAT(sps_stream_get_utf8_string(client, SPS_LENGTH_PREFIXED, &text, &size));
    ck_assert_mem_eq(text, large, sizeof large);
    char byte;
    REPEAT(sps_stream_put_data(client, "x", 1, NULL));
    REPEAT(sps_stream_flush(client));
    REPEAT(sps_stream_get_data(peer, &byte, 1, NULL));
    sps_stream_destroy(client);
    sps_stream_destroy(peer);
    sps_server_destroy(server);
    return failures;
}

static sps_stream_options options_for(const sps_allocator *allocator) {
    return (sps_stream_options){.struct_size = sizeof(sps_stream_options),
                                .read_buffer_bytes = 4096,
                                .allocator = allocator};
}

START_TEST(all_memory_comes_from_the_allocator_and_goes_back) {
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_stream_options options = options_for(&allocator);
    ck_assert_int_eq(converse(_i, &options), 0);
    ck_assert_uint_gt(account.calls, 5);
    ck_assert_uint_eq(account.bytes, 0);
}
END_TEST

START_TEST(each_allocation_may_fail_once) {
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_stream_options options = options_for(&allocator);
    converse(_i, &options);
    const size_t calls = account.calls;
    for (size_t i = 1; i <= calls; i++) {
        account = (struct account){.fail_at = i};
        const int failures = converse(_i, &options);
        ck_assert_int_le(failures, 1); // 0: in a poll of WAIT_UNTIL, or not reached this time
        ck_assert_uint_eq(account.bytes, 0);
    }
}
END_TEST

// A peer that claims a long string and sends it byte by byte cannot make us copy it each time.
START_TEST(trickling_bytes_cost_few_allocations) {
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    pair pair = connect_pair_with(_i, &options);
    static uint8_t bytes[200000];
    OK(sps_stream_put_u32(pair.peer, 8 << 20));
    const char *text;
    size_t size, sent;
    for (size_t offset = 0; offset < sizeof bytes; offset += sent) {
        OK(sps_stream_put_partial_data(pair.peer, bytes, sizeof bytes - offset, &sent));
        IS(sps_stream_try_get_string(pair.client, SPS_LENGTH_PREFIXED, &text, &size), SPS_ERR_BUSY);
    }
    const size_t before = account.calls;
    for (int i = 0; i < 1000; i++) {
        OK(sps_stream_put_u8(pair.peer, 'x'));
        IS(sps_stream_try_get_string(pair.client, SPS_LENGTH_PREFIXED, &text, &size), SPS_ERR_BUSY);
    }
    ck_assert_uint_le(account.calls - before, 2);
    ck_assert_uint_le(account.bytes, 4 * sizeof bytes);
    close_pair(&pair);
}
END_TEST

enum { LARGE_BYTES = 1000000 };

// A peer that has sent one large string goes on with a little at a time, of which a part may be
// left each time.
static void send_large_then_little(const pair *pair, const account *account, size_t left,
                                   size_t most_bytes) {
    static char text[LARGE_BYTES + 4 + 3];
    const uint32_t length = LARGE_BYTES;
    for (unsigned i = 0; i < 4; i++) {
        text[i] = (char)(length >> 8 * i);
    }
    const char *got;
    size_t bytes, sent = 0, count;
    const size_t all = LARGE_BYTES + 4 + left;
    sps_error error = SPS_ERR_BUSY;
    while (error != SPS_OK || sent < all) {
        OK(sps_stream_put_partial_data(pair->peer, text + sent, all - sent, &count));
        sent += count;
        OK(sps_socket_poll(pair->client));
        if (error != SPS_OK) {
            error = sps_stream_try_get_utf8_string(pair->client, SPS_LENGTH_PREFIXED, &got, &bytes);
        }
    }
    uint32_t value;
    for (int i = 0; i < 1000; i++) {
        OK(sps_stream_put_u32(pair->peer, 0));
        WAIT_UNTIL((sps_socket_poll(pair->client),
                    sps_stream_try_get_u32(pair->client, &value) == SPS_OK));
    }
    ck_assert_uint_le(account->bytes, most_bytes);
}

START_TEST(recently_used_streams_give_memory_back) {
    for (size_t left = 0; left < 4; left += 3) {
        account account = {0};
        const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
        const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
        pair pair = connect_pair_with(_i, &options);
        OK(sps_stream_set_write_batching(pair.peer, false));
        send_large_then_little(&pair, &account, left, 16 * 1024);
        close_pair(&pair);
    }
}
END_TEST

// A read for a line may bring what follows it, which keeps the line's block; and then the peer is
// silent.
START_TEST(short_lines_after_a_long_one_use_little_memory) {
    static char text[LARGE_BYTES];
    memset(text, 'a', sizeof text);
    memcpy(text + LARGE_BYTES - 4, "\nabc", 4);
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    pair pair = connect_pair_with(_i, &options);
    OK(sps_poller_create(NULL, &pair.poller));
    OK(sps_poller_add(pair.poller, pair.client, NULL));
    const char *line;
    size_t bytes, sent = 0, count;
    sps_error error = SPS_ERR_BUSY;
    while (error != SPS_OK) {
        OK(sps_stream_put_partial_data(pair.peer, text + sent, sizeof text - sent, &count));
        sent += count;
        OK(sps_poller_wait(pair.poller, 0, NULL));
        sps_event event = {.struct_size = sizeof event};
        while (sps_poller_next_event(pair.poller, &event) == SPS_OK) {
        }
        error = sps_stream_try_get_line(pair.client, 0, &line, &bytes);
    }
    ck_assert_uint_gt(account.bytes, LARGE_BYTES);
    WAIT_UNTIL((sps_poller_wait(pair.poller, 0, NULL), account.bytes < 256 * 1024));
    char rest[3];
    OK(sps_stream_get_data(pair.client, rest, sizeof rest, NULL));
    ck_assert_mem_eq(rest, "abc", 3);
    close_pair(&pair);
}
END_TEST

START_TEST(no_allocation_once_warm) {
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_stream_options options = options_for(&allocator);
    pair pair = connect_pair_with(_i, &options);
    OK(sps_stream_set_write_batching(pair.client, true));
    size_t warm = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t value;
        if (i == 10) {
            warm = account.calls;
        }
        OK(sps_stream_put_u32(pair.client, i));
        OK(sps_stream_put_utf8_string(pair.client, "warm", 4));
        OK(sps_socket_poll(pair.client));
        OK(sps_socket_poll(pair.peer));
        OK(sps_stream_get_u32(pair.peer, &value));
        ck_assert_uint_eq(value, i);
        const char *text;
        size_t size;
        OK(sps_stream_get_utf8_string(pair.peer, SPS_LENGTH_PREFIXED, &text, &size));
    }
    ck_assert_uint_eq(account.calls, warm);
    for (int i = 0; i < 200; i++) { // idle
        OK(sps_socket_poll(pair.client));
        OK(sps_socket_poll(pair.peer));
    }
    ck_assert_uint_eq(account.calls, warm);
    close_pair(&pair);
}
END_TEST

// ---- Packets

static sps_packet_peer *make_packets(const sps_allocator *allocator, sps_stream *stream) {
    const sps_packet_options options = {.struct_size = sizeof options, .allocator = allocator};
    sps_packet_peer *packets;
    OK(sps_packet_stream_create(&options, &packets));
    OK(sps_packet_peer_set_stream(packets, stream));
    OK(sps_packet_peer_set_input_buffer_max_size(packets, 8 << 20));
    return packets;
}

START_TEST(a_packet_peer_is_one_allocation_and_a_packet_none) {
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_stream_options options = options_for(&allocator);
    pair pair = connect_pair_with(_i, &options);
    struct account small = {0};
    const sps_allocator of_packets = {sizeof(sps_allocator), account_for, &small};
    sps_packet_peer *client = make_packets(&of_packets, pair.client);
    sps_packet_peer *peer = make_packets(NULL, pair.peer);
    ck_assert_uint_le(small.bytes, 128);
    size_t warm = 0;
    for (int i = 0; i < 1000; i++) {
        if (i == 10) {
            warm = account.calls;
        }
        OK(sps_packet_peer_put_packet(client, "warm", 4));
        size_t count, bytes;
        const uint8_t *data;
        OK(sps_packet_peer_get_available_packet_count(peer, &count));
        ck_assert_uint_eq(count, 1);
        OK(sps_packet_peer_get_packet(peer, &data, &bytes));
        ck_assert_mem_eq(data, "warm", 4);
    }
    ck_assert_uint_eq(account.calls, warm);
    ck_assert_uint_eq(small.calls, 1);
    sps_packet_peer_destroy(client);
    sps_packet_peer_destroy(peer);
    ck_assert_uint_eq(small.bytes, 0);
    close_pair(&pair);
}
END_TEST

// A peer that claims a large packet, and sends a part of it.
START_TEST(a_packets_length_costs_no_memory) {
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    pair pair = connect_pair_with(_i, &options);
    sps_packet_peer *packets = make_packets(NULL, pair.client);
    static uint8_t bytes[200000];
    OK(sps_stream_put_u32(pair.peer, 8 << 20));
    const uint8_t *data;
    size_t count, size, sent;
    for (size_t offset = 0; offset < sizeof bytes; offset += sent) {
        OK(sps_stream_put_partial_data(pair.peer, bytes, sizeof bytes - offset, &sent));
        OK(sps_packet_peer_get_available_packet_count(packets, &count));
        IS(sps_packet_peer_get_packet(packets, &data, &size), SPS_ERR_UNAVAILABLE);
    }
    ck_assert_uint_le(account.bytes, 4 * sizeof bytes);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

// A stream that reads nothing ahead gives 16,384 empty packets.
static sps_error give_zeros(void *user_data, uint8_t *buffer, size_t byte_count, size_t *out) {
    size_t *left = user_data;
    *out = byte_count < *left ? byte_count : *left;
    *left -= *out;
    memset(buffer, 0, *out);
    return SPS_OK;
}

START_TEST(counting_many_packets_costs_few_allocations) {
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    const sps_custom_operations operations = {.struct_size = sizeof operations,
                                              .get_partial_data = give_zeros};
    size_t left = 65536, count;
    sps_stream *stream;
    OK(sps_custom_create(&operations, &left, &options, &stream));
    sps_packet_peer *packets = make_packets(&allocator, stream);
    OK(sps_packet_peer_get_available_packet_count(packets, &count));
    ck_assert_uint_eq(count, 16384);
    ck_assert_uint_le(account.calls, 12);
    ck_assert_uint_le(account.bytes, 140000);
    sps_packet_peer_destroy(packets);
    sps_stream_destroy(stream);
    ck_assert_uint_eq(account.bytes, 0);
}
END_TEST

// Whichever allocation fails, each call may be repeated, and no packet is lost.
START_TEST(packets_survive_a_shortage_of_memory) {
    static uint8_t large[20000];
    for (size_t fail_at = 1;; fail_at++) {
        account account = {0};
        const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
        const sps_stream_options options = options_for(&allocator);
        const sps_packet_options packet_options = {.struct_size = sizeof packet_options,
                                                   .allocator = &allocator};
        pair pair = connect_pair_with(_i, &options);
        const size_t before = account.calls;
        account.fail_at = before + fail_at;
        int failures = 0;
        sps_packet_peer *client, *peer;
        size_t count, bytes;
        const uint8_t *data;
        REPEAT(sps_packet_stream_create(&packet_options, &client));
        REPEAT(sps_packet_stream_create(&packet_options, &peer));
        OK(sps_packet_peer_set_stream(client, pair.client));
        OK(sps_packet_peer_set_stream(peer, pair.peer));
        REPEAT(sps_stream_set_write_batching(pair.client, true));
        REPEAT(sps_packet_peer_put_packet(client, "small", 5));
        REPEAT(sps_packet_peer_put_packet(client, large, sizeof large));
        WAIT_UNTIL(sps_stream_flush(pair.client) == SPS_OK);
        REPEAT(sps_packet_peer_get_available_packet_count(peer, &count));
        ck_assert_uint_le(count, 2);
        REPEAT(sps_packet_peer_get_packet(peer, &data, &bytes));
        ck_assert_mem_eq(data, "small", 5);
        sps_error error;
        WAIT_UNTIL((error = sps_packet_peer_get_packet(peer, &data, &bytes)) !=
                   SPS_ERR_UNAVAILABLE);
        if (error == SPS_ERR_OUT_OF_MEMORY) {
            failures++;
            WAIT_UNTIL(sps_packet_peer_get_packet(peer, &data, &bytes) == SPS_OK);
        }
        ck_assert_uint_eq(bytes, sizeof large);
        ck_assert_int_le(failures, 1);
        const bool is_done = account.calls < before + fail_at;
        sps_packet_peer_destroy(client);
        sps_packet_peer_destroy(peer);
        close_pair(&pair);
        ck_assert_uint_eq(account.bytes, 0);
        if (is_done) {
            ck_assert_uint_gt(fail_at, 3);
            return;
        }
    }
}
END_TEST

Suite *allocator_suite(void) {
    Suite *suite = suite_create("allocator");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, all_memory_comes_from_the_allocator_and_goes_back, 0, TRANSPORTS);
    tcase_add_loop_test(all, each_allocation_may_fail_once, 0, TRANSPORTS);
    tcase_add_loop_test(all, trickling_bytes_cost_few_allocations, 0, TRANSPORTS);
    tcase_add_loop_test(all, recently_used_streams_give_memory_back, 0, TRANSPORTS);
    tcase_add_loop_test(all, short_lines_after_a_long_one_use_little_memory, 0, TRANSPORTS);
    tcase_add_loop_test(all, no_allocation_once_warm, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_packet_peer_is_one_allocation_and_a_packet_none, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_packets_length_costs_no_memory, 0, TRANSPORTS);
    tcase_add_test(all, counting_many_packets_costs_few_allocations);
    tcase_add_loop_test(all, packets_survive_a_shortage_of_memory, 0, TRANSPORTS);
    return suite;
}
