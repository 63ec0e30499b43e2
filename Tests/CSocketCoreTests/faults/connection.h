// SPDX-License-Identifier: MIT
//
// What the scenarios share: a connection whose calls may fail, and what must be true of it all the same.
#ifndef FAULT_SUPPORT_H
#define FAULT_SUPPORT_H

#include "support/failing_platform.h"
#include "support/support.h"

// One way between two streams: the bytes of a pattern, or messages.
typedef struct way {
    uint64_t taken; // by puts that answered OK, or told how many they took
    uint64_t got;   // by gets
    bool told;      // some call has answered an error, or a status has said so
} way;

// Two streams, their server, and the ways between them.
typedef struct connection {
    sps_server *server;
    sps_stream *client, *peer;
    place place; // where the server listens
    way there, back;
} connection;

// How often a step is tried before the scenario gives up on it: a fault may have taken what it waits for.
enum { PATIENCE = 60, PIECE = 3000 };

sps_stream_options stream_options(void);

// A closed stream answers every call as the headers say. Checks it, closes it, and checks again.
void check_stream(sps_stream *stream);
bool is_open(const sps_stream *stream);

// What an answer says of a way: an error is told; BUSY is none.
bool is_error(way *way, sps_error error);

bool put_piece(way *way, sps_stream *stream, size_t size);
bool get_what_is_there(way *way, sps_stream *stream);

// Reads until all that was taken has come, or nothing comes any more for a moment: what is late comes with the
// next one.
void receive_rest(way *way, sps_stream *from, sps_stream *to);

// The same for both ways, with all patience. Whoever finds an end closed has been told.
void settle(connection *connection);

bool listen_on(sps_server *server, transport transport, place *place);
bool make_connection_with(connection *connection, transport transport,
                          const sps_stream_options *options);
bool make_connection(connection *connection, transport transport);
bool begin_to_connect(connection *connection, transport transport);

// To the server that listens already.
bool connect_client(connection *connection);

// Until both ends are there; false when they will not be.
bool join(connection *connection);

// All three of these.
bool establish(connection *connection, transport transport);

// Closes and destroys; on each way all has come, or somebody was told that it would not.
void end_connection(connection *connection);

#endif
