// SPDX-License-Identifier: MIT
//
// A test must not leave descriptors, threads, child processes or memory behind.
#include <stdlib.h>

#include "support/sanitizers.h"
#include "support/support.h"

// The thread sanitizer starts a thread of its own together with the program's first one.
enum { THREADS_OF_OTHERS = THREAD_SANITIZER };

typedef struct holdings {
    int descriptors, threads, children;
    long blocks;
} holdings;

static holdings before;

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

// The tests of the runner wait for a shorter time.
static double patience(void) {
    const char *seconds = getenv("SPS_LEAK_SECONDS");
    return seconds != NULL ? strtod(seconds, NULL) : 60;
}

void begin_counting(void) {
    refuse_early_end();
    begin_counting_memory();
    before = count_holdings();
}

// An abandoned look-up holds a thread and memory until the name server answers. A leak holds them
// for ever, so wait before failing.
void expect_nothing_left(void) {
    const double end = seconds_now() + patience();
    holdings now;
    allow_early_end();
    forget_names();
    while (now = count_holdings(), !is_nothing_left(&now)) {
        ck_assert_msg(seconds_now() < end,
                      "left behind: %d descriptors, %d threads, %d child processes, %ld blocks of "
                      "memory",
                      now.descriptors - before.descriptors, now.threads - before.threads,
                      now.children - before.children, now.blocks - before.blocks);
        pause_machine();
        forget_names();
    }
}
