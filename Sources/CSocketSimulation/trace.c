// SPDX-License-Identifier: MIT
//
// The trace: one line of text for each event, and the hash of all lines. It has nothing that
// differs between runs or machines.
#include "trace.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "host.h"
#include "sim.h"
#include "world.h"

enum { LINE_BYTES = 192 };

static void add_line(spsi_sim_world *world, const char *line) {
    assert(world->now_us >= world->trace.last_us);
    world->trace.last_us = world->now_us;
    uint64_t hash = world->trace.hash;
    for (const char *at = line; *at != '\0'; at++) {
        hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    }
    world->trace.hash = (hash ^ '\n') * UINT64_C(0x100000001b3);
    if (world->trace.write != NULL) {
        world->trace.write(world->trace.user_data, line);
    }
}

void spsi_sim_trace_event(spsi_sim_world *world, const spsi_sim_host *host, const char *text,
                          int64_t first, int64_t second) {
    char line[LINE_BYTES];
    snprintf(line, sizeof line, "%12" PRIu64 " %s %s %" PRId64 " %" PRId64, world->now_us,
             host != NULL ? host->name : "-", text, first, second);
    add_line(world, line);
}

static const char *name_of(spsi_code code) {
    static const char *const names[] = {
        [SPSI_DONE] = "done",
        [SPSI_AGAIN] = "again",
        [SPSI_END] = "end",
        [SPSI_REFUSED] = "refused",
        [SPSI_RESET] = "reset",
        [SPSI_UNREACHABLE] = "unreachable",
        [SPSI_TIMED_OUT] = "timed out",
        [SPSI_NO_ANSWER] = "no answer",
        [SPSI_ADDRESS_IN_USE] = "address in use",
        [SPSI_ADDRESS_INVALID] = "address invalid",
        [SPSI_NAME_UNKNOWN] = "name unknown",
        [SPSI_NAME_UNANSWERED] = "name unanswered",
        [SPSI_DENIED] = "denied",
        [SPSI_NO_HANDLES] = "no handles",
        [SPSI_NO_MEMORY] = "no memory",
        [SPSI_UNSUPPORTED] = "unsupported",
        [SPSI_FAILED] = "failed",
    };
    assert((size_t)code < sizeof names / sizeof names[0]);
    return names[code];
}

void spsi_sim_trace_call(const spsi_sim_host *host, sps_simulated_call call, spsi_handle handle,
                         spsi_result result, uint64_t count) {
    char line[LINE_BYTES];
    snprintf(line, sizeof line, "%12" PRIu64 " %s %s %" PRIdPTR ": %s %" PRId32 ", %" PRIu64,
             host->world->now_us, host->name, sps_simulated_call_name(call), handle,
             name_of(result.code), result.os_code, count);
    add_line(host->world, line);
}
