// SPDX-License-Identifier: MIT
//
// The parts that a poller is made of: timers, blocks; and that each of its allocations may fail.
#include <stdlib.h>
#include <string.h>

#include "base/block_pool.h"
#include "base/memory.h"
#include "base/timers.h"
#include "platform/platform.h"
#include "poller_support.h"
#include "support_account.h"

static uint32_t draw(uint32_t below) {
    static uint32_t state = 4711;
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

// ---- Timers

enum { TIMERS = 200 };

static uint64_t earliest(const spsi_timer *timers, const bool *is_in) {
    uint64_t next_us = SPSI_NEVER;
    for (int i = 0; i < TIMERS; i++) {
        if (is_in[i] && timers[i].due_us < next_us) {
            next_us = timers[i].due_us;
        }
    }
    return next_us;
}

// Random changes, against a search of all.
START_TEST(the_next_timer_is_the_earliest) {
    sps_allocator allocator;
    ck_assert(spsi_allocator_read(NULL, &allocator));
    spsi_timers heap = {0};
    static spsi_timer timers[TIMERS];
    static bool is_in[TIMERS];
    size_t count = 0;
    for (int i = 0; i < 100000; i++) {
        const uint32_t which = draw(TIMERS);
        if (!is_in[which]) {
            ck_assert(spsi_timers_add(&heap, &timers[which], &allocator));
            is_in[which] = true;
            count++;
        } else if (draw(4) == 0) {
            spsi_timers_remove(&heap, &timers[which]);
            is_in[which] = false;
            count--;
        } else {
            spsi_timers_set(&heap, &timers[which], draw(3) == 0 ? SPSI_NEVER : draw(1000));
        }
        ck_assert_uint_eq(heap.count, count);
        ck_assert_uint_eq(spsi_timers_next_us(&heap), earliest(timers, is_in));
        if (is_in[which]) {
            ck_assert_ptr_eq(heap.heap[timers[which].place - 1], &timers[which]);
        }
    }
    spsi_timers_release(&heap, &allocator);
}
END_TEST

START_TEST(a_timer_without_memory_is_not_added) {
    account account = {.fail_at = 1};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    spsi_timers heap = {0};
    spsi_timer timer;
    ck_assert(!spsi_timers_add(&heap, &timer, &allocator));
    ck_assert_uint_eq(spsi_timers_next_us(&heap), SPSI_NEVER);
    ck_assert(spsi_timers_add(&heap, &timer, &allocator));
    spsi_timers_release(&heap, &allocator);
    ck_assert_uint_eq(account.bytes, 0);
}
END_TEST

// ---- Blocks

START_TEST(sizes_of_blocks) {
    ck_assert_uint_eq(spsi_block_size_for(0), 1024);
    ck_assert_uint_eq(spsi_block_size_for(1024), 1024);
    ck_assert_uint_eq(spsi_block_size_for(1025), 2048);
    ck_assert_uint_eq(spsi_block_size_for(65536), 65536);
    ck_assert_uint_eq(spsi_block_size_for(65537), 0);
}
END_TEST

START_TEST(the_last_block_given_is_the_first_taken) {
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    spsi_block_pool pool = {.allocator = &allocator, .most_bytes = 10000};
    uint8_t *one = spsi_block_take(&pool, 4096), *other = spsi_block_take(&pool, 4096);
    memset(one, 1, 4096);
    memset(other, 2, 4096);
    spsi_block_give(&pool, one, 4096);
    spsi_block_give(&pool, other, 4096);
    ck_assert_uint_eq(pool.kept_bytes, 8192);
    ck_assert_ptr_eq(spsi_block_take(&pool, 4096), other);
    ck_assert_ptr_eq(spsi_block_take(&pool, 4096), one);
    ck_assert_uint_eq(account.calls, 2);
    spsi_block_give(&pool, one, 4096);
    spsi_block_give(&pool, other, 4096);
    uint8_t *third = spsi_block_take(&pool, 2048); // another size
    ck_assert_uint_eq(account.calls, 3);
    spsi_block_give(&pool, third, 2048); // more than is kept
    ck_assert_uint_eq(account.bytes, 8192);
    spsi_block_give(&pool, spsi_allocate(&allocator, 100), 100); // of none of its sizes
    ck_assert_uint_eq(account.bytes, 8192);
    spsi_block_pool_release(&pool);
    ck_assert_uint_eq(account.bytes, 0);
}
END_TEST

// ---- What a poller is made with

// Many were busy at once, and are idle again: no more of their buffers are kept than was asked for.
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

// A stream's memory is its own allocator's, a poller's the poller's, be it a few bytes or many. Allocators
// differ in their functions, or in what these are given.
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

// An allocator that looks whether anybody has written behind a block.
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

// However many there are, all of them, and a wake, may be told of at once.
START_TEST(all_may_be_told_of_at_once) {
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

static spsi_result refuse_to_wait(const sps_platform *platform, spsi_selector *selector,
                                  uint64_t timeout_us) {
    (void)platform;
    (void)selector;
    (void)timeout_us;
    return (spsi_result){SPSI_FAILED, 0};
}

START_TEST(an_os_that_refuses_to_wait_is_told_of) {
    sps_platform platform = *spsi_os_platform();
    platform.selector_wait = refuse_to_wait;
    const sps_poller_options options = {.struct_size = sizeof options, .platform = &platform};
    sps_poller *poller = make_poller(&options);
    size_t count = 99;
    IS(sps_poller_wait(poller, 0, &count), SPS_FAILED);
    ck_assert_uint_eq(count, 0);
    IS(sps_poller_wait(poller, -1, &count), SPS_FAILED);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(what_has_another_platform_is_refused) {
    const sps_platform platform = *spsi_os_platform();
    const sps_poller_options options = {.struct_size = sizeof options, .platform = &platform};
    sps_poller *poller = make_poller(&options);
    sps_stream *stream = make_stream(_i, NULL);
    sps_server *server = make_server(_i, NULL);
    IS(sps_poller_add(poller, stream, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_remove(poller, stream), SPS_ERR_DOES_NOT_EXIST);
    IS(sps_poller_add_server(poller, server, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_remove_server(poller, server), SPS_ERR_DOES_NOT_EXIST);
    sps_stream_destroy(stream);
    sps_server_destroy(server);
    sps_poller_destroy(poller);
}
END_TEST

// ---- Each allocation may fail once

static size_t failures;

static sps_error once_more(sps_error error) {
    failures += error == SPS_ERR_OUT_OF_MEMORY;
    return error;
}

// A step that is repeated while it answers ERR_OUT_OF_MEMORY; at most once.
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

// A connect that found no memory may have left a connection that is closed, before the one that stands.
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
        ck_assert_uint_le(failures, 1); // 0: inside a wait, which tries again later
        ck_assert_uint_eq(account.bytes, 0);
    }
}
END_TEST

// A Unix socket connects at once: what was to be told of the connection before goes with it.
START_TEST(a_new_connection_is_told_without_the_end_of_the_last) {
    pair pair = connect_watched(UDS);
    drop_peer(&pair);
    WAIT_UNTIL(wait_once(pair.poller, 100) == 1);
    OK(connect_to(pair.client, &pair.place));
    expect_event(pair.poller, pair.client, SPS_EVENT_CONNECTED);
    close_pair(&pair);
}
END_TEST

// A table that another release of the testing library has made.
START_TEST(a_platform_of_another_version_is_refused) {
    sps_platform other = *spsi_os_platform();
    if (_i == 0) {
        other.version++;
    } else {
        other.table_bytes -= sizeof(void *);
    }
    const sps_stream_options of_stream = {.struct_size = sizeof of_stream, .platform = &other};
    const sps_server_options of_server = {.struct_size = sizeof of_server, .stream = &of_stream};
    const sps_poller_options of_poller = {.struct_size = sizeof of_poller, .platform = &other};
    const sps_ip_options of_ip = {.struct_size = sizeof of_ip, .platform = &other};
    sps_stream *stream;
    sps_server *server;
    sps_poller *poller;
    sps_ip *ip;
    IS(sps_tcp_create(&of_stream, &stream), SPS_ERR_UNAVAILABLE);
    IS(sps_uds_create(&of_stream, &stream), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_server_create(&of_server, &server), SPS_ERR_UNAVAILABLE);
    IS(sps_poller_create(&of_poller, &poller), SPS_ERR_UNAVAILABLE);
    IS(sps_ip_create(&of_ip, &ip), SPS_ERR_UNAVAILABLE);
}
END_TEST

Suite *poller_parts_suite(void) {
    Suite *suite = suite_create("poller_parts");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, the_next_timer_is_the_earliest);
    tcase_add_test(all, a_timer_without_memory_is_not_added);
    tcase_add_test(all, sizes_of_blocks);
    tcase_add_test(all, the_last_block_given_is_the_first_taken);
    tcase_add_loop_test(all, buffers_are_kept_up_to_a_bound, 0, TRANSPORTS);
    tcase_add_loop_test(all, all_may_be_told_of_at_once, 0, TRANSPORTS);
    tcase_add_loop_test(all, memory_goes_back_where_it_came_from, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, what_has_another_platform_is_refused, 0, TRANSPORTS);
    tcase_add_test(all, an_os_that_refuses_to_wait_is_told_of);
    tcase_add_loop_test(all, each_allocation_may_fail, 0, TRANSPORTS);
    tcase_add_test(all, a_new_connection_is_told_without_the_end_of_the_last);
    tcase_add_loop_test(all, a_platform_of_another_version_is_refused, 0, 2);
    return suite;
}
