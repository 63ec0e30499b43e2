// SPDX-License-Identifier: MIT
#include "support/plain.h"

#include <string.h>
#include <sys/un.h>

#include "support/sockets.h"

const char *const peer_classes[MOST_TRANSPORTS] = {"SPSStreamPeerTCP", "SPSStreamPeerUDS"};
const char *const server_classes[MOST_TRANSPORTS] = {"SPSTCPServer", "SPSUDSServer"};

// ---- Plain sockets

static struct sockaddr_in loopback(int64_t port) {
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int listen_plain(int64_t *port) {
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(listener, 8), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return listener;
}

static int listen_plain_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(listener, 8), 0);
    return listener;
}

int accept_plain(int listener) {
    const int accepted = accept(listener, NULL, NULL);
    ck_assert_int_ge(accepted, 0);
    return accepted;
}

int connect_plain(int64_t port) {
    const struct sockaddr_in address = loopback(port);
    const int socket_ = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(socket_, (const struct sockaddr *)&address, sizeof address), 0);
    return socket_;
}

void send_plain(int socket, const void *bytes, size_t size) {
    for (size_t sent = 0; sent < size;) {
        const ptrdiff_t count = send_now(socket, (const char *)bytes + sent, size - sent);
        sent += count > 0 ? (size_t)count : 0;
        if (count < 0) {
            pause_briefly();
        }
    }
}

void expect_plain(int socket, const void *bytes, size_t size) {
    uint8_t received[4096];
    size_t count = 0;
    ck_assert_uint_le(size, sizeof received);
    while (count < size) {
        ptrdiff_t more = -1;
        WAIT_UNTIL((more = receive_now(socket, received + count, size - count)) >= 0);
        ck_assert_msg(more > 0, "the end came after %zu bytes", count);
        count += (size_t)more;
    }
    ck_assert_mem_eq(received, bytes, size);
}

void expect_plain_end(int socket) {
    char byte;
    ptrdiff_t count = -1;
    WAIT_UNTIL((count = receive_now(socket, &byte, 1)) >= 0);
    ck_assert_int_eq(count, 0);
}

// ---- Loops

void frame(host_object *loop) {
    enum { INTERNAL_PROCESS = 25 }; // Node.NOTIFICATION_INTERNAL_PROCESS
    ck_assert(loop->processes);
    host_notify(loop, INTERNAL_PROCESS, false);
}

// ---- Wires

int64_t await_connection(host_object *peer) {
    WAIT_UNTIL((drop(CALL(peer, "poll")), INT(peer, "get_status") != GD_CONNECTING));
    return INT(peer, "get_status");
}

int64_t available(host_object *peer) {
    int64_t count = -2;
    ck_assert(host_call_virtual(peer, "_get_available_bytes", NULL, &count));
    return count;
}

void await_available(host_object *peer, int64_t count) {
    WAIT_UNTIL(available(peer) >= count);
}

wire open_wire(transport transport) {
    int64_t port = 0;
    wire wire = {.peer = host_new(peer_classes[transport])};
    const place place = new_path();
    const int listener = transport == TCP ? listen_plain(&port) : listen_plain_at(place.path);
    if (transport == TCP) {
        ck_assert_int_eq(INT(wire.peer, "connect_to_host", text("127.0.0.1"), whole(port)), GD_OK);
    } else {
        ck_assert_int_eq(INT(wire.peer, "connect_to_host", text(place.path)), GD_OK);
    }
    ck_assert_int_eq(await_connection(wire.peer), GD_CONNECTED);
    wire.socket = accept_plain(listener);
    close_socket(listener);
    return wire;
}

void close_wire(wire *wire) {
    host_drop(wire->peer);
    close_socket(wire->socket);
}

// ---- Two ends

host_object *new_server(transport transport, slot *place_) {
    host_object *server = host_new(server_classes[transport]);
    if (transport == TCP) {
        ck_assert_int_eq(INT(server, "listen", whole(0), text("127.0.0.1")), GD_OK);
        *place_ = whole(INT(server, "get_local_port"));
    } else {
        const place place = new_path();
        ck_assert_int_eq(INT(server, "listen", text(place.path)), GD_OK);
        *place_ = text(place.path);
    }
    return server;
}

ends open_ends(transport transport) {
    slot place;
    ends ends = {.server = new_server(transport, &place)};
    ends.client = host_new(peer_classes[transport]);
    const int64_t error = transport == TCP
                              ? INT(ends.client, "connect_to_host", text("127.0.0.1"), place)
                              : INT(ends.client, "connect_to_host", place);
    ck_assert_int_eq(error, GD_OK);
    ck_assert_int_eq(await_connection(ends.client), GD_CONNECTED);
    WAIT_UNTIL(BOOL(ends.server, "is_connection_available"));
    ends.peer = OBJECT(ends.server, "take_connection");
    ck_assert_ptr_nonnull(ends.peer);
    return ends;
}

void close_ends(ends *ends) {
    host_drop(ends->client);
    host_drop(ends->peer);
    host_drop(ends->server);
}
