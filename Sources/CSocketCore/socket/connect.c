// SPDX-License-Identifier: MIT
#include "socket/connect.h"

#include <string.h>

#include "base/memory.h"
#include "platform/calls.h"
#include "socket/resolve.h"

struct spsi_connect {
    const sps_allocator *allocator;
    const spsi_settings *settings;
    spsi_connect_log *log;
    uint64_t begin_us;
    uint64_t deadline_us;
    bool has_name; // a name is, or was, looked up:
    spsi_resolution resolution;
    bool resolving; // it is not done
    bool failed;    // no address could be connected to
    uint16_t port;
    spsi_race race;
};

void spsi_connect_renew_deadline(spsi_connect *connect) {
    const uint64_t time_us = (uint64_t)connect->settings->connect_timeout_ms * 1000;
    connect->deadline_us = connect->begin_us + time_us;
}

spsi_connect *spsi_connect_create(const sps_platform *platform, const spsi_settings *settings,
                                  const sps_allocator *allocator, spsi_connect_log *log,
                                  spsi_handle bound) {
    spsi_connect *connect = spsi_allocate(allocator, sizeof *connect);
    if (connect == NULL) {
        return NULL;
    }
    connect->allocator = allocator;
    connect->settings = settings;
    connect->log = log;
    connect->begin_us = spsi_os_now_us(platform);
    connect->has_name = false;
    connect->resolving = false;
    connect->failed = false;
    connect->port = 0;
    spsi_race_begin(&connect->race, platform, settings, bound);
    spsi_connect_renew_deadline(connect);
    return connect;
}

void spsi_connect_destroy(spsi_connect *connect) {
    if (connect == NULL) {
        return;
    }
    if (connect->has_name) {
        spsi_resolution_end(&connect->resolution, !connect->failed);
    }
    spsi_race_end(&connect->race);
    spsi_connect_log_update(connect->log, &connect->race, connect->begin_us);
    spsi_free(connect->allocator, connect, sizeof *connect);
}

spsi_handle spsi_connect_take_bound(spsi_connect *connect) {
    const spsi_handle bound = connect->race.bound;
    connect->race.bound = SPSI_NO_HANDLE;
    return bound;
}

void spsi_connect_set_addresses(spsi_connect *connect, const spsi_address *addresses,
                                size_t count) {
    connect->port = addresses[0].port;
    spsi_race_set_addresses(&connect->race, addresses, count);
}

static void watch_lookup(spsi_connect *connect, const spsi_watch *watch) {
    if (connect->has_name) {
        spsi_resolution_watch(&connect->resolution, watch != NULL ? watch->group->selector : NULL);
    }
}

spsi_result spsi_connect_start_lookup(spsi_connect *connect, const char *name, uint16_t port) {
    connect->port = port;
    const spsi_result result =
        spsi_resolution_begin(&connect->resolution, connect->race.platform, name);
    if (result.code == SPSI_DONE) {
        connect->has_name = true;
        connect->resolving = true;
        watch_lookup(connect, connect->race.watch);
    }
    return result;
}

bool spsi_connect_is_resolving(const spsi_connect *connect) {
    return connect->resolving;
}

spsi_result spsi_connect_set_watch(spsi_connect *connect, spsi_watch *watch) {
    watch_lookup(connect, watch);
    const spsi_result result = spsi_race_set_watch(&connect->race, watch);
    if (result.code != SPSI_DONE) {
        watch_lookup(connect, NULL);
    }
    return result;
}

static uint64_t earlier(uint64_t one_us, uint64_t other_us) {
    return one_us < other_us ? one_us : other_us;
}

uint64_t spsi_connect_due_us(const spsi_connect *connect) {
    uint64_t due_us = connect->deadline_us;
    if (connect->resolving) {
        due_us = earlier(due_us, spsi_resolution_due_us(&connect->resolution));
    }
    return connect->race.next > 0 ? earlier(due_us, spsi_race_due_us(&connect->race)) : due_us;
}

// ---- Addresses

// The attempt whose address is chosen; NULL while that is open.
static const spsi_attempt *chosen_attempt(const spsi_connect *connect) {
    return connect->resolving ? NULL : spsi_race_last_candidate(&connect->race);
}

// A Unix socket that is not connected yet shows no progress.
spsi_handle spsi_connect_handle(const spsi_connect *connect) {
    const spsi_attempt *attempt = chosen_attempt(connect);
    const bool shows_progress = attempt != NULL && attempt->state == SPSI_ATTEMPT_RUNNING &&
                                attempt->address.family != SPSI_FAMILY_UNIX;
    return shows_progress ? attempt->handle : SPSI_NO_HANDLE;
}

bool spsi_connect_peer_address(const spsi_connect *connect, spsi_address *out_peer) {
    const spsi_attempt *attempt = chosen_attempt(connect);
    if (attempt != NULL) {
        *out_peer = attempt->address;
    }
    return attempt != NULL;
}

uint16_t spsi_connect_peer_port(const spsi_connect *connect) {
    return connect->port;
}

bool spsi_connect_local_address(const spsi_connect *connect, spsi_address *out_local) {
    if (connect->race.is_bound) {
        *out_local = connect->race.local;
        return true;
    }
    const spsi_attempt *attempt = chosen_attempt(connect);
    return attempt != NULL && attempt->state == SPSI_ATTEMPT_RUNNING &&
           spsi_os_local_address(connect->race.platform, attempt->handle, out_local).code ==
               SPSI_DONE;
}

int32_t spsi_connect_last_os_error(const spsi_connect *connect) {
    return connect->race.failure.os_code;
}

// ---- Progress

static spsi_result advance_race(spsi_connect *connect, spsi_handle *out_handle,
                                spsi_address *out_peer) {
    spsi_attempt *winner;
    const spsi_result result = spsi_race_advance(&connect->race, &winner);
    if (result.code == SPSI_DONE) {
        *out_handle = winner->handle;
        *out_peer = winner->address;
    } else {
        spsi_connect_log_update(connect->log, &connect->race, connect->begin_us);
    }
    return result;
}

// Takes what the look-up has found, and races it. Addresses may come later than others have failed.
static spsi_result advance_lookup(spsi_connect *connect, spsi_handle *out_handle,
                                  spsi_address *out_peer) {
    spsi_address addresses[SPSI_RACE_ADDRESSES];
    size_t count;
    const spsi_result found =
        spsi_resolution_advance(&connect->resolution, addresses, SPSI_RACE_ADDRESSES, &count);
    connect->resolving = found.code == SPSI_AGAIN;
    for (size_t i = 0; i < count; i++) {
        addresses[i].port = connect->port;
    }
    if (count > 0) {
        spsi_race_set_addresses(&connect->race, addresses, count);
    }
    if (connect->race.count == 0) {
        return found;
    }
    const bool more_may_come = connect->resolving;
    const spsi_result result = advance_race(connect, out_handle, out_peer);
    return more_may_come && result.code != SPSI_DONE ? found : result;
}

spsi_result spsi_connect_advance(spsi_connect *connect, spsi_handle *out_handle,
                                 spsi_address *out_peer) {
    spsi_result result = connect->resolving ? advance_lookup(connect, out_handle, out_peer)
                                            : advance_race(connect, out_handle, out_peer);
    if (result.code == SPSI_AGAIN &&
        spsi_os_now_us(connect->race.platform) >= connect->deadline_us) {
        result = (spsi_result){SPSI_TIMED_OUT, 0};
    }
    connect->failed = result.code != SPSI_DONE && result.code != SPSI_AGAIN;
    return result;
}
