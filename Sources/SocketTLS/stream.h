// SPDX-License-Identifier: MIT
//
// The inside of a TLS stream: a filter (custom.h) whose operations are in operations.c.
#ifndef SPSI_TLS_STREAM_H
#define SPSI_TLS_STREAM_H

#include "streampeersocket/custom.h"

#include "options.h"

typedef struct spsi_tls_stream {
    sps_stream *stream;
    sps_tls_options *options;  // while it is open
    spsi_tls_session *session; // while it is open
    spsi_tls_io io;
    spsi_tls_fault fault;
    uint32_t handshake_timeout_ms;
    uint32_t grace_ms;    // of a graceful close
    uint64_t deadline_us; // of the handshake or the graceful close; 0: not set
    sps_error end;        // of reading; OK while bytes may come
    bool is_connected;    // the handshake is complete
    bool has_closed;      // nothing is put any more; close_notify is written or owed
    bool owes_close;      // it is not written yet
    bool drains;          // a graceful close drops what comes
    bool is_disconnected; // by the caller, since the last open
} spsi_tls_stream;

extern const sps_custom_operations spsi_tls_operations;

// The state of a stream. ERR_UNAVAILABLE: the stream is not a TLS stream.
sps_error spsi_tls_stream_of(const sps_stream *stream, spsi_tls_stream **out);

#endif
