// SPDX-License-Identifier: MIT
//
// A poller reads as much as there is room for. A flood delays no other stream.
#include <string.h>

#include "support/pollers.h"
#include "support/sockets.h"

// A slow reader. Its queue fills. The poller reads again once there is room, even if the peer sends
// nothing new.
START_TEST(a_full_queue_is_read_again_once_there_is_room) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 5000};
    pair pair = connect_pair_with(_i, &options);
    enum { TOTAL = 100000 };
    static uint8_t bytes[TOTAL];
    fill_pattern(bytes, TOTAL, 0);
    OK(sps_stream_put_data(pair.peer, bytes, TOTAL, NULL));
    watch_pair(&pair, NULL);
    size_t received = 0;
    const uint64_t deadline = now_ms() + 20000;
    while (received < TOTAL) {
        ck_assert_uint_lt(now_ms(), deadline);
        wait_once(pair.poller, -1); // never waits in vain
        const uint8_t *span;
        size_t count;
        OK(sps_stream_peek(pair.client, 0, &span, &count));
        ck_assert_uint_le(count, 5000);
        ck_assert(is_pattern(span, count, received));
        const size_t taken = count > 777 ? 777 : count; // mostly leaves some bytes
        OK(sps_stream_consume(pair.client, taken));
        received += taken;
        take_events(pair.poller, SPS_EVENT_READABLE);
        if (count == taken && received < TOTAL) {
            continue;
        }
        sps_poller_wake(pair.poller); // the queue has more bytes than were reported
    }
    close_pair(&pair);
}
END_TEST

// The poller reads ahead at most the chosen amount, however small it is and however many bytes
// come.
START_TEST(a_small_queue_is_not_overfilled) {
    static const uint32_t sizes[] = {100, 1024, 1500};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const sps_stream_options options = {.struct_size = sizeof options,
                                            .read_buffer_bytes = sizes[i]};
        pair pair = connect_watched_with(_i, &options);
        expect_portions(&pair, 3000, sizes[i]);
        close_pair(&pair);
    }
}
END_TEST

// It also uses the whole amount.
START_TEST(the_last_byte_of_room_is_read_into) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 100};
    pair pair = connect_watched_with(_i, &options);
    uint64_t offset = put_pattern(pair.peer, 99, 0);
    WAIT_UNTIL((wait_once(pair.poller, 10), buffered(pair.client)) == 99);
    take_events(pair.poller, SPS_EVENT_READABLE);
    offset = put_pattern(pair.peer, 2, offset);
    expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
    ck_assert_uint_eq(buffered(pair.client), 100);
    ck_assert_uint_eq(drain(pair.client, 0), offset);
    close_pair(&pair);
}
END_TEST

// A get of a large value let the queue grow past its bound, so the poller stopped reading. It reads
// again once the queue is empty.
START_TEST(a_queue_that_was_too_full_is_read_again) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 1024};
    pair pair = connect_watched_with(_i, &options);
    const uint8_t *span;
    size_t count;
    IS(sps_stream_peek(pair.client, 4000, &span, &count), SPS_ERR_BUSY);
    static const uint8_t bytes[3000];
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    WAIT_UNTIL((wait_once(pair.poller, 10), buffered(pair.client)) == sizeof bytes);
    OK(sps_stream_peek(pair.client, 1, &span, &count)); // the last request counts
    wait_once(pair.poller, 0);
    expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
    OK(sps_stream_consume(pair.client, sizeof bytes));
    OK(sps_stream_put_data(pair.peer, bytes, 10, NULL));
    expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
    ck_assert_uint_eq(buffered(pair.client), 10);
    close_pair(&pair);
}
END_TEST

// The queue is full and the caller does not read. The wait does not spin while bytes, and then the
// end, wait in the OS.
START_TEST(a_full_queue_does_not_spin) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 2000};
    pair pair = connect_pair_with(_i, &options);
    uint8_t bytes[10000] = {0};
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    watch_pair(&pair, NULL);
    while (buffered(pair.client) < 2000) {
        expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
    }
    expect_rest(pair.poller, 300);
    drop_peer(&pair); // also with the end behind the bytes
    expect_rest(pair.poller, 300);
    close_pair(&pair);
}
END_TEST

// A value is larger than the read-ahead. Once the caller has asked for it, the poller reports each
// part.
START_TEST(a_large_value_in_parts_is_reported) {
    static const size_t sizes[] = {3000, 5000, 100000};
    static char text[100000];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const size_t size = sizes[i];
        pair pair = connect_watched(_i);
        memset(text, 'x', size);
        OK(sps_stream_put_u32(pair.peer, (uint32_t)size));
        OK(sps_stream_put_data(pair.peer, text, size * 7 / 10, NULL));
        size_t sent = size * 7 / 10;
        const char *got;
        size_t count = 0;
        sps_error error = SPS_ERR_BUSY;
        while (error == SPS_ERR_BUSY) { // the caller acts only on reports
            if (wait_once(pair.poller, 50) == 0) {
                const size_t piece = size - sent < size / 50 ? size - sent : size / 50;
                ck_assert_uint_gt(piece, 0);
                OK(sps_stream_put_data(pair.peer, text, piece, NULL));
                sent += piece;
            }
            sps_event event;
            while (next_event(pair.poller, &event)) {
                error =
                    sps_stream_try_get_utf8_string(pair.client, SPS_LENGTH_PREFIXED, &got, &count);
            }
        }
        OK(error);
        ck_assert_uint_eq(count, size);
        close_pair(&pair);
    }
}
END_TEST

// A peer that cannot be read is not idle, and its timeout does not make the wait spin. This holds
// with a full queue, and with the end behind unread bytes.
START_TEST(a_peer_that_is_held_back_is_not_idle) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 1024};
    pair pair = connect_watched_with(_i % TRANSPORTS, &options);
    const bool full = _i / TRANSPORTS == 0;
    static uint8_t bytes[5000];
    OK(sps_stream_put_data(pair.peer, bytes, full ? sizeof bytes : 10, NULL));
    if (!full) {
        OK(sps_socket_shutdown_write(pair.peer));
    }
    OK(sps_socket_set_idle_timeout(pair.client, 100));
    gather_until(pair.poller, full ? SPS_EVENT_READABLE : SPS_EVENT_FINISHED);
    expect_rest(pair.poller, 400);
    if (full) { // once it is read again, its idle time starts again
        size_t count;
        OK(sps_stream_get_partial_data(pair.client, bytes, 1024, &count));
        gather_until(pair.poller, SPS_EVENT_READABLE);
        ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    }
    close_pair(&pair);
}
END_TEST

// TCP's urgent data: a read stops at the mark, and no later byte is lost (tcp(7)).
START_TEST(bytes_behind_urgent_data_are_read) {
    NEEDS_THE_MACHINE
    pair pair = connect_watched(TCP);
    intptr_t fd;
    OK(sps_tcp_release_fd(pair.peer, &fd));
    for (int i = 0; i < 50; i++) {
        ck_assert_int_eq(send((int)fd, "before", 6, 0), 6);
        ck_assert_int_eq(send((int)fd, "!", 1, MSG_OOB), 1);
        ck_assert_int_eq(send((int)fd, "behind", 6, 0), 6);
        expect_watched_text(&pair, "beforebehind");
    }
    close_socket(fd);
    close_pair(&pair);
}
END_TEST

// One peer floods. The next wait reports another peer's single byte, however much the flood has
// sent.
START_TEST(a_flood_does_not_delay_the_others) {
    pair flood = connect_watched(_i), calm = connect_pair(_i);
    OK(sps_poller_add(flood.poller, calm.client, NULL));
    static uint8_t into[65536];
    for (int i = 0; i < 200; i++) {
        put_until_full(flood.peer, 0);
        OK(sps_stream_put_u8(calm.peer, 1));
        await_bytes(calm.client, 1);
        wait_once(flood.poller, 0);
        bool calm_was_reported = false;
        sps_event event;
        while (next_event(flood.poller, &event)) {
            calm_was_reported = calm_was_reported || event.stream == calm.client;
        }
        ck_assert(calm_was_reported);
        ck_assert_uint_le(buffered(flood.client), sizeof into); // its share
        size_t count;
        OK(sps_stream_get_partial_data(flood.client, into, sizeof into, &count));
        expect_u8_now(calm.client, 1);
    }
    close_pair(&flood);
    close_pair(&calm);
}
END_TEST

Suite *poller_reading_suite(void) {
    Suite *suite = suite_create("poller_reading");
    TCase *reading = add_case(suite, "reading");
    tcase_add_loop_test(reading, a_full_queue_is_read_again_once_there_is_room, 0, TRANSPORTS);
    tcase_add_loop_test(reading, a_small_queue_is_not_overfilled, 0, TRANSPORTS);
    tcase_add_loop_test(reading, the_last_byte_of_room_is_read_into, 0, TRANSPORTS);
    tcase_add_loop_test(reading, a_queue_that_was_too_full_is_read_again, 0, TRANSPORTS);
    tcase_add_loop_test(reading, a_full_queue_does_not_spin, 0, TRANSPORTS);
    tcase_add_loop_test(reading, a_large_value_in_parts_is_reported, 0, TRANSPORTS);
    tcase_add_loop_test(reading, a_peer_that_is_held_back_is_not_idle, 0, 2 * TRANSPORTS);
    tcase_add_test(reading, bytes_behind_urgent_data_are_read);
    tcase_add_loop_test(reading, a_flood_does_not_delay_the_others, 0, TRANSPORTS);
    return suite;
}
