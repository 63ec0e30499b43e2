// SPDX-License-Identifier: MIT
//
// The functions that each Unix provides for the POSIX side, and those that its own files share.
#ifndef SPSI_POSIX_UNIX_H
#define SPSI_POSIX_UNIX_H

// The compilers are asked for strict C99, which hides the OS's calls unless they are asked for.
// This header therefore comes first in each file.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#ifndef _DARWIN_C_SOURCE
#define _DARWIN_C_SOURCE
#endif

#include <pthread.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "platform/platform.h"

// Linux waits with epoll(7), the BSDs and macOS with kqueue(2), any other with poll(2). A test may
// choose kqueue.
#ifdef SPSI_USE_KQUEUE
#elif defined(__linux__) && !defined(SPSI_USE_BSD)
#define SPSI_USE_EPOLL
#elif defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) || \
    defined(__DragonFly__)
#define SPSI_USE_KQUEUE
#else
#define SPSI_USE_POLL
#endif

// ---- Each Unix gives these (linux/socket.c, bsd/socket.c).

// A stream socket: non-blocking, close-on-exec, without SIGPIPE; -1 and errno.
int spsi_unix_socket(int domain);

// accept(2) with the same three properties; -1 and errno. One try: EINTR is the caller's.
int spsi_unix_accept(int fd, struct sockaddr *address, socklen_t *size);

// Flags for send(2) and sendmsg(2) that keep SIGPIPE away.
extern const int spsi_unix_send_flags;

// Whether no transfer with MSG_DONTWAIT waits, on a socket that otherwise may.
extern const bool spsi_unix_dontwait_is_obeyed;

// Whether a send may answer EPROTOTYPE while the peer tears the connection down.
extern const bool spsi_unix_teardown_is_eprototype;

// Whether shutdown(2) answers ENOTCONN on a Unix socket whose peer has closed.
extern const bool spsi_unix_close_ends_both_ways;

// Options of SOL_SOCKET. With the first, sockets that do not listen may share an address. With the
// second, servers may share a port and its connections.
extern const int spsi_unix_shared_bind;
extern const int spsi_unix_reuse_port;

// Options of IPPROTO_TCP, or -1 where there is none, and how many milliseconds are one of theirs.
extern const int spsi_unix_keepalive_idle;
extern const int spsi_unix_user_timeout;
extern const uint32_t spsi_unix_user_timeout_ms;

// Why the OS gave up on the peer of a connected socket: SPSI_TIMED_OUT or SPSI_NO_ANSWER.
// SPSI_FAILED if it did not, or if it is unknown.
spsi_code spsi_unix_gave_up(int fd);

// The calls of the platform table that each Unix has its own way for.
spsi_result spsi_unix_tcp_info(const sps_platform *platform, spsi_handle handle,
                               sps_tcp_info *out_info);
spsi_result spsi_unix_peer_credentials(const sps_platform *platform, spsi_handle handle,
                                       sps_peer_credentials *out_credentials);
spsi_result spsi_unix_selector_create(const sps_platform *platform, const sps_allocator *allocator,
                                      spsi_selector **out_selector);
void spsi_unix_selector_destroy(const sps_platform *platform, spsi_selector *selector);
spsi_result spsi_unix_selector_set(const sps_platform *platform, spsi_selector *selector,
                                   spsi_handle handle, unsigned before, unsigned after,
                                   void *token);
spsi_result spsi_unix_selector_wait(const sps_platform *platform, spsi_selector *selector,
                                    uint64_t timeout_us);
bool spsi_unix_selector_next(const sps_platform *platform, spsi_selector *selector,
                             spsi_ready *out_ready);
void spsi_unix_selector_wake(const sps_platform *platform, spsi_selector *selector,
                             spsi_waker waker);
spsi_handle spsi_unix_selector_descriptor(const sps_platform *platform,
                                          const spsi_selector *selector);
bool spsi_unix_has_abstract_names(const sps_platform *platform);
bool spsi_unix_refusal_is_proof(const sps_platform *platform);

// chmod(2) that changes no file that a symbolic link leads to; -1 and errno.
int spsi_unix_chmod_no_follow(const char *path, mode_t mode);

// ---- errors.c

// The result for the value of errno.
spsi_result spsi_posix_failure(int error);

static inline spsi_result spsi_posix_done(void) {
    return (spsi_result){SPSI_DONE, 0};
}

// ---- address.c

// Writes the OS's form of an address; returns its size.
socklen_t spsi_posix_from_address(const spsi_address *address, struct sockaddr_storage *out);

// Reads the OS's form; an IPv4 address inside IPv6 (RFC 4291, 2.5.5.2) becomes plain IPv4.
void spsi_posix_to_address(const struct sockaddr_storage *from, socklen_t size, spsi_address *out);

// ---- socket.c

uint64_t spsi_posix_now_us(const sps_platform *platform);

// Milliseconds for poll(2) and epoll_wait(2), which take an int; -1: forever. Rounded up, so no
// wait ends too early. Limited to 24 days; the caller's loop then waits again.
int spsi_posix_wait_ms(uint64_t timeout_us);

// One waiting call of the OS. Returns the number of ready things, 0 after the timeout, or -1 and
// errno.
typedef int (*spsi_posix_wait_call)(void *context, uint64_t timeout_us);

// Repeats the call with the remaining time after EINTR. DONE, AGAIN after the timeout, or a
// failure.
spsi_result spsi_posix_wait(spsi_posix_wait_call call, void *context, uint64_t timeout_us,
                            size_t *out_count);

// ---- options.c

spsi_result spsi_posix_set_option(const sps_platform *platform, spsi_handle handle,
                                  spsi_option option, uint32_t value);
spsi_result spsi_posix_get_option(const sps_platform *platform, spsi_handle handle,
                                  spsi_option option, uint32_t *out_value);

// ---- adopt.c

spsi_socket_kind spsi_posix_inspect(const sps_platform *platform, spsi_handle handle,
                                    spsi_family *out_family);
spsi_result spsi_posix_adopt(const sps_platform *platform, spsi_handle handle);

// Makes a descriptor non-blocking, close-on-exec and free of SIGPIPE; false, and errno, on failure.
bool spsi_posix_prepare(int fd);

// Makes the descriptor blocking. Calls wait from then on, except with MSG_DONTWAIT.
void spsi_posix_let_wait(int fd);

// Makes a descriptor of any kind non-blocking and close-on-exec.
bool spsi_posix_set_flags(int fd);

// ---- file.c

size_t spsi_posix_max_path_bytes(const sps_platform *platform);
spsi_result spsi_posix_absolute_path(const sps_platform *platform, const char *path, char *buffer,
                                     size_t buffer_bytes);
bool spsi_posix_file_of(const sps_platform *platform, const char *path, spsi_file *out_file);
void spsi_posix_remove_file(const sps_platform *platform, const char *path, const spsi_file *file);
spsi_result spsi_posix_set_file_mode(const sps_platform *platform, const char *path, uint32_t mode);

// stat(2) of the folder that a path of at most SPSI_PATH_BYTES, and what a lock adds to it, lies
// in.
struct stat;
int spsi_posix_stat_folder(const char *path, struct stat *out_info);

// ---- path_lock.c

spsi_result spsi_posix_lock_path(const sps_platform *platform, const char *path,
                                 spsi_handle *out_lock);
void spsi_posix_unlock_path(const sps_platform *platform, const char *path, spsi_handle lock);

// ---- interface.c

uint32_t spsi_posix_scope_of(const sps_platform *platform, const char *interface_name);
spsi_result spsi_posix_local_addresses(const sps_platform *platform,
                                       sps_local_address *out_addresses, size_t capacity,
                                       size_t *out_count);

// Of these families, those of which the machine has an address that names could lead to: neither
// loopback's nor a link-local one. All of them if it has none, or does not tell.
unsigned spsi_posix_useful_families(unsigned families);

// ---- locks.c

// In the order in which a thread that needs both takes them.
typedef enum spsi_lock {
    SPSI_LOCK_OBJECTS, // lock() of the platform table
    SPSI_LOCK_LOOKUPS,
    SPSI_LOCKS
} spsi_lock;

// The mutex, for a condition that waits with it.
pthread_mutex_t *spsi_posix_lock(spsi_lock lock);
void spsi_posix_unlock(spsi_lock lock);

// How often the process was forked from another that had the library in use, its parent's forks
// included. Under any of the locks.
unsigned spsi_posix_forks(void);

// ---- exit.c

// Before any thread of the library's starts, and again in a child of fork(2).
void spsi_posix_exit_prepare(void);

// A thread of the library's is about to end, and waits until those before it are gone. Not under a
// lock. It may change its mind.
void spsi_posix_exit_begin(void);
void spsi_posix_exit_cancel(void);

// Waits until every thread is gone that has begun its exit.
void spsi_posix_exit_wait(void);

// ---- lookup.c

spsi_result spsi_posix_lookup_start(const sps_platform *platform, const char *name,
                                    unsigned families, spsi_lookup **out_lookup);
spsi_result spsi_posix_lookup_result(const sps_platform *platform, spsi_lookup *lookup,
                                     spsi_address *out_addresses, size_t capacity,
                                     size_t *out_count);
spsi_result spsi_posix_lookup_wait(const sps_platform *platform, spsi_lookup *lookup,
                                   uint64_t timeout_us);
void spsi_posix_lookup_end(const sps_platform *platform, spsi_lookup *lookup, bool was_useful);
void spsi_posix_lookup_forget(const sps_platform *platform, const char *name);
void spsi_posix_lookup_watch(const sps_platform *platform, spsi_lookup *lookup,
                             spsi_lookup_watch *watch);
void spsi_posix_lookup_unwatch(const sps_platform *platform, spsi_lookup *lookup,
                               spsi_lookup_watch *watch);

// ---- lookup_resolve.c

// Without the lock: asks the OS, which takes its time, and fills in what it has found. Nobody else
// looks at that before the look-up is done.
void spsi_lookup_resolve(spsi_lookup *lookup);

// ---- wake_pipe.c: how selectors without better are woken

typedef struct spsi_wake_pipe {
    int read_fd, write_fd;
} spsi_wake_pipe;

spsi_result spsi_wake_pipe_open(spsi_wake_pipe *out_pipe);
void spsi_wake_pipe_close(const spsi_wake_pipe *pipe);

// May be called from a signal's handler.
void spsi_wake_pipe_wake(const spsi_wake_pipe *pipe, spsi_waker waker);

// Empties it; whether one of the wakers was the caller.
bool spsi_wake_pipe_drain(const spsi_wake_pipe *pipe);

#endif
