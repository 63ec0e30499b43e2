// SPDX-License-Identifier: MIT
//
// A call to the platform, by the name of the function in its table. Contracts: platform.h.
#ifndef SPSI_PLATFORM_CALLS_H
#define SPSI_PLATFORM_CALLS_H

#include "platform/platform.h"

static inline uint64_t spsi_os_now_us(const sps_platform *platform) {
    return platform->now_us(platform);
}

static inline spsi_result spsi_os_open(const sps_platform *platform, spsi_family family,
                                       spsi_handle *out_handle) {
    return platform->open(platform, family, out_handle);
}

static inline void spsi_os_close(const sps_platform *platform, spsi_handle handle) {
    platform->close(platform, handle);
}

static inline spsi_result spsi_os_bind(const sps_platform *platform, spsi_handle handle,
                                       const spsi_address *address) {
    return platform->bind(platform, handle, address);
}

static inline spsi_result spsi_os_set_option(const sps_platform *platform, spsi_handle handle,
                                             spsi_option option, uint32_t value) {
    return platform->set_option(platform, handle, option, value);
}

static inline spsi_result spsi_os_get_option(const sps_platform *platform, spsi_handle handle,
                                             spsi_option option, uint32_t *out_value) {
    return platform->get_option(platform, handle, option, out_value);
}

static inline spsi_result spsi_os_listen(const sps_platform *platform, spsi_handle handle,
                                         uint32_t backlog) {
    return platform->listen(platform, handle, backlog);
}

static inline spsi_result spsi_os_accept(const sps_platform *platform, spsi_handle handle,
                                         spsi_handle *out_handle, spsi_address *out_peer) {
    return platform->accept(platform, handle, out_handle, out_peer);
}

static inline spsi_result spsi_os_connect(const sps_platform *platform, spsi_handle handle,
                                          const spsi_address *address) {
    return platform->connect(platform, handle, address);
}

static inline spsi_result spsi_os_connect_result(const sps_platform *platform, spsi_handle handle) {
    return platform->connect_result(platform, handle);
}

static inline spsi_result spsi_os_receive(const sps_platform *platform, spsi_handle handle,
                                          void *buffer, size_t size, size_t *out_received) {
    return platform->receive(platform, handle, buffer, size, out_received);
}

static inline spsi_result spsi_os_receive_waiting(const sps_platform *platform, spsi_handle handle,
                                                  void *buffer, size_t size, size_t *out_received) {
    return platform->receive_waiting(platform, handle, buffer, size, out_received);
}

static inline spsi_result spsi_os_send(const sps_platform *platform, spsi_handle handle,
                                       const spsi_slice *slices, size_t count, size_t *out_sent) {
    return platform->send(platform, handle, slices, count, out_sent);
}

static inline spsi_result spsi_os_pending_failure(const sps_platform *platform,
                                                  spsi_handle handle) {
    return platform->pending_failure(platform, handle);
}

static inline spsi_result spsi_os_available(const sps_platform *platform, spsi_handle handle,
                                            size_t *out_bytes) {
    return platform->available(platform, handle, out_bytes);
}

static inline spsi_result spsi_os_shutdown_write(const sps_platform *platform, spsi_handle handle) {
    return platform->shutdown_write(platform, handle);
}

static inline spsi_result spsi_os_wait(const sps_platform *platform, spsi_handle handle,
                                       unsigned interests, uint64_t timeout_us) {
    return platform->wait(platform, handle, interests, timeout_us);
}

static inline spsi_result spsi_os_selector_create(const sps_platform *platform,
                                                  const sps_allocator *allocator,
                                                  spsi_selector **out_selector) {
    return platform->selector_create(platform, allocator, out_selector);
}

static inline void spsi_os_selector_destroy(const sps_platform *platform, spsi_selector *selector) {
    platform->selector_destroy(platform, selector);
}

static inline spsi_result spsi_os_selector_set(const sps_platform *platform,
                                               spsi_selector *selector, spsi_handle handle,
                                               unsigned before, unsigned after, void *token) {
    return platform->selector_set(platform, selector, handle, before, after, token);
}

static inline spsi_result spsi_os_selector_wait(const sps_platform *platform,
                                                spsi_selector *selector, uint64_t timeout_us) {
    return platform->selector_wait(platform, selector, timeout_us);
}

static inline bool spsi_os_selector_next(const sps_platform *platform, spsi_selector *selector,
                                         spsi_ready *out_ready) {
    return platform->selector_next(platform, selector, out_ready);
}

static inline void spsi_os_selector_wake(const sps_platform *platform, spsi_selector *selector,
                                         spsi_waker waker) {
    platform->selector_wake(platform, selector, waker);
}

static inline spsi_handle spsi_os_selector_descriptor(const sps_platform *platform,
                                                      const spsi_selector *selector) {
    return platform->selector_descriptor(platform, selector);
}

static inline spsi_handle spsi_os_descriptor(const sps_platform *platform, spsi_handle handle) {
    return platform->descriptor(platform, handle);
}

static inline spsi_result spsi_os_peer_address(const sps_platform *platform, spsi_handle handle,
                                               spsi_address *out_address) {
    return platform->peer_address(platform, handle, out_address);
}

static inline spsi_result spsi_os_local_address(const sps_platform *platform, spsi_handle handle,
                                                spsi_address *out_address) {
    return platform->local_address(platform, handle, out_address);
}

static inline spsi_result spsi_os_tcp_info(const sps_platform *platform, spsi_handle handle,
                                           sps_tcp_info *out_info) {
    return platform->tcp_info(platform, handle, out_info);
}

static inline spsi_result spsi_os_peer_credentials(const sps_platform *platform, spsi_handle handle,
                                                   sps_peer_credentials *out_credentials) {
    return platform->peer_credentials(platform, handle, out_credentials);
}

static inline spsi_socket_kind spsi_os_inspect(const sps_platform *platform, spsi_handle handle,
                                               spsi_family *out_family) {
    return platform->inspect(platform, handle, out_family);
}

static inline spsi_result spsi_os_adopt(const sps_platform *platform, spsi_handle handle) {
    return platform->adopt(platform, handle);
}

static inline size_t spsi_os_max_path_bytes(const sps_platform *platform) {
    return platform->max_path_bytes(platform);
}

static inline bool spsi_os_has_abstract_names(const sps_platform *platform) {
    return platform->has_abstract_names(platform);
}

static inline spsi_result spsi_os_absolute_path(const sps_platform *platform, const char *path,
                                                char *buffer, size_t buffer_bytes) {
    return platform->absolute_path(platform, path, buffer, buffer_bytes);
}

static inline bool spsi_os_file_of(const sps_platform *platform, const char *path,
                                   spsi_file *out_file) {
    return platform->file_of(platform, path, out_file);
}

static inline void spsi_os_remove_file(const sps_platform *platform, const char *path,
                                       const spsi_file *file) {
    platform->remove_file(platform, path, file);
}

static inline spsi_result spsi_os_set_file_mode(const sps_platform *platform, const char *path,
                                                uint32_t mode) {
    return platform->set_file_mode(platform, path, mode);
}

static inline bool spsi_os_refusal_is_proof(const sps_platform *platform) {
    return platform->refusal_is_proof(platform);
}

static inline spsi_result spsi_os_lock_path(const sps_platform *platform, const char *path,
                                            spsi_handle *out_lock) {
    return platform->lock_path(platform, path, out_lock);
}

static inline void spsi_os_unlock_path(const sps_platform *platform, const char *path,
                                       spsi_handle lock) {
    platform->unlock_path(platform, path, lock);
}

static inline uint32_t spsi_os_scope_of(const sps_platform *platform, const char *interface_name) {
    return platform->scope_of(platform, interface_name);
}

static inline spsi_result spsi_os_lookup_start(const sps_platform *platform, const char *name,
                                               unsigned families, spsi_lookup **out_lookup) {
    return platform->lookup_start(platform, name, families, out_lookup);
}

static inline spsi_result spsi_os_lookup_result(const sps_platform *platform, spsi_lookup *lookup,
                                                spsi_address *out_addresses, size_t capacity,
                                                size_t *out_count) {
    return platform->lookup_result(platform, lookup, out_addresses, capacity, out_count);
}

static inline spsi_result spsi_os_lookup_wait(const sps_platform *platform, spsi_lookup *lookup,
                                              uint64_t timeout_us) {
    return platform->lookup_wait(platform, lookup, timeout_us);
}

static inline void spsi_os_lookup_watch(const sps_platform *platform, spsi_lookup *lookup,
                                        spsi_lookup_watch *watch) {
    platform->lookup_watch(platform, lookup, watch);
}

static inline void spsi_os_lookup_unwatch(const sps_platform *platform, spsi_lookup *lookup,
                                          spsi_lookup_watch *watch) {
    platform->lookup_unwatch(platform, lookup, watch);
}

static inline void spsi_os_lookup_end(const sps_platform *platform, spsi_lookup *lookup,
                                      bool was_useful) {
    platform->lookup_end(platform, lookup, was_useful);
}

static inline void spsi_os_lookup_forget(const sps_platform *platform, const char *name) {
    platform->lookup_forget(platform, name);
}

static inline spsi_result spsi_os_local_addresses(const sps_platform *platform,
                                                  sps_local_address *out_addresses, size_t capacity,
                                                  size_t *out_count) {
    return platform->local_addresses(platform, out_addresses, capacity, out_count);
}

static inline void spsi_os_lock(const sps_platform *platform) {
    platform->lock(platform);
}

static inline void spsi_os_unlock(const sps_platform *platform) {
    platform->unlock(platform);
}

#endif
