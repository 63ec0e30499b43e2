// SPDX-License-Identifier: MIT
//
// A race of addresses (RFC 8305, section 5). Attempts begin one after the other: the next begins at
// once after a failure, or after a delay without an answer. The first connection wins. The others
// are closed.
#ifndef SPSI_RACE_H
#define SPSI_RACE_H

#include "platform/platform.h"
#include "socket/settings.h"
#include "stream/watch.h"

enum { SPSI_RACE_ADDRESSES = 16 };

typedef enum spsi_attempt_state {
    SPSI_ATTEMPT_WAITING, // not begun
    SPSI_ATTEMPT_RUNNING,
    SPSI_ATTEMPT_CONNECTED,
    SPSI_ATTEMPT_FAILED,
    SPSI_ATTEMPT_ABANDONED, // another has won, or the race was ended
} spsi_attempt_state;

typedef struct spsi_attempt {
    spsi_address address;
    spsi_attempt_state state;
    spsi_handle handle; // while it runs
    bool watched;       // a poller waits for it
    uint64_t start_us;
    uint64_t end_us;
    int32_t os_code; // why it failed
} spsi_attempt;

typedef struct spsi_race {
    const sps_platform *platform;
    const spsi_settings *settings; // of the socket
    spsi_watch *watch;             // while the socket is in a poller
    spsi_handle bound;             // the caller's own socket, until the first attempt takes it
    bool is_bound;                 // there was one:
    spsi_address local;            // its address, which every attempt takes
    size_t count;
    size_t next;         // the attempt to begin
    spsi_result failure; // of the last that failed
    spsi_attempt attempts[SPSI_RACE_ADDRESSES];
} spsi_race;

// Prepares a race without addresses. `bound` is a socket that the caller has bound, which the race
// owns from now on, or SPSI_NO_HANDLE. The settings are borrowed.
void spsi_race_begin(spsi_race *race, const sps_platform *platform, const spsi_settings *settings,
                     spsi_handle bound);

// Sets the addresses to try: at least one, at most SPSI_RACE_ADDRESSES. They replace those that are
// not tried yet. Families alternate, beginning with the first address's (RFC 8305, section 4).
// Addresses beyond the room are left out.
void spsi_race_set_addresses(spsi_race *race, const spsi_address *addresses, size_t count);

// Advances without waiting. DONE: *out_winner has won, and the caller owns its handle. AGAIN:
// attempts are in flight. Otherwise all have failed, and this is the last failure.
spsi_result spsi_race_advance(spsi_race *race, spsi_attempt **out_winner);

// Lets a poller wait for the attempts in flight; NULL stops that.
spsi_result spsi_race_set_watch(spsi_race *race, spsi_watch *watch);

// When to advance although nothing is ready, or SPSI_NEVER. Valid after spsi_race_advance().
uint64_t spsi_race_due_us(const spsi_race *race);

// The only attempt that can still win, or has won. NULL if there are several, or none.
const spsi_attempt *spsi_race_last_candidate(const spsi_race *race);

// Closes every open handle.
void spsi_race_end(spsi_race *race);

#endif
