// SPDX-License-Identifier: MIT
//
// The caller writes into the write buffer itself: reserve and commit, the mirror of peek and
// consume. Committed bytes arrive, as in any put. Other bytes of the lent memory never leave.
#include <string.h>

#include "support/custom_streams.h"

enum { LIMIT = 20000, TOTAL = 300000 };

// Small OS buffers of a fixed size.
static const sps_stream_options small = {.struct_size = sizeof small,
                                         .write_buffer_bytes = LIMIT,
                                         .os_send_buffer_bytes = 16384,
                                         .os_receive_buffer_bytes = 16384};

static size_t pending(const sps_stream *stream) {
    size_t bytes = 99;
    OK(sps_stream_get_pending_write_bytes(stream, &bytes));
    return bytes;
}

static uint8_t *reserve(sps_stream *stream, size_t least, size_t *out_bytes) {
    void *memory = NULL;
    OK(sps_stream_reserve(stream, least, &memory, out_bytes));
    ck_assert_ptr_nonnull(memory);
    ck_assert_uint_ge(*out_bytes, least);
    ck_assert_uint_ge(*out_bytes, 1);
    return memory;
}

static void expect_refused(sps_stream *stream, size_t least, sps_error error) {
    void *memory = &memory;
    size_t bytes = 99;
    IS(sps_stream_reserve(stream, least, &memory, &bytes), error);
    ck_assert_ptr_null(memory);
    ck_assert_uint_eq(bytes, 0);
}

// Writes `count` bytes of the pattern in place.
static void commit_pattern(sps_stream *stream, size_t count, uint64_t offset) {
    size_t bytes;
    uint8_t *memory = reserve(stream, count, &bytes);
    memset(memory, 0xee, bytes); // all of it may be written
    fill_pattern(memory, count, offset);
    OK(sps_stream_commit(stream, count));
}

static void expect_pattern(sps_stream *stream, size_t count, uint64_t offset) {
    static uint8_t bytes[TOTAL];
    OK(sps_stream_get_data(stream, bytes, count, NULL));
    ck_assert(is_pattern(bytes, count, offset));
}

START_TEST(batched_bytes_gather) {
    pair pair = connect_pair_with(_i, &small);
    OK(sps_stream_set_write_batching(pair.client, true));
    commit_pattern(pair.client, 100, 0);
    commit_pattern(pair.client, 3000, 100);
    ck_assert_uint_eq(pending(pair.client), 3100);
    OK(sps_stream_put_u8(pair.client, 7)); // in order with other puts
    commit_pattern(pair.client, 5, 0);
    ck_assert_uint_eq(pending(pair.client), 3106);
    OK(sps_stream_flush(pair.client));
    expect_pattern(pair.peer, 3100, 0);
    expect_u8(pair.peer, 7);
    expect_pattern(pair.peer, 5, 0);
    close_pair(&pair);
}
END_TEST

START_TEST(without_batching_bytes_leave_at_once) {
    pair pair = connect_pair_with(_i, &small);
    commit_pattern(pair.client, 100, 0);
    ck_assert_uint_eq(pending(pair.client), 0);
    expect_pattern(pair.peer, 100, 0);
    OK(sps_stream_put_u8(pair.client, 7)); // such a put leaves at once, too
    expect_u8(pair.peer, 7);
    commit_pattern(pair.client, 5000, 100);
    expect_pattern(pair.peer, 5000, 100);
    close_pair(&pair);
}
END_TEST

START_TEST(a_part_of_the_memory_is_enough) {
    pair pair = connect_pair_with(_i % TRANSPORTS, &small);
    OK(sps_stream_set_write_batching(pair.client, _i >= TRANSPORTS));
    size_t bytes;
    uint8_t *memory = reserve(pair.client, 0, &bytes);
    ck_assert_uint_ge(bytes, 1000); // not only what was asked for
    fill_pattern(memory, 10, 0);
    OK(sps_stream_commit(pair.client, 10));
    reserve(pair.client, 10, &bytes);
    OK(sps_stream_commit(pair.client, 0));
    OK(sps_stream_flush(pair.client));
    ck_assert_uint_eq(pending(pair.client), 0);
    expect_pattern(pair.peer, 10, 0);
    OK(sps_socket_disconnect(pair.client));
    uint8_t value;
    IS(sps_stream_get_u8(pair.peer, &value), SPS_ERR_FILE_EOF); // nothing else has left
    close_pair(&pair);
}
END_TEST

START_TEST(more_than_was_lent_is_refused) {
    pair pair = connect_pair_with(_i % TRANSPORTS, &small);
    OK(sps_stream_set_write_batching(pair.client, _i >= TRANSPORTS));
    size_t bytes;
    IS(sps_stream_commit(pair.client, 0), SPS_ERR_UNCONFIGURED);
    uint8_t *memory = reserve(pair.client, 50, &bytes);
    IS(sps_stream_commit(pair.client, bytes + 1), SPS_ERR_PARAMETER_RANGE_ERROR);
    IS(sps_stream_commit(pair.client, (size_t)-1), SPS_ERR_INVALID_PARAMETER);
    fill_pattern(memory, bytes, 0);
    OK(sps_stream_commit(pair.client, bytes)); // still lent
    IS(sps_stream_commit(pair.client, 0), SPS_ERR_UNCONFIGURED);
    OK(sps_stream_flush(pair.client));
    expect_pattern(pair.peer, bytes, 0);
    close_pair(&pair);
}
END_TEST

// ---- Calls in between

// The calls that use the write buffer. Afterwards nothing is lent.
static void put_a_value(sps_stream *stream) {
    OK(sps_stream_put_u8(stream, 'v'));
}

static void put_bytes(sps_stream *stream) {
    OK(sps_stream_put_data(stream, "v", 1, NULL));
}

static void put_some(sps_stream *stream) {
    size_t sent;
    OK(sps_stream_put_partial_data(stream, "v", 1, &sent));
    ck_assert_uint_eq(sent, 1);
}

// The room begins where it began, and holds the put's byte.
static void put_and_flush(sps_stream *stream) {
    OK(sps_stream_put_u8(stream, 'v'));
    OK(sps_stream_flush(stream));
}

static void change_batching(sps_stream *stream) {
    bool enabled;
    OK(sps_stream_put_u8(stream, 'v'));
    OK(sps_stream_is_write_batching(stream, &enabled));
    OK(sps_stream_set_write_batching(stream, !enabled));
}

static void (*const calls[])(sps_stream *) = {put_a_value, put_bytes, put_some, put_and_flush,
                                              change_batching};
enum { CALLS = sizeof calls / sizeof calls[0] };

START_TEST(a_call_in_between_ends_the_reservation) {
    for (int i = 0; i < CALLS; i++) {
        pair pair = connect_pair_with(_i % TRANSPORTS, &small);
        OK(sps_stream_set_write_batching(pair.client, _i >= TRANSPORTS));
        size_t bytes;
        uint8_t *memory = reserve(pair.client, 100, &bytes);
        memset(memory, 'x', 100);
        calls[i](pair.client);
        IS(sps_stream_commit(pair.client, 100), SPS_ERR_UNCONFIGURED);
        commit_pattern(pair.client, 10, 0);
        OK(sps_stream_flush(pair.client));
        expect_u8(pair.peer, 'v');
        expect_pattern(pair.peer, 10, 0);
        close_pair(&pair);
    }
}
END_TEST

// A typed put must not gather in memory that was lent.
START_TEST(a_put_leaves_although_memory_is_lent) {
    pair pair = connect_pair_with(_i, &small);
    size_t bytes;
    reserve(pair.client, 1, &bytes);
    OK(sps_stream_put_u32(pair.client, 42));
    ck_assert_uint_eq(pending(pair.client), 0);
    expect_u32(pair.peer, 42);
    close_pair(&pair);
}
END_TEST

START_TEST(a_close_ends_the_reservation) {
    for (int i = 0; i < 3; i++) {
        pair pair = connect_pair_with(_i % TRANSPORTS, &small);
        OK(sps_stream_set_write_batching(pair.client, _i >= TRANSPORTS));
        size_t bytes;
        reserve(pair.client, 100, &bytes);
        OK(i == 0   ? sps_socket_shutdown_write(pair.client)
           : i == 1 ? sps_socket_close_gracefully(pair.client, 0)
                    : sps_socket_disconnect(pair.client));
        IS(sps_stream_commit(pair.client, 100), SPS_FAILED);
        expect_refused(pair.client, 1, SPS_FAILED);
        uint8_t value;
        IS(sps_stream_get_u8(pair.peer, &value), SPS_ERR_FILE_EOF);
        close_pair(&pair);
    }
}
END_TEST

START_TEST(it_is_ready_when_a_put_is) {
    sps_stream *stream = make_stream(_i, &small);
    expect_refused(stream, 1, SPS_FAILED);
    IS(sps_stream_commit(stream, 0), SPS_FAILED);
    sps_stream_destroy(stream);
    backlog backlog = fill_backlog(_i, 30000);
    expect_refused(backlog.last, 1, SPS_FAILED); // still connecting
    OK(sps_stream_set_write_batching(backlog.last, true));
    commit_pattern(backlog.last, 10, 0);
    ck_assert_uint_eq(pending(backlog.last), 10);
    close_backlog(&backlog);
}
END_TEST

// ---- Limits

START_TEST(the_write_buffer_keeps_its_limit) {
    pair pair = connect_pair_with(_i % TRANSPORTS, &small);
    const bool batched = _i >= TRANSPORTS;
    OK(sps_stream_set_write_batching(pair.client, batched));
    expect_refused(pair.client, LIMIT + 1, SPS_ERR_PARAMETER_RANGE_ERROR);
    expect_refused(pair.client, (size_t)-1, SPS_ERR_INVALID_PARAMETER);
    uint64_t offset = 0;
    size_t bytes;
    void *memory;
    sps_error error;
    while ((error = sps_stream_reserve(pair.client, LIMIT / 2, &memory, &bytes)) == SPS_OK) {
        ck_assert_uint_le(pending(pair.client) + bytes, LIMIT);
        fill_pattern(memory, bytes, offset);
        OK(sps_stream_commit(pair.client, bytes)); // also if the OS takes a part of it
        offset += bytes;
        ck_assert_uint_le(pending(pair.client), LIMIT);
    }
    IS(error, SPS_ERR_BUSY);
    expect_refused(pair.client, LIMIT / 2, SPS_ERR_BUSY);
    IS(sps_stream_commit(pair.client, 1), SPS_ERR_UNCONFIGURED);
    uint64_t received = 0;
    WAIT_UNTIL((get_pattern(pair.peer, &received), OK(sps_socket_poll(pair.client)), received) ==
               offset);
    commit_pattern(pair.client, LIMIT, offset); // a buffer as a whole
    WAIT_UNTIL((get_pattern(pair.peer, &received), OK(sps_socket_poll(pair.client)), received) ==
               offset + LIMIT);
    close_pair(&pair);
}
END_TEST

START_TEST(a_small_buffer_lends_what_it_has) {
    const sps_stream_options options = {.struct_size = sizeof options, .write_buffer_bytes = 100};
    pair pair = connect_pair_with(_i % TRANSPORTS, &options);
    OK(sps_stream_set_write_batching(pair.client, _i >= TRANSPORTS));
    size_t bytes;
    reserve(pair.client, 0, &bytes);
    ck_assert_uint_eq(bytes, 100);
    commit_pattern(pair.client, 100, 0);
    OK(sps_stream_flush(pair.client));
    expect_pattern(pair.peer, 100, 0);
    close_pair(&pair);
}
END_TEST

// A peer that reads slowly gets all of it in order, in place or not.
START_TEST(all_that_is_committed_arrives) {
    pair pair = connect_pair_with(_i % TRANSPORTS, &small);
    OK(sps_stream_set_write_batching(pair.client, _i >= TRANSPORTS));
    uint64_t offset = 0, received = 0;
    for (size_t turn = 1; offset < TOTAL; turn++) {
        const size_t wanted = 1 + turn * 977 % 6000;
        size_t bytes;
        void *memory;
        const sps_error error = sps_stream_reserve(pair.client, wanted, &memory, &bytes);
        if (error == SPS_ERR_BUSY) {
            get_pattern(pair.peer, &received);
            OK(sps_socket_poll(pair.client));
            continue;
        }
        OK(error);
        fill_pattern(memory, wanted, offset);
        if (turn % 5 == 0) { // the memory is written, but not put
            size_t sent = 0;
            uint8_t piece[100];
            fill_pattern(piece, sizeof piece, offset);
            OK(sps_stream_put_partial_data(pair.client, piece, sizeof piece, &sent));
            offset += sent;
        } else {
            OK(sps_stream_commit(pair.client, wanted));
            offset += wanted;
        }
    }
    WAIT_UNTIL((get_pattern(pair.peer, &received), OK(sps_socket_poll(pair.client)), received) ==
               offset);
    close_pair(&pair);
}
END_TEST

// Commits until the OS has taken nothing for a while. TCP makes room a little later.
static uint64_t commit_until_stuck(sps_stream *stream) {
    uint64_t offset = 0;
    for (uint64_t stuck_since = now_ms(); now_ms() - stuck_since < 400;) {
        void *memory;
        size_t bytes;
        if (sps_stream_reserve(stream, 500, &memory, &bytes) == SPS_OK) {
            fill_pattern(memory, 500, offset);
            OK(sps_stream_commit(stream, 500)); // less than the memory: the block has room
            offset += 500;
            stuck_since = now_ms();
        }
        pause_briefly();
    }
    ck_assert_uint_gt(pending(stream), 0);
    return offset;
}

// The rest of what was committed leaves first, and a put waits for that.
START_TEST(a_put_waits_behind_a_pending_rest) {
    pair pair = connect_pair_with(_i, &small);
    uint64_t offset = commit_until_stuck(pair.client), received = 0;
    OK(sps_socket_set_io_timeout(pair.client, 30));
    IS(sps_stream_put_u8(pair.client, 1), SPS_ERR_TIMEOUT);
    size_t sent = 99;
    IS(sps_stream_put_data(pair.client, "x", 1, &sent), SPS_ERR_TIMEOUT);
    ck_assert_uint_eq(sent, 0);
    OK(sps_stream_put_partial_data(pair.client, "x", 1, &sent));
    ck_assert_uint_eq(sent, 0);
    WAIT_UNTIL((get_pattern(pair.peer, &received), sps_stream_put_u8(pair.client, 7)) == SPS_OK);
    ck_assert_uint_eq(pending(pair.client), 0);
    expect_pattern(pair.peer, (size_t)(offset - received), received);
    expect_u8(pair.peer, 7);
    close_pair(&pair);
}
END_TEST

static sps_error write_in_place(sps_stream *stream) {
    size_t bytes;
    void *memory;
    const sps_error error = sps_stream_reserve(stream, 10, &memory, &bytes);
    if (error != SPS_OK) {
        return error;
    }
    fill_pattern(memory, 10, 0);
    return sps_stream_commit(stream, 10);
}

START_TEST(a_broken_connection_is_reported) {
    pair pair = connect_pair_with(_i, &small);
    drop_peer(&pair);
    sps_error error = SPS_OK;
    WAIT_UNTIL((error = write_in_place(pair.client)) != SPS_OK);
    IS(error, SPS_FAILED);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

// ---- Pollers

START_TEST(a_poller_reports_room) {
    pair pair = connect_pair_with(_i, &small);
    OK(sps_poller_create(NULL, &pair.poller));
    OK(sps_poller_add(pair.poller, pair.client, NULL));
    uint64_t offset = 0, received = 0;
    size_t bytes;
    void *memory;
    while (sps_stream_reserve(pair.client, 5000, &memory, &bytes) == SPS_OK) {
        fill_pattern(memory, 5000, offset);
        OK(sps_stream_commit(pair.client, 5000));
        offset += 5000;
    }
    sps_event event = {.struct_size = sizeof event};
    WAIT_UNTIL((get_pattern(pair.peer, &received), OK(sps_poller_wait(pair.poller, 0, NULL)),
                sps_poller_next_event(pair.poller, &event)) == SPS_OK);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_WRITABLE);
    WAIT_UNTIL((get_pattern(pair.peer, &received), OK(sps_poller_wait(pair.poller, 0, NULL)),
                received) == offset);
    memory = reserve(pair.client, 10, &bytes);
    OK(sps_poller_wait(pair.poller, 0, NULL)); // takes the memory back
    IS(sps_stream_commit(pair.client, 10), SPS_ERR_UNCONFIGURED);
    commit_pattern(pair.client, 10, offset);
    WAIT_UNTIL((get_pattern(pair.peer, &received), OK(sps_poller_wait(pair.poller, 0, NULL)),
                received) == offset + 10);
    close_pair(&pair);
}
END_TEST

// ---- Other streams

START_TEST(a_memory_stream_has_no_write_buffer) {
    sps_stream *stream;
    OK(sps_buffer_create(NULL, &stream));
    expect_refused(stream, 1, SPS_ERR_UNAVAILABLE);
    IS(sps_stream_commit(stream, 0), SPS_ERR_UNAVAILABLE);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_custom_stream_is_written_in_place) {
    block block = {.piece = 7};
    sps_stream *stream = make_custom(&block, &operations);
    OK(sps_stream_set_write_batching(stream, _i != 0));
    commit_pattern(stream, 100, 0);
    ck_assert_uint_eq(block.written, _i != 0 ? 0 : 100); // one operation after the other
    OK(sps_stream_put_u8(stream, 7));
    while (sps_stream_flush(stream) == SPS_ERR_BUSY) {
    }
    ck_assert_uint_eq(block.written, 101);
    ck_assert(is_pattern(block.bytes, 100, 0));
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(an_operation_that_fails_has_put_nothing) {
    block block = {.piece = 256, .on_write = SPS_ERR_CANT_OPEN};
    sps_stream *stream = make_custom(&block, &operations);
    size_t bytes;
    memset(reserve(stream, 10, &bytes), 'x', 10);
    IS(sps_stream_commit(stream, 10), SPS_ERR_CANT_OPEN);
    ck_assert_uint_eq(pending(stream), 0);
    block.on_write = SPS_OK;
    commit_pattern(stream, 10, 0);
    ck_assert_uint_eq(block.written, 10);
    ck_assert(is_pattern(block.bytes, 10, 0));
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(results_are_required) {
    void *memory;
    size_t bytes;
    sps_stream *stream = make_stream(TCP, NULL);
    IS(sps_stream_reserve(NULL, 1, &memory, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_stream_reserve(stream, 1, NULL, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_stream_reserve(stream, 1, &memory, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_stream_commit(NULL, 0), SPS_ERR_INVALID_PARAMETER);
    sps_stream_destroy(stream);
}
END_TEST

Suite *writing_in_place_suite(void) {
    Suite *suite = suite_create("writing_in_place");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, batched_bytes_gather, 0, TRANSPORTS);
    tcase_add_loop_test(all, without_batching_bytes_leave_at_once, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_part_of_the_memory_is_enough, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, more_than_was_lent_is_refused, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, a_call_in_between_ends_the_reservation, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, a_put_leaves_although_memory_is_lent, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_close_ends_the_reservation, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, it_is_ready_when_a_put_is, 0, TRANSPORTS);
    tcase_add_loop_test(all, the_write_buffer_keeps_its_limit, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, a_small_buffer_lends_what_it_has, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, all_that_is_committed_arrives, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, a_put_waits_behind_a_pending_rest, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_broken_connection_is_reported, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_poller_reports_room, 0, TRANSPORTS);
    tcase_add_test(all, a_memory_stream_has_no_write_buffer);
    tcase_add_loop_test(all, a_custom_stream_is_written_in_place, 0, 2);
    tcase_add_test(all, an_operation_that_fails_has_put_nothing);
    tcase_add_test(all, results_are_required);
    return suite;
}
