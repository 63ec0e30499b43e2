// SPDX-License-Identifier: MIT
//
// The smallest port of the library to another OS: IPv4 over BSD sockets and select(2). It has no
// Unix sockets, no files, and no thread of its own. docs/new-platform.md leads through it. The
// contract's tests run on it (platform_contract_select_tests).
#ifndef PORT_H
#define PORT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE // strict C99 hides the OS's calls
#endif
#include <sys/select.h>

#include "platform/platform.h"

// ---- sockets.c

spsi_result port_failure(int error); // the result for a value of errno
uint64_t port_now_us(const sps_platform *platform);

// select(2) on the sets of reading and writing until the timeout, also after signals. Leaves the
// ready descriptors in the sets.
spsi_result port_select(int limit, fd_set sets[2], uint64_t timeout_us);

// Whether a descriptor fits into a set.
bool port_is_selectable(spsi_handle handle);

// ---- selector.c

spsi_result port_selector_create(const sps_platform *platform, const sps_allocator *allocator,
                                 spsi_selector **out_selector);
void port_selector_destroy(const sps_platform *platform, spsi_selector *selector);
spsi_result port_selector_set(const sps_platform *platform, spsi_selector *selector,
                              spsi_handle handle, unsigned before, unsigned after, void *token);
spsi_result port_selector_wait(const sps_platform *platform, spsi_selector *selector,
                               uint64_t timeout_us);
bool port_selector_next(const sps_platform *platform, spsi_selector *selector,
                        spsi_ready *out_ready);
void port_selector_wake(const sps_platform *platform, spsi_selector *selector, spsi_waker waker);

#define PORT_SELECTOR                                                                              \
    .selector_create = port_selector_create, .selector_destroy = port_selector_destroy,            \
    .selector_set = port_selector_set, .selector_wait = port_selector_wait,                        \
    .selector_next = port_selector_next, .selector_wake = port_selector_wake

// ---- names.c

spsi_result port_lookup_start(const sps_platform *platform, const char *name, unsigned families,
                              spsi_lookup **out_lookup);
spsi_result port_lookup_result(const sps_platform *platform, spsi_lookup *lookup,
                               spsi_address *out_addresses, size_t capacity, size_t *out_count);
spsi_result port_lookup_wait(const sps_platform *platform, spsi_lookup *lookup,
                             uint64_t timeout_us);
void port_lookup_watch(const sps_platform *platform, spsi_lookup *lookup, spsi_lookup_watch *watch);
void port_lookup_unwatch(const sps_platform *platform, spsi_lookup *lookup,
                         spsi_lookup_watch *watch);
void port_lookup_end(const sps_platform *platform, spsi_lookup *lookup, bool was_useful);
void port_lookup_forget(const sps_platform *platform, const char *name);
void port_lock(const sps_platform *platform);
void port_unlock(const sps_platform *platform);

#define PORT_NAMES                                                                                 \
    .lookup_start = port_lookup_start, .lookup_result = port_lookup_result,                        \
    .lookup_wait = port_lookup_wait, .lookup_watch = port_lookup_watch,                            \
    .lookup_unwatch = port_lookup_unwatch, .lookup_end = port_lookup_end,                          \
    .lookup_forget = port_lookup_forget, .lock = port_lock, .unlock = port_unlock

// ---- absent.c: the functions that a small port answers with "no"

spsi_handle port_no_selector_descriptor(const sps_platform *platform,
                                        const spsi_selector *selector);
spsi_handle port_no_descriptor(const sps_platform *platform, spsi_handle handle);
spsi_result port_no_tcp_info(const sps_platform *platform, spsi_handle handle,
                             sps_tcp_info *out_info);
spsi_result port_no_credentials(const sps_platform *platform, spsi_handle handle,
                                sps_peer_credentials *out_credentials);
size_t port_no_paths(const sps_platform *platform);
bool port_no(const sps_platform *platform);
spsi_result port_no_absolute_path(const sps_platform *platform, const char *path, char *buffer,
                                  size_t buffer_bytes);
bool port_no_file(const sps_platform *platform, const char *path, spsi_file *out_file);
void port_remove_no_file(const sps_platform *platform, const char *path, const spsi_file *file);
spsi_result port_no_file_mode(const sps_platform *platform, const char *path, uint32_t mode);
spsi_result port_no_lock(const sps_platform *platform, const char *path, spsi_handle *out_lock);
void port_unlock_nothing(const sps_platform *platform, const char *path, spsi_handle lock);
uint32_t port_no_scope(const sps_platform *platform, const char *interface_name);
spsi_result port_no_addresses(const sps_platform *platform, sps_local_address *out_addresses,
                              size_t capacity, size_t *out_count);

#define PORT_ABSENT                                                                                \
    .selector_descriptor = port_no_selector_descriptor, .descriptor = port_no_descriptor,          \
    .tcp_info = port_no_tcp_info, .peer_credentials = port_no_credentials,                         \
    .max_path_bytes = port_no_paths, .has_abstract_names = port_no,                                \
    .absolute_path = port_no_absolute_path, .file_of = port_no_file,                               \
    .remove_file = port_remove_no_file, .set_file_mode = port_no_file_mode,                        \
    .refusal_is_proof = port_no, .lock_path = port_no_lock, .unlock_path = port_unlock_nothing,    \
    .scope_of = port_no_scope, .local_addresses = port_no_addresses

#endif
