// SPDX-License-Identifier: MIT
//
// Look-ups of the machine's own platform: who shares them, who keeps them, who ends them. The names are
// those that every machine knows without a name server.
#include <stdio.h>

#include "platform/platform.h"
#include "support.h"

static const sps_platform *os(void) {
    return spsi_os_platform();
}

static spsi_lookup *start(const char *name) {
    spsi_lookup *lookup = NULL;
    ck_assert_int_eq(os()->lookup_start(os(), name, &lookup).code, SPSI_DONE);
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
    ck_assert_int_eq(result_of(second), SPSI_DONE); // at once
    ck_assert_ptr_eq(first, second);
    end(second, true);
}
END_TEST

START_TEST(an_answer_of_no_use_is_forgotten) {
    spsi_lookup *first = finished("localhost"), *second = start("localhost");
    ck_assert_ptr_eq(first, second);
    end(first, false);
    spsi_lookup *third = start("localhost");
    ck_assert_ptr_ne(second, third); // others keep what they have
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

// An address is a name that needs no server, so these are different names that are all found.
START_TEST(at_most_64_are_kept) {
    char name[32];
    for (int i = 0; i < 70; i++) {
        snprintf(name, sizeof name, "10.0.0.%d", i);
        end(finished(name), true);
    }
    spsi_lookup *oldest = start("10.0.0.0"), *newest = start("10.0.0.69");
    ck_assert_int_eq(result_of(newest), SPSI_DONE);
    ck_assert_int_eq(os()->lookup_wait(os(), oldest, 60000000).code, SPSI_DONE);
    end(oldest, true);
    end(newest, true);
    os()->lookup_forget(os(), NULL);
}
END_TEST

START_TEST(a_wait_ends_in_time) {
    spsi_lookup *lookup = finished("localhost");
    ck_assert_int_eq(os()->lookup_wait(os(), lookup, 0).code, SPSI_DONE);
    end(lookup, true);
}
END_TEST

Suite *lookup_suite(void) {
    Suite *suite = suite_create("lookup");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, an_answer_is_kept);
    tcase_add_test(all, an_answer_of_no_use_is_forgotten);
    tcase_add_test(all, one_name_or_all_can_be_forgotten);
    tcase_add_test(all, at_most_64_are_kept);
    tcase_add_test(all, a_wait_ends_in_time);
    return suite;
}
