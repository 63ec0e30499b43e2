// SPDX-License-Identifier: MIT
//
// Connecting by name, on a platform of the test's own: a clock that the test moves, and addresses
// that answer, refuse or stay silent as the test says.
#include <stdio.h>
#include <string.h>

#include "platform/platform.h"
#include "support.h"

enum { SILENT = -1, MAX_HANDLES = 64 };

// What an address does when it is tried.
typedef struct fate {
    const char *address;
    int64_t after_ms; // of the attempt's begin, or SILENT
    spsi_code code;   // DONE: it answers; else how it fails
} fate;

typedef struct world {
    sps_platform platform;
    uint64_t now_us;
    const fate *fates;
    size_t count;
    bool resolved;
    spsi_code resolve_code;
    bool is_split;        // each family has an answer of its own, by the set of them:
    spsi_code answers[4]; // AGAIN: none yet
    bool useful;          // as the last look-up to end was said to be
    int lookups;          // open now
    int open;             // sockets open now
    size_t opened;
    struct {
        const fate *fate;
        uint64_t begin_us;
        spsi_address address;
    } sockets[MAX_HANDLES];
} world;

static world the;

static uint64_t now(const sps_platform *platform) {
    (void)platform;
    return the.now_us;
}

static spsi_result result(spsi_code code) {
    return (spsi_result){code, code == SPSI_DONE || code == SPSI_AGAIN ? 0 : 1000 + (int)code};
}

static spsi_result open_socket(const sps_platform *platform, spsi_family family,
                               spsi_handle *out_handle) {
    (void)platform;
    (void)family;
    ck_assert_uint_lt(the.opened, MAX_HANDLES);
    the.open++;
    *out_handle = (spsi_handle)the.opened++;
    return result(SPSI_DONE);
}

static void close_socket(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    (void)handle;
    the.open--;
}

static spsi_result outcome(spsi_handle handle) {
    const fate *fate = the.sockets[handle].fate;
    const bool is_time =
        fate->after_ms != SILENT &&
        the.now_us >= the.sockets[handle].begin_us + (uint64_t)fate->after_ms * 1000;
    return result(is_time ? fate->code : SPSI_AGAIN);
}

static spsi_result begin(const sps_platform *platform, spsi_handle handle,
                         const spsi_address *address) {
    (void)platform;
    char text[64];
    spsi_ip_to_text(address, text, sizeof text);
    for (size_t i = 0; i < the.count; i++) {
        if (strcmp(the.fates[i].address, text) == 0) {
            the.sockets[handle].fate = &the.fates[i];
            the.sockets[handle].begin_us = the.now_us;
            the.sockets[handle].address = *address;
            return outcome(handle);
        }
    }
    ck_abort_msg("an address that nobody gave: %s", text);
    return result(SPSI_FAILED);
}

static spsi_result check(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    return outcome(handle);
}

enum { LOCAL_PORT = 4711 };

static spsi_result local_address(const sps_platform *platform, spsi_handle handle,
                                 spsi_address *out) {
    (void)platform;
    (void)handle;
    memset(out, 0, sizeof *out);
    out->port = LOCAL_PORT;
    return result(SPSI_DONE);
}

static spsi_result peer_address(const sps_platform *platform, spsi_handle handle,
                                spsi_address *out) {
    (void)platform;
    *out = the.sockets[handle].address;
    return result(SPSI_DONE);
}

static spsi_result lookup_start(const sps_platform *platform, const char *name, unsigned families,
                                spsi_lookup **out_lookup) {
    (void)platform;
    (void)name;
    the.lookups++;
    *out_lookup = (spsi_lookup *)&the.answers[families];
    return result(SPSI_DONE);
}

static spsi_result lookup_result(const sps_platform *platform, spsi_lookup *lookup,
                                 spsi_address *out, size_t capacity, size_t *out_count) {
    (void)platform;
    const unsigned families = (unsigned)((const spsi_code *)lookup - the.answers);
    const spsi_code all = the.resolved ? the.resolve_code : SPSI_AGAIN;
    const spsi_code code = the.is_split ? the.answers[families] : all;
    *out_count = 0;
    for (size_t i = 0; i < the.count && *out_count < capacity && code == SPSI_DONE; i++) {
        ck_assert(spsi_ip_from_text(the.fates[i].address, &out[*out_count]));
        const unsigned family = out[*out_count].family == SPSI_FAMILY_IPV4 ? SPSI_IPV4 : SPSI_IPV6;
        *out_count += (family & families) != 0;
    }
    return result(code);
}

static spsi_result set_option(const sps_platform *platform, spsi_handle handle, spsi_option option,
                              uint32_t value) {
    (void)platform;
    (void)handle;
    (void)option;
    (void)value;
    return result(SPSI_DONE);
}

static void lookup_end(const sps_platform *platform, spsi_lookup *lookup, bool was_useful) {
    the.useful = was_useful;
    (void)platform;
    (void)lookup;
    the.lookups--;
}

static spsi_result no_bytes(const sps_platform *platform, spsi_handle handle, void *buffer,
                            size_t size, size_t *out) {
    (void)platform;
    (void)handle;
    (void)buffer;
    (void)size;
    *out = 0;
    return result(SPSI_AGAIN);
}

static sps_stream *connect_in_world(const fate *fates, size_t count) {
    memset(&the, 0, sizeof the);
    the.platform = (sps_platform){
        SPSI_PLATFORM_HEAD,
        .now_us = now,
        .open = open_socket,
        .close = close_socket,
        .connect = begin,
        .connect_result = check,
        .receive = no_bytes,
        .local_address = local_address,
        .peer_address = peer_address,
        .lookup_start = lookup_start,
        .lookup_result = lookup_result,
        .lookup_end = lookup_end,
        .set_option = set_option,
    };
    the.now_us = 1000000;
    the.fates = fates;
    the.count = count;
    the.resolved = true;
    the.resolve_code = SPSI_DONE;
    const sps_stream_options options = {.struct_size = sizeof options, .platform = &the.platform};
    sps_stream *stream;
    OK(sps_tcp_create(&options, &stream));
    OK(sps_tcp_connect(stream, "any.name", 80));
    return stream;
}

#define CONNECT(fates) connect_in_world(fates, sizeof fates / sizeof fates[0])

// What most of the tests need: one address, or one of each family.
static const fate silent[] = {{"192.0.2.1", SILENT, SPSI_DONE}};
static const fate two_silent[] = {{"2001:db8::1", SILENT, SPSI_DONE},
                                  {"192.0.2.1", SILENT, SPSI_DONE}};
static const fate answers[] = {{"192.0.2.1", 0, SPSI_DONE}};

static sps_error poll_after(sps_stream *stream, uint64_t ms) {
    the.now_us += ms * 1000;
    return sps_socket_poll(stream);
}

static sps_connect_attempt attempt(const sps_stream *stream, size_t index) {
    sps_connect_attempt attempt = {.struct_size = sizeof attempt};
    OK(sps_tcp_get_connect_attempt(stream, index, &attempt));
    return attempt;
}

static void expect_attempt(const sps_stream *stream, size_t index, const char *host,
                           sps_attempt_state state, uint64_t start_ms, uint64_t end_ms) {
    const sps_connect_attempt found = attempt(stream, index);
    ck_assert_str_eq(found.host, host);
    ck_assert_int_eq(found.port, 80);
    ck_assert_int_eq(found.state, state);
    ck_assert_uint_eq(found.start_us, start_ms * 1000);
    ck_assert_uint_eq(found.end_us, end_ms * 1000);
}

static void expect_count(const sps_stream *stream, size_t count) {
    size_t found;
    OK(sps_tcp_get_connect_attempt_count(stream, &found));
    ck_assert_uint_eq(found, count);
}

// Connecting has failed, for this reason, and nothing of it is left open.
static void expect_failed(const sps_stream *stream, sps_close_reason reason) {
    ck_assert_int_eq(status_of(stream), SPS_STATUS_ERROR);
    expect_reason(stream, reason);
    ck_assert_int_eq(the.open, 0);
    ck_assert_int_eq(the.lookups, 0);
}

static void end(sps_stream *stream) {
    sps_stream_destroy(stream);
    ck_assert_int_eq(the.open, 0);
    ck_assert_int_eq(the.lookups, 0);
}

// ---- The tests

START_TEST(a_silent_address_costs_250_ms) {
    const fate fates[] = {{"2001:db8::1", SILENT, SPSI_DONE}, {"192.0.2.1", 20, SPSI_DONE}};
    sps_stream *stream = CONNECT(fates);
    OK(poll_after(stream, 0));
    expect_count(stream, 1);
    OK(poll_after(stream, 249));
    expect_count(stream, 1);
    OK(poll_after(stream, 1));
    expect_count(stream, 2);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTING);
    OK(poll_after(stream, 20));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    ck_assert_int_eq(the.open, 1); // the loser is closed
    expect_attempt(stream, 0, "2001:db8::1", SPS_ATTEMPT_ABANDONED, 0, 270);
    expect_attempt(stream, 1, "192.0.2.1", SPS_ATTEMPT_CONNECTED, 250, 270);
    char host[SPS_HOST_TEXT_BYTES];
    OK(sps_tcp_get_connected_host(stream, host, sizeof host, NULL));
    ck_assert_str_eq(host, "192.0.2.1");
    end(stream);
}
END_TEST

START_TEST(a_failure_begins_the_next_at_once) {
    const fate fates[] = {{"2001:db8::1", 5, SPSI_REFUSED},
                          {"2001:db8::2", 0, SPSI_UNREACHABLE},
                          {"192.0.2.1", 3, SPSI_DONE}};
    sps_stream *stream = CONNECT(fates);
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 5));
    expect_count(stream, 2); // families take turns: IPv4 is second
    OK(poll_after(stream, 3));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    expect_attempt(stream, 0, "2001:db8::1", SPS_ATTEMPT_FAILED, 0, 5);
    ck_assert_int_eq(attempt(stream, 0).os_error, 1000 + SPSI_REFUSED);
    expect_attempt(stream, 1, "192.0.2.1", SPS_ATTEMPT_CONNECTED, 5, 8);
    end(stream);
}
END_TEST

START_TEST(families_take_turns) {
    const fate fates[] = {{"192.0.2.1", SILENT, SPSI_DONE},
                          {"192.0.2.2", SILENT, SPSI_DONE},
                          {"192.0.2.3", SILENT, SPSI_DONE},
                          {"2001:db8::1", SILENT, SPSI_DONE},
                          {"2001:db8::2", SILENT, SPSI_DONE}};
    static const char *const order[] = {"192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2",
                                        "192.0.2.3"};
    sps_stream *stream = CONNECT(fates);
    for (size_t i = 0; i < 5; i++) {
        OK(poll_after(stream, i == 0 ? 0 : 250));
        const sps_connect_attempt begun = attempt(stream, i);
        ck_assert_str_eq(begun.host, order[i]);
    }
    ck_assert_int_eq(the.open, 5);
    OK(sps_socket_disconnect(stream));
    ck_assert_int_eq(the.open, 0);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    expect_reason(stream, SPS_CLOSE_LOCAL);
    for (size_t i = 0; i < 5; i++) { // it can still be read
        expect_attempt(stream, i, order[i], SPS_ATTEMPT_ABANDONED, 250 * i, 1000);
    }
    end(stream);
}
END_TEST

START_TEST(all_fail_and_the_last_is_the_reason) {
    const fate fates[] = {{"2001:db8::1", 10, SPSI_UNREACHABLE}, {"192.0.2.1", 10, SPSI_REFUSED}};
    sps_stream *stream = CONNECT(fates);
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 10));
    IS(poll_after(stream, 10), SPS_ERR_CONNECTION_ERROR);
    expect_failed(stream, SPS_CLOSE_REFUSED);
    int32_t os_error;
    OK(sps_socket_get_os_error(stream, &os_error));
    ck_assert_int_eq(os_error, 1000 + SPSI_REFUSED);
    OK(sps_socket_disconnect(stream)); // it was closed before
    expect_reason(stream, SPS_CLOSE_REFUSED);
    end(stream);
}
END_TEST

// The first fails after 300 ms, the second began after 250.
static void expect_third(int64_t second_after_ms, sps_attempt_state state_of_second) {
    const fate fates[] = {{"2001:db8::1", 300, SPSI_UNREACHABLE},
                          {"192.0.2.1", second_after_ms, SPSI_REFUSED},
                          {"2001:db8::2", 0, SPSI_DONE}};
    sps_stream *stream = CONNECT(fates);
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 250));
    OK(poll_after(stream, 50));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    expect_attempt(stream, 0, "2001:db8::1", SPS_ATTEMPT_FAILED, 0, 300);
    expect_attempt(stream, 1, "192.0.2.1", state_of_second, 250, 300);
    expect_attempt(stream, 2, "2001:db8::2", SPS_ATTEMPT_CONNECTED, 300, 300);
    end(stream);
}

START_TEST(two_that_fail_at_once_begin_the_third) {
    expect_third(50, SPS_ATTEMPT_FAILED);
}
END_TEST

START_TEST(a_failure_begins_the_next_while_another_runs) {
    expect_third(SILENT, SPS_ATTEMPT_ABANDONED);
}
END_TEST

// The log counts in 32 bits, which are 71 minutes.
START_TEST(an_attempt_of_hours_is_told_as_the_longest) {
    sps_stream *stream = CONNECT(silent);
    OK(sps_socket_set_connect_timeout(stream, 5 * 3600 * 1000));
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 2 * 3600 * 1000));
    OK(sps_socket_disconnect(stream));
    ck_assert_uint_eq(attempt(stream, 0).start_us, 0);
    ck_assert_uint_eq(attempt(stream, 0).end_us, UINT32_MAX);
    end(stream);
}
END_TEST

START_TEST(a_timeout_of_0_is_the_usual_one) {
    sps_stream *stream = CONNECT(silent);
    OK(sps_socket_set_connect_timeout(stream, 1));
    OK(sps_socket_set_connect_timeout(stream, 0));
    OK(poll_after(stream, 29999));
    IS(poll_after(stream, 1), SPS_ERR_CONNECTION_ERROR);
    end(stream);
    const sps_stream_options options = {
        .struct_size = sizeof options, .platform = &the.platform, .connect_timeout_ms = 5};
    OK(sps_tcp_create(&options, &stream));
    OK(sps_tcp_connect(stream, "any.name", 80));
    OK(poll_after(stream, 4));
    IS(poll_after(stream, 1), SPS_ERR_CONNECTION_ERROR);
    end(stream);
}
END_TEST

static void expect_local(const sps_stream *stream, const char *host, int32_t port) {
    char text[SPS_HOST_TEXT_BYTES] = "?";
    int32_t number = -1;
    OK(sps_tcp_get_local_host(stream, text, sizeof text, NULL));
    ck_assert_str_eq(text, host);
    OK(sps_tcp_get_local_port(stream, &number));
    ck_assert_int_eq(number, port);
}

START_TEST(while_one_address_is_tried_its_local_address_is_known) {
    sps_stream *stream = CONNECT(silent);
    expect_local(stream, "", 0); // while the name is looked up
    OK(poll_after(stream, 0));
    expect_local(stream, "0.0.0.0", LOCAL_PORT);
    end(stream);
    stream = CONNECT(two_silent);
    OK(poll_after(stream, 0));
    expect_local(stream, "", 0);
    end(stream);
}
END_TEST

START_TEST(one_deadline_for_all) {
    sps_stream *stream = CONNECT(two_silent);
    the.resolved = false; // the look-up takes most of the time
    OK(poll_after(stream, 29000));
    the.resolved = true;
    OK(poll_after(stream, 500));
    OK(poll_after(stream, 499));
    ck_assert_int_eq(the.open, 2);
    IS(poll_after(stream, 1), SPS_ERR_CONNECTION_ERROR);
    expect_failed(stream, SPS_CLOSE_CONNECT_TIMED_OUT);
    end(stream);
}
END_TEST

START_TEST(the_deadline_ends_a_look_up) {
    sps_stream *stream = CONNECT(answers);
    the.resolved = false;
    OK(poll_after(stream, 29999));
    IS(poll_after(stream, 1), SPS_ERR_CONNECTION_ERROR);
    expect_failed(stream, SPS_CLOSE_CONNECT_TIMED_OUT);
    expect_count(stream, 0);
    end(stream);
}
END_TEST

// Connecting takes a new deadline over, counted from its begin.
START_TEST(a_new_deadline_ends_what_is_under_way) {
    sps_stream *stream = CONNECT(two_silent);
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 500));
    OK(sps_socket_set_connect_timeout(stream, 501));
    OK(poll_after(stream, 0));
    IS(poll_after(stream, 1), SPS_ERR_CONNECTION_ERROR);
    expect_failed(stream, SPS_CLOSE_CONNECT_TIMED_OUT);
    OK(sps_socket_disconnect(stream));
    OK(sps_tcp_connect(stream, "any.name", 80));
    the.resolved = false;
    OK(sps_socket_set_connect_timeout(stream, 60000)); // a later one counts as well
    OK(poll_after(stream, 59999));
    IS(poll_after(stream, 1), SPS_ERR_CONNECTION_ERROR);
    end(stream);
}
END_TEST

// An answer that leads nowhere is not kept for those who ask after.
START_TEST(addresses_of_no_use_are_forgotten) {
    const fate bad[] = {{"192.0.2.1", 5, SPSI_REFUSED}}, good[] = {{"192.0.2.1", 5, SPSI_DONE}};
    sps_stream *stream = CONNECT(bad);
    OK(poll_after(stream, 0));
    IS(poll_after(stream, 5), SPS_ERR_CONNECTION_ERROR);
    ck_assert(!the.useful);
    end(stream);
    stream = CONNECT(good);
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 5));
    ck_assert(the.useful);
    end(stream);
    stream = CONNECT(bad); // cancelled before it is known
    OK(poll_after(stream, 0));
    OK(sps_socket_disconnect(stream));
    ck_assert(the.useful);
    end(stream);
}
END_TEST

START_TEST(the_idle_timeout_counts_from_the_connection) {
    const fate fates[] = {{"192.0.2.1", 700, SPSI_DONE}};
    sps_stream *stream = CONNECT(fates);
    OK(sps_socket_set_idle_timeout(stream, 1000));
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 700));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    OK(poll_after(stream, 999));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    IS(poll_after(stream, 1), SPS_FAILED);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_ERROR);
    expect_reason(stream, SPS_CLOSE_IDLE);
    end(stream);
}
END_TEST

START_TEST(a_name_without_an_address) {
    sps_stream *stream = CONNECT(answers);
    the.resolve_code = SPSI_NAME_UNKNOWN;
    IS(poll_after(stream, 5), SPS_ERR_CANT_RESOLVE);
    expect_failed(stream, SPS_CLOSE_NAME_NOT_FOUND);
    end(stream);
}
END_TEST

// ---- A family that is silent (RFC 8305, 3)

enum { BOTH = SPSI_IPV4 | SPSI_IPV6 };

// Nothing is known yet, neither of both families together nor of each alone.
static sps_stream *connect_split(const fate *fates, size_t count) {
    sps_stream *stream = connect_in_world(fates, count);
    the.is_split = true;
    the.answers[SPSI_IPV4] = the.answers[SPSI_IPV6] = the.answers[BOTH] = SPSI_AGAIN;
    OK(poll_after(stream, 100)); // from now on each is asked for alone
    return stream;
}

#define CONNECT_SPLIT(fates) connect_split(fates, sizeof fates / sizeof fates[0])

static const fate ipv6_then_ipv4[] = {{"2001:db8::1", 0, SPSI_REFUSED},
                                      {"192.0.2.1", 0, SPSI_DONE}};

START_TEST(ipv4_waits_50_ms_for_ipv6) {
    sps_stream *stream = CONNECT_SPLIT(ipv6_then_ipv4);
    the.answers[SPSI_IPV4] = SPSI_DONE;
    OK(poll_after(stream, 10));
    OK(poll_after(stream, 49));
    expect_count(stream, 0);
    OK(poll_after(stream, 1));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    expect_attempt(stream, 0, "192.0.2.1", SPS_ATTEMPT_CONNECTED, 160, 160);
    end(stream);
}
END_TEST

START_TEST(ipv4_does_not_wait_for_what_is_known_to_fail) {
    sps_stream *stream = CONNECT_SPLIT(ipv6_then_ipv4);
    the.answers[SPSI_IPV4] = SPSI_DONE;
    the.answers[SPSI_IPV6] = SPSI_NAME_UNKNOWN;
    OK(poll_after(stream, 10));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    end(stream);
}
END_TEST

START_TEST(ipv6_waits_for_nothing) {
    const fate fates[] = {{"2001:db8::1", 5, SPSI_DONE}, {"192.0.2.1", 0, SPSI_DONE}};
    sps_stream *stream = CONNECT_SPLIT(fates);
    the.answers[SPSI_IPV6] = SPSI_DONE;
    OK(poll_after(stream, 10));
    expect_count(stream, 1);
    OK(poll_after(stream, 5));
    expect_attempt(stream, 0, "2001:db8::1", SPS_ATTEMPT_CONNECTED, 110, 115);
    end(stream);
}
END_TEST

// The addresses that were known have failed: it is not over before the others are known.
START_TEST(a_family_that_answers_late_is_tried_still) {
    const fate fates[] = {{"2001:db8::1", 0, SPSI_REFUSED},
                          {"2001:db8::2", 0, SPSI_REFUSED},
                          {"192.0.2.1", 0, SPSI_DONE}};
    sps_stream *stream = CONNECT_SPLIT(fates);
    the.answers[SPSI_IPV6] = SPSI_DONE;
    OK(poll_after(stream, 10));
    expect_count(stream, 2);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTING);
    the.answers[_i == 0 ? BOTH : SPSI_IPV4] = SPSI_DONE;
    OK(poll_after(stream, 5000));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    expect_count(stream, 3); // none twice
    expect_attempt(stream, 2, "192.0.2.1", SPS_ATTEMPT_CONNECTED, 5110, 5110);
    end(stream);
}
END_TEST

START_TEST(what_was_found_alone_counts_when_the_answer_for_both_fails) {
    sps_stream *stream = CONNECT_SPLIT(ipv6_then_ipv4);
    the.answers[SPSI_IPV6] = SPSI_DONE;
    OK(poll_after(stream, 10));
    the.answers[BOTH] = the.answers[SPSI_IPV4] = SPSI_NAME_UNANSWERED;
    IS(poll_after(stream, 10), SPS_ERR_CONNECTION_ERROR);
    expect_failed(stream, SPS_CLOSE_REFUSED);
    end(stream);
}
END_TEST

// However many addresses there are of one family, the other is tried, even when it comes late.
START_TEST(many_addresses_hide_no_family) {
    static char texts[SPS_IP_MAX_ADDRESSES][32];
    fate fates[SPS_IP_MAX_ADDRESSES];
    for (int i = 0; i < SPS_IP_MAX_ADDRESSES - 1; i++) {
        snprintf(texts[i], sizeof texts[i], "2001:db8::%x", i + 1);
        fates[i] = (fate){texts[i], 0, SPSI_REFUSED};
    }
    fates[SPS_IP_MAX_ADDRESSES - 1] = (fate){"192.0.2.1", 0, SPSI_DONE};
    sps_stream *stream = CONNECT_SPLIT(fates);
    the.answers[SPSI_IPV6] = SPSI_DONE;
    OK(poll_after(stream, 10));
    expect_count(stream, SPS_IP_MAX_ADDRESSES / 2);
    the.answers[SPSI_IPV4] = SPSI_DONE;
    OK(poll_after(stream, 10));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    end(stream);
}
END_TEST

START_TEST(a_name_that_cannot_be_looked_up_now) {
    sps_stream *stream = CONNECT(answers);
    the.resolve_code = SPSI_NAME_UNANSWERED;
    IS(poll_after(stream, 5), SPS_ERR_CANT_RESOLVE);
    expect_failed(stream, SPS_CLOSE_LOOKUP_FAILED);
    the.resolve_code = SPSI_DONE;
    OK(sps_socket_disconnect(stream)); // it may try again
    OK(sps_tcp_connect(stream, "any.name", 80));
    OK(poll_after(stream, 0));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    end(stream);
}
END_TEST

START_TEST(the_delay_is_a_choice) {
    const fate fates[] = {{"2001:db8::1", SILENT, SPSI_DONE}, {"192.0.2.1", 0, SPSI_DONE}};
    static const uint32_t chosen[] = {1000, 1, 0};
    static const uint64_t expected[] = {1000, 10, 250}; // never under 10: RFC 8305, 5
    sps_stream *stream = CONNECT(fates);
    for (size_t i = 0; i < 3; i++) {
        OK(sps_socket_disconnect(stream));
        OK(sps_socket_set_attempt_delay(stream, chosen[i]));
        OK(sps_tcp_connect(stream, "any.name", 80));
        OK(poll_after(stream, 0));
        OK(poll_after(stream, expected[i] - 1));
        ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTING);
        OK(poll_after(stream, 1));
        ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    }
    end(stream);
}
END_TEST

START_TEST(destroying_ends_everything) {
    sps_stream *stream = CONNECT(two_silent);
    end(stream); // during the look-up
    stream = CONNECT(two_silent);
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 250));
    ck_assert_int_eq(the.open, 2);
    end(stream);
}
END_TEST

START_TEST(the_logs_bad_inputs) {
    sps_stream *stream = CONNECT(answers);
    OK(poll_after(stream, 0));
    sps_connect_attempt none = {.struct_size = 0}, some = {.struct_size = sizeof some};
    size_t count;
    IS(sps_tcp_get_connect_attempt(stream, 0, &none), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tcp_get_connect_attempt(stream, 0, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tcp_get_connect_attempt(stream, 1, &some), SPS_ERR_PARAMETER_RANGE_ERROR);
    IS(sps_tcp_get_connect_attempt(stream, SIZE_MAX, &some), SPS_ERR_PARAMETER_RANGE_ERROR);
    IS(sps_tcp_get_connect_attempt(NULL, 0, &some), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tcp_get_connect_attempt_count(NULL, &count), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tcp_get_connect_attempt_count(stream, NULL), SPS_ERR_INVALID_PARAMETER);
    some = (sps_connect_attempt){.struct_size = 8, .port = 4711}; // a caller of an older version
    OK(sps_tcp_get_connect_attempt(stream, 0, &some));
    ck_assert_int_eq(some.state, SPS_ATTEMPT_CONNECTED);
    ck_assert_int_eq(some.port, 4711);
    sps_stream *uds = make_stream(UDS, NULL), *fresh = make_stream(TCP, NULL);
    some.struct_size = sizeof some;
    IS(sps_tcp_get_connect_attempt(fresh, 0, &some), SPS_ERR_PARAMETER_RANGE_ERROR);
    sps_stream_destroy(fresh);
    IS(sps_tcp_get_connect_attempt_count(uds, &count), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_get_connect_attempt(uds, 0, &some), SPS_ERR_UNAVAILABLE);
    sps_stream_destroy(uds);
    ck_assert_str_eq(sps_close_reason_name(-1), "UNKNOWN");
    ck_assert_str_eq(sps_close_reason_name(99), "UNKNOWN");
    ck_assert_str_eq(sps_close_reason_name(SPS_CLOSE_LIMIT), "CLOSE_LIMIT");
    ck_assert_str_eq(sps_close_reason_name(SPS_CLOSE_LOOKUP_FAILED), "CLOSE_LOOKUP_FAILED");
    ck_assert_str_eq(sps_close_reason_name(SPS_CLOSE_LOOKUP_FAILED + 1), "UNKNOWN");
    ck_assert_str_eq(sps_close_reason_name(SPS_CLOSE_FAILED), "CLOSE_FAILED");
    end(stream);
}
END_TEST

Suite *race_suite(void) {
    Suite *suite = suite_create("race");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_new_deadline_ends_what_is_under_way);
    tcase_add_test(all, addresses_of_no_use_are_forgotten);
    tcase_add_test(all, the_idle_timeout_counts_from_the_connection);
    tcase_add_test(all, a_silent_address_costs_250_ms);
    tcase_add_test(all, a_failure_begins_the_next_at_once);
    tcase_add_test(all, families_take_turns);
    tcase_add_test(all, all_fail_and_the_last_is_the_reason);
    tcase_add_test(all, two_that_fail_at_once_begin_the_third);
    tcase_add_test(all, a_failure_begins_the_next_while_another_runs);
    tcase_add_test(all, an_attempt_of_hours_is_told_as_the_longest);
    tcase_add_test(all, a_timeout_of_0_is_the_usual_one);
    tcase_add_test(all, while_one_address_is_tried_its_local_address_is_known);
    tcase_add_test(all, one_deadline_for_all);
    tcase_add_test(all, the_deadline_ends_a_look_up);
    tcase_add_test(all, a_name_without_an_address);
    tcase_add_test(all, ipv4_waits_50_ms_for_ipv6);
    tcase_add_test(all, ipv4_does_not_wait_for_what_is_known_to_fail);
    tcase_add_test(all, ipv6_waits_for_nothing);
    tcase_add_loop_test(all, a_family_that_answers_late_is_tried_still, 0, 2);
    tcase_add_test(all, what_was_found_alone_counts_when_the_answer_for_both_fails);
    tcase_add_test(all, many_addresses_hide_no_family);
    tcase_add_test(all, a_name_that_cannot_be_looked_up_now);
    tcase_add_test(all, the_delay_is_a_choice);
    tcase_add_test(all, destroying_ends_everything);
    tcase_add_test(all, the_logs_bad_inputs);
    return suite;
}
