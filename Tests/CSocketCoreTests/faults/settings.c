// SPDX-License-Identifier: MIT
//
// Addresses, settings, descriptors and names.
#include "faults/scenarios.h"

#include <unistd.h>

#include "faults/connection.h"

// ---- Binding to local addresses

// A bound socket keeps its own address, whichever address of the peer it connects to.
static void bound(transport transport, const char *server, const char *client) {
    connection connection;
    int32_t port, local, now;
    char host[SPS_HOST_TEXT_BYTES];
    if (make_connection(&connection, transport) &&
        sps_tcp_server_listen(connection.server, 0, server) == SPS_OK &&
        sps_tcp_server_get_local_port(connection.server, &port) == SPS_OK &&
        sps_tcp_bind(connection.client, 0, client) == SPS_OK) {
        EXPECT(sps_tcp_get_local_port(connection.client, &local) == SPS_OK);
        if (sps_tcp_connect(connection.client, FAULT_NAME, port) == SPS_OK) {
            EXPECT(sps_tcp_get_local_host(connection.client, host, sizeof host, NULL) == SPS_OK);
            EXPECT(host[0] != '\0' || the_plan.struck); // also during the look-up of the name
            sps_socket_poll(connection.client);
            EXPECT(sps_tcp_get_local_port(connection.client, &now) == SPS_OK);
            EXPECT(the_plan.struck || (now > 0 && now == local));
            EXPECT(sps_tcp_get_local_host(connection.client, host, sizeof host, NULL) == SPS_OK);
        }
        if (is_open(connection.client) && join(&connection)) {
            EXPECT(sps_tcp_get_local_port(connection.client, &now) == SPS_OK);
            EXPECT(now == local || the_plan.struck);
            put_piece(&connection.there, connection.client, PIECE);
            receive_rest(&connection.there, connection.client, connection.peer);
            settle(&connection);
        }
    }
    end_connection(&connection);
}

static void bound_any(transport transport) {
    bound(transport, "*", "*");
}
static void bound_any_second(transport transport) { // the first address refuses the connection
    bound(transport, "127.0.0.1", "*");
}
static void bound_ipv6(transport transport) {
    bound(transport, "::1", "::1");
}

// ---- Settings

static void expect_set_or_refused(sps_error error) {
    EXPECT(error == SPS_OK || error == SPS_FAILED || error == SPS_ERR_UNAVAILABLE);
}

static void set_and_ask_tcp(sps_stream *stream) {
    int32_t port = -1;
    sps_tcp_info info = {.struct_size = sizeof info};
    expect_set_or_refused(sps_tcp_set_no_delay(stream, true));
    expect_set_or_refused(sps_tcp_set_keepalive(stream, 30000, 10000, 3));
    expect_set_or_refused(sps_tcp_set_user_timeout(stream, 60000));
    expect_set_or_refused(sps_tcp_get_info(stream, &info));
    EXPECT(sps_tcp_get_local_port(stream, &port) == SPS_OK);
    EXPECT(port > 0 || the_plan.struck);
}

static void ask_uds(sps_stream *stream) {
    sps_peer_credentials peer = {.struct_size = sizeof peer};
    const sps_error error = sps_uds_get_peer_credentials(stream, &peer);
    expect_set_or_refused(error);
    EXPECT((error == SPS_OK) == (peer.pid == getpid()));
}

// A setting succeeds or returns an error. Getters report the actual value, and the connection goes
// on.
static void settings(transport transport) {
    connection connection;
    if (establish(&connection, transport)) {
        uint32_t sending, receiving;
        expect_set_or_refused(sps_socket_set_os_buffers(connection.client, 65536, 65536));
        expect_set_or_refused(sps_socket_set_os_buffers(connection.client, 0, 65536));
        const sps_error error = sps_socket_get_os_buffers(connection.client, &sending, &receiving);
        expect_set_or_refused(error);
        EXPECT(error != SPS_OK || (sending > 0 && receiving > 0));
        if (transport == TCP) {
            set_and_ask_tcp(connection.client);
        } else {
            ask_uds(connection.client);
        }
        put_piece(&connection.there, connection.client, PIECE);
        receive_rest(&connection.there, connection.client, connection.peer);
        settle(&connection);
    }
    end_connection(&connection);
}

// ---- Descriptors

static sps_error release(transport transport, sps_stream *stream, intptr_t *out_fd) {
    return transport == TCP ? sps_tcp_release_fd(stream, out_fd)
                            : sps_uds_release_fd(stream, out_fd);
}

// Returns the stream that now owns the descriptor, or NULL if the caller still owns it.
static sps_stream *make_new_owner(transport transport, intptr_t fd) {
    const sps_stream_options options = stream_options();
    sps_stream *new_owner = NULL;
    if ((transport == TCP ? sps_tcp_create(&options, &new_owner)
                          : sps_uds_create(&options, &new_owner)) != SPS_OK) {
        return NULL;
    }
    if ((transport == TCP ? sps_tcp_adopt_fd(new_owner, fd) : sps_uds_adopt_fd(new_owner, fd)) ==
        SPS_OK) {
        return new_owner;
    }
    check_stream(new_owner);
    sps_stream_destroy(new_owner);
    return NULL;
}

// A stream releases its descriptor only if the stream is empty. The stream that adopts it reads on.
static void hand_over(transport transport) {
    connection connection;
    if (establish(&connection, transport)) {
        way *there = &connection.there;
        intptr_t fd = -1;
        put_piece(there, connection.client, PIECE);
        is_error(there, sps_socket_poll(connection.peer));
        sps_error error = release(transport, connection.peer, &fd);
        for (int i = 0; i < PATIENCE && error == SPS_ERR_BUSY; i++) {
            EXPECT(fd == -1);
            get_available(there, connection.peer);
            error = release(transport, connection.peer, &fd);
        }
        is_error(there, error);
        sps_stream *new_owner = error == SPS_OK ? make_new_owner(transport, fd) : NULL;
        if (new_owner != NULL) {
            sps_stream_destroy(connection.peer);
            connection.peer = new_owner;
            put_piece(there, connection.client, PIECE);
            receive_rest(there, connection.client, new_owner);
            settle(&connection);
        } else if (fd != -1) {
            EXPECT(close((int)fd) == 0);
            there->failed = true;
        }
    }
    end_connection(&connection);
}

// ---- IP

static void expect_found(sps_error error, size_t count) {
    EXPECT(error == SPS_OK || error == SPS_ERR_CANT_RESOLVE || error == SPS_ERR_QUERY_FAILED ||
           error == SPS_ERR_CANT_ACQUIRE_RESOURCE || error == SPS_ERR_OUT_OF_MEMORY);
    EXPECT(count == (error == SPS_OK ? 2 : 0));
}

static void ip(transport transport) {
    (void)transport;
    const sps_ip_options options = {.struct_size = sizeof options,
                                    .allocator = fault_allocator(),
                                    .platform = fault_platform()};
    sps_ip *ip;
    sps_host_text all[2] = {{.struct_size = sizeof *all}};
    size_t count;
    int32_t id;
    if (sps_ip_create(&options, &ip) != SPS_OK) {
        return;
    }
    const sps_error found =
        sps_ip_resolve_hostname_addresses(ip, FAULT_NAME, SPS_IP_TYPE_ANY, all, 2, &count);
    expect_found(found, count);
    const sps_error queued = sps_ip_queue_resolve_item(ip, FAULT_NAME, SPS_IP_TYPE_ANY, &id);
    EXPECT(queued == SPS_OK || queued == SPS_ERR_OUT_OF_MEMORY);
    EXPECT((queued == SPS_OK) == (id != SPS_RESOLVER_INVALID_ID));
    if (queued == SPS_OK) {
        const sps_error got = sps_ip_get_resolve_item_addresses(ip, id, all, 2, &count);
        expect_found(got, count);
    }
    sps_ip_destroy(ip); // also frees the item
}

const scenario setting_scenarios[] = {{"tcp bound", bound_any, TCP},
                                      {"tcp bound, refused", bound_any_second, TCP},
                                      {"tcp bound, IPv6", bound_ipv6, TCP},
                                      {"tcp settings", settings, TCP},
                                      {"uds settings", settings, UDS},
                                      {"tcp hands over", hand_over, TCP},
                                      {"uds hands over", hand_over, UDS},
                                      {"ip", ip, TCP},
                                      {NULL, NULL, TCP}};
