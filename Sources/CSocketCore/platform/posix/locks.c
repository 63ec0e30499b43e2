// SPDX-License-Identifier: MIT
//
// The locks of the process. fork(2) copies a lock that another thread holds, and leaves that thread
// out: nobody would ever release it in the child. So the thread that forks takes all of them first
// (pthread_atfork(3)), and both sides release them.
#ifndef _WIN32

#include "platform/posix/unix.h"

#include <pthread.h>

// In the order in which they are taken.
static pthread_mutex_t locks[SPSI_LOCKS] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
static pthread_once_t once = PTHREAD_ONCE_INIT;
static unsigned forks;

static void take_all(void) {
    for (int i = 0; i < SPSI_LOCKS; i++) {
        pthread_mutex_lock(&locks[i]);
    }
}

static void release_all(void) {
    for (int i = SPSI_LOCKS; i-- > 0;) {
        pthread_mutex_unlock(&locks[i]);
    }
}

static void release_all_in_child(void) {
    forks++;
    release_all();
}

// Fails only without memory. Then a fork is as safe as fork(2) makes it.
static void watch_forks(void) {
    pthread_atfork(take_all, release_all, release_all_in_child);
}

pthread_mutex_t *spsi_posix_lock(spsi_lock lock) {
    pthread_once(&once, watch_forks);
    pthread_mutex_lock(&locks[lock]);
    return &locks[lock];
}

void spsi_posix_unlock(spsi_lock lock) {
    pthread_mutex_unlock(&locks[lock]);
}

unsigned spsi_posix_forks(void) {
    return forks;
}

#else
typedef int spsi_posix_locks_is_elsewhere; // ISO C wants a declaration in each file
#endif
