// SPDX-License-Identifier: MIT
//
// Objects end in every order, in several threads, and again and again. Nothing is left.
#include <pthread.h>
#include <string.h>

#include "support/plain.h"
#include "support/sockets.h"

// ---- Every order

enum { OBJECTS = 5, ORDERS = 120 };

// The order with this number, of all permutations.
static void fill_order(int nth, int order[OBJECTS]) {
    int left[OBJECTS] = {0, 1, 2, 3, 4};
    for (int i = 0, count = OBJECTS; count > 0; i++, count--) {
        const int chosen = nth % count;
        nth /= count;
        order[i] = left[chosen];
        memmove(left + chosen, left + chosen + 1, (size_t)(count - chosen - 1) * sizeof left[0]);
    }
}

typedef struct group {
    host_object *objects[OBJECTS]; // a server, both ends of a connection, a poller, a loop
} group;

static group make_group(transport transport) {
    const ends ends = open_ends(transport);
    group group = {
        {ends.server, ends.client, ends.peer, host_new("SPSPoller"), host_new("SPSNetworkLoop")}};
    host_object *poller = group.objects[3], *loop = group.objects[4];
    ck_assert_int_eq(INT(poller, "add", object(ends.server)), GD_OK);
    ck_assert_int_eq(INT(poller, "add", object(ends.peer)), GD_OK);
    ck_assert_int_eq(INT(loop, "add_peer", object(ends.client)), GD_OK);
    DO(ends.client, "put_u32", whole(1));
    return group;
}

static void end_in_order(transport transport, int nth) {
    int order[OBJECTS];
    const group group = make_group(transport);
    fill_order(nth, order);
    for (int i = 0; i < OBJECTS; i++) {
        host_drop(group.objects[order[i]]);
    }
}

START_TEST(objects_end_in_every_order) {
    for (int i = 0; i < ORDERS; i++) {
        end_in_order((transport)_i, i);
    }
}
END_TEST

// Both are in a poller while they end from within it.
START_TEST(members_end_after_a_wait) {
    for (int i = 0; i < ORDERS; i++) {
        int order[OBJECTS];
        const group group = make_group((transport)_i);
        drop(CALL(group.objects[3], "wait", whole(0)));
        DO(group.objects[2], "disconnect_from_host");
        drop(CALL(group.objects[3], "wait", whole(0)));
        fill_order(i, order);
        for (int j = 0; j < OBJECTS; j++) {
            host_drop(group.objects[order[j]]);
        }
    }
}
END_TEST

// ---- Again and again

START_TEST(many_connections_leave_nothing) {
    enum { CONNECTIONS = 500 };
    slot place;
    host_object *server = new_server(TCP, &place);
    const int64_t port = to_int(place);
    host_object *client = host_new("SPSStreamPeerTCP");
    for (int i = 0; i < CONNECTIONS; i++) {
        ck_assert_int_eq(INT(client, "connect_to_host", text("127.0.0.1"), whole(port)), GD_OK);
        ck_assert_int_eq(await_connection(client), GD_CONNECTED);
        WAIT_UNTIL(BOOL(server, "is_connection_available"));
        host_object *peer = OBJECT(server, "take_connection");
        DO(client, "put_u8", whole(i % 256));
        ck_assert_int_eq(INT(peer, "get_u8"), i % 256);
        host_drop(peer);
        DO(client, "disconnect_from_host");
    }
    host_drop(client);
    host_drop(server);
}
END_TEST

START_TEST(an_unfinished_connect_leaves_nothing) {
    static const char *const hosts[] = {"127.0.0.1", "localhost", "name.invalid", "::1"};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        host_object *peer = host_new("SPSStreamPeerTCP");
        drop(CALL(peer, "connect_to_host", text(hosts[i]), whole(9)));
        DO(peer, "poll");
        host_drop(peer);
    }
}
END_TEST

// Godot unloads the extension while a look-up runs.
START_TEST(an_unfinished_look_up_outlives_the_extension) {
    host_object *ip = host_new("SPSIP");
    INT(ip, "resolve_hostname_queue_item", text("name.invalid"));
    host_drop(ip);
}
END_TEST

// ---- Threads of Godot: each has objects of its own

static void *exchange(void *transport_) {
    enum { ROUNDS = 100 };
    for (int i = 0; i < ROUNDS; i++) {
        ends ends = open_ends(*(transport *)transport_);
        DO(ends.client, "put_utf8_string", text("hello"));
        expect_text(CALL(ends.peer, "get_utf8_string"), "hello");
        close_ends(&ends);
    }
    return NULL;
}

START_TEST(threads_have_objects_of_their_own) {
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    transport transports[THREADS] = {TCP, TCP, TCP, UDS}; // one thread makes paths
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, exchange, &transports[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
}
END_TEST

Suite *lifetime_suite(void) {
    Suite *suite = suite_create("lifetime");
    TCase *test_case = add_godot_case(suite, "lifetime");
    tcase_add_loop_test(test_case, objects_end_in_every_order, 0, MOST_TRANSPORTS);
    tcase_add_loop_test(test_case, members_end_after_a_wait, 0, MOST_TRANSPORTS);
    tcase_add_test(test_case, many_connections_leave_nothing);
    tcase_add_test(test_case, an_unfinished_connect_leaves_nothing);
    tcase_add_test(test_case, an_unfinished_look_up_outlives_the_extension);
    tcase_add_test(test_case, threads_have_objects_of_their_own);
    return suite;
}
