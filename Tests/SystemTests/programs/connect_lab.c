// SPDX-License-Identifier: MIT
//
// connect_lab: connects, and prints the results and times, one JSON object a line. Times named "at"
// are of the monotonic clock. All times are in microseconds.
//
//     connect_lab connect TIMEOUT_MS HOST PORT   one connect, to its end
//     connect_lab flood COUNT HOST PROBE PORT    COUNT connects to names without an answer, and
//                                                meanwhile some to names with an answer
//     connect_lab cancel SEED COUNT PORT HOST... COUNT connects that are cancelled
//     connect_lab hold WATCH HOST PORT           keeps a connection until it ends; WATCH is
//                                                keepalive, idle or user
//
// In a host of flood and cancel, "%u" becomes a number.
#include <pthread.h>
#include <string.h>

#include "lab.h"
#include "threads.h"

static sps_stream *new_stream(const sps_allocator *allocator) {
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = allocator};
    sps_stream *stream;
    EXPECT_OK(sps_tcp_create(&options, &stream));
    return stream;
}

static size_t attempts_of(const sps_stream *stream) {
    size_t count;
    EXPECT_OK(sps_tcp_get_connect_attempt_count(stream, &count));
    return count;
}

// ---- connect

static void print_attempts(const sps_stream *stream) {
    for (size_t i = 0; i < attempts_of(stream); i++) {
        sps_connect_attempt attempt = {.struct_size = sizeof attempt};
        EXPECT_OK(sps_tcp_get_connect_attempt(stream, i, &attempt));
        printf("%s{\"host\": \"%s\", \"state\": %d, \"start\": %llu, \"end\": %llu, \"os\": %d}",
               i > 0 ? ", " : "", attempt.host, attempt.state, (unsigned long long)attempt.start_us,
               (unsigned long long)attempt.end_us, attempt.os_error);
    }
}

static int run_connect(uint32_t timeout_ms, const char *host, int32_t port) {
    sps_stream *stream = new_stream(NULL);
    EXPECT_OK(sps_socket_set_connect_timeout(stream, timeout_ms));
    const uint64_t begin = now_us();
    sps_error error = sps_tcp_connect(stream, host, port);
    const uint64_t returned = now_us();
    while (error == SPS_OK && status_of(stream) == SPS_STATUS_CONNECTING) {
        pause_us(500);
        error = sps_socket_poll(stream);
    }
    printf("{\"error\": \"%s\", \"status\": %d, \"reason\": \"%s\", \"os\": %d, \"call\": %llu, "
           "\"took\": %llu, \"attempts\": [",
           sps_error_name(error), status_of(stream), sps_close_reason_name(reason_of(stream)),
           os_error_of(stream), (unsigned long long)(returned - begin),
           (unsigned long long)(now_us() - begin));
    print_attempts(stream);
    puts("]}");
    sps_stream_destroy(stream);
    return EXIT_SUCCESS;
}

// ---- flood

enum { PROBES = 10, PROBE_NAMES = 2 * PROBES };

typedef struct probe {
    sps_stream *stream;
    uint64_t begin_us;
    uint64_t took_us; // 0 while it connects
} probe;

// Begins a connect, and returns the duration of the call.
static uint64_t begin_connect(sps_stream *stream, const char *host, uint32_t i, int32_t port) {
    char name[256];
    snprintf(name, sizeof name, host, i);
    const uint64_t begin = now_us();
    const sps_error error = sps_tcp_connect(stream, name, port);
    const uint64_t took = now_us() - begin;
    EXPECT(error == SPS_OK, "%s: %s", name, sps_error_name(error));
    return took;
}

static void begin_probe(probe *probe, const char *host, uint32_t i, int32_t port) {
    *probe = (struct probe){new_stream(NULL), now_us(), 0};
    begin_connect(probe->stream, host, i, port);
}

// Polls the probe. Returns whether its connect has ended.
static bool advance_probe(probe *probe) {
    if (probe->stream != NULL && probe->took_us == 0) {
        const sps_error error = sps_socket_poll(probe->stream);
        if (status_of(probe->stream) == SPS_STATUS_CONNECTING) {
            return false;
        }
        probe->took_us = now_us() - probe->begin_us;
        EXPECT(error == SPS_OK, "a name that is answered: %s after %llu us", sps_error_name(error),
               (unsigned long long)probe->took_us);
    }
    return true;
}

static bool advance_probes(probe *probes) {
    bool done = true;
    for (int i = 0; i < PROBES; i++) {
        done &= advance_probe(&probes[i]);
    }
    return done;
}

static int by_size(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// Prints "NAME": [least, median, 99th percentile, most].
static void print_spread(const char *name, uint64_t *times, size_t count) {
    qsort(times, count, sizeof *times, by_size);
    printf("\"%s\": [%llu, %llu, %llu, %llu]", name, (unsigned long long)times[0],
           (unsigned long long)times[count / 2], (unsigned long long)times[count * 99 / 100],
           (unsigned long long)times[count - 1]);
}

static void print_probes(const char *name, probe *probes) {
    uint64_t times[PROBES];
    for (int i = 0; i < PROBES; i++) {
        times[i] = probes[i].took_us;
        sps_stream_destroy(probes[i].stream);
        probes[i].stream = NULL;
    }
    print_spread(name, times, PROBES);
}

static int run_flood(uint32_t count, const char *host, const char *probe_host, int32_t port) {
    probe probes[PROBES] = {{NULL, 0, 0}};
    for (uint32_t i = 0; i < PROBES; i++) { // its duration without other connects
        begin_probe(&probes[i], probe_host, i, port);
        while (!advance_probe(&probes[i])) {
            pause_us(200);
        }
    }
    printf("{");
    print_probes("alone", probes);

    uint64_t *times = calloc(count, sizeof *times);
    sps_stream **streams = calloc(count, sizeof *streams);
    EXPECT(times != NULL && streams != NULL, "no memory");
    for (uint32_t i = 0; i < count; i++) {
        streams[i] = new_stream(NULL);
        times[i] = begin_connect(streams[i], host, i - i % 10 / 9, port); // each tenth name repeats
        if (i % (count / PROBES) == count / PROBES - 1) {
            const uint32_t k = i / (count / PROBES);
            begin_probe(&probes[k], probe_host, PROBES + k, port);
        }
        advance_probes(probes);
        pause_us(200);
    }
    while (!advance_probes(probes)) {
        pause_us(200);
    }
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < count; i++) {
        waiting += sps_socket_poll(streams[i]) == SPS_OK;
        sps_stream_destroy(streams[i]);
    }
    printf(", ");
    print_probes("meanwhile", probes);
    printf(", ");
    print_spread("calls", times, count);
    printf(", \"waiting\": %u}\n", waiting);
    free(times);
    free(streams);
    return EXIT_SUCCESS;
}

// ---- cancel

// The streams' allocated memory.
typedef struct heap {
    size_t bytes;
    size_t blocks;
} heap;

static void *count_block(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    heap *heap = user_data;
    void *grown = NULL;
    if (new_bytes == 0) {
        free(block);
    } else if ((grown = realloc(block, new_bytes)) == NULL) {
        return NULL;
    }
    heap->bytes += new_bytes - (block != NULL ? old_bytes : 0);
    heap->blocks += (grown != NULL) - (size_t)(block != NULL);
    return grown;
}

enum phase { LOOKING_UP, ONE_ATTEMPT, RACING, CONNECTED, CLOSING, OVER, PHASES };
static const char *const phase_names[PHASES] = {"looking_up", "one_attempt", "racing",
                                                "connected",  "closing",     "over"};

typedef struct trial {
    sps_stream *stream; // NULL: none
    uint64_t begin_us;
    uint64_t end_us; // the time to cancel it
    bool is_to_close;
    bool is_closing;
} trial;

typedef struct cancel {
    chance dice;
    heap heap;
    sps_allocator allocator;
    int32_t port;
    char **hosts;
    uint32_t host_count;
    uint32_t phases[PHASES];
} cancel;

static void begin_trial(cancel *cancel, trial *trial) {
    chance *dice = &cancel->dice;
    sps_stream *stream = trial->stream != NULL ? trial->stream : new_stream(&cancel->allocator);
    *trial = (struct trial){.stream = stream, .is_to_close = pick(dice, 2) == 0};
    EXPECT_OK(sps_socket_set_connect_timeout(stream, 0));
    EXPECT_OK(sps_socket_set_attempt_delay(stream, 10));
    EXPECT_OK(sps_stream_set_write_batching(stream, pick(dice, 2) == 0));
    trial->begin_us = now_us();
    trial->end_us = trial->begin_us + pick(dice, pick(dice, 2) == 0 ? 60000 : 3000);
    begin_connect(stream, cancel->hosts[pick(dice, cancel->host_count)], pick(dice, 100000),
                  cancel->port);
    sps_stream_put_u32(stream, 42); // stays in the batch, or fails
}

static void advance_trial(trial *trial) {
    sps_socket_poll(trial->stream);
    if (trial->is_to_close && status_of(trial->stream) == SPS_STATUS_CONNECTED) {
        trial->is_to_close = false;
        trial->is_closing = true;
        EXPECT_OK(sps_socket_close_gracefully(trial->stream, 0));
    }
}

static enum phase phase_of(const trial *trial) {
    switch (status_of(trial->stream)) {
    case SPS_STATUS_CONNECTING: {
        const size_t attempts = attempts_of(trial->stream);
        return attempts == 0 ? LOOKING_UP : attempts == 1 ? ONE_ATTEMPT : RACING;
    }
    case SPS_STATUS_CONNECTED:
        return trial->is_closing ? CLOSING : CONNECTED;
    default:
        return OVER;
    }
}

// Sets a deadline that has almost passed. One or two polls later it is over.
static void let_it_time_out(trial *trial) {
    const bool was_connecting = status_of(trial->stream) == SPS_STATUS_CONNECTING;
    EXPECT_OK(sps_socket_set_connect_timeout(trial->stream, 1));
    const uint64_t late = now_us() + 1000;
    sps_error error = SPS_OK;
    while (was_connecting && status_of(trial->stream) == SPS_STATUS_CONNECTING) {
        const uint64_t before = now_us();
        error = sps_socket_poll(trial->stream);
        EXPECT(before < late || status_of(trial->stream) != SPS_STATUS_CONNECTING, "still there");
    }
    const sps_close_reason reason = reason_of(trial->stream);
    EXPECT(!was_connecting || reason != SPS_CLOSE_CONNECT_TIMED_OUT ||
               error == SPS_ERR_CONNECTION_ERROR,
           "%s", sps_error_name(error));
}

static void cancel_trial(cancel *cancel, trial *trial) {
    cancel->phases[phase_of(trial)]++;
    const uint32_t way = pick(&cancel->dice, 3);
    if (way == 0) {
        let_it_time_out(trial);
    }
    if (way == 1) {
        EXPECT_OK(sps_socket_disconnect(trial->stream));
        EXPECT(status_of(trial->stream) == SPS_STATUS_NONE, "disconnected");
        return; // the stream connects again
    }
    sps_stream_destroy(trial->stream);
    trial->stream = NULL;
}

static void run_trials(cancel *cancel, uint32_t count) {
    enum { AT_A_TIME = 32 };
    trial trials[AT_A_TIME] = {{NULL, 0, 0, false, false}};
    bool busy[AT_A_TIME] = {false};
    for (uint32_t begun = 0, ended = 0; ended < count; pause_us(50)) {
        for (uint32_t i = 0; i < AT_A_TIME; i++) {
            if (!busy[i] && begun < count) {
                begin_trial(cancel, &trials[i]);
                busy[i] = true;
                begun++;
            } else if (busy[i] && now_us() < trials[i].end_us) {
                advance_trial(&trials[i]);
            } else if (busy[i]) {
                cancel_trial(cancel, &trials[i]);
                busy[i] = false;
                ended++;
            }
        }
    }
    for (uint32_t i = 0; i < AT_A_TIME; i++) {
        sps_stream_destroy(trials[i].stream);
    }
}

static int run_cancel(uint32_t seed, uint32_t count, int32_t port, char **hosts,
                      uint32_t host_count) {
    cancel cancel = {
        .dice = {(uint64_t)seed << 32}, .port = port, .hosts = hosts, .host_count = host_count};
    cancel.allocator = (sps_allocator){sizeof(sps_allocator), count_block, &cancel.heap};
    const size_t threads = count_threads_at_rest();
    const size_t descriptors = count_entries("/proc/self/fd");
    run_trials(&cancel, count);
    const size_t left = count_entries("/proc/self/fd"); // current look-ups hold some
    const uint64_t begin = now_us();
    EXPECT(wait_for_threads(threads, PATIENCE_US), "threads are left");
    printf("{\"cancelled\": %u, \"descriptors\": %zd, \"at_once\": %zd, \"bytes\": %zu, "
           "\"blocks\": %zu, \"threads_ended\": %llu, \"phases\": {",
           count, (ssize_t)(count_entries("/proc/self/fd") - descriptors),
           (ssize_t)(left - descriptors), cancel.heap.bytes, cancel.heap.blocks,
           (unsigned long long)(now_us() - begin));
    for (int i = 0; i < PHASES; i++) {
        printf("%s\"%s\": %u", i > 0 ? ", " : "", phase_names[i], cancel.phases[i]);
    }
    puts("}}");
    return EXIT_SUCCESS;
}

// ---- hold

static void print_event(const char *name, const sps_stream *stream, sps_error error) {
    printf("{\"event\": \"%s\", \"at\": %llu, \"error\": \"%s\", \"status\": %d, \"reason\": "
           "\"%s\", \"os\": %d}\n",
           name, (unsigned long long)now_us(), sps_error_name(error), status_of(stream),
           sps_close_reason_name(reason_of(stream)), os_error_of(stream));
    fflush(stdout);
}

// The server puts one byte, and then never another.
static void open_and_hear(sps_stream *stream, const char *host, int32_t port) {
    EXPECT_OK(sps_tcp_connect(stream, host, port));
    uint8_t byte;
    sps_error error;
    do {
        EXPECT_OK(sps_socket_poll(stream));
        error = status_of(stream) == SPS_STATUS_CONNECTED ? sps_stream_try_get_u8(stream, &byte)
                                                          : SPS_ERR_BUSY;
    } while (error == SPS_ERR_BUSY);
    EXPECT_OK(error);
}

static int run_hold(const char *watch, const char *host, int32_t port) {
    sps_stream *stream = new_stream(NULL);
    const bool is_talking = strcmp(watch, "user") == 0;
    if (strcmp(watch, "keepalive") == 0) {
        EXPECT_OK(sps_tcp_set_keepalive(stream, 1000, 1000, 3));
    } else if (strcmp(watch, "idle") == 0) {
        EXPECT_OK(sps_socket_set_idle_timeout(stream, 1500));
    } else {
        EXPECT_OK(sps_tcp_set_user_timeout(stream, 2000));
    }
    open_and_hear(stream, host, port);
    print_event("open", stream, SPS_OK);
    sps_error error = SPS_OK;
    while (error == SPS_OK && status_of(stream) == SPS_STATUS_CONNECTED) {
        pause_us(2000);
        if (is_talking) {
            size_t sent;
            error = sps_stream_put_partial_data(stream, "............", 12, &sent);
        }
        if (error == SPS_OK) {
            error = sps_socket_poll(stream);
        }
    }
    print_event("end", stream, error);
    sps_stream_destroy(stream);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    const char *command = argc > 1 ? argv[1] : "";
    if (strcmp(command, "connect") == 0 && argc == 5) {
        return run_connect(number(argv[2]), argv[3], (int32_t)number(argv[4]));
    }
    if (strcmp(command, "flood") == 0 && argc == 6) {
        return run_flood(number(argv[2]), argv[3], argv[4], (int32_t)number(argv[5]));
    }
    if (strcmp(command, "cancel") == 0 && argc > 5) {
        return run_cancel(number(argv[2]), number(argv[3]), (int32_t)number(argv[4]), argv + 5,
                          (uint32_t)argc - 5);
    }
    if (strcmp(command, "hold") == 0 && argc == 5) {
        return run_hold(argv[2], argv[3], (int32_t)number(argv[4]));
    }
    fputs("usage: connect_lab connect | flood | cancel | hold ... (see the source)\n", stderr);
    return 64; // EX_USAGE
}
