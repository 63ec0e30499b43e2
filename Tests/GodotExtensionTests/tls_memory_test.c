// SPDX-License-Identifier: MIT
//
// Each allocation of the extension fails once while two peers speak TLS. No call crashes or breaks
// a rule, and nothing leaks.
#include "support/secure.h"

// The end of a handshake that may fail, within turns that suffice for one that does not.
static void shake_hands(host_object *client, host_object *server) {
    for (int i = 0; i < 200; i++) {
        TRY(client, "poll");
        TRY(server, "poll");
    }
}

static void speak(const ends *ends, host_object *trust, host_object *own) {
    host_object *client = host_new("SPSStreamPeerTLS"), *server = host_new("SPSStreamPeerTLS");
    TRY(trust, "set_protocols", strings("game/2")); // so the options are made again
    TRY(own, "set_protocols", strings("game/2"));
    TRY(client, "connect_to_stream", object(ends->client), text("game.test"), object(trust));
    TRY(server, "accept_stream", object(ends->peer), object(own));
    shake_hands(client, server);
    TRY(client, "set_io_timeout_ms", whole(1));
    TRY(client, "put_utf8_string", text("a text"));
    TRY(server, "set_io_timeout_ms", whole(1));
    TRY(server, "get_utf8_string");
    TRY(client, "get_tls_info");
    TRY(client, "get_peer_certificates");
    TRY(client, "get_close_message");
    TRY(client, "disconnect_from_host");
    drop_object(client);
    drop_object(server);
}

static void speak_over_new_ends(host_object *trust, host_object *own, long failing) {
    ends ends = open_ends(TCP);
    if (failing > 0) {
        fail_allocation("streampeersocket_godot", failing);
    }
    speak(&ends, trust, own);
    close_ends(&ends);
}

START_TEST(each_allocation_may_fail) {
    enum { LEAST = 10, MOST = 1000 };
    long nth = 1;
    bool has_failed = true;
    host_object *trust = trusting(&authority), *own = being(&game);
    speak_over_new_ends(trust, own, 0); // some memory is allocated once for all
    for (; has_failed && nth < MOST; nth++) {
        speak_over_new_ends(trust, own, nth);
        has_failed = fail_allocation(NULL, 0);
        host_forget_messages();
    }
    host_drop(trust);
    host_drop(own);
    if (nth == 2 && !has_failed) {
        printf("skipped: %s: this build lets no allocation fail\n", "each_allocation_may_fail");
        return;
    }
    ck_assert_int_gt(nth, LEAST);
    ck_assert_int_lt(nth, MOST);
}
END_TEST

// Without memory for a text, the options are no others. Here that text makes the name a wrong one.
START_TEST(a_lost_text_gives_no_trust) {
    enum { MOST = 200 };
    static const char name[] = "a-label-of-a-name-that-is-as-long-as-a-label-may-be-in-the-dns."
                               "a-label-of-a-name-that-is-as-long-as-a-label-may-be-in-the-dns."
                               "a-label-of-a-name-that-is-as-long-as-a-label-may-be-in-the-dns";
    bool has_failed = true;
    host_object *own = being(&game);
    for (long nth = 1; has_failed && nth < MOST; nth++) {
        ends ends = open_ends(TCP);
        host_object *client = host_new("SPSStreamPeerTLS"), *server = host_new("SPSStreamPeerTLS");
        host_object *trust = trusting(&authority);
        DO(trust, "set_common_name_override", text(name));
        DO(server, "accept_stream", object(ends.peer), object(own));
        fail_allocation("streampeersocket_godot", nth);
        DO(client, "connect_to_stream", object(ends.client), text("game.test"), object(trust));
        has_failed = fail_allocation(NULL, 0);
        shake_hands(client, server);
        ck_assert_int_ne(INT(client, "get_status"), TLS_CONNECTED);
        host_forget_messages();
        host_drop(trust);
        host_drop(client);
        host_drop(server);
        close_ends(&ends);
    }
    host_drop(own);
}
END_TEST

Suite *tls_memory_suite(void) {
    Suite *suite = suite_create("tls-memory");
    TCase *test_case = add_secure_case(suite, "tls-memory");
    tcase_add_test(test_case, each_allocation_may_fail);
    tcase_add_test(test_case, a_lost_text_gives_no_trust);
    return suite;
}
