// SPDX-License-Identifier: MIT
//
// Counts the descriptors and threads of the program, for labs that must leave none behind.
#ifndef THREADS_H
#define THREADS_H

#include <dirent.h>
#include <pthread.h>

#include "lab.h"

static inline size_t count_entries(const char *path) {
    DIR *folder = opendir(path);
    EXPECT(folder != NULL, "%s", path);
    size_t count = 0;
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

static inline void *do_nothing(void *unused) {
    return unused;
}

// A sanitizer may start threads of its own together with the program's first one.
static inline size_t count_threads_at_rest(void) {
    pthread_t thread;
    EXPECT(pthread_create(&thread, NULL, do_nothing, NULL) == 0, "no thread");
    pthread_join(thread, NULL);
    return count_entries("/proc/self/task");
}

// Waits until the program has at most this many threads. Returns false after the timeout.
static inline bool wait_for_threads(size_t threads, uint64_t time_us) {
    for (const uint64_t begin = now_us(); count_entries("/proc/self/task") > threads;) {
        if (now_us() - begin >= time_us) {
            return false;
        }
        pause_us(1000);
    }
    return true;
}

#endif
