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

struct spsi_sim_end {
    spsi_sim_connection *connection;
    spsi_sim_host *host;
    spsi_sim_socket *socket;   // NULL: closed, or not accepted yet
    spsi_sim_socket *listener; // whose backlog the end is in
    spsi_sim_end *next_waiting;
    spsi_address local;
    spsi_sim_socket_options options;
    bool is_open;        // a socket owns it, or a backlog holds it
    bool is_established; // the client knows it; or the server may accept it
    bool is_dead;        // reset, or given up
    bool has_sent_fin;
    spsi_result error; // returned once
    uint64_t heard_us; // when the last packet of the peer arrived
    spsi_sim_pipe in;
    spsi_sim_timer watchdog;
};

// The packet of the handshake that is in flight, if the connection is not established.
typedef enum spsi_sim_stage {
    SPSI_SIM_STAGE_SYN,
    SPSI_SIM_STAGE_SYN_ACK,
    SPSI_SIM_STAGE_ACK,
    SPSI_SIM_STAGE_REFUSAL,
    SPSI_SIM_STAGE_UNREACHABLE,
    SPSI_SIM_STAGE_ESTABLISHED
} spsi_sim_stage;

struct spsi_sim_connection {
    spsi_sim_connection *next, *previous;
    spsi_sim_world *world;
    spsi_sim_link *link;  // NULL: a Unix connection
    spsi_sim_end ends[2]; // the client's, the server's
    spsi_sim_stage stage;
    uint64_t begin_us, retry_us;
    spsi_sim_timer handshake;
};

spsi_sim_end *spsi_sim_end_peer(const spsi_sim_end *end);
spsi_result spsi_sim_socket_connect(spsi_sim_socket *socket, const spsi_address *address);

// Whether an end, its socket or listener, and its pipe agree.
bool spsi_sim_end_is_consistent(const spsi_sim_end *end);

// Whether a connection is in the world's list, is open, and has two consistent ends.
bool spsi_sim_connection_is_consistent(const spsi_sim_connection *connection);

// The end's socket or listener gives it up. May free the connection.
void spsi_sim_end_close(spsi_sim_end *end);

// Marks an end as dead, with the error for its own program. Sends nothing to the peer.
void spsi_sim_end_kill(spsi_sim_end *end, spsi_code code, int32_t os_code);

// Starts the watchdog of an end whose link was just cut.
void spsi_sim_end_cut_off(spsi_sim_end *end);

// Computes again when an end gives up, and sets its watchdog.
void spsi_sim_end_set_watchdog(spsi_sim_end *end);

// Resets a connection at both ends.
void spsi_sim_connection_reset(spsi_sim_connection *connection);

// Frees a connection if both ends are closed. The caller must not use it afterwards.
void spsi_sim_connection_free_if_closed(spsi_sim_connection *connection);

#endif
