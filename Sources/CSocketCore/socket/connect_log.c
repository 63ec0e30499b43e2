// SPDX-License-Identifier: MIT
#include "socket/connect_log.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

static size_t bytes_for(uint32_t capacity) {
    return sizeof(spsi_connect_log) + capacity * sizeof(spsi_connect_log_row);
}

spsi_connect_log *spsi_connect_log_create(const sps_allocator *allocator) {
    spsi_connect_log *log = spsi_allocate_zeroed(allocator, bytes_for(SPSI_RACE_ADDRESSES));
    if (log != NULL) {
        log->capacity = SPSI_RACE_ADDRESSES;
    }
    return log;
}

static uint32_t since(uint64_t begin_us, uint64_t time_us) {
    const uint64_t since_us = time_us > begin_us ? time_us - begin_us : 0;
    return since_us < UINT32_MAX ? (uint32_t)since_us : UINT32_MAX;
}

void spsi_connect_log_update(spsi_connect_log *log, const spsi_race *race, uint64_t begin_us) {
    assert(race->next <= log->capacity);
    log->count = (uint32_t)race->next;
    for (size_t i = 0; i < race->next; i++) {
        const spsi_attempt *attempt = &race->attempts[i];
        spsi_connect_log_row *row = &log->rows[i];
        memcpy(row->ip, attempt->address.ip, sizeof row->ip);
        row->start_us = since(begin_us, attempt->start_us);
        row->end_us = since(begin_us, attempt->end_us);
        row->os_code = attempt->os_code;
        row->scope = attempt->address.scope;
        row->port = attempt->address.port;
        row->family = (uint8_t)attempt->address.family;
        row->state = (uint8_t)attempt->state;
    }
}

spsi_connect_log *spsi_connect_log_shrink(spsi_connect_log *log, const sps_allocator *allocator) {
    spsi_connect_log *smaller =
        spsi_resize(allocator, log, bytes_for(log->capacity), bytes_for(log->count));
    if (smaller == NULL) {
        return log; // as it was
    }
    smaller->capacity = smaller->count;
    return smaller;
}

void spsi_connect_log_destroy(spsi_connect_log *log, const sps_allocator *allocator) {
    if (log != NULL) {
        spsi_free(allocator, log, bytes_for(log->capacity));
    }
}
