// SPDX-License-Identifier: MIT
//
// Filters over a connection, alone and in a poller. Each call of the OS and each allocation fails.
#include "faults/scenarios.h"

#include <string.h>

#include "faults/connection.h"
#include "support/ciphers.h"

enum { PIECES = 6 };

// A connection whose ends are filters, and the streams below them.
typedef struct secret {
    connection connection;
    sps_stream *below_client, *below_peer;
} secret;

// Puts a filter over the stream. Without memory the stream stays as it is, and this returns false.
static bool cover(sps_stream **stream, sps_stream **below) {
    const sps_stream_options options = stream_options();
    sps_error error;
    cipher *cipher = try_cipher(&options, &error);
    if (cipher == NULL) {
        EXPECT(error == SPS_ERR_OUT_OF_MEMORY && the_plan.struck > 0);
        return false;
    }
    EXPECT(open_cipher(cipher, *stream) == SPS_OK);
    *below = *stream;
    *stream = cipher->stream;
    return true;
}

static bool are_connected(const connection *connection) {
    return status_of(connection->client) == SPS_STATUS_CONNECTED &&
           status_of(connection->peer) == SPS_STATUS_CONNECTED;
}

// Polls until both are connected. False if one is not.
static bool shake(connection *connection) {
    for (int i = 0; i < 4 * PATIENCE && !are_connected(connection); i++) {
        is_error(&connection->there, sps_socket_poll(connection->client));
        is_error(&connection->back, sps_socket_poll(connection->peer));
        if (!is_open(connection->client) || !is_open(connection->peer)) {
            return false;
        }
        pause_briefly();
    }
    EXPECT(are_connected(connection) || the_plan.repeat == FOR_GOOD);
    return are_connected(connection);
}

static bool establish_secret(secret *secret, transport transport) {
    memset(secret, 0, sizeof *secret);
    connection *connection = &secret->connection;
    return establish(connection, transport) && cover(&connection->client, &secret->below_client) &&
           cover(&connection->peer, &secret->below_peer) && shake(connection);
}

static void end_secret(secret *secret) {
    end_connection(&secret->connection);
    sps_stream_destroy(secret->below_client);
    sps_stream_destroy(secret->below_peer);
    expect_no_ciphers();
}

static void transfer(transport transport, bool batched) {
    secret secret;
    connection *connection = &secret.connection;
    if (establish_secret(&secret, transport)) {
        is_error(&connection->there, sps_stream_set_write_batching(connection->client, batched));
        for (int i = 0; i < PIECES; i++) {
            put_piece(&connection->there, connection->client, (size_t)(1 + i * PIECE / PIECES));
            put_piece(&connection->back, connection->peer, (size_t)(PIECE - i));
            receive_rest(&connection->there, connection->client, connection->peer);
            receive_rest(&connection->back, connection->peer, connection->client);
        }
        settle(connection);
    }
    end_secret(&secret);
}

static void filter(transport transport) {
    transfer(transport, false);
}

static void filter_batched(transport transport) {
    transfer(transport, true);
}

static void wait_once(sps_poller *poller) {
    size_t count;
    sps_event event = {.struct_size = sizeof event};
    const sps_error error = sps_poller_wait(poller, 2, &count);
    EXPECT(error == SPS_OK ||
           error == (the_plan.code == SPSI_NO_MEMORY ? SPS_ERR_OUT_OF_MEMORY : SPS_FAILED));
    while (sps_poller_next_event(poller, &event) == SPS_OK) {
        event.struct_size = sizeof event;
    }
}

// The client's end is in a poller. A filter that cannot join it stays unchanged.
static void filter_in_a_poller(transport transport) {
    const sps_poller_options options = {.struct_size = sizeof options,
                                        .allocator = fault_allocator(),
                                        .platform = fault_platform()};
    secret secret;
    connection *connection = &secret.connection;
    sps_poller *poller = NULL;
    if (establish_secret(&secret, transport) && sps_poller_create(&options, &poller) == SPS_OK) {
        bool added = sps_poller_add(poller, connection->client, NULL) == SPS_OK;
        if (!added) {
            EXPECT(sps_poller_remove(poller, secret.below_client) == SPS_ERR_DOES_NOT_EXIST);
            added = sps_poller_add(poller, connection->client, NULL) == SPS_OK;
            EXPECT(added || the_plan.repeat != ONCE);
        }
        for (int i = 0; i < PIECES; i++) {
            put_piece(&connection->there, connection->client, (size_t)(1 + i * PIECE / PIECES));
            put_piece(&connection->back, connection->peer, (size_t)(PIECE - i));
            for (int tries = 0; tries < PATIENCE && added; tries++) {
                wait_once(poller);
                get_available(&connection->there, connection->peer);
                get_available(&connection->back, connection->client);
                const bool is_done = connection->there.got == connection->there.taken &&
                                     connection->back.got == connection->back.taken;
                if (is_done || connection->there.failed || connection->back.failed) {
                    break;
                }
                is_error(&connection->back, sps_socket_poll(connection->peer));
            }
        }
        if (added) {
            EXPECT(sps_poller_remove(poller, connection->client) == SPS_OK);
        }
        settle(connection);
    }
    end_secret(&secret);
    sps_poller_destroy(poller);
}

const scenario filter_scenarios[] = {{"tcp filter", filter, TCP},
                                     {"uds filter", filter, UDS},
                                     {"tcp filter, batched", filter_batched, TCP},
                                     {"tcp filter in a poller", filter_in_a_poller, TCP},
                                     {"uds filter in a poller", filter_in_a_poller, UDS},
                                     {NULL, NULL, TCP}};
