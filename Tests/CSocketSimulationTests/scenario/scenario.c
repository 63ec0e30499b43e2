// SPDX-License-Identifier: MIT
#include "scenario/scenario.h"

#include <string.h>

#include "scenario/story.h"

enum {
    SHORT_CLIENTS = 2,
    MOST_STALLS = 2, // more could outlast the time for connecting
    PORT = 4000,
    FRAME_US = 5000,
};
static const uint64_t most_time_us = UINT64_C(3600) * 1000000; // longer than any time that is set

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
    *client = (side){.story = story, .key = index};
    client->to_send = draw_total(story);
    client->speaks_last = draw(story, 3) == 0;
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
    const sps_status status = socket_status(client->stream);
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
        if (client->other == NULL && socket_status(client->stream) != SPS_STATUS_CONNECTED) {
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
        sps_poller_options poller = {
            .struct_size = sizeof poller,
            .platform = sps_simulated_host_platform(story->hosts[where]),
            .allocator = allocator_of(story),
        };
        poller.max_read_bytes = draw_limit(story, 9000);
        poller.max_events = draw_limit(story, 4);
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

// An end before all had come, of a connection whose other side heard of no failure: then nobody did. And a
// graceful close that tells of no failure though its own call failed, and something was lost.
static void check_loss(story *story, const side *sides, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const side *side = &sides[i];
        if (side->cut_short && side->other->all_arrived) {
            complain(story, "%u came of %u, and nobody was told", (unsigned)side->received,
                     (unsigned)side->other->sent);
        }
        if (side == story->hit && side->all_arrived && side->closes_gracefully &&
            side->other->received < side->sent) {
            complain(story, "%u came of %u, and who closed was told that all is well",
                     (unsigned)side->other->received, (unsigned)side->sent);
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
