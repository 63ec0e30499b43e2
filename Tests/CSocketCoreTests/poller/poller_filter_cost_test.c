// SPDX-License-Identifier: MIT
//
// The cost of a poller with thousands of filters: syscalls, allocations and memory.
#include <string.h>

#include "socket/socket.h"
#include "support/counting_allocator.h"
#include "support/poller_calls.h"
#include "support/pollers.h"

static account memory;
static const sps_allocator allocator = {
    .struct_size = sizeof allocator, .reallocate = account_for, .user_data = &memory};

// ---- The smallest filter: it turns each byte over

static sps_error get_mirrored(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    const sps_error error = sps_stream_get_partial_data(user_data, buffer, count, out);
    for (size_t i = 0; i < *out; i++) {
        buffer[i] = (uint8_t)~buffer[i];
    }
    return error;
}

static sps_error put_mirrored(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    uint8_t bytes[256];
    const size_t most = count < sizeof bytes ? count : sizeof bytes;
    for (size_t i = 0; i < most; i++) {
        bytes[i] = (uint8_t)~data[i];
    }
    return sps_stream_put_partial_data(user_data, bytes, most, out);
}

static sps_error poll_mirrored(void *user_data) {
    (void)user_data;
    return SPS_OK;
}

static const sps_custom_operations mirror = {.struct_size = sizeof mirror,
                                             .get_partial_data = get_mirrored,
                                             .put_partial_data = put_mirrored,
                                             .poll = poll_mirrored};

// ---- Many filtered peers

enum { MANY = MANY_PEERS < 5000 ? MANY_PEERS : 5000 };

static pair pairs[MANY];
static sps_stream *filters[MANY];
static sps_poller *poller;

static void connect_many(transport transport, size_t count) {
    allow_descriptors(2 * MANY + 100);
    count_poller_calls();
    memset(&memory, 0, sizeof memory);
    const sps_poller_options options = {
        .struct_size = sizeof options, .allocator = &allocator, .platform = &counting_poller};
    const sps_stream_options streams = {
        .struct_size = sizeof streams, .allocator = &allocator, .platform = &counting_poller};
    poller = make_poller(&options);
    sps_server *server = make_server(transport, NULL);
    const place place = listen_somewhere(server, transport);
    for (size_t i = 0; i < count; i++) {
        struct pair *const pair = &pairs[i];
        *pair = (struct pair){.server = server, .client = make_stream(transport, &streams)};
        OK(connect_to(pair->client, &place));
        complete_pair(pair);
        pair->server = NULL; // close_pair() destroys it only once
        OK(sps_custom_create(&mirror, pair->client, &streams, &filters[i]));
        OK(sps_custom_open(filters[i], pair->client));
        OK(sps_poller_add(poller, filters[i], pair));
    }
    sps_server_destroy(server);
}

static void end_many(size_t count) {
    for (size_t i = 0; i < count; i++) {
        sps_stream_destroy(filters[i]);
        close_pair(&pairs[i]);
    }
    sps_poller_destroy(poller);
    ck_assert_uint_eq(memory.bytes, 0);
}

static size_t frame(void) {
    return wait_once(poller, 0);
}

// Waits until the poller has handled the start.
static void settle(void) {
    for (int i = 0; i < 3; i++) {
        frame();
        take_events(poller, SPS_EVENT_READABLE);
    }
    memset(&called_by_poller, 0, sizeof called_by_poller);
}

static void let_send(size_t count) {
    static const uint8_t message[64];
    for (size_t i = 0; i < count; i++) {
        OK(sps_stream_put_data(pairs[i].peer, message, sizeof message, NULL));
    }
    for (size_t i = 0; i < count; i++) {
        await_bytes(pairs[i].client, sizeof message);
    }
    memset(&called_by_poller, 0, sizeof called_by_poller);
}

static size_t read_all(void) {
    size_t count = 0;
    for (sps_event event; next_event(poller, &event); count++) {
        ck_assert_uint_eq(event.kinds, SPS_EVENT_READABLE);
        uint64_t value;
        size_t values = 0;
        while (sps_stream_try_get_u64(event.stream, &value) == SPS_OK) {
            ck_assert(value == UINT64_MAX);
            values++;
        }
        ck_assert_uint_eq(values, 8);
    }
    return count;
}

START_TEST(syscalls_of_a_frame) {
    connect_many((transport)_i, MANY);
    settle();
    const size_t calls_before = memory.calls;
    ck_assert_uint_eq(frame(), 0);
    expect_poller_calls(1, 0, 0); // idle
    ck_assert_uint_eq(memory.calls, calls_before);
    for (size_t active = 1; active <= MANY; active *= 10) {
        let_send(active);
        ck_assert_uint_eq(frame(), active);
        ck_assert_uint_eq(read_all(), active);
        expect_poller_calls(1, (int)active, 0);
        ck_assert_uint_eq(frame(), 0);
        expect_poller_calls(1, 0, 0); // idle again
    }
    for (size_t i = 0; i < 100; i++) {
        for (uint32_t value = 0; value < 10; value++) {
            OK(sps_stream_put_u32(filters[i], value));
        }
    }
    expect_poller_calls(0, 0, 0); // a put makes no syscall
    ck_assert_uint_eq(frame(), 0);
    expect_poller_calls(1, 0, 100);
    ck_assert_uint_eq(frame(), 0);
    expect_poller_calls(1, 0, 0);
    end_many(MANY);
}
END_TEST

START_TEST(an_idle_filtered_peer_is_small) {
    ck_assert_uint_le(sizeof(spsi_socket), 512);
    connect_many((transport)_i, MANY);
    settle();
    let_send(MANY);
    frame();
    read_all();
    settle();                        // every peer was active, and is idle now
    const size_t kept = 1024 * 1024; // in the poller's free list
    ck_assert_uint_le((memory.bytes - kept) / MANY, 2 * 512 + 128); // with the log of the connect
    end_many(MANY);
}
END_TEST

START_TEST(a_warm_frame_allocates_nothing) {
    enum { FEW = 50 };
    connect_many((transport)_i, FEW);
    settle();
    size_t before = 0;
    for (int i = 0; i < 20; i++) {
        before = i == 2 ? memory.calls : before;
        let_send(FEW);
        for (size_t n = 0; n < FEW; n++) {
            OK(sps_stream_put_u32(filters[n], 1));
        }
        frame();
        ck_assert_uint_eq(read_all(), FEW);
        for (size_t n = 0; n < FEW; n++) {
            expect_u32(pairs[n].peer, ~1U);
        }
    }
    ck_assert_uint_eq(memory.calls, before);
    end_many(FEW);
}
END_TEST

Suite *poller_filter_cost_suite(void) {
    Suite *suite = suite_create("poller_filter_cost");
    TCase *all = add_case(suite, "all");
    tcase_set_timeout(all, 120);
    tcase_add_loop_test(all, syscalls_of_a_frame, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_idle_filtered_peer_is_small, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_warm_frame_allocates_nothing, 0, TRANSPORTS);
    return suite;
}
