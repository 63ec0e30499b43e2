// SPDX-License-Identifier: MIT
//
// Look-ups on Windows, with an OS that answers when the test says so. The program's own functions
// take the place of those of ws2_32.dll.
#include "platform/windows/windows.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "support/support.h"

// ---- The OS

enum { MOST_QUESTIONS = 256 };

typedef struct question {
    OVERLAPPED *overlapped;
    PADDRINFOEXW *answer;
    int family;
    bool is_answered;
} question;

static SRWLOCK lock = SRWLOCK_INIT; // threads of the OS's pool may ask again
static question questions[MOST_QUESTIONS];
static int asked, cancelled, freed;
static int answer_at_once;    // unless 0: this failure
static bool cancels, is_deaf; // a cancel ends the question; a cancel is refused

static int count_asked(void) {
    AcquireSRWLockShared(&lock);
    const int count = asked;
    ReleaseSRWLockShared(&lock);
    return count;
}

static INT WSAAPI ask(PCWSTR name, PCWSTR service, DWORD space, LPGUID provider,
                      const ADDRINFOEXW *hints, PADDRINFOEXW *answer, struct timeval *timeout,
                      LPOVERLAPPED overlapped, LPLOOKUPSERVICE_COMPLETION_ROUTINE routine,
                      LPHANDLE handle) {
    (void)service;
    (void)space;
    (void)provider;
    (void)timeout;
    ck_assert_ptr_null(routine);
    ck_assert_uint_ne(name[0], 0);
    if (answer_at_once != 0) {
        return answer_at_once;
    }
    AcquireSRWLockExclusive(&lock);
    ck_assert_int_lt(asked, MOST_QUESTIONS);
    questions[asked++] = (question){overlapped, answer, hints->ai_family, false};
    *handle = (HANDLE)(uintptr_t)asked;
    ReleaseSRWLockExclusive(&lock);
    return WSA_IO_PENDING;
}

static void end_question(question *question, int code) {
    ck_assert(!question->is_answered);
    question->is_answered = true;
    question->overlapped->Internal = (ULONG_PTR)code;
    SetEvent(question->overlapped->hEvent);
}

static INT WSAAPI cancel(LPHANDLE handle) {
    question *question = &questions[(uintptr_t)*handle - 1];
    cancelled++;
    if (is_deaf) {
        return WSA_INVALID_HANDLE;
    }
    if (cancels) {
        end_question(question, WSA_E_CANCELLED);
    }
    return NO_ERROR;
}

static INT WSAAPI result_of_question(LPOVERLAPPED overlapped) {
    return (INT)overlapped->Internal;
}

static void WSAAPI free_answer(PADDRINFOEXW answer) {
    (void)answer;
    freed++;
}

INT WSAAPI GetAddrInfoExCancel(LPHANDLE handle);
INT WSAAPI GetAddrInfoExCancel(LPHANDLE handle) {
    return cancel(handle);
}

INT WSAAPI GetAddrInfoExOverlappedResult(LPOVERLAPPED overlapped);
INT WSAAPI GetAddrInfoExOverlappedResult(LPOVERLAPPED overlapped) {
    return result_of_question(overlapped);
}

// A call of a DLL goes through these pointers.
void *__imp_GetAddrInfoExW = (void *)ask;
void *__imp_FreeAddrInfoExW = (void *)free_answer;
void *__imp_GetAddrInfoExCancel = (void *)cancel;
void *__imp_GetAddrInfoExOverlappedResult = (void *)result_of_question;

static void fail_question(int nth, int code) {
    end_question(&questions[nth], code);
}

static void answer_question(int nth) {
    static struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_addr.s6_addr = {[15] = 1}};
    static struct sockaddr_in ipv4 = {.sin_family = AF_INET};
    static ADDRINFOEXW second = {
        .ai_family = AF_INET, .ai_addrlen = sizeof ipv4, .ai_addr = (struct sockaddr *)&ipv4};
    static ADDRINFOEXW first = {
        .ai_family = AF_INET6, .ai_addrlen = sizeof ipv6, .ai_addr = (struct sockaddr *)&ipv6};
    ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    first.ai_next = (void *)&second;
    *questions[nth].answer = &first;
    fail_question(nth, NO_ERROR);
}

static void reset_os(void) {
    memset(questions, 0, sizeof questions);
    asked = cancelled = freed = answer_at_once = 0;
    cancels = true;
    is_deaf = false;
    spsi_os_platform()->lookup_forget(spsi_os_platform(), NULL);
}

// ---- Calls

static spsi_lookup *start(const char *name) {
    spsi_lookup *lookup = NULL;
    ck_assert_int_eq(spsi_windows_lookup_start(NULL, name, SPSI_IPV4, &lookup).code, SPSI_DONE);
    return lookup;
}

static spsi_code result_of(spsi_lookup *lookup) {
    spsi_address addresses[4];
    size_t count;
    return spsi_windows_lookup_result(NULL, lookup, addresses, 4, &count).code;
}

static spsi_code wait_for(spsi_lookup *lookup) {
    ck_assert_int_eq(spsi_windows_lookup_wait(NULL, lookup, 20000000).code, SPSI_DONE);
    return result_of(lookup);
}

static void end(spsi_lookup *lookup) {
    spsi_windows_lookup_end(NULL, lookup, true);
}

// Nothing of the look-ups is left: no request, and no event or wait of one.
static void expect_no_request(void) {
    ck_assert_int_eq(spsi_os_shutdown(20000000).code, SPSI_DONE);
}

static DWORD count_handles(void) {
    DWORD count = 0;
    GetProcessHandleCount(GetCurrentProcess(), &count);
    return count;
}

// ---- Tests

START_TEST(an_answer_has_the_addresses) {
    spsi_lookup *lookup = start("a.example");
    spsi_address addresses[4];
    size_t count;
    ck_assert_int_eq(result_of(lookup), SPSI_AGAIN);
    ck_assert_int_eq(spsi_windows_lookup_wait(NULL, lookup, 1000).code, SPSI_AGAIN);
    ck_assert_int_eq(questions[0].family, AF_INET);
    answer_question(0);
    ck_assert_int_eq(wait_for(lookup), SPSI_DONE);
    spsi_windows_lookup_result(NULL, lookup, addresses, 4, &count);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(addresses[0].family, SPSI_FAMILY_IPV6);
    ck_assert_int_eq(addresses[1].family, SPSI_FAMILY_IPV4);
    ck_assert_uint_eq(addresses[1].ip[0], 127);
    end(lookup);
    expect_no_request();
    ck_assert_int_eq(freed, 1);
}
END_TEST

START_TEST(a_cancelled_look_up_leaves_nothing) {
    end(start("warm.example")); // the pool of the OS makes its handles
    expect_no_request();
    const DWORD handles = count_handles();
    for (int i = 0; i < 50; i++) {
        end(start("a.example"));
        expect_no_request();
    }
    ck_assert_int_eq(cancelled, 51);
    WAIT_UNTIL(count_handles() <= handles + 4); // the pool's threads come and go
}
END_TEST

// Others may ask for the same name before the OS has ended a cancelled request.
START_TEST(a_caller_after_a_cancel_gets_an_answer) {
    cancels = false;
    end(start("a.example"));
    ck_assert_int_eq(cancelled, 1);
    spsi_lookup *second = start("a.example");
    ck_assert_int_eq(count_asked(), 1);
    fail_question(0, WSA_E_CANCELLED);
    WAIT_UNTIL(count_asked() == 2);
    answer_question(1);
    ck_assert_int_eq(wait_for(second), SPSI_DONE);
    end(second);
    expect_no_request();
}
END_TEST

START_TEST(one_of_two_callers_cancels_nothing) {
    spsi_lookup *first = start("a.example"), *second = start("a.example");
    ck_assert_ptr_eq(first, second);
    end(first);
    ck_assert_int_eq(cancelled, 0);
    answer_question(0);
    ck_assert_int_eq(wait_for(second), SPSI_DONE);
    end(second);
    expect_no_request();
}
END_TEST

// The OS may be unable to cancel. The answer comes after the caller has gone, and is kept.
START_TEST(an_answer_may_come_too_late) {
    is_deaf = true;
    end(start("a.example"));
    ck_assert_int_eq(spsi_os_shutdown(1000).code, SPSI_AGAIN);
    answer_question(0);
    spsi_lookup *second = start("a.example");
    ck_assert_int_eq(wait_for(second), SPSI_DONE);
    ck_assert_int_eq(count_asked(), 1);
    end(second);
    expect_no_request();
    ck_assert_int_eq(freed, 1);
}
END_TEST

START_TEST(failures_have_their_codes) {
    static const struct {
        int code;
        spsi_code expected;
    } rows[] = {{WSAHOST_NOT_FOUND, SPSI_NAME_UNKNOWN},  {WSANO_DATA, SPSI_NAME_UNKNOWN},
                {WSATRY_AGAIN, SPSI_NAME_UNANSWERED},    {WSANO_RECOVERY, SPSI_NAME_UNANSWERED},
                {WSA_NOT_ENOUGH_MEMORY, SPSI_NO_MEMORY}, {WSAEMFILE, SPSI_NO_HANDLES}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        spsi_lookup *lookup = start("a.example");
        fail_question((int)i, rows[i].code);
        ck_assert_int_eq(wait_for(lookup), rows[i].expected);
        end(lookup);
    }
    answer_at_once = WSATRY_AGAIN;
    spsi_lookup *lookup = start("a.example");
    ck_assert_int_eq(result_of(lookup), SPSI_NAME_UNANSWERED); // without a wait
    end(lookup);
    expect_no_request();
}
END_TEST

// Names that no name server could know are not asked for.
START_TEST(some_names_are_unknown_at_once) {
    static char much[10001];
    memset(much, 'a', sizeof much - 1);
    const char *const names[] = {"",
                                 "b\xc3\xbc"
                                 "cher.example",
                                 "\xff\xfe", much, "x.INVALID."};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        spsi_lookup *lookup = start(names[i]);
        ck_assert_int_eq(result_of(lookup), SPSI_NAME_UNKNOWN);
        end(lookup);
    }
    ck_assert_int_eq(count_asked(), 0);
    expect_no_request();
}
END_TEST

START_TEST(requests_are_bounded) {
    enum { NAMES = 40, AT_ONCE = 16 }; // and 8 of a domain
    spsi_lookup *lookups[NAMES];
    for (int i = 0; i < NAMES; i++) {
        char name[32];
        snprintf(name, sizeof name, i < NAMES / 2 ? "n%d.same.example" : "d%d.example", i);
        lookups[i] = start(name);
    }
    ck_assert_int_eq(count_asked(), AT_ONCE);
    for (int i = 0; i < NAMES; i++) {
        WAIT_UNTIL(count_asked() > i);
        answer_question(i);
    }
    for (int i = 0; i < NAMES; i++) {
        ck_assert_int_eq(wait_for(lookups[i]), SPSI_DONE);
        end(lookups[i]);
    }
    expect_no_request();
}
END_TEST

START_TEST(a_shutdown_waits_for_requests) {
    spsi_lookup *lookup = start("a.example");
    ck_assert_int_eq(spsi_os_shutdown(1000).code, SPSI_AGAIN);
    answer_question(0);
    expect_no_request();
    ck_assert_int_eq(result_of(lookup), SPSI_DONE);
    end(lookup);
    end(start("b.example")); // all goes on afterwards
    ck_assert_int_eq(count_asked(), 2);
    expect_no_request();
}
END_TEST

START_TEST(a_watch_is_woken) {
    const sps_platform *os = spsi_os_platform();
    spsi_selector *selector;
    sps_allocator allocator;
    ck_assert(spsi_allocator_read(NULL, &allocator));
    ck_assert_int_eq(os->selector_create(os, &allocator, &selector).code, SPSI_DONE);
    spsi_lookup *lookup = start("a.example");
    spsi_lookup_watch watch = {.selector = selector};
    spsi_windows_lookup_watch(NULL, lookup, &watch);
    answer_question(0);
    ck_assert_int_eq(os->selector_wait(os, selector, 20000000).code, SPSI_DONE);
    ck_assert_int_eq(wait_for(lookup), SPSI_DONE);
    spsi_windows_lookup_unwatch(NULL, lookup, &watch);
    end(lookup);
    os->selector_destroy(os, selector);
    expect_no_request();
}
END_TEST

Suite *windows_lookup_suite(void) {
    Suite *suite = suite_create("windows_lookup");
    TCase *all = add_case(suite, "all");
    tcase_add_checked_fixture(all, reset_os, NULL);
    tcase_add_test(all, an_answer_has_the_addresses);
    tcase_add_test(all, a_cancelled_look_up_leaves_nothing);
    tcase_add_test(all, a_caller_after_a_cancel_gets_an_answer);
    tcase_add_test(all, one_of_two_callers_cancels_nothing);
    tcase_add_test(all, an_answer_may_come_too_late);
    tcase_add_test(all, failures_have_their_codes);
    tcase_add_test(all, some_names_are_unknown_at_once);
    tcase_add_test(all, requests_are_bounded);
    tcase_add_test(all, a_shutdown_waits_for_requests);
    tcase_add_test(all, a_watch_is_woken);
    return suite;
}
