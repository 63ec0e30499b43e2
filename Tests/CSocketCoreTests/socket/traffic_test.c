// SPDX-License-Identifier: MIT
//
// Longer scenarios: many clients, slow readers, two busy directions.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

enum { CHUNK = 64 * 1024 };

START_TEST(five_clients_at_once) {
    sps_server *server = make_server(_i, NULL);
    const place place = listen_somewhere(server, _i);
    sps_stream *clients[5], *peers[5];
    for (int i = 0; i < 5; i++) {
        clients[i] = make_stream(_i, NULL);
        OK(connect_to(clients[i], &place));
    }
    for (int i = 0; i < 5; i++) {
        WAIT_UNTIL(polled_status(clients[i]) == SPS_STATUS_CONNECTED);
        peers[i] = take_from(server);
    }
    for (uint32_t round = 0; round < 200; round++) {
        for (uint32_t i = 0; i < 5; i++) {
            OK(sps_stream_put_u32(clients[i], round * 5 + i));
        }
        for (int i = 0; i < 5; i++) {
            uint32_t value;
            OK(sps_stream_get_u32(peers[i], &value));
            OK(sps_stream_put_u32(peers[i], ~value));
        }
        for (uint32_t i = 0; i < 5; i++) {
            uint32_t value;
            WAIT_UNTIL(sps_stream_try_get_u32(clients[i], &value) == SPS_OK);
            ck_assert_uint_eq(~value, round * 5 + i);
        }
    }
    for (int i = 0; i < 5; i++) {
        sps_stream_destroy(clients[i]);
        sps_stream_destroy(peers[i]);
    }
    sps_server_destroy(server);
}
END_TEST

// ---- One side writes, the other reads in a thread

typedef struct transfer {
    sps_stream *stream;
    uint64_t total;
    size_t piece; // bytes in one read or write
    bool slow;    // pauses between pieces
    uint64_t moved;
    bool good;
} transfer;

static void *read_all(void *argument) {
    transfer *transfer = argument;
    uint8_t *bytes = malloc(transfer->piece);
    transfer->good = true;
    while (transfer->moved < transfer->total && transfer->good) {
        const uint64_t left = transfer->total - transfer->moved;
        const size_t want = left < transfer->piece ? left : transfer->piece;
        transfer->good = sps_stream_get_data(transfer->stream, bytes, want, NULL) == SPS_OK &&
                         is_pattern(bytes, want, transfer->moved);
        transfer->moved += want;
        if (transfer->slow) {
            pause_briefly();
        }
    }
    free(bytes);
    return NULL;
}

static void *write_all(void *argument) {
    transfer *transfer = argument;
    uint8_t *bytes = malloc(transfer->piece);
    transfer->good = true;
    while (transfer->moved < transfer->total && transfer->good) {
        const uint64_t left = transfer->total - transfer->moved;
        const size_t count = left < transfer->piece ? left : transfer->piece;
        fill_pattern(bytes, count, transfer->moved);
        size_t sent;
        transfer->good =
            sps_stream_put_data(transfer->stream, bytes, count, &sent) == SPS_OK && sent == count;
        transfer->moved += count;
    }
    free(bytes);
    return NULL;
}

static void run_both(transfer *writer, transfer *reader) {
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, read_all, reader), 0);
    write_all(writer);
    pthread_join(thread, NULL);
    ck_assert(writer->good);
    ck_assert(reader->good);
    ck_assert_uint_eq(reader->moved, reader->total);
}

START_TEST(one_put_larger_than_any_socket_buffer_with_a_slow_reader) {
    NEEDS_THE_MACHINE
    pair pair = connect_pair(_i);
    const uint64_t total = 24 << 20;
    transfer writer = {.stream = pair.client, .total = total, .piece = total};
    transfer reader = {.stream = pair.peer, .total = total, .piece = CHUNK, .slow = true};
    run_both(&writer, &reader);
    close_pair(&pair);
}
END_TEST

START_TEST(one_get_larger_than_any_socket_buffer) {
    NEEDS_THE_MACHINE
    pair pair = connect_pair(_i);
    const uint64_t total = 24 << 20;
    transfer writer = {.stream = pair.client, .total = total, .piece = 1000};
    transfer reader = {.stream = pair.peer, .total = total, .piece = total};
    run_both(&writer, &reader);
    close_pair(&pair);
}
END_TEST

START_TEST(odd_pieces) {
    NEEDS_THE_MACHINE
    pair pair = connect_pair(_i);
    transfer writer = {.stream = pair.client, .total = 3 << 20, .piece = 977};
    transfer reader = {.stream = pair.peer, .total = 3 << 20, .piece = 1021};
    run_both(&writer, &reader);
    close_pair(&pair);
}
END_TEST

// The peer answers each value. An answer comes only if the batch has left.
static void *answer(void *argument) {
    transfer *transfer = argument;
    transfer->good = true;
    for (; transfer->moved < transfer->total && transfer->good; transfer->moved++) {
        uint32_t value;
        transfer->good = sps_stream_get_u32(transfer->stream, &value) == SPS_OK &&
                         sps_stream_put_u32(transfer->stream, value + 1) == SPS_OK;
    }
    return NULL;
}

START_TEST(a_batch_leaves_before_a_get_waits) {
    NEEDS_THE_MACHINE
    pair pair = connect_pair(_i);
    OK(sps_stream_set_write_batching(pair.client, true));
    transfer other = {.stream = pair.peer, .total = 1000};
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, answer, &other), 0);
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t value;
        OK(sps_stream_put_u32(pair.client, i));
        OK(sps_stream_get_u32(pair.client, &value));
        ck_assert_uint_eq(value, i + 1);
    }
    pthread_join(thread, NULL);
    ck_assert(other.good);
    close_pair(&pair);
}
END_TEST

// ---- Random cuts of a typed conversation, from a seed

static uint32_t next_random(uint32_t *state) { // xorshift32 (Marsaglia, 2003)
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

// Raw writes cut the values at random places. Typed gets of all kinds read them.
START_TEST(values_survive_any_cut) {
    pair pair = connect_pair(_i);
    uint32_t state = 0x5eed0001u;
    uint8_t bytes[1 << 16];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)((uint32_t)(i / 4) * 2654435761u >> i % 4 * 8); // little-endian
    }
    size_t sent = 0;
    uint32_t next = 0;
    while (next < sizeof bytes / 4) {
        if (sent < sizeof bytes) {
            size_t piece = next_random(&state) % 9;
            piece = piece < sizeof bytes - sent ? piece : sizeof bytes - sent;
            OK(sps_stream_put_data(pair.client, bytes + sent, piece, NULL));
            sent += piece;
        }
        if (next_random(&state) % 2 == 0) {
            OK(sps_socket_poll(pair.peer));
        }
        uint32_t value;
        sps_error error;
        while ((error = sps_stream_try_get_u32(pair.peer, &value)) == SPS_OK) {
            ck_assert_uint_eq(value, next * 2654435761u);
            next++;
        }
        IS(error, SPS_ERR_BUSY);
    }
    close_pair(&pair);
}
END_TEST

Suite *traffic_suite(void) {
    Suite *suite = suite_create("traffic");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, five_clients_at_once, 0, TRANSPORTS);
    tcase_add_loop_test(all, one_put_larger_than_any_socket_buffer_with_a_slow_reader, 0,
                        TRANSPORTS);
    tcase_add_loop_test(all, one_get_larger_than_any_socket_buffer, 0, TRANSPORTS);
    tcase_add_loop_test(all, odd_pieces, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_batch_leaves_before_a_get_waits, 0, TRANSPORTS);
    tcase_add_loop_test(all, values_survive_any_cut, 0, TRANSPORTS);
    return suite;
}
