// SPDX-License-Identifier: MIT
//
// Lines, and texts up to a delimiter, that arrive in pieces of any size.
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static void send_text(const pair *pair, const char *text) {
    OK(sps_stream_put_data(pair->peer, text, strlen(text), NULL));
}

static void expect_text(const char *got, size_t bytes, const char *text) {
    ck_assert_uint_eq(bytes, strlen(text));
    ck_assert(memcmp(got, text, bytes) == 0);
}

static void expect_line(const pair *pair, const char *text) {
    const char *line;
    size_t bytes;
    OK(sps_stream_get_line(pair->client, 0, &line, &bytes));
    expect_text(line, bytes, text);
}

START_TEST(lines_are_read_one_by_one) {
    pair pair = connect_pair(_i);
    send_text(&pair, "one\r\n\n\r\ntwo words\nhéllo\rthere\n");
    expect_line(&pair, "one");
    expect_line(&pair, "");
    expect_line(&pair, "");
    expect_line(&pair, "two words");
    expect_line(&pair, "héllo\rthere");
    const char *line;
    size_t bytes;
    IS(sps_stream_try_get_line(pair.client, 0, &line, &bytes), SPS_ERR_BUSY);
    close_pair(&pair);
}
END_TEST

START_TEST(a_line_that_comes_byte_by_byte_is_whole) {
    static const char text[] = "to be, or not\r\n";
    pair pair = connect_pair(_i);
    const char *line;
    size_t bytes;
    for (size_t i = 0; i < sizeof text - 1; i++) {
        IS(sps_stream_try_get_line(pair.client, 0, &line, &bytes), SPS_ERR_BUSY);
        OK(sps_stream_put_data(pair.peer, &text[i], 1, NULL));
        await_bytes(pair.client, i + 1);
    }
    OK(sps_stream_try_get_line(pair.client, 0, &line, &bytes));
    expect_text(line, bytes, "to be, or not");
    close_pair(&pair);
}
END_TEST

static void expect_until(const pair *pair, const char *delimiter, size_t expected_bytes) {
    const uint8_t *data;
    size_t bytes;
    OK(sps_stream_try_get_until(pair->client, delimiter, strlen(delimiter), 0, &data, &bytes));
    ck_assert_uint_eq(bytes, expected_bytes);
}

static void expect_none(const pair *pair, const char *delimiter) {
    const uint8_t *data;
    size_t bytes;
    IS(sps_stream_try_get_until(pair->client, delimiter, strlen(delimiter), 0, &data, &bytes),
       SPS_ERR_BUSY);
}

static void send_many(const pair *pair, char byte, size_t count, const char *end) {
    char text[2000];
    memset(text, byte, count);
    memcpy(text + count, end, strlen(end) + 1);
    size_t before;
    const uint8_t *unused;
    sps_stream_peek(pair->client, 0, &unused, &before);
    send_text(pair, text);
    await_bytes(pair->client, before + strlen(text));
}

// The stream remembers how far it searched a long line, for one delimiter and one start.
START_TEST(another_delimiter_searches_from_the_start) {
    pair pair = connect_pair(_i);
    char delimiter[] = "\r\n";
    send_many(&pair, 'a', 1000, "--");
    expect_none(&pair, delimiter);
    memcpy(delimiter, "--", 2);
    expect_until(&pair, delimiter, 1000);
    send_many(&pair, 'b', 1000, "\r");
    expect_none(&pair, "\r\n");
    expect_none(&pair, "\r\n\r\n");
    OK(sps_stream_consume(pair.client, 5));
    send_many(&pair, '\n', 1, "");
    expect_until(&pair, "\r\n", 995);
    send_many(&pair, 'c', 1000, "\n");
    expect_none(&pair, "\r\n");
    char drop[990];
    OK(sps_stream_get_data(pair.client, drop, sizeof drop, NULL));
    send_many(&pair, 'd', 985, "\r\n"); // another 985 bytes
    expect_until(&pair, "\n", 10);
    expect_until(&pair, "\r\n", 985);
    close_pair(&pair);
}
END_TEST

typedef struct unread {
    char bytes[4000];
    size_t size;
} unread;

static size_t find_naively(const unread *unread, const char *delimiter) {
    const size_t length = strlen(delimiter);
    for (size_t i = 0; i + length <= unread->size; i++) {
        if (memcmp(unread->bytes + i, delimiter, length) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static void drop_front(unread *unread, size_t count) {
    unread->size -= count;
    memmove(unread->bytes, unread->bytes + count, unread->size);
}

START_TEST(a_search_does_not_depend_on_earlier_searches) {
    NEEDS_UNIX_SOCKETS
    static const char *const delimiters[] = {"ab", "aab", "bb", "aaaaaaaaaaaaaaaaaaaaaaaabbb"};
    static unread unread;
    static char dropped[600];
    pair pair = connect_pair(UDS);
    unread.size = 0;
    srand((unsigned)_i);
    for (int step = 0; step < 600; step++) {
        const char *delimiter = delimiters[rand() % 4];
        const size_t found = find_naively(&unread, delimiter);
        if (found == SIZE_MAX) {
            expect_none(&pair, delimiter);
        } else {
            expect_until(&pair, delimiter, found);
            drop_front(&unread, found + strlen(delimiter));
        }
        if (rand() % 8 == 0 && unread.size > 0) {
            const size_t count = (size_t)rand() % (unread.size < 600 ? unread.size : 600);
            OK(sps_stream_get_data(pair.client, dropped, count, NULL));
            drop_front(&unread, count);
        }
        if (unread.size < 3000) {
            const size_t count = (size_t)rand() % 200;
            const char *end = rand() % 20 == 0 ? "b" : "a";
            memset(unread.bytes + unread.size, 'a', count);
            unread.bytes[unread.size + count] = *end;
            OK(sps_stream_put_data(pair.peer, unread.bytes + unread.size, count + 1, NULL));
            unread.size += count + 1;
            await_bytes(pair.client, unread.size);
        }
    }
    close_pair(&pair);
}
END_TEST

START_TEST(a_line_larger_than_the_buffer_is_waited_for) {
    enum { SIZE = 300000 };
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 1000};
    pair pair = connect_pair_with(_i, &options);
    OK(sps_stream_set_write_batching(pair.peer, true)); // bytes that the OS refuses stay pending
    char *text = malloc(SIZE);
    memset(text, 'x', SIZE);
    size_t sent = 0, count;
    const char *line;
    size_t bytes;
    while (sent < SIZE) {
        OK(sps_stream_put_partial_data(pair.peer, text, SIZE - sent, &count));
        sent += count;
        sps_stream_flush(pair.peer);
        IS(sps_stream_try_get_line(pair.client, 0, &line, &bytes), SPS_ERR_BUSY);
    }
    WAIT_UNTIL(sps_stream_flush(pair.peer) == SPS_OK);
    OK(sps_stream_set_write_batching(pair.peer, false));
    send_text(&pair, "\n");
    OK(sps_stream_get_line(pair.client, 0, &line, &bytes));
    ck_assert_uint_eq(bytes, SIZE);
    free(text);
    close_pair(&pair);
}
END_TEST

// Small reads may end anywhere in the delimiter. Large reads bring everything at once.
START_TEST(a_delimiter_is_found_wherever_it_begins) {
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .read_buffer_bytes = 1 + 4 * (uint32_t)(_i / TRANSPORTS)};
    pair pair = connect_pair_with(_i % TRANSPORTS, &options);
    const uint8_t *data;
    size_t bytes;
    send_text(&pair, "GET / HTTP/1.1\r\n\r\r\n\r\nbody");
    OK(sps_stream_get_until(pair.client, "\r\n\r\n", 4, 0, &data, &bytes));
    expect_text((const char *)data, bytes, "GET / HTTP/1.1\r\n\r");
    IS(sps_stream_try_get_until(pair.client, "\r\n\r\n", 4, 0, &data, &bytes), SPS_ERR_BUSY);
    OK(sps_stream_get_until(pair.client, "y", 1, 0, &data, &bytes));
    expect_text((const char *)data, bytes, "bod");
    close_pair(&pair);
}
END_TEST

START_TEST(a_line_above_the_limit_is_refused_and_kept) {
    pair pair = connect_pair(_i);
    const char *line;
    size_t bytes;
    send_text(&pair, "1234\n12345\n");
    OK(sps_stream_get_line(pair.client, 4, &line, &bytes));
    expect_text(line, bytes, "1234");
    IS(sps_stream_get_line(pair.client, 4, &line, &bytes), SPS_ERR_INVALID_DATA);
    IS(sps_stream_try_get_line(pair.client, 4, &line, &bytes), SPS_ERR_INVALID_DATA);
    expect_line(&pair, "12345"); // with a larger limit
    send_text(&pair, "12345");   // too long, although its end has not come
    await_bytes(pair.client, 5);
    IS(sps_stream_get_line(pair.client, 4, &line, &bytes), SPS_ERR_INVALID_DATA);
    close_pair(&pair);
}
END_TEST

START_TEST(a_carriage_return_counts_towards_the_limit) {
    pair pair = connect_pair(_i);
    const char *line;
    size_t bytes;
    send_text(&pair, "123\r\n1234\r\n");
    OK(sps_stream_get_line(pair.client, 4, &line, &bytes));
    expect_text(line, bytes, "123");
    IS(sps_stream_get_line(pair.client, 4, &line, &bytes), SPS_ERR_INVALID_DATA);
    IS(sps_stream_try_get_line(pair.client, 4, &line, &bytes), SPS_ERR_INVALID_DATA);
    OK(sps_stream_get_line(pair.client, 5, &line, &bytes));
    expect_text(line, bytes, "1234");
    close_pair(&pair);
}
END_TEST

START_TEST(an_end_without_a_delimiter_leaves_the_rest_readable) {
    pair pair = connect_pair(_i);
    const char *line;
    size_t bytes;
    uint8_t rest[8];
    send_text(&pair, "whole\nrest");
    OK(sps_socket_shutdown_write(pair.peer));
    expect_line(&pair, "whole");
    IS(sps_stream_get_line(pair.client, 0, &line, &bytes), SPS_ERR_FILE_EOF);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    OK(sps_stream_get_partial_data(pair.client, rest, sizeof rest, &bytes));
    expect_text((const char *)rest, bytes, "rest");
    IS(sps_stream_get_line(pair.client, 0, &line, &bytes), SPS_ERR_FILE_EOF);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    close_pair(&pair);
}
END_TEST

START_TEST(a_line_that_is_not_utf8_may_be_read_as_bytes) {
    pair pair = connect_pair(_i);
    const char *line;
    const uint8_t *data;
    size_t bytes;
    send_text(&pair, "\xff\xfe\n");
    IS(sps_stream_get_line(pair.client, 0, &line, &bytes), SPS_ERR_INVALID_DATA);
    OK(sps_stream_get_until(pair.client, "\n", 1, 0, &data, &bytes));
    expect_text((const char *)data, bytes, "\xff\xfe");
    close_pair(&pair);
}
END_TEST

START_TEST(text_is_put_as_it_is) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_text(pair.client, "EHLO héllo\r\n", 13));
    OK(sps_stream_put_text(pair.client, NULL, 0));
    IS(sps_stream_put_text(pair.client, "\xff", 1), SPS_ERR_INVALID_PARAMETER);
    IS(sps_stream_put_text(pair.client, NULL, 1), SPS_ERR_INVALID_PARAMETER);
    char got[13];
    OK(sps_stream_get_data(pair.peer, got, sizeof got, NULL));
    ck_assert(memcmp(got, "EHLO héllo\r\n", sizeof got) == 0);
    close_pair(&pair);
}
END_TEST

START_TEST(bad_input_changes_nothing) {
    pair pair = connect_pair(_i);
    sps_stream *closed = make_stream(_i, NULL);
    const uint8_t *data;
    const char *line;
    size_t bytes;
    send_text(&pair, "line\n");
    IS(sps_stream_get_until(NULL, "\n", 1, 0, &data, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_stream_get_until(pair.client, NULL, 1, 0, &data, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_stream_get_until(pair.client, "\n", 0, 0, &data, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_stream_get_until(pair.client, "\n", 1, SIZE_MAX, &data, &bytes),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_stream_get_until(pair.client, "\n", SIZE_MAX, 0, &data, &bytes),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_stream_get_until(pair.client, "\n", 1, 0, NULL, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_stream_get_line(pair.client, 0, &line, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_stream_get_line(closed, 0, &line, &bytes), SPS_FAILED);
    IS(sps_stream_try_get_line(closed, 0, &line, &bytes), SPS_FAILED);
    expect_line(&pair, "line");
    sps_stream_destroy(closed);
    close_pair(&pair);
}
END_TEST

Suite *lines_suite(void) {
    Suite *suite = suite_create("lines");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, lines_are_read_one_by_one, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_line_that_comes_byte_by_byte_is_whole, 0, TRANSPORTS);
    tcase_add_loop_test(all, another_delimiter_searches_from_the_start, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_search_does_not_depend_on_earlier_searches, 0, 4);
    tcase_add_loop_test(all, a_line_larger_than_the_buffer_is_waited_for, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_delimiter_is_found_wherever_it_begins, 0, 9 * TRANSPORTS);
    tcase_add_loop_test(all, a_line_above_the_limit_is_refused_and_kept, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_carriage_return_counts_towards_the_limit, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_end_without_a_delimiter_leaves_the_rest_readable, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_line_that_is_not_utf8_may_be_read_as_bytes, 0, TRANSPORTS);
    tcase_add_loop_test(all, text_is_put_as_it_is, 0, TRANSPORTS);
    tcase_add_loop_test(all, bad_input_changes_nothing, 0, TRANSPORTS);
    return suite;
}
