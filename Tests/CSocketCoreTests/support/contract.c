// SPDX-License-Identifier: MIT
#include "support/contract.h"

#include <string.h>

static const uint64_t generous_us = 20000000;

static const sps_platform *os(void) {
    return platform_under_test();
}

// ---- Codes

static const char *const code_names[] = {
    "DONE",         "AGAIN",           "END",       "REFUSED",        "RESET",
    "UNREACHABLE",  "TIMED_OUT",       "NO_ANSWER", "ADDRESS_IN_USE", "ADDRESS_INVALID",
    "NAME_UNKNOWN", "NAME_UNANSWERED", "DENIED",    "NO_HANDLES",     "NO_MEMORY",
    "UNSUPPORTED",  "FAILED"};

void expect_result(spsi_result result, spsi_code expected, const char *call, const char *file,
                   int line) {
    if (result.code != expected) {
        ck_abort_msg("%s:%d: %s is %s (%d of the OS), not %s", file, line, call,
                     code_names[result.code], (int)result.os_code, code_names[expected]);
    }
    if ((expected == SPSI_DONE || expected == SPSI_END) && result.os_code != 0) {
        ck_abort_msg("%s:%d: %s has %d of the OS, but has not failed", file, line, call,
                     (int)result.os_code);
    }
}

void expect_failure(spsi_result result, unsigned failures, const char *call, const char *file,
                    int line) {
    if ((SPSI_BIT(result.code) & failures) == 0) {
        ck_abort_msg("%s:%d: %s is %s (%d of the OS), which failures.h does not list", file, line,
                     call, code_names[result.code], (int)result.os_code);
    }
}

// ---- Sockets

static spsi_address loopback(spsi_family family) {
    spsi_address address = {.family = family};
    if (family == SPSI_FAMILY_IPV4) {
        address.ip[0] = 127;
        address.ip[3] = 1;
    } else {
        address.ip[15] = 1;
    }
    return address;
}

spsi_address free_place(spsi_family family) {
    if (family != SPSI_FAMILY_UNIX) {
        return loopback(family);
    }
    spsi_address address = {.family = SPSI_FAMILY_UNIX};
    const place place = new_path();
    ck_assert_uint_lt(strlen(place.path), sizeof address.path);
    memcpy(address.path, place.path, strlen(place.path) + 1);
    return address;
}

// A machine may have IPv6 sockets, and no IPv6 address.
bool has_family(spsi_family family) {
    spsi_handle handle = SPSI_NO_HANDLE;
    const spsi_result opened = spsi_os_open(os(), family, &handle);
    if (opened.code != SPSI_DONE) {
        ck_assert(family != SPSI_FAMILY_IPV4);
        return false;
    }
    const spsi_address place = loopback(family);
    const bool has_address =
        family != SPSI_FAMILY_IPV6 || spsi_os_bind(os(), handle, &place).code == SPSI_DONE;
    spsi_os_close(os(), handle);
    return has_address;
}

const char *name_of_family(spsi_family family) {
    static const char *const names[] = {"no IPv4 here", "no IPv6 here", "no Unix sockets here"};
    return names[family];
}

bool is_same_address(const spsi_address *a, const spsi_address *b) {
    if (a->family != b->family) {
        return false;
    }
    if (a->family == SPSI_FAMILY_UNIX) {
        return strcmp(a->path, b->path) == 0;
    }
    return a->port == b->port && a->scope == b->scope &&
           memcmp(a->ip, b->ip, a->family == SPSI_FAMILY_IPV4 ? 4 : 16) == 0;
}

spsi_handle open_socket(spsi_family family) {
    spsi_handle handle = SPSI_NO_HANDLE;
    DONE(spsi_os_open(os(), family, &handle));
    ck_assert(handle != SPSI_NO_HANDLE);
    return handle;
}

void close_socket(spsi_handle handle) {
    spsi_os_close(os(), handle);
}

void set_option(spsi_handle handle, spsi_option option, uint32_t value) {
    DONE(spsi_os_set_option(os(), handle, option, value));
}

spsi_address local_address_of(spsi_handle handle) {
    spsi_address address;
    DONE(spsi_os_local_address(os(), handle, &address));
    return address;
}

spsi_socket_kind kind_of(spsi_handle handle) {
    spsi_family unused;
    return spsi_os_inspect(os(), handle, &unused);
}

spsi_family family_of(spsi_handle handle) {
    spsi_family family = SPSI_FAMILY_IPV4;
    ck_assert(spsi_os_inspect(os(), handle, &family) != SPSI_NO_STREAM_SOCKET);
    return family;
}

spsi_address bind_somewhere(spsi_handle handle, spsi_family family) {
    const spsi_address place = free_place(family);
    DONE(spsi_os_bind(os(), handle, &place));
    return local_address_of(handle);
}

spsi_handle listen_somewhere_on(spsi_family family, spsi_address *out_place) {
    const spsi_handle listener = open_socket(family);
    *out_place = bind_somewhere(listener, family);
    DONE(spsi_os_listen(os(), listener, 0));
    return listener;
}

spsi_handle listen_on(const spsi_address *place) {
    const spsi_handle listener = open_socket(place->family);
    DONE(spsi_os_bind(os(), listener, place));
    DONE(spsi_os_listen(os(), listener, 0));
    return listener;
}

spsi_result connect_result_of(spsi_handle handle, const spsi_address *place) {
    spsi_result result = spsi_os_connect(os(), handle, place);
    if (place->family == SPSI_FAMILY_UNIX) {
        return result;
    }
    while (result.code == SPSI_AGAIN) {
        await_ready(handle, SPSI_WRITABLE);
        result = spsi_os_connect_result(os(), handle);
    }
    return result;
}

spsi_handle connect_to_address(const spsi_address *place) {
    const spsi_handle client = open_socket(place->family);
    DONE(connect_result_of(client, place));
    return client;
}

spsi_handle accept_from(spsi_handle listener, spsi_address *out_peer) {
    spsi_handle accepted = SPSI_NO_HANDLE;
    spsi_result result;
    while ((result = spsi_os_accept(os(), listener, &accepted, out_peer)).code == SPSI_AGAIN) {
        await_ready(listener, SPSI_READABLE);
    }
    DONE(result);
    ck_assert(accepted != SPSI_NO_HANDLE);
    return accepted;
}

connection open_connection(spsi_family family) {
    connection open;
    spsi_address peer;
    open.listener = listen_somewhere_on(family, &open.place);
    open.client = connect_to_address(&open.place);
    open.server = accept_from(open.listener, &peer);
    return open;
}

void close_connection(const connection *open) {
    const spsi_handle handles[] = {open->client, open->server, open->listener};
    for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++) {
        if (handles[i] != SPSI_NO_HANDLE) {
            close_socket(handles[i]);
        }
    }
}

void reset_socket(spsi_handle handle) {
    set_option(handle, SPSI_RESET_AT_CLOSE, 1);
    close_socket(handle);
}

// ---- Bytes

void await_ready(spsi_handle handle, unsigned interests) {
    DONE(spsi_os_wait(os(), handle, interests, generous_us));
}

void send_text(spsi_handle handle, const char *text) {
    const spsi_slice slice = {(const uint8_t *)text, strlen(text)};
    size_t sent = 0;
    DONE(spsi_os_send(os(), handle, &slice, 1, &sent));
    ck_assert_uint_eq(sent, slice.size);
}

// One receive that may have to wait for readiness first.
static spsi_result receive_some(spsi_handle handle, void *buffer, size_t size, size_t *out_count) {
    spsi_result result;
    while ((result = spsi_os_receive(os(), handle, buffer, size, out_count)).code == SPSI_AGAIN) {
        ck_assert_uint_eq(*out_count, 0);
        await_ready(handle, SPSI_READABLE);
    }
    return result;
}

void receive_text(spsi_handle handle, const char *expected) {
    char text[64] = "";
    const size_t size = strlen(expected);
    ck_assert_uint_lt(size, sizeof text);
    for (size_t at = 0, count; at < size; at += count) {
        DONE(receive_some(handle, text + at, size - at, &count));
        ck_assert_uint_gt(count, 0);
        ck_assert_uint_le(count, size - at);
    }
    ck_assert_str_eq(text, expected);
}

void receive_code(spsi_handle handle, spsi_code expected) {
    uint8_t byte;
    size_t count = 99;
    EXPECT(receive_some(handle, &byte, 1, &count), expected);
    ck_assert_uint_eq(count, 0);
}

void receive_nothing(spsi_handle handle) {
    uint8_t byte;
    size_t count = 99;
    EXPECT(spsi_os_receive(os(), handle, &byte, 1, &count), SPSI_AGAIN);
    ck_assert_uint_eq(count, 0);
}

void await_available(spsi_handle handle, size_t count) {
    size_t there = 0;
    WAIT_UNTIL((DONE(spsi_os_available(os(), handle, &there)), there) == count);
}

// The OS moves bytes from the sender's buffer to the receiver's, and may then take more. So the
// socket is full if it also stays full.
uint64_t fill_socket(spsi_handle handle) {
    static uint8_t bytes[16384];
    const uint64_t limit = UINT64_C(1) << 28;
    uint64_t total = 0;
    do {
        for (;;) {
            size_t sent = 99;
            fill_pattern(bytes, sizeof bytes, total);
            const spsi_slice slice = {bytes, sizeof bytes};
            const spsi_result result = spsi_os_send(os(), handle, &slice, 1, &sent);
            ck_assert(result.code == SPSI_AGAIN ? sent == 0 : sent > 0 && sent <= sizeof bytes);
            if (result.code == SPSI_AGAIN) {
                break;
            }
            DONE(result);
            total += sent;
            ck_assert_msg(total < limit, "the socket never fills");
        }
    } while (spsi_os_wait(os(), handle, SPSI_WRITABLE, 50000).code == SPSI_DONE);
    return total;
}

void receive_pattern(spsi_handle handle, uint64_t count) {
    static uint8_t bytes[65536];
    size_t received;
    for (uint64_t at = 0; at < count; at += received) {
        const size_t size = count - at < sizeof bytes ? (size_t)(count - at) : sizeof bytes;
        DONE(receive_some(handle, bytes, size, &received));
        ck_assert_uint_gt(received, 0);
        ck_assert(is_pattern(bytes, received, at));
    }
}

// ---- Selectors

static account memory;
static const sps_allocator allocator = {sizeof allocator, account_for, &memory};

account *account_of_selector(void) {
    return &memory;
}

spsi_selector *make_selector(void) {
    spsi_selector *selector = NULL;
    memory = (account){0};
    DONE(spsi_os_selector_create(os(), &allocator, &selector));
    ck_assert_ptr_nonnull(selector);
    return selector;
}

void destroy_selector(spsi_selector *selector) {
    spsi_os_selector_destroy(os(), selector);
    ck_assert_uint_eq(memory.bytes, 0);
}

void watch(spsi_selector *selector, spsi_handle handle, unsigned before, unsigned after,
           void *token) {
    DONE(spsi_os_selector_set(os(), selector, handle, before, after, token));
}

unsigned wait_once(spsi_selector *selector, uint64_t timeout_us, const void *token,
                   size_t *out_others) {
    unsigned mask = 0;
    spsi_ready ready;
    *out_others = 0;
    const spsi_result result = spsi_os_selector_wait(os(), selector, timeout_us);
    ck_assert(result.code == SPSI_DONE || result.code == SPSI_AGAIN);
    while (spsi_os_selector_next(os(), selector, &ready)) {
        ck_assert_msg(result.code == SPSI_DONE, "a report after AGAIN");
        mask |= ready.token == token ? ready.mask : 0;
        *out_others += ready.token != token;
    }
    return mask;
}

void await_report(spsi_selector *selector, const void *token, unsigned mask) {
    unsigned reported = 0;
    size_t others;
    WAIT_UNTIL((reported = wait_once(selector, 1000, token, &others), reported & mask) == mask);
}

void await_silence(spsi_selector *selector) {
    size_t others = 0;
    WAIT_UNTIL(wait_once(selector, 20000, selector, &others) == 0 && others == 0);
}

// ---- Cases

TCase *add_contract_case(Suite *suite, const char *name) {
    TCase *test_case = add_case(suite, name);
    tcase_add_checked_fixture(test_case, prepare_platform, NULL);
    return test_case;
}
