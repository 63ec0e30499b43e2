// SPDX-License-Identifier: MIT
//
// Selectors: wakes, many handles, memory.
#include "support/contract.h"

static const sps_platform *os(void) {
    return platform_under_test();
}

enum { TOKENS = 100 };

// ---- Wakes

// One wait that a wake must end. Returns whether SPSI_WOKEN was reported.
static bool is_woken(spsi_selector *selector, uint64_t timeout_us) {
    bool woken = false;
    spsi_ready ready;
    DONE(spsi_os_selector_wait(os(), selector, timeout_us));
    while (spsi_os_selector_next(os(), selector, &ready)) {
        ck_assert_ptr_null(ready.token);
        ck_assert((ready.mask & ~(unsigned)SPSI_WOKEN) == 0);
        woken = woken || ready.mask == SPSI_WOKEN;
    }
    return woken;
}

START_TEST(a_wake_ends_the_next_wait) {
    spsi_selector *selector = make_selector();
    spsi_os_selector_wake(os(), selector, SPSI_WAKER_CALLER);
    ck_assert(is_woken(selector, SPSI_FOREVER));
    EXPECT(spsi_os_selector_wait(os(), selector, 0), SPSI_AGAIN);
    destroy_selector(selector);
}
END_TEST

START_TEST(a_look_up_wakes_without_a_word) {
    spsi_selector *selector = make_selector();
    spsi_os_selector_wake(os(), selector, SPSI_WAKER_LOOKUP);
    ck_assert(!is_woken(selector, SPSI_FOREVER));
    EXPECT(spsi_os_selector_wait(os(), selector, 0), SPSI_AGAIN);
    destroy_selector(selector);
}
END_TEST

START_TEST(a_wake_by_the_caller_is_reported_beside_others) {
    spsi_selector *selector = make_selector();
    for (size_t i = 0; i < 3; i++) {
        for (size_t nth = 0; nth < 3; nth++) {
            const spsi_waker waker = nth == i ? SPSI_WAKER_CALLER : SPSI_WAKER_LOOKUP;
            spsi_os_selector_wake(os(), selector, waker);
        }
        ck_assert(is_woken(selector, SPSI_FOREVER));
        EXPECT(spsi_os_selector_wait(os(), selector, 0), SPSI_AGAIN);
    }
    destroy_selector(selector);
}
END_TEST

// More wakes than a pipe holds: they never block.
START_TEST(many_wakes_are_one) {
    spsi_selector *selector = make_selector();
    for (int i = 0; i < 70000; i++) {
        spsi_os_selector_wake(os(), selector, SPSI_WAKER_CALLER);
    }
    ck_assert(is_woken(selector, SPSI_FOREVER));
    await_silence(selector);
    destroy_selector(selector);
}
END_TEST

static void wake_later(void *selector) {
    spsi_os_selector_wake(os(), selector, SPSI_WAKER_CALLER);
}

START_TEST(a_wake_ends_the_current_wait) {
    spsi_selector *selector = make_selector();
    for (int i = 0; i < 200; i++) {
        later(wake_later, selector);
        ck_assert(is_woken(selector, SPSI_FOREVER));
        finish_later();
    }
    EXPECT(spsi_os_selector_wait(os(), selector, 0), SPSI_AGAIN);
    destroy_selector(selector);
}
END_TEST

START_TEST(a_wake_hides_no_handle) {
    spsi_selector *selector = make_selector();
    connection open = open_connection(SPSI_FAMILY_IPV4);
    watch(selector, open.client, 0, SPSI_READABLE, &open);
    send_text(open.server, "x");
    await_available(open.client, 1);
    spsi_os_selector_wake(os(), selector, SPSI_WAKER_CALLER);
    bool woken = false, ready = false;
    for (int i = 0; i < 2; i++) {
        size_t others;
        ready = (wait_once(selector, 1000, &open, &others) & SPSI_READABLE) != 0 || ready;
        woken = woken || others > 0;
    }
    ck_assert(ready && woken);
    watch(selector, open.client, SPSI_READABLE, 0, &open);
    destroy_selector(selector);
    close_connection(&open);
}
END_TEST

// ---- Many handles

typedef struct crowd {
    spsi_selector *selector;
    spsi_handle listener, clients[TOKENS], servers[TOKENS];
    unsigned masks[TOKENS]; // reported so far; the token of a client is its mask
} crowd;

static void gather(crowd *crowd, unsigned interests) {
    spsi_address place, peer;
    *crowd = (struct crowd){.selector = make_selector()};
    crowd->listener = listen_somewhere_on(SPSI_FAMILY_IPV4, &place);
    for (size_t i = 0; i < TOKENS; i++) {
        crowd->clients[i] = connect_to_address(&place);
        crowd->servers[i] = accept_from(crowd->listener, &peer);
        watch(crowd->selector, crowd->clients[i], 0, interests, &crowd->masks[i]);
    }
}

static void dissolve(crowd *crowd, unsigned interests) {
    for (size_t i = 0; i < TOKENS; i++) {
        watch(crowd->selector, crowd->clients[i], interests, 0, &crowd->masks[i]);
        close_socket(crowd->clients[i]);
        close_socket(crowd->servers[i]);
    }
    destroy_selector(crowd->selector);
    close_socket(crowd->listener);
}

// Waits, takes at most so many reports, and returns how many handles were reported so far.
static size_t count_reported(crowd *crowd, size_t most) {
    spsi_ready ready;
    size_t count = 0;
    spsi_os_selector_wait(os(), crowd->selector, 1000);
    for (size_t i = 0; i < most && spsi_os_selector_next(os(), crowd->selector, &ready); i++) {
        unsigned *mask = ready.token;
        ck_assert(mask >= crowd->masks && mask < crowd->masks + TOKENS);
        *mask |= ready.mask;
    }
    for (size_t i = 0; i < TOKENS; i++) {
        count += (crowd->masks[i] & SPSI_READABLE) != 0;
    }
    return count;
}

START_TEST(each_of_many_is_reported) {
    static crowd crowd;
    const unsigned interests = _i == 0 ? SPSI_READABLE : SPSI_READABLE | SPSI_EDGE;
    gather(&crowd, interests);
    for (size_t i = 0; i < TOKENS; i++) {
        send_text(crowd.servers[i], "x");
    }
    WAIT_UNTIL(count_reported(&crowd, SIZE_MAX) == TOKENS);
    for (size_t i = 0; i < TOKENS; i++) {
        receive_text(crowd.clients[i], "x");
        crowd.masks[i] = 0;
    }
    await_silence(crowd.selector);
    send_text(crowd.servers[TOKENS / 2], "y");
    await_report(crowd.selector, &crowd.masks[TOKENS / 2], SPSI_READABLE);
    dissolve(&crowd, interests);
}
END_TEST

// A wait drops the reports that the caller has not taken. Levels come again.
START_TEST(levels_that_were_not_taken_come_again) {
    static crowd crowd;
    gather(&crowd, SPSI_READABLE);
    for (size_t i = 0; i < TOKENS; i++) {
        send_text(crowd.servers[i], "x");
        await_available(crowd.clients[i], 1);
    }
    count_reported(&crowd, 1);
    WAIT_UNTIL(count_reported(&crowd, SIZE_MAX) == TOKENS);
    dissolve(&crowd, SPSI_READABLE);
}
END_TEST

// The caller may change and remove handles while it takes reports. One that is removed may still
// come, because the platform may have had it ready. No other one is lost.
START_TEST(handles_leave_while_reports_are_taken) {
    static crowd crowd;
    gather(&crowd, SPSI_READABLE);
    for (size_t i = 0; i < TOKENS; i++) {
        send_text(crowd.servers[i], "x");
        await_available(crowd.clients[i], 1);
    }
    count_reported(&crowd, 1);
    for (size_t i = 0; i < TOKENS; i += 2) {
        watch(crowd.selector, crowd.clients[i], SPSI_READABLE, 0, NULL);
        crowd.masks[i] = SPSI_READABLE;
    }
    spsi_ready ready;
    while (spsi_os_selector_next(os(), crowd.selector, &ready)) {
        ck_assert_ptr_nonnull(ready.token);
    }
    WAIT_UNTIL(count_reported(&crowd, SIZE_MAX) == TOKENS);
    for (size_t i = 0; i < TOKENS; i += 2) {
        watch(crowd.selector, crowd.clients[i], 0, SPSI_READABLE, &crowd.masks[i]);
    }
    dissolve(&crowd, SPSI_READABLE);
}
END_TEST

// ---- Memory

START_TEST(a_wait_allocates_nothing) {
    spsi_selector *selector = make_selector();
    connection open = open_connection(SPSI_FAMILY_IPV4);
    const account *memory = account_of_selector();
    watch(selector, open.client, 0, SPSI_READABLE, &open);
    const size_t calls = memory->calls;
    send_text(open.server, "x");
    await_report(selector, &open, SPSI_READABLE);
    watch(selector, open.client, SPSI_READABLE, SPSI_EDGE, &open);
    spsi_os_selector_wake(os(), selector, SPSI_WAKER_CALLER);
    size_t others;
    wait_once(selector, 0, &open, &others);
    watch(selector, open.client, SPSI_EDGE, 0, &open);
    ck_assert_uint_eq(memory->calls, calls);
    destroy_selector(selector);
    close_connection(&open);
}
END_TEST

// Adds handles until the platform needs memory, which there is not. Some platforms never need any.
START_TEST(without_memory_nothing_changes) {
    static crowd crowd;
    spsi_address place, peer;
    account *memory = account_of_selector();
    size_t count = 0;
    crowd = (struct crowd){.selector = make_selector()};
    crowd.listener = listen_somewhere_on(SPSI_FAMILY_IPV4, &place);
    for (bool is_refused = false; !is_refused && count < TOKENS; count++) {
        crowd.clients[count] = connect_to_address(&place);
        crowd.servers[count] = accept_from(crowd.listener, &peer);
        send_text(crowd.servers[count], "x");
        memory->fail_at = memory->calls + 1;
        const spsi_result result = spsi_os_selector_set(os(), crowd.selector, crowd.clients[count],
                                                        0, SPSI_READABLE, &crowd.masks[count]);
        memory->fail_at = 0;
        is_refused = result.code == SPSI_NO_MEMORY;
        if (is_refused) {
            size_t others;
            ck_assert_uint_eq(wait_once(crowd.selector, 0, &crowd.masks[count], &others), 0);
            watch(crowd.selector, crowd.clients[count], 0, SPSI_READABLE, &crowd.masks[count]);
        } else {
            DONE(result);
        }
    }
    for (size_t i = 0; i < count; i++) {
        await_report(crowd.selector, &crowd.masks[i], SPSI_READABLE);
        watch(crowd.selector, crowd.clients[i], SPSI_READABLE, 0, &crowd.masks[i]);
        close_socket(crowd.clients[i]);
        close_socket(crowd.servers[i]);
    }
    destroy_selector(crowd.selector);
    close_socket(crowd.listener);
}
END_TEST

Suite *contract_wake_suite(void) {
    Suite *suite = suite_create("contract_wake");
    TCase *all = add_contract_case(suite, "all");
    tcase_add_test(all, a_wake_ends_the_next_wait);
    tcase_add_test(all, a_look_up_wakes_without_a_word);
    tcase_add_test(all, a_wake_by_the_caller_is_reported_beside_others);
    tcase_add_test(all, many_wakes_are_one);
    tcase_add_test(all, a_wake_ends_the_current_wait);
    tcase_add_test(all, a_wake_hides_no_handle);
    tcase_add_loop_test(all, each_of_many_is_reported, 0, 2);
    tcase_add_test(all, levels_that_were_not_taken_come_again);
    tcase_add_test(all, handles_leave_while_reports_are_taken);
    tcase_add_test(all, a_wait_allocates_nothing);
    tcase_add_test(all, without_memory_nothing_changes);
    return suite;
}
