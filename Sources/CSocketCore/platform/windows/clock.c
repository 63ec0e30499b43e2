// SPDX-License-Identifier: MIT
//
// The clock, and times for waits.
#ifdef _WIN32

#include "platform/windows/windows.h"

enum { MOST_WAIT_MS = INT32_MAX };

// Ticks times a million would overflow within days of a fast counter. So whole seconds and the rest
// are converted apart.
uint64_t spsi_windows_now_us(const sps_platform *platform) {
    (void)platform;
    LARGE_INTEGER frequency, now;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&now);
    const uint64_t per_second = (uint64_t)frequency.QuadPart;
    const uint64_t ticks = (uint64_t)now.QuadPart;
    return ticks / per_second * 1000000u + ticks % per_second * 1000000u / per_second;
}

DWORD spsi_windows_wait_ms(uint64_t timeout_us) {
    if (timeout_us == SPSI_FOREVER) {
        return INFINITE;
    }
    const uint64_t ms = timeout_us / 1000 + (timeout_us % 1000 != 0);
    return ms > MOST_WAIT_MS ? MOST_WAIT_MS : (DWORD)ms;
}

#else
typedef int spsi_windows_clock_is_elsewhere; // ISO C wants a declaration in each file
#endif
