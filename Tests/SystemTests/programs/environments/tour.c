// SPDX-License-Identifier: MIT
#include "tour.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 200, // if the OS refuses an operation, nothing comes
    STEP_MS = 5,
    FILE_MODE = 0640,
    MOST_WAITS = 2 * PATIENCE_MS / STEP_MS,
};

// ---- The results that the headers allow

#define MAY(code) (UINT64_C(1) << (SPS_##code))

enum { NOTHING_ELSE = 0 };
#define SHORT_OF_MEMORY MAY(ERR_OUT_OF_MEMORY)
#define SHORTAGE (MAY(ERR_CANT_ACQUIRE_RESOURCE) | MAY(ERR_OUT_OF_MEMORY))
#define BIND_ERRORS                                                                                \
    (SHORTAGE | MAY(ERR_ALREADY_IN_USE) | MAY(ERR_INVALID_PARAMETER) | MAY(ERR_UNAUTHORIZED) |     \
     MAY(ERR_CANT_CREATE))
#define LISTEN_ERRORS BIND_ERRORS
#define CONNECT_ERRORS (SHORTAGE | MAY(FAILED))
#define TRANSFER_ERRORS (MAY(FAILED) | MAY(ERR_FILE_EOF) | MAY(ERR_TIMEOUT) | SHORT_OF_MEMORY)
#define POLL_ERRORS                                                                                \
    (MAY(FAILED) | MAY(ERR_CONNECTION_ERROR) | MAY(ERR_CANT_RESOLVE) | MAY(ERR_TIMEOUT))
#define POLLER_CREATE_ERRORS (SHORTAGE | MAY(ERR_UNAUTHORIZED) | MAY(ERR_CANT_CREATE))
#define POLLER_ADD_ERRORS SHORT_OF_MEMORY
#define POLLER_WAIT_ERRORS (SHORT_OF_MEMORY | MAY(FAILED))
#define TAKE_ERRORS (SHORTAGE | MAY(ERR_BUSY) | MAY(FAILED))
#define RESOLVE_ERRORS (SHORTAGE | MAY(ERR_CANT_RESOLVE) | MAY(ERR_QUERY_FAILED) | MAY(ERR_TIMEOUT))

static report *current;

static bool is_ok(const char *call, sps_error error, uint64_t others) {
    current->calls++;
    if (error != SPS_OK && current->refused++ == 0) {
        snprintf(current->refusal, sizeof current->refusal, "%s: %s", sps_error_name(error), call);
    }
    if (((others | MAY(OK)) >> error & 1) == 0 && current->mistake[0] == '\0') {
        snprintf(current->mistake, sizeof current->mistake, "%s: %s", sps_error_name(error), call);
    }
    return error == SPS_OK;
}

// Whether the call returned OK. Any code except OK and `others` is a mistake.
#define OK_OR(others, call) is_ok(#call, call, others)

static void expect(bool holds, const char *what) {
    if (!holds && current->mistake[0] == '\0') {
        snprintf(current->mistake, sizeof current->mistake, "not so: %s", what);
    }
}

static void step(void) {
    nanosleep(&(struct timespec){0, STEP_MS * 1000000}, NULL);
}

// ---- Streams and servers

static sps_stream_options options_of(const tour *tour) {
    return (sps_stream_options){
        .struct_size = sizeof(sps_stream_options),
        .connect_timeout_ms = PATIENCE_MS,
        .io_timeout_ms = PATIENCE_MS,
        .allocator = tour->allocator,
    };
}

typedef enum transport { TCP, UDS, TRANSPORTS } transport;

static sps_stream *make_stream(const tour *tour, transport transport) {
    const sps_stream_options options = options_of(tour);
    sps_stream *stream = NULL;
    if (transport == TCP) {
        OK_OR(SHORT_OF_MEMORY, sps_tcp_create(&options, &stream));
    } else {
        OK_OR(SHORT_OF_MEMORY, sps_uds_create(&options, &stream));
    }
    return stream;
}

static sps_server *make_server(const tour *tour, transport transport) {
    const sps_stream_options stream = options_of(tour);
    const sps_server_options options = {.struct_size = sizeof options,
                                        .stream = &stream,
                                        .file_mode = transport == UDS ? FILE_MODE : 0};
    sps_server *server = NULL;
    if (transport == TCP) {
        OK_OR(SHORT_OF_MEMORY, sps_tcp_server_create(&options, &server));
    } else {
        OK_OR(SHORT_OF_MEMORY, sps_uds_server_create(&options, &server));
    }
    return server;
}

typedef struct place {
    transport transport;
    char path[100];
    int32_t port;
} place;

static bool listen_at(sps_server *server, place *place) {
    if (place->transport == TCP) {
        return OK_OR(LISTEN_ERRORS, sps_tcp_server_listen(server, 0, "*")) &&
               OK_OR(NOTHING_ELSE, sps_tcp_server_get_local_port(server, &place->port));
    }
    if (!OK_OR(LISTEN_ERRORS, sps_uds_server_listen(server, place->path))) {
        return false;
    }
    struct stat info;
    expect(stat(place->path, &info) == -1 || (info.st_mode & 0777) == FILE_MODE,
           "a server's file has the mode that was asked for");
    return true;
}

static bool connect_to(sps_stream *stream, const place *place, const char *host) {
    if (place->transport == TCP) { // no port: the OS did not report it
        return OK_OR(CONNECT_ERRORS | (place->port == 0 ? MAY(ERR_INVALID_PARAMETER) : 0),
                     sps_tcp_connect(stream, host, place->port));
    }
    return OK_OR(CONNECT_ERRORS, sps_uds_connect(stream, place->path));
}

static sps_status status_of(const sps_stream *stream) {
    sps_status status = SPS_STATUS_NONE;
    OK_OR(NOTHING_ELSE, sps_socket_get_status(stream, &status));
    return status;
}

static bool is_connected_soon(sps_stream *stream) {
    for (int i = 0; i < MOST_WAITS && status_of(stream) == SPS_STATUS_CONNECTING; i++) {
        OK_OR(POLL_ERRORS, sps_socket_poll(stream));
        step();
    }
    expect(status_of(stream) != SPS_STATUS_CONNECTING, "connecting has a deadline");
    return status_of(stream) == SPS_STATUS_CONNECTED;
}

static sps_stream *take_soon(sps_server *server) {
    sps_stream *peer = NULL;
    for (int i = 0; i < MOST_WAITS; i++) {
        bool available;
        OK_OR(NOTHING_ELSE, sps_server_is_connection_available(server, &available));
        const sps_error error = sps_server_take_connection(server, &peer);
        if (error != SPS_ERR_BUSY) {
            is_ok("sps_server_take_connection()", error, TAKE_ERRORS);
            break;
        }
        step();
    }
    return peer;
}

// ---- The actions of a connection

static void ask_tcp(sps_stream *stream) {
    char host[SPS_HOST_TEXT_BYTES];
    int32_t port;
    sps_tcp_info info = {.struct_size = sizeof info};
    OK_OR(NOTHING_ELSE, sps_tcp_get_connected_host(stream, host, sizeof host, NULL));
    OK_OR(NOTHING_ELSE, sps_tcp_get_connected_port(stream, &port));
    OK_OR(MAY(FAILED), sps_tcp_get_local_host(stream, host, sizeof host, NULL));
    OK_OR(MAY(FAILED), sps_tcp_get_local_port(stream, &port));
    OK_OR(MAY(FAILED), sps_tcp_set_no_delay(stream, true));
    OK_OR(MAY(FAILED) | MAY(ERR_UNAVAILABLE), sps_tcp_set_keepalive(stream, 30000, 1000, 3));
    OK_OR(MAY(FAILED) | MAY(ERR_UNAVAILABLE), sps_tcp_set_user_timeout(stream, 30000));
    OK_OR(MAY(FAILED) | MAY(ERR_UNAVAILABLE), sps_tcp_get_info(stream, &info));
}

static void ask_uds(sps_stream *stream) {
    char path[SPS_PATH_TEXT_BYTES];
    sps_peer_credentials peer = {.struct_size = sizeof peer};
    OK_OR(NOTHING_ELSE, sps_uds_get_connected_path(stream, path, sizeof path, NULL));
    OK_OR(MAY(FAILED) | MAY(ERR_UNAVAILABLE), sps_uds_get_peer_credentials(stream, &peer));
}

static void exchange(sps_stream *sender, sps_stream *receiver) {
    uint32_t value;
    size_t available;
    uint8_t bytes[4];
    OK_OR(TRANSFER_ERRORS, sps_stream_put_u32(sender, 7));
    if (OK_OR(TRANSFER_ERRORS, sps_stream_get_u32(receiver, &value))) {
        expect(value == 7, "a get gives the value that was put");
    }
    OK_OR(TRANSFER_ERRORS, sps_stream_put_utf8_string(sender, "four", 4));
    OK_OR(TRANSFER_ERRORS, sps_stream_get_data(receiver, bytes, sizeof bytes, NULL));
    OK_OR(TRANSFER_ERRORS, sps_stream_get_partial_data(receiver, bytes, sizeof bytes, NULL));
    OK_OR(MAY(FAILED), sps_stream_get_available_bytes(receiver, &available));
}

// Releases the descriptor and adopts it again.
static void hand_over(const tour *tour, transport transport, sps_stream *stream) {
    intptr_t fd = -1;
    sps_stream *other = make_stream(tour, transport);
    if (other == NULL) {
        return;
    }
    const bool is_tcp = transport == TCP;
    const uint64_t errors = MAY(FAILED) | MAY(ERR_BUSY);
    if (is_tcp ? OK_OR(errors, sps_tcp_release_fd(stream, &fd))
               : OK_OR(errors, sps_uds_release_fd(stream, &fd))) {
        const uint64_t refusals = MAY(ERR_INVALID_PARAMETER) | MAY(FAILED);
        if (!(is_tcp ? OK_OR(refusals, sps_tcp_adopt_fd(other, fd))
                     : OK_OR(refusals, sps_uds_adopt_fd(other, fd)))) {
            close((int)fd);
        }
    }
    sps_stream_destroy(other);
}

static void use(const tour *tour, transport transport, sps_stream *client, sps_stream *peer) {
    uint32_t send_bytes, receive_bytes;
    OK_OR(MAY(FAILED), sps_socket_get_os_buffers(client, &send_bytes, &receive_bytes));
    OK_OR(MAY(FAILED), sps_socket_set_os_buffers(client, 65536, 65536));
    if (transport == TCP) {
        ask_tcp(client);
    } else {
        ask_uds(client);
    }
    exchange(client, peer);
    exchange(peer, client);
    OK_OR(MAY(FAILED) | MAY(ERR_BUSY), sps_socket_shutdown_write(peer));
    hand_over(tour, transport, peer);
    OK_OR(MAY(FAILED) | MAY(ERR_TIMEOUT), sps_socket_close_and_wait(client, PATIENCE_MS));
}

// Whether a file remains that the library could see and remove.
static bool is_left(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 && unlink(path) == 0;
}

static void visit_connection(const tour *tour, place *place, const char *host) {
    sps_server *server = make_server(tour, place->transport);
    sps_stream *client = make_stream(tour, place->transport);
    sps_stream *peer = NULL;
    if (server != NULL && client != NULL && listen_at(server, place) &&
        connect_to(client, place, host) && is_connected_soon(client)) {
        peer = take_soon(server);
    }
    if (peer != NULL) {
        use(tour, place->transport, client, peer);
    }
    sps_stream_destroy(peer);
    sps_stream_destroy(client);
    sps_server_destroy(server);
    expect(place->transport == TCP || !is_left(place->path), "a server that ends removes its file");
}

// ---- The same in a poller

typedef struct visit {
    sps_poller *poller;
    sps_server *server;
    sps_stream *client;
    sps_stream *peer;
    bool is_reported;
} visit;

static void take_events(visit *visit) {
    sps_event event = {.struct_size = sizeof event};
    while (sps_poller_next_event(visit->poller, &event) == SPS_OK) {
        if (event.server != NULL && visit->peer == NULL) {
            const sps_error error = sps_server_take_connection(visit->server, &visit->peer);
            if (is_ok("sps_server_take_connection()", error, TAKE_ERRORS)) {
                OK_OR(POLLER_ADD_ERRORS, sps_poller_add(visit->poller, visit->peer, NULL));
                OK_OR(TRANSFER_ERRORS | MAY(ERR_BUSY), sps_stream_put_u32(visit->peer, 7));
            }
        }
        uint32_t value;
        if (event.stream == visit->client &&
            sps_stream_try_get_u32(visit->client, &value) == SPS_OK) {
            visit->is_reported = true;
        }
    }
}

static void serve(visit *visit, const place *place) {
    if (!OK_OR(POLLER_ADD_ERRORS, sps_poller_add_server(visit->poller, visit->server, NULL)) ||
        !OK_OR(POLLER_ADD_ERRORS, sps_poller_add(visit->poller, visit->client, NULL)) ||
        !connect_to(visit->client, place, "127.0.0.1")) {
        return;
    }
    for (int i = 0; i < 20 && !visit->is_reported; i++) {
        if (!OK_OR(POLLER_WAIT_ERRORS, sps_poller_wait(visit->poller, PATIENCE_MS / 10, NULL))) {
            step();
        }
        take_events(visit);
    }
    expect(visit->is_reported || current->refused > 0, "a value that is put in a poller arrives");
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void expect_rest(sps_poller *poller) {
    const int64_t begin_ms = now_ms();
    if (OK_OR(POLLER_WAIT_ERRORS, sps_poller_wait(poller, 2 * STEP_MS, NULL))) {
        expect(now_ms() - begin_ms >= STEP_MS, "a wait lasts when nothing happens");
    }
}

static void rest(sps_poller *poller) {
    OK_OR(POLLER_WAIT_ERRORS, sps_poller_wait(poller, 0, NULL));
    expect_rest(poller);
    OK_OR(NOTHING_ELSE, sps_poller_wake(poller));
    OK_OR(POLLER_WAIT_ERRORS, sps_poller_wait(poller, PATIENCE_MS, NULL));
    expect_rest(poller);
}

static void visit_poller(const tour *tour, place *place) {
    const sps_poller_options options = {.struct_size = sizeof options,
                                        .allocator = tour->allocator};
    visit visit = {0};
    if (!OK_OR(POLLER_CREATE_ERRORS, sps_poller_create(&options, &visit.poller))) {
        return;
    }
    rest(visit.poller);
    visit.server = make_server(tour, place->transport);
    visit.client = make_stream(tour, place->transport);
    if (visit.server != NULL && visit.client != NULL && listen_at(visit.server, place)) {
        serve(&visit, place);
    }
    sps_stream_destroy(visit.peer);
    sps_stream_destroy(visit.client);
    sps_server_destroy(visit.server);
    sps_poller_destroy(visit.poller);
}

// ---- Names

static void visit_names(const tour *tour) {
    const sps_ip_options options = {
        .struct_size = sizeof options, .timeout_ms = 5 * PATIENCE_MS, .allocator = tour->allocator};
    sps_ip *ip;
    char text[SPS_HOST_TEXT_BYTES];
    sps_local_address addresses[8] = {{.struct_size = sizeof *addresses}};
    size_t count;
    if (!OK_OR(SHORT_OF_MEMORY, sps_ip_create(&options, &ip))) {
        return;
    }
    OK_OR(RESOLVE_ERRORS,
          sps_ip_resolve_hostname(ip, "localhost", SPS_IP_TYPE_ANY, text, sizeof text, NULL));
    OK_OR(RESOLVE_ERRORS,
          sps_ip_resolve_hostname(ip, tour->name, SPS_IP_TYPE_IPV4, text, sizeof text, NULL));
    OK_OR(SHORTAGE | MAY(FAILED), sps_ip_get_local_addresses(ip, addresses, 8, &count));
    OK_OR(NOTHING_ELSE, sps_ip_clear_cache(ip, NULL));
    sps_ip_destroy(ip);
}

void run_tour(const tour *tour) {
    current = tour->report;
    expect(chdir(tour->folder) == 0, "the folder of the tour can be entered");
    for (transport transport = TCP; transport < TRANSPORTS; transport++) {
        place place = {.transport = transport};
        snprintf(place.path, sizeof place.path, "s");
        visit_connection(tour, &place, "127.0.0.1");
        snprintf(place.path, sizeof place.path, "%s/s", tour->folder);
        visit_poller(tour, &place);
        unlink(place.path);
    }
    place place = {.transport = TCP};
    visit_connection(tour, &place, tour->name);
    visit_names(tour);
    current->is_done = true;
}
