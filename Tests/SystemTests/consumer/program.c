// SPDX-License-Identifier: MIT
//
// A program of a user in C: it connects to itself, and prints its standard and the version.
#include <stdbool.h>
#include <stdio.h>
#include <streampeersocket/streampeersocket.h>

static bool connect_to(int32_t port) {
    sps_stream *peer = NULL;
    const bool good =
        sps_tcp_create(NULL, &peer) == SPS_OK && sps_tcp_connect(peer, "127.0.0.1", port) == SPS_OK;
    sps_stream_destroy(peer);
    return good;
}

int main(void) {
    sps_server *server = NULL;
    int32_t port = 0;
    const bool good = sps_tcp_server_create(NULL, &server) == SPS_OK &&
                      sps_tcp_server_listen(server, 0, "127.0.0.1") == SPS_OK &&
                      sps_tcp_server_get_local_port(server, &port) == SPS_OK && connect_to(port);
    sps_server_destroy(server);
    printf("%ld %s\n", __STDC_VERSION__, sps_version_string());
    return good ? 0 : 1;
}
