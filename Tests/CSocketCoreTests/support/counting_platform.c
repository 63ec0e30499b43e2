// SPDX-License-Identifier: MIT
#include "support/counting_platform.h"

#include <string.h>

sps_platform counting;
counts called;
size_t send_at_most = SIZE_MAX;
size_t receive_at_most = SIZE_MAX;

const sps_platform *os(void) {
    return spsi_os_platform();
}

spsi_result count_receive(const sps_platform *platform, spsi_handle handle, void *buffer,
                          size_t size, size_t *out) {
    called.receive++;
    const size_t most = size < receive_at_most ? size : receive_at_most;
    return os()->receive(platform, handle, buffer, most, out);
}

spsi_result count_receive_waiting(const sps_platform *platform, spsi_handle handle, void *buffer,
                                  size_t size, size_t *out) {
    called.receive_waiting++;
    const size_t most = size < receive_at_most ? size : receive_at_most;
    return os()->receive_waiting(platform, handle, buffer, most, out);
}

spsi_result count_send(const sps_platform *platform, spsi_handle handle, const spsi_slice *slices,
                       size_t count, size_t *out) {
    called.send++;
    spsi_slice cut[SPSI_MAX_SLICES];
    size_t left = send_at_most, used = 0;
    for (; used < count && left > 0; used++) {
        cut[used] = slices[used];
        cut[used].size = cut[used].size < left ? cut[used].size : left;
        left -= cut[used].size;
    }
    return os()->send(platform, handle, cut, used, out);
}

spsi_result fail_send(const sps_platform *platform, spsi_handle handle, const spsi_slice *slices,
                      size_t count, size_t *out) {
    (void)platform;
    (void)handle;
    (void)slices;
    (void)count;
    *out = 0;
    return (spsi_result){SPSI_FAILED, 12345};
}

spsi_result count_wait(const sps_platform *platform, spsi_handle handle, unsigned interests,
                       uint64_t timeout_us) {
    called.wait++;
    return os()->wait(platform, handle, interests, timeout_us);
}

static spsi_result count_available(const sps_platform *platform, spsi_handle handle, size_t *out) {
    called.other++;
    return os()->available(platform, handle, out);
}

static spsi_result count_pending_failure(const sps_platform *platform, spsi_handle handle) {
    called.other++;
    return os()->pending_failure(platform, handle);
}

sps_stream_options counted_options(void) {
    counting = *os();
    counting.receive = count_receive;
    counting.receive_waiting = count_receive_waiting;
    counting.send = count_send;
    counting.wait = count_wait;
    counting.available = count_available;
    counting.pending_failure = count_pending_failure;
    return (sps_stream_options){.struct_size = sizeof(sps_stream_options), .platform = &counting};
}

pair counted_pair(transport transport) {
    const sps_stream_options options = counted_options();
    pair pair = connect_pair_with(transport, &options);
    memset(&called, 0, sizeof called);
    return pair;
}

sps_server *counted_server(transport transport) {
    const sps_stream_options stream = counted_options();
    const sps_server_options options = {
        .struct_size = sizeof options, .stream = &stream, .file_mode = transport == UDS ? 0600 : 0};
    return make_server(transport, &options);
}

void expect_calls(int receive, int send, int wait, int other) {
    ck_assert_int_eq(called.receive + called.receive_waiting, receive);
    ck_assert_int_eq(called.send, send);
    ck_assert_int_eq(called.wait, wait);
    ck_assert_int_eq(called.other, other);
    memset(&called, 0, sizeof called);
}

void wait_for_bytes(sps_stream *stream, size_t count) {
    size_t available = 0;
    WAIT_UNTIL((sps_stream_get_available_bytes(stream, &available), available) >= count);
    memset(&called, 0, sizeof called);
}
