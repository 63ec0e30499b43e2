// SPDX-License-Identifier: MIT
//
// listen_lab: servers on a path.
//
//     listen_lab serve PATH            listens, prints a line, and sends every client the number
//                                      of this process, until stdin ends
//     listen_lab race SEED COUNT PATH  COUNT times two processes listen on PATH at the same time;
//                                      one wins each time. Prints the results as JSON.
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab.h"

static sps_server *new_server(void) {
    sps_server *server;
    EXPECT_OK(sps_uds_server_create(NULL, &server));
    return server;
}

// ---- serve

static bool stdin_has_ended(void) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char byte;
    return poll(&input, 1, 1) == 1 && read(STDIN_FILENO, &byte, 1) == 0;
}

static int run_serve(const char *path) {
    sps_server *server = new_server();
    const sps_error error = sps_uds_server_listen(server, path);
    puts(sps_error_name(error));
    fflush(stdout);
    while (error == SPS_OK && !stdin_has_ended()) {
        sps_stream *client;
        if (sps_server_take_connection(server, &client) == SPS_OK) {
            sps_stream_put_u32(client, (uint32_t)getpid()); // a probe may have gone already
            sps_stream_destroy(client);
        }
    }
    sps_server_destroy(server);
    return EXIT_SUCCESS;
}

// ---- relisten

// Does nothing else, so a kill interrupts it midway.
static void run_relisten(const char *path) {
    putchar('\n');
    fflush(stdout);
    for (;;) {
        sps_server *server = new_server();
        sps_uds_server_listen(server, path);
        sps_server_destroy(server);
    }
}

// ---- race

enum { RACERS = 2 };

// Shared by the processes. A round has three parts, and all processes wait for each other after
// each part. The racers listen, the referee checks, the winner ends.
typedef struct course {
    pthread_barrier_t barrier;
    uint64_t start_us;
    bool is_to_abandon; // the winner leaves its file behind
    struct {
        pid_t pid;
        uint32_t jitter_us;
        sps_error error;
        uint64_t begin_us;
        uint64_t end_us;
    } racers[RACERS];
} course;

static void wait_for_all(course *course) {
    pthread_barrier_wait(&course->barrier);
}

// Ends like a killed process: its file stays.
static void abandon(sps_server *server) {
    intptr_t fd;
    EXPECT_OK(sps_server_release_fd(server, &fd));
    close((int)fd);
}

// Puts each process on its own processor, if there are several, to run them at the same time.
static void choose_processor(int number) {
    cpu_set_t all, own;
    EXPECT(sched_getaffinity(0, sizeof all, &all) == 0, "sched_getaffinity");
    int wanted = number % CPU_COUNT(&all);
    CPU_ZERO(&own);
    for (int cpu = 0; CPU_COUNT(&own) == 0; cpu++) {
        if (CPU_ISSET(cpu, &all) && wanted-- == 0) {
            CPU_SET(cpu, &own);
        }
    }
    EXPECT(sched_setaffinity(0, sizeof own, &own) == 0, "sched_setaffinity");
}

static void run_racer(course *course, int number, uint32_t rounds, const char *path) {
    sps_server *server = new_server();
    choose_processor(number);
    course->racers[number].pid = getpid();
    while (rounds-- > 0) {
        wait_for_all(course);
        while (now_us() < course->start_us + course->racers[number].jitter_us) {
        }
        course->racers[number].begin_us = now_us();
        const sps_error error = sps_uds_server_listen(server, path);
        course->racers[number].end_us = now_us();
        course->racers[number].error = error;
        wait_for_all(course);
        wait_for_all(course);
        if (error == SPS_OK && course->is_to_abandon) {
            abandon(server);
        }
        EXPECT_OK(sps_server_stop(server));
        wait_for_all(course);
    }
    sps_server_destroy(server);
}

static course *new_course(void) {
    course *course =
        mmap(NULL, sizeof *course, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EXPECT(course != MAP_FAILED, "mmap");
    pthread_barrierattr_t attributes;
    pthread_barrierattr_init(&attributes);
    pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&course->barrier, &attributes, RACERS + 1);
    pthread_barrierattr_destroy(&attributes);
    return course;
}

static void start_racer(course *course, int number, uint32_t rounds, const char *path) {
    const pid_t pid = fork();
    EXPECT(pid != -1, "fork");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); // if the referee fails, no racer waits for ever
        run_racer(course, number, rounds, path);
        exit(EXIT_SUCCESS);
    }
}

static void check_winner(const course *course, uint32_t round, const char *path) {
    int winner = -1;
    for (int i = 0; i < RACERS; i++) {
        const sps_error error = course->racers[i].error;
        EXPECT(error == SPS_OK || error == SPS_ERR_ALREADY_IN_USE, "round %u: %s", round,
               sps_error_name(error));
        EXPECT(error != SPS_OK || winner == -1, "round %u: more than one won", round);
        winner = error == SPS_OK ? i : winner;
    }
    EXPECT(winner != -1, "round %u: nobody won", round);
    sps_stream *client;
    EXPECT_OK(sps_uds_create(NULL, &client));
    EXPECT_OK(sps_uds_connect(client, path));
    sps_peer_credentials peer = {.struct_size = sizeof peer};
    EXPECT_OK(sps_uds_get_peer_credentials(client, &peer));
    EXPECT(peer.pid == course->racers[winner].pid, "round %u: process %d answers, not %d", round,
           peer.pid, course->racers[winner].pid);
    sps_stream_destroy(client);
}

static bool is_there(const char *path) {
    return access(path, F_OK) == 0;
}

static int run_race(uint32_t seed, uint32_t rounds, const char *path) {
    chance dice = {(uint64_t)seed << 32};
    char lock[256];
    snprintf(lock, sizeof lock, "%s.sps-lock", path);
    course *course = new_course();
    for (int i = 0; i < RACERS; i++) {
        start_racer(course, i, rounds, path);
    }
    alarm(PATIENCE_US / 1000000); // and if a racer fails, the referee does not
    sps_server *server = new_server();
    uint32_t stale = 0, overlapping = 0, won[RACERS] = {0};
    for (uint32_t round = 0; round < rounds; round++) {
        if (pick(&dice, 4) > 0 && !is_there(path)) {
            EXPECT_OK(sps_uds_server_listen(server, path));
            abandon(server);
        }
        stale += is_there(path);
        course->is_to_abandon = pick(&dice, 2) == 0;
        for (int i = 0; i < RACERS; i++) { // the whole call takes about 50 us
            course->racers[i].jitter_us = pick(&dice, 50);
        }
        course->start_us = now_us() + 150; // time enough for all to wake up
        wait_for_all(course);
        wait_for_all(course);
        check_winner(course, round, path);
        EXPECT(!is_there(lock), "round %u: the lock is left", round);
        overlapping += course->racers[0].begin_us <= course->racers[1].end_us &&
                       course->racers[1].begin_us <= course->racers[0].end_us;
        for (int i = 0; i < RACERS; i++) {
            won[i] += course->racers[i].error == SPS_OK;
        }
        wait_for_all(course);
        wait_for_all(course);
        EXPECT(is_there(path) == course->is_to_abandon, "round %u: the file", round);
    }
    for (int i = 0; i < RACERS; i++) {
        int status;
        EXPECT(wait(&status) != -1 && status == 0, "a racer failed");
    }
    printf("{\"rounds\": %u, \"stale\": %u, \"overlapping\": %u, \"won\": [%u, %u]}\n", rounds,
           stale, overlapping, won[0], won[1]);
    sps_server_destroy(server);
    munmap(course, sizeof *course);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    const char *command = argc > 1 ? argv[1] : "";
    if (strcmp(command, "serve") == 0 && argc == 3) {
        return run_serve(argv[2]);
    }
    if (strcmp(command, "relisten") == 0 && argc == 3) {
        run_relisten(argv[2]);
    }
    if (strcmp(command, "race") == 0 && argc == 5) {
        return run_race(number(argv[2]), number(argv[3]), argv[4]);
    }
    fputs("usage: listen_lab serve | relisten | race ... (see the source)\n", stderr);
    return 64; // EX_USAGE
}
