// SPDX-License-Identifier: MIT
//
// The addresses of a name to connect to. One look-up of both families gives them in the OS's order
// of preference, from every source of the OS. If it takes long, one family's server may be silent.
// Then each family is looked up alone as well. Connecting begins with the family that has answered;
// after IPv4 it first waits a short time for IPv6 (RFC 8305, section 3).
#ifndef SPSI_RESOLVE_H
#define SPSI_RESOLVE_H

#include "platform/platform.h"

enum { SPSI_NAME_BYTES = 254 }; // RFC 1035, 2.3.4, as text, and a NUL

enum { SPSI_RESOLVE_LOOKUPS = 3 };

typedef struct spsi_resolution {
    const sps_platform *platform;
    spsi_selector *selector; // woken when there is news; NULL: nobody is
    uint64_t begin_us;
    uint64_t first_us; // the first address was found; 0: not yet
    struct {
        spsi_lookup *lookup; // NULL when there is none
        spsi_lookup_watch watch;
    } parts[SPSI_RESOLVE_LOOKUPS];
    char name[SPSI_NAME_BYTES];
} spsi_resolution;

// Begins; the name is not needed after the call. As lookup_start().
spsi_result spsi_resolution_begin(spsi_resolution *resolution, const sps_platform *platform,
                                  const char *name);

// Which addresses are known that may be tried now; at most capacity. AGAIN: more may come. DONE:
// these are all, one at least. Else why there is none.
spsi_result spsi_resolution_advance(spsi_resolution *resolution, spsi_address *out_addresses,
                                    size_t capacity, size_t *out_count);

// Wakes this selector from now on, or none with NULL.
void spsi_resolution_watch(spsi_resolution *resolution, spsi_selector *selector);

// When it is to advance although nothing wakes it; after it said AGAIN.
uint64_t spsi_resolution_due_us(const spsi_resolution *resolution);

// Ends what is under way. The answers are not kept for others if they were of no use.
void spsi_resolution_end(spsi_resolution *resolution, bool was_useful);

#endif
