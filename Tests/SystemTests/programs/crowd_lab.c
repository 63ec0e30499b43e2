// SPDX-License-Identifier: MIT
//
// crowd_lab PEERS SECONDS SEED: a server with PEERS connections in its poller, and a process of
// clients. At 60 frames a second the clients send, connect and leave at random. The server sends
// everything back. Prints one JSON object. The program fails unless every byte is accounted for.
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab.h"

enum {
    FRAMES_A_SECOND = 60,
    FRAME_US = 1000000 / FRAMES_A_SECOND,
    SENDERS_A_FRAME = 250,
    LEAVERS_A_FRAME = 2, // each leaves a port in TIME_WAIT
    MOST_MESSAGE = 1500,
    WINDOW = 60000, // the most bytes in flight for each client
};

// ---- Both sides

static void raise_limit(size_t peers) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    EXPECT(limit.rlim_cur > peers + 100, "%ju descriptors at most", (uintmax_t)limit.rlim_cur);
}

// The allocator counts bytes, to report exact memory use.
static size_t allocated_bytes;

static void *count_memory(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    (void)user_data;
    void *moved = NULL;
    if (new_bytes == 0) {
        free(block);
    } else if ((moved = realloc(block, new_bytes)) == NULL) {
        return NULL;
    }
    allocated_bytes += new_bytes - old_bytes;
    return moved;
}

static const sps_allocator allocator = {.struct_size = sizeof(sps_allocator),
                                        .reallocate = count_memory};
static const sps_stream_options stream_options = {.struct_size = sizeof stream_options,
                                                  .allocator = &allocator};

static sps_poller *make_poller(void) {
    const sps_poller_options options = {.struct_size = sizeof options, .allocator = &allocator};
    sps_poller *poller;
    EXPECT_OK(sps_poller_create(&options, &poller));
    return poller;
}

// The clients' report to the server's process at the end.
typedef struct totals {
    uint64_t connections;
    uint64_t bytes;
} totals;

// ---- The clients

typedef struct client {
    sps_stream *stream;
    uint64_t start; // an offset in its pattern
    uint64_t sent, received;
    bool is_connected;
    bool leaves; // once all bytes are back
} client;

typedef struct crowd {
    sps_poller *poller;
    client *clients;
    size_t count;
    size_t away; // clients without a connection, or with bytes in flight
    int32_t port;
    chance dice;
    totals totals;
} crowd;

static uint8_t pattern_at(uint64_t offset) {
    return (uint8_t)((offset * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
}

static bool is_away(const client *client) {
    return !client->is_connected || client->sent != client->received;
}

static void join(crowd *crowd, client *client) {
    memset(client, 0, sizeof *client);
    client->start = mix(++crowd->totals.connections);
    EXPECT_OK(sps_tcp_create(&stream_options, &client->stream));
    EXPECT_OK(sps_poller_add(crowd->poller, client->stream, client));
    EXPECT_OK(sps_tcp_connect(client->stream, "127.0.0.1", crowd->port));
    crowd->away++;
}

static void send_some(crowd *crowd, client *client) {
    const size_t count = 1 + pick(&crowd->dice, MOST_MESSAGE);
    if (!client->is_connected || client->leaves || client->sent - client->received > WINDOW) {
        return;
    }
    uint8_t message[MOST_MESSAGE];
    for (size_t i = 0; i < count; i++) {
        message[i] = pattern_at(client->start + client->sent + i);
    }
    const sps_error error = sps_stream_put_data(client->stream, message, count, NULL);
    if (error != SPS_ERR_BUSY) {
        EXPECT_OK(error);
        crowd->away += !is_away(client);
        client->sent += count;
        crowd->totals.bytes += count;
    }
}

static void leave_if_done(crowd *crowd, client *client) {
    if (client->leaves && !is_away(client)) {
        sps_stream_destroy(client->stream);
        join(crowd, client);
    }
}

static void take_back(crowd *crowd, client *client) {
    const uint8_t *span;
    size_t count;
    EXPECT_OK(sps_stream_peek(client->stream, 0, &span, &count));
    for (size_t i = 0; i < count; i++) {
        EXPECT(span[i] == pattern_at(client->start + client->received + i), "byte %ju is wrong",
               (uintmax_t)(client->received + i));
    }
    EXPECT_OK(sps_stream_consume(client->stream, count));
    client->received += count;
    crowd->away -= count > 0 && !is_away(client);
    leave_if_done(crowd, client);
}

static void handle_client(crowd *crowd, const sps_event *event) {
    client *client = event->user_data;
    EXPECT(!(event->kinds & (SPS_EVENT_CLOSED | SPS_EVENT_FINISHED)), "lost: %s",
           sps_close_reason_name(event->close_reason));
    if (event->kinds & SPS_EVENT_CONNECTED) {
        client->is_connected = true;
        crowd->away -= !is_away(client);
    }
    if (event->kinds & SPS_EVENT_READABLE) {
        take_back(crowd, client);
    }
}

// One frame: waits and handles events until its time is over.
static void client_frame(crowd *crowd) {
    const uint64_t end_us = now_us() + FRAME_US;
    for (uint64_t now = now_us(); now < end_us; now = now_us()) {
        size_t count;
        EXPECT_OK(sps_poller_wait(crowd->poller, (int32_t)((end_us - now) / 1000), &count));
        sps_event event = {.struct_size = sizeof event};
        while (sps_poller_next_event(crowd->poller, &event) == SPS_OK) {
            handle_client(crowd, &event);
        }
    }
}

static void wait_until_all_are_back(crowd *crowd) {
    const uint64_t deadline = now_us() + PATIENCE_US;
    while (crowd->away > 0) {
        EXPECT(now_us() < deadline, "%zu clients are away still", crowd->away);
        client_frame(crowd);
    }
}

static void run_clients(size_t count, unsigned seconds, uint64_t seed, int32_t port, int report) {
    crowd crowd = {.poller = make_poller(), .count = count, .port = port, .dice = {seed}};
    crowd.clients = calloc(count, sizeof *crowd.clients);
    for (size_t i = 0; i < count; i++) {
        join(&crowd, &crowd.clients[i]);
        if (i % 500 == 499) {
            client_frame(&crowd);
        }
    }
    wait_until_all_are_back(&crowd);
    for (unsigned frame = 0; frame < seconds * FRAMES_A_SECOND; frame++) {
        for (int i = 0; i < SENDERS_A_FRAME; i++) {
            send_some(&crowd, &crowd.clients[pick(&crowd.dice, (uint32_t)count)]);
        }
        for (int i = 0; i < LEAVERS_A_FRAME; i++) {
            client *client = &crowd.clients[pick(&crowd.dice, (uint32_t)count)];
            client->leaves = true;
            leave_if_done(&crowd, client);
        }
        client_frame(&crowd);
    }
    wait_until_all_are_back(&crowd);
    EXPECT(write(report, &crowd.totals, sizeof crowd.totals) == sizeof crowd.totals, "report");
    char go;
    EXPECT(read(report, &go, 1) == 1, "the server has gone"); // the server has measured its memory
    for (size_t i = 0; i < count; i++) {
        sps_stream_destroy(crowd.clients[i].stream);
    }
    free(crowd.clients);
    sps_poller_destroy(crowd.poller);
    EXPECT(allocated_bytes == 0, "%zu bytes are left", allocated_bytes);
}

// ---- The server

typedef struct host {
    sps_poller *poller;
    sps_server *server;
    size_t peers, most_peers;
    totals totals;
    uint64_t *waits; // the microseconds of each wait with events
    size_t wait_count, wait_capacity;
} host;

static void accept_all(host *host) {
    sps_stream *stream;
    while (sps_server_take_connection(host->server, &stream) == SPS_OK) {
        EXPECT_OK(sps_poller_add(host->poller, stream, NULL));
        host->totals.connections++;
        host->peers++;
        host->most_peers = host->peers > host->most_peers ? host->peers : host->most_peers;
    }
}

// Bytes without room stay in the read queue until SPS_EVENT_WRITABLE.
static void send_back(host *host, sps_stream *stream) {
    const uint8_t *span;
    size_t count, sent;
    EXPECT_OK(sps_stream_peek(stream, 0, &span, &count));
    EXPECT_OK(sps_stream_put_partial_data(stream, span, count, &sent));
    EXPECT_OK(sps_stream_consume(stream, sent));
    host->totals.bytes += sent;
}

static void handle_peer(host *host, const sps_event *event) {
    if (event->kinds & SPS_EVENT_CONNECTION_AVAILABLE) {
        accept_all(host);
    }
    if (event->kinds & (SPS_EVENT_READABLE | SPS_EVENT_WRITABLE)) {
        send_back(host, event->stream);
    }
    if (event->kinds & SPS_EVENT_CLOSED) {
        EXPECT(event->close_reason == SPS_CLOSE_PEER_FINISHED, "closed: %s",
               sps_close_reason_name(event->close_reason));
        sps_stream_destroy(event->stream);
        host->peers--;
    }
}

static void serve_until_readable(host *host, int report) {
    struct timeval none = {0, 0};
    fd_set set;
    do {
        size_t count;
        EXPECT_OK(sps_poller_wait(host->poller, 1, &count));
        const uint64_t begin_us = now_us();
        sps_event event = {.struct_size = sizeof event};
        while (sps_poller_next_event(host->poller, &event) == SPS_OK) {
            handle_peer(host, &event);
        }
        if (count > 0 && host->wait_count < host->wait_capacity) {
            host->waits[host->wait_count++] = now_us() - begin_us;
        }
        FD_ZERO(&set);
        FD_SET(report, &set);
    } while (select(report + 1, &set, NULL, NULL, &none) == 0);
}

static void serve_until_all_have_left(host *host) {
    const uint64_t deadline = now_us() + PATIENCE_US;
    while (host->peers > 0) {
        EXPECT(now_us() < deadline, "%zu peers are left", host->peers);
        size_t count;
        EXPECT_OK(sps_poller_wait(host->poller, 10, &count));
        sps_event event = {.struct_size = sizeof event};
        while (sps_poller_next_event(host->poller, &event) == SPS_OK) {
            handle_peer(host, &event);
        }
    }
}

// After an idle moment, the memory is that of idle peers and of the free list.
static size_t idle_bytes_a_peer(host *host, size_t kept) {
    size_t count;
    for (int i = 0; i < 3; i++) {
        EXPECT_OK(sps_poller_wait(host->poller, 1, &count));
    }
    return (allocated_bytes - kept) / host->peers;
}

static int by_value(const void *one, const void *other) {
    const uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
    return (a > b) - (a < b);
}

static void tell(host *host, size_t peer_bytes, size_t free_bytes) {
    qsort(host->waits, host->wait_count, sizeof *host->waits, by_value);
    printf("{\"peers\": %zu, \"connections\": %ju, \"bytes\": %ju, \"bytes_a_peer\": %zu, "
           "\"kept_bytes\": %zu, \"handling_us_p50\": %ju, \"handling_us_p99\": %ju}\n",
           host->most_peers, (uintmax_t)host->totals.connections, (uintmax_t)host->totals.bytes,
           peer_bytes, free_bytes, (uintmax_t)host->waits[host->wait_count / 2],
           (uintmax_t)host->waits[host->wait_count * 99 / 100]);
}

static void run_server(sps_server *server, int report) {
    host host = {.poller = make_poller(), .server = server, .wait_capacity = 1000000};
    host.waits = malloc(host.wait_capacity * sizeof *host.waits);
    EXPECT_OK(sps_poller_add_server(host.poller, server, NULL));
    serve_until_readable(&host, report);
    totals clients;
    EXPECT(read(report, &clients, sizeof clients) == sizeof clients, "the clients have failed");
    const size_t with_pool = idle_bytes_a_peer(&host, 0);
    const size_t kept = 1024 * 1024; // at most, for any load
    const size_t peer_bytes = idle_bytes_a_peer(&host, kept);
    EXPECT(host.totals.bytes == clients.bytes && host.totals.connections == clients.connections,
           "%ju bytes of %ju connections, not %ju of %ju", (uintmax_t)host.totals.bytes,
           (uintmax_t)host.totals.connections, (uintmax_t)clients.bytes,
           (uintmax_t)clients.connections);
    EXPECT(write(report, "!", 1) == 1, "the clients have gone");
    serve_until_all_have_left(&host);
    tell(&host, peer_bytes, (with_pool - peer_bytes) * host.most_peers);
    free(host.waits);
    sps_server_destroy(server);
    sps_poller_destroy(host.poller);
    EXPECT(allocated_bytes == 0, "%zu bytes are left", allocated_bytes);
}

int main(int argc, char **argv) {
    EXPECT(argc == 4, "usage: crowd_lab PEERS SECONDS SEED");
    const size_t peers = strtoull(argv[1], NULL, 10);
    raise_limit(peers);
    const sps_server_options options = {.struct_size = sizeof options, .stream = &stream_options};
    sps_server *server;
    int32_t port;
    EXPECT_OK(sps_tcp_server_create(&options, &server));
    EXPECT_OK(sps_tcp_server_listen(server, 0, "127.0.0.1"));
    EXPECT_OK(sps_tcp_server_get_local_port(server, &port));
    int report[2];
    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, report) == 0, "socketpair");
    const pid_t child = fork();
    if (child == 0) {
        close(report[0]);
        sps_server_destroy(server);
        run_clients(peers, (unsigned)atoi(argv[2]), strtoull(argv[3], NULL, 10), port, report[1]);
        exit(EXIT_SUCCESS);
    }
    close(report[1]);
    run_server(server, report[0]);
    int status;
    EXPECT(waitpid(child, &status, 0) == child && status == 0, "the clients failed");
    return EXIT_SUCCESS;
}
