// SPDX-License-Identifier: MIT
//
// Sockets: their addresses and options, listening and accepting.
#ifndef SPSI_SIM_SOCKET_H
#define SPSI_SIM_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/platform.h"
#include "sim.h"

typedef enum spsi_sim_socket_state {
    SPSI_SIM_STATE_UNCONNECTED,
    SPSI_SIM_STATE_LISTENING,
    SPSI_SIM_STATE_CONNECTING,
    SPSI_SIM_STATE_CONNECTED
} spsi_sim_socket_state;

// The options of set_option(). Accepted sockets inherit them.
typedef struct spsi_sim_socket_options {
    bool dual_stack, reuses_address, reuses_port, resets_at_close;
    uint32_t send_buffer, receive_buffer;
    uint32_t keepalive_idle_ms, keepalive_interval_ms, keepalive_count, user_timeout_ms;
} spsi_sim_socket_options;

struct spsi_sim_socket {
    spsi_sim_host *host;
    spsi_handle handle;
    spsi_family family;
    spsi_sim_socket_state state;
    bool is_bound;
    spsi_address local;
    spsi_sim_socket_options options;
    spsi_sim_end *first_waiting,
        *last_waiting; // the backlog of a listener, with ends in a handshake
    size_t waiting_count;
    uint32_t backlog;  // its limit
    spsi_sim_end *end; // while CONNECTING and CONNECTED
    spsi_sim_watch *watches;
};

spsi_result spsi_sim_socket_open(spsi_sim_host *host, spsi_family family, spsi_handle *out_handle);
void spsi_sim_socket_close(spsi_sim_socket *socket);
spsi_result spsi_sim_socket_bind(spsi_sim_socket *socket, const spsi_address *address);
spsi_result spsi_sim_socket_listen(spsi_sim_socket *socket, uint32_t backlog);
spsi_result spsi_sim_socket_accept(spsi_sim_socket *socket, spsi_handle *out_handle,
                                   spsi_address *out_peer);
spsi_result spsi_sim_socket_set_option(spsi_sim_socket *socket, spsi_option option, uint32_t value);

// Binds a socket to a source address and a free port. False: no port is free.
bool spsi_sim_socket_bind_to_any_port(spsi_sim_socket *socket, const spsi_address *source);

// The socket that listens at an address of the host. NULL: none.
spsi_sim_socket *spsi_sim_host_find_listener(const spsi_sim_host *host,
                                             const spsi_address *address);

// The backlog of a listener. An end leaves it when it is accepted, or when either side gives up.
bool spsi_sim_backlog_is_full(const spsi_sim_socket *listener);
void spsi_sim_backlog_add(spsi_sim_socket *listener, spsi_sim_end *end);
void spsi_sim_backlog_remove(spsi_sim_end *end);

// Whether the list has as many ends as it counts, and each refers to the listener.
bool spsi_sim_backlog_is_consistent(const spsi_sim_socket *socket);

// Whether the socket, its handle, backlog, end and watches refer to each other.
bool spsi_sim_socket_is_consistent(const spsi_sim_socket *socket);

#endif
