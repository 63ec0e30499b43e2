// SPDX-License-Identifier: MIT
//
// Signals and child processes do not disturb a connection (NEEDS.md 26 and 33).
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "support/support.h"

static int ticks; // of all threads, so it is atomic

static void count_tick(int signal) {
    (void)signal;
    __atomic_add_fetch(&ticks, 1, __ATOMIC_RELAXED);
}

static int count_ticks(void) {
    return __atomic_load_n(&ticks, __ATOMIC_RELAXED);
}

enum { PART = 16 << 20, READ = 1 << 20 };

// Reads a part of the pattern. Returns the stream, or NULL if bytes are missing or wrong.
static void *read_part(void *argument) {
    uint8_t *bytes = malloc(READ);
    bool is_good = true;
    for (uint64_t offset = 0; offset < PART && is_good; offset += READ) {
        is_good = sps_stream_get_data(argument, bytes, READ, NULL) == SPS_OK &&
                  is_pattern(bytes, READ, offset);
    }
    free(bytes);
    return is_good ? argument : NULL;
}

// One put of a part, which a thread reads.
static void transfer_part(const pair *pair) {
    pthread_t thread;
    void *result;
    uint8_t *bytes = malloc(PART);
    fill_pattern(bytes, PART, 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, read_part, pair->peer), 0);
    OK(sps_stream_put_data(pair->client, bytes, PART, NULL));
    pthread_join(thread, &result);
    ck_assert_ptr_eq(result, pair->peer);
    free(bytes);
}

// By address and by name.
static void connect_often(const pair *pair) {
    for (int i = 0; i < 50; i++) {
        const bool is_name = i % 2 != 0 && pair->place.transport == TCP;
        sps_stream *stream = make_stream(pair->place.transport, NULL);
        OK(is_name ? sps_tcp_connect(stream, "localhost", pair->place.port)
                   : connect_to(stream, &pair->place));
        WAIT_UNTIL(polled_status(stream) == SPS_STATUS_CONNECTED);
        sps_stream_destroy(take_from(pair->server));
        sps_stream_destroy(stream);
    }
}

START_TEST(a_signal_a_thousand_times_a_second_does_no_harm) {
    NOT_IN_VALGRIND("it does nothing but signals then")
    pair pair = connect_pair(_i);
    struct sigaction action, before;
    memset(&action, 0, sizeof action);
    action.sa_handler = count_tick; // no SA_RESTART
    ck_assert_int_eq(sigaction(SIGALRM, &action, &before), 0);
    const struct itimerval every_ms = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    ck_assert_int_eq(setitimer(ITIMER_REAL, &every_ms, NULL), 0);
    do {
        transfer_part(&pair);
    } while (count_ticks() < 1000); // long enough for a signal in every call
    connect_often(&pair);
    setitimer(ITIMER_REAL, &never, NULL);
    sigaction(SIGALRM, &before, NULL);
    close_pair(&pair);
}
END_TEST

START_TEST(no_sigpipe) {
    pair pair = connect_pair(_i);
    struct sigaction action, before;
    memset(&action, 0, sizeof action);
    action.sa_handler = count_tick;
    sigaction(SIGPIPE, &action, &before);
    ticks = 0;
    OK(sps_socket_disconnect(pair.peer));
    for (int i = 0; i < 10; i++) {
        sps_stream_put_u8(pair.client, 1);
        pause_briefly();
    }
    ck_assert_int_eq(count_ticks(), 0);
    sigaction(SIGPIPE, &before, NULL);
    close_pair(&pair);
}
END_TEST

START_TEST(descriptors_are_closed_on_exec) {
    pair pair = connect_pair(_i);
    // The shell lists its descriptors: 0, 1, 2, and that of the listing.
    const int code = system("test $(ls -l /proc/self/fd | grep -c socket:) -eq 0");
    ck_assert_int_eq(code, 0);
    close_pair(&pair);
}
END_TEST

Suite *signals_suite(void) {
    Suite *suite = suite_create("signals");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, a_signal_a_thousand_times_a_second_does_no_harm, 0, TRANSPORTS);
    tcase_add_loop_test(all, no_sigpipe, 0, TRANSPORTS);
    tcase_add_loop_test(all, descriptors_are_closed_on_exec, 0, TRANSPORTS);
    return suite;
}
