// SPDX-License-Identifier: MIT
//
// Counts of references that several threads share.
#ifndef SPSI_TLS_REFERENCES_H
#define SPSI_TLS_REFERENCES_H

#include <stdbool.h>

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
typedef volatile long spsi_tls_references;
static inline void spsi_tls_references_add(spsi_tls_references *count) {
    _InterlockedIncrement(count);
}
static inline bool spsi_tls_references_drop(spsi_tls_references *count) {
    return _InterlockedDecrement(count) == 0;
}
#else
typedef long spsi_tls_references;
static inline void spsi_tls_references_add(spsi_tls_references *count) {
    __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
}
// True for the last one.
static inline bool spsi_tls_references_drop(spsi_tls_references *count) {
    return __atomic_sub_fetch(count, 1, __ATOMIC_ACQ_REL) == 0;
}
#endif

#endif
