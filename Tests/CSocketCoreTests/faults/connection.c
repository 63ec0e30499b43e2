// SPDX-License-Identifier: MIT
#include "faults/connection.h"

sps_stream_options stream_options(void) {
    return (sps_stream_options){.struct_size = sizeof(sps_stream_options),
                                .read_buffer_bytes = 4096,
                                .write_buffer_bytes = 8192,
                                .io_timeout_ms = 1000,
                                .keepalive_idle_ms = 60000,
                                .idle_timeout_ms = 60000,
                                .allocator = fault_allocator(),
                                .platform = fault_platform()};
}

// ---- Checks of a stream

static bool is_known(sps_status status) {
    return status >= SPS_STATUS_NONE && status <= SPS_STATUS_ERROR;
}

// A closed stream returns from every call what the headers say, makes no syscall, and has a close
// reason.
static void check_closed(sps_stream *stream, bool may_be_bound) {
    const long calls = the_plan.calls;
    uint32_t value = 1;
    size_t count;
    EXPECT(sps_stream_get_u32(stream, &value) == SPS_FAILED);
    EXPECT(value == 0);
    EXPECT(sps_stream_put_u32(stream, 1) == SPS_FAILED);
    const sps_error error = sps_stream_get_available_bytes(stream, &count);
    EXPECT(error == SPS_FAILED || (error == SPS_OK && may_be_bound));
    EXPECT(count == 0);
    EXPECT(sps_socket_poll(stream) == SPS_OK);
    EXPECT(the_plan.calls == calls);
}

void check_stream(sps_stream *stream) {
    if (stream == NULL) {
        return;
    }
    sps_status status;
    EXPECT(sps_socket_get_status(stream, &status) == SPS_OK);
    EXPECT(is_known(status));
    if (status == SPS_STATUS_NONE || status == SPS_STATUS_ERROR) {
        check_closed(stream, status == SPS_STATUS_NONE);
    }
    sps_close_reason reason;
    EXPECT(sps_socket_get_close_reason(stream, &reason) == SPS_OK);
    EXPECT(status != SPS_STATUS_ERROR || reason != SPS_CLOSE_NONE);
    EXPECT(sps_socket_disconnect(stream) == SPS_OK);
    EXPECT(sps_socket_get_status(stream, &status) == SPS_OK);
    EXPECT(status == SPS_STATUS_NONE);
    check_closed(stream, false);
}

bool is_open(const sps_stream *stream) {
    sps_status status = SPS_STATUS_NONE;
    sps_socket_get_status(stream, &status);
    return status == SPS_STATUS_CONNECTING || status == SPS_STATUS_CONNECTED;
}

// ---- Bytes

// Interprets a result. An error marks the way as failed. BUSY is not an error.
bool is_error(way *way, sps_error error) {
    const bool is = error != SPS_OK && error != SPS_ERR_BUSY;
    way->failed = way->failed || is;
    return is;
}

bool put_piece(way *way, sps_stream *stream, size_t size) {
    uint8_t bytes[PIECE];
    size_t sent = 0;
    fill_pattern(bytes, size, way->taken);
    const sps_error error = sps_stream_put_data(stream, bytes, size, &sent);
    EXPECT(sent <= size);
    EXPECT(error != SPS_OK || sent == size);
    way->taken += sent;
    return !is_error(way, error) && sent == size;
}

bool get_available(way *way, sps_stream *stream) {
    uint8_t bytes[PIECE];
    size_t count = 0;
    const sps_error error = sps_stream_get_partial_data(stream, bytes, sizeof bytes, &count);
    EXPECT(is_pattern(bytes, count, way->got));
    way->got += count;
    EXPECT(way->got <= way->taken);
    return !is_error(way, error);
}

// All bytes arrived, or an end knows of the failure.
static void check_way(const way *way) {
    EXPECT(way->got <= way->taken);
    EXPECT(way->failed || way->got == way->taken); // no byte is lost silently
}

// ---- Setup and cleanup

bool listen_on(sps_server *server, transport transport, place *place) {
    *place = transport == UDS ? unused_place(UDS) : (struct place){.transport = TCP};
    return listen_at(server, place) == SPS_OK &&
           (transport == UDS || sps_tcp_server_get_local_port(server, &place->port) == SPS_OK);
}

bool make_connection_with(connection *connection, transport transport,
                          const sps_stream_options *options) {
    const sps_server_options server_options = {.struct_size = sizeof server_options,
                                               .stream = options,
                                               .file_mode = transport == UDS ? 0600 : 0,
                                               .reuse_port = transport == TCP};
    *connection = (struct connection){.server = NULL};
    return (transport == TCP
                ? sps_tcp_server_create(&server_options, &connection->server)
                : sps_uds_server_create(&server_options, &connection->server)) == SPS_OK &&
           (transport == TCP ? sps_tcp_create(options, &connection->client)
                             : sps_uds_create(options, &connection->client)) == SPS_OK;
}

bool make_connection(connection *connection, transport transport) {
    const sps_stream_options options = stream_options();
    return make_connection_with(connection, transport, &options);
}

// Turns off Nagle's algorithm. It and delayed acknowledgements hold small segments back for 40 ms.
// If this call fails, the scenario is only slower.
static void hold_nothing_back(const connection *connection) {
    if (connection->place.transport == TCP) {
        sps_tcp_set_no_delay(connection->client, true);
        sps_tcp_set_no_delay(connection->peer, true);
    }
}

bool join(connection *connection) {
    for (int i = 0; i < PATIENCE; i++) {
        if (connection->peer == NULL) {
            sps_server_take_connection(connection->server, &connection->peer);
        }
        sps_status status = polled_status(connection->client);
        if (status == SPS_STATUS_CONNECTED && connection->peer != NULL) {
            hold_nothing_back(connection);
            return true;
        }
        if (!is_open(connection->client)) {
            return false;
        }
        pause_briefly();
    }
    return false;
}

bool connect_client(connection *connection) {
    const place *place = &connection->place;
    return (place->transport == TCP ? sps_tcp_connect(connection->client, FAULT_NAME, place->port)
                                    : sps_uds_connect(connection->client, place->path)) == SPS_OK;
}

bool begin_to_connect(connection *connection, transport transport) {
    return listen_on(connection->server, transport, &connection->place) &&
           connect_client(connection);
}

bool establish(connection *connection, transport transport) {
    return make_connection(connection, transport) && begin_to_connect(connection, transport) &&
           join(connection);
}

void end_connection(connection *connection) {
    check_stream(connection->client);
    check_stream(connection->peer);
    sps_stream_destroy(connection->client);
    sps_stream_destroy(connection->peer);
    sps_server_destroy(connection->server);
    check_way(&connection->there);
    check_way(&connection->back);
}

static void receive(way *way, sps_stream *from, sps_stream *to, int patience) {
    for (int i = 0; i < patience && way->got < way->taken; i++) {
        if (!get_available(way, to)) {
            return;
        }
        is_error(way, sps_socket_poll(from));
        is_error(way, sps_socket_poll(to));
        if (i > PATIENCE / 10) {
            if (way->failed) {
                return;
            }
            pause_briefly();
        }
    }
}

void receive_rest(way *way, sps_stream *from, sps_stream *to) {
    receive(way, from, to, PATIENCE / 2);
}

void settle(connection *connection) {
    receive(&connection->there, connection->client, connection->peer, 8 * PATIENCE);
    receive(&connection->back, connection->peer, connection->client, 8 * PATIENCE);
    const bool broken = !is_open(connection->client) || !is_open(connection->peer);
    connection->there.failed = connection->there.failed || broken;
    connection->back.failed = connection->back.failed || broken;
}
