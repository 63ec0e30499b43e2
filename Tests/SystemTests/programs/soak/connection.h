// SPDX-License-Identifier: MIT
//
// One connection of the soak, from its hello to its end, and what a process has of all of them.
#ifndef CONNECTION_H
#define CONNECTION_H

#include "../lab.h"
#include "speech.h"

enum { MOST_CONNECTIONS = 256, REASONS = 16 };

// How a connection ends. One side, the ender, begins with it once it has said everything.
typedef enum ending {
    HALF_CLOSE, // shuts down writing, and hears the rest
    GRACEFUL,   // closes gracefully, and drops the rest
    DISCONNECT, // closes, when everything is said and heard
    RESET,      // closes hard, whatever is under way
    DESTROY,    // destroys the stream, whatever is under way
    IDLE,       // the other falls silent, until the idle timeout
    LIMIT,      // the other begins a packet that is too long to be taken
    ENDINGS
} ending;

typedef enum side { CLIENT, SERVER } side;

// What both sides know of a connection once the hello has told its key.
typedef struct plan {
    ending ending;
    side ender;
    bool big_endian;
    uint32_t items[2]; // that each side says
    uint32_t burst[2]; // of them in a frame
    bool listens_slowly[2];
    uint32_t moves_at[2]; // after so many items its stream is moved; 0: never
} plan;

struct connection;

// What a process is, and has counted.
typedef struct process {
    uint32_t
        who; // every process has another number, also one that comes in the place of a dead one
    side side;
    uint64_t seed;
    chance dice;
    sps_poller *poller;
    sps_allocator allocator; // counts allocated_bytes
    size_t allocated_bytes;
    struct connection *connections[MOST_CONNECTIONS];
    size_t count;
    struct {
        uint64_t connections, endings[ENDINGS], reasons[REASONS];
        uint64_t cut;     // by the death of the other process, as far as this one can tell
        uint64_t refused; // nobody listened
        uint64_t items_said, items_heard, bytes_said, bytes_heard, moves;
        uint64_t refused_puts; // for want of room
    } totals;
} process;

typedef struct connection {
    process *process;
    sps_stream *stream;
    sps_packet_peer *packets;
    bool is_tcp;
    bool
        is_polled; // by itself, once a frame, and its puts wait: as in Godot; else it is in the poller
    uint32_t serial; // of the client's
    uint32_t other;  // the other process: who is expected there, until its hello tells who it is
    plan plan;
    speech mouth, ear;
    bool is_introduced; // the other's hello has come
    bool is_blocked;    // until there is room
    bool has_more;      // bytes have come that were left for the next frame
    bool said_all, heard_all;
    bool is_finished; // nothing more will come
    bool is_broken;   // nothing can be said any more
    bool is_ending;   // this side has begun with it
    uint64_t progress_us;
} connection;

// Takes over the stream, adds it to the process' poller unless it is to be polled, and says hello when it is a client's. `other`: 0 when not known.
connection *connection_begin(process *process, sps_stream *stream, bool is_tcp, uint32_t other);

// Says and hears what a frame has room for. The connection may be gone afterwards, here as below.
void connection_frame(connection *connection);

void connection_handle(connection *connection, const sps_event *event);

// For whoever started the processes: nobody listened where `other` should be.
void tell_refused(process *process, uint32_t other);

#endif
