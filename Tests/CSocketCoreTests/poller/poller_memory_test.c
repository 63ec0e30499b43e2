// SPDX-License-Identifier: MIT
//
// The memory of a poller: its allocator, what it keeps, and its behaviour without memory.
#include <stdlib.h>
#include <string.h>

#include "support/counting_allocator.h"
#include "support/pollers.h"

// Many streams were active at once, and are idle again. The poller keeps at most the chosen amount
// of buffers.
START_TEST(buffers_are_kept_up_to_a_bound) {
    enum { PEERS = 10, KEPT_BYTES = 3000 };
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_poller_options options = {
        .struct_size = sizeof options, .allocator = &allocator, .max_kept_bytes = KEPT_BYTES};
    const sps_stream_options stream_options = {.struct_size = sizeof stream_options,
                                               .allocator = &allocator};
    sps_poller *poller = make_poller(&options);
    pair pairs[PEERS];
    for (int i = 0; i < PEERS; i++) {
        pairs[i] = connect_pair_with(_i, &stream_options);
        OK(sps_poller_add(poller, pairs[i].client, NULL));
    }
    const size_t before = account.bytes;
    for (int i = 0; i < PEERS; i++) {
        OK(sps_stream_put_u8(pairs[i].peer, 1));
    }
    WAIT_UNTIL(wait_once(poller, 10) == PEERS);
    for (int i = 0; i < PEERS; i++) {
        expect_u8_now(pairs[i].client, 1);
    }
    take_events(poller, UINT32_MAX);
    wait_once(poller, 0);
    ck_assert_uint_gt(account.bytes, before);
    ck_assert_uint_le(account.bytes, before + KEPT_BYTES);
    for (int i = 0; i < PEERS; i++) {
        close_pair(&pairs[i]);
    }
    sps_poller_destroy(poller);
    ck_assert_uint_eq(account.bytes, 0);
}
END_TEST

static account accounts[2];

static void *account_for_second(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    (void)user_data;
    return account_for(&accounts[1], block, old_bytes, new_bytes);
}

// A stream's memory comes from its own allocator, and a poller's from the poller's, whatever the
// size. Allocators differ in their functions or in their user data.
START_TEST(memory_goes_back_where_it_came_from) {
    const sps_allocator allocators[] = {
        {sizeof(sps_allocator), account_for, &accounts[0]},
        _i / TRANSPORTS == 0
            ? (sps_allocator){sizeof(sps_allocator), account_for, &accounts[1]}
            : (sps_allocator){sizeof(sps_allocator), account_for_second, &accounts[0]}};
    const sps_poller_options options = {.struct_size = sizeof options, .allocator = &allocators[0]};
    const sps_stream_options stream_options = {.struct_size = sizeof stream_options,
                                               .allocator = &allocators[1]};
    sps_poller *poller = make_poller(&options);
    pair pair = connect_pair_with(_i % TRANSPORTS, &stream_options);
    OK(sps_poller_add(poller, pair.client, NULL));
    const size_t before = accounts[0].bytes;
    static const size_t sizes[] = {1, 100, 3000, 1, 50000, 2};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        static uint8_t bytes[50000];
        OK(sps_stream_put_data(pair.peer, bytes, sizes[i], NULL));
        OK(sps_stream_put_data(pair.client, bytes, sizes[i], NULL));
        for (size_t received = 0; received < sizes[i];) {
            size_t count;
            wait_once(poller, 10);
            take_events(poller, UINT32_MAX);
            OK(sps_stream_get_partial_data(pair.client, bytes, sizes[i] - received, &count));
            received += count;
        }
        OK(sps_stream_get_data(pair.peer, bytes, sizes[i], NULL));
    }
    ck_assert_uint_eq(accounts[0].bytes, before);
    sps_stream_destroy(pair.client);
    pair.client = NULL;
    ck_assert_uint_eq(accounts[0].bytes, before);
    close_pair(&pair);
    sps_poller_destroy(poller);
    ck_assert_uint_eq(accounts[0].bytes, 0);
    ck_assert_uint_eq(accounts[1].bytes, 0);
}
END_TEST

// An allocator that detects writes behind a block.
static const uint8_t fence[16] = "behind a block.";

static void *allocate_fenced(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    (void)user_data;
    if (block != NULL) {
        ck_assert_mem_eq((uint8_t *)block + old_bytes, fence, sizeof fence);
    }
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    uint8_t *changed = realloc(block, new_bytes + sizeof fence);
    memcpy(changed + new_bytes, fence, sizeof fence);
    return changed;
}

// All members, and a wake, may have events at once, however many there are.
START_TEST(all_may_have_events_at_once) {
    enum { PEERS = 60 };
    const sps_allocator allocator = {sizeof(sps_allocator), allocate_fenced, NULL};
    const sps_poller_options options = {.struct_size = sizeof options, .allocator = &allocator};
    sps_poller *poller = make_poller(&options);
    pair pairs[PEERS];
    for (int i = 0; i < PEERS; i++) {
        pairs[i] = connect_pair(_i);
        OK(sps_poller_add(poller, pairs[i].client, NULL));
        for (int peer = 0; peer <= i; peer++) {
            OK(sps_stream_put_u8(pairs[peer].peer, 1));
            await_bytes(pairs[peer].client, 1);
        }
        OK(sps_poller_wake(poller));
        ck_assert_uint_eq(wait_once(poller, -1), (size_t)i + 1);
        for (int peer = 0; peer <= i; peer++) {
            expect_u8_now(pairs[peer].client, 1);
        }
        take_events(poller, UINT32_MAX);
    }
    for (int i = 0; i < PEERS; i++) {
        close_pair(&pairs[i]);
    }
    sps_poller_destroy(poller);
}
END_TEST

// ---- Each allocation may fail once

static size_t failures;

static sps_error once_more(sps_error error) {
    failures += error == SPS_ERR_OUT_OF_MEMORY;
    return error;
}

// Makes a call again if it returned ERR_OUT_OF_MEMORY, at most once.
#define REPEAT(call)                                                                               \
    if (once_more(call) == SPS_ERR_OUT_OF_MEMORY) {                                                \
        OK(call);                                                                                  \
    }

static void exchange(sps_poller *poller, sps_stream *client, sps_stream *peer) {
    static uint8_t bytes[30000], into[30000];
    fill_pattern(bytes, sizeof bytes, 0);
    REPEAT(sps_stream_put_data(client, bytes, 2000, NULL));
    REPEAT(sps_stream_put_data(client, bytes + 2000, sizeof bytes - 2000, NULL));
    for (size_t received = 0; received < sizeof bytes;) {
        size_t count;
        OK(sps_poller_wait(poller, 1000, &count));
        sps_event event = {.struct_size = sizeof event};
        while (sps_poller_next_event(poller, &event) == SPS_OK) {
            ck_assert_msg(!(event.kinds & SPS_EVENT_CLOSED), "closed: %s",
                          sps_close_reason_name(event.close_reason));
        }
        REPEAT(sps_stream_get_partial_data(peer, into, sizeof into, &count));
        ck_assert(is_pattern(into, count, received));
        received += count;
    }
}

// A connect without memory may have left a closed connection in front of the established one.
static sps_stream *take_last(sps_server *server) {
    sps_stream *last = NULL, *stream = NULL;
    for (;;) {
        const sps_error error = once_more(sps_server_take_connection(server, &stream));
        if (error == SPS_OK) {
            sps_stream_destroy(last);
            last = stream;
        } else if (error == SPS_ERR_BUSY && last != NULL) {
            return last;
        }
    }
}

static void converse(transport transport, const sps_allocator *allocator) {
    const sps_poller_options options = {.struct_size = sizeof options, .allocator = allocator};
    const sps_stream_options stream_options = {.struct_size = sizeof stream_options,
                                               .allocator = allocator};
    const sps_server_options server_options = {.struct_size = sizeof server_options,
                                               .stream = &stream_options};
    sps_poller *poller;
    sps_stream *client, *peer;
    sps_server *server;
    REPEAT(sps_poller_create(&options, &poller));
    REPEAT(transport == TCP ? sps_tcp_server_create(&server_options, &server)
                            : sps_uds_server_create(&server_options, &server));
    const place place = listen_somewhere(server, transport);
    REPEAT(transport == TCP ? sps_tcp_create(&stream_options, &client)
                            : sps_uds_create(&stream_options, &client));
    REPEAT(sps_poller_add(poller, client, NULL));
    REPEAT(sps_poller_add_server(poller, server, NULL));
    REPEAT(connect_to(client, &place));
    size_t count;
    WAIT_UNTIL((OK(sps_poller_wait(poller, 10, &count)), status_of(client)) ==
               SPS_STATUS_CONNECTED);
    peer = take_last(server);
    REPEAT(sps_poller_add(poller, peer, NULL));
    exchange(poller, client, peer);
    exchange(poller, peer, client);
    sps_stream_destroy(client);
    sps_stream_destroy(peer);
    sps_server_destroy(server);
    sps_poller_destroy(poller);
}

START_TEST(each_allocation_may_fail) {
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    converse(_i, &allocator);
    ck_assert_uint_eq(account.bytes, 0);
    const size_t calls = account.calls;
    for (size_t i = 1; i <= calls; i++) {
        account = (struct account){.fail_at = i};
        failures = 0;
        converse(_i, &allocator);
        ck_assert_uint_le(failures, 1); // 0 if it failed inside a wait, which tries again later
        ck_assert_uint_eq(account.bytes, 0);
    }
}
END_TEST

// A Unix socket connects at once, and drops the pending events of its last connection.
START_TEST(a_new_connection_does_not_report_the_last_ones_end) {
    NEEDS_UNIX_SOCKETS
    pair pair = connect_watched(UDS);
    drop_peer(&pair);
    WAIT_UNTIL(wait_once(pair.poller, 100) == 1);
    OK(connect_to(pair.client, &pair.place));
    expect_event(pair.poller, pair.client, SPS_EVENT_CONNECTED);
    close_pair(&pair);
}
END_TEST

Suite *poller_memory_suite(void) {
    Suite *suite = suite_create("poller_memory");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, buffers_are_kept_up_to_a_bound, 0, TRANSPORTS);
    tcase_add_loop_test(all, all_may_have_events_at_once, 0, TRANSPORTS);
    tcase_add_loop_test(all, memory_goes_back_where_it_came_from, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, each_allocation_may_fail, 0, TRANSPORTS);
    tcase_add_test(all, a_new_connection_does_not_report_the_last_ones_end);
    return suite;
}
