// SPDX-License-Identifier: MIT
//
// Whole streams: creation, connecting, closing, handing over, queries and settings.
#include "api.h"

#include <stdio.h>
#include <string.h>

enum { PORTS = 3, FIRST_PORT = 4000, OFTEN = 3 };

static const char *const paths[] = {"/run/a", "@abstract", "/run/b", "/none", "", "@", "@x"};
enum { PATHS = sizeof paths / sizeof paths[0], GOOD_PATHS = 3 };

// ---- Creation and destruction

sps_stream_options options_of(world *world, int host, sps_allocator *allocator) {
    const uint8_t which = reader_byte(&world->calls);
    *allocator = allocator_of(world, which & 1);
    const bool is_half_open = which % 3 == 2;
    world->has_half_open = world->has_half_open || is_half_open;
    return (sps_stream_options){
        .struct_size = sizeof(sps_stream_options),
        .allocator = allocator,
        .platform = platform_of(world, host),
        .read_buffer_bytes = which & 2 ? (uint32_t)reader_size(&world->calls) : 0,
        .write_buffer_bytes = which & 4 ? (uint32_t)reader_size(&world->calls) : 0,
        .max_value_bytes = which & 8 ? (uint32_t)reader_size(&world->calls) : 0,
        .write_low_mark_bytes = which & 8 ? (uint32_t)reader_size(&world->calls) : 0,
        .os_send_buffer_bytes = which & 16 ? 1 + (uint32_t)reader_size(&world->calls) : 0,
        .os_receive_buffer_bytes = which & 16 ? 1 + (uint32_t)reader_size(&world->calls) : 0,
        .io_timeout_ms = which & 32 ? reader_time_ms(&world->calls) : 0,
        .idle_timeout_ms = which & 64 ? reader_time_ms(&world->calls) : 0,
        .connect_timeout_ms = which & 128 ? reader_time_ms(&world->calls) : 0,
        .half_open = is_half_open,
    };
}

static size_t least(size_t one, size_t other) {
    return one < other ? one : other;
}

static sps_error get_of_source(void *user_data, uint8_t *buffer, size_t size, size_t *out_count) {
    enum { KINDS_OF_ANSWER = 8 };
    slot *slot = user_data;
    world *world = slot->world;
    const uint32_t kind = reader_below(&world->calls, KINDS_OF_ANSWER);
    const size_t most = kind < 4 ? size : reader_size(&world->calls);
    const size_t count = kind == 7 || slot->custom_has_ended ? 0 : least(most, size);
    for (size_t i = 0; i < count; i++) {
        buffer[i] = source_byte(slot->custom_given++);
    }
    *out_count = count;
    slot->custom_has_ended = slot->custom_has_ended || slot->custom_given > MOST_SENT_BYTES;
    if (slot->custom_has_ended || (kind == 6 && reader_below(&world->calls, OFTEN) == 0)) {
        slot->custom_has_ended = true;
        return SPS_ERR_FILE_EOF;
    }
    return count == size ? SPS_OK : kind == 5 ? SPS_OK : SPS_ERR_BUSY;
}

static sps_error put_to_sink(void *user_data, const uint8_t *data, size_t size, size_t *out_count) {
    slot *slot = user_data;
    world *world = slot->world;
    const end *end = &world->ends[slot->end];
    const uint32_t kind = reader_below(&world->calls, 8);
    const size_t count = kind < 4 ? size : kind == 7 ? 0 : least(reader_size(&world->calls), size);
    if (world->is_printed) {
        fprintf(stderr, "      the sink takes %zu of %zu\n", count, size);
    }
    EXPECT(slot->custom_written + count <= end->offered);
    EXPECT(memcmp(end->wire + slot->custom_written, data, count) == 0);
    slot->custom_written += count;
    *out_count = count;
    return kind == 6 && reader_below(&world->calls, OFTEN) == 0 ? SPS_ERR_FILE_CANT_WRITE
           : count == size                                      ? SPS_OK
           : kind == 5                                          ? SPS_OK
                                                                : SPS_ERR_BUSY;
}

static sps_error available_of_source(void *user_data, size_t *out_bytes) {
    const slot *slot = user_data;
    *out_bytes = slot->custom_has_ended ? 0 : 1000;
    return SPS_OK;
}

static sps_error create_custom(world *world, slot *slot, const sps_stream_options *options) {
    const uint8_t which = reader_byte(&world->calls);
    const sps_custom_operations operations = {
        .struct_size = sizeof operations,
        .get_partial_data = which & 1 ? NULL : get_of_source,
        .put_partial_data = which & 2 ? NULL : put_to_sink,
        .get_data = which & 4 ? get_of_source : NULL,
        .put_data = which & 8 ? put_to_sink : NULL,
        .get_available_bytes = which & 16 ? NULL : available_of_source,
    };
    slot->end = begin_end(world, CUSTOM, true);
    return slot->end != NO_END ? sps_custom_create(&operations, slot, options, &slot->stream)
                               : SPS_ERR_OUT_OF_MEMORY;
}

static void create(world *world) {
    slot *slot = pick_free_stream(world);
    const kind kind = (enum kind)reader_below(&world->calls, KINDS);
    const int host = (int)reader_below(&world->calls, HOSTS);
    sps_allocator allocator;
    const sps_stream_options options = options_of(world, host, &allocator);
    if (slot == NULL) {
        return;
    }
    slot->kind = kind;
    slot->host = host;
    const sps_error error = kind == TCP      ? sps_tcp_create(&options, &slot->stream)
                            : kind == UDS    ? sps_uds_create(&options, &slot->stream)
                            : kind == BUFFER ? sps_buffer_create(&options, &slot->stream)
                                             : create_custom(world, slot, &options);
    ANSWERS(world, error, CODE(SPS_OK) | CODE(SPS_ERR_OUT_OF_MEMORY));
    EXPECT((error == SPS_OK) == (slot->stream != NULL));
    if (error != SPS_OK) {
        forget_stream(world, slot);
        return;
    }
    world->touched |= 1U << (slot - world->streams);
}

void destroy_stream(world *world, slot *slot) {
    sps_stream_destroy(slot->stream);
    forget_stream(world, slot);
}

static void destroy(world *world) {
    slot *slot = pick_stream(world);
    say(world, SPS_OK);
    if (slot->stream != NULL) {
        destroy_stream(world, slot);
    }
}

// ---- Connecting

typedef struct target {
    const char *host;
    uint64_t codes; // codes that a valid target never returns
} target;

static const target targets[] = {
    {"10.0.0.1", 0},
    {"10.0.0.2", 0},
    {"many", 0},
    {"localhost", 0},
    {"127.0.0.1", 0},
    {"::1", 0},
    {"never", 0},
    {"unknown.example", 0},
    {"10.9.9.9", 0},
    {"fd00::2", 0},
    {"one", 0},
    {"300.1.1.1", CODE(SPS_ERR_INVALID_PARAMETER)},
    {"", CODE(SPS_ERR_INVALID_PARAMETER)},
    {NULL, CODE(SPS_ERR_INVALID_PARAMETER)},
    {"fe80::1%lo", 0},
    {"a b", CODE(SPS_ERR_INVALID_PARAMETER)},
};
enum { TARGETS = sizeof targets / sizeof targets[0] };

static int32_t pick_port(world *world) {
    static const int32_t bad[] = {-1, 65536, INT32_MIN, 0};
    const uint32_t which = reader_below(&world->calls, 16);
    return which < 12 ? FIRST_PORT + (int32_t)(which % PORTS) : bad[which - 12];
}

static const char *pick_path(world *world) {
    static char too_long[200];
    memset(too_long, 'p', sizeof too_long - 1);
    const uint32_t which = reader_below(&world->calls, 16);
    return which == 15   ? too_long
           : which == 14 ? NULL
                         : paths[which < PATHS ? which : which % GOOD_PATHS];
}

static const uint64_t connect_codes =
    CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_ALREADY_IN_USE) |
    CODE(SPS_ERR_INVALID_PARAMETER) | CODE(SPS_ERR_CANT_ACQUIRE_RESOURCE) |
    CODE(SPS_ERR_OUT_OF_MEMORY) | CODE(SPS_ERR_UNAVAILABLE);

static void expect_connected(world *world, slot *slot, sps_error error, kind kind, bool is_bad) {
    const sps_status before = slot->seen.status;
    if (slot->stream == NULL) {
        EXPECT(error == SPS_ERR_INVALID_PARAMETER);
    } else if (slot->kind != kind) {
        EXPECT(error == SPS_ERR_UNAVAILABLE);
    } else if (before != SPS_STATUS_NONE && !(before == SPS_STATUS_ERROR && kind == UDS)) {
        EXPECT(error == SPS_ERR_ALREADY_IN_USE || (is_bad && error == SPS_ERR_INVALID_PARAMETER));
    } else if (is_bad) {
        EXPECT(error == SPS_ERR_INVALID_PARAMETER);
    } else {
        EXPECT(error != SPS_ERR_ALREADY_IN_USE);
        slot->was_open = true;
        slot->reported_closed = false;
        slot->reported_end = 0;
        const sps_status now = status_of(slot);
        EXPECT((error == SPS_OK) == (now == SPS_STATUS_CONNECTING || now == SPS_STATUS_CONNECTED));
        slot->end = error == SPS_OK ? begin_end(world, kind, true) : NO_END;
    }
}

static void connect_tcp(world *world) {
    slot *slot = pick_stream(world);
    const target *target = &targets[reader_below(&world->calls, TARGETS)];
    const int32_t port = pick_port(world);
    if (world->end_count == ENDS) {
        return;
    }
    world->has_hidden_connections[TCP] = true; // more than one address of a name may accept
    const sps_error error = sps_tcp_connect(slot->stream, target->host, port);
    ANSWERS(world, error, connect_codes);
    expect_connected(world, slot, error, TCP, target->codes != 0 || port < 1 || port > 65535);
}

static void connect_uds(world *world) {
    slot *slot = pick_stream(world);
    const char *path = pick_path(world);
    if (world->end_count == ENDS) {
        return;
    }
    const sps_error error = sps_uds_connect(slot->stream, path);
    ANSWERS(world, error, connect_codes);
    const bool is_bad =
        path == NULL || path[0] == '\0' || strlen(path) > 107 || strcmp(path, "@") == 0;
    expect_connected(world, slot, error, UDS, is_bad);
}

static const uint64_t bind_codes = CODE(SPS_OK) | CODE(SPS_ERR_ALREADY_IN_USE) |
                                   CODE(SPS_ERR_INVALID_PARAMETER) | CODE(SPS_ERR_UNAUTHORIZED) |
                                   CODE(SPS_ERR_CANT_ACQUIRE_RESOURCE) | CODE(SPS_ERR_CANT_CREATE) |
                                   CODE(SPS_ERR_UNAVAILABLE) | CODE(SPS_ERR_OUT_OF_MEMORY);

static void bind_it(world *world) {
    static const char *const hosts[] = {
        "*", "10.0.0.1", "10.0.0.2", "::", "name", NULL, "127.0.0.1", "*"};
    slot *slot = pick_stream(world);
    const char *host = hosts[reader_below(&world->calls, 8)];
    const int32_t port = reader_flag(&world->calls) ? 0 : pick_port(world);
    const char *path = pick_path(world);
    const sps_error error = slot->kind == UDS ? sps_uds_bind(slot->stream, path)
                                              : sps_tcp_bind(slot->stream, port, host);
    ANSWERS(world, error, bind_codes);
    EXPECT(slot->stream != NULL || error == SPS_ERR_INVALID_PARAMETER);
    if (slot->stream != NULL && slot->seen.status != SPS_STATUS_NONE && is_socket(slot)) {
        EXPECT(error != SPS_OK);
    }
    slot->was_open = slot->was_open || error == SPS_OK;
}

// ---- Polling and closing

static void poll(world *world) {
    slot *slot = pick_stream(world);
    const sps_status before = slot->seen.status;
    const sps_error error = sps_socket_poll(slot->stream);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_CONNECTION_ERROR) |
                CODE(SPS_ERR_CANT_RESOLVE) | CODE(SPS_ERR_OUT_OF_MEMORY) | CODE(SPS_ERR_TIMEOUT) |
                CODE(SPS_ERR_UNAVAILABLE) | CODE(SPS_ERR_INVALID_PARAMETER));
    if (slot->stream == NULL || !is_socket(slot)) {
        EXPECT(error == (slot->stream == NULL ? SPS_ERR_INVALID_PARAMETER : SPS_ERR_UNAVAILABLE));
        return;
    }
    const sps_status after = status_of(slot);
    EXPECT((after == SPS_STATUS_ERROR && before != SPS_STATUS_ERROR) ==
           (error == SPS_FAILED || error == SPS_ERR_CONNECTION_ERROR ||
            error == SPS_ERR_CANT_RESOLVE));
    if (before == SPS_STATUS_NONE || before == SPS_STATUS_ERROR) {
        EXPECT(error == SPS_OK && after == before);
    }
}

static sps_error expected_of_kind(const slot *slot) {
    return slot->stream == NULL ? SPS_ERR_INVALID_PARAMETER
           : is_socket(slot)    ? SPS_OK
                                : SPS_ERR_UNAVAILABLE;
}

static void disconnect(world *world) {
    slot *slot = pick_stream(world);
    const sps_error error = sps_socket_disconnect(slot->stream);
    ANSWERS(world, error, CODE(expected_of_kind(slot)));
    EXPECT(status_of(slot) == SPS_STATUS_NONE);
}

static void close_reset(world *world) {
    slot *slot = pick_stream(world);
    const sps_error error = sps_tcp_close_reset(slot->stream);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_UNAVAILABLE) | CODE(SPS_ERR_INVALID_PARAMETER));
    EXPECT((error == SPS_OK) == (slot->stream != NULL && slot->kind == TCP));
    EXPECT(error != SPS_OK || status_of(slot) == SPS_STATUS_NONE);
}

static void shut_down(world *world) {
    slot *slot = pick_stream(world);
    const sps_error error = sps_socket_shutdown_write(slot->stream);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_BUSY) | CODE(SPS_FAILED) | CODE(SPS_ERR_OUT_OF_MEMORY) |
                CODE(SPS_ERR_UNAVAILABLE) | CODE(SPS_ERR_INVALID_PARAMETER));
    if (error == SPS_OK && slot->end != NO_END) {
        end *end = &world->ends[slot->end];
        end->os_has = end->cannot_put ? end->os_has : end->sent;
        end->may_have_finished = end->cannot_put = true;
    } else if (error == SPS_FAILED && slot->end != NO_END &&
               slot->seen.status == SPS_STATUS_CONNECTED) {
        world->ends[slot->end].cannot_put = true;
    }
}

static void begin_to_close(slot *slot) {
    if (slot->end != NO_END && slot->seen.status == SPS_STATUS_CONNECTED) {
        end *end = &slot->world->ends[slot->end];
        end->may_have_finished = end->is_closing = end->cannot_put = true;
    }
}

static void close_gracefully(world *world) {
    slot *slot = pick_stream(world);
    const uint32_t time_ms = reader_time_ms(&world->calls);
    const sps_error error = sps_socket_close_gracefully(slot->stream, time_ms);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_TIMEOUT) | CODE(SPS_ERR_UNAVAILABLE) |
                CODE(SPS_ERR_INVALID_PARAMETER));
    EXPECT(slot->stream != NULL || error == SPS_ERR_INVALID_PARAMETER);
    begin_to_close(slot);
}

static void close_and_wait(world *world) {
    slot *slot = pick_stream(world);
    const uint32_t time_ms = reader_time_ms(&world->calls);
    begin_to_close(slot);
    const sps_error error = sps_socket_close_and_wait(slot->stream, time_ms);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_TIMEOUT) | CODE(SPS_ERR_UNAVAILABLE) |
                CODE(SPS_ERR_INVALID_PARAMETER));
    if (slot->stream != NULL && slot->seen.status == SPS_STATUS_CONNECTED) {
        EXPECT(status_of(slot) != SPS_STATUS_CONNECTED);
    }
}

// ---- Descriptors

static void release(world *world) {
    slot *slot = pick_stream(world);
    kept_fd *kept = keep_fd(world);
    if (kept == NULL) {
        return;
    }
    intptr_t fd;
    const sps_error error = slot->kind == UDS ? sps_uds_release_fd(slot->stream, &fd)
                                              : sps_tcp_release_fd(slot->stream, &fd);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_BUSY) | CODE(SPS_ERR_UNAVAILABLE) |
                CODE(SPS_ERR_INVALID_PARAMETER));
    EXPECT((error == SPS_OK) == (fd != -1));
    if (error == SPS_OK) {
        EXPECT(slot->seen.pending == 0 && slot->seen.buffered == 0);
        *kept = (kept_fd){fd, slot->host, slot->end, slot->kind};
        slot->end = NO_END;
    } else if (error == SPS_ERR_BUSY) {
        EXPECT(status_of(slot) == SPS_STATUS_CONNECTED);
    }
}

static void adopt(world *world) {
    slot *slot = pick_stream(world);
    kept_fd *kept = kept_fd_of(world, false);
    const intptr_t fd = kept != NULL ? kept->fd : (intptr_t)reader_byte(&world->calls) + 1000;
    if (kept != NULL && kept->host != slot->host) {
        return; // a descriptor of another host has no meaning here
    }
    if (kept != NULL && kept->end != NO_END && world->ends[kept->end].cannot_put) {
        return; // the new stream could not know about a cut value or a sent end
    }
    const sps_error error =
        slot->kind == UDS ? sps_uds_adopt_fd(slot->stream, fd) : sps_tcp_adopt_fd(slot->stream, fd);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_ALREADY_IN_USE) |
                CODE(SPS_ERR_UNAVAILABLE) | CODE(SPS_ERR_INVALID_PARAMETER));
    if (error == SPS_OK) {
        EXPECT(kept != NULL && kept->end != NO_END && kept->kind == slot->kind);
        EXPECT(status_of(slot) == SPS_STATUS_CONNECTED);
        slot->end = kept->end;
        slot->was_open = true;
        slot->reported_closed = false;
        slot->reported_end = 0;
        kept->fd = -1;
    }
}

// ---- Queries

static void check_text(sps_error error, const char *text, size_t size, size_t length) {
    EXPECT(error == SPS_OK || error == SPS_ERR_PARAMETER_RANGE_ERROR);
    EXPECT((error == SPS_OK) == (length < size));
    EXPECT(error != SPS_OK || strlen(text) == length);
}

static void ask_for_texts(world *world, const slot *slot) {
    char text[SPS_PATH_TEXT_BYTES];
    const size_t size = reader_below(&world->calls, sizeof text);
    size_t length = 0;
    if (slot->kind == UDS) {
        const sps_error error = sps_uds_get_connected_path(slot->stream, text, size, &length);
        check_text(error, text, size, length);
        return;
    }
    sps_error error = sps_tcp_get_connected_host(slot->stream, text, size, &length);
    check_text(error, text, size, length);
    const sps_status status = slot->seen.status;
    EXPECT(status != SPS_STATUS_CONNECTED || length > 0);
    EXPECT(status == SPS_STATUS_CONNECTED || status == SPS_STATUS_CONNECTING || length == 0);
    error = sps_tcp_get_local_host(slot->stream, text, size, &length);
    check_text(error, text, size, length);
}

static void ask_for_attempts(const slot *slot) {
    size_t count;
    EXPECT(sps_tcp_get_connect_attempt_count(slot->stream, &count) == SPS_OK);
    sps_connect_attempt attempt = {.struct_size = sizeof attempt};
    for (size_t i = 0; i < count; i++) {
        EXPECT(sps_tcp_get_connect_attempt(slot->stream, i, &attempt) == SPS_OK);
        EXPECT(attempt.state >= SPS_ATTEMPT_RUNNING && attempt.state <= SPS_ATTEMPT_ABANDONED);
        EXPECT(attempt.state != SPS_ATTEMPT_RUNNING || slot->seen.status == SPS_STATUS_CONNECTING);
        EXPECT(attempt.state == SPS_ATTEMPT_RUNNING || attempt.end_us >= attempt.start_us);
    }
    EXPECT(sps_tcp_get_connect_attempt(slot->stream, count, &attempt) ==
           SPS_ERR_PARAMETER_RANGE_ERROR);
}

static void ask_tcp(world *world, const slot *slot) {
    int32_t port;
    EXPECT(sps_tcp_get_connected_port(slot->stream, &port) == SPS_OK);
    const sps_status status = slot->seen.status;
    EXPECT((port != 0) == (status == SPS_STATUS_CONNECTED || status == SPS_STATUS_CONNECTING));
    EXPECT(sps_tcp_get_local_port(slot->stream, &port) == SPS_OK);
    sps_tcp_info info = {.struct_size = reader_below(&world->calls, 2 * sizeof info)};
    const sps_error error = sps_tcp_get_info(slot->stream, &info);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_UNAVAILABLE) |
                CODE(SPS_ERR_INVALID_PARAMETER) | CODE(SPS_ERR_OUT_OF_MEMORY));
    EXPECT((error == SPS_ERR_INVALID_PARAMETER) == (info.struct_size == 0));
    ask_for_attempts(slot);
}

static void ask_uds(world *world, const slot *slot) {
    sps_peer_credentials who = {.struct_size = reader_below(&world->calls, 2 * sizeof who)};
    const sps_error error = sps_uds_get_peer_credentials(slot->stream, &who);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_UNAVAILABLE) |
                CODE(SPS_ERR_INVALID_PARAMETER) | CODE(SPS_ERR_OUT_OF_MEMORY));
    EXPECT((error == SPS_ERR_INVALID_PARAMETER) == (who.struct_size == 0));
}

// On the simulated network no loop of a program waits for a descriptor.
static void ask_for_wait(world *world, const slot *slot) {
    enum { MOST_US = 10000 };
    sps_socket_wait wait = {.struct_size = sizeof wait};
    const sps_error error = sps_socket_get_wait(slot->stream, &wait);
    ANSWERS(world, error, CODE(SPS_OK) | CODE(SPS_ERR_ALREADY_IN_USE));
    EXPECT((error == SPS_ERR_ALREADY_IN_USE) == (slot->poller != NO_POLLER));
    EXPECT(wait.fd == -1 && wait.timeout_us >= -1 && wait.timeout_us <= MOST_US);
    EXPECT(error == SPS_OK || (wait.interests == 0 && wait.timeout_us == -1));
}

static void ask(world *world) {
    slot *slot = pick_stream(world);
    if (slot->stream == NULL || !is_socket(slot)) {
        return;
    }
    uint32_t send_bytes, receive_bytes;
    const sps_error error = sps_socket_get_os_buffers(slot->stream, &send_bytes, &receive_bytes);
    ANSWERS(world, error, CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_OUT_OF_MEMORY));
    ask_for_texts(world, slot);
    ask_for_wait(world, slot);
    if (slot->kind == TCP) {
        ask_tcp(world, slot);
    } else {
        ask_uds(world, slot);
    }
}

// ---- Settings

static uint32_t any_time(world *world) {
    const uint8_t byte = reader_byte(&world->calls);
    return byte == 255 ? UINT32_MAX : byte == 254 ? (uint32_t)INT32_MAX + 1 : byte * 4U;
}

static sps_error set_one(world *world, sps_stream *stream, uint32_t which, bool *out_is_time,
                         uint32_t *out_time) {
    const uint32_t first = any_time(world), second = any_time(world);
    *out_time = first;
    *out_is_time = which < 6;
    switch (which) {
    case 0:
        return sps_socket_set_connect_timeout(stream, first);
    case 1:
        return sps_socket_set_attempt_delay(stream, first);
    case 2:
        return sps_socket_set_io_timeout(stream, first);
    case 3:
        return sps_socket_set_idle_timeout(stream, first);
    case 4:
        *out_time = first > second ? first : second;
        return sps_socket_set_os_buffers(stream, first, second);
    case 5:
        *out_is_time = false;
        return sps_tcp_set_user_timeout(stream, first);
    case 6:
        return sps_tcp_set_keepalive(stream, first, second, reader_byte(&world->calls));
    default:
        return sps_tcp_set_no_delay(stream, first & 4);
    }
}

static void set(world *world) {
    slot *slot = pick_stream(world);
    bool is_time;
    uint32_t time;
    const sps_error error =
        set_one(world, slot->stream, reader_below(&world->calls, 8), &is_time, &time);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_INVALID_PARAMETER) |
                CODE(SPS_ERR_UNAVAILABLE) | CODE(SPS_ERR_PARAMETER_RANGE_ERROR) |
                CODE(SPS_ERR_OUT_OF_MEMORY));
    if (slot->stream == NULL) {
        EXPECT(error == SPS_ERR_INVALID_PARAMETER);
    } else if (is_time && is_socket(slot)) {
        EXPECT((error == SPS_ERR_INVALID_PARAMETER) == (time > INT32_MAX));
    }
}

const row socket_rows[] = {
    {"create", create, CONNECTS},
    {"destroy", destroy, CLOSES},
    {"connect tcp", connect_tcp, CONNECTS},
    {"connect uds", connect_uds, CONNECTS},
    {"bind", bind_it, 0},
    {"poll", poll, POLLS},
    {"disconnect", disconnect, CLOSES},
    {"close with a reset", close_reset, CLOSES},
    {"shut down", shut_down, MOVES},
    {"close gracefully", close_gracefully, POLLS},
    {"close and wait", close_and_wait, POLLS},
    {"release", release, CLOSES},
    {"adopt", adopt, CONNECTS},
    {"ask", ask, 0},
    {"set", set, 0},
};
const size_t socket_count = sizeof socket_rows / sizeof socket_rows[0];
