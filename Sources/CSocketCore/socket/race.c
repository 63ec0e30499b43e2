// SPDX-License-Identifier: MIT
#include "socket/race.h"

#include <assert.h>
#include <string.h>

#include "platform/calls.h"

void spsi_race_begin(spsi_race *race, const sps_platform *platform, const spsi_settings *settings,
                     spsi_handle bound) {
    memset(race, 0, sizeof *race);
    race->platform = platform;
    race->settings = settings;
    race->bound = bound;
    race->is_bound = bound != SPSI_NO_HANDLE;
    if (race->is_bound) {
        spsi_os_local_address(platform, bound, &race->local);
    }
}

// The first address from `from` on that is, or is not, of a family.
static size_t find_family(const spsi_address *addresses, size_t count, size_t from,
                          spsi_family family, bool same) {
    while (from < count && (addresses[from].family == family) != same) {
        from++;
    }
    return from;
}

static bool is_same(const spsi_address *one, const spsi_address *other) {
    return one->family == other->family && one->scope == other->scope &&
           memcmp(one->ip, other->ip, sizeof one->ip) == 0;
}

static bool has_begun(const spsi_race *race, const spsi_address *address) {
    for (size_t i = 0; i < race->next; i++) {
        if (is_same(&race->attempts[i].address, address)) {
            return true;
        }
    }
    return false;
}

static size_t leave_out_begun(const spsi_race *race, const spsi_address *addresses, size_t count,
                              spsi_address *out_left) {
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (!has_begun(race, &addresses[i])) {
            out_left[left++] = addresses[i];
        }
    }
    return left;
}

// Whose turn it is: the family of the first, or the other than that of the last attempt.
static spsi_family next_family(const spsi_race *race, const spsi_address *addresses) {
    if (race->next == 0) {
        return addresses[0].family;
    }
    const bool was_ipv6 = race->attempts[race->next - 1].address.family == SPSI_FAMILY_IPV6;
    return was_ipv6 ? SPSI_FAMILY_IPV4 : SPSI_FAMILY_IPV6;
}

void spsi_race_set_addresses(spsi_race *race, const spsi_address *addresses, size_t count) {
    spsi_address left[SPSI_RACE_ADDRESSES];
    const spsi_family preferred = next_family(race, addresses);
    count = leave_out_begun(race, addresses, count, left);
    assert(race->next <= SPSI_RACE_ADDRESSES);
    const size_t room = SPSI_RACE_ADDRESSES - race->next;
    race->count = race->next + (count < room ? count : room);
    size_t ours = find_family(left, count, 0, preferred, true);
    size_t others = find_family(left, count, 0, preferred, false);
    for (size_t i = race->next; i < race->count; i++) {
        const bool turn_of_others = (i - race->next) % 2 == 1;
        const bool take_other = others < count && (turn_of_others || ours >= count);
        size_t *taken = take_other ? &others : &ours;
        race->attempts[i].address = left[*taken];
        race->attempts[i].handle = SPSI_NO_HANDLE;
        *taken = find_family(left, count, *taken + 1, preferred, !take_other);
    }
}

// ---- One attempt

static bool is_any(const spsi_address *address) {
    static const uint8_t zeros[16];
    return memcmp(address->ip, zeros, sizeof zeros) == 0;
}

// An IPv6 socket reaches IPv4 peers under mapped addresses (RFC 4291, 2.5.5.2).
static spsi_address as_mapped(const spsi_address *ipv4) {
    spsi_address mapped = *ipv4;
    mapped.family = SPSI_FAMILY_IPV6;
    memset(mapped.ip, 0, sizeof mapped.ip);
    mapped.ip[10] = mapped.ip[11] = 0xff;
    memcpy(mapped.ip + 12, ipv4->ip, 4);
    return mapped;
}

// Another socket that is bound as the caller's was; both go to different peers, so they may share
// the address.
static spsi_result bind_like(const spsi_race *race, spsi_handle handle) {
    const sps_platform *platform = race->platform;
    const spsi_result shared = spsi_os_set_option(platform, handle, SPSI_SHARED_BIND, 1);
    if (shared.code != SPSI_DONE) {
        return shared;
    }
    if (race->local.family == SPSI_FAMILY_IPV6 && is_any(&race->local)) {
        const spsi_result result = spsi_os_set_option(platform, handle, SPSI_DUAL_STACK, 1);
        if (result.code != SPSI_DONE) {
            return result;
        }
    }
    return spsi_os_bind(platform, handle, &race->local);
}

// The socket for an attempt: the one that the caller has bound, another like it, or a new one.
static spsi_result open_attempt(spsi_race *race, spsi_attempt *attempt) {
    const sps_platform *platform = race->platform;
    if (race->bound != SPSI_NO_HANDLE) {
        attempt->handle = race->bound;
        race->bound = SPSI_NO_HANDLE;
        return (spsi_result){SPSI_DONE, 0};
    }
    const spsi_family family = race->is_bound ? race->local.family : attempt->address.family;
    const spsi_result result = spsi_os_open(platform, family, &attempt->handle);
    if (result.code != SPSI_DONE) {
        attempt->handle = SPSI_NO_HANDLE;
        const bool no_family = result.code == SPSI_ADDRESS_INVALID; // this machine has no IPv6
        return no_family ? (spsi_result){SPSI_UNREACHABLE, result.os_code} : result;
    }
    return race->is_bound ? bind_like(race, attempt->handle) : result;
}

// A socket without a server can connect to itself on Linux, if its own port happens to be the
// target (RFC 9293, 3.5: simultaneous open). Such a connection is of no use.
static bool is_connected_to_itself(const spsi_race *race, const spsi_attempt *attempt) {
    if (attempt->address.family == SPSI_FAMILY_UNIX) {
        return false;
    }
    const sps_platform *platform = race->platform;
    spsi_address local, peer; // the peer of 0.0.0.0 is 127.0.0.1
    return spsi_os_local_address(platform, attempt->handle, &local).code == SPSI_DONE &&
           spsi_os_peer_address(platform, attempt->handle, &peer).code == SPSI_DONE &&
           local.family == peer.family && local.port == peer.port &&
           memcmp(local.ip, peer.ip, sizeof local.ip) == 0;
}

// A poller waits for an attempt until it can be written to, or has failed. A Unix socket that is
// not connected yet has nothing that could be waited for.
static spsi_result watch_attempt(spsi_race *race, spsi_attempt *attempt, bool wanted) {
    if (race->watch == NULL || attempt->watched == wanted ||
        attempt->address.family == SPSI_FAMILY_UNIX) {
        return (spsi_result){SPSI_DONE, 0};
    }
    const spsi_watch_group *group = race->watch->group;
    const unsigned interests = SPSI_EDGE | SPSI_WRITABLE;
    const spsi_result result =
        spsi_os_selector_set(race->platform, group->selector, attempt->handle,
                             wanted ? 0 : interests, wanted ? interests : 0, race->watch);
    attempt->watched = wanted && result.code == SPSI_DONE;
    return result;
}

static void end_attempt(spsi_race *race, spsi_attempt *attempt, spsi_attempt_state state) {
    watch_attempt(race, attempt, false);
    if (state != SPSI_ATTEMPT_CONNECTED && attempt->handle != SPSI_NO_HANDLE) {
        spsi_os_close(race->platform, attempt->handle);
        attempt->handle = SPSI_NO_HANDLE;
    }
    attempt->state = state;
    attempt->end_us = spsi_os_now_us(race->platform);
}

// Notes what an attempt has come to.
static spsi_result settle(spsi_race *race, spsi_attempt *attempt, spsi_result result) {
    if (result.code == SPSI_DONE && is_connected_to_itself(race, attempt)) {
        result = (spsi_result){SPSI_REFUSED, 0};
    }
    if (result.code == SPSI_DONE) {
        end_attempt(race, attempt, SPSI_ATTEMPT_CONNECTED);
    } else if (result.code != SPSI_AGAIN) {
        attempt->os_code = result.os_code;
        race->failure = result;
        end_attempt(race, attempt, SPSI_ATTEMPT_FAILED);
    }
    return result;
}

static spsi_result connect_attempt(spsi_race *race, spsi_attempt *attempt) {
    const bool mapped = race->is_bound && race->local.family == SPSI_FAMILY_IPV6 &&
                        attempt->address.family == SPSI_FAMILY_IPV4;
    const spsi_address target = mapped ? as_mapped(&attempt->address) : attempt->address;
    return spsi_os_connect(race->platform, attempt->handle, &target);
}

static spsi_result start_attempt(spsi_race *race, spsi_attempt *attempt) {
    attempt->state = SPSI_ATTEMPT_RUNNING;
    attempt->start_us = spsi_os_now_us(race->platform);
    spsi_result result = open_attempt(race, attempt);
    if (result.code == SPSI_DONE) {
        spsi_settings_prepare(race->settings, race->platform, attempt->handle);
        result = connect_attempt(race, attempt);
    }
    if (result.code == SPSI_AGAIN) {
        const spsi_result watched = watch_attempt(race, attempt, true);
        result = watched.code == SPSI_DONE ? result : watched;
    }
    return settle(race, attempt, result);
}

// A Unix socket that is not connected yet found the server's backlog full, and has to ask again.
static spsi_result check_attempt(spsi_race *race, spsi_attempt *attempt) {
    const bool ask_again = attempt->address.family == SPSI_FAMILY_UNIX;
    return settle(race, attempt,
                  ask_again ? connect_attempt(race, attempt)
                            : spsi_os_connect_result(race->platform, attempt->handle));
}

// ---- All attempts

static spsi_result win(spsi_race *race, spsi_attempt *winner, spsi_attempt **out_winner) {
    for (size_t i = 0; i < race->count; i++) {
        if (race->attempts[i].state == SPSI_ATTEMPT_RUNNING) {
            end_attempt(race, &race->attempts[i], SPSI_ATTEMPT_ABANDONED);
        }
    }
    *out_winner = winner;
    return (spsi_result){SPSI_DONE, 0};
}

static bool is_time_for_next(const spsi_race *race, size_t running) {
    if (running == 0) {
        return true;
    }
    const sps_platform *platform = race->platform;
    const uint64_t delay_us = (uint64_t)race->settings->attempt_delay_ms * 1000;
    return spsi_os_now_us(platform) - race->attempts[race->next - 1].start_us >= delay_us;
}

spsi_result spsi_race_advance(spsi_race *race, spsi_attempt **out_winner) {
    size_t running = 0;
    bool one_failed = false;
    for (size_t i = 0; i < race->next; i++) {
        spsi_attempt *attempt = &race->attempts[i];
        if (attempt->state != SPSI_ATTEMPT_RUNNING) {
            continue;
        }
        const spsi_result result = check_attempt(race, attempt);
        if (result.code == SPSI_DONE) {
            return win(race, attempt, out_winner);
        }
        one_failed = one_failed || result.code != SPSI_AGAIN;
        running += result.code == SPSI_AGAIN;
    }
    while (race->next < race->count && (one_failed || is_time_for_next(race, running))) {
        spsi_attempt *attempt = &race->attempts[race->next++];
        const spsi_result result = start_attempt(race, attempt);
        if (result.code == SPSI_DONE) {
            return win(race, attempt, out_winner);
        }
        one_failed = result.code != SPSI_AGAIN;
        running += result.code == SPSI_AGAIN;
    }
    return running > 0 ? (spsi_result){SPSI_AGAIN, 0} : race->failure;
}

spsi_result spsi_race_set_watch(spsi_race *race, spsi_watch *watch) {
    spsi_result result = {SPSI_DONE, 0};
    if (watch != NULL) {
        race->watch = watch;
    }
    for (size_t i = 0; i < race->next; i++) {
        if (race->attempts[i].state == SPSI_ATTEMPT_RUNNING && result.code == SPSI_DONE) {
            result = watch_attempt(race, &race->attempts[i], watch != NULL);
        }
    }
    if (result.code != SPSI_DONE) {
        spsi_race_set_watch(race, NULL);
    }
    if (watch == NULL) {
        race->watch = NULL;
    }
    return result;
}

// How often a Unix server whose backlog is full is asked again.
enum { ASK_AGAIN_US = 5000 };

uint64_t spsi_race_due_us(const spsi_race *race) {
    const spsi_attempt *last = &race->attempts[race->next - 1];
    if (last->address.family == SPSI_FAMILY_UNIX) {
        return spsi_os_now_us(race->platform) + ASK_AGAIN_US;
    }
    return race->next < race->count
               ? last->start_us + (uint64_t)race->settings->attempt_delay_ms * 1000
               : SPSI_NEVER;
}

const spsi_attempt *spsi_race_last_candidate(const spsi_race *race) {
    const spsi_attempt *found = NULL;
    for (size_t i = 0; i < race->count; i++) {
        const spsi_attempt *attempt = &race->attempts[i];
        if (attempt->state == SPSI_ATTEMPT_FAILED || attempt->state == SPSI_ATTEMPT_ABANDONED) {
            continue;
        }
        if (found != NULL) {
            return NULL;
        }
        found = attempt;
    }
    return found;
}

void spsi_race_end(spsi_race *race) {
    for (size_t i = 0; i < race->count; i++) {
        if (race->attempts[i].state == SPSI_ATTEMPT_RUNNING) {
            end_attempt(race, &race->attempts[i], SPSI_ATTEMPT_ABANDONED);
        }
    }
    if (race->bound != SPSI_NO_HANDLE) {
        spsi_os_close(race->platform, race->bound);
        race->bound = SPSI_NO_HANDLE;
    }
}
