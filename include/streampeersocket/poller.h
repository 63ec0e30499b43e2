/* SPDX-License-Identifier: MIT */
/**
 * @file poller.h
 * Waits for many sockets at once. A poller does for all its streams what sps_socket_poll() does for
 * one. Its cost depends on the number of events, not of streams, and it can block.
 *
 *     sps_poller_add(poller, stream, player);
 *     ...
 *     size_t count;
 *     sps_poller_wait(poller, 0, &count);              // each frame; -1 blocks until an event
 *     sps_event event = {.struct_size = sizeof event};
 *     while (sps_poller_next_event(poller, &event) == SPS_OK) {
 *         if (event.kinds & SPS_EVENT_CONNECTION_AVAILABLE) { ... take and add them ... continue; }
 *         while ((error = sps_stream_try_get_u32(event.stream, &value)) == SPS_OK) { ... }
 *         if (error != SPS_ERR_BUSY) {     // closed, ended inside a value, or invalid data
 *             sps_stream_destroy(event.stream);
 *         } else if (event.kinds & SPS_EVENT_WRITABLE) {
 *             ... repeat the refused puts in order, until one returns ERR_BUSY again ...
 *         }
 *     }
 *
 * These rules hold for a stream in a poller.
 *
 * Writes:
 *
 * - Adding a stream enables write batching. Puts gather, never wait, and leave together at the next
 *   sps_poller_wait(). Disable batching after adding if puts shall wait as in Godot.
 * - A put is taken whole, or returns ERR_BUSY if the peer is slow. Keep the value, or close the
 *   stream. SPS_EVENT_WRITABLE reports room.
 * - A put that exceeds write_buffer_bytes, length prefix included, returns
 *   ERR_PARAMETER_RANGE_ERROR. To relay strings of max_value_bytes, set write_buffer_bytes to
 *   max_value_bytes + 4. The library allocates memory as bytes gather.
 * - Add a stream before it connects to always get SPS_EVENT_CONNECTED. Until then its puts gather.
 *
 * Reads:
 *
 * - sps_stream_try_get_..., sps_stream_get_partial_data() and sps_stream_peek() read what the last
 *   wait has read. After the last wait has drained the socket, they make no syscall. Bytes that
 *   arrive later belong to the next wait.
 * - These calls read on up to max_read_bytes. So a loop of them ends even if the peer sends faster
 *   than the caller reads.
 * - sps_socket_poll() and sps_stream_get_available_bytes() ask the OS, as always.
 * - The library reads at most read_buffer_bytes ahead. sps_stream_try_get_... and sps_stream_peek()
 *   fetch a larger value whole.
 * - A stream without anything to read or write has no buffers: the poller lends them.
 *
 * Lifetime and threads:
 *
 * - The loop over the events may call everything. It may add, remove and destroy streams and
 *   servers, also the one of the current event. A removed object has no more events.
 * - A poller and all its streams belong to one thread at a time. Other threads may call
 *   sps_poller_wake().
 * - A filter is one stream here: the events, the rules above and removal are those of the filter.
 *   The streams below it have no events.
 * - A forked child shares the poller with its parent, and must not use it or its streams.
 */
#ifndef STREAMPEERSOCKET_POLLER_H
#define STREAMPEERSOCKET_POLLER_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "export.h"
#include "options.h"
#include "server.h"
#include "socket.h"
#include "stream.h"

SPS_BEGIN_DECLARATIONS

/** A set of streams and servers to wait for. Opaque. */
typedef struct sps_poller sps_poller;

/** The kinds of events, as bits. Handle several at once in this order. */
enum {
    /**
     * The connection is established. A stream that was connected when it was added has no such
     * event.
     */
    SPS_EVENT_CONNECTED = 1,
    /**
     * Bytes have come since the last such event, and some are unread. The event is edge-triggered:
     * read until ERR_BUSY, or it does not repeat before more bytes come.
     */
    SPS_EVENT_READABLE = 2,
    /**
     * A put was refused (ERR_BUSY, or a short partial put) since the last such event, and there is
     * room now. At most write_low_mark_bytes are pending. If the peer has finished, the stream
     * stays open for this turn: put again before the next wait.
     */
    SPS_EVENT_WRITABLE = 4,
    /**
     * Nothing more will come from the peer. close_reason says why:
     * - SPS_CLOSE_PEER_FINISHED: the peer has finished sending, and may still read. The library
     *   sends what the caller has put. The caller may repeat a refused put at SPS_EVENT_WRITABLE.
     *   A half-open stream (sps_stream_options.half_open) stays open for any put.
     * - Any other reason: the connection is broken, and nothing can be sent any more.
     *
     * The poller reports a failure even if the read buffer is full, as soon as a write fails or the
     * OS shows the failure. It detects an orderly end after it has read the bytes before it. If the
     * connection breaks after an orderly end and bytes are unread, the poller reports the event
     * once more.
     *
     * The caller can still read what has come. The stream closes when nothing is left to read or to
     * send. Then SPS_EVENT_CLOSED follows. A half-open stream closes when this side finishes, or
     * when the connection breaks. Unread bytes keep it open, even a partial value or
     * invalid data (ERR_INVALID_DATA): read them, or destroy the stream.
     */
    SPS_EVENT_FINISHED = 8,
    /**
     * The stream is no longer open, and close_reason says why. It stays in the poller and may
     * connect again. The poller also reports it if a get or put met the end. It does not report a
     * close by the caller, except for a graceful close that has completed.
     *
     * For a server: it can take no more connections, so it has stopped. close_reason is
     * SPS_CLOSE_FAILED. sps_server_get_os_error() returns the OS's code if there is one.
     */
    SPS_EVENT_CLOSED = 16,
    /**
     * A server has connections to take. Call sps_server_take_connection() until ERR_BUSY. The event
     * is level-triggered: it repeats at every wait while connections are left.
     *
     * If descriptors or memory run out, the server pauses for 100 ms. If the OS forbids a
     * connection (FAILED), it pauses for one second.
     */
    SPS_EVENT_CONNECTION_AVAILABLE = 32
};

/** The events of one stream or server. */
typedef struct sps_event {
    /** sizeof(sps_event), set by the caller. */
    uint32_t struct_size;
    /** SPS_EVENT_... bits, at least one. */
    uint32_t kinds;
    /**
     * With SPS_EVENT_CLOSED: the reason of sps_socket_get_close_reason(). With SPS_EVENT_FINISHED:
     * the reason that the stream will report when it closes. It is available now, in case the
     * caller destroys the stream first. Otherwise SPS_CLOSE_NONE.
     */
    sps_close_reason close_reason;
    /** The stream, or NULL for a server's event. */
    sps_stream *stream;
    /** The server, or NULL for a stream's event. */
    sps_server *server;
    /** The user_data of sps_poller_add() or sps_poller_add_server(). */
    void *user_data;
} sps_event;

/** Limits of one wait. Zero means the default. */
typedef struct sps_poller_options {
    /** sizeof(sps_poller_options). */
    uint32_t struct_size;
    /** One wait serves no further peer after this many have events. Default: no limit. */
    uint32_t max_events;
    /**
     * Limit of bytes read from one peer in one wait, so that a flooding peer delays no other.
     * Default: 4 × read_buffer_bytes.
     *
     * The wait reads once, as much as fits the read buffer. Gets that never wait may read the rest
     * of this share. Then one returns ERR_BUSY. The next wait reads on, without blocking, and
     * reports the bytes.
     */
    uint32_t max_read_bytes;
    /** One wait serves no further peer after this many microseconds. Default: no limit. */
    uint32_t max_time_us;
    /** Bytes of idle buffers that the poller keeps for later use. Default 1,048,576. */
    uint32_t max_kept_bytes;
    /**
     * Allocates the poller's own memory. Streams with the same allocator share its buffers. Copied.
     */
    const sps_allocator *allocator;
    /**
     * NULL: the machine's OS. Borrowed. All streams and servers added must have the same platform.
     */
    const sps_platform *platform;
} sps_poller_options;

/**
 * Creates an empty poller. Since 0.1.
 *
 * @param options NULL for defaults.
 * @param out_poller owned by the caller, who ends it with sps_poller_destroy(). NULL on failure.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: the options or their allocator have a struct_size of 0.
 *         - ERR_UNAVAILABLE: the platform is of another library version.
 *         - ERR_CANT_ACQUIRE_RESOURCE: the OS has no descriptors. A poller needs two.
 *         - ERR_OUT_OF_MEMORY.
 *         - ERR_UNAUTHORIZED or ERR_CANT_CREATE: the OS refuses.
 */
SPS_API sps_error sps_poller_create(const sps_poller_options *options, sps_poller **out_poller);

/**
 * Removes every stream and server, as sps_poller_remove() does, and frees the poller. NULL is
 * allowed. Since 0.1.
 */
SPS_API void sps_poller_destroy(sps_poller *poller);

/**
 * Adds a TCP or Unix stream in any status, or a filter (custom.h) with the streams below it. The
 * next wait reports its unread bytes. Destroying the stream removes it. One syscall if it is
 * connected. Since 0.1.
 *
 * @param user_data returned with each event.
 * @return OK, or an error, after which nothing changes:
 *         - ERR_UNAVAILABLE: it is a memory stream, a custom stream without poll, or a filter over
 *           one of these.
 *         - ERR_ALREADY_IN_USE: it is in a poller, or a stream below it is.
 *         - ERR_INVALID_PARAMETER: it has another platform.
 *         - ERR_BUSY: an operation of a filter calls it inside sps_poller_wait().
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_poller_add(sps_poller *poller, sps_stream *stream, void *user_data);

/**
 * Adds a server, listening or not. Destroying the server removes it. The caller adds the
 * connections that it takes. Since 0.1.
 *
 * @return as sps_poller_add().
 */
SPS_API sps_error sps_poller_add_server(sps_poller *poller, sps_server *server, void *user_data);

/**
 * Removes a stream, and drops its pending events. The next poller reports what still holds: unread
 * bytes, room after a refused put, the end. Since 0.1.
 *
 * Write batching returns to its state before the stream was added. It stays on if the OS does not
 * take all pending bytes now.
 *
 * @return OK, or:
 *         - ERR_DOES_NOT_EXIST: it is not in this poller. Or only the filter above it was added.
 *         - ERR_BUSY: an operation of a filter calls it inside sps_poller_wait().
 */
SPS_API sps_error sps_poller_remove(sps_poller *poller, sps_stream *stream);

/** sps_poller_remove() for a server. Since 0.1. */
SPS_API sps_error sps_poller_remove_server(sps_poller *poller, sps_server *server);

/**
 * Sends what was put, waits for events, reads what has come, and advances each connect and close.
 * It returns if there are events, if the time is over, or if sps_poller_wake() was called. It keeps
 * events that were not taken. Since 0.1.
 *
 * An idle wait costs one syscall. Each stream with bytes to send or to read adds one. Signals do
 * not end the wait. A signal handler may call sps_poller_wake().
 *
 * @param timeout_ms the longest wait. 0 does not block, -1 sets no limit.
 * @param out_count optional: how many streams and servers have events. 0 is not a failure.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: timeout_ms is below -1.
 *         - ERR_BUSY: an operation of a filter calls it inside this wait.
 *         - ERR_OUT_OF_MEMORY: the OS has no memory for the wait (poll(2), kevent(2)).
 *         - FAILED: the OS refuses to wait.
 *         - After the last two nothing is lost: events can be taken, and the wait can be repeated.
 *           Some bytes may have been sent.
 */
SPS_API sps_error sps_poller_wait(sps_poller *poller, int32_t timeout_ms, size_t *out_count);

/**
 * Takes the events of the next stream or server, the oldest first. No syscall. Since 0.1.
 *
 * @param out_event the caller sets struct_size first. Unless OK, all other fields are zero.
 * @return OK, or:
 *         - ERR_BUSY: none is left.
 *         - ERR_INVALID_PARAMETER: struct_size is 0.
 */
SPS_API sps_error sps_poller_next_event(sps_poller *poller, sps_event *out_event);

/**
 * Ends the current wait, or the next one. Any thread and any signal handler may call it. The poller
 * must exist until the call returns. One syscall. Since 0.1.
 */
SPS_API sps_error sps_poller_wake(sps_poller *poller);

/**
 * Returns how long a program that waits elsewhere may put off its next sps_poller_wait(), if no
 * socket becomes ready before. Timeouts and connects may need that wait earlier than a socket. No
 * syscall, except to read the clock. Since 0.1.
 *
 * @param out_us microseconds. 0: the next wait has something to do now. -1: no limit.
 * @return OK; ERR_INVALID_PARAMETER.
 */
SPS_API sps_error sps_poller_get_timeout_us(const sps_poller *poller, int64_t *out_us);

/**
 * Returns one descriptor for all that a poller waits for. So an event loop of the caller's own
 * (poll(2), epoll(7), GLib, libuv, Asio) can embed the poller. No syscall. Since 0.1.
 *
 * - Wait until the descriptor is readable, or until the time of sps_poller_get_timeout_us() is
 *   over. Ask for the time last, just before the wait, and round it up.
 * - Then call sps_poller_wait() with a timeout of 0, and handle its events.
 * - sps_poller_wake() makes the descriptor readable.
 *
 * The descriptor stays the same for the life of the poller, which owns it. Do not read or close it.
 * Stop waiting for it before sps_poller_destroy().
 *
 * @param out_fd -1 unless OK.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: an argument is NULL.
 *         - ERR_UNAVAILABLE: this platform has none: it waits with poll(2), is Windows, or is the
 *           simulated network.
 */
SPS_API sps_error sps_poller_get_fd(const sps_poller *poller, intptr_t *out_fd);

SPS_END_DECLARATIONS

#endif
