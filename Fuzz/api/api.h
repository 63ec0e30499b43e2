// SPDX-License-Identifier: MIT
//
// Shared by the files of the API's fuzzer. An input is a program: a byte picks an operation from
// the table in api.c, and the bytes after it are its arguments. The library's objects live on two
// hosts of a simulated network. The input is also the network's random source. A model records the
// bytes that each end sent, and the bytes that may still arrive. It also records the state of each
// stream before the call.
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
    FILTERS = 2,
    KEPT_FDS = 3, // released and not adopted yet
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

// Mostly small sizes, up to MOST_WIRE_BYTES.
size_t reader_size(reader *reader);

// Milliseconds: 0, small or long.
uint32_t reader_time_ms(reader *reader);

// ---- Memory, counted

typedef struct account {
    size_t allocated;
    size_t fail_in;   // the nth request from now fails; 0: none
    size_t fail_more; // the number of requests after it that fail too
} account;

// ---- The model (model.c)

typedef enum kind { TCP, UDS, BUFFER, CUSTOM, KINDS } kind;

// One end of a connection, or of a custom stream. The bytes show which two ends are connected,
// because each end has its own pattern. The model excludes each end that cannot have sent the bytes
// that came.
typedef struct end {
    kind kind;
    bool is_client;
    uint8_t *wire; // `sent` bytes were put; those up to `offered` may have been
    size_t sent, offered, capacity;
    size_t os_has;   // how many of `sent` the OS has at least
    size_t received; // from the other end
    uint64_t excluded;
    bool may_have_finished; // the other end may read the end of the stream
    bool is_closing;        // by a graceful close
    bool has_dropped;       // the first part of a value, at the end of the stream
    bool cannot_put;        // a put has failed for good
} end;

// The state of a stream that can be read without a call that changes it.
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
    int poller; // NO_POLLER: in none
    view seen;
    bool was_open;                       // it was open or tried to connect
    bool reported_closed;                // its poller has reported the close
    int reported_end;                    // 0: no end was reported, 1: an orderly end, 2: a failure
    size_t custom_given, custom_written; // counts of a custom stream's bytes
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

// A filter that passes bytes on (filters.c).
typedef struct filter {
    sps_stream *stream; // NULL: free
    slot *base;         // its own until it ends; NULL: none
    int poller;
    uint32_t handshakes;      // the polls that return ERR_BUSY first
    sps_close_reason failure; // its operations fail with it; SPS_CLOSE_NONE: not
    bool is_open;             // owes a call of its close operation
    bool has_connected, has_failed, is_destroyed;
} filter;

typedef struct kept_fd {
    intptr_t fd; // -1: none
    int host;
    int end; // NO_END: it listens
    kind kind;
} kept_fd;

typedef struct world {
    reader calls;
    reader answers;        // the network's random source
    uint64_t more_answers; // the generator's state, after the end of `answers`
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
    filter filters[FILTERS];
    end ends[ENDS];
    bool has_hidden_connections[2]; // TCP, UDS: the library may have made connections of its own
    int end_count;
    bool has_half_open; // a stream may stay connected after its peer's end
    // The current operation.
    const char *name;
    unsigned touched; // streams, a bit each
    unsigned changes; // how it may change them
    slot *busy;       // waits now; no callback may use it
    server_slot *busy_server;
    int busy_poller;
    bool has_callback, is_paused;
    int depth;
    bool is_printed; // print each call
} world;

// How an operation may change the status of the streams that it touches. ANYTHING allows every
// change.
enum { MOVES = 1, POLLS = 2, CONNECTS = 4, CLOSES = 8, WAITS = 16, ANYTHING = 32 };

// Ends the process and prints the condition that does not hold.
void broken(const char *what, const char *file, int line);
#define EXPECT(condition) ((condition) ? (void)0 : broken(#condition, __FILE__, __LINE__))

// The codes that a call may return, a bit each.
#define CODE(error) (UINT64_C(1) << (error))
#define ANSWERS(world, error, codes) answered(world, error, codes, __FILE__, __LINE__)
void answered(const world *world, sps_error error, uint64_t codes, const char *file, int line);
void say(const world *world, sps_error error);

// Objects that the input chooses.
slot *pick_stream(world *world);      // may return a free slot, to pass NULL to a call
slot *pick_free_stream(world *world); // NULL: none
server_slot *pick_server(world *world);
int pick_poller(world *world);
kept_fd *keep_fd(world *world);                  // a free place; NULL: none
kept_fd *kept_fd_of(world *world, bool listens); // NULL: none is kept

// Whether the stream, or its poller, is inside a call. A callback must not use it.
bool is_busy(const world *world, const slot *slot);
void set_busy(world *world, slot *slot);               // also marks it as touched
bool is_carried(const world *world, const slot *slot); // a filter stands over it

bool is_socket(const slot *slot);
sps_status status_of(const slot *slot);

// The codes that only some kinds of stream return, and the expected code if there is no connection.
uint64_t codes_of_kind(const slot *slot);
void expect_of_status(const slot *slot, sps_error error);

// Bytes that come and go. offer() records the wire's bytes before a put, settle_put() the result
// after it.
uint8_t *scratch(const world *world); // MOST_WIRE_BYTES; callbacks have memory of their own
void fill_pattern(const world *world, const slot *slot, uint8_t *bytes, size_t size);
bool may_offer(const world *world, const slot *slot, size_t size);
void offer(world *world, slot *slot, const uint8_t *wire, size_t size);
void settle_put(world *world, slot *slot, sps_error error, size_t count);
void settle_carried_put(world *world, slot *slot, sps_error error, size_t count);
void expect_came(world *world, slot *slot, const uint8_t *bytes, size_t size);
void expect_shown(world *world, slot *slot, const uint8_t *bytes, size_t size);
void expect_end(world *world, slot *slot, size_t needed);
void record_dropped(world *world, const slot *slot); // no more bytes come
void expect_available(world *world, const slot *slot, size_t bytes);
void pass_over(slot *slot, size_t size);
bool may_come_next(const world *world, const slot *slot, uint8_t byte);
uint8_t source_byte(size_t offset); // the same for every custom stream

int begin_end(world *world, kind kind, bool is_client); // NO_END: there are enough
void leave_end(const world *world, const slot *slot);   // records that it may have finished
void check_all(world *world);
void forget_stream(world *world, slot *slot);

// ---- The operations

void put_in_place(world *world);

typedef void (*operation)(world *world);

typedef struct row {
    const char *name;
    operation run;
    unsigned changes;
} row;

extern const row network_rows[], socket_rows[], stream_rows[], value_rows[], server_rows[],
    poller_rows[], other_rows[], filter_rows[];
extern const size_t network_count, socket_count, stream_count, value_count, server_count,
    poller_count, other_count, filter_count;

sps_allocator allocator_of(world *world, unsigned which);
const sps_platform *platform_of(const world *world, int host);
sps_stream_options options_of(world *world, int host, sps_allocator *allocator);
void destroy_stream(world *world, slot *slot);
void destroy_filter(world *world, filter *filter);
void step(world *world); // one operation

#endif
