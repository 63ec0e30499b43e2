// SPDX-License-Identifier: MIT
#include "socket/resolve.h"

#include <string.h>

#include "platform/calls.h"

enum {
    // Both families mostly answer within one round trip. Later than this, each is asked for alone.
    ALONE_AFTER_US = 100000,
    // How long IPv4 waits for IPv6, which is preferred: the Resolution Delay (RFC 8305, section 8).
    RESOLUTION_DELAY_US = 50000,
    // Names that are slow may need another worker of the OS's.
    LOOK_AROUND_US = 500000,
};

enum { TOGETHER, IPV6_ALONE, IPV4_ALONE };
static const unsigned families_of[SPSI_RESOLVE_LOOKUPS] = {SPSI_IPV4 | SPSI_IPV6, SPSI_IPV6,
                                                           SPSI_IPV4};

static uint64_t now_us(const spsi_resolution *resolution) {
    return spsi_os_now_us(resolution->platform);
}

// ---- One look-up

static void watch(spsi_resolution *resolution, int part, spsi_selector *selector) {
    const sps_platform *platform = resolution->platform;
    spsi_lookup *lookup = resolution->parts[part].lookup;
    spsi_lookup_watch *own = &resolution->parts[part].watch;
    if (lookup == NULL || own->selector == selector) {
        return;
    }
    if (own->selector != NULL) {
        spsi_os_lookup_unwatch(platform, lookup, own);
    }
    own->selector = selector;
    if (selector != NULL) {
        spsi_os_lookup_watch(platform, lookup, own);
    }
}

static spsi_result start(spsi_resolution *resolution, int part) {
    const sps_platform *platform = resolution->platform;
    spsi_lookup *lookup;
    const spsi_result result =
        spsi_os_lookup_start(platform, resolution->name, families_of[part], &lookup);
    if (result.code == SPSI_DONE) {
        resolution->parts[part].lookup = lookup;
        watch(resolution, part, resolution->selector);
    }
    return result;
}

static spsi_result ask(const spsi_resolution *resolution, int part, spsi_address *out_addresses,
                       size_t capacity, size_t *out_count) {
    const sps_platform *platform = resolution->platform;
    return spsi_os_lookup_result(platform, resolution->parts[part].lookup, out_addresses, capacity,
                                 out_count);
}

// ---- Each family alone

static bool is_split(const spsi_resolution *resolution) {
    return resolution->parts[IPV4_ALONE].lookup != NULL ||
           resolution->parts[IPV6_ALONE].lookup != NULL;
}

static void split_in_time(spsi_resolution *resolution) {
    if (!is_split(resolution) && now_us(resolution) - resolution->begin_us >= ALONE_AFTER_US) {
        start(resolution, IPV6_ALONE); // without them it only takes longer
        start(resolution, IPV4_ALONE);
    }
}

// Half the room each: a family that answers late finds the other half.
static size_t collect(const spsi_resolution *resolution, spsi_address *out_addresses,
                      size_t capacity, bool *out_ipv6_may_come) {
    size_t ipv6 = 0, ipv4 = 0;
    *out_ipv6_may_come = false;
    if (resolution->parts[IPV6_ALONE].lookup != NULL) {
        const spsi_result result = ask(resolution, IPV6_ALONE, out_addresses, capacity / 2, &ipv6);
        *out_ipv6_may_come = result.code == SPSI_AGAIN;
    }
    if (resolution->parts[IPV4_ALONE].lookup != NULL) {
        ask(resolution, IPV4_ALONE, out_addresses + ipv6, capacity / 2, &ipv4);
    }
    return ipv6 + ipv4;
}

// The known addresses while the look-up of both families runs.
static size_t collect_what_may_be_tried(spsi_resolution *resolution, spsi_address *out_addresses,
                                        size_t capacity) {
    bool ipv6_may_come;
    const size_t count = collect(resolution, out_addresses, capacity, &ipv6_may_come);
    if (count > 0 && resolution->first_us == 0) {
        resolution->first_us = now_us(resolution);
    }
    const bool waits =
        ipv6_may_come && now_us(resolution) - resolution->first_us < RESOLUTION_DELAY_US;
    return waits ? 0 : count;
}

// ---- All of it

spsi_result spsi_resolution_begin(spsi_resolution *resolution, const sps_platform *platform,
                                  const char *name) {
    memset(resolution, 0, sizeof *resolution);
    resolution->platform = platform;
    resolution->begin_us = now_us(resolution);
    memcpy(resolution->name, name, strlen(name) + 1);
    return start(resolution, TOGETHER);
}

spsi_result spsi_resolution_advance(spsi_resolution *resolution, spsi_address *out_addresses,
                                    size_t capacity, size_t *out_count) {
    const spsi_result result = ask(resolution, TOGETHER, out_addresses, capacity, out_count);
    if (result.code == SPSI_DONE) {
        return result;
    }
    bool unused;
    if (result.code != SPSI_AGAIN) {
        *out_count = collect(resolution, out_addresses, capacity, &unused);
        return *out_count > 0 ? (spsi_result){SPSI_DONE, 0} : result;
    }
    split_in_time(resolution);
    *out_count = collect_what_may_be_tried(resolution, out_addresses, capacity);
    return result;
}

void spsi_resolution_watch(spsi_resolution *resolution, spsi_selector *selector) {
    resolution->selector = selector;
    for (int part = 0; part < SPSI_RESOLVE_LOOKUPS; part++) {
        watch(resolution, part, selector);
    }
}

uint64_t spsi_resolution_due_us(const spsi_resolution *resolution) {
    const uint64_t now = now_us(resolution);
    const uint64_t next_us = !is_split(resolution) ? resolution->begin_us + ALONE_AFTER_US
                             : resolution->first_us != 0
                                 ? resolution->first_us + RESOLUTION_DELAY_US
                                 : 0;
    return next_us > now ? next_us : now + LOOK_AROUND_US;
}

void spsi_resolution_end(spsi_resolution *resolution, bool was_useful) {
    const sps_platform *platform = resolution->platform;
    spsi_resolution_watch(resolution, NULL);
    for (int part = 0; part < SPSI_RESOLVE_LOOKUPS; part++) {
        if (resolution->parts[part].lookup != NULL) {
            spsi_os_lookup_end(platform, resolution->parts[part].lookup, was_useful);
            resolution->parts[part].lookup = NULL;
        }
    }
}
