// SPDX-License-Identifier: MIT
//
// Proves that a thread of the library has ended. Its last instructions follow its last signal, and
// the library must not be unloaded under them. Joining is impossible, because most programs have no
// thread that could join. So a worker takes a robust mutex before its last signal and ends while it
// holds it. The next owner of the mutex learns that the worker is gone
// (pthread_mutexattr_setrobust(3)).
#ifndef _WIN32

#include "platform/posix/unix.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

static pthread_mutex_t exiting;
static bool has_mutex; // under the lock of the look-ups, as prepare()

#if defined(__APPLE__) || defined(__OpenBSD__) || defined(__NetBSD__) || defined(__ANDROID__)

static bool make_robust(pthread_mutexattr_t *attributes) {
    (void)attributes;
    return false;
}

static void make_consistent(void) {}

#else

// Linux alone needs the kernel's help. Emulators of processors refuse it (get_robust_list(2)), and
// glibc would not say so: the next owner would wait for ever.
static bool is_robust_supported(void) {
#ifdef __linux__
    void *list;
    size_t bytes;
    return syscall(SYS_get_robust_list, 0, &list, &bytes) == 0;
#else
    return true;
#endif
}

static bool make_robust(pthread_mutexattr_t *attributes) {
    return is_robust_supported() &&
           pthread_mutexattr_setrobust(attributes, PTHREAD_MUTEX_ROBUST) == 0;
}

static void make_consistent(void) {
    pthread_mutex_consistent(&exiting);
}

#endif

void spsi_posix_exit_prepare(void) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    has_mutex = make_robust(&attributes) && pthread_mutex_init(&exiting, &attributes) == 0;
    pthread_mutexattr_destroy(&attributes);
}

void spsi_posix_exit_begin(void) {
    if (has_mutex && pthread_mutex_lock(&exiting) == EOWNERDEAD) {
        make_consistent();
    }
}

void spsi_posix_exit_cancel(void) {
    if (has_mutex) {
        pthread_mutex_unlock(&exiting);
    }
}

// Where there are no robust mutexes, a moment has to do for a handful of instructions.
void spsi_posix_exit_wait(void) {
    if (!has_mutex) {
        nanosleep(&(struct timespec){0, 10000000}, NULL);
        return;
    }
    spsi_posix_exit_begin();
    spsi_posix_exit_cancel();
}

#else
typedef int spsi_posix_exit_is_elsewhere; // ISO C wants a declaration in each file
#endif
