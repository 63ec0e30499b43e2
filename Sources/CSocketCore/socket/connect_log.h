// SPDX-License-Identifier: MIT
//
// The result of each attempt to connect. The log outlives the connect.
#ifndef SPSI_CONNECT_LOG_H
#define SPSI_CONNECT_LOG_H

#include "socket/race.h"

// An attempt as it is kept: small, since every connected client keeps its own.
typedef struct spsi_connect_log_row {
    uint8_t ip[16];
    uint32_t start_us; // since connect began; an hour at most
    uint32_t end_us;
    int32_t os_code;
    uint32_t scope;
    uint16_t port;
    uint8_t family;
    uint8_t state;
} spsi_connect_log_row;

typedef struct spsi_connect_log {
    uint32_t capacity;
    uint32_t count;
    spsi_connect_log_row rows[];
} spsi_connect_log;

// Room for every address of a race; NULL when there is no memory.
spsi_connect_log *spsi_connect_log_create(const sps_allocator *allocator);

// Takes over how the race stands; attempts that have not begun are left out.
void spsi_connect_log_update(spsi_connect_log *log, const spsi_race *race, uint64_t begin_us);

// Gives back what room is left over; the log may have moved.
spsi_connect_log *spsi_connect_log_shrink(spsi_connect_log *log, const sps_allocator *allocator);

// NULL does nothing.
void spsi_connect_log_destroy(spsi_connect_log *log, const sps_allocator *allocator);

#endif
