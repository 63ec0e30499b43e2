// SPDX-License-Identifier: MIT
//
// The inside of a server, for those that wait for its connections.
#ifndef SPSI_SERVER_H
#define SPSI_SERVER_H

#include "streampeersocket/server.h"

#include "socket/server_file.h"
#include "socket/socket.h"

// Why a poller lets a server rest, since the OS would tell at once that a connection waits.
typedef enum spsi_server_rest {
    SPSI_REST_NONE,
    SPSI_REST_SHORT, // descriptors or memory are short
    SPSI_REST_LONG,  // the OS refuses to hand connections out
} spsi_server_rest;

struct sps_server {
    const sps_platform *platform;
    sps_allocator allocator;
    sps_stream_options stream_options; // for each connection; its allocator is the one above
    spsi_kind kind;
    spsi_settings settings; // for the listening socket
    uint32_t backlog;
    uint32_t file_mode;
    bool reuse_port;
    uint8_t rest;    // spsi_server_rest, in a poller
    bool has_failed; // it has stopped by itself, and the poller is to report it
    int32_t os_error;
    spsi_handle handle;
    spsi_watch *watch; // while it is in a poller: the next
    spsi_watch own_watch;
    // The stream for the next connection, made before it is accepted: when there is no memory
    // for it the connection goes on waiting.
    spsi_socket *spare;
    spsi_server_file file; // of a Unix server, while it listens
};

// It can take no connection ever again: stops it, which a poller tells.
void spsi_server_fail(sps_server *server);

#endif
