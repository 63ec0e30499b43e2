// SPDX-License-Identifier: MIT
#include "socket/settings.h"

#include "platform/calls.h"

enum {
    MOST_KEEPALIVE_MS = 32767 * 1000, // tcp(7), and Linux's own bounds
    MOST_KEEPALIVE_COUNT = 127,
};

sps_error spsi_keepalive_check(uint32_t idle_ms, uint32_t interval_ms, uint32_t count) {
    const bool good = idle_ms <= MOST_KEEPALIVE_MS && interval_ms <= MOST_KEEPALIVE_MS &&
                      count <= MOST_KEEPALIVE_COUNT;
    return good ? SPS_OK : SPS_ERR_PARAMETER_RANGE_ERROR;
}

sps_error spsi_settings_read(const sps_stream_options *options, spsi_settings *out_settings) {
    const bool good =
        spsi_is_timeout(options->connect_timeout_ms) && spsi_is_timeout(options->io_timeout_ms) &&
        spsi_is_timeout(options->idle_timeout_ms) && spsi_is_timeout(options->user_timeout_ms) &&
        options->os_send_buffer_bytes <= INT32_MAX && options->os_receive_buffer_bytes <= INT32_MAX;
    if (!good) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_settings = (spsi_settings){
        .connect_timeout_ms = options->connect_timeout_ms != 0 ? options->connect_timeout_ms
                                                               : SPSI_DEFAULT_CONNECT_TIMEOUT_MS,
        .attempt_delay_ms = SPSI_DEFAULT_ATTEMPT_DELAY_MS,
        .idle_timeout_ms = options->idle_timeout_ms,
        .user_timeout_ms = options->user_timeout_ms,
        .keepalive_idle_ms = options->keepalive_idle_ms,
        .keepalive_interval_ms = options->keepalive_interval_ms,
        .keepalive_count = options->keepalive_count,
        .send_buffer_bytes = options->os_send_buffer_bytes,
        .receive_buffer_bytes = options->os_receive_buffer_bytes,
    };
    return spsi_keepalive_check(options->keepalive_idle_ms, options->keepalive_interval_ms,
                                options->keepalive_count);
}

// ---- Applying

static spsi_result set(const sps_platform *platform, spsi_handle handle, spsi_option option,
                       uint32_t value) {
    if (value == 0) {
        return (spsi_result){SPSI_DONE, 0};
    }
    return spsi_os_set_option(platform, handle, option, value);
}

void spsi_settings_prepare(const spsi_settings *settings, const sps_platform *platform,
                           spsi_handle handle) {
    set(platform, handle, SPSI_SEND_BUFFER, settings->send_buffer_bytes);
    set(platform, handle, SPSI_RECEIVE_BUFFER, settings->receive_buffer_bytes);
}

void spsi_settings_apply_tcp(const spsi_settings *settings, const sps_platform *platform,
                             spsi_handle handle) {
    set(platform, handle, SPSI_USER_TIMEOUT, settings->user_timeout_ms);
    if (settings->keepalive_idle_ms != 0) {
        spsi_keepalive_set(settings, platform, handle);
    }
}

spsi_result spsi_keepalive_set(const spsi_settings *settings, const sps_platform *platform,
                               spsi_handle handle) {
    set(platform, handle, SPSI_KEEPALIVE_INTERVAL, settings->keepalive_interval_ms);
    set(platform, handle, SPSI_KEEPALIVE_COUNT, settings->keepalive_count);
    return spsi_os_set_option(platform, handle, SPSI_KEEPALIVE_IDLE, settings->keepalive_idle_ms);
}
