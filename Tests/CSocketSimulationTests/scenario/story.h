// SPDX-License-Identifier: MIT
//
// Shared by the files of a scenario: its state, which is the story, and the two ends of each
// connection.
#ifndef TEST_SCENARIO_STORY_H
#define TEST_SCENARIO_STORY_H

#include "scenario/messages.h"
#include "scenario/scenario.h"
#include "streampeersocket/streampeersocket.h"

enum {
    MOST_CLIENTS = 24,
    USUAL_CLIENTS = 4,
    MOST_PEERS = 2 * MOST_CLIENTS, // including cancelled attempts
};

// How a client works.
typedef enum style { POLLING, IN_POLLER, BLOCKING } style;

// One end of a connection. Its key determines the pattern that it sends.
typedef struct side {
    sps_stream *stream;       // NULL: destroyed
    sps_packet_peer *packets; // over the stream, in a story of packets
    struct story *story;
    struct side *other;                    // NULL: the server has not identified it yet
    uint64_t key, to_send, sent, received; // bytes or messages, as the story chooses
    uint64_t offered;                      // the upper bound of `sent` after the current put
    bool connected, in_poller, closes_gracefully;
    // sends only after it has received everything, so it closes with pending bytes
    bool speaks_last;
    bool all_arrived; // the end came after all bytes of the other side
    bool cut_short;   // the end came before that
    bool is_over;
} side;

// The library's memory. Allocations may fail.
typedef struct memory {
    uint64_t chance;
    uint32_t missing; // how many of 1,000 allocations fail
    uint64_t count;
    uint64_t fails_at; // the nth allocation fails; 0: none
    int64_t bytes;     // allocated now
} memory;

typedef struct story {
    sps_simulation *simulation;
    sps_simulated_host *hosts[3]; // for the server, the clients, and some other clients
    sps_poller *pollers[2];
    sps_server *server;
    side clients[MOST_CLIENTS], peers[MOST_PEERS];
    size_t count, accepted;
    size_t cancelled; // cancelled connects that the server may still see
    int stalls;
    bool is_uds;
    bool is_short;  // without chaos; at most one call fails
    bool is_gentle; // no event ends a connection
    style style, server_style;
    dialect dialect;
    bool has_timeouts;
    memory memory;
    const side *hit; // the side whose call failed; NULL: none yet, or in a poller
    scenario_result result;
} story;

// ---- The choices of a seed (scenario_world.c)

// A number from the simulation's random source, so a replay repeats it. Call it in separate
// statements. The compiler chooses the order of arguments and initializers.
uint64_t draw(story *story, uint64_t below);

// Returns 0, which leaves the default, or a limit up to `most`.
uint32_t draw_limit(story *story, uint32_t most);

// The number of bytes or messages that an end sends.
uint64_t draw_total(story *story);

// Records the first problem.
void complain(story *story, const char *format, ...);
void expect(story *story, sps_error error, const char *what);

// Makes hosts, links, names and chaos, and chooses how often allocations fail.
void build_network(story *story);

// Each object copies it.
const sps_allocator *allocator_of(story *story);

// Options of the streams on a host, by its number.
sps_stream_options options_at(story *story, int where);

// Whether the error is a temporary shortage.
bool is_shortage(sps_error error);

// Whether to repeat the call, because the planned fault may have hit it.
bool is_worth_a_retry(const story *story, sps_error error, int *tries);

// ---- One end of a connection (scenario_end.c)

sps_status socket_status(const sps_stream *stream);

// Makes the packet peer in a story of packets.
void make_packets(side *side);

// Turns on write batching if the style needs it.
void gather(side *side, style style);

// Records that the connection has failed. This is a problem in a gentle story.
void break_off(side *side, const char *what);

// One turn: polls, puts, gets, and closes when all bytes are exchanged.
void act(side *side, style style);

// Destroys the objects of a finished side.
void finish(side *side);

#endif
