// SPDX-License-Identifier: MIT
//
// Shared by the files of the simulation. A world has hosts, links, names and connections. A host
// has sockets and selectors. A connection has two ends, and each end has a pipe of incoming bytes.
// Every later event is a timer in the world's heap. Its place is reserved when its owner is made,
// so no later event can fail for lack of memory.
#ifndef SPSI_SIM_WORLD_H
#define SPSI_SIM_WORLD_H

#include "platform/platform.h"
#include "streampeersocket_testing/simulation.h"

#define SIM_NEVER UINT64_MAX

enum {
    SIM_NAME_BYTES = 64,
    SIM_HOST_NAME_BYTES = 254,
    SIM_HOST_ADDRESSES = 8,
    SIM_NAME_ADDRESSES = 16
};

// Linux's numbers, whatever machine this runs on.
enum {
    SIM_ENOENT = 2,
    SIM_EIO = 5,
    SIM_EBADF = 9,
    SIM_EAGAIN = 11,
    SIM_ENOMEM = 12,
    SIM_EACCES = 13,
    SIM_EINVAL = 22,
    SIM_EMFILE = 24,
    SIM_EPIPE = 32,
    SIM_EDEADLK = 35,
    SIM_EOPNOTSUPP = 95,
    SIM_EADDRINUSE = 98,
    SIM_EADDRNOTAVAIL = 99,
    SIM_ENETUNREACH = 101,
    SIM_ECONNRESET = 104,
    SIM_ENOTCONN = 107,
    SIM_ETIMEDOUT = 110,
    SIM_ECONNREFUSED = 111,
    SIM_EHOSTUNREACH = 113,
    SIM_EAI_NONAME = -2,
    SIM_EAI_AGAIN = -3,
};

typedef struct sim_timer sim_timer;
typedef struct sim_heap sim_heap;
typedef struct sim_link sim_link;
typedef struct sim_name sim_name;
typedef struct sim_file sim_file;
typedef struct sim_socket sim_socket;
typedef struct sim_end sim_end;
typedef struct sim_connection sim_connection;
typedef struct sim_watch sim_watch;
typedef struct sim_callback sim_callback;
typedef sps_simulated_host sim_host;
typedef sps_simulation sim_world;

static inline spsi_result spsi_sim_result(spsi_code code, int32_t os_code) {
    return (spsi_result){code, os_code};
}

static inline spsi_result spsi_sim_done(void) {
    return (spsi_result){SPSI_DONE, 0};
}

static inline spsi_result spsi_sim_again(void) {
    return (spsi_result){SPSI_AGAIN, SIM_EAGAIN};
}

static inline spsi_result spsi_sim_no_memory(void) {
    return (spsi_result){SPSI_NO_MEMORY, SIM_ENOMEM};
}

// ---- memory.c

void *spsi_sim_allocate(const sps_allocator *allocator, size_t bytes); // zeroed
void spsi_sim_free(const sps_allocator *allocator, void *block, size_t bytes);

// Makes room for at least `wanted` elements; new ones are zero. False, and nothing changed, without
// memory.
bool spsi_sim_grow(const sps_allocator *allocator, void **array, size_t *capacity, size_t wanted,
                   size_t element);

// The caller's, or the default for NULL; false when its struct_size is 0.
bool spsi_sim_allocator_read(const sps_allocator *of_caller, sps_allocator *out_allocator);

// ---- timers.c: what is due when, in a heap by time, and then by a tie

struct sim_timer {
    uint64_t due_us; // SIM_NEVER: it is not set
    uint64_t tie;
    size_t place; // in the heap
    void (*fire)(void *owner);
    void *owner;
};

struct sim_heap {
    sim_timer **timers;
    size_t count, capacity;
};

// Reserves its place. False: no memory.
bool spsi_sim_timer_add(sim_heap *heap, const sps_allocator *allocator, sim_timer *timer,
                        void (*fire)(void *owner), void *owner);
void spsi_sim_timer_remove(sim_heap *heap, sim_timer *timer);
void spsi_sim_timer_set(sim_heap *heap, sim_timer *timer, uint64_t due_us, uint64_t tie);
uint64_t spsi_sim_heap_next_us(const sim_heap *heap);

// ---- random.c: splitmix64, or what the user has instead

typedef struct sim_random {
    uint64_t state;
    uint64_t (*next)(void *user_data); // NULL: it follows from the state
    void *user_data;
} sim_random;

uint64_t spsi_sim_random(sim_random *random);

// Below `bound`, 0 for 0.
uint64_t spsi_sim_random_below(sim_random *random, uint64_t bound);

// ---- trace.c

typedef struct sim_trace {
    uint64_t hash;
    void (*write)(void *user_data, const char *line);
    void *user_data;
} sim_trace;

// Writes one line of the trace: the time, the host (NULL: none), a text and two numbers.
void spsi_sim_trace(sim_world *world, const sim_host *host, const char *text, int64_t first,
                    int64_t second);

// A call with its answer, and a count.
void spsi_sim_trace_call(const sim_host *host, sps_simulated_call call, spsi_handle handle,
                         spsi_result result, uint64_t count);

// ---- faults.c

typedef struct sim_faults {
    uint64_t counts[SPS_CALL_COUNT];
    uint64_t count; // of all that may fail
    sps_simulated_call armed_call;
    uint64_t armed_nth; // 0: none
    sps_simulated_fault armed_fault;
    bool has_failed;
    sps_simulation_chaos chaos;
} sim_faults;

// Begins a call: time passes, due timers fire, and the call is counted. False if it must fail, with
// *out_result.
bool spsi_sim_call(const sim_host *host, sps_simulated_call call, spsi_result *out_result);

// Whether chance, in 1 of 1,000, wants it.
bool spsi_sim_chance(sim_world *world, uint32_t per_mille);

// ---- world.c: the clock

struct sps_simulation {
    sps_allocator allocator;
    uint64_t now_us;
    uint64_t call_us;
    uint64_t longest_wait_us;
    uint64_t sequence;
    sim_random random, users_random;
    sim_heap timers;
    sim_heap callbacks; // run in waits only
    sim_callback *first_callback;
    sim_trace trace;
    sim_faults faults;
    sim_host *hosts, *last_host;
    uint32_t host_count;
    sim_link *links;
    sim_name *names;
    sim_connection *connections;
    uint64_t mistakes, deadlocks;
};

// A timer's next time; SIM_NEVER: none.
void spsi_sim_set(sim_world *world, sim_timer *timer, uint64_t due_us);

// Fires the due network timers. Runs no callback.
void spsi_sim_settle(sim_world *world);

typedef bool (*sim_condition)(void *context);

// Lets time pass until the condition holds, DONE, or the timeout is over, AGAIN. FAILED: nothing
// can happen any more, and the timeout is SPSI_FOREVER.
spsi_result spsi_sim_wait(sim_world *world, sim_condition is_met, void *context,
                          uint64_t timeout_us);

// ---- address.c

// An address without a zone; mapped ones become IPv4.
bool spsi_sim_parse(const char *text, spsi_address *out);
void spsi_sim_write(const spsi_address *address, char *text, size_t size);

// A mapped address (RFC 4291, 2.5.5.2) becomes IPv4.
void spsi_sim_unmap(spsi_address *address);

bool spsi_sim_is_loopback(const spsi_address *address);
bool spsi_sim_is_any(const spsi_address *address);
bool spsi_sim_is_same_ip(const spsi_address *one, const spsi_address *other);

// ---- host.c

typedef struct sim_slot {
    sim_socket *socket;
    bool is_lock;
} sim_slot;

struct sps_simulated_host {
    sps_platform platform; // first: a platform is its host
    sim_world *world;
    sim_host *next;
    uint32_t number;
    char name[SIM_NAME_BYTES];
    spsi_address addresses[SIM_HOST_ADDRESSES];
    size_t address_count;
    sim_slot *slots; // of the handles
    size_t slot_capacity, open_count, handle_limit;
    size_t other_count; // selectors and look-ups
    sim_file *files;
    uint64_t file_number;
    uint16_t next_port;
};

sim_host *spsi_sim_host(const sps_platform *platform);

// The least free handle. NO_HANDLES or NO_MEMORY.
spsi_result spsi_sim_take_slot(sim_host *host, spsi_handle *out_handle);
void spsi_sim_free_slot(sim_host *host, spsi_handle handle);

// The socket of a handle. NULL, and the mistake is counted, if there is none.
sim_socket *spsi_sim_socket_of(const sim_host *host, spsi_handle handle);

bool spsi_sim_has_address(const sim_host *host, const spsi_address *address);

// The host that an address leads to from a host; NULL: none.
sim_host *spsi_sim_find_host(const sim_host *from, const spsi_address *address);

// An address of the host's own from which another is reached. False: it has none of the family.
bool spsi_sim_source_for(const sim_host *host, const spsi_address *target, spsi_address *out);

// ---- link.c

struct sim_link {
    sim_link *next;
    sim_world *world;
    sim_host *hosts[2];
    sps_link_options options;
    sps_link_cut cut;
    sim_timer heal;
};

// The link of two hosts, made when there is none; NULL: no memory.
sim_link *spsi_sim_link(sim_host *one, sim_host *other);
bool spsi_sim_link_carries(const sim_link *link);
uint64_t spsi_sim_transit_us(sim_link *link); // one way, by chance
void spsi_sim_links_end(sim_world *world);

// ---- names.c

spsi_result spsi_sim_lookup_start(const sps_platform *platform, const char *name, unsigned families,
                                  spsi_lookup **out_lookup);
spsi_result spsi_sim_lookup_result(const sps_platform *platform, spsi_lookup *lookup,
                                   spsi_address *out_addresses, size_t capacity, size_t *out_count);
spsi_result spsi_sim_lookup_wait(const sps_platform *platform, spsi_lookup *lookup,
                                 uint64_t timeout_us);
void spsi_sim_lookup_watch(const sps_platform *platform, spsi_lookup *lookup,
                           spsi_lookup_watch *watch);
void spsi_sim_lookup_unwatch(const sps_platform *platform, spsi_lookup *lookup,
                             spsi_lookup_watch *watch);
void spsi_sim_lookup_end(const sps_platform *platform, spsi_lookup *lookup, bool was_useful);
void spsi_sim_lookup_forget(const sps_platform *platform, const char *name);
void spsi_sim_names_end(sim_world *world);

// ---- files.c: the files of Unix sockets

struct sim_file {
    sim_file *next;
    uint64_t number;
    uint32_t mode;
    spsi_handle lock;   // of its owner; SPSI_NO_HANDLE: a socket's file
    sim_socket *socket; // bound to it; NULL: its program is gone
    char path[SPSI_PATH_BYTES];
};

sim_file *spsi_sim_find_file(const sim_host *host, const char *path);
sim_file *spsi_sim_make_file(sim_host *host, const char *path, sim_socket *socket);
void spsi_sim_erase_file(sim_host *host, sim_file *file);
void spsi_sim_files_end(sim_host *host);

spsi_result spsi_sim_absolute_path(const sps_platform *platform, const char *path, char *buffer,
                                   size_t buffer_bytes);
bool spsi_sim_file_of(const sps_platform *platform, const char *path, spsi_file *out_file);
void spsi_sim_remove_file(const sps_platform *platform, const char *path, const spsi_file *file);
spsi_result spsi_sim_set_file_mode(const sps_platform *platform, const char *path, uint32_t mode);
spsi_result spsi_sim_lock_path(const sps_platform *platform, const char *path,
                               spsi_handle *out_lock);
void spsi_sim_unlock_path(const sps_platform *platform, const char *path, spsi_handle lock);

// ---- socket.c: sockets, their addresses and options

typedef enum sim_socket_state {
    SIM_FRESH,
    SIM_LISTENING,
    SIM_CONNECTING,
    SIM_CONNECTED
} sim_socket_state;

// The options of set_option(). Accepted sockets inherit them.
typedef struct sim_socket_options {
    bool dual_stack, reuses_address, reuses_port, resets_at_close;
    uint32_t send_buffer, receive_buffer;
    uint32_t keepalive_idle_ms, keepalive_interval_ms, keepalive_count, user_timeout_ms;
} sim_socket_options;

struct sim_socket {
    sim_host *host;
    spsi_handle handle;
    spsi_family family;
    sim_socket_state state;
    bool is_bound;
    spsi_address local;
    sim_socket_options options;
    uint32_t backlog; // of a server
    sim_end *first_waiting, *last_waiting;
    size_t waiting_count;
    sim_end *end; // CONNECTING and CONNECTED
    sim_watch *watches;
};

spsi_result spsi_sim_open(sim_host *host, spsi_family family, spsi_handle *out_handle);
void spsi_sim_close(sim_socket *socket);
spsi_result spsi_sim_bind(sim_socket *socket, const spsi_address *address);
spsi_result spsi_sim_listen(sim_socket *socket, uint32_t backlog);
spsi_result spsi_sim_accept(sim_socket *socket, spsi_handle *out_handle, spsi_address *out_peer);
spsi_result spsi_sim_set_option(sim_socket *socket, spsi_option option, uint32_t value);

// Gives a socket a free port, unless it has one. False: none is free.
bool spsi_sim_bind_to_any_port(sim_socket *socket, const spsi_address *source);

// The listening socket at an address of the host. NULL: there is none.
sim_socket *spsi_sim_find_listener(const sim_host *host, const spsi_address *address);
bool spsi_sim_is_backlog_full(const sim_socket *listener);

// ---- pipe.c: bytes on their way to one end

// The bytes of one write, or a part of them.
typedef struct sim_segment {
    uint64_t end; // the position behind its last byte
    uint64_t due_us;
} sim_segment;

// Positions count bytes since the connection was established: read <= arrived <= goal <= sent.
typedef struct sim_pipe {
    uint8_t *bytes; // a ring, from `read` to `sent`
    size_t capacity;
    uint64_t read, arrived, sent;
    uint64_t goal;  // brought by the network; there may be no room yet
    uint64_t acked; // acknowledged to the sender
    uint64_t next_acked;
    sim_segment *segments; // a ring
    size_t segment_capacity, first_segment, segment_count;
    bool is_finished, has_end_arrived, is_reset, is_held;
    uint64_t end_us, reset_us;
    uint64_t last_us;     // when the last that was sent arrives
    uint64_t free_us;     // when the link is free for more
    uint64_t progress_us; // when something was acknowledged last, or was sent after all was
    uint32_t send_buffer, receive_buffer;
    sim_timer arrival, ack;
} sim_pipe;

// TCP's guarantees in one line: no byte is lost, doubled or reordered.
static inline bool spsi_sim_pipe_is_in_order(const sim_pipe *pipe) {
    return pipe->read <= pipe->arrived && pipe->arrived <= pipe->goal && pipe->goal <= pipe->sent &&
           pipe->acked <= pipe->arrived && pipe->sent - pipe->read <= pipe->capacity;
}

spsi_result spsi_sim_send(sim_end *end, const spsi_slice *slices, size_t count, size_t *out_sent);
spsi_result spsi_sim_receive(sim_end *end, void *buffer, size_t size, size_t *out_received);
void spsi_sim_send_end(sim_end *end);
void spsi_sim_send_reset(sim_end *end);
size_t spsi_sim_send_room(const sim_end *end);

// After the link was mended.
void spsi_sim_pipe_resume(sim_end *end);
void spsi_sim_pipe_arrive(void *end);
void spsi_sim_pipe_ack(void *end);

// ---- connection.c

struct sim_end {
    sim_connection *connection;
    sim_host *host;
    sim_socket *socket;   // NULL: closed, or not accepted yet
    sim_socket *listener; // that it waits at
    sim_end *next_waiting;
    spsi_address local;
    sim_socket_options options;
    bool is_open;        // a program owns it, or will
    bool is_established; // it may be accepted
    bool is_dead;        // reset, or given up
    bool has_sent_end;
    spsi_result error; // returned once
    uint64_t heard_us;
    sim_pipe in;
    sim_timer watchdog;
};

typedef enum sim_stage {
    SIM_SYN,
    SIM_SYN_ACK,
    SIM_ACK,
    SIM_REFUSAL,
    SIM_NO_WAY,
    SIM_STANDS
} sim_stage;

struct sim_connection {
    sim_connection *next, *previous;
    sim_world *world;
    sim_link *link;  // NULL: a Unix connection
    sim_end ends[2]; // the client's, the server's
    sim_stage stage;
    uint64_t begin_us, retry_us;
    sim_timer handshake;
};

sim_end *spsi_sim_peer(const sim_end *end);
spsi_result spsi_sim_connect(sim_socket *socket, const spsi_address *address);

// A program gives its end up.
void spsi_sim_end_close(sim_end *end);

// The end is over, and why. It tells nobody but its own program.
void spsi_sim_end_kill(sim_end *end, spsi_code code, int32_t os_code);

// The link of a connection was cut.
void spsi_sim_end_cut_off(sim_end *end);

// Looks anew at when an end is to give up.
void spsi_sim_end_watch(sim_end *end);

// Both ends see a reset.
void spsi_sim_connection_reset(sim_connection *connection);

// Frees it when nobody has an end any more. The caller touches it no more.
void spsi_sim_connection_release(sim_connection *connection);
void spsi_sim_connections_end(sim_world *world);

// ---- selector.c

struct sim_watch {
    sim_watch *next, *next_of_socket;
    spsi_selector *selector;
    sim_socket *socket;
    unsigned interests, ready_mask;
    bool is_pending; // something has happened since the last report
    void *token;
};

// The readiness of a socket: spsi_interest and SPSI_MORE.
unsigned spsi_sim_readiness(const sim_socket *socket);

// Something has happened to a socket; NULL is allowed.
void spsi_sim_notify(const sim_socket *socket);
void spsi_sim_forget_watches(sim_socket *socket);

spsi_result spsi_sim_selector_create(const sps_platform *platform, const sps_allocator *allocator,
                                     spsi_selector **out_selector);
void spsi_sim_selector_destroy(const sps_platform *platform, spsi_selector *selector);
spsi_result spsi_sim_selector_set(const sps_platform *platform, spsi_selector *selector,
                                  spsi_handle handle, unsigned before, unsigned after, void *token);
spsi_result spsi_sim_selector_wait(const sps_platform *platform, spsi_selector *selector,
                                   uint64_t timeout_us);
bool spsi_sim_selector_next(const sps_platform *platform, spsi_selector *selector,
                            spsi_ready *out_ready);
void spsi_sim_selector_wake(const sps_platform *platform, spsi_selector *selector,
                            spsi_waker waker);

// ---- platform.c

extern const sps_platform spsi_sim_platform;

#endif
