// SPDX-License-Identifier: MIT
//
// A test must not leave descriptors, threads, child processes or memory behind.
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/sanitizers.h"
#include "support/support.h"

// The thread sanitizer starts a thread of its own together with the program's first one.
enum { THREADS_OF_OTHERS = THREAD_SANITIZER };

typedef struct holdings {
    int descriptors, threads, children;
    long blocks;
} holdings;

static holdings before;
static pid_t counting; // the process that counts; 0: none

static int count_entries(const char *path) {
    int count = 0;
    DIR *listing = opendir(path);
    while (listing != NULL && readdir(listing) != NULL) {
        count++;
    }
    closedir(listing);
    return count;
}

int count_descriptors(void) {
    return count_entries("/proc/self/fd");
}

int count_threads(void) {
    return count_entries("/proc/self/task");
}

// Counts the children without a wait. It reaps none.
static int count_children(void) {
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

static holdings count_holdings(void) {
    return (holdings){count_descriptors(), count_threads(), count_children(),
                      count_memory_blocks()};
}

// The cache keeps names on purpose, so it does not count as a leak.
static void forget_names(void) {
    sps_ip *ip = NULL;
    OK(sps_ip_create(NULL, &ip));
    OK(sps_ip_clear_cache(ip, NULL));
    sps_ip_destroy(ip);
}

static bool is_nothing_left(const holdings *now) {
    return now->descriptors <= before.descriptors &&
           now->threads <= before.threads + THREADS_OF_OTHERS && now->children <= before.children &&
           now->blocks <= before.blocks;
}

// The clock of the machine, even if the tests have a simulated one.
static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// The tests of the runner wait for a shorter time.
static double patience(void) {
    const char *seconds = getenv("SPS_LEAK_SECONDS");
    return seconds != NULL ? strtod(seconds, NULL) : 60;
}

// Check passes a test that ends its process with status 0 too early. This handler makes it fail. A
// test that fails ends by _exit(2), which calls no handler.
static void refuse_early_end(void) {
    if (counting == getpid()) {
        fputs("the test has ended its process\n", stderr);
        _exit(EXIT_FAILURE);
    }
}

void begin_counting(void) {
    counting = getpid();
    atexit(refuse_early_end);
    begin_counting_memory();
    before = count_holdings();
}

// An abandoned look-up holds a thread and memory until the name server answers. A leak holds them
// for ever, so wait before failing.
void expect_nothing_left(void) {
    const double end = seconds_now() + patience();
    holdings now;
    counting = 0;
    forget_names();
    while (now = count_holdings(), !is_nothing_left(&now)) {
        ck_assert_msg(seconds_now() < end,
                      "left behind: %d descriptors, %d threads, %d child processes, %ld blocks of "
                      "memory",
                      now.descriptors - before.descriptors, now.threads - before.threads,
                      now.children - before.children, now.blocks - before.blocks);
        nanosleep(&(struct timespec){0, 500000}, NULL);
        forget_names();
    }
}
