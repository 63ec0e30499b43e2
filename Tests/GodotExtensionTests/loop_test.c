// SPDX-License-Identifier: MIT
//
// SPSNetworkLoop: a node that Godot calls once a frame, and that emits signals. A receiver may do
// everything, as a script may.
#include <string.h>

#include "support/plain.h"
#include "support/sockets.h"

// ---- Receivers that count

typedef struct heard {
    int count;
    uint64_t id; // of the first argument
    int64_t reason;
    char message[256];
} heard;

static host_object *object_in(const void *variant) {
    godot_object *pointer;
    ck_assert_int_eq(host_type_of(variant), GODOT_OBJECT);
    memcpy(&pointer, host_inside(variant), sizeof pointer);
    return host_object_of(pointer);
}

static void hear(void *context, const void *const *arguments, size_t count) {
    heard *heard = context;
    heard->count++;
    heard->id = object_in(arguments[0])->id;
    if (count > 1) {
        memcpy(&heard->reason, host_inside(arguments[1]), sizeof heard->reason);
    }
    if (count > 2) {
        snprintf(heard->message, sizeof heard->message, "%s", host_text_in(arguments[2]));
    }
}

static host_object *new_loop(int convention) {
    call_by(convention);
    return host_new("SPSNetworkLoop");
}

// Adds a new connection to a loop.
static wire add_wire(host_object *loop) {
    wire wire = open_wire(TCP);
    ck_assert_int_eq(INT(loop, "add_peer", object(wire.peer)), GD_OK);
    return wire;
}

// ---- Signals

START_TEST(a_peer_connects_and_closes) {
    int64_t port;
    heard connected = {0}, closed = {0};
    host_object *loop = new_loop(_i), *peer = host_new("SPSStreamPeerTCP");
    const int listener = listen_plain(&port);
    host_connect(loop, "connected", hear, &connected);
    host_connect(loop, "closed", hear, &closed);
    ck_assert_int_eq(INT(peer, "connect_to_host", text("localhost"), whole(port)), GD_OK);
    ck_assert_int_eq(INT(loop, "add_peer", object(peer)), GD_OK);
    WAIT_UNTIL((frame(loop), connected.count > 0));
    ck_assert_uint_eq(connected.id, peer->id);
    close_socket(accept_plain(listener));
    WAIT_UNTIL((frame(loop), closed.count > 0));
    ck_assert_uint_eq(closed.id, peer->id);
    ck_assert_int_eq(closed.reason, SPS_CLOSE_PEER_FINISHED);
    ck_assert_uint_gt(strlen(closed.message), 10);
    ck_assert_int_eq(INT(loop, "get_count"), 0);
    ck_assert_int_eq(peer->references, 1);
    close_socket(listener);
    host_drop(peer);
    host_drop(loop);
}
END_TEST

// The next frame reports it, whether the peer is in the loop before or comes later.
START_TEST(a_connect_that_fails_at_once_closes) {
    heard closed = {0};
    host_object *loop = new_loop(_i);
    host_connect(loop, "closed", hear, &closed);
    for (int is_later = 0; is_later < 2; is_later++) {
        host_object *peer = host_new("SPSStreamPeerUDS");
        if (!is_later) {
            ck_assert_int_eq(INT(loop, "add_peer", object(peer)), GD_OK);
        }
        ck_assert_int_eq(INT(peer, "connect_to_host", text("/nonesuch/path")), GD_FAILED);
        if (is_later) {
            ck_assert_int_eq(INT(loop, "add_peer", object(peer)), GD_OK);
        }
        ck_assert_int_eq(closed.count, is_later);
        frame(loop);
        ck_assert_int_eq(closed.count, is_later + 1);
        ck_assert_uint_eq(closed.id, peer->id);
        ck_assert_int_eq(closed.reason, INT(peer, "get_close_reason"));
        ck_assert_int_eq(INT(loop, "get_count"), 0);
        frame(loop);
        ck_assert_int_eq(closed.count, is_later + 1);
        host_drop(peer);
    }
    host_drop(loop);
}
END_TEST

// A script that has seen the result may try again before the next frame.
START_TEST(a_peer_that_connects_again_has_not_failed) {
    heard closed = {0};
    host_object *loop = new_loop(_i), *peer = host_new("SPSStreamPeerUDS");
    host_connect(loop, "closed", hear, &closed);
    ck_assert_int_eq(INT(loop, "add_peer", object(peer)), GD_OK);
    ck_assert_int_eq(INT(peer, "connect_to_host", text("/nonesuch/path")), GD_FAILED);
    DO(peer, "disconnect_from_host");
    frame(loop);
    frame(loop);
    ck_assert_int_eq(closed.count, 0);
    host_drop(loop);
    host_drop(peer);
}
END_TEST

// One attempt a frame, and not all of them in one.
static void connect_again(void *context, const void *const *arguments, size_t count) {
    heard *heard = context;
    host_object *peer = object_in(arguments[0]);
    (void)count;
    heard->count++;
    DO(peer, "disconnect_from_host");
    INT(peer, "connect_to_host", text("/nonesuch/path"));
}

START_TEST(a_handler_that_connects_again_and_fails_does_not_spin) {
    heard closed = {0};
    host_object *loop = new_loop(_i), *peer = host_new("SPSStreamPeerUDS");
    host_connect(loop, "closed", connect_again, &closed);
    ck_assert_int_eq(INT(loop, "add_peer", object(peer)), GD_OK);
    INT(peer, "connect_to_host", text("/nonesuch/path"));
    frame(loop);
    ck_assert_int_eq(closed.count, 1);
    host_drop(loop);
    host_drop(peer);
}
END_TEST

START_TEST(bytes_make_a_peer_readable) {
    heard readable = {0};
    host_object *loop = new_loop(_i);
    wire wire = add_wire(loop);
    host_connect(loop, "readable", hear, &readable);
    frame(loop);
    ck_assert_int_eq(readable.count, 0);
    send_plain(wire.socket, "\7", 1);
    WAIT_UNTIL((frame(loop), readable.count > 0));
    ck_assert_int_eq(INT(wire.peer, "try_get_u8"), 7);
    const int count = readable.count;
    frame(loop);
    ck_assert_int_eq(readable.count, count);
    host_drop(loop);
    close_wire(&wire);
}
END_TEST

static void read_until_null(void *context, const void *const *arguments, size_t count) {
    host_object *peer = object_in(arguments[0]);
    hear(context, arguments, count);
    slot value;
    while (value = CALL(peer, "try_get_u32"), host_type_of(&value) != GODOT_NIL) {
        drop(value);
    }
    drop(value);
}

// Half of a value at the end. The receiver reads whole values, so it never gets this half.
START_TEST(half_a_value_at_the_end_keeps_no_peer) {
    heard readable = {0}, closed = {0};
    host_object *loop = new_loop(_i);
    wire wire = add_wire(loop);
    host_connect(loop, "readable", read_until_null, &readable);
    host_connect(loop, "closed", hear, &closed);
    send_plain(wire.socket, "\1\0\0\0\2\0", 6);
    shutdown(wire.socket, SHUT_WR);
    WAIT_UNTIL((frame(loop), closed.count > 0));
    ck_assert_int_eq(closed.reason, SPS_CLOSE_PEER_FINISHED);
    ck_assert_int_eq(INT(loop, "get_count"), 0);
    host_drop(loop);
    close_wire(&wire);
}
END_TEST

START_TEST(a_server_has_a_connection) {
    slot place;
    heard available_ = {0};
    host_object *loop = new_loop(_i);
    host_object *server = new_server(TCP, &place);
    host_connect(loop, "connection_available", hear, &available_);
    ck_assert_int_eq(INT(loop, "add_server", object(server)), GD_OK);
    const int socket = connect_plain(to_int(place));
    WAIT_UNTIL((frame(loop), available_.count > 0));
    ck_assert_uint_eq(available_.id, server->id);
    host_drop(OBJECT(server, "take_connection"));
    ck_assert_int_eq(INT(loop, "remove_server", object(server)), GD_OK);
    ck_assert_int_eq(server->references, 1);
    close_socket(socket);
    host_drop(server);
    host_drop(loop);
}
END_TEST

// An echo server: it takes peers, adds them, and answers, all in signals.
static void take_and_add(void *loop, const void *const *arguments, size_t count) {
    (void)count;
    host_object *peer = OBJECT(object_in(arguments[0]), "take_connection");
    if (peer != NULL) {
        ck_assert_int_eq(INT(loop, "add_peer", object(peer)), GD_OK);
        host_drop(peer);
    }
}

static void echo(void *unused, const void *const *arguments, size_t count) {
    (void)unused;
    (void)count;
    host_object *peer = object_in(arguments[0]);
    slot byte;
    while (byte = CALL(peer, "try_get_u8"), host_type_of(&byte) != GODOT_NIL) {
        DO(peer, "put_u8", byte);
    }
    drop(byte);
}

START_TEST(receivers_serve_a_crowd) {
    enum { CLIENTS = 20 };
    slot place;
    int sockets[CLIENTS];
    host_object *loop = new_loop(_i), *server = new_server(TCP, &place);
    const int64_t port = to_int(place);
    host_connect(loop, "connection_available", take_and_add, loop);
    host_connect(loop, "readable", echo, NULL);
    ck_assert_int_eq(INT(loop, "add_server", object(server)), GD_OK);
    for (int i = 0; i < CLIENTS; i++) {
        sockets[i] = connect_plain(port);
        const uint8_t byte = (uint8_t)i;
        send_plain(sockets[i], &byte, 1);
        frame(loop);
    }
    for (int i = 0; i < CLIENTS; i++) {
        uint8_t byte = 0xFF;
        WAIT_UNTIL((frame(loop), receive_now(sockets[i], &byte, 1) == 1));
        ck_assert_uint_eq(byte, (unsigned)i);
        close_socket(sockets[i]);
    }
    WAIT_UNTIL((frame(loop), INT(loop, "get_count") == 1));
    host_drop(server);
    host_drop(loop);
}
END_TEST

START_TEST(other_objects_are_refused) {
    slot place;
    host_object *loop = new_loop(_i), *peer = host_new("SPSStreamPeerTCP");
    host_object *server = new_server(TCP, &place);
    drop(place);
    static const char *const methods[] = {"add_peer", "remove_peer", "add_server", "remove_server"};
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(INT(loop, methods[i], nil()), GD_ERR_INVALID_PARAMETER);
        expect_message(methods[i]);
        host_object *wrong = i < 2 ? server : peer;
        ck_assert_int_eq(INT(loop, methods[i], object(wrong)), GD_ERR_INVALID_PARAMETER);
        expect_message(methods[i]);
    }
    host_drop(server);
    host_drop(peer);
    host_drop(loop);
}
END_TEST

START_TEST(a_frame_keeps_to_its_budget) {
    enum { WIRES = 5 };
    heard readable = {0};
    wire wires[WIRES];
    host_object *loop = new_loop(_i);
    DO(loop, "set_max_events", whole(2));
    DO(loop, "set_max_time_us", whole(1000000));
    ck_assert_int_eq(INT(loop, "get_max_events"), 2);
    ck_assert_int_eq(INT(loop, "get_max_time_us"), 1000000);
    host_connect(loop, "readable", hear, &readable);
    for (int i = 0; i < WIRES; i++) {
        wires[i] = add_wire(loop);
        send_plain(wires[i].socket, "\7", 1);
    }
    int frames = 0;
    for (int before = 0; readable.count < WIRES; before = readable.count) {
        WAIT_UNTIL((frame(loop), readable.count > before));
        ck_assert_int_le(readable.count, before + 2);
        frames++;
    }
    ck_assert_int_ge(frames, 3);
    host_drop(loop);
    for (int i = 0; i < WIRES; i++) {
        close_wire(&wires[i]);
    }
}
END_TEST

static void count_bytes(void *context, const void *const *arguments, size_t count) {
    int *taken = context;
    host_object *peer = object_in(arguments[0]);
    slot byte;
    (void)count;
    while (byte = CALL(peer, "try_get_u8"), host_type_of(&byte) != GODOT_NIL) {
        drop(byte);
        ++*taken;
    }
    drop(byte);
}

START_TEST(a_flood_is_read_in_shares) {
    enum { BYTES = 20000, SHARE = 1024 };
    static const char bytes[BYTES];
    int64_t port;
    int taken = 0;
    host_object *loop = new_loop(_i), *peer = host_new("SPSStreamPeerTCP");
    const int listener = listen_plain(&port);
    DO(loop, "set_max_read_bytes", whole(SHARE));
    ck_assert_int_eq(INT(loop, "get_max_read_bytes"), SHARE);
    host_connect(loop, "readable", count_bytes, &taken);
    DO(peer, "set_read_buffer_bytes", whole(512));
    ck_assert_int_eq(INT(peer, "connect_to_host", text("127.0.0.1"), whole(port)), GD_OK);
    ck_assert_int_eq(INT(loop, "add_peer", object(peer)), GD_OK);
    const int socket = accept_plain(listener);
    send_plain(socket, bytes, sizeof bytes);
    for (int before = 0; taken < BYTES; before = taken) {
        WAIT_UNTIL((frame(loop), taken > before));
        ck_assert_int_le(taken, before + SHARE);
    }
    close_socket(socket);
    close_socket(listener);
    host_drop(loop);
    host_drop(peer);
}
END_TEST

START_TEST(a_budget_is_set_before_a_peer_is_added) {
    host_object *loop = new_loop(_i);
    wire wire = add_wire(loop);
    DO(loop, "set_max_events", whole(2));
    expect_message("before a peer or a server is added");
    ck_assert_int_eq(INT(loop, "get_max_events"), 0);
    DO(loop, "set_max_events", whole(0)); // no change
    DO(loop, "remove_peer", object(wire.peer));
    DO(loop, "set_max_time_us", whole(-1));
    expect_message("negative");
    DO(loop, "set_max_time_us", whole((int64_t)1 << 40));
    expect_message("too large");
    DO(loop, "set_max_events", whole(2));
    ck_assert_int_eq(INT(loop, "get_max_events"), 2);
    close_wire(&wire);
    host_drop(loop);
}
END_TEST

// ---- Receivers that end what they hear of

static host_object *the_loop;
static heard ended;

static void remove_peer(void *context, const void *const *arguments, size_t count) {
    hear(context, arguments, count);
    drop(CALL(the_loop, "remove_peer", object(object_in(arguments[0]))));
}

static void end_loop(void *context, const void *const *arguments, size_t count) {
    hear(context, arguments, count);
    host_drop(the_loop);
}

static void disconnect_peer(void *context, const void *const *arguments, size_t count) {
    hear(context, arguments, count);
    drop(CALL(object_in(arguments[0]), "disconnect_from_host"));
}

// The last reference to the peer is that of the loop.
static wire add_unheld_wire(host_object *loop) {
    wire wire = add_wire(loop);
    host_drop(wire.peer);
    return wire;
}

START_TEST(a_peer_may_end_in_its_own_signal) {
    host_object *loop = the_loop = new_loop(_i);
    ended.count = 0;
    host_connect(loop, "readable", remove_peer, &ended);
    wire wire = add_unheld_wire(loop);
    const uint64_t id = wire.peer->id;
    send_plain(wire.socket, "\7", 1);
    WAIT_UNTIL((frame(loop), ended.count > 0));
    ck_assert_ptr_null(host_object_with(id));
    expect_plain_end(wire.socket);
    close_socket(wire.socket);
    host_drop(loop);
}
END_TEST

START_TEST(a_loop_may_end_in_its_own_signal) {
    host_object *loop = the_loop = new_loop(_i);
    ended.count = 0;
    host_connect(loop, "readable", end_loop, &ended);
    wire one = add_unheld_wire(loop), two = add_unheld_wire(loop);
    const uint64_t ids[] = {loop->id, one.peer->id, two.peer->id};
    send_plain(one.socket, "\7", 1);
    send_plain(two.socket, "\7", 1);
    WAIT_UNTIL((frame(loop), ended.count > 0));
    ck_assert_int_eq(ended.count, 1);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_ptr_null(host_object_with(ids[i]));
    }
    close_socket(one.socket);
    close_socket(two.socket);
}
END_TEST

START_TEST(a_peer_may_disconnect_in_its_own_signal) {
    host_object *loop = new_loop(_i);
    ended.count = 0;
    host_connect(loop, "readable", disconnect_peer, &ended);
    wire wire = add_unheld_wire(loop);
    const uint64_t id = wire.peer->id;
    send_plain(wire.socket, "\7", 1);
    WAIT_UNTIL((frame(loop), INT(loop, "get_count") == 0));
    ck_assert_ptr_null(host_object_with(id));
    close_socket(wire.socket);
    host_drop(loop);
}
END_TEST

START_TEST(a_loop_may_end_in_a_closed_signal) {
    host_object *loop = the_loop = new_loop(_i);
    ended.count = 0;
    host_connect(loop, "closed", end_loop, &ended);
    wire wire = add_unheld_wire(loop);
    const uint64_t id = loop->id;
    close_socket(wire.socket);
    WAIT_UNTIL((frame(loop), ended.count > 0));
    ck_assert_ptr_null(host_object_with(id));
}
END_TEST

// ---- A script at the end of a member

static void end_the_loop(void *context) {
    (void)context;
    host_drop(the_loop);
}

// The receiver removes the peer. Then the frame holds the last reference to it.
START_TEST(the_end_of_a_peer_in_its_signal_may_end_the_loop) {
    host_object *loop = the_loop = new_loop(_i);
    ended.count = 0;
    host_connect(loop, "readable", remove_peer, &ended);
    wire wire = add_unheld_wire(loop);
    const uint64_t ids[] = {loop->id, wire.peer->id};
    wire.peer->at_end = end_the_loop;
    send_plain(wire.socket, "\7", 1);
    WAIT_UNTIL((frame(loop), ended.count > 0));
    ck_assert_ptr_null(host_object_with(ids[0]));
    ck_assert_ptr_null(host_object_with(ids[1]));
    close_socket(wire.socket);
}
END_TEST

static host_object *the_members[3];
static size_t ends_heard;

// The first one that ends does this to each other one.
static void (*the_deed)(host_object *member);

static void treat_others(void *context) {
    const size_t nth = (size_t)((host_object **)context - the_members);
    const bool is_first = ends_heard++ == 0;
    for (size_t i = 0; is_first && i < 3; i++) {
        if (i != nth && host_object_with(the_members[i]->id) != NULL) {
            the_deed(the_members[i]);
        }
    }
}

static void remove_member(host_object *member) {
    drop(CALL(the_loop, "remove_peer", object(member)));
}

static void add_member(host_object *member) {
    drop(CALL(the_loop, "add_peer", object(member)));
}

// A member that is in the list twice, and has a sweep of its own.
static void add_and_remove_member(host_object *member) {
    add_member(member);
    remove_member(member);
}

static void add_member_and_sweep(host_object *member) {
    add_member(member);
    drop(CALL(member, "disconnect_from_host"));
    frame(the_loop);
}

static void free_loop(host_object *member) {
    (void)member;
    if (the_loop != NULL) {
        host_object *loop = the_loop;
        the_loop = NULL;
        host_drop(loop);
    }
}

// Three members close in one frame.
static void close_three(int convention, void (*deed)(host_object *member)) {
    the_loop = new_loop(convention);
    the_deed = deed;
    ends_heard = 0;
    wire wires[3];
    for (int i = 0; i < 3; i++) {
        wires[i] = add_wire(the_loop);
        the_members[i] = wires[i].peer;
        the_members[i]->at_end = treat_others;
        the_members[i]->context = &the_members[i];
    }
    for (int i = 0; i < 3; i++) {
        close_socket(wires[i].socket);
        host_drop(the_members[i]);
    }
    WAIT_UNTIL((frame(the_loop), ends_heard > 0));
}

START_TEST(the_end_of_a_member_may_remove_others) {
    close_three(_i, remove_member);
    ck_assert_uint_eq(ends_heard, 3);
    host_drop(the_loop);
}
END_TEST

START_TEST(the_end_of_a_member_may_add_others_again) {
    close_three(_i, add_member);
    host_drop(the_loop);
    ck_assert_uint_eq(ends_heard, 3);
}
END_TEST

START_TEST(the_end_of_a_member_may_add_and_remove_others) {
    close_three(_i, add_and_remove_member);
    ck_assert_uint_eq(ends_heard, 3);
    host_drop(the_loop);
}
END_TEST

START_TEST(the_end_of_a_member_may_run_a_frame) {
    close_three(_i, add_member_and_sweep);
    frame(the_loop);
    ck_assert_int_eq(INT(the_loop, "get_count"), 0);
    ck_assert_uint_eq(ends_heard, 3);
    host_drop(the_loop);
}
END_TEST

START_TEST(the_end_of_a_member_may_end_the_loop) {
    close_three(_i, free_loop);
    ck_assert_ptr_null(the_loop);
    ck_assert_uint_eq(ends_heard, 3);
}
END_TEST

Suite *loop_suite(void) {
    Suite *suite = suite_create("loop");
    TCase *test_case = add_godot_case(suite, "loop");
    BY_BOTH(test_case, a_peer_connects_and_closes);
    BY_BOTH(test_case, a_connect_that_fails_at_once_closes);
    BY_BOTH(test_case, a_peer_that_connects_again_has_not_failed);
    BY_BOTH(test_case, a_handler_that_connects_again_and_fails_does_not_spin);
    BY_BOTH(test_case, bytes_make_a_peer_readable);
    BY_BOTH(test_case, half_a_value_at_the_end_keeps_no_peer);
    BY_BOTH(test_case, a_server_has_a_connection);
    BY_BOTH(test_case, receivers_serve_a_crowd);
    BY_BOTH(test_case, other_objects_are_refused);
    BY_BOTH(test_case, a_frame_keeps_to_its_budget);
    BY_BOTH(test_case, a_flood_is_read_in_shares);
    BY_BOTH(test_case, a_budget_is_set_before_a_peer_is_added);
    BY_BOTH(test_case, a_peer_may_end_in_its_own_signal);
    BY_BOTH(test_case, a_loop_may_end_in_its_own_signal);
    BY_BOTH(test_case, a_peer_may_disconnect_in_its_own_signal);
    BY_BOTH(test_case, a_loop_may_end_in_a_closed_signal);
    BY_BOTH(test_case, the_end_of_a_peer_in_its_signal_may_end_the_loop);
    BY_BOTH(test_case, the_end_of_a_member_may_remove_others);
    BY_BOTH(test_case, the_end_of_a_member_may_add_others_again);
    BY_BOTH(test_case, the_end_of_a_member_may_add_and_remove_others);
    BY_BOTH(test_case, the_end_of_a_member_may_run_a_frame);
    BY_BOTH(test_case, the_end_of_a_member_may_end_the_loop);
    return suite;
}
