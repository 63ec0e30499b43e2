// SPDX-License-Identifier: MIT
//
// Bytes and values over a connection, and its close.
#include "faults/scenarios.h"

#include <string.h>

#include "faults/connection.h"

enum { PIECES = 12, VALUES = 8 };

static void transfer(transport transport, bool batched) {
    connection connection;
    if (establish(&connection, transport)) {
        is_error(&connection.there, sps_stream_set_write_batching(connection.client, batched));
        for (int i = 0; i < PIECES; i++) {
            put_piece(&connection.there, connection.client, (size_t)(1 + i * PIECE / PIECES));
            put_piece(&connection.back, connection.peer, (size_t)(PIECE - i));
            receive_rest(&connection.there, connection.client, connection.peer);
            receive_rest(&connection.back, connection.peer, connection.client);
        }
        settle(&connection);
    }
    end_connection(&connection);
}

// Writes into the write buffer itself.
static void put_in_place(way *way, sps_stream *stream, size_t size) {
    void *memory;
    size_t bytes;
    sps_error error = sps_stream_reserve(stream, size, &memory, &bytes);
    EXPECT((error == SPS_OK) == (memory != NULL && bytes >= size));
    if (error == SPS_OK) {
        fill_pattern(memory, size, way->taken);
        error = sps_stream_commit(stream, size);
        way->taken += error == SPS_OK ? size : 0;
    }
    is_error(way, error);
}

static void transfer_in_place(transport transport) {
    connection connection;
    if (establish(&connection, transport)) {
        is_error(&connection.there, sps_stream_set_write_batching(connection.client, true));
        for (int i = 0; i < PIECES; i++) {
            put_in_place(&connection.there, connection.client, (size_t)(1 + i * PIECE / PIECES));
            put_in_place(&connection.back, connection.peer, (size_t)(PIECE - i));
            receive_rest(&connection.there, connection.client, connection.peer);
            receive_rest(&connection.back, connection.peer, connection.client);
        }
        settle(&connection);
    }
    end_connection(&connection);
}

// Makes a call again if it returned an error that changed nothing.
#define REPEAT(call) ((call) == SPS_OK || (call) == SPS_OK)

// Expects that no more bytes come.
static void get_in_vain(sps_stream *stream) {
    uint32_t value = 1;
    sps_socket_set_io_timeout(stream, 2);
    EXPECT(sps_stream_get_u32(stream, &value) != SPS_OK);
    EXPECT(value == 0);
}

// Values and waiting gets. A value arrives whole, unchanged and once, or not at all.
static void values(transport transport, const sps_stream_options *options) {
    connection connection;
    if (make_connection_with(&connection, transport, options) &&
        begin_to_connect(&connection, transport) && join(&connection)) {
        uint32_t i = 0;
        for (; i < VALUES; i++) {
            uint32_t value;
            const char *text;
            size_t size;
            uint8_t bytes[3];
            if (!REPEAT(sps_stream_put_data(connection.client, "raw", 3, NULL)) ||
                !REPEAT(sps_stream_get_data(connection.peer, bytes, 3, NULL))) {
                break;
            }
            EXPECT(memcmp(bytes, "raw", 3) == 0);
            if (!REPEAT(sps_stream_put_u32(connection.client, i)) ||
                !REPEAT(sps_stream_put_utf8_string(connection.client, "whole", 5)) ||
                !REPEAT(sps_stream_get_u32(connection.peer, &value))) {
                break;
            }
            EXPECT(value == i);
            if (!REPEAT(sps_stream_get_utf8_string(connection.peer, SPS_LENGTH_PREFIXED, &text,
                                                   &size))) {
                break;
            }
            EXPECT(size == 5 && memcmp(text, "whole", 5) == 0);
        }
        if (i == VALUES && options->io_timeout_ms != 0) {
            get_in_vain(connection.peer);
        }
    }
    end_connection(&connection);
}

// Without a timeout a get waits in the OS.
static void wait_for_values(transport transport) {
    sps_stream_options options = stream_options();
    options.io_timeout_ms = options.idle_timeout_ms = 0;
    values(transport, &options);
}

// Bytes that were put before a graceful close arrive, then the end. Otherwise the close reports a
// failure.
static void close_gracefully(transport transport) {
    connection connection;
    if (establish(&connection, transport)) {
        is_error(&connection.there, sps_stream_set_write_batching(connection.client, true));
        put_piece(&connection.there, connection.client, PIECE);
        put_piece(&connection.back, connection.peer, 100);
        is_error(&connection.there, sps_socket_close_gracefully(connection.client, 5000));
        connection.back.failed = true; // the close drops it
        for (int i = 0; i < PATIENCE && (is_open(connection.client) || is_open(connection.peer));
             i++) {
            is_error(&connection.there, sps_socket_poll(connection.client));
            const bool had_failed = connection.there.failed;
            if (is_open(connection.peer) && !get_available(&connection.there, connection.peer)) {
                sps_close_reason end;
                sps_socket_get_close_reason(connection.peer, &end);
                // after an orderly end no loss would be reported
                if (end == SPS_CLOSE_PEER_FINISHED) {
                    connection.there.failed = had_failed;
                }
                sps_socket_disconnect(connection.peer);
            }
            pause_briefly();
        }
        sps_close_reason reason;
        sps_socket_get_close_reason(connection.client, &reason);
        connection.there.failed =
            connection.there.failed || is_open(connection.client) || reason != SPS_CLOSE_LOCAL;
    }
    end_connection(&connection);
}

// Returns the end that the peer has met. A fault may have left bytes before it.
static sps_error read_to_the_end(connection *connection) {
    sps_error error = SPS_ERR_BUSY;
    for (int i = 0; i < PATIENCE && error != SPS_ERR_FILE_EOF && error != SPS_FAILED; i++) {
        const uint8_t *span;
        size_t count;
        is_error(&connection->back, sps_socket_poll(connection->peer));
        error = sps_stream_peek(connection->peer, 1, &span, &count);
        if (error == SPS_OK) {
            get_available(&connection->there, connection->peer);
        }
        pause_briefly();
    }
    return error;
}

// A half-open peer reads to the end of the request, and then replies.
static void reply(transport transport) {
    sps_stream_options options = stream_options();
    options.half_open = 1;
    connection connection;
    if (make_connection_with(&connection, transport, &options) &&
        begin_to_connect(&connection, transport) && join(&connection)) {
        put_piece(&connection.there, connection.client, PIECE);
        receive_rest(&connection.there, connection.client, connection.peer);
        is_error(&connection.there, sps_socket_shutdown_write(connection.client));
        if (read_to_the_end(&connection) == SPS_ERR_FILE_EOF) {
            EXPECT(is_open(connection.peer));
            is_error(&connection.back, sps_socket_poll(connection.peer));
            put_piece(&connection.back, connection.peer, PIECE);
            receive_rest(&connection.back, connection.peer, connection.client);
            is_error(&connection.back, sps_socket_shutdown_write(connection.peer));
        }
    }
    end_connection(&connection);
}

static void transfer_now(transport transport) {
    transfer(transport, false);
}

static void transfer_batched(transport transport) {
    transfer(transport, true);
}

static void values_in_time(transport transport) {
    const sps_stream_options options = stream_options();
    values(transport, &options);
}

const scenario transfer_scenarios[] = {{"tcp transfer", transfer_now, TCP},
                                       {"uds transfer", transfer_now, UDS},
                                       {"tcp batched", transfer_batched, TCP},
                                       {"uds batched", transfer_batched, UDS},
                                       {"tcp in place", transfer_in_place, TCP},
                                       {"uds in place", transfer_in_place, UDS},
                                       {"tcp values", values_in_time, TCP},
                                       {"uds values", values_in_time, UDS},
                                       {"tcp waits", wait_for_values, TCP},
                                       {"uds waits", wait_for_values, UDS},
                                       {"tcp close", close_gracefully, TCP},
                                       {"uds close", close_gracefully, UDS},
                                       {"tcp reply", reply, TCP},
                                       {"uds reply", reply, UDS},
                                       {NULL, NULL, TCP}};
