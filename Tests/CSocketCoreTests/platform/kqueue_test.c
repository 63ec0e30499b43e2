// SPDX-License-Identifier: MIT
//
// The selector of the BSDs and macOS, on a scripted kqueue: its registrations, its reading of
// events, and its answers to failed changes.
#include <errno.h>
#include <unistd.h>

#include "support/scripted_kqueue.h"
#include "support/system_calls.h"

static const sps_platform *kq(void) {
    return kqueue_platform();
}

static int the_token;

// A selector, and a socket to watch in it.
typedef struct watched {
    spsi_selector *selector;
    ends ends;
} watched;

static watched begin(unsigned interests) {
    watched watched = {.ends = make_ends()};
    DONE(kq()->selector_create(kq(), heap(), &watched.selector));
    DONE(kq()->selector_set(kq(), watched.selector, watched.ends.one, 0, interests, &the_token));
    return watched;
}

static spsi_result change(const watched *watched, unsigned before, unsigned after) {
    return kq()->selector_set(kq(), watched->selector, watched->ends.one, before, after,
                              &the_token);
}

static void end(const watched *watched, unsigned interests) {
    DONE(change(watched, interests, 0));
    ck_assert_uint_eq(count_filters(), 0);
    kq()->selector_destroy(kq(), watched->selector);
    close_ends(&watched->ends);
}

// Looks without blocking. Returns what is reported of the socket, of all its events; 0: nothing.
static unsigned look(const watched *watched) {
    const spsi_code code = kq()->selector_wait(kq(), watched->selector, 0).code;
    unsigned mask = 0;
    spsi_ready ready;
    while (kq()->selector_next(kq(), watched->selector, &ready)) {
        ck_assert_ptr_eq(ready.token, &the_token);
        mask |= ready.mask;
    }
    ck_assert_int_eq(code, mask != 0 ? SPSI_DONE : SPSI_AGAIN);
    return mask;
}

static void expect_filter(const watched *watched, unsigned interest, bool is_there, bool is_once) {
    const registration found = registration_of(watched->ends.one, interest);
    ck_assert_int_eq(found.is_there, is_there);
    ck_assert_int_eq(is_there && found.is_once, is_once);
    ck_assert_int_eq(is_there && found.low_water != 0, is_once);
}

// ---- Events

enum { EVERYTHING = SPSI_READABLE | SPSI_WRITABLE | SPSI_MORE | SPSI_BROKEN };

// kqueue(2): EV_EOF comes with bytes left, and with the socket's error in fflags. No failure of a
// socket has EV_ERROR, but it would be one.
START_TEST(each_event_has_its_meaning) {
    static const struct {
        unsigned interest;
        filter_state state;
        unsigned mask;
    } rows[] = {
        {SPSI_READABLE, {0, 0, 5}, SPSI_READABLE},
        {SPSI_READABLE, {FILTER_OOB, 0, 5}, SPSI_READABLE | SPSI_MORE},
        {SPSI_READABLE, {FILTER_EOF, 0, 5}, SPSI_READABLE | SPSI_MORE},
        {SPSI_READABLE, {FILTER_EOF, ECONNRESET, 5}, EVERYTHING},
        {SPSI_READABLE, {FILTER_ERROR, 0, EBADF}, EVERYTHING},
        {SPSI_WRITABLE, {0, 0, 4096}, SPSI_WRITABLE},
        {SPSI_WRITABLE, {FILTER_EOF, 0, 4096}, SPSI_WRITABLE | SPSI_MORE},
        {SPSI_WRITABLE, {FILTER_EOF, ECONNRESET, 4096}, EVERYTHING},
    };
    const watched watched = begin(SPSI_READABLE | SPSI_WRITABLE);
    for (size_t i = 0; i < COUNT(rows); i++) {
        set_state(watched.ends.one, rows[i].interest, rows[i].state);
        ck_assert_uint_eq(look(&watched), rows[i].mask);
        forget_state(watched.ends.one, rows[i].interest);
        ck_assert_uint_eq(look(&watched), 0);
    }
    end(&watched, SPSI_READABLE | SPSI_WRITABLE);
}
END_TEST

START_TEST(both_filters_of_a_socket_are_reported) {
    const watched watched = begin(SPSI_READABLE | SPSI_WRITABLE);
    set_state(watched.ends.one, SPSI_READABLE, (filter_state){.data = 1});
    set_state(watched.ends.one, SPSI_WRITABLE, (filter_state){.data = 1});
    ck_assert_uint_eq(look(&watched), SPSI_READABLE | SPSI_WRITABLE);
    end(&watched, SPSI_READABLE | SPSI_WRITABLE);
}
END_TEST

// A read of macOS stops at urgent data, and no new event would show the bytes behind it. With
// EV_CLEAR they would never be read. So bytes are reported as long as they are there.
START_TEST(bytes_behind_a_short_read_are_reported_again) {
    const unsigned interests = SPSI_READABLE | SPSI_EDGE;
    const watched watched = begin(interests);
    expect_filter(&watched, SPSI_READABLE, true, false);
    set_state(watched.ends.one, SPSI_READABLE, (filter_state){.flags = FILTER_OOB, .data = 9});
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(look(&watched), SPSI_READABLE | SPSI_MORE);
    }
    end(&watched, interests);
}
END_TEST

// An idle registration: bytes do not matter. The end and a reset are reported, each once.
START_TEST(a_socket_that_nobody_reads_is_heard_once) {
    const watched watched = begin(SPSI_EDGE);
    expect_filter(&watched, SPSI_READABLE, true, true);
    expect_filter(&watched, SPSI_WRITABLE, false, false);
    set_state(watched.ends.one, SPSI_READABLE, (filter_state){.data = 1 << 30});
    ck_assert_uint_eq(look(&watched), 0);
    set_state(watched.ends.one, SPSI_READABLE, (filter_state){.flags = FILTER_EOF, .data = 9});
    ck_assert_uint_eq(look(&watched), SPSI_READABLE | SPSI_MORE);
    ck_assert_uint_eq(look(&watched), 0);
    set_state(watched.ends.one, SPSI_READABLE,
              (filter_state){.flags = FILTER_EOF, .fflags = ECONNRESET, .data = 9});
    ck_assert_uint_eq(look(&watched), EVERYTHING);
    ck_assert_uint_eq(look(&watched), 0);
    end(&watched, SPSI_EDGE);
}
END_TEST

// ---- Changes

// FreeBSD keeps EV_CLEAR of a filter that is added again. The selector deletes it first.
START_TEST(each_change_registers_what_is_asked_for) {
    static const unsigned sets[] = {
        SPSI_EDGE,
        SPSI_READABLE,
        SPSI_WRITABLE,
        SPSI_EDGE | SPSI_WRITABLE,
        SPSI_EDGE | SPSI_READABLE,
        SPSI_READABLE | SPSI_WRITABLE,
        SPSI_EDGE | SPSI_READABLE | SPSI_WRITABLE,
    };
    for (size_t i = 0; i < COUNT(sets); i++) {
        for (size_t j = 0; j < COUNT(sets); j++) {
            const watched watched = begin(sets[i]);
            DONE(change(&watched, sets[i], sets[j]));
            const bool reads = (sets[j] & SPSI_READABLE) != 0;
            expect_filter(&watched, SPSI_READABLE, reads || (sets[j] & SPSI_EDGE) != 0,
                          !reads && (sets[j] & SPSI_EDGE) != 0);
            expect_filter(&watched, SPSI_WRITABLE, (sets[j] & SPSI_WRITABLE) != 0, false);
            end(&watched, sets[j]);
        }
    }
}
END_TEST

// kevent(2): a signal ends the call after its changes.
START_TEST(a_signal_undoes_no_change) {
    const watched watched = begin(SPSI_READABLE);
    fail_change(0, EINTR);
    DONE(change(&watched, SPSI_READABLE, SPSI_READABLE | SPSI_WRITABLE));
    expect_filter(&watched, SPSI_WRITABLE, true, false);
    fail_change(0, EINTR);
    DONE(change(&watched, SPSI_READABLE | SPSI_WRITABLE, SPSI_READABLE));
    expect_filter(&watched, SPSI_WRITABLE, false, false);
    end(&watched, SPSI_READABLE);
}
END_TEST

START_TEST(a_refused_change_leaves_the_older_interests) {
    const watched watched = begin(SPSI_EDGE);
    fail_change(0, ENOMEM);
    expect(change(&watched, SPSI_EDGE, SPSI_EDGE | SPSI_WRITABLE), SPSI_NO_MEMORY, ENOMEM);
    expect_filter(&watched, SPSI_READABLE, true, true);
    expect_filter(&watched, SPSI_WRITABLE, false, false);
    fail_change(1, ENOMEM); // after the old filter is deleted
    expect(change(&watched, SPSI_EDGE, SPSI_READABLE), SPSI_NO_MEMORY, ENOMEM);
    expect_filter(&watched, SPSI_READABLE, true, true);
    fail_change(2, ENOMEM); // after the change of reading
    expect(change(&watched, SPSI_EDGE, SPSI_READABLE | SPSI_WRITABLE), SPSI_NO_MEMORY, ENOMEM);
    expect_filter(&watched, SPSI_READABLE, true, true);
    expect_filter(&watched, SPSI_WRITABLE, false, false);
    end(&watched, SPSI_EDGE);
    const struct watched other = begin(SPSI_READABLE);
    fail_change(0, ENOMEM);
    expect(kq()->selector_set(kq(), other.selector, other.ends.other, 0, SPSI_READABLE, NULL),
           SPSI_NO_MEMORY, ENOMEM);
    end(&other, SPSI_READABLE);
}
END_TEST

// platform.h: a change that only removes interests never fails.
START_TEST(a_change_that_removes_interests_never_fails) {
    const unsigned all = SPSI_EDGE | SPSI_READABLE | SPSI_WRITABLE;
    const watched watched = begin(all);
    fail_change(0, ENOENT);
    DONE(change(&watched, all, SPSI_EDGE | SPSI_READABLE));
    DONE(change(&watched, SPSI_EDGE | SPSI_READABLE, all));
    fail_change(1, ENOMEM); // the filter for failures alone
    DONE(change(&watched, all, SPSI_EDGE | SPSI_WRITABLE));
    expect_filter(&watched, SPSI_READABLE, false, false);
    DONE(change(&watched, SPSI_EDGE | SPSI_WRITABLE, all));
    expect_filter(&watched, SPSI_READABLE, true, false);
    end(&watched, all);
}
END_TEST

// Other code has closed the descriptor, and its filters went with it.
START_TEST(a_closed_descriptor_can_be_removed) {
    const watched watched = begin(SPSI_READABLE | SPSI_WRITABLE);
    const int kept = dup(watched.ends.one);
    close(watched.ends.one);
    DONE(change(&watched, SPSI_READABLE | SPSI_WRITABLE, SPSI_READABLE));
    expect(change(&watched, SPSI_READABLE, SPSI_READABLE | SPSI_WRITABLE), SPSI_FAILED, EBADF);
    DONE(change(&watched, SPSI_READABLE, 0));
    ck_assert_uint_eq(look(&watched), 0);
    ck_assert_int_eq(dup2(kept, watched.ends.one), watched.ends.one);
    close(kept);
    DONE(change(&watched, 0, SPSI_READABLE));
    end(&watched, SPSI_READABLE);
}
END_TEST

// ---- Making, waiting and waking

START_TEST(a_kqueue_that_cannot_be_made_leaves_nothing) {
    spsi_selector *selector;
    fail_kqueue(EMFILE);
    expect(kq()->selector_create(kq(), heap(), &selector), SPSI_NO_HANDLES, EMFILE);
    fail_change(0, ENOMEM); // the pipe that wakes
    expect(kq()->selector_create(kq(), heap(), &selector), SPSI_NO_MEMORY, ENOMEM);
    for (int skipped = 0; skipped < 7; skipped++) { // three for each end of the pipe
        fail_later("fcntl", skipped, EBADF);
        expect(kq()->selector_create(kq(), heap(), &selector), SPSI_FAILED, EBADF);
    }
}
END_TEST

// macOS refuses waits of more than three years.
START_TEST(no_wait_is_too_long) {
    const watched watched = begin(SPSI_READABLE);
    spsi_ready ready;
    set_state(watched.ends.one, SPSI_READABLE, (filter_state){.data = 1});
    DONE(kq()->selector_wait(kq(), watched.selector, SPSI_FOREVER - 1));
    ck_assert(kq()->selector_next(kq(), watched.selector, &ready));
    DONE(kq()->selector_wait(kq(), watched.selector, SPSI_FOREVER));
    ck_assert(kq()->selector_next(kq(), watched.selector, &ready));
    end(&watched, SPSI_READABLE);
}
END_TEST

START_TEST(a_wake_ends_a_wait) {
    const watched watched = begin(SPSI_READABLE);
    spsi_ready ready;
    static const spsi_waker wakers[] = {SPSI_WAKER_CALLER, SPSI_WAKER_LOOKUP};
    for (size_t i = 0; i < COUNT(wakers); i++) {
        kq()->selector_wake(kq(), watched.selector, wakers[i]);
        DONE(kq()->selector_wait(kq(), watched.selector, SPSI_FOREVER));
        ck_assert(kq()->selector_next(kq(), watched.selector, &ready));
        ck_assert_ptr_null(ready.token);
        ck_assert_uint_eq(ready.mask, wakers[i] == SPSI_WAKER_CALLER ? SPSI_WOKEN : 0);
        ck_assert_uint_eq(look(&watched), 0);
    }
    ck_assert(kq()->selector_descriptor(kq(), watched.selector) >= 0);
    end(&watched, SPSI_READABLE);
}
END_TEST

Suite *kqueue_suite(void) {
    Suite *suite = suite_create("kqueue");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, each_event_has_its_meaning);
    tcase_add_test(all, both_filters_of_a_socket_are_reported);
    tcase_add_test(all, bytes_behind_a_short_read_are_reported_again);
    tcase_add_test(all, a_socket_that_nobody_reads_is_heard_once);
    tcase_add_test(all, each_change_registers_what_is_asked_for);
    tcase_add_test(all, a_signal_undoes_no_change);
    tcase_add_test(all, a_refused_change_leaves_the_older_interests);
    tcase_add_test(all, a_change_that_removes_interests_never_fails);
    tcase_add_test(all, a_closed_descriptor_can_be_removed);
    tcase_add_test(all, a_kqueue_that_cannot_be_made_leaves_nothing);
    tcase_add_test(all, no_wait_is_too_long);
    tcase_add_test(all, a_wake_ends_a_wait);
    return suite;
}
