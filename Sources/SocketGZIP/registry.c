// SPDX-License-Identifier: MIT
//
// All gzip streams of the process, in a hash table by the address of their stream. Only calls of
// gzip.h look here, and no get or put.
#include <stddef.h>
#include <stdint.h>

#include "stream.h"

#if defined(_WIN32)
#include <windows.h>
static SRWLOCK the_lock = SRWLOCK_INIT;
static void lock(void) {
    AcquireSRWLockExclusive(&the_lock);
}
static void unlock(void) {
    ReleaseSRWLockExclusive(&the_lock);
}
#else
#include <pthread.h>
static pthread_mutex_t the_lock = PTHREAD_MUTEX_INITIALIZER;
static void lock(void) {
    pthread_mutex_lock(&the_lock);
}
static void unlock(void) {
    pthread_mutex_unlock(&the_lock);
}
#endif

enum { ROWS = 1024, ALIGNMENT = 64 };

static spsi_gzip *rows[ROWS];

static spsi_gzip **row_of(const sps_stream *stream) {
    const uintptr_t number = (uintptr_t)stream / ALIGNMENT;
    return &rows[(number ^ number / ROWS) % ROWS];
}

void spsi_gzip_register(spsi_gzip *gzip) {
    lock();
    spsi_gzip **row = row_of(gzip->stream);
    gzip->next = *row;
    gzip->previous = NULL;
    if (gzip->next != NULL) {
        gzip->next->previous = gzip;
    }
    *row = gzip;
    unlock();
}

void spsi_gzip_unregister(spsi_gzip *gzip) {
    lock();
    if (gzip->previous != NULL) {
        gzip->previous->next = gzip->next;
    } else {
        *row_of(gzip->stream) = gzip->next;
    }
    if (gzip->next != NULL) {
        gzip->next->previous = gzip->previous;
    }
    unlock();
}

spsi_gzip *spsi_gzip_find(const sps_stream *stream) {
    lock();
    spsi_gzip *gzip = *row_of(stream);
    while (gzip != NULL && gzip->stream != stream) {
        gzip = gzip->next;
    }
    unlock();
    return gzip;
}

sps_error spsi_gzip_find_kind(const sps_stream *stream, spsi_gzip_kind kind, spsi_gzip **out_gzip) {
    if (stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_gzip = spsi_gzip_find(stream);
    return *out_gzip != NULL && (*out_gzip)->kind == kind ? SPS_OK : SPS_ERR_UNAVAILABLE;
}
