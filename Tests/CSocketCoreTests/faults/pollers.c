// SPDX-License-Identifier: MIT
//
// Many streams and one wait.
#include "faults/scenarios.h"

#include <string.h>

#include "faults/connection.h"

static void wait_once(sps_poller *poller, int32_t timeout_ms) {
    size_t count;
    const sps_error error = sps_poller_wait(poller, timeout_ms, &count);
    EXPECT(error == SPS_OK ||
           error == (the_plan.code == SPSI_NO_MEMORY ? SPS_ERR_OUT_OF_MEMORY : SPS_FAILED));
}

// ---- A poller that comes later

// A stream may join a poller at any time; one that cannot is as it was.
static void late_poller(transport transport) {
    const sps_poller_options options = {.struct_size = sizeof options,
                                        .allocator = fault_allocator(),
                                        .platform = fault_platform()};
    connection connection;
    sps_poller *poller = NULL;
    if (make_connection(&connection, transport) && begin_to_connect(&connection, transport) &&
        sps_poller_create(&options, &poller) == SPS_OK) {
        sps_socket_poll(connection.client); // now it tries an address
        const sps_status before = status_of(connection.client);
        const sps_error added = sps_poller_add(poller, connection.client, NULL);
        EXPECT(status_of(connection.client) == before);
        if (added == SPS_OK) {
            wait_once(poller, 1);
            EXPECT(sps_poller_remove(poller, connection.client) == SPS_OK);
        }
        const bool stands = !is_open(connection.client) || join(&connection);
        EXPECT(stands || !is_open(connection.client) || the_plan.repeat == FOR_GOOD);
    }
    end_connection(&connection);
    sps_poller_destroy(poller);
}

// ---- A poller

// A server speaks first: nothing but the greeting makes a client do anything.
enum { CLIENTS = 3, QUESTIONS = 20, GREETING = 4711 };

typedef struct crowd {
    sps_poller *poller;
    sps_server *server;
    sps_stream *clients[CLIENTS], *peers[CLIENTS];
    way ways[CLIENTS]; // from a client to whoever answers, and back
    size_t taken;      // connections
} crowd;

// The other side gives back what it gets, or ends the connection when it cannot.
static void answer(sps_stream *peer) {
    uint32_t value;
    while (sps_stream_try_get_u32(peer, &value) == SPS_OK) {
        if (sps_stream_put_u32(peer, value) != SPS_OK) {
            sps_socket_disconnect(peer);
        }
    }
}

static void ask(crowd *crowd, size_t i) {
    way *way = &crowd->ways[i];
    for (uint32_t n = 0; n < QUESTIONS; n++) {
        const sps_error error = sps_stream_put_u32(crowd->clients[i], (uint32_t)way->taken);
        way->taken += error == SPS_OK;
        is_error(way, error);
    }
}

static void hear(crowd *crowd, size_t i) {
    way *way = &crowd->ways[i];
    uint32_t value;
    sps_error error;
    while ((error = sps_stream_try_get_u32(crowd->clients[i], &value)) == SPS_OK) {
        if (value == GREETING) {
            ask(crowd, i);
        } else {
            EXPECT(value == way->got);
            way->got++;
        }
    }
    is_error(way, error);
}

static void take_connections(crowd *crowd) {
    sps_stream *peer;
    while (crowd->taken < CLIENTS && sps_server_take_connection(crowd->server, &peer) == SPS_OK) {
        crowd->peers[crowd->taken++] = peer;
        if (sps_poller_add(crowd->poller, peer, NULL) != SPS_OK ||
            sps_stream_put_u32(peer, GREETING) != SPS_OK) {
            sps_socket_disconnect(peer);
        }
    }
}

static void handle(crowd *crowd, const sps_event *event) {
    if (event->server != NULL) {
        take_connections(crowd);
        return;
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        if (event->stream == crowd->clients[i]) {
            hear(crowd, i);
            crowd->ways[i].told = crowd->ways[i].told || (event->kinds & SPS_EVENT_CLOSED);
        } else if (event->stream == crowd->peers[i]) {
            answer(crowd->peers[i]);
            if (event->kinds & SPS_EVENT_CLOSED) { // its client learns of it by the OS
                sps_socket_disconnect(crowd->peers[i]);
            }
        }
    }
}

static bool all_have_heard(const crowd *crowd) {
    size_t done = 0;
    for (size_t i = 0; i < CLIENTS; i++) {
        const way *way = &crowd->ways[i];
        done += way->told || (way->taken > 0 && way->got == way->taken);
    }
    return done == CLIENTS;
}

static bool begin_crowd(crowd *crowd, transport transport) {
    const sps_stream_options options = stream_options();
    const sps_server_options server_options = {.struct_size = sizeof server_options,
                                               .stream = &options};
    const sps_poller_options poller_options = {.struct_size = sizeof poller_options,
                                               .allocator = fault_allocator(),
                                               .platform = fault_platform()};
    place place;
    if (sps_poller_create(&poller_options, &crowd->poller) != SPS_OK ||
        (transport == TCP ? sps_tcp_server_create(&server_options, &crowd->server)
                          : sps_uds_server_create(&server_options, &crowd->server)) != SPS_OK ||
        sps_poller_add_server(crowd->poller, crowd->server, NULL) != SPS_OK ||
        !listen_on(crowd->server, transport, &place)) {
        return false;
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        sps_stream **client = &crowd->clients[i];
        const sps_error made =
            transport == TCP ? sps_tcp_create(&options, client) : sps_uds_create(&options, client);
        crowd->ways[i].told = made != SPS_OK ||
                              sps_poller_add(crowd->poller, *client, NULL) != SPS_OK ||
                              (transport == TCP ? sps_tcp_connect(*client, FAULT_NAME, place.port)
                                                : sps_uds_connect(*client, place.path)) != SPS_OK;
    }
    return true;
}

static void end_crowd(crowd *crowd) {
    for (size_t i = 0; i < CLIENTS; i++) {
        check_stream(crowd->clients[i]);
        check_stream(crowd->peers[i]);
        sps_stream_destroy(crowd->clients[i]);
        sps_stream_destroy(crowd->peers[i]);
    }
    sps_server_destroy(crowd->server);
    sps_poller_destroy(crowd->poller);
}

// Whoever is not told of an end hears all that was asked.
static void poller(transport transport) {
    crowd crowd;
    memset(&crowd, 0, sizeof crowd);
    if (begin_crowd(&crowd, transport)) {
        const int turns = the_plan.repeat == FOR_GOOD ? PATIENCE / 2 : 8 * PATIENCE;
        for (int i = 0; i < turns && !all_have_heard(&crowd); i++) {
            wait_once(crowd.poller, 5);
            sps_event event = {.struct_size = sizeof event};
            while (sps_poller_next_event(crowd.poller, &event) == SPS_OK) {
                handle(&crowd, &event);
            }
            take_connections(&crowd); // of whom a failed accept has told nothing
        }
        EXPECT(all_have_heard(&crowd) || the_plan.repeat == FOR_GOOD);
    }
    end_crowd(&crowd);
}

const scenario poller_scenarios[] = {{"tcp poller", poller, TCP},
                                     {"uds poller", poller, UDS},
                                     {"tcp late poller", late_poller, TCP},
                                     {"uds late poller", late_poller, UDS},
                                     {NULL, NULL, TCP}};
