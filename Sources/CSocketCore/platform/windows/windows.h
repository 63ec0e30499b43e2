// SPDX-License-Identifier: MIT
//
// The functions that the files of the Windows side share. platform.c has the table.
//
// Every file of this folder includes this header first, inside `#ifdef _WIN32`. So a build may
// compile all files of the core on every OS.
#ifndef SPSI_PLATFORM_WINDOWS_H
#define SPSI_PLATFORM_WINDOWS_H

// Windows 10 is the oldest release that the library runs on. Headers hide what is newer than this.
#if !defined(_WIN32_WINNT) || _WIN32_WINNT < 0x0A00
#undef _WIN32_WINNT
#define _WIN32_WINNT 0x0A00
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif

#include <winsock2.h>
#include <ws2tcpip.h>

#include <windows.h>

#include "platform/platform.h"

// ---- errors.c

// The result for a code of WSAGetLastError() or GetLastError(). The two ranges do not overlap.
spsi_result spsi_windows_failure(DWORD error);

static inline spsi_result spsi_windows_done(void) {
    return (spsi_result){SPSI_DONE, 0};
}

// The result of a Winsock call that returned `returned`, with the code of WSAGetLastError().
spsi_result spsi_windows_result(int returned);

// ---- startup.c
//
// Winsock counts its users in a process (WSAStartup). The library is one of them, from the first
// call of spsi_windows_start() until spsi_windows_stop() while none of its sockets is open.

// Makes Winsock usable. Cheap after the first time. DONE, or the failure of WSAStartup().
spsi_result spsi_windows_start(void);

// Ends the use of Winsock, if none of the library's sockets is open. The next start begins again.
// Call it once no look-up is left.
void spsi_windows_stop(void);

// Counts the library's open sockets.
void spsi_windows_add_socket(void);
void spsi_windows_drop_socket(void);

// ---- locks.c

typedef enum spsi_windows_lock_name {
    SPSI_WINDOWS_OBJECTS, // lock() of the platform table
    SPSI_WINDOWS_LOOKUPS,
    SPSI_WINDOWS_LOCKS
} spsi_windows_lock_name;

// The lock, for a condition that waits with it (SleepConditionVariableSRW()).
SRWLOCK *spsi_windows_lock(spsi_windows_lock_name name);
void spsi_windows_unlock(spsi_windows_lock_name name);

// ---- address.c

// Writes the OS's form of an address; returns its size.
int spsi_windows_from_address(const spsi_address *address, SOCKADDR_STORAGE *out);

// Reads the OS's form; an IPv4 address inside IPv6 (RFC 4291, 2.5.5.2) becomes plain IPv4.
void spsi_windows_to_address(const SOCKADDR_STORAGE *from, int size, spsi_address *out);

// ---- clock.c

uint64_t spsi_windows_now_us(const sps_platform *platform);

// Milliseconds for a wait; INFINITE: forever. Rounded up, so no wait ends too early. Limited to 24
// days; the caller's loop then waits again.
DWORD spsi_windows_wait_ms(uint64_t timeout_us);

// ---- socket.c

spsi_result spsi_windows_open(const sps_platform *platform, spsi_family family,
                              spsi_handle *out_handle);
void spsi_windows_close(const sps_platform *platform, spsi_handle handle);
spsi_result spsi_windows_bind(const sps_platform *platform, spsi_handle handle,
                              const spsi_address *address);
spsi_result spsi_windows_listen(const sps_platform *platform, spsi_handle handle, uint32_t backlog);
spsi_result spsi_windows_accept(const sps_platform *platform, spsi_handle handle,
                                spsi_handle *out_handle, spsi_address *out_peer);
spsi_result spsi_windows_shutdown_write(const sps_platform *platform, spsi_handle handle);
spsi_result spsi_windows_local_address(const sps_platform *platform, spsi_handle handle,
                                       spsi_address *out_address);
spsi_result spsi_windows_peer_address(const sps_platform *platform, spsi_handle handle,
                                      spsi_address *out_address);
spsi_handle spsi_windows_descriptor(const sps_platform *platform, spsi_handle handle);

// ---- connect.c

spsi_result spsi_windows_connect(const sps_platform *platform, spsi_handle handle,
                                 const spsi_address *address);
spsi_result spsi_windows_connect_result(const sps_platform *platform, spsi_handle handle);

// ---- transfer.c

spsi_result spsi_windows_receive(const sps_platform *platform, spsi_handle handle, void *buffer,
                                 size_t size, size_t *out_received);
spsi_result spsi_windows_send(const sps_platform *platform, spsi_handle handle,
                              const spsi_slice *slices, size_t count, size_t *out_sent);
spsi_result spsi_windows_pending_failure(const sps_platform *platform, spsi_handle handle);
spsi_result spsi_windows_available(const sps_platform *platform, spsi_handle handle,
                                   size_t *out_bytes);
spsi_result spsi_windows_wait(const sps_platform *platform, spsi_handle handle, unsigned interests,
                              uint64_t timeout_us);

// ---- options.c

spsi_result spsi_windows_set_option(const sps_platform *platform, spsi_handle handle,
                                    spsi_option option, uint32_t value);
spsi_result spsi_windows_get_option(const sps_platform *platform, spsi_handle handle,
                                    spsi_option option, uint32_t *out_value);

// ---- adopt.c

spsi_socket_kind spsi_windows_inspect(const sps_platform *platform, spsi_handle handle,
                                      spsi_family *out_family);
spsi_result spsi_windows_adopt(const sps_platform *platform, spsi_handle handle);

// ---- information.c

spsi_result spsi_windows_tcp_info(const sps_platform *platform, spsi_handle handle,
                                  sps_tcp_info *out_info);
spsi_result spsi_windows_peer_credentials(const sps_platform *platform, spsi_handle handle,
                                          sps_peer_credentials *out_credentials);

// ---- interface.c

uint32_t spsi_windows_scope_of(const sps_platform *platform, const char *interface_name);
spsi_result spsi_windows_local_addresses(const sps_platform *platform,
                                         sps_local_address *out_addresses, size_t capacity,
                                         size_t *out_count);

// Of these families, those of which the machine has an address that names could lead to: neither
// loopback's nor a link-local one. All of them if it has none, or does not tell.
unsigned spsi_windows_useful_families(unsigned families);

// ---- selector.c

spsi_result spsi_windows_selector_create(const sps_platform *platform,
                                         const sps_allocator *allocator,
                                         spsi_selector **out_selector);
void spsi_windows_selector_destroy(const sps_platform *platform, spsi_selector *selector);
spsi_result spsi_windows_selector_set(const sps_platform *platform, spsi_selector *selector,
                                      spsi_handle handle, unsigned before, unsigned after,
                                      void *token);
spsi_result spsi_windows_selector_wait(const sps_platform *platform, spsi_selector *selector,
                                       uint64_t timeout_us);
bool spsi_windows_selector_next(const sps_platform *platform, spsi_selector *selector,
                                spsi_ready *out_ready);
void spsi_windows_selector_wake(const sps_platform *platform, spsi_selector *selector,
                                spsi_waker waker);
spsi_handle spsi_windows_selector_descriptor(const sps_platform *platform,
                                             const spsi_selector *selector);

// ---- path.c

// Whether a path may name a Unix socket: DONE, or ADDRESS_INVALID with the code. bind() and
// connect() ask it before they give the path to Windows. path.h has the rules.
spsi_result spsi_windows_check_path(const char *path);

// ---- file.c

size_t spsi_windows_max_path_bytes(const sps_platform *platform);
spsi_result spsi_windows_absolute_path(const sps_platform *platform, const char *path, char *buffer,
                                       size_t buffer_bytes);
bool spsi_windows_file_of(const sps_platform *platform, const char *path, spsi_file *out_file);
void spsi_windows_remove_file(const sps_platform *platform, const char *path,
                              const spsi_file *file);
spsi_result spsi_windows_set_file_mode(const sps_platform *platform, const char *path,
                                       uint32_t mode);

// ---- path_lock.c

spsi_result spsi_windows_lock_path(const sps_platform *platform, const char *path,
                                   spsi_handle *out_lock);
void spsi_windows_unlock_path(const sps_platform *platform, const char *path, spsi_handle lock);

// ---- lookup.c, which also has spsi_os_shutdown()

spsi_result spsi_windows_lookup_start(const sps_platform *platform, const char *name,
                                      unsigned families, spsi_lookup **out_lookup);
spsi_result spsi_windows_lookup_result(const sps_platform *platform, spsi_lookup *lookup,
                                       spsi_address *out_addresses, size_t capacity,
                                       size_t *out_count);
spsi_result spsi_windows_lookup_wait(const sps_platform *platform, spsi_lookup *lookup,
                                     uint64_t timeout_us);
void spsi_windows_lookup_watch(const sps_platform *platform, spsi_lookup *lookup,
                               spsi_lookup_watch *watch);
void spsi_windows_lookup_unwatch(const sps_platform *platform, spsi_lookup *lookup,
                                 spsi_lookup_watch *watch);
void spsi_windows_lookup_end(const sps_platform *platform, spsi_lookup *lookup, bool was_useful);
void spsi_windows_lookup_forget(const sps_platform *platform, const char *name);

#endif
