// SPDX-License-Identifier: MIT
//
// A TCP or Unix socket: a stream on a platform's socket, and its status.
#ifndef SPSI_SOCKET_H
#define SPSI_SOCKET_H

#include "streampeersocket/socket.h"

#include <assert.h>

#include "platform/calls.h"
#include "socket/connect.h"
#include "socket/peer.h"
#include "socket/results.h"
#include "socket/settings.h"
#include "stream/stream.h"

// - NONE: no handle, or one that was bound and waits for connect.
// - CONNECTING: connect is set, and owns all handles.
// - CONNECTED: a handle.
// - ERROR: no handle.
typedef struct spsi_socket {
    sps_stream stream; // first: an sps_stream is an spsi_socket when its kind says so
    // The fields that moving bytes needs.
    const sps_platform *platform;
    spsi_handle handle;
    // Time of the last bytes; kept only with an idle timeout. While is_closing: the deadline.
    uint64_t heard_us;
    uint8_t status;       // sps_status
    uint8_t close_reason; // sps_close_reason
    uint8_t failure;      // the reason of the next close, once something has failed
    bool no_delay;        // wanted for the handle of the next connection
    bool write_closed;    // shut down or failed; puts are FAILED
    bool write_failed;    // received bytes stay readable; then the socket closes
    bool half_open;       // the option: the peer's end does not close the socket
    bool is_closing;      // a graceful close is in progress
    spsi_watch watch;     // stream.watch points here
    // The rest.
    spsi_settings settings;
    int32_t os_error; // of the last failure
    spsi_connect *connect;
    spsi_connect_log *log; // of the last connect
    spsi_peer peer;        // while CONNECTED
} spsi_socket;

// The peer has sent bytes now, or may send from now on.
static inline void spsi_socket_hear(spsi_socket *socket, uint64_t now_us) {
    if (!socket->is_closing) {
        socket->heard_us = now_us;
    }
}

// Whether the status and the owned objects agree with the table above.
bool spsi_socket_is_consistent(const spsi_socket *socket);

// The socket of a stream of this kind; NULL for a stream of another, or NULL.
spsi_socket *spsi_socket_of(sps_stream *stream, spsi_kind kind);
const spsi_socket *spsi_socket_of_const(const sps_stream *stream, spsi_kind kind);

// The socket of a stream of either kind; NULL for a stream of another, or NULL.
spsi_socket *spsi_any_socket_of(sps_stream *stream);
const spsi_socket *spsi_any_socket_of_const(const sps_stream *stream);

// The error for a stream of the wrong kind.
sps_error spsi_socket_wrong_kind(const sps_stream *stream);

// The connection is established, and the socket owns the handle.
void spsi_socket_set_connected(spsi_socket *socket, const spsi_address *peer);

// Closes everything and sets the status, NONE or ERROR. Records the reason if anything was open.
void spsi_socket_close(spsi_socket *socket, sps_status status, sps_close_reason reason);

// Ends the connect: the look-up, every attempt, and their memory. The log stays, and so does the
// handle of an established connection. Does nothing if the socket is not connecting.
void spsi_socket_end_connect(spsi_socket *socket);

// Drops the log of the last connect.
void spsi_socket_drop_log(spsi_socket *socket);

// Whether it is bound, connecting or connected.
bool spsi_socket_is_open(const spsi_socket *socket);

// The time of the next turn without readiness, on the platform's clock, or SPSI_NEVER.
uint64_t spsi_socket_due_us(const spsi_socket *socket);

// Stops watching the socket's own handle, before it is closed or released.
void spsi_socket_unwatch(spsi_socket *socket);

// The caller has made this status, so the poller must not report it.
void spsi_socket_drop_events(spsi_socket *socket);

// A transfer has failed. FAILED; ERR_OUT_OF_MEMORY if it may be repeated, and nothing changed.
sps_error spsi_socket_fail(spsi_socket *socket, spsi_result result);

// Records why the socket will close. An earlier record stays.
void spsi_socket_record_failure(spsi_socket *socket, sps_close_reason reason);

// The close reason for an end of reading: ERR_FILE_EOF, or a failure.
sps_close_reason spsi_socket_reason_of(const spsi_socket *socket, sps_error end);

// Closes at the end of reading: the peer's, or a failure.
void spsi_socket_close_at_end(spsi_socket *socket, sps_error end, sps_status status);

// The peer has finished, and this side may still send. A filter above decides when it closes.
static inline bool spsi_socket_is_half_open(const spsi_socket *socket) {
    const bool stays_open = socket->half_open || socket->stream.above != NULL;
    return stays_open && socket->stream.read_end == SPS_ERR_FILE_EOF && !socket->write_closed;
}

// The readiness that a connected socket waits for: SPSI_READABLE, SPSI_WRITABLE, both, or 0.
static inline unsigned spsi_socket_needs(const spsi_socket *socket) {
    const sps_stream *stream = &socket->stream;
    const bool reads = stream->read_end == SPS_OK && spsi_stream_room(stream) > 0;
    const bool has_to_write = socket->is_closing || spsi_byte_queue_size(&stream->out) > 0 ||
                              spsi_stream_asks_the_os(stream);
    return (reads ? SPSI_READABLE : 0U) |
           (has_to_write && !socket->write_closed ? SPSI_WRITABLE : 0U);
}

// Microseconds on the platform's clock.
static inline uint64_t spsi_socket_now(const spsi_socket *socket) {
    return spsi_os_now_us(socket->platform);
}

#endif
