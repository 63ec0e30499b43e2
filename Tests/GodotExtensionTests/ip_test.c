// SPDX-License-Identifier: MIT
//
// SPSIP: look-ups that never wait.
#include <string.h>

#include "support/plain.h"

enum { WAITING = 1, DONE = 2, FAILED = 3, IPV4 = 1 };

static int64_t await_item(host_object *ip, int64_t id) {
    WAIT_UNTIL(INT(ip, "get_resolve_item_status", whole(id)) != WAITING);
    return INT(ip, "get_resolve_item_status", whole(id));
}

START_TEST(a_name_becomes_an_address) {
    call_by(_i);
    host_object *ip = host_new("SPSIP");
    const int64_t id = INT(ip, "resolve_hostname_queue_item", text("localhost"), whole(IPV4));
    ck_assert_int_ge(id, 0);
    ck_assert_int_eq(await_item(ip, id), DONE);
    expect_text(CALL(ip, "get_resolve_item_address", whole(id)), "127.0.0.1");
    const slot all = CALL(ip, "get_resolve_item_addresses", whole(id));
    const host_container *rows = host_contents(GODOT_ARRAY, host_inside(&all));
    ck_assert_uint_ge(rows->count, 1);
    ck_assert_str_eq(host_text_in(rows->items[0]), "127.0.0.1");
    drop(all);
    const int64_t same_low_bits = id + INT64_C(0x100000000);
    ck_assert_int_eq(INT(ip, "get_resolve_item_status", whole(same_low_bits)), 0);
    DO(ip, "erase_resolve_item", whole(same_low_bits));
    ck_assert_int_eq(INT(ip, "get_resolve_item_status", whole(id)), DONE);
    DO(ip, "erase_resolve_item", whole(id));
    ck_assert_int_eq(INT(ip, "get_resolve_item_status", whole(id)), 0);
    DO(ip, "clear_cache");
    host_drop(ip);
}
END_TEST

// Ids that were never given out.
START_TEST(other_ids_are_nothing) {
    static const int64_t ids[] = {-1, 0, 5, 256, INT64_MAX, INT64_MIN, INT64_C(0x100000000)};
    call_by(_i);
    host_object *ip = host_new("SPSIP");
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        ck_assert_int_eq(INT(ip, "get_resolve_item_status", whole(ids[i])), 0);
        expect_text(CALL(ip, "get_resolve_item_address", whole(ids[i])), "");
        const slot none = CALL(ip, "get_resolve_item_addresses", whole(ids[i]));
        ck_assert_uint_eq(host_contents(GODOT_ARRAY, host_inside(&none))->count, 0);
        drop(none);
        DO(ip, "erase_resolve_item", whole(ids[i]));
    }
    host_drop(ip);
}
END_TEST

START_TEST(types_are_checked) {
    static const int64_t types[] = {-1, 0, 4, INT64_MAX};
    call_by(_i);
    host_object *ip = host_new("SPSIP");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        ck_assert_int_eq(INT(ip, "resolve_hostname_queue_item", text("localhost"), whole(types[i])),
                         -1);
        expect_message("SPSIP.resolve_hostname_queue_item");
    }
    host_drop(ip);
}
END_TEST

START_TEST(this_machine_has_addresses) {
    bool has_loopback = false;
    call_by(_i);
    host_object *ip = host_new("SPSIP");
    const slot addresses = CALL(ip, "get_local_addresses");
    const host_container *texts = host_contents(GODOT_PACKED_STRING_ARRAY, host_inside(&addresses));
    for (size_t i = 0; i < texts->count; i++) {
        has_loopback = has_loopback || strcmp(host_text_of(texts->items[i]), "127.0.0.1") == 0;
    }
    ck_assert(has_loopback);
    drop(addresses);
    const slot interfaces = CALL(ip, "get_local_interfaces");
    const host_container *rows = host_contents(GODOT_ARRAY, host_inside(&interfaces));
    ck_assert_uint_gt(rows->count, 0);
    const char *const keys[] = {"name", "friendly", "index", "addresses"};
    for (size_t i = 0; i < 4; i++) {
        ck_assert_ptr_nonnull(host_value_of_key(host_inside(rows->items[0]), keys[i]));
    }
    drop(interfaces);
    host_drop(ip);
}
END_TEST

// The look-up may run on. Its end must find nothing of the object.
START_TEST(an_object_may_end_before_its_look_up) {
    call_by(_i);
    for (int i = 0; i < 20; i++) {
        host_object *ip = host_new("SPSIP");
        INT(ip, "resolve_hostname_queue_item", text("localhost"));
        host_drop(ip);
    }
}
END_TEST

Suite *ip_suite(void) {
    Suite *suite = suite_create("ip");
    TCase *test_case = add_godot_case(suite, "ip");
    BY_BOTH(test_case, a_name_becomes_an_address);
    BY_BOTH(test_case, other_ids_are_nothing);
    BY_BOTH(test_case, types_are_checked);
    BY_BOTH(test_case, this_machine_has_addresses);
    BY_BOTH(test_case, an_object_may_end_before_its_look_up);
    return suite;
}
