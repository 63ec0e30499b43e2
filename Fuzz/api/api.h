// SPDX-License-Identifier: MIT
//
// The common part of the API's fuzzer. An input is a program: a byte selects an operation (api.c
// has the table), and the next bytes are its arguments. The library's objects live on two hosts of
// a simulated network. The input also has the network's chances. A model knows the sent bytes,
// which of them may come, and the state of each stream before the call.
#ifndef FUZZ_API_H
#define FUZZ_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <streampeersocket/streampeersocket.h>
#include <streampeersocket_testing/simulation.h>

enum {
    HOSTS = 2,
    STREAMS = 8,
    SERVERS = 3,
    POLLERS = 2,
    PACKET_PEERS = 2,
    KEPT_FDS = 3, // that were released and not adopted yet
    ENDS = 48,
    MOST_WIRE_BYTES = 70000,  // of one put
    MOST_SENT_BYTES = 200000, // of one end
};

// ---- reader.c: numbers from the input

typedef struct reader {
    const uint8_t *bytes;
    size_t size, at;
} reader;

bool reader_is_empty(const reader *reader);
uint8_t reader_byte(reader *reader); // 0 after the end
uint32_t reader_below(reader *reader, uint32_t bound);
bool reader_flag(reader *reader);

// Returns a size up to MOST_WIRE_BYTES, mostly a small one.
size_t reader_size(reader *reader);

// Returns milliseconds: short times, long times, and 0.
uint32_t reader_time_ms(reader *reader);

// ---- Memory, counted

typedef struct account {
    size_t allocated;
    size_t fail_in;   // the nth request from now is refused; 0: none
    size_t fail_more; // and this many after it
} account;

// ---- The model (model.c)

typedef enum kind { TCP, UDS, BUFFER, CUSTOM, KINDS } kind;

// One end of a connection, or of a custom stream. Each end has a pattern of its own, so received
// bytes show which two ends are connected. An end that cannot have sent them is excluded.
typedef struct end {
    kind kind;
    bool is_client;
    uint8_t *wire; // the bytes put: `sent` for certain, up to `offered` perhaps
    size_t sent, offered, capacity;
    size_t os_has;   // of them at the least
    size_t received; // of the other's
    uint64_t excluded;
    bool may_have_finished; // the other may meet its end
    bool is_closing;        // gracefully
    bool has_dropped;       // the part of a value that the end has cut
    bool cannot_put;        // a put has failed for good
} end;

// The part of a stream's state that calls without side effects show.
typedef struct view {
    sps_status status;
    sps_close_reason reason;
    int32_t os_error;
    size_t pending, buffered;
    bool batching, big_endian;
} view;

typedef struct slot {
    sps_stream *stream; // NULL: free
    kind kind;
    int host;
    int end;    // NO_END: never connected
    int poller; // NO_POLLER
    view seen;
    bool was_open;                       // it has been, or has tried to be
    bool told_closed;                    // reported by its poller
    int reported_end;                    // 0: no end was reported, 1: an orderly one, 2: a failure
    size_t custom_given, custom_written; // of a custom stream's bytes
    bool custom_has_ended;
    struct world *world;
} slot;

enum { NO_END = -1, NO_POLLER = -1 };

typedef struct server_slot {
    sps_server *server;
    bool is_uds;
    int host;
    int poller;
} server_slot;

typedef struct kept_fd {
    intptr_t fd; // -1: none
    int host;
    int end; // NO_END: it listens
    kind kind;
} kept_fd;

typedef struct world {
    reader calls;
    reader answers;        // the chances of the network
    uint64_t more_answers; // after those are used up
    sps_simulation *simulation;
    sps_simulated_host *hosts[HOSTS];
    account network, accounts[2];
    slot streams[STREAMS];
    server_slot servers[SERVERS];
    sps_poller *pollers[POLLERS];
    int poller_hosts[POLLERS];
    sps_packet_peer *packet_peers[PACKET_PEERS];
    int packet_slots[PACKET_PEERS]; // -1: no stream
    sps_ip *ip;
    kept_fd kept[KEPT_FDS];
    end ends[ENDS];
    bool has_strangers[2]; // TCP, UDS: connections that the library has made for itself
    int end_count;
    // The current operation.
    const char *name;
    unsigned touched; // streams, a bit each
    unsigned changes; // its possible effects on them
    slot *busy;       // it waits now, so no other call may use it
    server_slot *busy_server;
    int busy_poller;
    bool has_callback, is_paused;
    int depth;
    bool is_told; // each call is printed
} world;

// The effects that an operation may have on the status of the streams that it touches. Several
// effects: ANYTHING.
enum { MOVES = 1, POLLS = 2, CONNECTS = 4, CLOSES = 8, WAITS = 16, ANYTHING = 32 };

// A broken promise ends the process, with its text.
void broken(const char *what, const char *file, int line);
#define EXPECT(condition) ((condition) ? (void)0 : broken(#condition, __FILE__, __LINE__))

// The codes that a call may return, a bit each.
#define CODE(error) (UINT64_C(1) << (error))
#define ANSWERS(world, error, codes) answered(world, error, codes, __FILE__, __LINE__)
void answered(const world *world, sps_error error, uint64_t codes, const char *file, int line);
void say(const world *world, sps_error error);

// Choices that the input makes.
slot *pick_stream(world *world);      // may be a free one, with NULL in it, on purpose
slot *pick_free_stream(world *world); // NULL: none
server_slot *pick_server(world *world);
int pick_poller(world *world);
kept_fd *keep_fd(world *world);                  // a free place; NULL: none
kept_fd *kept_fd_of(world *world, bool listens); // NULL: none is kept

// Whether it is in the middle of a call, or in a poller that is. A callback must not use it.
bool is_busy(const world *world, const slot *slot);
void set_busy(world *world, slot *slot); // and touched

bool is_socket(const slot *slot);
sps_status status_of(const slot *slot);

// Codes that only some kinds of stream return. And the code that each call returns without a
// connection.
uint64_t others_of(const slot *slot);
void expect_of_status(const slot *slot, sps_error error);

// Bytes that come and go. A put offers the wire's bytes before the call, and settles them after it.
uint8_t *scratch(const world *world); // MOST_WIRE_BYTES; in a callback others
void fill_pattern(const world *world, const slot *slot, uint8_t *bytes, size_t size);
bool may_offer(const world *world, const slot *slot, size_t size);
void offer(world *world, slot *slot, const uint8_t *wire, size_t size);
void settle_put(world *world, slot *slot, sps_error error, size_t count);
void expect_came(world *world, slot *slot, const uint8_t *bytes, size_t size);
void expect_shown(world *world, slot *slot, const uint8_t *bytes, size_t size);
void expect_end(world *world, slot *slot, size_t needed);
void note_dropped(world *world, const slot *slot); // nothing comes any more
void expect_available(world *world, const slot *slot, size_t bytes);
void pass_over(slot *slot, size_t size);
bool may_come_next(const world *world, const slot *slot, uint8_t byte);
uint8_t source_byte(size_t offset); // of every custom stream

int begin_end(world *world, kind kind, bool is_client); // NO_END: there are enough
void leave_end(const world *world, const slot *slot);   // it may have finished
void check_all(world *world);
void forget_stream(world *world, slot *slot);

// ---- The operations

typedef void (*operation)(world *world);

typedef struct row {
    const char *name;
    operation run;
    unsigned changes;
} row;

extern const row network_rows[], socket_rows[], stream_rows[], value_rows[], server_rows[],
    poller_rows[], other_rows[];
extern const size_t network_count, socket_count, stream_count, value_count, server_count,
    poller_count, other_count;

sps_allocator allocator_of(world *world, unsigned which);
const sps_platform *platform_of(const world *world, int host);
sps_stream_options options_of(world *world, int host, sps_allocator *allocator);
void destroy_stream(world *world, slot *slot);
void step(world *world); // one operation

#endif
