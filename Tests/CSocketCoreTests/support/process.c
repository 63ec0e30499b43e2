// SPDX-License-Identifier: MIT
//
// This process, on Unix.
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/support.h"

// ---- What it holds

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
int count_children(void) {
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

void allow_descriptors(size_t least) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    ck_assert_msg((uintmax_t)limit.rlim_cur >= least, "too few descriptors: %ju",
                  (uintmax_t)limit.rlim_cur);
}

// ---- Time

double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void pause_machine(void) {
    nanosleep(&(struct timespec){0, 500000}, NULL);
}

// ---- Its end

static pid_t counting; // the process that counts; 0: none

// A test that fails ends by _exit(2), which calls no handler.
static void end_early(void) {
    if (counting == getpid()) {
        fputs("the test has ended its process\n", stderr);
        _exit(EXIT_FAILURE);
    }
}

void refuse_early_end(void) {
    counting = getpid();
    atexit(end_early);
}

void allow_early_end(void) {
    counting = 0;
}

// ---- What differs between systems

const char *why_left_out(const char *test) {
    (void)test;
    return NULL;
}

void expect_own_credentials(const sps_peer_credentials *credentials) {
    ck_assert_int_eq(credentials->pid, getpid());
    ck_assert_uint_eq(credentials->uid, geteuid());
    ck_assert_uint_eq(credentials->gid, getegid());
}
