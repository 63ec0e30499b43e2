// SPDX-License-Identifier: MIT
//
// SPSSocketServer and the classes below it.
#ifndef SPS_GODOT_SERVER_H
#define SPS_GODOT_SERVER_H

#include "../endpoint/endpoint.h"

struct spsi_godot_server {
    struct spsi_godot_endpoint endpoint;
    sps_server_options options;
    sps_error (*create)(const sps_server_options *options, sps_server **out_server);
    const struct spsi_godot_class *peer_class; // of the connections
};

extern struct spsi_godot_class spsi_godot_server_class; // abstract
extern struct spsi_godot_class spsi_godot_tcp_server_class;
extern struct spsi_godot_class spsi_godot_uds_server_class;

// Begins a server of a kind, which does not listen.
void spsi_godot_begin_server(struct spsi_godot_server *self,
                             sps_error (*create)(const sps_server_options *, sps_server **),
                             const struct spsi_godot_class *peer_class);

// Ends a server of either kind. Its connections stay open.
void spsi_godot_end_server(void *self);

// take_connection() of either kind.
void spsi_godot_take_connection(void *self, const void *const *arguments, void *result);

// Changes an option of the server itself, such as the backlog. It must not be in use.
void spsi_godot_change_server(struct spsi_godot_server *self, const char *method, uint32_t *option,
                              int64_t value);

#endif
