// SPDX-License-Identifier: MIT
//
// The look-ups of the machine's platform: sharing, caching and ending them. Every machine knows
// these names without a name server.
#include <stdio.h>

#include "platform/lookup_queue.h"
#include "platform/platform.h"
#include "support/support.h"

enum { ANY = SPSI_IPV4 | SPSI_IPV6 };

static const sps_platform *os(void) {
    return spsi_os_platform();
}

static spsi_lookup *start(const char *name) {
    spsi_lookup *lookup = NULL;
    ck_assert_int_eq(os()->lookup_start(os(), name, ANY, &lookup).code, SPSI_DONE);
    return lookup;
}

static spsi_lookup *finished(const char *name) {
    spsi_lookup *lookup = start(name);
    ck_assert_int_eq(os()->lookup_wait(os(), lookup, 60000000).code, SPSI_DONE);
    return lookup;
}

static spsi_code result_of(spsi_lookup *lookup) {
    spsi_address addresses[16];
    size_t count;
    const spsi_result result = os()->lookup_result(os(), lookup, addresses, 16, &count);
    ck_assert((result.code == SPSI_DONE) == (count > 0));
    return result.code;
}

static void end(spsi_lookup *lookup, bool was_useful) {
    os()->lookup_end(os(), lookup, was_useful);
}

START_TEST(an_answer_is_kept) {
    os()->lookup_forget(os(), NULL);
    spsi_lookup *first = finished("localhost");
    ck_assert_int_eq(result_of(first), SPSI_DONE);
    end(first, true);
    spsi_lookup *second = start("localhost");
    ck_assert_int_eq(result_of(second), SPSI_DONE); // without a wait
    ck_assert_ptr_eq(first, second);
    end(second, true);
}
END_TEST

START_TEST(a_useless_answer_is_forgotten) {
    spsi_lookup *first = finished("localhost"), *second = start("localhost");
    ck_assert_ptr_eq(first, second);
    end(first, false);
    spsi_lookup *third = start("localhost");
    ck_assert_ptr_ne(second, third); // others keep the old result
    ck_assert_int_eq(result_of(second), SPSI_DONE);
    end(second, true);
    end(third, true);
}
END_TEST

START_TEST(one_name_or_all_can_be_forgotten) {
    spsi_lookup *first = finished("localhost");
    os()->lookup_forget(os(), "other.name");
    spsi_lookup *second = start("localhost");
    ck_assert_ptr_eq(first, second);
    os()->lookup_forget(os(), "localhost");
    spsi_lookup *third = finished("localhost");
    ck_assert_ptr_ne(first, third);
    os()->lookup_forget(os(), NULL);
    spsi_lookup *fourth = start("localhost");
    ck_assert_ptr_ne(third, fourth);
    end(first, true);
    end(second, true);
    end(third, true);
    end(fourth, true);
}
END_TEST

START_TEST(a_wait_ends_in_time) {
    spsi_lookup *lookup = finished("localhost");
    ck_assert_int_eq(os()->lookup_wait(os(), lookup, 0).code, SPSI_DONE);
    end(lookup, true);
}
END_TEST

// ---- Fair turns: only the queue, with the test's own clock

enum { SECOND_US = 1000000 };

static spsi_lookup_queue queue;

static spsi_lookup *ask(const char *name, uint64_t now_us) {
    spsi_lookup *lookup = spsi_lookup_create(&queue, name, ANY, now_us);
    ck_assert_ptr_nonnull(lookup);
    lookup->owners = 1;
    return lookup;
}

// Returns a host name, which is valid until the next call.
static const char *host(int number, const char *domain) {
    static char name[32];
    snprintf(name, sizeof name, "n%d.%s", number, domain);
    return name;
}

static void ask_hosts(int count, const char *domain) {
    for (int i = 0; i < count; i++) {
        ask(host(i, domain), 0);
    }
}

static void expect_next(const char *name, uint64_t now_us) {
    const spsi_lookup *next = spsi_lookup_take_next(&queue, now_us);
    ck_assert_str_eq(next != NULL ? next->name : "no name", name);
}

// Takes `count` look-ups from the queue.
static void take(int count, uint64_t now_us) {
    for (int i = 0; i < count; i++) {
        ck_assert_ptr_nonnull(spsi_lookup_take_next(&queue, now_us));
    }
}

static void finish(spsi_lookup *lookup, uint64_t now_us) {
    spsi_lookup_finish(&queue, lookup, now_us);
    spsi_lookup_release(&queue, lookup);
}

static void finish_all(void) {
    while (queue.running.first != NULL) {
        spsi_lookup *lookup = queue.running.first;
        lookup->result.code = SPSI_NAME_UNKNOWN;
        finish(lookup, 0);
    }
    while (queue.queued.first != NULL) {
        spsi_lookup_release(&queue, queue.queued.first);
    }
    ck_assert_ptr_null(queue.domains);
}

START_TEST(the_oldest_goes_first) {
    const uint64_t begin_us = 1000 * (uint64_t)SECOND_US; // the machine has run for a while
    ask("a.example", begin_us);
    ask("b.example", begin_us + 1);
    expect_next("a.example", begin_us + 2);
    expect_next("b.example", begin_us + 2);
    expect_next("no name", begin_us + 2);
    finish_all();
}
END_TEST

START_TEST(after_a_long_wait_the_newest_goes_first) {
    ask("a.example", 0);
    ask("b.example", SECOND_US);
    ask("c.example", SECOND_US);
    expect_next("c.example", SECOND_US + 1);
    expect_next("b.example", SECOND_US + 1);
    expect_next("a.example", SECOND_US + 1);
    finish_all();
}
END_TEST

START_TEST(a_domain_has_eight_at_a_time) {
    ask_hosts(10, "slow.test");
    ask("slow.test", 0);     // the same domain
    ask("n0.slow.test.", 0); // also the same: a name may end with a dot
    ask("other.test.", 0);
    ask("good.test", 0);
    for (int i = 0; i < 8; i++) {
        expect_next(host(i, "slow.test"), 0);
    }
    expect_next("other.test.", 0);
    expect_next("good.test", 0);
    expect_next("no name", 0);
    spsi_lookup *first = queue.running.first;
    spsi_lookup_finish(&queue, first, 0);
    expect_next("n8.slow.test", 0);
    spsi_lookup_forget_name(&queue, NULL);
    spsi_lookup_release(&queue, first);
    finish_all();
}
END_TEST

// A domain at its limit costs neither a worker nor a turn.
START_TEST(a_full_domain_makes_room_for_others) {
    ask_hosts(9, "slow.test");
    take(8, 0);
    ck_assert(!spsi_lookup_needs_worker(&queue, queue.queued.first, 0, 0));
    ask("n.good.test", 0);
    ask("n9.slow.test", 0); // the newest; it has its turn when the oldest has waited long
    expect_next("n.good.test", SECOND_US + 1);
    expect_next("no name", SECOND_US + 1);
    finish_all();
}
END_TEST

// A name server that does not answer for one family does not delay the other.
START_TEST(each_family_is_a_look_up_of_its_own) {
    ask_hosts(8, "slow.test");
    take(8, 0);
    spsi_lookup *alone = spsi_lookup_create(&queue, "n0.slow.test", SPSI_IPV4, 0);
    alone->owners = 1;
    ck_assert_ptr_eq(spsi_lookup_find(&queue, "n0.slow.test", SPSI_IPV4), alone);
    ck_assert_ptr_ne(spsi_lookup_find(&queue, "n0.slow.test", ANY), alone);
    ck_assert_ptr_null(spsi_lookup_find(&queue, "n0.slow.test", SPSI_IPV6));
    expect_next("n0.slow.test", 0);
    finish_all();
}
END_TEST

START_TEST(domains_that_begin_alike_are_two) {
    ask("n.slow.tests", 0);
    ask_hosts(9, "slow.test");
    take(9, 0); // 8 of one domain and 1 of the other
    expect_next("no name", 0);
    finish_all();
}
END_TEST

START_TEST(slow_names_get_more_workers) {
    char name[32];
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "n.d%d.test", i);
        ask(name, 0);
    }
    int workers = 0;
    for (; workers < 16; workers++) {
        ck_assert(spsi_lookup_needs_worker(&queue, queue.queued.first, workers, 0));
        ck_assert_ptr_nonnull(spsi_lookup_take_next(&queue, 0));
    }
    ck_assert(!spsi_lookup_needs_worker(&queue, queue.queued.first, workers, SECOND_US));
    for (; workers < 32; workers++) { // the first 16 count as slow now
        ck_assert(spsi_lookup_needs_worker(&queue, queue.queued.first, workers, SECOND_US + 1));
        spsi_lookup_take_next(&queue, SECOND_US + 1);
    }
    ck_assert(!spsi_lookup_needs_worker(&queue, queue.queued.first, workers, SECOND_US + 1));
    for (; workers < 64; workers++) {
        ck_assert(spsi_lookup_needs_worker(&queue, queue.queued.first, workers, 10 * SECOND_US));
        spsi_lookup_take_next(&queue, 2 * SECOND_US);
    }
    ck_assert(!spsi_lookup_needs_worker(&queue, queue.queued.first, workers, 10 * SECOND_US));
    finish_all();
}
END_TEST

START_TEST(a_cancelled_look_up_does_not_run) {
    spsi_lookup *first = ask("a.example", 0);
    ask("b.example", 0);
    spsi_lookup_release(&queue, first);
    expect_next("b.example", 0);
    expect_next("no name", 0);
    finish_all();
}
END_TEST

// As in the child of a fork, which has no runners.
START_TEST(an_orphaned_look_up_is_queued_again) {
    spsi_lookup *wanted = ask("a.example", 0), *left = ask("b.example", 0);
    expect_next("a.example", 0);
    expect_next("b.example", 0);
    spsi_lookup_release(&queue, left);
    spsi_lookup_restart(&queue, SECOND_US);
    ck_assert_ptr_eq(spsi_lookup_find(&queue, "a.example", ANY), wanted);
    ck_assert(!spsi_lookup_is_done(&queue, wanted));
    ck_assert(spsi_lookup_needs_worker(&queue, wanted, 0, SECOND_US));
    ck_assert_ptr_null(spsi_lookup_find(&queue, "b.example", ANY)); // no caller waits for it
    expect_next("a.example", SECOND_US);
    expect_next("no name", SECOND_US);
    finish_all();
}
END_TEST

START_TEST(answers_are_kept_for_a_minute) {
    spsi_lookup *lookup = ask("a.example", 0);
    expect_next("a.example", 0);
    ck_assert_ptr_eq(spsi_lookup_find(&queue, "a.example", ANY), lookup);
    finish(lookup, SECOND_US);
    spsi_lookup_forget_old(&queue, 61 * (uint64_t)SECOND_US - 1);
    ck_assert_ptr_eq(spsi_lookup_find(&queue, "a.example", ANY), lookup);
    spsi_lookup_forget_old(&queue, 61 * (uint64_t)SECOND_US);
    ck_assert_ptr_null(spsi_lookup_find(&queue, "a.example", ANY));
    finish_all();
}
END_TEST

START_TEST(the_oldest_of_64_answers_makes_room) {
    for (int i = 0; i < 65; i++) {
        spsi_lookup *lookup = ask(host(i, "example"), 0);
        expect_next(host(i, "example"), 0);
        finish(lookup, 0);
    }
    ck_assert_ptr_null(spsi_lookup_find(&queue, "n0.example", ANY));
    ck_assert_ptr_nonnull(spsi_lookup_find(&queue, "n1.example", ANY));
    ck_assert_ptr_nonnull(spsi_lookup_find(&queue, "n64.example", ANY));
    spsi_lookup_forget_name(&queue, NULL);
    finish_all();
}
END_TEST

Suite *lookup_queue_suite(void) {
    Suite *suite = suite_create("lookup_queue");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, an_answer_is_kept);
    tcase_add_test(all, a_useless_answer_is_forgotten);
    tcase_add_test(all, one_name_or_all_can_be_forgotten);
    tcase_add_test(all, a_wait_ends_in_time);
    tcase_add_test(all, the_oldest_goes_first);
    tcase_add_test(all, after_a_long_wait_the_newest_goes_first);
    tcase_add_test(all, a_domain_has_eight_at_a_time);
    tcase_add_test(all, a_full_domain_makes_room_for_others);
    tcase_add_test(all, each_family_is_a_look_up_of_its_own);
    tcase_add_test(all, domains_that_begin_alike_are_two);
    tcase_add_test(all, slow_names_get_more_workers);
    tcase_add_test(all, a_cancelled_look_up_does_not_run);
    tcase_add_test(all, an_orphaned_look_up_is_queued_again);
    tcase_add_test(all, answers_are_kept_for_a_minute);
    tcase_add_test(all, the_oldest_of_64_answers_makes_room);
    return suite;
}
