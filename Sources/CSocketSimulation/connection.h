// SPDX-License-Identifier: MIT
//
// Connections: their handshake, their two ends, and how they end.
#ifndef SPSI_SIM_CONNECTION_H
#define SPSI_SIM_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "pipe.h"
#include "sim.h"
#include "socket.h"
#include "timers.h"

struct sim_end {
    sim_connection *connection;
    sim_host *host;
    sim_socket *socket;   // NULL: closed, or not accepted yet
    sim_socket *listener; // whose backlog the end is in
    sim_end *next_waiting;
    spsi_address local;
    sim_socket_options options;
    bool is_open;        // a socket owns it, or a backlog holds it
    bool is_established; // the client knows it; or the server may accept it
    bool is_dead;        // reset, or given up
    bool has_sent_end;
    spsi_result error; // returned once
    uint64_t heard_us; // when the last packet of the peer arrived
    sim_pipe in;
    sim_timer watchdog;
};

// The packet of the handshake that is in flight, if the connection is not established.
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

// The end's socket or listener gives it up. May free the connection.
void spsi_sim_end_close(sim_end *end);

// Marks an end as dead, with the error for its own program. Sends nothing to the peer.
void spsi_sim_end_kill(sim_end *end, spsi_code code, int32_t os_code);

// Starts the watchdog of an end whose link was just cut.
void spsi_sim_end_cut_off(sim_end *end);

// Computes again when an end gives up, and sets its watchdog.
void spsi_sim_end_watch(sim_end *end);

// Resets a connection at both ends.
void spsi_sim_connection_reset(sim_connection *connection);

// Frees a connection if both ends are closed. The caller must not use it afterwards.
void spsi_sim_connection_release(sim_connection *connection);
void spsi_sim_connections_end(sim_world *world);

#endif
