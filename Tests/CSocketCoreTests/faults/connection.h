// SPDX-License-Identifier: MIT
//
// Shared by the scenarios: a connection whose calls may fail, and the checks that hold in spite of
// it.
#ifndef FAULT_SUPPORT_H
#define FAULT_SUPPORT_H

#include "support/failing_platform.h"
#include "support/support.h"

// One direction between two streams. It carries the bytes of a pattern, or messages.
typedef struct way {
    uint64_t taken; // by puts that returned OK, or that reported a count
    uint64_t got;   // by gets
    bool failed;    // a call returned an error, or the status reported it
} way;

// Two streams, their server, and both directions between them.
typedef struct connection {
    sps_server *server;
    sps_stream *client, *peer;
    place place; // where the server listens
    way there, back;
} connection;

// How often the scenario repeats a step before it gives up. A fault may prevent the step for ever.
enum { PATIENCE = 60, PIECE = 3000 };

sps_stream_options stream_options(void);

// Checks that a closed stream returns what the headers say. Then closes it, and checks again.
void check_stream(sps_stream *stream);
bool is_open(const sps_stream *stream);

// Interprets a result. An error marks the way as failed. BUSY is not an error.
bool is_error(way *way, sps_error error);

bool put_piece(way *way, sps_stream *stream, size_t size);
bool get_available(way *way, sps_stream *stream);

// Reads until all accepted bytes have come, or until none comes for a moment. Late bytes come with
// the next call.
void receive_rest(way *way, sps_stream *from, sps_stream *to);

// The same for both directions, with full patience. A stream that finds itself closed counts as a
// reported failure.
void settle(connection *connection);

bool listen_on(sps_server *server, transport transport, place *place);
bool make_connection_with(connection *connection, transport transport,
                          const sps_stream_options *options);
bool make_connection(connection *connection, transport transport);
bool begin_to_connect(connection *connection, transport transport);

// Connects to the server, which already listens.
bool connect_client(connection *connection);

// Waits until both ends are connected. Returns false if they will not be.
bool join(connection *connection);

// Calls these three functions.
bool establish(connection *connection, transport transport);

// Closes and destroys everything. Checks that on each way all bytes came, or a failure was
// reported.
void end_connection(connection *connection);

#endif
