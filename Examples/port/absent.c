// SPDX-License-Identifier: MIT
//
// The functions that a small port answers with "no". The library then does without.
#include "port.h"

static const spsi_result unsupported = {SPSI_UNSUPPORTED, 0};
static const spsi_result failed = {SPSI_FAILED, 0};

// ---- Descriptors for other event loops

spsi_handle port_no_selector_descriptor(const sps_platform *platform,
                                        const spsi_selector *selector) {
    (void)platform;
    (void)selector;
    return SPSI_NO_HANDLE;
}

spsi_handle port_no_descriptor(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    (void)handle;
    return SPSI_NO_HANDLE;
}

// ---- Statistics and credentials

spsi_result port_no_tcp_info(const sps_platform *platform, spsi_handle handle,
                             sps_tcp_info *out_info) {
    (void)platform;
    (void)handle;
    (void)out_info;
    return unsupported;
}

spsi_result port_no_credentials(const sps_platform *platform, spsi_handle handle,
                                sps_peer_credentials *out_credentials) {
    (void)platform;
    (void)handle;
    (void)out_credentials;
    return unsupported;
}

// ---- Unix sockets: no path is valid, so the others are hardly called

size_t port_no_paths(const sps_platform *platform) {
    (void)platform;
    return 0;
}

bool port_no(const sps_platform *platform) {
    (void)platform;
    return false;
}

spsi_result port_no_absolute_path(const sps_platform *platform, const char *path, char *buffer,
                                  size_t buffer_bytes) {
    (void)platform;
    (void)path;
    (void)buffer;
    (void)buffer_bytes;
    return failed;
}

bool port_no_file(const sps_platform *platform, const char *path, spsi_file *out_file) {
    (void)platform;
    (void)path;
    (void)out_file;
    return false;
}

void port_remove_no_file(const sps_platform *platform, const char *path, const spsi_file *file) {
    (void)platform;
    (void)path;
    (void)file;
}

spsi_result port_no_file_mode(const sps_platform *platform, const char *path, uint32_t mode) {
    (void)platform;
    (void)path;
    (void)mode;
    return failed;
}

spsi_result port_no_lock(const sps_platform *platform, const char *path, spsi_handle *out_lock) {
    (void)platform;
    (void)path;
    *out_lock = SPSI_NO_HANDLE;
    return unsupported;
}

void port_unlock_nothing(const sps_platform *platform, const char *path, spsi_handle lock) {
    (void)platform;
    (void)path;
    (void)lock;
}

// ---- Interfaces

uint32_t port_no_scope(const sps_platform *platform, const char *interface_name) {
    (void)platform;
    (void)interface_name;
    return 0;
}

spsi_result port_no_addresses(const sps_platform *platform, sps_local_address *out_addresses,
                              size_t capacity, size_t *out_count) {
    (void)platform;
    (void)out_addresses;
    (void)capacity;
    *out_count = 0;
    return (spsi_result){SPSI_DONE, 0};
}
