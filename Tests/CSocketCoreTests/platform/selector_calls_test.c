// SPDX-License-Identifier: MIT
//
// Selectors report each interest, refuse a watch without room in the OS or in memory, and lose no
// wake.
#include <errno.h>
#include <unistd.h>

#include "support/system_calls.h"

START_TEST(a_selector_reports_the_registered_interests) {
    const ends ends = make_ends();
    ck_assert_int_eq(write(ends.other, "x", 1), 1);
    spsi_selector *selector = make_selector();
    int token;
    spsi_ready ready;
    DONE(os()->selector_set(os(), selector, ends.one, 0, SPSI_WRITABLE, &token));
    DONE(os()->selector_wait(os(), selector, 20000000));
    ck_assert(os()->selector_next(os(), selector, &ready));
    ck_assert_ptr_eq(ready.token, &token);
    ck_assert_uint_eq(ready.mask, SPSI_WRITABLE);
    DONE(os()->selector_set(os(), selector, ends.one, SPSI_WRITABLE, SPSI_READABLE, &token));
    DONE(os()->selector_wait(os(), selector, 20000000));
    ck_assert(os()->selector_next(os(), selector, &ready));
    ck_assert_uint_eq(ready.mask & (SPSI_READABLE | SPSI_WRITABLE), SPSI_READABLE);
    DONE(os()->selector_set(os(), selector, ends.one, SPSI_READABLE, 0, &token));
    os()->selector_destroy(os(), selector);
    close_ends(&ends);
}
END_TEST

// A failure concerns readers and writers, so the selector reports every interest.
START_TEST(a_selector_reports_a_failure_as_every_interest) {
    spsi_address unused_address = loopback();
    unused_address.port = (uint16_t)unused_place(TCP).port;
    const spsi_handle handle = open_socket(unused_address.family);
    spsi_selector *selector = make_selector();
    spsi_ready ready;
    const spsi_code code = os()->connect(os(), handle, &unused_address).code;
    ck_assert(code == SPSI_AGAIN || code == SPSI_REFUSED);
    DONE(os()->selector_set(os(), selector, handle, 0, SPSI_WRITABLE, &ready));
    DONE(os()->selector_wait(os(), selector, 20000000));
    ck_assert(os()->selector_next(os(), selector, &ready));
    ck_assert_uint_eq(ready.mask, SPSI_READABLE | SPSI_WRITABLE | SPSI_MORE | SPSI_BROKEN);
    DONE(os()->selector_set(os(), selector, handle, SPSI_WRITABLE, 0, NULL));
    os()->selector_destroy(os(), selector);
    os()->close(os(), handle);
}
END_TEST

START_TEST(a_selector_that_cannot_be_made_leaves_nothing) {
    spsi_selector *selector;
    if (is_linux()) {
        fail_next("epoll_ctl", ENOSPC, 1);
        ck_assert_int_ne(os()->selector_create(os(), heap(), &selector).code, SPSI_DONE);
        return;
    }
    for (int skipped = 0; skipped < 6; skipped++) { // three for each end of the wake pipe
        fail_later("fcntl", skipped, EBADF);
        expect(os()->selector_create(os(), heap(), &selector), SPSI_FAILED, EBADF);
    }
}
END_TEST

START_TEST(a_watch_that_the_kernel_refuses_is_an_error) {
    if (!is_linux()) {
        return;
    }
    const ends ends = make_ends();
    spsi_selector *selector = make_selector();
    fail_next("epoll_ctl", ENOSPC, 1); // epoll(7): max_user_watches
    expect(os()->selector_set(os(), selector, ends.one, 0, SPSI_WRITABLE, &selector),
           SPSI_NO_MEMORY, ENOSPC);
    fail_next("epoll_ctl", ENOMEM, 1);
    expect(os()->selector_set(os(), selector, ends.one, 0, SPSI_WRITABLE, &selector),
           SPSI_NO_MEMORY, ENOMEM);
    ck_assert_int_eq(os()->selector_wait(os(), selector, 0).code, SPSI_AGAIN);
    os()->selector_destroy(os(), selector);
    close_ends(&ends);
}
END_TEST

// A signal handler may call sps_poller_wake(), and another signal may interrupt it.
START_TEST(no_wake_is_lost_by_a_signal) {
    spsi_selector *selector = make_selector();
    fail_next("write", EINTR, 2);
    errno = 4711;
    os()->selector_wake(os(), selector, SPSI_WAKER_CALLER);
    ck_assert_int_eq(errno, 4711);
    fail_next("read", EINTR, 2);
    ck_assert(is_woken(selector));
    ck_assert(all_have_failed());
    os()->selector_wake(os(), selector, SPSI_WAKER_LOOKUP);
    ck_assert(!is_woken(selector));
    os()->selector_wake(os(), selector, SPSI_WAKER_CALLER);
    fail_next("read", EPERM, 1); // the wake is reported, or it stays until the pipe can be read
    const bool at_once = is_woken(selector);
    ck_assert(all_have_failed());
    ck_assert(at_once || is_woken(selector));
    fail_next("write", EAGAIN, 1); // the pipe is full, so it wakes already
    os()->selector_wake(os(), selector, SPSI_WAKER_CALLER);
    ck_assert(all_have_failed());
    os()->selector_destroy(os(), selector);
}
END_TEST

// ---- Room

static bool is_short;

static void *allocate(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    const sps_allocator *real = user_data;
    return is_short && new_bytes > 0
               ? NULL
               : real->reallocate(real->user_data, block, old_bytes, new_bytes);
}

// The selector reports the older watches as before.
START_TEST(a_selector_without_memory_refuses_more) {
    enum { HANDLES = 100 };
    const sps_allocator allocator = {sizeof(sps_allocator), allocate, (void *)(uintptr_t)heap()};
    const ends ends = make_ends();
    int fds[HANDLES], reported = 0;
    spsi_selector *selector;
    spsi_ready ready;
    DONE(os()->selector_create(os(), &allocator, &selector));
    for (int i = 0; i < HANDLES; i++) {
        fds[i] = dup(ends.one);
        is_short = true;
        const spsi_result result =
            os()->selector_set(os(), selector, fds[i], 0, SPSI_WRITABLE, &fds[i]);
        is_short = false;
        if (result.code == SPSI_DONE) {
            continue;
        }
        ck_assert_int_eq(result.code, SPSI_NO_MEMORY);
        DONE(os()->selector_set(os(), selector, fds[i], 0, SPSI_WRITABLE, &fds[i]));
    }
    DONE(os()->selector_wait(os(), selector, 0));
    while (os()->selector_next(os(), selector, &ready)) {
        reported++;
    }
    ck_assert_int_eq(reported, HANDLES);
    for (int i = 0; i < HANDLES; i++) {
        DONE(os()->selector_set(os(), selector, fds[i], SPSI_WRITABLE, 0, NULL));
        close(fds[i]);
    }
    os()->selector_destroy(os(), selector);
    close_ends(&ends);
}
END_TEST

Suite *selector_calls_suite(void) {
    Suite *suite = suite_create("selector_calls");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_selector_reports_the_registered_interests);
    tcase_add_test(all, a_selector_reports_a_failure_as_every_interest);
    tcase_add_test(all, a_selector_that_cannot_be_made_leaves_nothing);
    tcase_add_test(all, a_watch_that_the_kernel_refuses_is_an_error);
    tcase_add_test(all, no_wake_is_lost_by_a_signal);
    tcase_add_test(all, a_selector_without_memory_refuses_more);
    return suite;
}
