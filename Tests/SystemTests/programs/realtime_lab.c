// SPDX-License-Identifier: MIT
//
// Runs the warm paths under the realtime sanitizer. It ends the program at a call that may block,
// takes a lock or allocates. The platform exempts the OS calls, which do not wait.
#include <sanitizer/rtsan_interface.h>
#include <string.h>
#include <sys/socket.h>

#include "lab.h"
#include "platform/platform.h"

#define NONBLOCKING __attribute__((nonblocking))

static sps_platform platform;

static const sps_platform *os(void) {
    return spsi_os_platform();
}

static spsi_result receive(const sps_platform *unused, spsi_handle handle, void *buffer,
                           size_t size, size_t *out) {
    (void)unused;
    __rtsan_disable();
    const spsi_result result = os()->receive(os(), handle, buffer, size, out);
    __rtsan_enable();
    return result;
}

static spsi_result send_slices(const sps_platform *unused, spsi_handle handle,
                               const spsi_slice *slices, size_t count, size_t *out) {
    (void)unused;
    __rtsan_disable();
    const spsi_result result = os()->send(os(), handle, slices, count, out);
    __rtsan_enable();
    return result;
}

static spsi_result selector_wait(const sps_platform *unused, spsi_selector *selector,
                                 uint64_t timeout_us) {
    (void)unused;
    EXPECT(timeout_us == 0, "a frame waits");
    __rtsan_disable();
    const spsi_result result = os()->selector_wait(os(), selector, timeout_us);
    __rtsan_enable();
    return result;
}

typedef struct pair {
    sps_stream *here, *there; // `here` is in the poller
} pair;

enum { PAIRS = 10, VALUES = 500, FRAMES = 100 };

static sps_poller *poller;
static pair pairs[PAIRS];

// One frame of a warm loop. Each value that is sent comes back in a later frame.
static void frame(void) NONBLOCKING;
static void frame(void) {
    size_t count;
    EXPECT_OK(sps_poller_wait(poller, 0, &count));
    sps_event event = {.struct_size = sizeof event};
    while (sps_poller_next_event(poller, &event) == SPS_OK) {
        uint32_t value;
        while (sps_stream_try_get_u32(event.stream, &value) == SPS_OK) {
            EXPECT(value == 7, "%u", value);
        }
    }
    for (int i = 0; i < PAIRS; i++) {
        for (int value = 0; value < VALUES; value++) {
            EXPECT_OK(sps_stream_put_u32(pairs[i].here, 8));
        }
        sps_status status;
        EXPECT_OK(sps_socket_get_status(pairs[i].here, &status));
    }
}

// The same without a poller.
static void polled_frame(sps_stream *stream) NONBLOCKING;
static void polled_frame(sps_stream *stream) {
    EXPECT_OK(sps_socket_poll(stream));
    uint32_t value;
    while (sps_stream_try_get_u32(stream, &value) == SPS_OK) {
        EXPECT(value == 8, "%u", value);
    }
    for (int i = 0; i < VALUES; i++) {
        EXPECT_OK(sps_stream_put_u32(stream, 7));
    }
}

static void connect_pair(pair *pair, bool is_tcp) {
    const sps_stream_options options = {.struct_size = sizeof options, .platform = &platform};
    int fds[2];
    EXPECT(is_tcp || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0, "socketpair");
    if (!is_tcp) {
        EXPECT_OK(sps_uds_create(&options, &pair->here));
        EXPECT_OK(sps_uds_create(&options, &pair->there));
        EXPECT_OK(sps_uds_adopt_fd(pair->here, fds[0]));
        EXPECT_OK(sps_uds_adopt_fd(pair->there, fds[1]));
        return;
    }
    const sps_server_options server_options = {.struct_size = sizeof server_options,
                                               .stream = &options};
    sps_server *server;
    int32_t port;
    EXPECT_OK(sps_tcp_server_create(&server_options, &server));
    EXPECT_OK(sps_tcp_server_listen(server, 0, "127.0.0.1"));
    EXPECT_OK(sps_tcp_server_get_local_port(server, &port));
    EXPECT_OK(sps_tcp_create(&options, &pair->here));
    EXPECT_OK(sps_tcp_connect(pair->here, "127.0.0.1", port));
    const uint64_t deadline = now_us() + PATIENCE_US;
    while (sps_server_take_connection(server, &pair->there) == SPS_ERR_BUSY ||
           (sps_socket_poll(pair->here), status_of(pair->here)) != SPS_STATUS_CONNECTED) {
        EXPECT(now_us() < deadline, "no connection");
    }
    sps_server_destroy(server);
}

static void run_frames(int count) {
    for (int i = 0; i < count; i++) {
        frame();
        for (int peer = 0; peer < PAIRS; peer++) {
            polled_frame(pairs[peer].there);
        }
    }
}

// A violation that the sanitizer must find, to show that it works.
static void *volatile kept;
static void allocate(void) NONBLOCKING;
static void allocate(void) {
    kept = malloc(1000);
}

int main(int argc, char **argv) {
    platform = *os();
    platform.receive = receive;
    platform.send = send_slices;
    platform.selector_wait = selector_wait;
    if (argc > 1 && strcmp(argv[1], "--allocate") == 0) {
        allocate();
    }
    const sps_poller_options options = {.struct_size = sizeof options, .platform = &platform};
    EXPECT_OK(sps_poller_create(&options, &poller));
    for (int i = 0; i < PAIRS; i++) {
        connect_pair(&pairs[i], i % 2 == 0);
        EXPECT_OK(sps_stream_set_write_batching(pairs[i].there, true));
        EXPECT_OK(sps_poller_add(poller, pairs[i].here, NULL));
    }
    __rtsan_disable(); // allows allocations until everything is warm
    run_frames(5);
    __rtsan_enable();
    run_frames(FRAMES);
    for (int i = 0; i < PAIRS; i++) {
        sps_stream_destroy(pairs[i].here);
        sps_stream_destroy(pairs[i].there);
    }
    sps_poller_destroy(poller);
    puts("realtime");
    return EXIT_SUCCESS;
}
