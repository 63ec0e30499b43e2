// SPDX-License-Identifier: MIT
//
// The inside of a server, for those that wait for its connections.
#ifndef SPSI_SERVER_H
#define SPSI_SERVER_H

#include "streampeersocket/server.h"

#include "socket.h"

struct sps_server {
    const sps_platform *platform;
    sps_allocator allocator;
    sps_stream_options stream_options; // for each connection; its allocator is the one above
    spsi_kind kind;
    spsi_settings settings; // for the listening socket
    uint32_t backlog;
    uint32_t file_mode;
    bool reuse_port;
    bool is_short; // a connection could not be taken for want of descriptors or memory
    spsi_handle handle;
    spsi_watch *watch; // while it is in a poller: the next
    spsi_watch own_watch;
    // The stream for the next connection, made before it is accepted: when there is no memory
    // for it the connection goes on waiting.
    spsi_socket *spare;
    char path[SPSI_PATH_BYTES]; // of a listening Unix server,
    spsi_file file;             // and the file that it made there
};

#endif
