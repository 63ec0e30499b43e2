// SPDX-License-Identifier: MIT
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if MEMORY_SANITIZER
#include <sanitizer/msan_interface.h>
#endif

void assert_code(sps_error actual, sps_error expected, const char *call, const char *file,
                 int line) {
    if (actual != expected) {
        ck_abort_msg("%s:%d: %s is %s, not %s", file, line, call, sps_error_name(actual),
                     sps_error_name(expected));
    }
}

// ---- Sanitizers and similar tools

bool is_slowed(void) {
    return THREAD_SANITIZER || MEMORY_SANITIZER || getenv("SPS_SLOW") != NULL;
}

uint64_t patience_ms(void) {
    return is_slowed() ? 200000 : 20000;
}

void begin_checking(void) {
#if MEMORY_SANITIZER
    __msan_scoped_enable_interceptor_checks();
#endif
}

void end_checking(void) {
#if MEMORY_SANITIZER
    __msan_scoped_disable_interceptor_checks();
#endif
}

// ---- Places

sps_stream *make_stream(transport transport, const sps_stream_options *options) {
    sps_stream *stream = NULL;
    OK(transport == TCP ? sps_tcp_create(options, &stream) : sps_uds_create(options, &stream));
    return stream;
}

sps_server *make_server(transport transport, const sps_server_options *options) {
    sps_server *server = NULL;
    OK(transport == TCP ? sps_tcp_server_create(options, &server)
                        : sps_uds_server_create(options, &server));
    return server;
}

sps_error listen_at(sps_server *server, const place *place) {
    return place->transport == TCP ? sps_tcp_server_listen(server, place->port, "127.0.0.1")
                                   : sps_uds_server_listen(server, place->path);
}

place listen_somewhere(sps_server *server, transport transport) {
    place place = transport == TCP ? (struct place){.transport = TCP} : new_path();
    OK(listen_at(server, &place));
    if (transport == TCP) {
        OK(sps_tcp_server_get_local_port(server, &place.port));
    }
    return place;
}

sps_error connect_to(sps_stream *stream, const place *place) {
    return place->transport == TCP ? sps_tcp_connect(stream, "127.0.0.1", place->port)
                                   : sps_uds_connect(stream, place->path);
}

// ---- Streams

sps_status status_of(const sps_stream *stream) {
    sps_status status = -1;
    OK(sps_socket_get_status(stream, &status));
    return status;
}

sps_status polled_status(sps_stream *stream) {
    sps_socket_poll(stream);
    return status_of(stream);
}

void expect_reason(const sps_stream *stream, sps_close_reason expected) {
    sps_close_reason reason;
    OK(sps_socket_get_close_reason(stream, &reason));
    ck_assert_str_eq(sps_close_reason_name(reason), sps_close_reason_name(expected));
}

sps_stream *take_from(sps_server *server) {
    sps_stream *stream = NULL;
    WAIT_UNTIL(sps_server_take_connection(server, &stream) == SPS_OK);
    ck_assert_ptr_nonnull(stream);
    return stream;
}

pair prepare_pair(transport transport, const sps_stream_options *options) {
    const sps_server_options server_options = {.struct_size = sizeof server_options,
                                               .stream = options};
    pair pair = {.server = make_server(transport, &server_options)};
    pair.place = listen_somewhere(pair.server, transport);
    pair.client = make_stream(transport, options);
    return pair;
}

void complete_pair(pair *pair) {
    WAIT_UNTIL(polled_status(pair->client) != SPS_STATUS_CONNECTING);
    ck_assert_int_eq(status_of(pair->client), SPS_STATUS_CONNECTED);
    pair->peer = take_from(pair->server);
    ck_assert_int_eq(status_of(pair->peer), SPS_STATUS_CONNECTED);
}

pair connect_pair_with(transport transport, const sps_stream_options *options) {
    pair pair = prepare_pair(transport, options);
    OK(connect_to(pair.client, &pair.place));
    complete_pair(&pair);
    return pair;
}

pair connect_pair(transport transport) {
    return connect_pair_with(transport, NULL);
}

void drop_peer(pair *pair) {
    sps_stream_destroy(pair->peer);
    pair->peer = NULL;
}

void close_pair(pair *pair) {
    sps_stream_destroy(pair->client);
    sps_stream_destroy(pair->peer);
    sps_server_destroy(pair->server);
    sps_poller_destroy(pair->poller);
}

void await_bytes(sps_stream *stream, size_t count) {
    size_t available = 0;
    WAIT_UNTIL((OK(sps_stream_get_available_bytes(stream, &available)), available) == count);
}

void expect_u8(sps_stream *stream, uint8_t expected) {
    uint8_t value;
    OK(sps_stream_get_u8(stream, &value));
    ck_assert_uint_eq(value, expected);
}

void expect_u8_now(sps_stream *stream, uint8_t expected) {
    uint8_t value;
    OK(sps_stream_try_get_u8(stream, &value));
    ck_assert_uint_eq(value, expected);
}

void expect_u32(sps_stream *stream, uint32_t expected) {
    uint32_t value;
    OK(sps_stream_get_u32(stream, &value));
    ck_assert_uint_eq(value, expected);
}

void expect_u32_now(sps_stream *stream, uint32_t expected) {
    uint32_t value;
    OK(sps_stream_try_get_u32(stream, &value));
    ck_assert_uint_eq(value, expected);
}

// ---- Backlogs

// Adds a client. Returns whether the server's full backlog delays it.
static bool add_to_backlog(backlog *backlog, uint32_t connect_timeout_ms) {
    sps_stream *stream = make_stream(backlog->place.transport, NULL);
    OK(sps_socket_set_connect_timeout(stream, connect_timeout_ms));
    OK(connect_to(stream, &backlog->place));
    backlog->clients[backlog->count++] = backlog->last = stream;
    // On loopback, a listener with room accepts a connection within one or two polls. A connection
    // that is not there after these polls is delayed.
    for (int i = 0; i < 20 && polled_status(stream) == SPS_STATUS_CONNECTING; i++) {
        pause_briefly();
    }
    return status_of(stream) == SPS_STATUS_CONNECTING;
}

backlog fill_backlog(transport transport, uint32_t connect_timeout_ms) {
    const sps_server_options options = {.struct_size = sizeof options, .backlog = 1};
    backlog backlog = {.server = make_server(transport, &options)};
    backlog.place = listen_somewhere(backlog.server, transport);
    while (!add_to_backlog(&backlog, connect_timeout_ms)) {
        ck_assert_msg(backlog.count < 64, "the backlog never filled");
    }
    return backlog;
}

void take_from_backlog(backlog *backlog) {
    for (size_t i = 0; i + 1 < backlog->count; i++) {
        backlog->peers[i] = take_from(backlog->server);
    }
}

void close_backlog(backlog *backlog) {
    for (size_t i = 0; i < backlog->count; i++) {
        sps_stream_destroy(backlog->clients[i]);
        sps_stream_destroy(backlog->peers[i]);
    }
    sps_server_destroy(backlog->server);
}

// ---- Patterns

static uint8_t pattern_at(uint64_t offset) {
    uint64_t x = offset * UINT64_C(0x9e3779b97f4a7c15);
    return (uint8_t)(x >> 56);
}

void fill_pattern(uint8_t *bytes, size_t count, uint64_t offset) {
    for (size_t i = 0; i < count; i++) {
        bytes[i] = pattern_at(offset + i);
    }
}

bool is_pattern(const uint8_t *bytes, size_t count, uint64_t offset) {
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != pattern_at(offset + i)) {
            return false;
        }
    }
    return true;
}

uint64_t put_pattern(sps_stream *stream, size_t count, uint64_t offset) {
    static uint8_t bytes[65536];
    fill_pattern(bytes, count, offset);
    OK(sps_stream_put_data(stream, bytes, count, NULL));
    return offset + count;
}

uint64_t put_until_full(sps_stream *stream, uint64_t offset) {
    static uint8_t bytes[65536];
    for (size_t count = 1; count > 0; offset += count) {
        fill_pattern(bytes, sizeof bytes, offset);
        OK(sps_stream_put_partial_data(stream, bytes, sizeof bytes, &count));
    }
    return offset;
}

sps_error get_pattern(sps_stream *stream, uint64_t *offset) {
    static uint8_t bytes[65536];
    size_t count;
    const sps_error error = sps_stream_get_partial_data(stream, bytes, sizeof bytes, &count);
    ck_assert(is_pattern(bytes, count, *offset));
    *offset += count;
    return error;
}

size_t parse_hex(const char *hex, uint8_t *out, size_t most) {
    const size_t size = strlen(hex) / 2;
    ck_assert_uint_le(size, most);
    for (size_t i = 0; i < size; i++) {
        unsigned byte;
        ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (uint8_t)byte;
    }
    return size;
}

TCase *add_bare_case(Suite *suite, const char *name) {
    TCase *test_case = tcase_create(name);
    tcase_add_checked_fixture(test_case, begin_counting, expect_nothing_left);
    tcase_set_timeout(test_case, 120);
    suite_add_tcase(suite, test_case);
    return test_case;
}

TCase *add_case(Suite *suite, const char *name) {
    TCase *test_case = add_bare_case(suite, name);
    tcase_add_checked_fixture(test_case, set_up, tear_down); // its teardown runs first
    return test_case;
}

bool read_line(FILE *file, char *buffer, size_t size) {
    if (fgets(buffer, (int)size, file) == NULL) {
        return false;
    }
    const size_t length = strcspn(buffer, "\r\n");
    ck_assert_msg(buffer[length] != '\0' || feof(file), "a line has more than %zu bytes", size);
    buffer[length] = '\0';
    return true;
}
