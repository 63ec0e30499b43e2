// SPDX-License-Identifier: MIT
//
//     soak_lab server WHO SEED PATH
//     soak_lab client WHO SEED CONNECTIONS
//
// A process of the soak test, which ../../soak.py starts. Each process has a number WHO of its
// own. A server listens on a port that it prints, and at PATH. A client keeps CONNECTIONS with the
// servers that soak.py names. Each connection says and hears the items of speech.h, in a way that
// its number decides, and ends.
//
// Commands are lines on stdin: "server INDEX WHO PORT PATH", "quiet" (start nothing, and report
// when nothing is left), "go", and "stop". The end of stdin counts as "stop". Stdout has a line of
// JSON for each event.
#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "connection.h"

enum {
    FRAME_US = 25 * 1000,
    SERVERS = 4,
    MOST_COMMANDS = 8,
    COMMAND_BYTES = 256,
    KEPT_BYTES = 32 * 1024, // by the poller: little, so a small leak shows
    DUDS = 2,               // at the same time
    DUD_TIMEOUT_MS = 2000,
    REST_US = 300 * 1000, // after a refused connect
};

// ---- Commands: a thread reads them, and wakes the poller

typedef struct mailbox {
    pthread_mutex_t lock;
    char lines[MOST_COMMANDS][COMMAND_BYTES];
    size_t count;
    sps_poller *poller;
} mailbox;

static void post(mailbox *mailbox, const char *line) {
    pthread_mutex_lock(&mailbox->lock);
    EXPECT(mailbox->count < MOST_COMMANDS, "too many commands");
    snprintf(mailbox->lines[mailbox->count++], COMMAND_BYTES, "%s", line);
    pthread_mutex_unlock(&mailbox->lock);
    EXPECT_OK(sps_poller_wake(mailbox->poller));
}

static void *read_commands(void *context) {
    char line[COMMAND_BYTES];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        post(context, line);
        if (strcmp(line, "stop") == 0) {
            return NULL;
        }
    }
    post(context, "stop");
    return NULL;
}

static bool next_command(mailbox *mailbox, char *out_line) {
    pthread_mutex_lock(&mailbox->lock);
    const bool is_there = mailbox->count > 0;
    if (is_there) {
        memcpy(out_line, mailbox->lines[0], COMMAND_BYTES);
        mailbox->count--;
        memmove(mailbox->lines, mailbox->lines + 1, mailbox->count * COMMAND_BYTES);
    }
    pthread_mutex_unlock(&mailbox->lock);
    return is_there;
}

// ---- The program

typedef struct known_server {
    uint32_t who; // 0: none
    int32_t port;
    char path[SPS_PATH_TEXT_BYTES];
    uint64_t rests_until_us;
} known_server;

typedef struct soak {
    process process;
    mailbox mailbox;
    bool is_quiet, has_reported, is_stopped;
    // A client's members.
    size_t wanted;
    known_server servers[SERVERS];
    sps_stream *duds[DUDS];
    sps_stream *port_holder; // bound and not listening: its port refuses
    int32_t refusing_port;
    uint64_t dud_count;
    // A server's members.
    sps_server *tcp, *uds;
} soak;

static void *count_memory(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    process *process = user_data;
    void *moved = NULL;
    if (new_bytes == 0) {
        free(block);
    } else if ((moved = realloc(block, new_bytes)) == NULL) {
        return NULL;
    }
    process->allocated_bytes += new_bytes - old_bytes;
    return moved;
}

static bool is_at_rest(const soak *soak) {
    bool rests = soak->process.count == 0;
    for (size_t i = 0; i < DUDS; i++) {
        rests = rests && soak->duds[i] == NULL;
    }
    return rests;
}

// ---- Connecting

// Each stream has other buffers: some values are larger than the read-ahead, and some peers take
// little at a time.
static sps_stream_options options_of(process *process) {
    static const uint32_t sizes[] = {0, 4096, 16384, 65536};
    return (sps_stream_options){
        .struct_size = sizeof(sps_stream_options),
        .allocator = &process->allocator,
        .read_buffer_bytes = sizes[pick(&process->dice, 4)],
        .write_buffer_bytes = 8192u << pick(&process->dice, 4),
        .os_send_buffer_bytes = pick(&process->dice, 3) == 0 ? 4096 : 0,
    };
}

// The servers' names. localhost has two addresses, and one of them refuses.
static sps_error connect_to(soak *soak, const known_server *server, bool is_tcp, sps_stream **out) {
    const sps_stream_options options = options_of(&soak->process);
    EXPECT_OK(is_tcp ? sps_tcp_create(&options, out) : sps_uds_create(&options, out));
    return is_tcp ? sps_tcp_connect(*out, pick(&soak->process.dice, 2) ? "localhost" : "127.0.0.1",
                                    server->port)
                  : sps_uds_connect(*out, server->path);
}

static void begin_connection(soak *soak) {
    process *process = &soak->process;
    known_server *server = &soak->servers[pick(&process->dice, SERVERS)];
    const bool is_tcp = pick(&process->dice, 2);
    sps_stream *stream;
    if (server->who == 0 || server->rests_until_us > now_us()) {
        return;
    }
    const uint64_t refused = process->totals.refused;
    const sps_error error = connect_to(soak, server, is_tcp, &stream);
    if (error == SPS_OK) {
        connection_begin(process, stream, is_tcp, server->who);
        return;
    }
    EXPECT(error == SPS_FAILED, "connecting: %s", sps_error_name(error));
    sps_stream_destroy(stream);
    report_refused(process, server->who);
    server->rests_until_us = now_us() + REST_US * (1 + (process->totals.refused - refused));
}

// ---- Duds: connections that never send

static const char *dud_host(soak *soak) {
    static char name[256] = "";
    switch (pick(&soak->process.dice, 3)) {
    case 0:
        return "127.0.0.1";
    case 1:
        return "localhost";
    default: // a look-up, wherever its answer comes from
        EXPECT(gethostname(name, sizeof name - 1) == 0, "no name");
        return name;
    }
}

static void begin_dud(soak *soak, sps_stream **slot) {
    sps_stream_options options = options_of(&soak->process);
    options.connect_timeout_ms = DUD_TIMEOUT_MS;
    EXPECT_OK(sps_tcp_create(&options, slot));
    EXPECT_OK(sps_poller_add(soak->process.poller, *slot, slot));
    const sps_error error = sps_tcp_connect(*slot, dud_host(soak), soak->refusing_port);
    soak->dud_count++;
    if (error != SPS_OK || pick(&soak->process.dice, 3) == 0) { // refused at once, or cancelled
        EXPECT(error == SPS_OK || error == SPS_FAILED, "a dud: %s", sps_error_name(error));
        sps_stream_destroy(*slot);
        *slot = NULL;
    }
}

static void handle_dud(sps_stream **slot, const sps_event *event) {
    const sps_close_reason reason = event->close_reason;
    EXPECT(event->kinds == SPS_EVENT_CLOSED &&
               (reason == SPS_CLOSE_REFUSED || reason == SPS_CLOSE_NAME_NOT_FOUND ||
                reason == SPS_CLOSE_LOOKUP_FAILED || reason == SPS_CLOSE_UNREACHABLE ||
                reason == SPS_CLOSE_CONNECT_TIMED_OUT),
           "a dud: events %u, %s", event->kinds, sps_close_reason_name(reason));
    sps_stream_destroy(*slot);
    *slot = NULL;
}

static void hold_port(soak *soak) {
    EXPECT_OK(sps_tcp_create(NULL, &soak->port_holder));
    EXPECT_OK(sps_tcp_bind(soak->port_holder, 0, "127.0.0.1"));
    EXPECT_OK(sps_tcp_get_local_port(soak->port_holder, &soak->refusing_port));
}

static bool is_dud(const soak *soak, const sps_event *event) {
    const void *const slot = event->user_data;
    return slot == (const void *)&soak->duds[0] || slot == (const void *)&soak->duds[1];
}

// ---- Serving

static void accept_all(soak *soak, sps_server *server) {
    sps_stream *stream;
    sps_error error;
    while ((error = sps_server_take_connection(server, &stream)) == SPS_OK) {
        connection_begin(&soak->process, stream, server == soak->tcp, 0);
    }
    EXPECT(error == SPS_ERR_BUSY, "taking: %s", sps_error_name(error));
}

static void listen_at(soak *soak, const char *path) {
    const sps_stream_options stream = options_of(&soak->process);
    const sps_server_options options = {.struct_size = sizeof options, .stream = &stream};
    int32_t port;
    EXPECT_OK(sps_tcp_server_create(&options, &soak->tcp));
    EXPECT_OK(sps_uds_server_create(&options, &soak->uds));
    EXPECT_OK(sps_tcp_server_listen(soak->tcp, 0, "127.0.0.1"));
    EXPECT_OK(sps_uds_server_listen(soak->uds, path));
    EXPECT_OK(sps_tcp_server_get_local_port(soak->tcp, &port));
    EXPECT_OK(sps_poller_add_server(soak->process.poller, soak->tcp, NULL));
    EXPECT_OK(sps_poller_add_server(soak->process.poller, soak->uds, NULL));
    printf("{\"port\": %d}\n", (int)port);
}

// ---- Reporting

// The bytes that malloc has given to the whole program, or 0 if it cannot tell.
static size_t heap_bytes(void) {
#ifdef __GLIBC__
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}

static void report_numbers(const char *name, const uint64_t *numbers, size_t count) {
    printf(", \"%s\": [", name);
    for (size_t i = 0; i < count; i++) {
        printf("%s%" PRIu64, i > 0 ? ", " : "", numbers[i]);
    }
    putchar(']');
}

static void tell(const soak *soak, const char *what) {
    const process *process = &soak->process;
    printf("{\"%s\": %zu, \"allocated\": %zu, \"heap\": %zu", what, process->count,
           process->allocated_bytes, heap_bytes());
    printf(", \"connections\": %" PRIu64 ", \"cut\": %" PRIu64 ", \"refused\": %" PRIu64
           ", \"duds\": %" PRIu64 ", \"moves\": %" PRIu64 ", \"refused_puts\": %" PRIu64,
           process->totals.connections, process->totals.cut, process->totals.refused,
           soak->dud_count, process->totals.moves, process->totals.refused_puts);
    printf(", \"items\": [%" PRIu64 ", %" PRIu64 "], \"bytes\": [%" PRIu64 ", %" PRIu64 "]",
           process->totals.items_said, process->totals.items_heard, process->totals.bytes_said,
           process->totals.bytes_heard);
    report_numbers("endings", process->totals.endings, ENDINGS);
    report_numbers("reasons", process->totals.reasons, REASONS);
    printf("}\n");
}

// ---- The loop

static void learn_of_server(soak *soak, const char *line) {
    unsigned index, who;
    int port;
    char path[SPS_PATH_TEXT_BYTES];
    EXPECT(sscanf(line, "server %u %u %d %111s", &index, &who, &port, path) == 4 && index < SERVERS,
           "'%s'", line);
    known_server *server = &soak->servers[index];
    *server = (known_server){.who = who, .port = port};
    memcpy(server->path, path, sizeof path);
}

static void obey(soak *soak) {
    char line[COMMAND_BYTES];
    while (next_command(&soak->mailbox, line)) {
        if (strcmp(line, "stop") == 0) {
            soak->is_stopped = true;
        } else if (strcmp(line, "quiet") == 0) {
            soak->is_quiet = true;
            soak->has_reported = false;
        } else if (strcmp(line, "go") == 0) {
            soak->is_quiet = false;
        } else {
            learn_of_server(soak, line);
        }
    }
}

static void handle(soak *soak, const sps_event *event) {
    if (event->kinds & SPS_EVENT_CONNECTION_AVAILABLE) {
        accept_all(soak, event->server);
    } else if (is_dud(soak, event)) {
        handle_dud(event->user_data, event);
    } else {
        connection_handle(event->user_data, event);
    }
}

static void wait_and_handle(soak *soak, int32_t timeout_ms) {
    size_t count;
    EXPECT_OK(sps_poller_wait(soak->process.poller, timeout_ms, &count));
    sps_event event = {.struct_size = sizeof event};
    while (sps_poller_next_event(soak->process.poller, &event) == SPS_OK) {
        handle(soak, &event);
    }
}

// Waits for the end of the frame. If there is nothing to do at all, waits for an event or a
// command.
static void wait_for_frame(soak *soak) {
    if (is_at_rest(soak) && (soak->is_quiet || soak->process.side == SERVER)) {
        wait_and_handle(soak, -1);
        return;
    }
    const uint64_t end_us = now_us() + FRAME_US;
    for (uint64_t now = now_us(); now < end_us; now = now_us()) {
        wait_and_handle(soak, (int32_t)((end_us - now + 999) / 1000));
    }
}

static void begin_missing_connections(soak *soak) {
    if (soak->process.side == SERVER || soak->is_quiet) {
        return;
    }
    if (soak->process.count < soak->wanted) {
        begin_connection(soak);
    }
    sps_stream **slot = &soak->duds[pick(&soak->process.dice, DUDS)];
    if (*slot == NULL && pick(&soak->process.dice, 100) == 0) {
        begin_dud(soak, slot);
    }
}

static void run_frames(soak *soak) {
    while (!soak->is_stopped) {
        wait_for_frame(soak);
        obey(soak);
        for (size_t i = soak->process.count; i > 0;
             i--) { // the last one takes the place of one that ends
            connection_frame(soak->process.connections[i - 1]);
        }
        begin_missing_connections(soak);
        if (soak->is_quiet && !soak->has_reported && is_at_rest(soak)) {
            soak->has_reported = true;
            tell(soak, "quiet");
        }
    }
}

// The stop comes at a quiet moment, so nothing may be left.
static void end_all(soak *soak) {
    EXPECT(is_at_rest(soak), "%zu connections are left", soak->process.count);
    sps_server_destroy(soak->tcp);
    sps_server_destroy(soak->uds);
    sps_stream_destroy(soak->port_holder);
    sps_poller_destroy(soak->process.poller);
    EXPECT(soak->process.allocated_bytes == 0, "%zu bytes are left", soak->process.allocated_bytes);
    tell(soak, "end");
}

static void begin_all(soak *soak, char **arguments) {
    process *process = &soak->process;
    process->side = strcmp(arguments[1], "server") == 0 ? SERVER : CLIENT;
    process->who = number(arguments[2]);
    process->seed = number(arguments[3]);
    process->dice.state = mix(process->seed ^ process->who);
    process->allocator = (sps_allocator){sizeof(sps_allocator), count_memory, process};
    const sps_poller_options options = {.struct_size = sizeof options,
                                        .max_kept_bytes = KEPT_BYTES,
                                        .allocator = &process->allocator};
    EXPECT_OK(sps_poller_create(&options, &process->poller));
    if (process->side == SERVER) {
        listen_at(soak, arguments[4]);
    } else {
        soak->wanted = number(arguments[4]);
        hold_port(soak);
    }
}

int main(int argc, char **argv) {
    static soak soak = {.mailbox.lock = PTHREAD_MUTEX_INITIALIZER};
    EXPECT(argc == 5, "usage: soak_lab server WHO SEED PATH | client WHO SEED CONNECTIONS");
    setvbuf(stdout, NULL, _IOLBF, 0);
    begin_all(&soak, argv);
    soak.mailbox.poller = soak.process.poller;
    pthread_t reader;
    EXPECT(pthread_create(&reader, NULL, read_commands, &soak.mailbox) == 0, "no thread");
    run_frames(&soak);
    pthread_join(reader, NULL); // it wakes the poller
    end_all(&soak);
    return EXIT_SUCCESS;
}
