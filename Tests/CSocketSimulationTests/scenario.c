// SPDX-License-Identifier: MIT
#include "scenario.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_messages.h"
#include "streampeersocket/streampeersocket.h"
#include "streampeersocket_testing/simulation.h"

enum {
    MOST_CLIENTS = 24,
    USUAL_CLIENTS = 4,
    MOST_PEERS = 2 * MOST_CLIENTS, // with those of attempts that were cancelled
    SHORT_CLIENTS = 2,
    MOST_STALLS = 2, // more could outlast the time for connecting
    MOST_PIECE = 20000,
    MOST_VALUES = 200,
    MOST_TOTAL = 200000,
    MOST_MESSAGES = 80,
    SHORT_MESSAGES = 6,
    SHORT_TOTAL = 6000, // of a scenario that runs once for each call in it
    PORT = 4000,
    FRAME_US = 5000,
};
static const uint64_t most_time_us = UINT64_C(3600) * 1000000; // longer than any time that is set

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
    scenario_result result;
} story;

static uint64_t draw(story *story, uint64_t below) {
    return sps_simulation_random(story->simulation) % below;
}

static uint64_t draw_total(story *story) {
    if (story->dialect != BYTES) {
        return draw(story, story->is_short ? SHORT_MESSAGES : MOST_MESSAGES);
    }
    const uint64_t most = story->is_short ? SHORT_TOTAL : MOST_TOTAL;
    return draw(story, story->count > USUAL_CLIENTS ? most / 10 : most);
}

static void complain(story *story, const char *format, ...) {
    if (story->result.problem[0] == '\0') {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(story->result.problem, sizeof story->result.problem, format, arguments);
        va_end(arguments);
    }
}

static void expect(story *story, sps_error error, const char *what) {
    if (error != SPS_OK) {
        complain(story, "%s is %s", what, sps_error_name(error));
    }
}

// ---- The memory of a seed

static void *reallocate(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    memory *memory = user_data;
    if (new_bytes > old_bytes) {
        memory->chance = memory->chance * UINT64_C(6364136223846793005) + 1442695040888963407;
        if (++memory->count == memory->fails_at ||
            (memory->chance >> 40) % 1000 < memory->missing) {
            return NULL;
        }
    }
    memory->bytes += (int64_t)new_bytes - (int64_t)old_bytes;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_bytes);
}

// Copied by whoever is made with it.
static const sps_allocator *allocator_of(story *story) {
    static sps_allocator allocator;
    allocator = (sps_allocator){reallocate, &story->memory};
    return &allocator;
}

// ---- The network of a seed

static uint32_t rate(story *story, uint32_t most) {
    return draw(story, 3) == 0 ? 0 : (uint32_t)draw(story, most);
}

static void choose_chaos(story *story) {
    sps_simulation_chaos chaos = {.struct_size = sizeof chaos};
    chaos.short_reads = rate(story, 300);
    chaos.short_writes = rate(story, 300);
    chaos.cut_deliveries = rate(story, 500);
    chaos.late_deliveries = rate(story, 200);
    chaos.late_us = (uint32_t)draw(story, 300000);
    chaos.false_readiness = rate(story, 100);
    chaos.false_again = rate(story, 100);
    chaos.shuffled = (uint32_t)draw(story, 2);
    if (!story->is_gentle) {
        chaos.refused_connects = rate(story, 100);
        chaos.resets = rate(story, 10);
        chaos.no_handles = rate(story, 20);
        chaos.no_memory = rate(story, 20);
        chaos.failed_lookups = rate(story, 100);
    }
    expect(story, sps_simulation_set_chaos(story->simulation, &chaos), "chaos");
}

static void build_network(story *story) {
    sps_simulation *simulation = story->simulation;
    expect(story, sps_simulation_add_host(simulation, "server", "10.0.0.1", &story->hosts[0]),
           "the server's host");
    if (story->is_uds) {
        story->hosts[1] = story->hosts[0];
    } else {
        expect(story, sps_simulation_add_host(simulation, "client", "10.0.0.2", &story->hosts[1]),
               "the clients' host");
    }
    expect(story, sps_simulation_add_host(simulation, "other", "10.0.0.3", &story->hosts[2]),
           "the other host");
    const sps_link_options link = {
        .struct_size = sizeof link,
        .latency_us = 1 + draw(story, 100000),
        .jitter_us = (uint32_t)draw(story, 20000),
        .bytes_per_second = draw(story, 3) == 0 ? 20000 + draw(story, 1000000) : 0,
    };
    expect(story, sps_simulation_set_link(story->hosts[0], story->hosts[1], &link), "the link");
    if (draw(story, 3) == 0) { // whoever takes the name comes to a host that refuses first
        expect(story, sps_simulation_add_name(simulation, "game.example", "10.0.0.3"), "the name");
    }
    expect(story, sps_simulation_add_name(simulation, "game.example", "10.0.0.1"), "the name");
    expect(story,
           sps_simulation_set_name_answer(simulation, "game.example", SPS_NAME_ANSWER_ADDRESSES,
                                          draw(story, 300000)),
           "the name's answer");
    story->memory.chance = draw(story, UINT64_MAX);
    if (!story->is_short) {
        choose_chaos(story);
        story->memory.missing = story->is_gentle ? 0 : rate(story, 30);
    }
}

// Long enough for whatever happens where nothing ends connections.
static uint32_t draw_timeout(story *story) {
    if (!story->has_timeouts) {
        return 0;
    }
    return (uint32_t)(story->is_gentle ? 300000 + draw(story, 1000) : 1 + draw(story, 20000));
}

static sps_stream_options options_at(story *story, int where) {
    return (sps_stream_options){
        .struct_size = sizeof(sps_stream_options),
        .platform = sps_simulated_host_platform(story->hosts[where]),
        .allocator = allocator_of(story),
        .io_timeout_ms = draw_timeout(story),
        .idle_timeout_ms = draw_timeout(story),
        .keepalive_idle_ms = draw_timeout(story),
        .user_timeout_ms = draw_timeout(story),
        .read_buffer_bytes = draw(story, 2) == 0 ? 0 : (uint32_t)(1 + draw(story, 5000)),
        .os_send_buffer_bytes = draw(story, 2) == 0 ? 0 : (uint32_t)(1 + draw(story, 20000)),
        .os_receive_buffer_bytes = draw(story, 2) == 0 ? 0 : (uint32_t)(1 + draw(story, 20000)),
    };
}

static bool is_shortage(sps_error error) {
    return error == SPS_ERR_OUT_OF_MEMORY || error == SPS_ERR_CANT_ACQUIRE_RESOURCE;
}

// Whether a call is to be made again, since the one fault that was chosen may have hit it.
static bool is_worth_a_retry(const story *story, sps_error error, int *tries) {
    return is_shortage(error) || (error != SPS_OK && story->is_short && (*tries)++ == 0);
}

// Tries until the memory for it is there.
static void make_packets(side *side) {
    const sps_packet_options options = {.struct_size = sizeof options,
                                        .allocator = allocator_of(side->story)};
    sps_error error = SPS_ERR_OUT_OF_MEMORY;
    while (side->story->dialect == PACKETS && error == SPS_ERR_OUT_OF_MEMORY) {
        error = sps_packet_stream_create(&options, &side->packets);
    }
    sps_packet_peer_set_stream(side->packets, side->stream);
}

// ---- One end

static void break_off(side *side, const char *what) {
    story *story = side->story;
    if (story->is_gentle) {
        sps_close_reason reason = SPS_CLOSE_NONE;
        sps_socket_get_close_reason(side->stream, &reason);
        complain(story, "%s broke off at %s though nothing ends connections: %s, sent %u of %u",
                 side < story->peers ? "a client" : "a peer", what, sps_close_reason_name(reason),
                 (unsigned)side->sent, (unsigned)side->to_send);
    }
    story->result.broken++;
    side->is_over = true;
}

// What has come is what the other has sent, in order.
static void check_bytes(side *side, const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != pattern_byte(side->other->key, side->received + i)) {
            complain(side->story, "byte %u of %u is another", (unsigned)(side->received + i),
                     (unsigned)side->other->sent);
            return;
        }
    }
    side->received += count;
    side->story->result.bytes += count;
    if (side->received > side->other->offered) {
        complain(side->story, "%u bytes came of %u", (unsigned)side->received,
                 (unsigned)side->other->offered);
    }
}

static void meet_end(side *side) {
    if (side->received == side->other->to_send) {
        side->all_arrived = true;
        side->is_over = true;
    } else {
        side->cut_short = side->received < side->other->sent;
        break_off(side, "its end");
    }
}

static sps_status status_of(const sps_stream *stream) {
    sps_status status = SPS_STATUS_NONE;
    sps_socket_get_status(stream, &status);
    return status;
}

static void read_bytes(side *side) {
    uint8_t bytes[MOST_PIECE];
    const size_t most = 1 + (size_t)draw(side->story, sizeof bytes);
    size_t count = 0;
    const sps_error error = sps_stream_get_partial_data(side->stream, bytes, most, &count);
    check_bytes(side, bytes, count);
    if (error == SPS_ERR_FILE_EOF) {
        meet_end(side);
    } else if (error != SPS_OK && !is_shortage(error)) {
        break_off(side, "a get");
    }
}

// What is there, without a copy; the other reads meet the end.
static void read_span(side *side) {
    const uint8_t *span;
    size_t size;
    sps_stream_peek(side->stream, (size_t)draw(side->story, 100), &span, &size);
    const size_t count = (size_t)draw(side->story, size + 1);
    check_bytes(side, span, count);
    expect(side->story, sps_stream_consume(side->stream, count), "consuming what is there");
}

static void read_values(side *side) {
    uint8_t value;
    for (uint64_t i = draw(side->story, MOST_VALUES);
         i > 0 && sps_stream_try_get_u8(side->stream, &value) == SPS_OK; i--) {
        check_bytes(side, &value, 1);
    }
}

// What a get of a message, or a count of them, came to.
static void note_get(side *side, sps_error error) {
    if (error == SPS_ERR_FILE_EOF) {
        meet_end(side);
    } else if (error != SPS_OK && error != SPS_ERR_BUSY && error != SPS_ERR_UNAVAILABLE &&
               !is_shortage(error)) {
        break_off(side, "a message");
    }
}

// How many packets are there, which are then to be had.
static size_t count_packets(side *side) {
    size_t count = 0;
    note_get(side, sps_packet_peer_get_available_packet_count(side->packets, &count));
    if (side->received + count > side->other->offered) {
        complain(side->story, "%u packets are counted of %u", (unsigned)(side->received + count),
                 (unsigned)side->other->offered);
    }
    return count;
}

// The next message, or nothing.
static void read_message(side *side, bool waits) {
    story *story = side->story;
    const bool counts = story->dialect == PACKETS && draw(story, 3) == 0;
    const size_t count = counts ? count_packets(side) : 0;
    if (side->is_over) {
        return;
    }
    bool is_right;
    const sps_error error = message_get(story->dialect, side->stream, side->packets, waits,
                                        side->other->key, side->received, &is_right);
    side->received += error == SPS_OK;
    story->result.bytes += error == SPS_OK;
    if (!is_right || side->received > side->other->offered || (count > 0 && error != SPS_OK)) {
        complain(story, "message %u of %u is %s, though %u were counted", (unsigned)side->received,
                 (unsigned)side->other->offered, is_right ? sps_error_name(error) : "another",
                 (unsigned)count);
    }
    note_get(side, error);
}

static void read_some(side *side) {
    if (side->story->dialect != BYTES) {
        read_message(side, false);
        return;
    }
    switch (draw(side->story, 4)) {
    case 0:
        read_span(side);
        break;
    case 1:
        read_values(side);
        break;
    default:
        read_bytes(side);
    }
}

// A client of the blocking kind, whose server runs in callbacks.
static void read_waiting(side *side) {
    uint8_t bytes[MOST_PIECE];
    const uint64_t left = side->other->to_send - side->received;
    if (side->story->dialect != BYTES) {
        read_message(side, left > 0);
        return;
    }
    size_t most = 1 + (size_t)draw(side->story, sizeof bytes);
    most = left < most ? (size_t)left : most;
    if (most == 0) {
        read_some(side);
        return;
    }
    size_t count = 0;
    const sps_error error = sps_stream_get_data(side->stream, bytes, most, &count);
    check_bytes(side, bytes, count);
    if (error == SPS_OK && count != most) {
        complain(side->story, "a get that waits brought %u of %u", (unsigned)count, (unsigned)most);
    }
    if (error != SPS_OK && !is_shortage(error)) {
        break_off(side, "a get that waits");
    }
}

// What a put came to.
static void note_put(side *side, sps_error error) {
    if (error == SPS_FAILED && status_of(side->stream) == SPS_STATUS_CONNECTED) {
        return; // what came before the break is read first
    }
    if (error != SPS_OK && error != SPS_ERR_BUSY && !is_shortage(error)) {
        break_off(side, "a put");
    }
}

static void write_values(side *side) {
    sps_error error = SPS_OK;
    for (uint64_t i = draw(side->story, MOST_VALUES);
         i > 0 && side->sent < side->to_send && error == SPS_OK; i--) {
        side->offered = side->sent + 1;
        error = sps_stream_put_u8(side->stream, pattern_byte(side->key, side->sent));
        side->sent += error == SPS_OK;
        side->offered = side->sent;
    }
    note_put(side, error);
}

// Whole: all of it or nothing, waiting for room where nobody gathers.
static void write_bytes(side *side, bool whole) {
    uint8_t bytes[MOST_PIECE];
    const uint64_t left = side->to_send - side->sent;
    size_t size = 1 + (size_t)draw(side->story, sizeof bytes);
    size = left < size ? (size_t)left : size;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = pattern_byte(side->key, side->sent + i);
    }
    size_t count = 0;
    side->offered = side->sent + size;
    const sps_error error = whole ? sps_stream_put_data(side->stream, bytes, size, &count)
                                  : sps_stream_put_partial_data(side->stream, bytes, size, &count);
    side->sent += count;
    side->offered = side->sent;
    if (error == SPS_OK && whole && count != size) {
        complain(side->story, "a whole put took %u of %u", (unsigned)count, (unsigned)size);
    }
    note_put(side, error);
}

static void write_message(side *side) {
    side->offered = side->sent + 1;
    const sps_error error =
        message_put(side->story->dialect, side->stream, side->packets, side->key, side->sent);
    side->sent += error == SPS_OK;
    side->offered = side->sent;
    note_put(side, error);
}

// A put that may wait is for a client whose server runs meanwhile, or where puts gather.
static void write_some(side *side, style style) {
    if (side->story->dialect != BYTES) {
        write_message(side);
        return;
    }
    const bool may_be_whole = style == BLOCKING || side->in_poller;
    if (may_be_whole && draw(side->story, 3) == 0) {
        write_values(side);
    } else {
        write_bytes(side, style == BLOCKING || (may_be_whole && draw(side->story, 2) == 0));
    }
}

// Everything has left and arrived. At the other's end a stream closes (Godot's rule), so nobody may
// finish who still gets something.
static void close_up(side *side) {
    if (draw(side->story, 2) == 0) {
        side->closes_gracefully = sps_socket_close_gracefully(side->stream, 60000) == SPS_OK;
    } else {
        sps_socket_shutdown_write(side->stream);
    }
}

// Who has got nothing yet may finish when the other has handed all to the OS: it arrives all the same.
static void finish_early(side *side) {
    size_t waiting = 1;
    const struct side *other = side->other;
    if (side->sent == side->to_send && other->stream != NULL && other->sent == other->to_send &&
        sps_stream_get_pending_write_bytes(other->stream, &waiting) == SPS_OK && waiting == 0 &&
        draw(side->story, 8) == 0) {
        sps_socket_shutdown_write(side->stream);
    }
}

static void meet_close(side *side) {
    sps_close_reason reason = SPS_CLOSE_NONE;
    sps_socket_get_close_reason(side->stream, &reason);
    const bool is_good =
        side->closes_gracefully ? reason == SPS_CLOSE_LOCAL : reason == SPS_CLOSE_PEER_FINISHED;
    if (is_good && side->sent == side->to_send) {
        meet_end(side);
    } else {
        break_off(side, "a poll");
    }
}

// A read may have met the end, and closed the stream: the next turn tells.
static bool may_read(const side *side) {
    return !side->is_over && status_of(side->stream) == SPS_STATUS_CONNECTED;
}

// What an end does in one turn.
static void act(side *side, style style) {
    story *story = side->story;
    if (side->is_over || side->stream == NULL) {
        return;
    }
    if (style != IN_POLLER) {
        sps_socket_poll(side->stream);
    }
    const sps_status status = status_of(side->stream);
    if (status == SPS_STATUS_CONNECTING) {
        return;
    }
    side->connected = side->connected || status == SPS_STATUS_CONNECTED;
    if (status != SPS_STATUS_CONNECTED) {
        meet_close(side);
        return;
    }
    if (side->closes_gracefully) {
        return;
    }
    for (uint64_t i = draw(story, 4); i > 0 && side->sent < side->to_send && !side->is_over; i--) {
        write_some(side, style);
    }
    if (may_read(side)) {
        finish_early(side);
    }
    for (uint64_t i = draw(story, 4); i > 0 && may_read(side); i--) {
        if (style == BLOCKING) {
            read_waiting(side);
        } else {
            read_some(side);
        }
    }
    if (side->sent == side->to_send && side->received == side->other->to_send && !side->is_over &&
        status_of(side->stream) == SPS_STATUS_CONNECTED) {
        close_up(side);
    }
}

static void finish(side *side) {
    if (side->is_over && side->stream != NULL) {
        sps_packet_peer_destroy(side->packets);
        side->packets = NULL;
        sps_stream_destroy(side->stream);
        side->stream = NULL;
    }
}

// ---- The server

// The first eight bytes tell whose they are.
static void recognize(side *peer) {
    uint64_t key;
    const sps_error error = sps_stream_try_get_u64(peer->stream, &key);
    if (error == SPS_OK) {
        if (key >= peer->story->count) {
            complain(peer->story, "a client %u that there is not", (unsigned)key);
            peer->is_over = true;
            return;
        }
        peer->other = &peer->story->clients[key];
        peer->story->clients[key].other = peer;
    } else if (error != SPS_ERR_BUSY && !is_shortage(error) && peer->story->cancelled > 0) {
        peer->story->cancelled--; // it never had one
        peer->is_over = true;
    } else if (error != SPS_ERR_BUSY && !is_shortage(error)) {
        break_off(peer, "its name");
    }
}

// A message that waited for room would hold up those who are to make it, unless they run meanwhile.
static void gather(side *side, style style) {
    if (side->story->dialect != BYTES && style != BLOCKING) {
        expect(side->story, sps_stream_set_write_batching(side->stream, true), "gathering");
    }
}

static void take_connections(story *story) {
    sps_stream *stream;
    while (story->accepted < MOST_PEERS &&
           sps_server_take_connection(story->server, &stream) == SPS_OK) {
        side *peer = &story->peers[story->accepted];
        *peer = (side){.stream = stream,
                       .story = story,
                       .key = MOST_CLIENTS + story->accepted++,
                       .to_send = draw_total(story)};
        make_packets(peer);
        if (story->server_style == IN_POLLER) {
            const sps_error error = sps_poller_add(story->pollers[0], stream, peer);
            if (!is_shortage(error)) {
                expect(story, error, "adding a peer");
            }
            peer->in_poller = error == SPS_OK;
        }
        gather(peer, POLLING);
    }
}

static void run_poller(story *story, int where, int32_t timeout_ms) {
    size_t count;
    int tries = 0;
    sps_error error;
    do {
        error = sps_poller_wait(story->pollers[where], timeout_ms, &count);
    } while (is_worth_a_retry(story, error, &tries));
    expect(story, error, "a poller's wait");
    sps_event event = {.struct_size = sizeof event};
    while (sps_poller_next_event(story->pollers[where], &event) == SPS_OK) {
        if (event.kinds == 0) {
            complain(story, "an event of no kind");
        }
    }
}

static void run_server(void *user_data) {
    story *story = user_data;
    if (story->server_style == IN_POLLER) {
        run_poller(story, 0, 0);
    }
    take_connections(story);
    for (size_t i = 0; i < story->accepted; i++) {
        side *peer = &story->peers[i];
        if (peer->stream != NULL && peer->other == NULL && !peer->is_over) {
            if (!peer->in_poller) {
                sps_socket_poll(peer->stream);
            }
            recognize(peer);
        }
        if (peer->other != NULL) {
            act(peer, peer->in_poller ? IN_POLLER : POLLING);
        }
        finish(peer);
    }
}

// ---- The clients

static sps_error connect_client(story *story, side *client) {
    if (story->is_uds) {
        return sps_uds_connect(client->stream, "/run/game");
    }
    return sps_tcp_connect(client->stream, draw(story, 2) == 0 ? "10.0.0.1" : "game.example", PORT);
}

// Gives up after a moment, in which the server may have heard of it.
static void cancel_connect(story *story, side *client) {
    if (connect_client(story, client) == SPS_OK) {
        story->cancelled++;
        sps_simulation_advance(story->simulation, draw(story, 400000));
        sps_socket_poll(client->stream);
    }
    expect(story, sps_socket_disconnect(client->stream), "giving up");
}

static style style_of(const side *client) {
    const style style = client->story->style;
    return client->in_poller ? IN_POLLER : style == IN_POLLER ? POLLING : style;
}

static void start_client(story *story, size_t index) {
    side *client = &story->clients[index];
    *client = (side){.story = story, .key = index, .to_send = draw_total(story)};
    const int where = !story->is_uds && index % 3 == 2 ? 2 : 1;
    const sps_stream_options options = options_at(story, where);
    sps_error made;
    int tries = 0;
    do {
        made = story->is_uds ? sps_uds_create(&options, &client->stream)
                             : sps_tcp_create(&options, &client->stream);
    } while (is_worth_a_retry(story, made, &tries));
    expect(story, made, "making a client");
    make_packets(client);
    gather(client, story->style);
    if (!story->is_short && draw(story, 6) == 0) {
        cancel_connect(story, client);
    }
    if (story->style == IN_POLLER && where == 1) {
        const sps_error error = sps_poller_add(story->pollers[1], client->stream, client);
        if (!is_shortage(error)) {
            expect(story, error, "adding a client");
        }
        client->in_poller = error == SPS_OK;
    }
    const sps_error error = connect_client(story, client);
    if (error != SPS_OK) {
        break_off(client, "connecting");
    }
}

// Says who it is; false as long as it cannot.
static bool introduce(side *client) {
    if (client->connected) {
        return true;
    }
    if (!client->in_poller) {
        sps_socket_poll(client->stream);
    }
    const sps_status status = status_of(client->stream);
    if (status == SPS_STATUS_CONNECTING) {
        return false;
    }
    if (status != SPS_STATUS_CONNECTED) {
        break_off(client, "being connected");
        return false;
    }
    const sps_error error = sps_stream_put_u64(client->stream, client->key);
    client->connected = error == SPS_OK;
    if (error != SPS_OK && !is_shortage(error)) {
        break_off(client, "its name");
    }
    return client->connected;
}

static void run_client(side *client) {
    if (!client->is_over && introduce(client)) {
        if (client->other != NULL) {
            act(client, style_of(client));
        } else if (!client->in_poller) {
            sps_socket_poll(client->stream);
        }
        if (client->other == NULL && status_of(client->stream) != SPS_STATUS_CONNECTED) {
            break_off(client, "waiting to be known");
        }
    }
    finish(client);
}

static bool is_over(const story *story) {
    for (size_t i = 0; i < story->count; i++) {
        if (!story->clients[i].is_over) {
            return false;
        }
    }
    for (size_t i = 0; i < story->accepted; i++) {
        if (!story->peers[i].is_over) {
            return false;
        }
    }
    return true;
}

static void disturb(story *story) {
    const uint64_t what = draw(story, 400);
    if (story->is_short) {
        return;
    }
    if (what == 0 && !story->is_uds && story->stalls < MOST_STALLS) {
        story->stalls++;
        sps_simulation_stall_link(story->hosts[0], story->hosts[1], draw(story, 5000000));
    } else if (what == 1 && !story->is_uds && !story->is_gentle) {
        sps_simulation_reset_link(story->hosts[0], story->hosts[1]);
    }
}

static void run_frames(story *story) {
    while (!is_over(story) && story->result.problem[0] == '\0') {
        disturb(story);
        if (story->style == IN_POLLER) {
            run_poller(story, 1, (int32_t)draw(story, 20));
        }
        for (size_t i = 0; i < story->count; i++) {
            run_client(&story->clients[i]);
        }
        sps_simulation_advance(story->simulation, draw(story, FRAME_US));
        if (sps_simulation_now_us(story->simulation) > most_time_us) {
            complain(story, "nothing gets on any more");
        }
    }
}

// ---- The whole story

static void begin(story *story, bool is_short) {
    story->is_short = is_short;
    story->is_uds = draw(story, 3) == 0;
    story->is_gentle = draw(story, 2) == 0 || is_short;
    story->style = (style)draw(story, 3);
    story->server_style = (style)draw(story, 2);
    story->dialect = (dialect)draw(story, DIALECTS);
    story->has_timeouts = draw(story, 3) == 0;
    story->count = 1 + (size_t)draw(story, is_short               ? SHORT_CLIENTS
                                           : draw(story, 10) == 0 ? MOST_CLIENTS
                                                                  : USUAL_CLIENTS);
    build_network(story);
}

static bool open_server(story *story) {
    const sps_stream_options of_streams = options_at(story, 0);
    const sps_server_options options = {.struct_size = sizeof options, .stream = &of_streams};
    sps_error error;
    int tries = 0;
    do {
        error = story->is_uds ? sps_uds_server_create(&options, &story->server)
                              : sps_tcp_server_create(&options, &story->server);
    } while (is_worth_a_retry(story, error, &tries));
    expect(story, error, "making a server");
    for (int where = 0; where < 2; where++) {
        const sps_poller_options poller = {
            .struct_size = sizeof poller,
            .platform = sps_simulated_host_platform(story->hosts[where]),
            .allocator = allocator_of(story),
            .max_read_bytes = draw(story, 2) == 0 ? 0 : (uint32_t)(1 + draw(story, 9000)),
            .max_events = draw(story, 2) == 0 ? 0 : (uint32_t)(1 + draw(story, 4)),
        };
        tries = 0;
        do {
            error = sps_poller_create(&poller, &story->pollers[where]);
        } while (is_worth_a_retry(story, error, &tries));
        expect(story, error, "making a poller");
    }
    tries = 0;
    do {
        error = story->is_uds ? sps_uds_server_listen(story->server, "/run/game")
                              : sps_tcp_server_listen(story->server, PORT, "*");
    } while (is_worth_a_retry(story, error, &tries));
    expect(story, error, "listening");
    return error == SPS_OK;
}

// An end before all had come, of a connection whose other side heard of no failure: then nobody did.
static void check_loss(story *story, const side *sides, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (sides[i].cut_short && sides[i].other->all_arrived) {
            complain(story, "%u came of %u, and nobody was told", (unsigned)sides[i].received,
                     (unsigned)sides[i].other->sent);
        }
    }
}

static void end(story *story) {
    check_loss(story, story->clients, MOST_CLIENTS);
    check_loss(story, story->peers, MOST_PEERS);
    for (size_t i = 0; i < MOST_PEERS; i++) {
        sps_packet_peer_destroy(story->peers[i].packets);
        sps_stream_destroy(story->peers[i].stream);
    }
    for (size_t i = 0; i < MOST_CLIENTS; i++) {
        sps_packet_peer_destroy(story->clients[i].packets);
        sps_stream_destroy(story->clients[i].stream);
    }
    sps_server_destroy(story->server);
    sps_poller_destroy(story->pollers[0]);
    sps_poller_destroy(story->pollers[1]);
    if (story->memory.bytes != 0) {
        complain(story, "%d bytes are not given back", (int)story->memory.bytes);
    }
    for (int where = 0; where < 3; where++) {
        const size_t open = sps_simulated_host_open_handles(story->hosts[where]);
        if (open != 0) {
            complain(story, "%u handles are left open", (unsigned)open);
        }
    }
    if (sps_simulation_count_mistakes(story->simulation) != 0) {
        complain(story, "a handle was used that is not open");
    }
    if (sps_simulation_count_deadlocks(story->simulation) != 0) {
        complain(story, "a deadlock");
    }
    for (int call = 0; call < SPS_CALL_COUNT; call++) {
        story->result.calls[call] = sps_simulation_count_calls(story->simulation, call);
    }
    story->result.allocations = story->memory.count;
    story->result.has_failed_call = sps_simulation_has_failed_call(story->simulation);
    story->result.trace_hash = sps_simulation_get_trace_hash(story->simulation);
    sps_simulation_destroy(story->simulation);
}

static scenario_result run(uint64_t seed, const scenario_fault *fault,
                           void (*trace)(void *user_data, const char *line), void *user_data) {
    story story;
    memset(&story, 0, sizeof story);
    const sps_simulation_options options = {
        .struct_size = sizeof options, .seed = seed, .trace = trace, .trace_user_data = user_data};
    expect(&story, sps_simulation_create(&options, &story.simulation), "making a simulation");
    begin(&story, fault != NULL);
    if (fault != NULL && fault->nth_allocation != 0) {
        story.is_gentle = false;
        story.memory.fails_at = fault->nth_allocation;
    } else if (fault != NULL && fault->nth != 0) {
        story.is_gentle = false;
        expect(&story,
               sps_simulation_fail_call(story.simulation, fault->call, fault->nth, fault->fault),
               "choosing a fault");
    }
    if (open_server(&story)) {
        for (size_t i = 0; i < story.count; i++) {
            start_client(&story, i);
        }
        expect(&story, sps_simulation_every(story.simulation, FRAME_US, run_server, &story),
               "the server's frames");
        run_frames(&story);
    }
    end(&story);
    return story.result;
}

scenario_result scenario_run(uint64_t seed, void (*trace)(void *user_data, const char *line),
                             void *user_data) {
    return run(seed, NULL, trace, user_data);
}

scenario_result scenario_run_with_fault(uint64_t seed, const scenario_fault *fault,
                                        void (*trace)(void *user_data, const char *line),
                                        void *user_data) {
    return run(seed, fault, trace, user_data);
}

// Whether all went well; the number of runs goes on.
static bool run_fault(uint64_t seed, scenario_fault fault, uint64_t *runs,
                      scenario_result *out_result, scenario_fault *out_fault) {
    *out_fault = fault;
    *out_result = run(seed, out_fault, NULL, NULL);
    ++*runs;
    return out_result->problem[0] == '\0';
}

uint64_t scenario_run_all_faults(uint64_t seed, scenario_result *out_result,
                                 scenario_fault *out_fault) {
    uint64_t runs = 0;
    if (!run_fault(seed, (scenario_fault){0}, &runs, out_result, out_fault)) {
        return runs;
    }
    const scenario_result whole = *out_result;
    for (uint64_t nth = 1; nth <= whole.allocations; nth++) {
        const scenario_fault fault = {.nth_allocation = nth};
        if (!run_fault(seed, fault, &runs, out_result, out_fault)) {
            return runs;
        }
    }
    for (int call = 0; call < SPS_CALL_COUNT; call++) {
        for (uint64_t nth = 1; nth <= whole.calls[call]; nth++) {
            for (int kind = 0; kind < SPS_FAULT_COUNT; kind++) {
                const scenario_fault fault = {.call = call, .nth = nth, .fault = kind};
                if (sps_simulated_call_may_fail(call, kind) &&
                    !run_fault(seed, fault, &runs, out_result, out_fault)) {
                    return runs;
                }
            }
        }
    }
    return runs;
}

void scenario_describe_fault(const scenario_fault *fault, char *text, size_t size) {
    if (fault->nth_allocation != 0) {
        snprintf(text, size, "allocation %u fails", (unsigned)fault->nth_allocation);
    } else {
        snprintf(text, size, "%s %u is %s", sps_simulated_call_name(fault->call),
                 (unsigned)fault->nth, sps_simulated_fault_name(fault->fault));
    }
}
