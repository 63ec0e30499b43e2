// SPDX-License-Identifier: MIT
//
// Racing addresses (RFC 8305, section 5): attempts begin one after the other, the next at once when
// one has failed, or after a while when none has answered; the first that stands wins, and the
// others are closed.
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

// Sets the addresses, one at least and at most SPSI_RACE_ADDRESSES, in place of those that are not
// tried yet. Families take turns, beginning with that of the first (RFC 8305, section 4). Those
// that are left out have found no room.
void spsi_race_set_addresses(spsi_race *race, const spsi_address *addresses, size_t count);

// Goes as far as it can without waiting. DONE: the attempt that won; its handle is the caller's from
// now on. AGAIN: some run still. Else why the last of them failed; none is left.
spsi_result spsi_race_advance(spsi_race *race, spsi_attempt **out_winner);

// From now on a poller waits for the attempts that run; or no longer, with NULL.
spsi_result spsi_race_set_watch(spsi_race *race, spsi_watch *watch);

// When there is something to do although nothing happens; SPSI_NEVER when there is not. Once it has
// advanced.
uint64_t spsi_race_due_us(const spsi_race *race);

// The one attempt that can still win, or has won; NULL while there are several, or none.
const spsi_attempt *spsi_race_last_candidate(const spsi_race *race);

// Closes what is open.
void spsi_race_end(spsi_race *race);

#endif
