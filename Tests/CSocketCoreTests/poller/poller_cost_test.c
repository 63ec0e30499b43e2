// SPDX-License-Identifier: MIT
//
// The cost of a poller with thousands of peers: syscalls, allocations and memory.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "socket/connect_log.h"
#include "support/poller_calls.h"
#include "support/sockets.h"

// ---- A machine that is short of something, and counts calls

static bool is_short_of_watches;
static bool is_short; // out of memory: it receives and sends nothing
static bool fail_next_send;
static bool is_heap_short;

static sps_platform counted;

static spsi_result receive(const sps_platform *platform, spsi_handle handle, void *buffer,
                           size_t size, size_t *out) {
    if (is_short) {
        called_by_poller.receives++;
        *out = 0;
        return (spsi_result){SPSI_NO_MEMORY, ENOBUFS};
    }
    return counted.receive(platform, handle, buffer, size, out);
}

static spsi_result send_slices(const sps_platform *platform, spsi_handle handle,
                               const spsi_slice *slices, size_t count, size_t *out) {
    if (is_short || fail_next_send) {
        called_by_poller.sends++;
        fail_next_send = false;
        *out = 0;
        return (spsi_result){SPSI_NO_MEMORY, ENOBUFS};
    }
    return counted.send(platform, handle, slices, count, out);
}

static spsi_result selector_set(const sps_platform *platform, spsi_selector *selector,
                                spsi_handle handle, unsigned before, unsigned after, void *token) {
    if (is_short_of_watches && after != 0) {
        return (spsi_result){SPSI_NO_MEMORY, ENOSPC};
    }
    return counted.selector_set(platform, selector, handle, before, after, token);
}

static void count_calls(void) {
    count_poller_calls();
    counted = counting_poller;
    counting_poller.receive = receive;
    counting_poller.send = send_slices;
    counting_poller.selector_set = selector_set;
}

// ---- An allocator that counts

static size_t allocated_bytes;
static int allocations;

static void *count_memory(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    (void)user_data;
    if (is_heap_short && new_bytes > old_bytes) {
        return NULL;
    }
    allocated_bytes += new_bytes - old_bytes;
    allocations += new_bytes != 0;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_bytes);
}

static const sps_allocator allocator = {.struct_size = sizeof(sps_allocator),
                                        .reallocate = count_memory};

// ---- Many peers

enum { MANY = MANY_PEERS };

static sps_stream *streams[MANY];
static intptr_t others[MANY]; // the peers' descriptors
static sps_poller *poller;

static const sps_stream_options stream_options = {
    .struct_size = sizeof stream_options, .allocator = &allocator, .platform = &counting_poller};

static sps_stream *new_stream(transport transport, intptr_t fd) {
    sps_stream *stream = make_stream(transport, &stream_options);
    OK(transport == TCP ? sps_tcp_adopt_fd(stream, fd) : sps_uds_adopt_fd(stream, fd));
    return stream;
}

static intptr_t release(transport transport, sps_stream *stream) {
    intptr_t fd;
    OK(transport == TCP ? sps_tcp_release_fd(stream, &fd) : sps_uds_release_fd(stream, &fd));
    return fd;
}

static void connect_fds(sps_server *server, const place *place, intptr_t fds[2]) {
    sps_stream *client = make_stream(place->transport, NULL);
    OK(connect_to(client, place));
    sps_stream *peer = take_from(server);
    WAIT_UNTIL(polled_status(client) == SPS_STATUS_CONNECTED);
    fds[0] = release(place->transport, peer); // the client has no path, which would need memory
    fds[1] = release(place->transport, client);
    sps_stream_destroy(client);
    sps_stream_destroy(peer);
}

static void connect_many(transport transport, size_t count) {
    allow_descriptors(2 * MANY + 100);
    count_calls();
    const sps_poller_options options = {
        .struct_size = sizeof options, .allocator = &allocator, .platform = &counting_poller};
    OK(sps_poller_create(&options, &poller));
    sps_server *server = make_server(transport, NULL);
    const place place = listen_somewhere(server, transport);
    for (size_t i = 0; i < count; i++) {
        intptr_t fds[2];
        connect_fds(server, &place, fds);
        streams[i] = new_stream(transport, fds[0]);
        others[i] = fds[1];
        OK(sps_poller_add(poller, streams[i], &streams[i]));
    }
    sps_server_destroy(server);
}

static void end_many(size_t count) {
    for (size_t i = 0; i < count; i++) {
        sps_stream_destroy(streams[i]);
        close_socket(others[i]);
    }
    sps_poller_destroy(poller);
    ck_assert_uint_eq(allocated_bytes, 0);
}

static size_t frame(void) {
    size_t count = 99;
    OK(sps_poller_wait(poller, 0, &count));
    return count;
}

// Waits until the poller has reported and handled all events of the start.
static void settle(void) {
    sps_event event = {.struct_size = sizeof event};
    for (int i = 0; i < 3; i++) {
        frame();
        while (sps_poller_next_event(poller, &event) == SPS_OK) {
        }
    }
    memset(&called_by_poller, 0, sizeof called_by_poller);
}

// Makes `count` peers send 64 bytes each. The bytes have arrived when it returns.
static void let_send(size_t count) {
    static const uint8_t message[64];
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(send_now(others[i], message, sizeof message), sizeof message);
    }
    for (size_t i = 0; i < count; i++) {
        size_t available = 0;
        WAIT_UNTIL((sps_stream_get_available_bytes(streams[i], &available), available) == 64);
    }
    memset(&called_by_poller, 0, sizeof called_by_poller);
}

// Reads everything, as a program does. Returns the number of streams that had bytes.
static size_t read_all(void) {
    size_t count = 0;
    sps_event event = {.struct_size = sizeof event};
    while (sps_poller_next_event(poller, &event) == SPS_OK) {
        ck_assert_uint_eq(event.kinds, SPS_EVENT_READABLE);
        uint64_t value;
        size_t values = 0;
        while (sps_stream_try_get_u64(event.stream, &value) == SPS_OK) {
            values++;
        }
        ck_assert_uint_eq(values, 8);
        count++;
    }
    return count;
}

START_TEST(syscalls_of_a_frame) {
    connect_many(_i, MANY);
    settle();
    ck_assert_uint_eq(frame(), 0);
    expect_poller_calls(1, 0, 0); // idle
    for (size_t active = 1; active <= MANY; active *= 10) {
        let_send(active);
        ck_assert_uint_eq(frame(), active);
        ck_assert_uint_eq(read_all(), active);
        expect_poller_calls(1, (int)active, 0);
        ck_assert_uint_eq(frame(), 0);
        expect_poller_calls(1, 0, 0); // idle again
    }
    for (size_t i = 0; i < 100; i++) {
        for (int value = 0; value < 10; value++) {
            OK(sps_stream_put_u32(streams[i], 1));
        }
    }
    expect_poller_calls(0, 0, 0); // a put makes no syscall
    ck_assert_uint_eq(frame(), 0);
    expect_poller_calls(1, 0, 100);
    end_many(MANY);
}
END_TEST

START_TEST(an_idle_peer_is_small) {
    connect_many(_i, MANY);
    settle();
    let_send(MANY);
    frame();
    read_all();
    for (size_t i = 0; i < MANY; i++) {
        OK(sps_stream_put_u32(streams[i], 1));
    }
    settle();                        // every peer was active, and is idle now
    const size_t kept = 1024 * 1024; // in the poller's free list
    const size_t each = (allocated_bytes - kept) / MANY;
    const size_t log_of_client = sizeof(spsi_connect_log) + sizeof(spsi_connect_log_row);
    ck_assert_uint_le(each + log_of_client, 512);
    end_many(MANY);
}
END_TEST

// Receives this many bytes.
static void drop(intptr_t other, size_t size) {
    uint8_t bytes[1200];
    while (size > 0) {
        ptrdiff_t count;
        WAIT_UNTIL((count = receive_now(other, bytes, size < sizeof bytes ? size : sizeof bytes)) >
                   0);
        size -= (size_t)count;
    }
}

// A frame in which half of the peers send and the other half receives.
static void busy_frame(size_t count) {
    let_send(count);
    for (size_t i = 0; i < count; i++) {
        for (uint32_t value = 0; value < 300; value++) {
            OK(sps_stream_put_u32(streams[i], value));
        }
    }
    frame();
    ck_assert_uint_eq(read_all(), count);
    for (size_t i = 0; i < count; i++) {
        drop(others[i], 300 * sizeof(uint32_t));
    }
}

START_TEST(a_warm_frame_allocates_nothing) {
    connect_many(_i, 50);
    settle();
    for (int i = 0; i < 2; i++) {
        busy_frame(50);
    }
    const int before = allocations;
    for (int i = 0; i < 20; i++) {
        busy_frame(50);
        if (i % 2 == 0) {
            settle();
        }
    }
    ck_assert_int_eq(allocations, before);
    end_many(50);
}
END_TEST

// A stream with much traffic gets large buffers. With little traffic they become small again.
START_TEST(buffers_adapt) {
    connect_many(_i, 1);
    settle();
    static const uint8_t piece[65536];
    static uint8_t into[65536];
    size_t largest = 0, total = 0, received = 0;
    while (total < 4u * 1024 * 1024 || received < total) {
        const bool sends = total < 4u * 1024 * 1024;
        const ptrdiff_t sent = sends ? send_now(others[0], piece, sizeof piece) : 0;
        total += sent > 0 ? (size_t)sent : 0;
        frame();
        const uint8_t *span;
        size_t count;
        OK(sps_stream_peek(streams[0], 0, &span, &count));
        largest = count > largest ? count : largest;
        OK(sps_stream_get_partial_data(streams[0], into, count, NULL));
        received += count;
    }
    ck_assert_uint_ge(largest, 32768);
    settle();
    memset(&called_by_poller, 0, sizeof called_by_poller);
    for (int i = 0; i < 10; i++) {
        let_send(1);
        frame();
        read_all();
    }
    ck_assert_int_eq(called_by_poller.receives, 1);
    const size_t before = allocated_bytes;
    let_send(1);
    frame(); // with unread bytes it owns a block of the free list
    ck_assert_uint_le(allocated_bytes, before + 1024);
    end_many(1);
}
END_TEST

// During a shortage the wait must rest and not spin. Afterwards it must continue.
static void expect_rest(void) {
    memset(&called_by_poller, 0, sizeof called_by_poller);
    size_t count;
    OK(sps_poller_wait(poller, 200, &count));
    ck_assert_uint_eq(count, 0);
    ck_assert_int_le(called_by_poller.waits, 40); // each rest takes 10 ms
}

static size_t arrives(size_t wanted) {
    uint8_t bytes[64];
    size_t received = 0;
    for (const uint64_t end = now_ms() + 20000; received < wanted && now_ms() < end;) {
        size_t count;
        OK(sps_poller_wait(poller, 1, &count));
        const ptrdiff_t got = receive_now(others[0], bytes, sizeof bytes);
        received += got > 0 ? (size_t)got : 0;
    }
    return received;
}

START_TEST(a_shortage_of_the_os_makes_no_spin) {
    connect_many(_i % TRANSPORTS, 1);
    const int what = _i / TRANSPORTS;
    settle();
    if (what == 0) { // a shortage while reading
        ck_assert_int_eq(send_now(others[0], "12345678", 8), 8);
    } else {
        OK(sps_stream_put_u64(streams[0], 1));
    }
    is_short = true;
    if (what == 2) {
        OK(sps_socket_close_gracefully(streams[0], 20000));
    }
    expect_rest();
    is_short = false;
    if (what == 0) {
        size_t count;
        OK(sps_poller_wait(poller, 20000, &count));
        ck_assert_uint_eq(count, 1);
    } else {
        ck_assert_uint_eq(arrives(8), 8);
    }
    end_many(1);
}
END_TEST

START_TEST(a_shortage_of_the_heap_makes_no_spin) {
    connect_many(_i, 1);
    settle();
    ck_assert_int_eq(send_now(others[0], "12345678", 8), 8);
    is_heap_short = true;
    expect_rest();
    const bool by_poll = sps_socket_poll(streams[0]) == SPS_ERR_OUT_OF_MEMORY;
    ck_assert(by_poll); // and that poll received the first bytes
    is_heap_short = false;
    size_t count;
    OK(sps_poller_wait(poller, 20000, &count));
    ck_assert_uint_eq(count, 1);
    uint64_t value;
    OK(sps_stream_try_get_u64(streams[0], &value));
    end_many(1);
}
END_TEST

// The OS is short of memory exactly when the selector reports room.
START_TEST(a_shortage_at_the_wrong_moment_does_not_stop_sending) {
    connect_many(_i, 1);
    settle();
    static uint8_t bytes[32768];
    uint64_t put = 0, received = 0;
    while (sps_stream_put_data(streams[0], bytes, sizeof bytes, NULL) == SPS_OK) {
        put += sizeof bytes;
        frame();
    }
    fail_next_send = true;
    for (const uint64_t end = now_ms() + 20000; received < put;) {
        ck_assert_uint_lt(now_ms(), end);
        size_t count;
        const ptrdiff_t got = receive_now(others[0], bytes, sizeof bytes);
        received += got > 0 ? (size_t)got : 0;
        OK(sps_poller_wait(poller, got > 0 ? 0 : 1, &count));
    }
    ck_assert(!fail_next_send);
    end_many(1);
}
END_TEST

// If the OS has no room for another watch, adding fails and changes nothing. A stream that needs
// one later waits for room.
START_TEST(a_shortage_of_watches_passes) {
    connect_many(_i, 2);
    settle();
    OK(sps_poller_remove(poller, streams[1]));
    is_short_of_watches = true;
    IS(sps_poller_add(poller, streams[1], NULL), SPS_ERR_OUT_OF_MEMORY);
    bool batching = true;
    OK(sps_stream_is_write_batching(streams[1], &batching));
    ck_assert(!batching);
    IS(sps_poller_remove(poller, streams[1]), SPS_ERR_DOES_NOT_EXIST);
    const intptr_t fd = release(_i, streams[0]);
    OK(_i == TCP ? sps_tcp_adopt_fd(streams[0], fd) : sps_uds_adopt_fd(streams[0], fd));
    ck_assert_int_eq(send_now(others[0], "12345678", 8), 8);
    ck_assert_uint_eq(frame(), 0);
    is_short_of_watches = false;
    size_t count = 0;
    OK(sps_poller_wait(poller, 20000, &count));
    ck_assert_uint_eq(count, 1);
    end_many(2);
}
END_TEST

Suite *poller_cost_suite(void) {
    Suite *suite = suite_create("poller_cost");
    TCase *all = add_case(suite, "all");
    tcase_set_timeout(all, 120);
    tcase_add_loop_test(all, syscalls_of_a_frame, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_idle_peer_is_small, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_warm_frame_allocates_nothing, 0, TRANSPORTS);
    tcase_add_loop_test(all, buffers_adapt, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_shortage_of_the_os_makes_no_spin, 0, 3 * TRANSPORTS);
    tcase_add_loop_test(all, a_shortage_of_the_heap_makes_no_spin, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_shortage_at_the_wrong_moment_does_not_stop_sending, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_shortage_of_watches_passes, 0, TRANSPORTS);
    return suite;
}
