// SPDX-License-Identifier: MIT
//
// One connection of the soak test, from its hello to its end, and the state that a process has for
// all of them.
#ifndef CONNECTION_H
#define CONNECTION_H

#include "../lab.h"
#include "speech.h"

enum { MOST_CONNECTIONS = 256, REASONS = 16 };

// The way in which a connection ends. One side, the ender, starts it after it has said everything.
typedef enum ending {
    HALF_CLOSE, // shuts down writing, and hears the rest
    GRACEFUL,   // closes gracefully, and drops the rest
    DISCONNECT, // closes after everything is said and heard
    RESET,      // resets at any moment
    DESTROY,    // destroys the stream at any moment
    IDLE,       // the other falls silent, until the idle timeout
    LIMIT,      // the other begins a packet that is too long
    ENDINGS
} ending;

typedef enum side { CLIENT, SERVER } side;

// The facts that both sides know after the hello has sent the key.
typedef struct plan {
    ending ending;
    side ender;
    bool big_endian;
    uint32_t items[2]; // that each side says
    uint32_t burst[2]; // items in a frame
    bool listens_slowly[2];
    uint32_t moves_at[2]; // its stream moves after so many items; 0: never
} plan;

struct connection;

// A process and its counts.
typedef struct process {
    uint32_t who; // unique for every process, also for one that replaces a dead one
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
        uint64_t cut;     // by the other process's death, as far as this one can tell
        uint64_t refused; // no server listened
        uint64_t items_said, items_heard, bytes_said, bytes_heard, moves;
        uint64_t refused_puts; // because there was no room
    } totals;
} process;

typedef struct connection {
    process *process;
    sps_stream *stream;
    sps_packet_peer *packets;
    bool is_tcp;
    bool
        // polled once a frame, and its puts wait, as in Godot; otherwise it is in the poller
        is_polled;
    uint32_t serial; // the client's number for it
    uint32_t other;  // the other process: the expected one, until its hello names it
    plan plan;
    speech mouth, ear;
    bool is_introduced; // the other's hello has come
    bool is_blocked;    // until there is room
    bool has_more;      // bytes were left for the next frame
    bool said_all, heard_all;
    bool is_finished; // nothing more will come
    bool is_broken;   // nothing can be sent any more
    bool is_ending;   // this side has started the ending
    uint64_t progress_us;
} connection;

// Takes over the stream, and adds it to the process's poller unless it is polled. A client's stream
// says hello. `other` is 0 if it is not known.
connection *connection_begin(process *process, sps_stream *stream, bool is_tcp, uint32_t other);

// Says and hears as much as a frame allows. The connection may be gone after this call, or the next
// one.
void connection_frame(connection *connection);

void connection_handle(connection *connection, const sps_event *event);

// Reports to soak.py that no server listened where `other` should be.
void report_refused(process *process, uint32_t other);

#endif
