// SPDX-License-Identifier: MIT
//
// What TCP and UDS share: a stream on a platform's socket, and its status.
#ifndef SPSI_SOCKET_H
#define SPSI_SOCKET_H

#include "streampeersocket/socket.h"

#include "platform/calls.h"
#include "platform/platform.h"
#include "socket/peer.h"
#include "socket/settings.h"
#include "stream/stream.h"

typedef struct spsi_connect spsi_connect; // connect.h
struct spsi_connect_log;                  // connect_log.h

//   NONE        no handle; or one that was bound and waits for connect
//   CONNECTING  connect is set, and owns what is open
//   CONNECTED   a handle
//   ERROR       no handle
typedef struct spsi_socket {
    sps_stream stream; // first: an sps_stream is an spsi_socket when its kind says so
    // What moving bytes needs.
    const sps_platform *platform;
    spsi_handle handle;
    uint64_t grace_until_us; // when a graceful close is over; 0: none is under way
    uint64_t heard_us;       // when the last bytes came; kept only for an idle timeout
    sps_status status;
    bool no_delay;     // wanted, for a handle that is still to come
    bool write_closed; // shut down, or failed: puts are FAILED
    bool write_failed; // what was received stays readable, then the socket closes
    spsi_watch watch;  // what stream.watch points to
    // The rest.
    spsi_settings settings;
    int32_t os_error; // of what failed last
    spsi_connect *connect;
    struct spsi_connect_log *log; // of the last connect
    sps_close_reason close_reason;
    sps_close_reason failure; // what the next close is because of, once something has failed
    spsi_peer peer;           // while CONNECTED
} spsi_socket;

sps_error spsi_socket_create(const sps_stream_options *options, spsi_kind kind,
                             spsi_socket **out_socket);

// The socket of a stream of this kind; NULL for a stream of another, or NULL.
spsi_socket *spsi_socket_of(const sps_stream *stream, spsi_kind kind);

// The socket of a stream of either kind; NULL for a stream of another, or NULL.
spsi_socket *spsi_any_socket_of(const sps_stream *stream);

// The answer for a stream that is not of the kind a call needs.
sps_error spsi_socket_wrong_kind(const sps_stream *stream);

// The connection stands: the handle is the socket's.
void spsi_socket_set_connected(spsi_socket *socket, const spsi_address *peer);

// Closes whatever is open and takes the given status, NONE or ERROR. The reason is noted when
// something was open.
void spsi_socket_close(spsi_socket *socket, sps_status status, sps_close_reason reason);

// Whether it is bound, connecting or connected.
bool spsi_socket_is_open(const spsi_socket *socket);

// The next pieces of poll and of the graceful close.
sps_error spsi_socket_receive(spsi_socket *socket, uint8_t *buffer, size_t size, size_t *out_count);
sps_error spsi_socket_received(spsi_socket *socket, spsi_result result, size_t count, size_t size);
sps_error spsi_socket_fail_write(spsi_socket *socket, spsi_result result, size_t written);

// The connection is broken, although what came before can still be read: as after a failed write.
void spsi_socket_break(spsi_socket *socket, spsi_result failure);

// Closes once the end was met and every byte was read. As sps_socket_poll() while CONNECTED.
sps_error spsi_socket_settle_end(spsi_socket *socket);

// When the socket is to be looked at although nothing happens: on the platform's clock, or SPSI_NEVER.
uint64_t spsi_socket_due_us(const spsi_socket *socket);

// Nobody waits for the socket's own handle any more; before it is closed or given away.
void spsi_socket_unwatch(spsi_socket *socket);

// The status is what the caller has made it, so the poller need not tell of it.
void spsi_socket_silence(spsi_socket *socket);

// Remembers why the socket will close; the first that was remembered stays.
void spsi_socket_note_failure(spsi_socket *socket, sps_close_reason reason);

// Why a socket is closed at such an end of what could be read: ERR_FILE_EOF, or a failure.
sps_close_reason spsi_socket_reason_of(const spsi_socket *socket, sps_error end);

// Closes at the end of what could be read: the peer's, or a failure.
void spsi_socket_close_at_end(spsi_socket *socket, sps_error end, sps_status status);

// Microseconds on the platform's clock.
static inline uint64_t spsi_socket_now(const spsi_socket *socket) {
    return spsi_os_now_us(socket->platform);
}

// The reason for a failure.
sps_close_reason spsi_close_reason_of(spsi_result result);

// Copies a text into the caller's buffer, as the getters of hosts and paths do.
sps_error spsi_socket_copy_text(const char *text, char *buffer, size_t buffer_bytes,
                                size_t *out_length);

// The code for a result that is no success: of opening, binding or listening.
sps_error spsi_socket_error_of(spsi_result result);

#endif
