// SPDX-License-Identifier: MIT
//
// The settings that a user makes for all connections of a socket.
#ifndef SPSI_SETTINGS_H
#define SPSI_SETTINGS_H

#include "streampeersocket/error.h"

#include "platform/platform.h"

enum {
    SPSI_DEFAULT_CONNECT_TIMEOUT_MS = 30000,
    SPSI_DEFAULT_ATTEMPT_DELAY_MS = 250, // RFC 8305, 8
    SPSI_LEAST_ATTEMPT_DELAY_MS = 10,    // RFC 8305, 5
};

// Times in milliseconds, sizes in bytes; 0 is the OS's own, or none.
typedef struct spsi_settings {
    uint32_t idle_timeout_ms;
    uint32_t connect_timeout_ms; // never 0
    uint32_t attempt_delay_ms;   // never 0
    uint32_t user_timeout_ms;
    uint32_t keepalive_idle_ms;
    uint32_t keepalive_interval_ms;
    uint32_t keepalive_count;
    uint32_t send_buffer_bytes;
    uint32_t receive_buffer_bytes;
} spsi_settings;

// Whether a number of milliseconds is one: a negative number that became unsigned is none.
static inline bool spsi_is_timeout(uint32_t ms) {
    return ms <= INT32_MAX;
}

// Reads the options; ERR_INVALID_PARAMETER or ERR_PARAMETER_RANGE_ERROR as the setters of each.
sps_error spsi_settings_read(const sps_stream_options *options, spsi_settings *out_settings);

// ERR_PARAMETER_RANGE_ERROR beyond what OSes can do.
sps_error spsi_keepalive_check(uint32_t idle_ms, uint32_t interval_ms, uint32_t count);

// Applies the settings that must precede connect or listen. A setting that the OS refuses keeps the
// OS's default.
void spsi_settings_prepare(const spsi_settings *settings, const sps_platform *platform,
                           spsi_handle handle);

// Applies the settings of a TCP connection, in the same way.
void spsi_settings_apply_tcp(const spsi_settings *settings, const sps_platform *platform,
                             spsi_handle handle);

// Turns keepalive on or off as the settings say.
spsi_result spsi_keepalive_set(const spsi_settings *settings, const sps_platform *platform,
                               spsi_handle handle);

#endif
