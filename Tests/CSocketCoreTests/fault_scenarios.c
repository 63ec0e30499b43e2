// SPDX-License-Identifier: MIT
#include "fault_scenarios.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fault_platform.h"
#include "support.h"

// One way between two streams: the bytes of a pattern.
typedef struct way {
    uint64_t taken; // by puts that answered OK, or told how many they took
    uint64_t got;   // by gets
    bool told;      // some call has answered an error, or a status has said so
} way;

// Two streams, their server, and the ways between them.
typedef struct connection {
    sps_server *server;
    sps_stream *client, *peer;
    way there, back;
} connection;

// How often a step is tried before the scenario gives up on it: a fault may have taken what it waits for.
enum { PATIENCE = 60, PIECE = 3000, PIECES = 12, VALUES = 8 };

static sps_stream_options stream_options(void) {
    return (sps_stream_options){.struct_size = sizeof(sps_stream_options),
                                .read_buffer_bytes = 4096,
                                .write_buffer_bytes = 8192,
                                .io_timeout_ms = 1000,
                                .keepalive_idle_ms = 60000,
                                .idle_timeout_ms = 60000,
                                .allocator = fault_allocator(),
                                .platform = fault_platform()};
}

// ---- What must be true of a stream

static bool is_known(sps_status status) {
    return status >= SPS_STATUS_NONE && status <= SPS_STATUS_ERROR;
}

// A stream that is closed answers as the table of DESIGN.md says, asks the OS nothing, and has a reason.
static void check_closed(sps_stream *stream) {
    const long calls = the_plan.calls;
    uint32_t value = 1;
    size_t count;
    EXPECT(sps_stream_get_u32(stream, &value) == SPS_FAILED);
    EXPECT(value == 0);
    EXPECT(sps_stream_put_u32(stream, 1) == SPS_FAILED);
    EXPECT(sps_stream_get_available_bytes(stream, &count) == SPS_FAILED);
    EXPECT(sps_socket_poll(stream) == SPS_OK);
    EXPECT(the_plan.calls == calls);
}

static void check_stream(sps_stream *stream) {
    if (stream == NULL) {
        return;
    }
    sps_status status;
    EXPECT(sps_socket_get_status(stream, &status) == SPS_OK);
    EXPECT(is_known(status));
    if (status == SPS_STATUS_NONE || status == SPS_STATUS_ERROR) {
        check_closed(stream);
    }
    EXPECT(sps_socket_disconnect(stream) == SPS_OK);
    EXPECT(sps_socket_get_status(stream, &status) == SPS_OK);
    EXPECT(status == SPS_STATUS_NONE);
    check_closed(stream);
}

static bool is_open(const sps_stream *stream) {
    sps_status status = SPS_STATUS_NONE;
    sps_socket_get_status(stream, &status);
    return status == SPS_STATUS_CONNECTING || status == SPS_STATUS_CONNECTED;
}

// ---- Bytes

// What an answer says of a way: an error is told; BUSY is none.
static bool is_error(way *way, sps_error error) {
    const bool is = error != SPS_OK && error != SPS_ERR_BUSY;
    way->told = way->told || is;
    return is;
}

static bool put_piece(way *way, sps_stream *stream, size_t size) {
    uint8_t bytes[PIECE];
    size_t sent = 0;
    fill_pattern(bytes, size, way->taken);
    const sps_error error = sps_stream_put_data(stream, bytes, size, &sent);
    EXPECT(sent <= size);
    EXPECT(error != SPS_OK || sent == size);
    way->taken += sent;
    return !is_error(way, error) && sent == size;
}

static bool get_what_is_there(way *way, sps_stream *stream) {
    uint8_t bytes[PIECE];
    size_t count = 0;
    const sps_error error = sps_stream_get_partial_data(stream, bytes, sizeof bytes, &count);
    EXPECT(is_pattern(bytes, count, way->got));
    way->got += count;
    EXPECT(way->got <= way->taken);
    return !is_error(way, error);
}

// All of it has come, or somebody was told that it would not.
static void check_way(const way *way) {
    EXPECT(way->got <= way->taken);
    EXPECT(way->told || way->got == way->taken); // nothing is lost without a word
}

static void note_status(connection *connection) {
    const bool broken = !is_open(connection->client) || !is_open(connection->peer);
    connection->there.told = connection->there.told || broken;
    connection->back.told = connection->back.told || broken;
}

// ---- Begin and end

static bool listen_on(sps_server *server, transport transport, place *place) {
    *place = transport == UDS ? nowhere(UDS) : (struct place){.transport = TCP};
    return listen_at(server, place) == SPS_OK &&
           (transport == UDS || sps_tcp_server_get_local_port(server, &place->port) == SPS_OK);
}

static bool make_connection_with(connection *connection, transport transport,
                                 const sps_stream_options *options) {
    const sps_server_options server_options = {.struct_size = sizeof server_options,
                                               .stream = options,
                                               .file_mode = transport == UDS ? 0600 : 0,
                                               .reuse_port = transport == TCP};
    *connection = (struct connection){NULL, NULL, NULL, {0}, {0}};
    return (transport == TCP
                ? sps_tcp_server_create(&server_options, &connection->server)
                : sps_uds_server_create(&server_options, &connection->server)) == SPS_OK &&
           (transport == TCP ? sps_tcp_create(options, &connection->client)
                             : sps_uds_create(options, &connection->client)) == SPS_OK;
}

static bool make_connection(connection *connection, transport transport) {
    const sps_stream_options options = stream_options();
    return make_connection_with(connection, transport, &options);
}

// Until both ends are there; false when they will not be.
static bool join(connection *connection) {
    for (int i = 0; i < PATIENCE; i++) {
        if (connection->peer == NULL) {
            sps_server_take_connection(connection->server, &connection->peer);
        }
        sps_status status = polled_status(connection->client);
        if (status == SPS_STATUS_CONNECTED && connection->peer != NULL) {
            return true;
        }
        if (!is_open(connection->client)) {
            return false;
        }
        pause_briefly();
    }
    return false;
}

static bool begin_to_connect(connection *connection, transport transport) {
    place place;
    return listen_on(connection->server, transport, &place) &&
           (transport == TCP ? sps_tcp_connect(connection->client, FAULT_NAME, place.port)
                             : sps_uds_connect(connection->client, place.path)) == SPS_OK;
}

static bool establish(connection *connection, transport transport) {
    return make_connection(connection, transport) && begin_to_connect(connection, transport) &&
           join(connection);
}

static void end(connection *connection) {
    check_stream(connection->client);
    check_stream(connection->peer);
    sps_stream_destroy(connection->client);
    sps_stream_destroy(connection->peer);
    sps_server_destroy(connection->server);
    check_way(&connection->there);
    check_way(&connection->back);
}

// Reads until all that was taken has come, or nothing comes any more: TCP holds a small segment back for
// 40 ms (Nagle's algorithm, and delayed acknowledgements).
static void receive_rest(way *way, sps_stream *from, sps_stream *to) {
    for (int i = 0; i < 8 * PATIENCE && way->got < way->taken; i++) {
        if (!get_what_is_there(way, to)) {
            return;
        }
        is_error(way, sps_socket_poll(from));
        is_error(way, sps_socket_poll(to));
        if (i > PATIENCE / 10) {
            pause_briefly();
        }
    }
}

// ---- The scenarios

static void transfer(transport transport, bool batched) {
    connection connection;
    if (establish(&connection, transport)) {
        is_error(&connection.there, sps_stream_set_write_batching(connection.client, batched));
        for (int i = 0; i < PIECES; i++) {
            put_piece(&connection.there, connection.client, (size_t)(1 + i * PIECE / PIECES));
            put_piece(&connection.back, connection.peer, (size_t)(PIECE - i));
            receive_rest(&connection.there, connection.client, connection.peer);
            receive_rest(&connection.back, connection.peer, connection.client);
        }
        note_status(&connection);
    }
    end(&connection);
}

static void tcp_transfer(void) {
    transfer(TCP, false);
}
static void uds_transfer(void) {
    transfer(UDS, false);
}
static void tcp_batched(void) {
    transfer(TCP, true);
}
static void uds_batched(void) {
    transfer(UDS, true);
}

// What says that nothing has happened may be called again.
#define REPEAT(call) ((call) == SPS_OK || (call) == SPS_OK)

// Nothing is left to come.
static void get_in_vain(sps_stream *stream) {
    uint32_t value = 1;
    sps_socket_set_io_timeout(stream, 2);
    EXPECT(sps_stream_get_u32(stream, &value) != SPS_OK);
    EXPECT(value == 0);
}

// Values with gets that wait: a value comes whole, as it was and once, or not at all.
static void values(transport transport, const sps_stream_options *options) {
    connection connection;
    if (make_connection_with(&connection, transport, options) &&
        begin_to_connect(&connection, transport) && join(&connection)) {
        uint32_t i = 0;
        for (; i < VALUES; i++) {
            uint32_t value;
            const char *text;
            size_t size;
            uint8_t bytes[3];
            if (!REPEAT(sps_stream_put_data(connection.client, "raw", 3, NULL)) ||
                !REPEAT(sps_stream_get_data(connection.peer, bytes, 3, NULL))) {
                break;
            }
            EXPECT(memcmp(bytes, "raw", 3) == 0);
            if (!REPEAT(sps_stream_put_u32(connection.client, i)) ||
                !REPEAT(sps_stream_put_utf8_string(connection.client, "whole", 5)) ||
                !REPEAT(sps_stream_get_u32(connection.peer, &value))) {
                break;
            }
            EXPECT(value == i);
            if (!REPEAT(sps_stream_get_utf8_string(connection.peer, SPS_LENGTH_PREFIXED, &text,
                                                   &size))) {
                break;
            }
            EXPECT(size == 5 && memcmp(text, "whole", 5) == 0);
        }
        if (i == VALUES && options->io_timeout_ms != 0) {
            get_in_vain(connection.peer);
        }
    }
    end(&connection);
}

static void tcp_values(void) {
    const sps_stream_options options = stream_options();
    values(TCP, &options);
}
static void uds_values(void) {
    const sps_stream_options options = stream_options();
    values(UDS, &options);
}

// Without a time a get waits in the OS.
static void wait_for_values(transport transport) {
    sps_stream_options options = stream_options();
    options.io_timeout_ms = options.idle_timeout_ms = 0;
    values(transport, &options);
}

static void tcp_waits(void) {
    wait_for_values(TCP);
}
static void uds_waits(void) {
    wait_for_values(UDS);
}

// What was put before a graceful close arrives, and then the end; else the close says that it failed.
static void close_gracefully(transport transport) {
    connection connection;
    if (establish(&connection, transport)) {
        is_error(&connection.there, sps_stream_set_write_batching(connection.client, true));
        put_piece(&connection.there, connection.client, PIECE);
        put_piece(&connection.back, connection.peer, 100);
        is_error(&connection.there, sps_socket_close_gracefully(connection.client, 5000));
        connection.back.told = true; // it is dropped
        for (int i = 0; i < PATIENCE && (is_open(connection.client) || is_open(connection.peer));
             i++) {
            is_error(&connection.there, sps_socket_poll(connection.client));
            if (is_open(connection.peer) &&
                !get_what_is_there(&connection.there, connection.peer)) {
                connection.there.told = connection.there.got < connection.there.taken;
                sps_socket_disconnect(connection.peer);
            }
            pause_briefly();
        }
        sps_close_reason reason;
        sps_socket_get_close_reason(connection.client, &reason);
        connection.there.told =
            connection.there.told || is_open(connection.client) || reason != SPS_CLOSE_LOCAL;
    }
    end(&connection);
}

static void tcp_close(void) {
    close_gracefully(TCP);
}
static void uds_close(void) {
    close_gracefully(UDS);
}

// ---- Addresses of one's own

// A socket that is bound keeps its address, whichever of the peer's it comes to.
static void bound(const char *server, const char *client) {
    connection connection;
    int32_t port, local, now;
    char host[SPS_HOST_TEXT_BYTES];
    if (make_connection(&connection, TCP) &&
        sps_tcp_server_listen(connection.server, 0, server) == SPS_OK &&
        sps_tcp_server_get_local_port(connection.server, &port) == SPS_OK &&
        sps_tcp_bind(connection.client, 0, client) == SPS_OK) {
        EXPECT(sps_tcp_get_local_port(connection.client, &local) == SPS_OK);
        if (sps_tcp_connect(connection.client, FAULT_NAME, port) == SPS_OK) {
            EXPECT(sps_tcp_get_local_host(connection.client, host, sizeof host, NULL) == SPS_OK);
            EXPECT(host[0] != '\0' || the_plan.struck); // while the name is looked up, too
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
            note_status(&connection);
        }
    }
    end(&connection);
}

static void bound_any(void) {
    bound("*", "*");
}
static void bound_any_second(void) { // the first address refuses
    bound("127.0.0.1", "*");
}
static void bound_ipv6(void) {
    bound("::1", "::1");
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

// A setting is taken or refused with a word, what is told is true, and the connection goes on.
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
        note_status(&connection);
    }
    end(&connection);
}

static void tcp_settings(void) {
    settings(TCP);
}
static void uds_settings(void) {
    settings(UDS);
}

// ---- Descriptors

static sps_error release(transport transport, sps_stream *stream, intptr_t *out_fd) {
    return transport == TCP ? sps_tcp_release_fd(stream, out_fd)
                            : sps_uds_release_fd(stream, out_fd);
}

// A stream that has the descriptor now; NULL: it is still ours.
static sps_stream *make_heir(transport transport, intptr_t fd) {
    const sps_stream_options options = stream_options();
    sps_stream *heir = NULL;
    if ((transport == TCP ? sps_tcp_create(&options, &heir) : sps_uds_create(&options, &heir)) !=
        SPS_OK) {
        return NULL;
    }
    if ((transport == TCP ? sps_tcp_adopt_fd(heir, fd) : sps_uds_adopt_fd(heir, fd)) == SPS_OK) {
        return heir;
    }
    check_stream(heir);
    sps_stream_destroy(heir);
    return NULL;
}

// A descriptor is given away only when nothing is left in the stream; who adopts it reads on.
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
            get_what_is_there(there, connection.peer);
            error = release(transport, connection.peer, &fd);
        }
        is_error(there, error);
        sps_stream *heir = error == SPS_OK ? make_heir(transport, fd) : NULL;
        if (heir != NULL) {
            sps_stream_destroy(connection.peer);
            connection.peer = heir;
            put_piece(there, connection.client, PIECE);
            receive_rest(there, connection.client, heir);
            note_status(&connection);
        } else if (fd != -1) {
            EXPECT(close((int)fd) == 0);
            there->told = true;
        }
    }
    end(&connection);
}

static void tcp_hands_over(void) {
    hand_over(TCP);
}
static void uds_hands_over(void) {
    hand_over(UDS);
}

// ---- IP

static void expect_found(sps_error error, size_t count) {
    EXPECT(error == SPS_OK || error == SPS_ERR_CANT_RESOLVE || error == SPS_ERR_OUT_OF_MEMORY);
    EXPECT(count == (error == SPS_OK ? 2 : 0));
}

static void ip(void) {
    const sps_ip_options options = {.struct_size = sizeof options,
                                    .allocator = fault_allocator(),
                                    .platform = fault_platform()};
    sps_ip *ip;
    sps_host_text all[2];
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
    sps_ip_destroy(ip); // with the item
}

// ---- A poller that comes later

// A stream may join a poller at any time; one that cannot is as it was.
static void late_poller(transport transport) {
    const sps_poller_options options = {.struct_size = sizeof options,
                                        .allocator = fault_allocator(),
                                        .platform = fault_platform()};
    connection connection;
    sps_poller *poller = NULL;
    if (make_connection(&connection, transport) && begin_to_connect(&connection, transport) &&
        sps_poller_create(&options, &poller) == SPS_OK) {
        sps_socket_poll(connection.client); // now it tries an address
        const sps_status before = status_of(connection.client);
        const sps_error added = sps_poller_add(poller, connection.client, NULL);
        EXPECT(status_of(connection.client) == before);
        size_t count;
        if (added == SPS_OK) {
            sps_poller_wait(poller, 1, &count);
            EXPECT(sps_poller_remove(poller, connection.client) == SPS_OK);
        }
        EXPECT(!is_open(connection.client) || join(&connection) || !is_open(connection.client));
    }
    end(&connection);
    sps_poller_destroy(poller);
}

static void tcp_late_poller(void) {
    late_poller(TCP);
}
static void uds_late_poller(void) {
    late_poller(UDS);
}

// ---- A poller

// A server speaks first: nothing but the greeting makes a client do anything.
enum { CLIENTS = 3, QUESTIONS = 20, GREETING = 4711 };

typedef struct crowd {
    sps_poller *poller;
    sps_server *server;
    sps_stream *clients[CLIENTS], *peers[CLIENTS];
    way ways[CLIENTS]; // from a client to whoever answers, and back
    size_t taken;      // connections
} crowd;

// The other side gives back what it gets, or ends the connection when it cannot.
static void answer(sps_stream *peer) {
    uint32_t value;
    while (sps_stream_try_get_u32(peer, &value) == SPS_OK) {
        if (sps_stream_put_u32(peer, value) != SPS_OK) {
            sps_socket_disconnect(peer);
        }
    }
}

static void ask(crowd *crowd, size_t i) {
    way *way = &crowd->ways[i];
    for (uint32_t n = 0; n < QUESTIONS; n++) {
        const sps_error error = sps_stream_put_u32(crowd->clients[i], (uint32_t)way->taken);
        way->taken += error == SPS_OK;
        is_error(way, error);
    }
}

static void hear(crowd *crowd, size_t i) {
    way *way = &crowd->ways[i];
    uint32_t value;
    sps_error error;
    while ((error = sps_stream_try_get_u32(crowd->clients[i], &value)) == SPS_OK) {
        if (value == GREETING) {
            ask(crowd, i);
        } else {
            EXPECT(value == way->got);
            way->got++;
        }
    }
    is_error(way, error);
}

static void take_connections(crowd *crowd) {
    sps_stream *peer;
    while (crowd->taken < CLIENTS && sps_server_take_connection(crowd->server, &peer) == SPS_OK) {
        crowd->peers[crowd->taken++] = peer;
        if (sps_poller_add(crowd->poller, peer, NULL) != SPS_OK ||
            sps_stream_put_u32(peer, GREETING) != SPS_OK) {
            sps_socket_disconnect(peer);
        }
    }
}

static void handle(crowd *crowd, const sps_event *event) {
    if (event->server != NULL) {
        take_connections(crowd);
        return;
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        if (event->stream == crowd->clients[i]) {
            hear(crowd, i);
            crowd->ways[i].told = crowd->ways[i].told || (event->kinds & SPS_EVENT_CLOSED);
        } else if (event->stream == crowd->peers[i]) {
            answer(crowd->peers[i]);
            if (event->kinds & SPS_EVENT_CLOSED) { // its client learns of it by the OS
                sps_socket_disconnect(crowd->peers[i]);
            }
        }
    }
}

static bool all_have_heard(const crowd *crowd) {
    size_t done = 0;
    for (size_t i = 0; i < CLIENTS; i++) {
        const way *way = &crowd->ways[i];
        done += way->told || (way->taken > 0 && way->got == way->taken);
    }
    return done == CLIENTS;
}

static bool begin_crowd(crowd *crowd, transport transport) {
    const sps_stream_options options = stream_options();
    const sps_server_options server_options = {.struct_size = sizeof server_options,
                                               .stream = &options};
    const sps_poller_options poller_options = {.struct_size = sizeof poller_options,
                                               .allocator = fault_allocator(),
                                               .platform = fault_platform()};
    place place;
    if (sps_poller_create(&poller_options, &crowd->poller) != SPS_OK ||
        (transport == TCP ? sps_tcp_server_create(&server_options, &crowd->server)
                          : sps_uds_server_create(&server_options, &crowd->server)) != SPS_OK ||
        sps_poller_add_server(crowd->poller, crowd->server, NULL) != SPS_OK ||
        !listen_on(crowd->server, transport, &place)) {
        return false;
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        sps_stream **client = &crowd->clients[i];
        const sps_error made =
            transport == TCP ? sps_tcp_create(&options, client) : sps_uds_create(&options, client);
        crowd->ways[i].told = made != SPS_OK ||
                              sps_poller_add(crowd->poller, *client, NULL) != SPS_OK ||
                              (transport == TCP ? sps_tcp_connect(*client, FAULT_NAME, place.port)
                                                : sps_uds_connect(*client, place.path)) != SPS_OK;
    }
    return true;
}

static void end_crowd(crowd *crowd) {
    for (size_t i = 0; i < CLIENTS; i++) {
        check_stream(crowd->clients[i]);
        check_stream(crowd->peers[i]);
        sps_stream_destroy(crowd->clients[i]);
        sps_stream_destroy(crowd->peers[i]);
    }
    sps_server_destroy(crowd->server);
    sps_poller_destroy(crowd->poller);
}

// Whoever is not told of an end hears all that was asked.
static void poller(transport transport) {
    crowd crowd;
    memset(&crowd, 0, sizeof crowd);
    if (begin_crowd(&crowd, transport)) {
        for (int i = 0; i < 8 * PATIENCE && !all_have_heard(&crowd); i++) {
            size_t count;
            sps_poller_wait(crowd.poller, 5, &count);
            sps_event event = {.struct_size = sizeof event};
            while (sps_poller_next_event(crowd.poller, &event) == SPS_OK) {
                handle(&crowd, &event);
            }
            take_connections(&crowd); // of whom a failed accept has told nothing
        }
        EXPECT(all_have_heard(&crowd));
    }
    end_crowd(&crowd);
}

static void tcp_poller(void) {
    poller(TCP);
}
static void uds_poller(void) {
    poller(UDS);
}

// ---- A path

// A dead server's file is replaced, and a server that stops leaves none; one that could not listen leaves
// what it found, or nothing.
static void stale_path(void) {
    const place place = nowhere(UDS);
    struct sockaddr_un dead = {.sun_family = AF_UNIX};
    snprintf(dead.sun_path, sizeof dead.sun_path, "%s", place.path);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT(bind(fd, (struct sockaddr *)&dead, sizeof dead) == 0);
    EXPECT(listen(fd, 1) == 0);
    close(fd);
    connection connection;
    if (make_connection(&connection, UDS) && listen_at(connection.server, &place) == SPS_OK) {
        struct stat info;
        EXPECT(stat(place.path, &info) == 0);
        EXPECT((info.st_mode & 0777) == 0600);
        EXPECT(sps_server_stop(connection.server) == SPS_OK);
        EXPECT(access(place.path, F_OK) == -1);
    }
    end(&connection);
    unlink(place.path);
}

const scenario scenarios[] = {{"tcp transfer", tcp_transfer},
                              {"uds transfer", uds_transfer},
                              {"tcp batched", tcp_batched},
                              {"uds batched", uds_batched},
                              {"tcp values", tcp_values},
                              {"uds values", uds_values},
                              {"tcp close", tcp_close},
                              {"uds close", uds_close},
                              {"tcp poller", tcp_poller},
                              {"uds poller", uds_poller},
                              {"stale path", stale_path},
                              {"tcp waits", tcp_waits},
                              {"uds waits", uds_waits},
                              {"tcp bound", bound_any},
                              {"tcp bound, refused", bound_any_second},
                              {"tcp bound, IPv6", bound_ipv6},
                              {"tcp settings", tcp_settings},
                              {"uds settings", uds_settings},
                              {"tcp hands over", tcp_hands_over},
                              {"uds hands over", uds_hands_over},
                              {"ip", ip},
                              {"tcp late poller", tcp_late_poller},
                              {"uds late poller", uds_late_poller},
                              {NULL, NULL}};
