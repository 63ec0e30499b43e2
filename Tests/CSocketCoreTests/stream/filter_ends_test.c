// SPDX-License-Identifier: MIT
//
// How a filter ends behind the end of its peer: its own bytes, its end mark, and failures of both.
#include <string.h>

#include "support/ciphers.h"
#include "support/pollers.h"

// A filter that copies bytes, and holds what was put until its poll may send it.
typedef struct holder {
    sps_stream *base;
    uint8_t held;
    bool holds, may_send;
    bool is_blocked;     // shutdown_write has no room
    sps_error poll_code; // that the next polls return instead
    int failing_polls;
    sps_error next_shutdown; // and the next shutdown_write
    int polls, shutdowns;
} holder;

static sps_error get_copied(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    return sps_stream_get_partial_data(((holder *)user_data)->base, buffer, count, out);
}

static sps_error hold(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    holder *holder = user_data;
    *out = holder->holds || count == 0 ? 0 : 1;
    holder->held = *out == 1 ? data[0] : holder->held;
    holder->holds = true;
    return SPS_OK;
}

static sps_error take_code(sps_error *code) {
    const sps_error taken = *code;
    *code = SPS_OK;
    return taken;
}

static sps_error send_held(void *user_data) {
    holder *holder = user_data;
    holder->polls++;
    if (holder->failing_polls > 0) {
        holder->failing_polls--;
        return holder->poll_code;
    }
    if (holder->holds && holder->may_send) {
        OK(sps_stream_put_u8(holder->base, holder->held));
        holder->holds = false;
    }
    return holder->holds ? SPS_ERR_BUSY : SPS_OK;
}

static sps_error end(void *user_data) {
    holder *holder = user_data;
    holder->shutdowns++;
    return holder->is_blocked && holder->next_shutdown == SPS_OK
               ? SPS_ERR_BUSY
               : take_code(&holder->next_shutdown);
}

static const sps_custom_operations holder_operations = {.struct_size = sizeof holder_operations,
                                                        .get_partial_data = get_copied,
                                                        .put_partial_data = hold,
                                                        .poll = send_held,
                                                        .shutdown_write = end};

static sps_stream *open_with(const sps_custom_operations *operations, holder *holder,
                             sps_stream *base) {
    sps_stream *stream = NULL;
    holder->base = base;
    OK(sps_custom_create(operations, holder, NULL, &stream));
    OK(sps_custom_open(stream, base));
    return stream;
}

static sps_stream *open_holder(holder *holder, sps_stream *base) {
    return open_with(&holder_operations, holder, base);
}

static sps_error not_implemented(void *user_data) {
    (void)user_data;
    return SPS_CUSTOM_NOT_IMPLEMENTED;
}

// The peer has finished, and the base knows it.
static void finish_peer(const pair *pair) {
    const uint8_t *span;
    size_t count;
    OK(sps_socket_shutdown_write(pair->peer));
    WAIT_UNTIL(sps_stream_peek(pair->client, 1, &span, &count) == SPS_ERR_FILE_EOF);
}

// ---- Held bytes

static void expect_held_byte_first(const sps_custom_operations *operations) {
    pair pair = connect_pair(TCP);
    holder holder = {.may_send = false};
    sps_stream *stream = open_with(operations, &holder, pair.client);
    OK(sps_stream_put_u8(stream, 7));
    finish_peer(&pair);
    OK(sps_socket_poll(stream));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    holder.may_send = true;
    OK(sps_socket_poll(stream));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    expect_reason(stream, SPS_CLOSE_PEER_FINISHED);
    expect_u8(pair.peer, 7);
    sps_stream_destroy(stream);
    close_pair(&pair);
}

START_TEST(held_bytes_leave_before_a_filter_closes) {
    sps_custom_operations operations = holder_operations;
    expect_held_byte_first(&operations);
    operations.shutdown_write = not_implemented; // as none
    expect_held_byte_first(&operations);
    operations.shutdown_write = NULL;
    expect_held_byte_first(&operations);
}
END_TEST

// ---- Codes for now

START_TEST(an_end_mark_without_memory_is_sent_later) {
    pair pair = connect_pair(_i);
    holder holder = {.next_shutdown = SPS_ERR_OUT_OF_MEMORY};
    sps_stream *stream = open_holder(&holder, pair.client);
    finish_peer(&pair);
    OK(sps_socket_poll(stream));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    OK(sps_socket_poll(stream));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    ck_assert_int_eq(holder.shutdowns, 2);
    expect_reason(stream, SPS_CLOSE_PEER_FINISHED);
    sps_stream_destroy(stream);
    close_pair(&pair);
}
END_TEST

// Nothing else brings the filter a turn.
START_TEST(a_poller_repeats_the_end_after_a_rest) {
    pair pair = connect_pair(_i);
    holder holder = {.next_shutdown = SPS_ERR_OUT_OF_MEMORY};
    sps_stream *stream = open_holder(&holder, pair.client);
    sps_poller *poller = make_poller(NULL);
    OK(sps_poller_add(poller, stream, NULL));
    OK(sps_socket_shutdown_write(pair.peer));
    sps_event event;
    do {
        WAIT_UNTIL((wait_once(poller, 100), next_event(poller, &event)));
    } while (event.kinds == SPS_EVENT_FINISHED);
    ck_assert(event.kinds & SPS_EVENT_CLOSED);
    ck_assert_int_eq(event.close_reason, SPS_CLOSE_PEER_FINISHED);
    ck_assert_int_eq(holder.shutdowns, 2);
    sps_stream_destroy(stream);
    sps_poller_destroy(poller);
    close_pair(&pair);
}
END_TEST

// The rest after the first try does not take the place of the filter's own time.
START_TEST(a_rest_leaves_the_time_of_the_filter) {
    pair pair = connect_pair(_i);
    holder holder = {.next_shutdown = SPS_ERR_OUT_OF_MEMORY, .is_blocked = true};
    sps_stream *stream = open_holder(&holder, pair.client);
    sps_poller *poller = make_poller(NULL);
    OK(sps_poller_add(poller, stream, NULL));
    OK(sps_custom_poll_after(stream, 60000));
    OK(sps_socket_shutdown_write(pair.peer));
    int64_t time_us = 0;
    WAIT_UNTIL((wait_once(poller, 5), take_events(poller, SPS_EVENT_FINISHED),
                OK(sps_poller_get_timeout_us(poller, &time_us)),
                holder.shutdowns > 1 && (time_us < 0 || time_us > 10000)));
    ck_assert_int_gt(time_us, 0);
    sps_stream_destroy(stream);
    sps_poller_destroy(poller);
    close_pair(&pair);
}
END_TEST

START_TEST(held_bytes_without_memory_leave_later) {
    pair pair = connect_pair(_i);
    holder holder = {.may_send = true};
    sps_stream *stream = open_holder(&holder, pair.client);
    OK(sps_stream_put_u8(stream, 7));
    finish_peer(&pair);
    holder.may_send = false;
    OK(sps_socket_poll(stream)); // it meets the end
    holder.poll_code = SPS_ERR_OUT_OF_MEMORY;
    holder.failing_polls = 2; // for the holder's own sake, and for the end
    holder.may_send = true;
    sps_socket_poll(stream);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    OK(sps_socket_poll(stream));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    expect_reason(stream, SPS_CLOSE_PEER_FINISHED);
    expect_u8(pair.peer, 7);
    sps_stream_destroy(stream);
    close_pair(&pair);
}
END_TEST

// ---- Failures for good

START_TEST(a_lost_end_mark_is_no_failure) {
    pair pair = connect_pair(_i);
    holder holder = {.next_shutdown = SPS_FAILED, .may_send = true};
    sps_stream *stream = open_holder(&holder, pair.client);
    OK(sps_stream_put_u8(stream, 7)); // which leaves before
    finish_peer(&pair);
    OK(sps_socket_poll(stream));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    expect_reason(stream, SPS_CLOSE_PEER_FINISHED);
    sps_stream_destroy(stream);
    close_pair(&pair);
}
END_TEST

START_TEST(lost_bytes_are_a_failure) {
    pair pair = connect_pair(_i);
    holder holder = {.may_send = false};
    sps_stream *stream = open_holder(&holder, pair.client);
    OK(sps_stream_put_u8(stream, 7));
    finish_peer(&pair);
    OK(sps_socket_poll(stream));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    holder.poll_code = SPS_FAILED;
    holder.failing_polls = 2;
    IS(sps_socket_poll(stream), SPS_FAILED);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_ERROR);
    sps_close_reason reason;
    OK(sps_socket_get_close_reason(stream, &reason));
    ck_assert_int_ne(reason, SPS_CLOSE_PEER_FINISHED);
    sps_stream_destroy(stream);
    close_pair(&pair);
}
END_TEST

// ---- Bases

// The caller has put nothing, so it has lost nothing. TLS writes tickets, for example, which a peer
// that has ended in order resets.
START_TEST(a_base_without_writing_ends_in_order) {
    pair pair = connect_pair(_i);
    holder holder = {.may_send = true};
    sps_stream *stream = open_holder(&holder, pair.client);
    OK(sps_socket_shutdown_write(pair.client));
    OK(sps_stream_put_u8(pair.peer, 3));
    OK(sps_socket_poll(stream));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    IS(sps_stream_put_u8(stream, 1), SPS_FAILED);
    OK(sps_socket_shutdown_write(pair.peer));
    expect_u8(stream, 3);
    WAIT_UNTIL((OK(sps_socket_poll(stream)), status_of(stream) == SPS_STATUS_NONE));
    expect_reason(stream, SPS_CLOSE_PEER_FINISHED);
    sps_stream_destroy(stream);
    close_pair(&pair);
}
END_TEST

static sps_error read_text(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    const char **text = user_data;
    const size_t left = strlen(*text);
    *out = left < count ? left : count;
    memcpy(buffer, *text, *out);
    *text += *out;
    return left == 0 ? SPS_ERR_FILE_EOF : SPS_OK;
}

// As a file that is read through a filter.
START_TEST(a_custom_base_that_ends_in_order_is_no_failure) {
    const char *text = "some text";
    const sps_custom_operations file = {.struct_size = sizeof file, .get_partial_data = read_text};
    sps_stream *base = NULL;
    OK(sps_custom_create(&file, &text, NULL, &base));
    holder holder = {.may_send = true};
    sps_stream *stream = open_holder(&holder, base);
    uint8_t bytes[16];
    size_t count = 0;
    OK(sps_socket_poll(stream)); // it reads ahead
    OK(sps_socket_poll(stream)); // and meets the end
    OK(sps_stream_get_partial_data(stream, bytes, sizeof bytes, &count));
    ck_assert_uint_eq(count, 9);
    OK(sps_socket_poll(stream));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    expect_reason(stream, SPS_CLOSE_PEER_FINISHED);
    sps_stream_destroy(stream);
    IS(sps_stream_get_partial_data(base, bytes, 1, &count), SPS_ERR_FILE_EOF);
    sps_stream_destroy(base);
}
END_TEST

// ---- Bindings

START_TEST(a_poll_that_is_not_implemented_has_nothing_to_do) {
    pair pair = connect_pair(_i);
    holder holder = {.base = pair.client};
    const sps_custom_operations operations = {
        .struct_size = sizeof operations, .get_partial_data = get_copied, .poll = not_implemented};
    sps_stream *stream = NULL;
    OK(sps_custom_create(&operations, &holder, NULL, &stream));
    OK(sps_custom_open(stream, pair.client));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    OK(sps_socket_poll(stream));
    OK(sps_stream_put_u8(pair.peer, 4));
    expect_u8(stream, 4);
    sps_stream_destroy(stream);
    close_pair(&pair);
}
END_TEST

Suite *filter_ends_suite(void) {
    Suite *suite = suite_create("filter_ends");
    TCase *ends = add_case(suite, "ends");
    const TTest *const tests[] = {an_end_mark_without_memory_is_sent_later,
                                  a_poller_repeats_the_end_after_a_rest,
                                  a_rest_leaves_the_time_of_the_filter,
                                  held_bytes_without_memory_leave_later,
                                  a_base_without_writing_ends_in_order,
                                  a_lost_end_mark_is_no_failure,
                                  lost_bytes_are_a_failure,
                                  a_poll_that_is_not_implemented_has_nothing_to_do};
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        tcase_add_loop_test(ends, tests[i], 0, TRANSPORTS);
    }
    tcase_add_test(ends, held_bytes_leave_before_a_filter_closes);
    tcase_add_test(ends, a_custom_base_that_ends_in_order_is_no_failure);
    return suite;
}
