// SPDX-License-Identifier: MIT
//
// The OS's platform with counted calls. A test may replace each call.
#ifndef COUNTING_PLATFORM_H
#define COUNTING_PLATFORM_H

#include "socket/socket.h"
#include "support/support.h"

extern sps_platform counting;

typedef struct counts {
    int receive, receive_waiting, send, wait, other;
} counts;

extern counts called;

// The limit of bytes of one send.
extern size_t send_at_most;
extern size_t receive_at_most;

const sps_platform *os(void);

// The platform's calls after counted_options().
spsi_result count_receive(const sps_platform *platform, spsi_handle handle, void *buffer,
                          size_t size, size_t *out);
spsi_result count_receive_waiting(const sps_platform *platform, spsi_handle handle, void *buffer,
                                  size_t size, size_t *out);
spsi_result count_send(const sps_platform *platform, spsi_handle handle, const spsi_slice *slices,
                       size_t count, size_t *out);
spsi_result count_wait(const sps_platform *platform, spsi_handle handle, unsigned interests,
                       uint64_t timeout_us);

// A send that fails although the connection is alive.
spsi_result fail_send(const sps_platform *platform, spsi_handle handle, const spsi_slice *slices,
                      size_t count, size_t *out);

// Resets the platform, and returns options that use it. The file of a Unix server has the mode
// 0600.
sps_stream_options counted_options(void);
pair counted_pair(transport transport);
sps_server *counted_server(transport transport);

// Checks the numbers of calls since the last check, and starts a new count.
void expect_calls(int receive, int send, int wait, int other);

// Waits until this many bytes can be read, without counting its own calls.
void wait_for_bytes(sps_stream *stream, size_t count);

#endif
