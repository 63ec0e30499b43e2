// SPDX-License-Identifier: MIT
//
// A poller and the machine's own look-ups. Every name is looked up as a number in a spelling that only
// getaddrinfo(3) knows, so that no name server is needed; a new one each time, since answers are kept.
#include <stdio.h>
#include <string.h>

#include "platform/platform.h"
#include "support/pollers.h"

static sps_platform platform;
static int names;

static spsi_result look_up_number(const sps_platform *unused, const char *name, unsigned families,
                                  spsi_lookup **out_lookup) {
    (void)unused;
    (void)name;
    char number[300];
    snprintf(number, sizeof number, "127.%0*d", ++names + 1, 1);
    return spsi_os_platform()->lookup_start(spsi_os_platform(), number, families, out_lookup);
}

static const sps_stream_options stream_options = {.struct_size = sizeof stream_options,
                                                  .platform = &platform};
static sps_poller *poller;
static sps_server *server;
static place listening;

static void begin(void) {
    platform = *spsi_os_platform();
    platform.lookup_start = look_up_number;
    const sps_poller_options options = {.struct_size = sizeof options, .platform = &platform};
    poller = make_poller(&options);
    server = make_server(TCP, NULL);
    listening = listen_somewhere(server, TCP);
}

static void end(void) {
    sps_server_destroy(server);
    sps_poller_destroy(poller);
}

// Were a look-up looked at now and then only, it would take half a second each time.
START_TEST(a_look_up_wakes_the_wait) {
    enum { NAMES = 20 };
    begin();
    const uint64_t start = now_ms();
    for (int i = 0; i < NAMES; i++) {
        sps_stream *client = make_stream(TCP, &stream_options);
        if (i % 2 == 0) {
            OK(sps_poller_add(poller, client, NULL));
        }
        OK(sps_tcp_connect(client, "any.name", listening.port));
        ck_assert_int_eq(status_of(client), SPS_STATUS_CONNECTING);
        if (i % 2 == 1) {
            OK(sps_poller_add(poller, client, NULL));
        }
        ck_assert_uint_eq(wait_once(poller, -1), 1);
        expect_event_now(poller, client, SPS_EVENT_CONNECTED);
        sps_stream_destroy(client);
    }
    ck_assert_uint_lt(now_ms() - start, NAMES * 250);
    end();
}
END_TEST

// At every moment of its look-up and of its connecting.
START_TEST(a_connecting_stream_may_be_destroyed) {
    begin();
    for (int i = 0; i < 250; i++) {
        sps_stream *client = make_stream(TCP, &stream_options);
        OK(sps_poller_add(poller, client, NULL));
        OK(sps_tcp_connect(client, "any.name", listening.port));
        for (int waits = 0; waits < i % 4; waits++) {
            wait_once(poller, i % 3);
        }
        if (i % 5 == 0) {
            OK(sps_poller_remove(poller, client));
        }
        sps_stream_destroy(client);
    }
    ck_assert_uint_eq(wait_once(poller, 5), 0);
    end();
}
END_TEST

// The poller goes while names are being looked up, which then wake nobody.
START_TEST(a_poller_may_go_while_names_are_looked_up) {
    for (int i = 0; i < 50; i++) {
        begin();
        sps_stream *client = make_stream(TCP, &stream_options);
        OK(sps_poller_add(poller, client, NULL));
        OK(sps_tcp_connect(client, "any.name", listening.port));
        sps_poller_destroy(poller);
        poller = NULL;
        WAIT_UNTIL(polled_status(client) == SPS_STATUS_CONNECTED);
        sps_stream_destroy(client);
        end();
    }
}
END_TEST

Suite *poller_lookups_suite(void) {
    Suite *suite = suite_create("poller_lookups");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_look_up_wakes_the_wait);
    tcase_add_test(all, a_connecting_stream_may_be_destroyed);
    tcase_add_test(all, a_poller_may_go_while_names_are_looked_up);
    return suite;
}
