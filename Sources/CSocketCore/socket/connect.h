// SPDX-License-Identifier: MIT
//
// From addresses, or a name, to one connected handle: the look-up, the race and the deadline. It
// knows no socket; connecting.h drives it for one.
#ifndef SPSI_CONNECT_H
#define SPSI_CONNECT_H

#include "socket/connect_log.h"
#include "socket/race.h"
#include "socket/settings.h"

typedef struct spsi_connect spsi_connect;

// Begins without addresses. `bound` is a handle that the caller has bound, which is the connect's
// from now on, or SPSI_NO_HANDLE. Everything else is borrowed until spsi_connect_destroy(); `log`
// has room for every attempt. NULL when there is no memory, and nothing changed.
spsi_connect *spsi_connect_create(const sps_platform *platform, const spsi_settings *settings,
                                  const sps_allocator *allocator, spsi_connect_log *log,
                                  spsi_handle bound);

// Ends the look-up and every attempt, and takes the attempts over into the log. NULL does nothing.
void spsi_connect_destroy(spsi_connect *connect);

// Returns the bound handle of spsi_connect_create(). Call it before an attempt uses the handle.
spsi_handle spsi_connect_take_bound(spsi_connect *connect);

// Sets the addresses to race, one at least.
void spsi_connect_set_addresses(spsi_connect *connect, const spsi_address *addresses, size_t count);

// Begins to look up a name, whose addresses get this port. As the platform's lookup_start().
spsi_result spsi_connect_start_lookup(spsi_connect *connect, const char *name, uint16_t port);

// Goes as far as it can without waiting. DONE: the handle is the caller's. AGAIN: not yet. Else why
// no address can be connected to; TIMED_OUT also when the deadline is over.
spsi_result spsi_connect_advance(spsi_connect *connect, spsi_handle *out_handle,
                                 spsi_address *out_peer);

// The number of the OS for the attempt that failed last; 0: none has.
int32_t spsi_connect_last_os_error(const spsi_connect *connect);

// Takes over the connect timeout of the settings.
void spsi_connect_renew_deadline(spsi_connect *connect);

// Whether the name is still being looked up.
bool spsi_connect_is_resolving(const spsi_connect *connect);

// A poller waits for all that is under way from now on; or no longer, with NULL.
spsi_result spsi_connect_set_watch(spsi_connect *connect, spsi_watch *watch);

// When to advance although nothing happens, on the platform's clock.
uint64_t spsi_connect_due_us(const spsi_connect *connect);

// The handle to wait for, until it is writable: that of the only attempt. SPSI_NO_HANDLE if there
// are several or none, or if nothing shows its progress.
spsi_handle spsi_connect_handle(const spsi_connect *connect);

// The peer's address: false while a name is looked up, and while several of its addresses may win.
bool spsi_connect_peer_address(const spsi_connect *connect, spsi_address *out_peer);

// The port that was given to connect; 0 for a Unix socket.
uint16_t spsi_connect_peer_port(const spsi_connect *connect);

// The address that the caller has bound, or the OS for the only attempt; else false. One syscall at
// most.
bool spsi_connect_local_address(const spsi_connect *connect, spsi_address *out_local);

#endif
