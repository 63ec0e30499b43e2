// SPDX-License-Identifier: MIT
//
// A filter: a custom stream with a status, over a base stream. Its operations read and write the
// base with the public calls. It behaves as a socket does: FAILED is final, it reads ahead, and it
// closes once every byte was read.
#ifndef SPSI_FILTER_H
#define SPSI_FILTER_H

#include "streampeersocket/custom.h"

#include "stream/stream.h"

// - NONE, ERROR: it is closed. The base stays known until the caller disconnects or opens again.
// - CONNECTING: poll goes on with the handshake.
// - CONNECTED: read_end and write_closed say what is left to do.
typedef struct spsi_filter {
    sps_stream stream; // first: an sps_stream is an spsi_filter when its kind says so
    sps_stream *base;
    void *user_data;
    sps_custom_operations operations;
    const sps_platform *platform; // while there is no base
    uint64_t due_us;              // of sps_custom_poll_after(), or SPSI_NEVER
    uint64_t retry_us;            // next try to end, after a code that may pass; or SPSI_NEVER
    const char *message;          // with `failure`
    sps_close_reason failure;     // the reason of the next close, once there is one
    sps_close_reason close_reason;
    uint32_t turn;       // the poller's, in which stream.turn_bytes began
    uint8_t get_demands; // SPSI_READABLE, SPSI_WRITABLE: missing at the last get
    uint8_t put_demands; // and at the last put
    uint8_t status;      // sps_status
    bool may_hold;       // the filter has taken bytes that its base may not have yet
    bool owes_close;     // the operation `close` is still to be called
    bool write_closed;   // ended or failed; puts are FAILED
    bool write_failed;   // bytes that were read ahead stay readable; then the stream closes
    spsi_watch watch;    // stream.watch points here
} spsi_filter;

sps_error spsi_filter_create(const sps_custom_operations *operations, void *user_data,
                             const sps_stream_options *options, sps_stream **out_stream);

// The filter of a stream of this kind; NULL for another, or NULL.
spsi_filter *spsi_filter_of(sps_stream *stream);
const spsi_filter *spsi_filter_of_const(const sps_stream *stream);

// Whether it is connecting or connected.
static inline bool spsi_filter_is_open(const spsi_filter *filter) {
    return filter->status == SPS_STATUS_CONNECTING || filter->status == SPS_STATUS_CONNECTED;
}

// Calls the operation `poll` if there is something to advance. Codes as sps_socket_poll(), and
// ERR_BUSY is OK.
sps_error spsi_filter_advance(spsi_filter *filter);

// Whether the end was met and nothing keeps the filter open any more. Ends the writing side then.
bool spsi_filter_is_at_end(spsi_filter *filter);

// Closes once the end was met and every byte was read. As sps_socket_poll() while CONNECTED.
sps_error spsi_filter_settle_end(spsi_filter *filter);

// Leaves the base to the caller.
void spsi_filter_unlink_base(spsi_filter *filter);

// sps_socket_disconnect(), sps_socket_shutdown_write().
sps_error spsi_filter_disconnect(spsi_filter *filter);
sps_error spsi_filter_shutdown_write(spsi_filter *filter);

// The reason for an end of reading: ERR_FILE_EOF, or a failure.
sps_close_reason spsi_filter_reason_of(const spsi_filter *filter, sps_error end);

// Records why the filter will close. An earlier record stays.
void spsi_filter_record_failure(spsi_filter *filter, sps_close_reason reason, const char *message);

// The filter has failed for good. Bytes that were read ahead stay readable. FAILED.
sps_error spsi_filter_fail(spsi_filter *filter);

// Operations of the stream: filter_transfer.c.
sps_error spsi_filter_read(sps_stream *stream, uint8_t *buffer, size_t least, size_t most,
                           size_t *out_read);
sps_error spsi_filter_write(sps_stream *stream, const spsi_slice *slices, size_t count,
                            spsi_patience patience, size_t *out_written);
sps_error spsi_filter_available(sps_stream *stream, size_t *out_bytes);
sps_error spsi_filter_wait(sps_stream *stream, unsigned interests);

#endif
