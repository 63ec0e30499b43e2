// SPDX-License-Identifier: MIT
//
// Fuzzes the public C API on a simulated network. An input decides the calls and the network's
// behaviour. For every input:
//
// - Each call returns only what its header allows.
// - A stream changes only as the call may change it, and other objects do not change.
// - Every byte that a put accepted arrives once and in order.
// - At the end no memory, descriptor or timer is left.
//
//     input: count of answers, the answers (the network's random source), then calls:
//            operation, arguments, ...
//
// SPS_FUZZ_TRACE=1 in the environment prints each call. SPS_FUZZ_TRACE=2 also prints the network's
// trace.
#include "api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "platform/calls.h"

enum {
    MOST_CALLS = 600,
    ROWS = 128,         // old inputs keep their meaning if operations are added
    SETTLE_ROUNDS = 30, // rounds in a row in which no byte comes
    ROUND_US = 200000,
    MOST_EVENTS = 200000,
    OF_CALLBACK = 2, // operations in one callback
};

// ---- Memory: each block stores its size, to compare it with the size that the library passes

typedef union block_head {
    size_t bytes;
    long double aligned; // for the alignment of any object
} block_head;

static bool is_refused(account *account) {
    if (account->fail_in > 1) {
        account->fail_in--;
        return false;
    }
    if (account->fail_in == 0) {
        return false;
    }
    account->fail_in = account->fail_more > 0 ? 1 : 0;
    account->fail_more -= account->fail_more > 0;
    return true;
}

static void *reallocate(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    account *account = user_data;
    block_head *head = block != NULL ? (block_head *)block - 1 : NULL;
    EXPECT((head != NULL ? head->bytes : 0) == old_bytes);
    if (new_bytes == 0) {
        account->allocated -= old_bytes;
        free(head);
        return NULL;
    }
    if (is_refused(account)) {
        return NULL;
    }
    head = realloc(head, sizeof *head + new_bytes);
    EXPECT(head != NULL);
    head->bytes = new_bytes;
    account->allocated += new_bytes - old_bytes;
    return head + 1;
}

sps_allocator allocator_of(world *world, unsigned which) {
    return (sps_allocator){sizeof(sps_allocator), reallocate, &world->accounts[which % 2]};
}

// ---- The random source: the input's answers first, then a fair generator, so every wait ends

static uint64_t answer(void *user_data) {
    enum { LARGEST = 999, BYTE_LARGEST = 255 };
    world *world = user_data;
    if (!reader_is_empty(&world->answers)) {
        return (uint64_t)reader_byte(&world->answers) * LARGEST / BYTE_LARGEST;
    }
    world->more_answers = world->more_answers * UINT64_C(6364136223846793005) + 1442695040888963407;
    return world->more_answers >> 33;
}

// ---- Choices of the input

void set_busy(world *world, slot *slot) {
    world->touched |= 1U << (slot - world->streams);
    if (world->depth == 0) {
        world->busy = slot;
        world->busy_poller = slot->poller;
    }
}

slot *pick_stream(world *world) {
    enum { NONE_FROM = 0xf0 };
    static slot none;
    const unsigned byte = reader_byte(&world->calls);
    for (unsigned i = 0; i < STREAMS && byte < NONE_FROM; i++) {
        slot *each = &world->streams[(byte + i) % STREAMS];
        if (each->stream != NULL && !is_busy(world, each)) {
            set_busy(world, each);
            return each;
        }
    }
    none = (slot){.end = NO_END, .poller = NO_POLLER, .world = world, .kind = (kind)(byte % KINDS)};
    return &none;
}

slot *pick_free_stream(world *world) {
    for (int i = 0; i < STREAMS; i++) {
        if (world->streams[i].stream == NULL) {
            return &world->streams[i];
        }
    }
    return NULL;
}

server_slot *pick_server(world *world) {
    static server_slot none;
    const unsigned byte = reader_byte(&world->calls);
    for (unsigned i = 0; i < SERVERS; i++) {
        server_slot *each = &world->servers[(byte + i) % SERVERS];
        const bool waits = each == world->busy_server ||
                           (each->poller != NO_POLLER && each->poller == world->busy_poller);
        if (each->server != NULL && !waits) {
            world->busy_server = world->depth == 0 ? each : world->busy_server;
            return each;
        }
    }
    none = (server_slot){.poller = NO_POLLER};
    return &none;
}

// Returns NO_POLLER if there is no poller, or if it waits.
int pick_poller(world *world) {
    const unsigned byte = reader_byte(&world->calls);
    for (unsigned i = 0; i < POLLERS; i++) {
        const int picked = (int)((byte + i) % POLLERS);
        const bool waits =
            picked == world->busy_poller || (world->depth > 0 && world->busy_server != NULL &&
                                             world->busy_server->poller == picked);
        if (world->pollers[picked] != NULL && !waits) {
            return picked;
        }
    }
    return NO_POLLER;
}

kept_fd *keep_fd(world *world) {
    for (int i = 0; i < KEPT_FDS; i++) {
        if (world->kept[i].fd == -1) {
            return &world->kept[i];
        }
    }
    return NULL;
}

kept_fd *kept_fd_of(world *world, bool listens) {
    for (int i = 0; i < KEPT_FDS; i++) {
        if (world->kept[i].fd != -1 && (world->kept[i].end == NO_END) == listens) {
            return &world->kept[i];
        }
    }
    return NULL;
}

const sps_platform *platform_of(const world *world, int host) {
    return sps_simulated_host_platform(world->hosts[host]);
}

void say(const world *world, sps_error error) {
    if (world->is_printed) {
        fprintf(stderr, "%8.3f ms %*s%s: %s\n",
                (double)sps_simulation_now_us(world->simulation) / 1000 - 1000, 2 * world->depth,
                "", world->name, sps_error_name(error));
    }
}

void answered(const world *world, sps_error error, uint64_t codes, const char *file, int line) {
    say(world, error);
    if ((CODE(error) & codes) == 0) {
        broken(sps_error_name(error), file, line);
    }
}

// ---- The table

typedef struct group {
    const row *rows;
    const size_t *count;
} group;

// This order numbers the operations. A new operation goes to the end of the last group.
static const group groups[] = {
    {network_rows, &network_count}, {socket_rows, &socket_count}, {stream_rows, &stream_count},
    {value_rows, &value_count},     {server_rows, &server_count}, {poller_rows, &poller_count},
    {other_rows, &other_count},     {filter_rows, &filter_count},
};

static const row *row_of(uint8_t number) {
    size_t place = number % ROWS;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        if (place < *groups[i].count) {
            return &groups[i].rows[place];
        }
        place -= *groups[i].count;
    }
    return NULL;
}

void step(world *world) {
    const char *name = world->name;
    const unsigned touched = world->touched, changes = world->changes;
    const row *row = row_of(reader_byte(&world->calls));
    if (row == NULL) {
        return;
    }
    world->name = row->name;
    world->touched = 0;
    world->changes = row->changes;
    row->run(world);
    if (world->depth == 0) {
        world->busy = NULL;
        world->busy_server = NULL;
        world->busy_poller = NO_POLLER;
    }
    check_all(world);
    EXPECT(sps_simulation_count_mistakes(world->simulation) == 0);
    world->name = name;
    world->touched = touched;
    world->changes = changes;
}

// ---- Setup and cleanup

static void trace(void *user_data, const char *line) {
    (void)user_data;
    fprintf(stderr, "      %s\n", line);
}

static void begin(world *world, const char *trace_level) {
    for (int i = 0; i < STREAMS; i++) {
        world->streams[i] = (slot){.end = NO_END, .poller = NO_POLLER, .world = world};
    }
    for (int i = 0; i < SERVERS; i++) {
        world->servers[i].poller = NO_POLLER;
    }
    for (int i = 0; i < PACKET_PEERS; i++) {
        world->packet_slots[i] = -1;
    }
    for (int i = 0; i < KEPT_FDS; i++) {
        world->kept[i].fd = -1;
    }
    world->busy_poller = NO_POLLER;
    world->is_printed = trace_level != NULL;
    const sps_allocator allocator = {sizeof(sps_allocator), reallocate, &world->network};
    const bool is_traced = trace_level != NULL && trace_level[0] == '2';
    const sps_simulation_options options = {.struct_size = sizeof options,
                                            .longest_wait_us = 2000000,
                                            .allocator = &allocator,
                                            .trace = is_traced ? trace : NULL,
                                            .random = answer,
                                            .random_user_data = world};
    EXPECT(sps_simulation_create(&options, &world->simulation) == SPS_OK);
    sps_simulation *simulation = world->simulation;
    EXPECT(sps_simulation_add_host(simulation, "one", "10.0.0.1", &world->hosts[0]) == SPS_OK);
    EXPECT(sps_simulation_add_host(simulation, "two", "10.0.0.2", &world->hosts[1]) == SPS_OK);
    EXPECT(sps_simulated_host_add_address(world->hosts[0], "fd00::1") == SPS_OK);
    EXPECT(sps_simulated_host_add_address(world->hosts[1], "fd00::2") == SPS_OK);
    // no host has this address
    EXPECT(sps_simulation_add_name(simulation, "many", "fd00::9") == SPS_OK);
    EXPECT(sps_simulation_add_name(simulation, "many", "10.0.0.2") == SPS_OK);
    EXPECT(sps_simulation_add_name(simulation, "many", "10.0.0.1") == SPS_OK);
    EXPECT(sps_simulation_set_name_answer(simulation, "never", SPS_NAME_ANSWER_NEVER, 0) == SPS_OK);
}

// From here on the network works without faults.
static void calm(world *world) {
    sps_simulation *simulation = world->simulation;
    world->accounts[0].fail_in = world->accounts[1].fail_in = world->network.fail_in = 0;
    EXPECT(sps_simulation_set_chaos(simulation, NULL) == SPS_OK);
    EXPECT(sps_simulation_fail_call(simulation, SPS_CALL_ANY, 0, SPS_FAULT_AGAIN) == SPS_OK);
    EXPECT(sps_simulation_cut_link(world->hosts[0], world->hosts[1], SPS_LINK_CUT_NOT) == SPS_OK);
    for (int i = 0; i < HOSTS; i++) {
        EXPECT(sps_simulated_host_set_handle_limit(world->hosts[i], 0) == SPS_OK);
    }
}

static void read_on(world *world, slot *slot) {
    size_t count;
    sps_error error = SPS_OK;
    for (int i = 0; i < 8 && error == SPS_OK; i++) {
        error = sps_stream_get_partial_data(slot->stream, scratch(world), MOST_WIRE_BYTES, &count);
        expect_came(world, slot, scratch(world), count);
        error = count > 0 ? error : SPS_ERR_BUSY;
    }
}

static void settle_stream(world *world, slot *slot) {
    if (slot->stream != NULL && is_socket(slot)) {
        world->touched = 1U << (slot - world->streams);
        world->changes = ANYTHING; // poll and read
        sps_socket_poll(slot->stream);
        if (status_of(slot) == SPS_STATUS_CONNECTED && !world->ends[slot->end].is_closing) {
            read_on(world, slot);
        }
        check_all(world);
    }
}

static bool is_live(const world *world, const slot *slot) {
    return slot->stream != NULL && is_socket(slot) && slot->end != NO_END &&
           status_of(slot) == SPS_STATUS_CONNECTED && !world->ends[slot->end].is_closing &&
           !world->ends[slot->end].cannot_put;
}

static bool are_a_pair(const world *world, int one, int other) {
    for (int i = 0; i < world->end_count; i++) {
        if (i != one && i != other && !(world->ends[one].excluded & UINT64_C(1) << i)) {
            return false;
        }
    }
    const end *a = &world->ends[one], *b = &world->ends[other];
    return a->kind == b->kind && a->is_client != b->is_client && a->kind != CUSTOM &&
           !(a->excluded & UINT64_C(1) << other) && !(b->excluded & UINT64_C(1) << one);
}

// Whether bytes are still in flight between two connected ends.
static bool is_something_missing(const world *world) {
    for (int i = 0; i < STREAMS * STREAMS; i++) {
        const slot *one = &world->streams[i % STREAMS], *other = &world->streams[i / STREAMS];
        if (one != other && is_live(world, one) && is_live(world, other) &&
            are_a_pair(world, one->end, other->end) &&
            world->ends[one->end].received != world->ends[other->end].sent) {
            return true;
        }
    }
    return false;
}

static size_t count_received(const world *world) {
    size_t count = 0;
    for (int i = 0; i < world->end_count; i++) {
        count += world->ends[i].received;
    }
    return count;
}

// All bytes that were put arrive, however small the buffers are.
static void expect_all_arrives(world *world) {
    for (int idle = 0; idle < SETTLE_ROUNDS && is_something_missing(world); idle++) {
        const size_t before = count_received(world);
        for (int i = 0; i < STREAMS; i++) {
            settle_stream(world, &world->streams[i]);
        }
        EXPECT(sps_simulation_advance(world->simulation, ROUND_US) == SPS_OK);
        idle = count_received(world) > before ? 0 : idle;
    }
    EXPECT(!is_something_missing(world));
}

// Closes the descriptor by the OS's own call, as its owner would.
static void close_kept(const world *world, kept_fd *kept) {
    const sps_platform *platform = platform_of(world, kept->host);
    spsi_os_close(platform, kept->fd);
    kept->fd = -1;
}

static void destroy_one(world *world, unsigned which) {
    if (which < STREAMS) {
        destroy_stream(world, &world->streams[which]);
        return;
    }
    which -= STREAMS;
    if (which < SERVERS) {
        sps_server_destroy(world->servers[which].server);
        world->servers[which].server = NULL;
        return;
    }
    which -= SERVERS;
    if (which < POLLERS) {
        sps_poller_destroy(world->pollers[which]);
        world->pollers[which] = NULL;
        return;
    }
    sps_packet_peer_destroy(world->packet_peers[which - POLLERS]);
    world->packet_peers[which - POLLERS] = NULL;
}

// Destroys all objects in an order that the input chooses. The order must not matter.
static void destroy_all(world *world) {
    enum { ALL = STREAMS + SERVERS + POLLERS + PACKET_PEERS, STEPS_COPRIME = 7 };
    const unsigned first = (unsigned)(world->more_answers >> 40);
    const unsigned stride = first & 1 ? STEPS_COPRIME : ALL - STEPS_COPRIME;
    for (int i = 0; i < PACKET_PEERS; i++) {
        if (world->packet_peers[i] != NULL) {
            sps_packet_peer_set_stream(world->packet_peers[i], NULL);
        }
        world->packet_slots[i] = -1;
    }
    for (unsigned i = 0; i < ALL; i++) {
        destroy_one(world, (first + i * stride) % ALL);
    }
    sps_ip_destroy(world->ip);
    for (int i = 0; i < KEPT_FDS; i++) {
        if (world->kept[i].fd != -1) {
            close_kept(world, &world->kept[i]);
        }
    }
}

static void expect_nothing_is_left(world *world) {
    EXPECT(world->accounts[0].allocated == 0 && world->accounts[1].allocated == 0);
    for (int i = 0; i < HOSTS; i++) {
        EXPECT(sps_simulated_host_open_handles(world->hosts[i]) == 0);
    }
    EXPECT(sps_simulation_count_mistakes(world->simulation) == 0);
    int events = 0;
    while (sps_simulation_step(world->simulation) == SPS_OK) {
        EXPECT(++events < MOST_EVENTS); // no timer is left
    }
    sps_simulation_destroy(world->simulation);
    EXPECT(world->network.allocated == 0);
    for (int i = 0; i < world->end_count; i++) {
        free(world->ends[i].wire);
    }
}

static uint64_t hash_of(const uint8_t *data, size_t bytes) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < bytes; i++) {
        hash = (hash ^ data[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

// If the count is too large, there are no answers, and the whole input is calls.
static void split(world *world, const uint8_t *data, size_t bytes) {
    const size_t head = bytes > 0 ? 1 : 0;
    const size_t answers = bytes > 0 && data[0] < bytes - 1 ? data[0] : 0;
    world->answers = (reader){data + head, answers, 0};
    world->calls = (reader){data, bytes, head + answers};
    world->more_answers = hash_of(data, bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    static world world;
    memset(&world, 0, sizeof world);
    split(&world, data, bytes);
    begin(&world, getenv("SPS_FUZZ_TRACE"));
    for (int i = 0; i < MOST_CALLS && !reader_is_empty(&world.calls); i++) {
        step(&world);
    }
    world.name = "the end";
    for (int i = 0; i < FILTERS; i++) { // the model knows only their bases
        if (world.filters[i].stream != NULL) {
            destroy_filter(&world, &world.filters[i]);
        }
    }
    calm(&world);
    if (world.has_callback) {
        world.calls.at = world.calls.size; // the callback then stops itself
        EXPECT(sps_simulation_advance(world.simulation, ROUND_US) == SPS_OK);
        EXPECT(!world.has_callback);
    }
    expect_all_arrives(&world);
    destroy_all(&world);
    expect_nothing_is_left(&world);
    return 0;
}
