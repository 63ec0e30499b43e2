// SPDX-License-Identifier: MIT
//
// The platform table for Windows.
#ifdef _WIN32

#include "platform/windows/windows.h"

static bool has_abstract_names(const sps_platform *platform) {
    (void)platform;
    return false;
}

// A full backlog is WSAECONNREFUSED, too.
static bool refusal_is_proof(const sps_platform *platform) {
    (void)platform;
    return false;
}

static void lock(const sps_platform *platform) {
    (void)platform;
    spsi_windows_lock(SPSI_WINDOWS_OBJECTS);
}

static void unlock(const sps_platform *platform) {
    (void)platform;
    spsi_windows_unlock(SPSI_WINDOWS_OBJECTS);
}

static const sps_platform windows_platform = {
    SPSI_PLATFORM_HEAD,
    .now_us = spsi_windows_now_us,
    .open = spsi_windows_open,
    .close = spsi_windows_close,
    .bind = spsi_windows_bind,
    .set_option = spsi_windows_set_option,
    .get_option = spsi_windows_get_option,
    .listen = spsi_windows_listen,
    .accept = spsi_windows_accept,
    .connect = spsi_windows_connect,
    .connect_result = spsi_windows_connect_result,
    .receive = spsi_windows_receive,
    .receive_waiting = spsi_windows_receive, // no call can wait for one transfer alone
    .send = spsi_windows_send,
    .pending_failure = spsi_windows_pending_failure,
    .available = spsi_windows_available,
    .shutdown_write = spsi_windows_shutdown_write,
    .wait = spsi_windows_wait,
    .selector_create = spsi_windows_selector_create,
    .selector_destroy = spsi_windows_selector_destroy,
    .selector_set = spsi_windows_selector_set,
    .selector_wait = spsi_windows_selector_wait,
    .selector_next = spsi_windows_selector_next,
    .selector_wake = spsi_windows_selector_wake,
    .selector_descriptor = spsi_windows_selector_descriptor,
    .descriptor = spsi_windows_descriptor,
    .local_address = spsi_windows_local_address,
    .peer_address = spsi_windows_peer_address,
    .tcp_info = spsi_windows_tcp_info,
    .peer_credentials = spsi_windows_peer_credentials,
    .inspect = spsi_windows_inspect,
    .adopt = spsi_windows_adopt,
    .max_path_bytes = spsi_windows_max_path_bytes,
    .has_abstract_names = has_abstract_names,
    .refusal_is_proof = refusal_is_proof,
    .absolute_path = spsi_windows_absolute_path,
    .file_of = spsi_windows_file_of,
    .remove_file = spsi_windows_remove_file,
    .set_file_mode = spsi_windows_set_file_mode,
    .lock_path = spsi_windows_lock_path,
    .unlock_path = spsi_windows_unlock_path,
    .scope_of = spsi_windows_scope_of,
    .local_addresses = spsi_windows_local_addresses,
    .lookup_start = spsi_windows_lookup_start,
    .lookup_result = spsi_windows_lookup_result,
    .lookup_wait = spsi_windows_lookup_wait,
    .lookup_watch = spsi_windows_lookup_watch,
    .lookup_unwatch = spsi_windows_lookup_unwatch,
    .lookup_end = spsi_windows_lookup_end,
    .lookup_forget = spsi_windows_lookup_forget,
    .lock = lock,
    .unlock = unlock,
};

const sps_platform *spsi_os_platform(void) {
    return &windows_platform;
}

#else
typedef int spsi_windows_platform_is_elsewhere; // ISO C wants a declaration in each file
#endif
