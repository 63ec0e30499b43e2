// SPDX-License-Identifier: MIT
//
// The locks of the process.
#ifdef _WIN32

#include "platform/windows/windows.h"

static SRWLOCK locks[SPSI_WINDOWS_LOCKS] = {SRWLOCK_INIT, SRWLOCK_INIT};

SRWLOCK *spsi_windows_lock(spsi_windows_lock_name name) {
    AcquireSRWLockExclusive(&locks[name]);
    return &locks[name];
}

void spsi_windows_unlock(spsi_windows_lock_name name) {
    ReleaseSRWLockExclusive(&locks[name]);
}

#else
typedef int spsi_windows_locks_is_elsewhere; // ISO C wants a declaration in each file
#endif
