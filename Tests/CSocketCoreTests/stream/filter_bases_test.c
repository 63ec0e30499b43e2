// SPDX-License-Identifier: MIT
//
// Filters over every kind of base, and streams that are no filters.
#include "support/support.h"

// The smallest filter: each byte of the base, turned over.
typedef struct mirror {
    sps_stream *base;
} mirror;

static sps_error mirror_get(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    const sps_error error =
        sps_stream_get_partial_data(((mirror *)user_data)->base, buffer, count, out);
    for (size_t i = 0; i < *out; i++) {
        buffer[i] = (uint8_t)~buffer[i];
    }
    return error;
}

static sps_error mirror_put(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    uint8_t byte = (uint8_t)~data[0];
    (void)count;
    return sps_stream_put_partial_data(((mirror *)user_data)->base, &byte, 1, out);
}

static sps_error mirror_poll(void *user_data) {
    (void)user_data;
    return SPS_OK;
}

static sps_stream *make_mirror(mirror *mirror, bool gets, bool puts) {
    const sps_custom_operations operations = {.struct_size = sizeof operations,
                                              .get_partial_data = gets ? mirror_get : NULL,
                                              .put_partial_data = puts ? mirror_put : NULL,
                                              .poll = mirror_poll};
    sps_stream *stream = NULL;
    OK(sps_custom_create(&operations, mirror, NULL, &stream));
    OK(sps_custom_open(stream, mirror->base));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED); // there is no handshake
    return stream;
}

START_TEST(a_memory_stream_can_be_the_base) {
    mirror mirror;
    OK(sps_buffer_create(NULL, &mirror.base));
    sps_stream *stream = make_mirror(&mirror, true, true);
    OK(sps_stream_put_u32(stream, 0x01020304));
    OK(sps_buffer_seek(mirror.base, 0));
    expect_u32(stream, 0x01020304);
    uint8_t byte;
    IS(sps_stream_get_u8(stream, &byte), SPS_ERR_BUSY); // nothing can be waited for
    IS(sps_stream_try_get_u8(stream, &byte), SPS_ERR_BUSY);
    sps_stream_destroy(stream);
    sps_stream_destroy(mirror.base);
}
END_TEST

// The peer has finished and waits for the reply. The filter holds its last byte.
START_TEST(a_base_whose_peer_has_finished_takes_puts) {
    pair pair = connect_pair((transport)_i);
    mirror mirror = {pair.client};
    sps_stream *stream = make_mirror(&mirror, true, true);
    OK(sps_stream_put_u8(pair.peer, 1));
    OK(sps_socket_shutdown_write(pair.peer));
    const uint8_t *span;
    size_t count;
    WAIT_UNTIL(sps_stream_peek(stream, 2, &span, &count) == SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    OK(sps_stream_put_u8(stream, 2));
    expect_u8(pair.peer, (uint8_t)~2);
    expect_u8_now(stream, (uint8_t)~1);
    OK(sps_socket_poll(stream));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    expect_reason(stream, SPS_CLOSE_PEER_FINISHED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED); // the caller closes it
    OK(sps_socket_disconnect(stream));
    OK(sps_socket_poll(pair.client)); // without a filter it closes as always
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    sps_stream_destroy(stream);
    close_pair(&pair);
}
END_TEST

START_TEST(a_missing_operation_is_unavailable) {
    mirror mirror;
    OK(sps_buffer_create(NULL, &mirror.base));
    sps_stream *stream = make_mirror(&mirror, false, false);
    uint8_t byte;
    size_t count;
    IS(sps_stream_get_u8(stream, &byte), SPS_ERR_UNAVAILABLE);
    IS(sps_stream_put_u8(stream, 1), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_shutdown_write(stream), SPS_ERR_UNAVAILABLE);
    OK(sps_stream_get_available_bytes(stream, &count));
    ck_assert_uint_eq(count, 0);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    sps_stream_destroy(stream);
    sps_stream_destroy(mirror.base);
}
END_TEST

START_TEST(without_a_base_there_is_the_own_clock) {
    mirror mirror = {NULL};
    sps_stream *stream = make_mirror(&mirror, false, false);
    uint64_t before = 0, after = 0;
    OK(sps_custom_get_time_us(stream, &before));
    OK(sps_custom_get_time_us(stream, &after));
    ck_assert(before > 0 && after >= before);
    OK(sps_custom_poll_after(stream, 5));
    OK(sps_custom_poll_after(stream, -1));
    IS(sps_custom_poll_after(stream, -2), SPS_ERR_INVALID_PARAMETER);
    sps_stream_destroy(stream);
}
END_TEST

// A caller that was compiled before the filters came.
START_TEST(an_old_struct_makes_no_filter) {
    mirror mirror;
    OK(sps_buffer_create(NULL, &mirror.base));
    sps_custom_operations operations = {
        .get_partial_data = mirror_get, .put_partial_data = mirror_put, .poll = mirror_poll};
    operations.struct_size = offsetof(sps_custom_operations, poll);
    sps_stream *stream = NULL;
    sps_status status;
    OK(sps_custom_create(&operations, &mirror, NULL, &stream));
    IS(sps_socket_get_status(stream, &status), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_poll(stream), SPS_ERR_UNAVAILABLE);
    IS(sps_custom_open(stream, mirror.base), SPS_ERR_UNAVAILABLE);
    OK(sps_stream_put_u8(stream, 5)); // it is connected from the start
    sps_stream_destroy(stream);
    sps_stream_destroy(mirror.base);
}
END_TEST

START_TEST(only_filters_have_these_calls) {
    sps_stream *stream = make_stream(TCP, NULL), *base = stream;
    uint64_t time_us = 1;
    const char *text = NULL;
    IS(sps_custom_open(stream, NULL), SPS_ERR_UNAVAILABLE);
    IS(sps_custom_get_base(stream, &base), SPS_ERR_UNAVAILABLE);
    ck_assert_ptr_null(base);
    IS(sps_custom_set_failure(stream, SPS_CLOSE_FAILED, NULL), SPS_ERR_UNAVAILABLE);
    IS(sps_custom_poll_after(stream, 0), SPS_ERR_UNAVAILABLE);
    IS(sps_custom_get_time_us(stream, &time_us), SPS_ERR_UNAVAILABLE);
    ck_assert_uint_eq(time_us, 0);
    OK(sps_socket_get_close_message(stream, &text));
    ck_assert_str_eq(text, "");
    IS(sps_custom_open(NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_custom_get_base(NULL, &base), SPS_ERR_INVALID_PARAMETER);
    IS(sps_custom_get_base(stream, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_custom_set_failure(NULL, SPS_CLOSE_FAILED, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_custom_poll_after(NULL, 0), SPS_ERR_INVALID_PARAMETER);
    IS(sps_custom_get_time_us(NULL, &time_us), SPS_ERR_INVALID_PARAMETER);
    IS(sps_custom_get_time_us(stream, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_socket_get_close_message(stream, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_socket_get_close_message(NULL, &text), SPS_ERR_INVALID_PARAMETER);
    ck_assert_str_eq(text, "");
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(calls_for_sockets_are_unavailable) {
    mirror mirror = {NULL};
    sps_stream *stream = make_mirror(&mirror, false, false);
    IS(sps_socket_close_gracefully(stream, 0), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_close_and_wait(stream, 0), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_set_idle_timeout(stream, 5), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_set_connect_timeout(stream, 5), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_set_no_delay(stream, true), SPS_ERR_UNAVAILABLE);
    OK(sps_socket_set_io_timeout(stream, 5));
    IS(sps_socket_set_io_timeout(stream, UINT32_MAX), SPS_ERR_INVALID_PARAMETER);
    sps_stream_destroy(stream);
}
END_TEST

Suite *filter_bases_suite(void) {
    Suite *suite = suite_create("filter_bases");
    TCase *all = add_case(suite, "bases");
    tcase_add_test(all, a_memory_stream_can_be_the_base);
    tcase_add_loop_test(all, a_base_whose_peer_has_finished_takes_puts, 0, TRANSPORTS);
    tcase_add_test(all, a_missing_operation_is_unavailable);
    tcase_add_test(all, without_a_base_there_is_the_own_clock);
    tcase_add_test(all, an_old_struct_makes_no_filter);
    tcase_add_test(all, only_filters_have_these_calls);
    tcase_add_test(all, calls_for_sockets_are_unavailable);
    return suite;
}
