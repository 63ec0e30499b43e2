// SPDX-License-Identifier: MIT
//
// The parts that a poller is made of: timers, blocks; and that each of its allocations may fail.
#include <stdlib.h>
#include <string.h>

#include "block_pool.h"
#include "memory.h"
#include "support.h"
#include "timers.h"

static uint32_t draw(uint32_t below) {
    static uint32_t state = 4711;
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

// ---- An allocator of which one call may fail

typedef struct account {
    size_t bytes, calls, fail_at;
} account;

static void *account_for(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    account *account = user_data;
    if (new_bytes == 0) {
        account->bytes -= old_bytes;
        free(block);
        return NULL;
    }
    if (++account->calls == account->fail_at) {
        return NULL;
    }
    account->bytes += new_bytes - old_bytes;
    return realloc(block, new_bytes);
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
    const sps_allocator allocator = spsi_allocator_or_default(NULL);
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
    const sps_allocator allocator = {account_for, &account};
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
    const sps_allocator allocator = {account_for, &account};
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
    const sps_allocator allocator = {account_for, &account};
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

Suite *poller_parts_suite(void) {
    Suite *suite = suite_create("poller_parts");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, the_next_timer_is_the_earliest);
    tcase_add_test(all, a_timer_without_memory_is_not_added);
    tcase_add_test(all, sizes_of_blocks);
    tcase_add_test(all, the_last_block_given_is_the_first_taken);
    tcase_add_loop_test(all, each_allocation_may_fail, 0, TRANSPORTS);
    return suite;
}
