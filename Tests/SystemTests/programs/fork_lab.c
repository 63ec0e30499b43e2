// SPDX-License-Identifier: MIT
//
// fork_lab: forks during name look-ups.
//
//     fork_lab storm CHILDREN         forks CHILDREN times while another thread starts and ends
//                                     look-ups; prints how many children hang in the library
//     fork_lab share COUNT HOST PORT  looks up COUNT names and HOST, and forks at a line of stdin.
//                                     Both sides connect to HOST, the child at the next line.
//                                     Prints each result as one JSON object a line
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab.h"

enum { CHILD_SECONDS = 20, CONNECT_MS = 15000 };

static sps_stream *begin_connect(const char *host, int32_t port) {
    sps_stream *stream;
    EXPECT_OK(sps_tcp_create(NULL, &stream));
    EXPECT_OK(sps_socket_set_connect_timeout(stream, CONNECT_MS));
    EXPECT_OK(sps_tcp_connect(stream, host, port));
    return stream;
}

// ---- storm

static atomic_bool is_over;

static void *begin_and_end(void *unused) {
    for (uint32_t i = 0; !atomic_load(&is_over); i++) {
        char name[32];
        snprintf(name, sizeof name, "n%u.d%u.test", i, i);
        sps_stream_destroy(begin_connect(name, 1));
    }
    return unused;
}

// Whether the child returns from the calls that never wait.
static bool child_goes_on(void) {
    const pid_t child = fork();
    EXPECT(child != -1, "fork");
    if (child == 0) {
        alarm(CHILD_SECONDS);
        sps_ip *ip;
        EXPECT_OK(sps_ip_create(NULL, &ip));
        int32_t id;
        EXPECT_OK(sps_ip_queue_resolve_item(ip, "child.test", SPS_IP_TYPE_ANY, &id));
        sps_stream_destroy(begin_connect("child.test", 1));
        sps_ip_destroy(ip);
        _exit(EXIT_SUCCESS);
    }
    int status;
    EXPECT(waitpid(child, &status, 0) == child, "waitpid");
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

static int run_storm(uint32_t children) {
    pthread_t thread;
    EXPECT(pthread_create(&thread, NULL, begin_and_end, NULL) == 0, "no thread");
    uint32_t hung = 0;
    // stops at the first one, since each takes time
    for (uint32_t i = 0; i < children && hung == 0; i++) {
        hung += !child_goes_on();
    }
    atomic_store(&is_over, true);
    pthread_join(thread, NULL);
    printf("{\"children\": %u, \"hung\": %u}\n", children, hung);
    return EXIT_SUCCESS;
}

// ---- share

static void finish_connect(const char *who, sps_stream *stream) {
    const uint64_t begin = now_us();
    while (status_of(stream) == SPS_STATUS_CONNECTING) {
        pause_us(1000);
        sps_socket_poll(stream);
    }
    printf("{\"who\": \"%s\", \"status\": %d, \"reason\": \"%s\", \"took\": %llu}\n", who,
           status_of(stream), sps_close_reason_name(reason_of(stream)),
           (unsigned long long)(now_us() - begin));
    fflush(stdout);
    sps_stream_destroy(stream);
}

// Polls until a line comes. Slow names get more workers.
static void poll_until_line(sps_stream *const *streams, uint32_t count) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    while (poll(&input, 1, 10) == 0) {
        for (uint32_t i = 0; i < count; i++) {
            sps_socket_poll(streams[i]);
        }
    }
    EXPECT(getchar() == '\n', "nothing to begin with");
}

static int run_share(uint32_t count, const char *host, int32_t port) {
    enum { MOST = 256 };
    EXPECT(count <= MOST, "at most %d", MOST);
    sps_stream *others[MOST];
    for (uint32_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%u.d%u.test", i, i);
        others[i] = begin_connect(name, port);
    }
    sps_stream *stream = begin_connect(host, port);
    poll_until_line(others, count);
    const pid_t child = fork();
    if (child == 0) {
        alarm(CHILD_SECONDS);
        puts("{\"who\": \"fork\"}");
        fflush(stdout);
        EXPECT(getchar() == '\n', "nothing to go on with");
        sps_stream_destroy(stream); // the child's copy, which it may destroy
        finish_connect("child", begin_connect(host, port));
        finish_connect("child, another name", begin_connect("another.test", port));
        _exit(EXIT_SUCCESS);
    }
    finish_connect("parent", stream);
    for (uint32_t i = 0; i < count; i++) {
        sps_stream_destroy(others[i]);
    }
    int status;
    EXPECT(waitpid(child, &status, 0) == child && status == 0, "the child: %d", status);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "storm") == 0) {
        return run_storm(number(argv[2]));
    }
    EXPECT(argc == 5 && strcmp(argv[1], "share") == 0, "usage: see the head of fork_lab.c");
    return run_share(number(argv[2]), argv[3], (int32_t)number(argv[4]));
}
