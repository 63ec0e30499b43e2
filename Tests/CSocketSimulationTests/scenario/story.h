// SPDX-License-Identifier: MIT
//
// What the files of a scenario share: the story of a seed, and the two ends of each connection in it.
#ifndef TEST_SCENARIO_STORY_H
#define TEST_SCENARIO_STORY_H

#include "scenario/messages.h"
#include "scenario/scenario.h"
#include "streampeersocket/streampeersocket.h"

enum {
    MOST_CLIENTS = 24,
    USUAL_CLIENTS = 4,
    MOST_PEERS = 2 * MOST_CLIENTS, // with those of attempts that were cancelled
};

// How a client works.
typedef enum style { POLLING, IN_POLLER, BLOCKING } style;

// One end of a connection. What it sends is a pattern that follows from its key.
typedef struct side {
    sps_stream *stream;       // NULL: it is none any more
    sps_packet_peer *packets; // over it, when the story is of packets
    struct story *story;
    struct side *other;                    // NULL: the server does not know who it is yet
    uint64_t key, to_send, sent, received; // bytes or messages, as the story goes
    uint64_t offered; // what a put that is under way will have sent at the most
    bool connected, in_poller, closes_gracefully;
    bool speaks_last; // sends nothing before it has all, so that it closes with bytes to be sent
    bool all_arrived; // its end came, behind all that the other has sent
    bool cut_short;   // its end came before
    bool is_over;
} side;

// The library's own memory, of which pieces may be missing.
typedef struct memory {
    uint64_t chance;
    uint32_t missing; // in 1 of 1,000
    uint64_t count;
    uint64_t fails_at; // the nth; 0: none
    int64_t bytes;     // that are held
} memory;

typedef struct story {
    sps_simulation *simulation;
    sps_simulated_host *hosts[3]; // the server's, the clients', and that of some other clients
    sps_poller *pollers[2];
    sps_server *server;
    side clients[MOST_CLIENTS], peers[MOST_PEERS];
    size_t count, accepted;
    size_t cancelled; // connects that were given up, which the server may see all the same
    int stalls;
    bool is_uds;
    bool is_short;  // without chaos, but for one call that fails
    bool is_gentle; // nothing that ends a connection
    style style, server_style;
    dialect dialect;
    bool has_timeouts;
    memory memory;
    const side *hit; // in whose turn the call failed that was chosen; NULL: not yet, or in a poller
    scenario_result result;
} story;

// ---- What a seed decides (scenario_world.c)

// By the simulation's chance, so that a replay has it again. In statements of their own: which argument or
// initializer comes first is the compiler's choice.
uint64_t draw(story *story, uint64_t below);

// 0, which means as it is without, or up to `most`.
uint32_t draw_limit(story *story, uint32_t most);

// How many bytes or messages an end sends.
uint64_t draw_total(story *story);

// The first problem is kept.
void complain(story *story, const char *format, ...);
void expect(story *story, sps_error error, const char *what);

// Hosts, links, names, chaos, and how often memory is missing.
void build_network(story *story);

// Copied by whoever is made with it.
const sps_allocator *allocator_of(story *story);

// Of the streams on a host, by its number.
sps_stream_options options_at(story *story, int where);

// Whether something is short for the moment.
bool is_shortage(sps_error error);

// Whether a call is to be made again, since the one fault that was chosen may have hit it.
bool is_worth_a_retry(const story *story, sps_error error, int *tries);

// ---- One end of a connection (scenario_end.c)

sps_status socket_status(const sps_stream *stream);

// Makes its packets, when the story is of them.
void make_packets(side *side);

// Turns write batching on, where it should be.
void gather(side *side, style style);

// Notes that its connection has failed, which is a problem where nothing ends connections.
void break_off(side *side, const char *what);

// One turn: polls, puts, gets, and closes when all has been said.
void act(side *side, style style);

// Destroys what is over.
void finish(side *side);

#endif
