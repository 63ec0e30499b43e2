// SPDX-License-Identifier: MIT
#include "support/poller_calls.h"

#include <string.h>

poller_calls called_by_poller;
sps_platform counting_poller;

static const sps_platform *os(void) {
    return spsi_os_platform();
}

static spsi_result count_receive(const sps_platform *platform, spsi_handle handle, void *buffer,
                                 size_t size, size_t *out) {
    called_by_poller.receives++;
    return os()->receive(platform, handle, buffer, size, out);
}

static spsi_result count_send(const sps_platform *platform, spsi_handle handle,
                              const spsi_slice *slices, size_t count, size_t *out) {
    called_by_poller.sends++;
    return os()->send(platform, handle, slices, count, out);
}

static spsi_result count_selector_wait(const sps_platform *platform, spsi_selector *selector,
                                       uint64_t timeout_us) {
    called_by_poller.waits++;
    return os()->selector_wait(platform, selector, timeout_us);
}

// epoll's selector registers each handle with a syscall. A change that it ignores costs none.
static spsi_result count_selector_set(const sps_platform *platform, spsi_selector *selector,
                                      spsi_handle handle, unsigned before, unsigned after,
                                      void *token) {
    called_by_poller.others += before == 0 || after == 0 || ((before ^ after) & SPSI_WRITABLE) != 0;
    return os()->selector_set(platform, selector, handle, before, after, token);
}

static spsi_result count_wait(const sps_platform *platform, spsi_handle handle, unsigned interests,
                              uint64_t timeout_us) {
    called_by_poller.others++;
    return os()->wait(platform, handle, interests, timeout_us);
}

static spsi_result count_available(const sps_platform *platform, spsi_handle handle, size_t *out) {
    called_by_poller.others++;
    return os()->available(platform, handle, out);
}

static spsi_result count_pending_failure(const sps_platform *platform, spsi_handle handle) {
    called_by_poller.others++;
    return os()->pending_failure(platform, handle);
}

void count_poller_calls(void) {
    counting_poller = *os();
    counting_poller.receive = count_receive;
    counting_poller.send = count_send;
    counting_poller.selector_wait = count_selector_wait;
    counting_poller.selector_set = count_selector_set;
    counting_poller.wait = count_wait;
    counting_poller.available = count_available;
    counting_poller.pending_failure = count_pending_failure;
    memset(&called_by_poller, 0, sizeof called_by_poller);
}

void expect_poller_calls(int waits, int receives, int sends) {
    ck_assert_int_eq(called_by_poller.waits, waits);
    ck_assert_int_eq(called_by_poller.receives, receives);
    ck_assert_int_eq(called_by_poller.sends, sends);
    ck_assert_int_eq(called_by_poller.others, 0);
    memset(&called_by_poller, 0, sizeof called_by_poller);
}
