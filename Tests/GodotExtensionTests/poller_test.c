// SPDX-License-Identifier: MIT
//
// SPSPoller: many peers and servers, one wait, events as dictionaries.
#include <string.h>

#include "support/plain.h"
#include "support/sockets.h"

// Waits until an object has one of these events. Returns all kinds that came until then.
static int64_t await_event(host_object *poller, host_object *item, int64_t kind) {
    int64_t kinds = 0;
    for (const uint64_t deadline = now_ms() + patience_ms(); (kinds & kind) == 0;) {
        ck_assert_uint_lt(now_ms(), deadline);
        const slot events = CALL(poller, "wait", whole(10));
        const host_container *rows = host_contents(GODOT_ARRAY, host_inside(&events));
        for (size_t i = 0; i < rows->count; i++) {
            godot_object *pointer;
            const void *object = host_value_of_key(host_inside(rows->items[i]), "object");
            memcpy(&pointer, host_inside(object), sizeof pointer);
            kinds |= host_object_of(pointer) == item ? field_of(rows->items[i], "kinds") : 0;
        }
        drop(events);
    }
    return kinds;
}

static host_object *new_poller(int convention) {
    call_by(convention);
    return host_new("SPSPoller");
}

START_TEST(peers_and_servers_have_events) {
    host_object *poller = new_poller(_i);
    ends ends = open_ends(TCP);
    ck_assert_int_eq(INT(poller, "add", object(ends.peer)), GD_OK);
    ck_assert_int_eq(INT(poller, "add", object(ends.server)), GD_OK);
    ck_assert_int_eq(INT(poller, "get_count"), 2);
    DO(ends.client, "put_u8", whole(7));
    await_event(poller, ends.peer, SPS_EVENT_READABLE);
    ck_assert_int_eq(INT(ends.peer, "try_get_u8"), 7);
    host_object *second = host_new("SPSStreamPeerTCP");
    const slot port = CALL(ends.server, "get_local_port");
    drop(CALL(second, "connect_to_host", text("127.0.0.1"), port));
    await_event(poller, ends.server, SPS_EVENT_CONNECTION_AVAILABLE);
    DO(ends.client, "disconnect_from_host");
    await_event(poller, ends.peer, SPS_EVENT_CLOSED);
    host_drop(second);
    close_ends(&ends);
    host_drop(poller);
}
END_TEST

START_TEST(a_member_is_held) {
    host_object *poller = new_poller(_i);
    wire wire = open_wire(TCP);
    ck_assert_int_eq(INT(poller, "add", object(wire.peer)), GD_OK);
    ck_assert_int_eq(wire.peer->references, 2);
    ck_assert_int_ne(INT(poller, "add", object(wire.peer)), GD_OK);
    ck_assert_int_eq(wire.peer->references, 2);
    ck_assert_int_eq(INT(poller, "remove", object(wire.peer)), GD_OK);
    ck_assert_int_eq(wire.peer->references, 1);
    ck_assert_int_ne(INT(poller, "remove", object(wire.peer)), GD_OK);
    ck_assert_int_eq(INT(poller, "get_count"), 0);
    close_wire(&wire);
    host_drop(poller);
}
END_TEST

// Its last reference is that of the poller.
START_TEST(a_poller_ends_its_members) {
    host_object *poller = new_poller(_i);
    wire wire = open_wire(TCP);
    ck_assert_int_eq(INT(poller, "add", object(wire.peer)), GD_OK);
    const uint64_t id = wire.peer->id;
    host_drop(wire.peer);
    ck_assert_ptr_nonnull(host_object_with(id));
    host_drop(poller);
    ck_assert_ptr_null(host_object_with(id));
    expect_plain_end(wire.socket);
    close_socket(wire.socket);
}
END_TEST

START_TEST(a_closed_member_leaves) {
    host_object *poller = new_poller(_i);
    wire wire = open_wire(TCP);
    ck_assert_int_eq(INT(poller, "add", object(wire.peer)), GD_OK);
    close_socket(wire.socket);
    await_event(poller, wire.peer, SPS_EVENT_CLOSED);
    ck_assert_int_eq(INT(poller, "get_count"), 0);
    ck_assert_int_eq(wire.peer->references, 1);
    host_drop(wire.peer);
    host_drop(poller);
}
END_TEST

// The wait does not wait then.
START_TEST(a_connect_that_fails_at_once_is_an_event) {
    host_object *poller = new_poller(_i), *peer = host_new("SPSStreamPeerUDS");
    ck_assert_int_eq(INT(poller, "add", object(peer)), GD_OK);
    ck_assert_int_eq(INT(peer, "connect_to_host", text("/nonesuch/path")), GD_FAILED);
    slot events = CALL(poller, "wait", whole(-1));
    drop(events);
    ck_assert_int_eq(INT(poller, "get_count"), 0);
    host_drop(peer);
    host_drop(poller);
}
END_TEST

START_TEST(other_objects_are_refused) {
    host_object *poller = new_poller(_i), *other = host_new("StreamPeerExtension");
    static const char *const methods[] = {"add", "remove"};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(INT(poller, methods[i], nil()), GD_ERR_INVALID_PARAMETER);
        expect_message("SPSPoller.");
        ck_assert_int_eq(INT(poller, methods[i], object(other)), GD_ERR_INVALID_PARAMETER);
        expect_message("SPSPoller.");
        ck_assert_int_eq(INT(poller, methods[i], object(poller)), GD_ERR_INVALID_PARAMETER);
        expect_message("SPSPoller.");
    }
    host_drop(other);
    host_drop(poller);
}
END_TEST

START_TEST(a_member_of_one_is_none_of_another) {
    host_object *one = new_poller(_i), *two = new_poller(_i);
    wire wire = open_wire(UDS);
    ck_assert_int_eq(INT(one, "add", object(wire.peer)), GD_OK);
    ck_assert_int_ne(INT(two, "add", object(wire.peer)), GD_OK);
    ck_assert_int_ne(INT(two, "remove", object(wire.peer)), GD_OK);
    ck_assert_int_eq(INT(one, "get_count"), 1);
    host_drop(two);
    host_drop(one);
    close_wire(&wire);
}
END_TEST

START_TEST(a_wait_keeps_to_its_budget) {
    host_object *poller = new_poller(_i);
    DO(poller, "set_max_events", whole(1));
    wire one = open_wire(TCP), two = open_wire(UDS);
    ck_assert_int_eq(INT(poller, "add", object(one.peer)), GD_OK);
    ck_assert_int_eq(INT(poller, "add", object(two.peer)), GD_OK);
    send_plain(one.socket, "\7", 1);
    send_plain(two.socket, "\7", 1);
    for (int i = 0; i < 2; i++) {
        const slot events = CALL(poller, "wait", whole(20000));
        ck_assert_uint_eq(host_contents(GODOT_ARRAY, host_inside(&events))->count, 1);
        drop(events);
    }
    DO(poller, "set_max_events", whole(2));
    expect_message("SPSPoller.set_max_events");
    host_drop(poller);
    close_wire(&one);
    close_wire(&two);
}
END_TEST

START_TEST(a_wake_ends_a_wait) {
    host_object *poller = new_poller(_i);
    DO(poller, "wake");
    const slot events = CALL(poller, "wait", whole(20000));
    ck_assert_uint_eq(host_contents(GODOT_ARRAY, host_inside(&events))->count, 0);
    drop(events);
    host_drop(poller);
}
END_TEST

START_TEST(bad_timeouts_are_refused) {
    static const int64_t timeouts[] = {-2, INT64_MIN, INT64_MAX, INT64_C(0x1FFFFFFFF)};
    host_object *poller = new_poller(_i);
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
        const slot events = CALL(poller, "wait", whole(timeouts[i]));
        ck_assert_uint_eq(host_contents(GODOT_ARRAY, host_inside(&events))->count, 0);
        expect_message("SPSPoller.wait");
        drop(events);
    }
    host_drop(poller);
}
END_TEST

Suite *poller_suite(void) {
    Suite *suite = suite_create("poller");
    TCase *test_case = add_godot_case(suite, "poller");
    BY_BOTH(test_case, peers_and_servers_have_events);
    BY_BOTH(test_case, a_member_is_held);
    BY_BOTH(test_case, a_poller_ends_its_members);
    BY_BOTH(test_case, a_closed_member_leaves);
    BY_BOTH(test_case, a_connect_that_fails_at_once_is_an_event);
    BY_BOTH(test_case, other_objects_are_refused);
    BY_BOTH(test_case, a_member_of_one_is_none_of_another);
    BY_BOTH(test_case, a_wait_keeps_to_its_budget);
    BY_BOTH(test_case, a_wake_ends_a_wait);
    BY_BOTH(test_case, bad_timeouts_are_refused);
    return suite;
}
