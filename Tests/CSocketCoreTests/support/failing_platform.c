// SPDX-License-Identifier: MIT
#include "support/failing_platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/failures.h"

enum { MOST_CALLS = 20000 };

fault_plan the_plan;
static unsigned codes_of[MOST_CALLS];

const char *describe_fault(void) {
    static const char *const names[FAULT_CODES] = {
        "DONE",         "AGAIN",           "END",       "REFUSED",        "RESET",
        "UNREACHABLE",  "TIMED_OUT",       "NO_ANSWER", "ADDRESS_IN_USE", "ADDRESS_INVALID",
        "NAME_UNKNOWN", "NAME_UNANSWERED", "DENIED",    "NO_HANDLES",     "NO_MEMORY",
        "UNSUPPORTED",  "FAILED",          "SHORT_SEND"};
    static char text[160];
    const long nth = the_plan.nth_call != 0 ? the_plan.nth_call : the_plan.nth_allocation;
    static const char *const repeats[] = {"", ", and again", ", and for good"};
    snprintf(text, sizeof text, "%s: %ld (%s) answers %s%s",
             the_plan.scenario != NULL ? the_plan.scenario : "-", nth,
             the_plan.struck > 0 ? the_plan.struck_call : "not reached", names[the_plan.code],
             repeats[the_plan.repeat]);
    return text;
}

void plan_fault(fault_plan plan) {
    the_plan = plan;
}

unsigned codes_of_call(long nth) {
    return nth >= 1 && nth <= MOST_CALLS ? codes_of[nth - 1] : 0;
}

static const sps_platform *os(void) {
    return spsi_os_platform();
}

// Notes that something fails, and where it did first.
static bool strike(const char *name) {
    if (the_plan.struck++ == 0) {
        the_plan.struck_call = name;
    }
    return true;
}

static bool strikes_again(void) {
    return the_plan.struck > 0 &&
           (the_plan.repeat == FOR_GOOD || (the_plan.repeat == TWICE && the_plan.struck == 1));
}

bool fault_strikes(const char *name, unsigned codes) {
    const long nth = ++the_plan.calls;
    if (nth <= MOST_CALLS) {
        codes_of[nth - 1] = codes;
    }
    const bool is_due = nth == the_plan.nth_call || (the_plan.nth_call != 0 && strikes_again());
    return is_due && (codes & SPSI_BIT(the_plan.code)) != 0 && strike(name);
}

static spsi_result planned(void) {
    const spsi_code code = (spsi_code)the_plan.code;
    return (spsi_result){code, code == SPSI_AGAIN ? 0 : 4711};
}

// A call that may fail: before it reaches the OS, with `clear` done to its results.
#define MAY_FAIL(name, codes, parameters, arguments, clear)                                        \
    static spsi_result may_fail_##name parameters {                                                \
        if (fault_strikes(#name, codes)) {                                                         \
            clear;                                                                                 \
            return planned();                                                                      \
        }                                                                                          \
        return os()->name arguments;                                                               \
    }

#define P const sps_platform *p
#define H spsi_handle h

MAY_FAIL(open, SPSI_OPEN_FAILURES, (P, spsi_family family, spsi_handle *out), (p, family, out),
         *out = SPSI_NO_HANDLE)
MAY_FAIL(bind, SPSI_BIND_FAILURES, (P, H, const spsi_address *address), (p, h, address), (void)0)
MAY_FAIL(set_option, SPSI_OPTION_FAILURES, (P, H, spsi_option option, uint32_t value),
         (p, h, option, value), (void)0)
MAY_FAIL(get_option, SPSI_OPTION_FAILURES, (P, H, spsi_option option, uint32_t *out),
         (p, h, option, out), *out = 0)
MAY_FAIL(listen, SPSI_LISTEN_FAILURES, (P, H, uint32_t backlog), (p, h, backlog), (void)0)
MAY_FAIL(accept, SPSI_ACCEPT_FAILURES, (P, H, spsi_handle *out, spsi_address *out_peer),
         (p, h, out, out_peer), *out = SPSI_NO_HANDLE)
MAY_FAIL(connect, SPSI_CONNECT_FAILURES, (P, H, const spsi_address *address), (p, h, address),
         (void)0)
MAY_FAIL(connect_result, SPSI_CONNECT_RESULT_FAILURES, (P, H), (p, h), (void)0)
// Never AGAIN where bytes are: the OS tells of them once (EPOLLET, epoll(7)), and does not say so falsely.
MAY_FAIL(receive, SPSI_RECEIVE_FAILURES & ~SPSI_BIT(SPSI_AGAIN),
         (P, H, void *buffer, size_t size, size_t *out), (p, h, buffer, size, out), *out = 0)
MAY_FAIL(receive_waiting, SPSI_RECEIVE_FAILURES, (P, H, void *buffer, size_t size, size_t *out),
         (p, h, buffer, size, out), *out = 0)
MAY_FAIL(pending_failure, SPSI_PENDING_FAILURES, (P, H), (p, h), (void)0)
MAY_FAIL(available, SPSI_AVAILABLE_FAILURES, (P, H, size_t *out), (p, h, out), *out = 0)
MAY_FAIL(shutdown_write, SPSI_SHUTDOWN_WRITE_FAILURES, (P, H), (p, h), (void)0)
MAY_FAIL(wait, SPSI_WAIT_FAILURES, (P, H, unsigned interests, uint64_t us), (p, h, interests, us),
         (void)0)
MAY_FAIL(selector_create, SPSI_SELECTOR_CREATE_FAILURES,
         (P, const sps_allocator *allocator, spsi_selector **out), (p, allocator, out), *out = NULL)
MAY_FAIL(selector_wait, SPSI_SELECTOR_WAIT_FAILURES, (P, spsi_selector *selector, uint64_t us),
         (p, selector, us), (void)0)
MAY_FAIL(peer_address, SPSI_ADDRESS_FAILURES, (P, H, spsi_address *out), (p, h, out), (void)0)
MAY_FAIL(local_address, SPSI_ADDRESS_FAILURES, (P, H, spsi_address *out), (p, h, out), (void)0)
MAY_FAIL(tcp_info, SPSI_TCP_INFO_FAILURES, (P, H, sps_tcp_info *out), (p, h, out), (void)0)
MAY_FAIL(peer_credentials, SPSI_PEER_CREDENTIALS_FAILURES, (P, H, sps_peer_credentials *out),
         (p, h, out), (void)0)
MAY_FAIL(adopt, SPSI_ADOPT_FAILURES, (P, H), (p, h), (void)0)
MAY_FAIL(absolute_path, SPSI_ABSOLUTE_PATH_FAILURES,
         (P, const char *path, char *buffer, size_t size), (p, path, buffer, size), (void)0)
MAY_FAIL(set_file_mode, SPSI_SET_FILE_MODE_FAILURES, (P, const char *path, uint32_t mode),
         (p, path, mode), (void)0)
MAY_FAIL(lock_path, SPSI_LOCK_PATH_FAILURES, (P, const char *path, spsi_handle *out),
         (p, path, out), *out = SPSI_NO_HANDLE)

static bool cut_send_fails(void) {
    if (the_plan.struck == 0 || the_plan.next_code == 0) {
        return false;
    }
    the_plan.code = the_plan.next_code;
    the_plan.next_code = 0;
    return true;
}

static spsi_result may_fail_send(P, H, const spsi_slice *slices, size_t count, size_t *out) {
    if (!cut_send_fails() && !fault_strikes("send", SPSI_SEND_FAILURES | SPSI_BIT(SHORT_SEND))) {
        return os()->send(p, h, slices, count, out);
    }
    *out = 0;
    if (the_plan.code != SHORT_SEND) {
        return planned();
    }
    spsi_slice first = slices[0];
    first.size = 1;
    return os()->send(p, h, &first, 1, out);
}

// A change that only takes away never fails (platform.h).
static spsi_result may_fail_selector_set(P, spsi_selector *selector, H, unsigned before,
                                         unsigned after, void *token) {
    const bool adds = (after & ~before) != 0;
    if (fault_strikes("selector_set", adds ? SPSI_SELECTOR_SET_FAILURES : 0)) {
        return planned();
    }
    return os()->selector_set(p, selector, h, before, after, token);
}

// ---- Look-ups: of one name, answered at once, so that no thread disturbs the counting

struct spsi_lookup {
    spsi_code code;
};

static spsi_result lookup_start(P, const char *name, unsigned families, spsi_lookup **out) {
    (void)p;
    (void)families;
    *out = NULL;
    if (fault_strikes("lookup_start", SPSI_LOOKUP_START_FAILURES)) {
        return planned();
    }
    *out = malloc(sizeof **out);
    (*out)->code = strcmp(name, FAULT_NAME) == 0 ? SPSI_DONE : SPSI_NAME_UNKNOWN;
    return (spsi_result){SPSI_DONE, 0};
}

static spsi_result lookup_result(P, spsi_lookup *lookup, spsi_address *out, size_t capacity,
                                 size_t *out_count) {
    (void)p;
    *out_count = 0;
    if (fault_strikes("lookup_result", SPSI_LOOKUP_RESULT_FAILURES)) {
        return planned();
    }
    static const char *const texts[] = {"::1", "127.0.0.1"};
    for (; lookup->code == SPSI_DONE && *out_count < 2 && *out_count < capacity; (*out_count)++) {
        spsi_ip_from_text(texts[*out_count], &out[*out_count]);
    }
    return (spsi_result){lookup->code, 0};
}

static spsi_result lookup_wait(P, spsi_lookup *lookup, uint64_t us) {
    (void)p;
    (void)lookup;
    (void)us;
    return (spsi_result){SPSI_DONE, 0};
}

static void lookup_watch(P, spsi_lookup *lookup, spsi_lookup_watch *watch) {
    (void)lookup;
    os()->selector_wake(p, watch->selector, SPSI_WAKER_LOOKUP);
}

static void lookup_unwatch(P, spsi_lookup *lookup, spsi_lookup_watch *watch) {
    (void)p;
    (void)lookup;
    (void)watch;
}

static void lookup_end(P, spsi_lookup *lookup, bool was_useful) {
    (void)p;
    (void)was_useful;
    free(lookup);
}

const sps_platform *fault_platform(void) {
    static sps_platform platform;
    platform = *os();
#define TAKE(name) platform.name = may_fail_##name
    TAKE(open), TAKE(bind), TAKE(set_option), TAKE(get_option), TAKE(listen), TAKE(accept);
    TAKE(connect), TAKE(connect_result), TAKE(receive), TAKE(receive_waiting), TAKE(send);
    TAKE(available), TAKE(shutdown_write), TAKE(wait), TAKE(selector_create), TAKE(selector_set);
    TAKE(selector_wait), TAKE(peer_address), TAKE(local_address), TAKE(tcp_info), TAKE(adopt);
    TAKE(set_file_mode), TAKE(lock_path), TAKE(peer_credentials), TAKE(pending_failure);
    TAKE(absolute_path);
    platform.lookup_start = lookup_start;
    platform.lookup_result = lookup_result;
    platform.lookup_wait = lookup_wait;
    platform.lookup_watch = lookup_watch;
    platform.lookup_unwatch = lookup_unwatch;
    platform.lookup_end = lookup_end;
    return &platform;
}

// ---- Memory

static void *allocate(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    (void)user_data;
    if (new_bytes == 0) {
        the_plan.bytes -= (long)old_bytes;
        free(block);
        return NULL;
    }
    const bool is_due = ++the_plan.allocations == the_plan.nth_allocation ||
                        (the_plan.nth_allocation != 0 && strikes_again());
    if (is_due && strike("allocate")) {
        return NULL;
    }
    the_plan.bytes += (long)new_bytes - (long)old_bytes;
    return realloc(block, new_bytes);
}

const sps_allocator *fault_allocator(void) {
    static const sps_allocator allocator = {.struct_size = sizeof(sps_allocator),
                                            .reallocate = allocate};
    return &allocator;
}
