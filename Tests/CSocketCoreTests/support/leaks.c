// SPDX-License-Identifier: MIT
//
// What a test may not leave behind: descriptors, threads, child processes, memory.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/sanitizers.h"
#include "support/support.h"

// The thread sanitizer has a thread of its own, which begins with the first of the program's.
enum { THREADS_OF_OTHERS = THREAD_SANITIZER };

typedef struct holdings {
    int descriptors, threads, children;
    long blocks;
} holdings;

static holdings before;
static pid_t counting; // the process that does; 0: none

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

// Those that nobody has waited for; none is reaped.
static int count_children(void) {
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

static holdings count_holdings(void) {
    return (holdings){count_descriptors(), count_threads(), count_children(),
                      count_memory_blocks()};
}

// Names that were found are kept for a while, which is meant.
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

// The clock of the machine, also where the tests have a simulated one.
static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// The tests of the tests wait less.
static double patience(void) {
    const char *seconds = getenv("SPS_LEAK_SECONDS");
    return seconds != NULL ? strtod(seconds, NULL) : 60;
}

// To Check, a test that ends its process with success has passed, whatever else it was to do.
static void refuse_early_end(int status, void *unused) {
    (void)unused;
    if (status == 0 && counting == getpid()) {
        fputs("the test has ended its process\n", stderr);
        _exit(EXIT_FAILURE);
    }
}

void begin_counting(void) {
    counting = getpid();
    on_exit(refuse_early_end, NULL);
    begin_counting_memory();
    before = count_holdings();
}

// A look-up that was abandoned holds a thread, and it something, until the name's server answers; a leak
// holds it for ever.
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
