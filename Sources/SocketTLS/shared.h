// SPDX-License-Identifier: MIT
//
// An object that all threads share. The first thread that has made one sets it, and it stays until
// the process ends. A thread that could not make one leaves the place empty, so the next tries.
#ifndef SPSI_TLS_SHARED_H
#define SPSI_TLS_SHARED_H

#include <stdbool.h>
#include <stddef.h>

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
typedef void *volatile spsi_tls_shared;
static inline void *spsi_tls_shared_get(spsi_tls_shared *place) {
    return _InterlockedCompareExchangePointer(place, NULL, NULL);
}
// False if another thread was first.
static inline bool spsi_tls_shared_set(spsi_tls_shared *place, void *made) {
    return _InterlockedCompareExchangePointer(place, made, NULL) == NULL;
}
#else
typedef void *spsi_tls_shared;
static inline void *spsi_tls_shared_get(spsi_tls_shared *place) {
    return __atomic_load_n(place, __ATOMIC_ACQUIRE);
}
// False if another thread was first.
static inline bool spsi_tls_shared_set(spsi_tls_shared *place, void *made) {
    void *expected = NULL;
    return __atomic_compare_exchange_n(place, &expected, made, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
}
#endif

#endif
