// SPDX-License-Identifier: MIT
//
// The OS, with calls that are counted, and that a test may replace by its own.
#ifndef COUNTING_PLATFORM_H
#define COUNTING_PLATFORM_H

#include "socket/socket.h"
#include "support/support.h"

extern sps_platform counting;

typedef struct counts {
    int receive, receive_waiting, send, wait, other;
} counts;

extern counts called;

// Each call takes no more than this.
extern size_t send_at_most;
extern size_t receive_at_most;

const sps_platform *os(void);

// What the counting platform begins with, and goes back to.
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

// Makes the platform new; what is made with these options uses it. A Unix server's file has the mode 0600.
sps_stream_options counted_options(void);
pair counted_pair(transport transport);
sps_server *counted_server(transport transport);

// So many calls since the last count; begins another.
void expect_calls(int receive, int send, int wait, int other);

// Waits until so much can be read, and counts nothing of it.
void wait_for_bytes(sps_stream *stream, size_t count);

#endif
