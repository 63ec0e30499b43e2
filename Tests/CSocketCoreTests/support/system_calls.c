// SPDX-License-Identifier: MIT
#include "support/system_calls.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"

const sps_platform *os(void) {
    return spsi_os_platform();
}

bool is_linux(void) { // the other side, that any Unix could use, has none
    return os()->has_abstract_names(os());
}

void expect(spsi_result result, spsi_code code, int os_code) {
    ck_assert_int_eq(result.code, code);
    ck_assert_int_eq(result.os_code, os_code);
    ck_assert(all_have_failed());
}

const sps_allocator *heap(void) {
    static sps_allocator allocator;
    spsi_allocator_read(NULL, &allocator);
    return &allocator;
}

// ---- Sockets

ends make_ends(void) {
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    return (ends){fds[0], fds[1]};
}

void close_ends(const ends *ends) {
    close(ends->one);
    close(ends->other);
}

spsi_handle open_socket(spsi_family family) {
    spsi_handle handle;
    DONE(os()->open(os(), family, &handle));
    return handle;
}

spsi_address loopback(void) {
    spsi_address address;
    ck_assert(spsi_ip_from_text("127.0.0.1", &address));
    return address;
}

spsi_handle listen_at_loopback(spsi_address *out_address) {
    const spsi_handle handle = open_socket(SPSI_FAMILY_IPV4);
    const spsi_address address = loopback();
    fail_next("bind", EINTR, 2);
    expect(os()->bind(os(), handle, &address), SPSI_DONE, 0);
    DONE(os()->listen(os(), handle, UINT32_MAX)); // as many as the OS allows
    DONE(os()->local_address(os(), handle, out_address));
    return handle;
}

// ---- Selectors

spsi_selector *make_selector(void) {
    spsi_selector *selector;
    DONE(os()->selector_create(os(), heap(), &selector));
    return selector;
}

bool is_woken(spsi_selector *selector) {
    spsi_ready ready;
    DONE(os()->selector_wait(os(), selector, 20000000));
    ck_assert(os()->selector_next(os(), selector, &ready));
    ck_assert_ptr_null(ready.token);
    return ready.mask == SPSI_WOKEN;
}
