/* SPDX-License-Identifier: MIT */
/**
 * @file poller.h
 * Many sockets, one wait. A poller does for all that is in it what sps_socket_poll() does for one, but
 * its work is in proportion to what has happened, not to how many there are, and it can wait.
 *
 *     sps_poller_add(poller, stream, player);
 *     ...
 *     size_t count;
 *     sps_poller_wait(poller, 0, &count);              // each frame; -1 waits until something happens
 *     sps_event event = {.struct_size = sizeof event};
 *     while (sps_poller_next_event(poller, &event) == SPS_OK) {
 *         if (event.kinds & SPS_EVENT_CONNECTION_AVAILABLE) { ... take and add them ... continue; }
 *         while ((error = sps_stream_try_get_u32(event.stream, &value)) == SPS_OK) { ... }
 *         if (error != SPS_ERR_BUSY) {     // closed, finished in the middle of a value, or nonsense
 *             sps_stream_destroy(event.stream);
 *         } else if (event.kinds & SPS_EVENT_WRITABLE) {
 *             ... put what was kept when a put was ERR_BUSY, in order, until it is ERR_BUSY again ...
 *         }
 *     }
 *
 * What holds for a stream in a poller
 *
 * - Adding it turns write batching on: puts gather, never wait, and leave at the next
 *   sps_poller_wait(), all in one write. A put is whole or ERR_BUSY, when the peer is slow: keep the value,
 *   or close; SPS_EVENT_WRITABLE tells of room. One that is larger than write_buffer_bytes, with its
 *   length, is ERR_PARAMETER_RANGE_ERROR: who relays strings of up to max_value_bytes sets write_buffer_bytes to 4
 *   more (memory is taken as bytes wait). Turn batching off again after adding to have puts wait as
 *   Godot's do.
 * - Add it before it connects, and SPS_EVENT_CONNECTED always tells when it is; what is put until then
 *   gathers.
 * - Calls that never wait (sps_stream_try_get_..., sps_stream_get_partial_data(),
 *   sps_stream_peek()) look at what the last wait has read, and make no syscall of their own once
 *   that has emptied the socket; what has arrived since is the next wait's. They read on up to
 *   max_read_bytes, so a loop of them ends even if the peer sends faster than it is served.
 *   sps_socket_poll() and sps_stream_get_available_bytes() ask the OS, as always.
 * - A value that is larger than read_buffer_bytes comes whole when it is asked for: sps_stream_try_get_...
 *   and sps_stream_peek() with the bytes wanted. Without that, no more than read_buffer_bytes are read.
 * - Its buffers are the poller's while it has nothing to read or write: an idle peer has none.
 * - Everything may be called from inside the loop over the events: streams and servers may be added,
 *   removed and destroyed, the one that the event is of, too. What is gone has no more events.
 *
 * A poller and all that is in it belong to one thread at a time; sps_poller_wake() is for the others. A
 * child that the process has forked shares it with its parent, and must use nothing of it.
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

/** Many streams and servers, one wait. Opaque. */
typedef struct sps_poller sps_poller;

/** What has happened: SPS_EVENT_... bits. Several at once are to be read in this order. */
enum {
    /** The connection stands. Not told of streams that were connected when they were added. */
    SPS_EVENT_CONNECTED = 1,
    /**
     * Bytes have come since this was told last, and some are to be read. Read until ERR_BUSY: what is
     * left is not told again before more comes.
     */
    SPS_EVENT_READABLE = 2,
    /**
     * A put was answered ERR_BUSY (a partial one took not all) since the last report, and now there
     * is room for it: not more than write_low_mark_bytes wait any more. A stream whose peer has
     * finished stays open until the caller has had this turn: put again before the next wait.
     */
    SPS_EVENT_WRITABLE = 4,
    /**
     * Nothing more will come from the peer. close_reason tells why:
     * - SPS_CLOSE_PEER_FINISHED: the peer has finished sending. It may still read, so what the
     *   caller has put leaves, and the caller may repeat a refused put at SPS_EVENT_WRITABLE.
     * - Any other reason: the connection is broken, and nothing can be sent any more.
     *
     * The poller reports a failure even if the read buffer is full, as soon as a write fails or the
     * OS shows it. It meets an orderly end when it has read what came before. Linux shows a failure of a stream that nobody reads; poll(2) and kqueue(2)
     * do not. If the connection breaks after an orderly end, the poller reports it once more.
     *
     * The caller can still read what has come. The stream closes when nothing is left to read or to
     * send, and SPS_EVENT_CLOSED follows. It stays open while bytes are unread, even if they are a
     * part of a value or make no sense (ERR_INVALID_DATA): read them, or destroy the stream.
     */
    SPS_EVENT_FINISHED = 8,
    /**
     * The stream is no longer open; close_reason tells why. It stays in the poller and may connect
     * again. Told also when a get or put met the end; not told of what the caller has closed
     * itself, but for a graceful close that has come to its end.
     *
     * A server: it can take no connection any more, so it has stopped. close_reason is
     * SPS_CLOSE_FAILED, and sps_server_get_os_error() tells the OS's code if there is one.
     */
    SPS_EVENT_CLOSED = 16,
    /**
     * A server has connections to take: call sps_server_take_connection() until ERR_BUSY. Told at
     * every wait while some are left. When a connection could not be taken for want of descriptors
     * or memory, the server rests for a tenth of a second; when the OS forbids it (FAILED), for a
     * second.
     */
    SPS_EVENT_CONNECTION_AVAILABLE = 32
};

/** One stream's or server's events. */
typedef struct sps_event {
    /** sizeof(sps_event), set by the caller. */
    uint32_t struct_size;
    /** SPS_EVENT_... bits, at least one. */
    uint32_t kinds;
    /**
     * With SPS_EVENT_CLOSED: as sps_socket_get_close_reason(). With SPS_EVENT_FINISHED: what that will tell
     * once it is closed, or would, for who destroys the stream before. Else SPS_CLOSE_NONE.
     */
    sps_close_reason close_reason;
    /** The stream; NULL when it is a server's. */
    sps_stream *stream;
    /** The server; NULL when it is a stream's. */
    sps_server *server;
    /** What was given when it was added. */
    void *user_data;
} sps_event;

/** How much one wait may do. Zero means the default. */
typedef struct sps_poller_options {
    /** sizeof(sps_poller_options). */
    uint32_t struct_size;
    /** No further peer is served in one wait once so many have events. Default: no limit. */
    uint32_t max_events;
    /**
     * Bytes that are read of one peer in one wait, so that a peer which floods holds up nobody. The
     * wait reads once, as much as the read buffer has room for; gets that never wait may read the
     * rest of this share, and then one answers ERR_BUSY. What is left is read in the next wait,
     * which then does not wait for anything, and is told. Default: four times read_buffer_bytes.
     */
    uint32_t max_read_bytes;
    /** Microseconds after which no further peer is served in one wait. Default: no limit. */
    uint32_t max_time_us;
    /** Bytes of buffers that are kept for whoever needs one next. Default 1,048,576. */
    uint32_t max_kept_bytes;
    /** For the poller's own memory. Buffers are shared with streams of the same allocator. Copied. */
    const sps_allocator *allocator;
    /** NULL: the machine's OS. Borrowed. All that is added must have the same. */
    const sps_platform *platform;
} sps_poller_options;

/**
 * Makes a poller with nothing in it. Since 0.1.
 *
 * @param options NULL for defaults.
 * @param out_poller the caller's, to end with sps_poller_destroy(); NULL on failure.
 * @return OK; ERR_INVALID_PARAMETER (a struct_size of 0); ERR_CANT_ACQUIRE_RESOURCE without
 *         descriptors (it needs two); ERR_OUT_OF_MEMORY; ERR_UNAUTHORIZED or ERR_CANT_CREATE when
 *         the OS refuses.
 */
SPS_API sps_error sps_poller_create(const sps_poller_options *options, sps_poller **out_poller);

/** Removes all that is in it, as sps_poller_remove() does, and frees it. NULL is allowed. Since 0.1. */
SPS_API void sps_poller_destroy(sps_poller *poller);

/**
 * Adds a TCP or Unix stream, in whatever status it is. What waits to be read is told in the next wait.
 * Destroying the stream removes it. One syscall when it is connected. Since 0.1.
 *
 * @param user_data comes back with each event.
 * @return OK; ERR_UNAVAILABLE for a custom stream; ERR_ALREADY_IN_USE when it is in a poller;
 *         ERR_INVALID_PARAMETER when it has another platform; ERR_OUT_OF_MEMORY. Nothing changes
 *         unless OK.
 */
SPS_API sps_error sps_poller_add(sps_poller *poller, sps_stream *stream, void *user_data);

/**
 * Adds a server, whether it listens or not; destroying the server removes it. The connections that are
 * taken are not added by themselves. Since 0.1.
 *
 * @return as sps_poller_add().
 */
SPS_API sps_error sps_poller_add_server(sps_poller *poller, sps_server *server, void *user_data);

/**
 * Removes a stream; its events that were not taken are dropped. The next poller that it is added to tells
 * of what is still so: bytes to be read, room after a put that was refused, the end. Write batching is as
 * it was before it was added, but for a stream whose bytes the OS does not take now: it stays on there.
 * Since 0.1.
 *
 * @return OK; ERR_DOES_NOT_EXIST when it is not in this poller.
 */
SPS_API sps_error sps_poller_remove(sps_poller *poller, sps_stream *stream);

/** The same for a server. Since 0.1. */
SPS_API sps_error sps_poller_remove_server(sps_poller *poller, sps_server *server);

/**
 * Sends what was put since the last wait, waits until something happens, reads what has come, and goes
 * on with all that is connecting or closing. It returns when there are events, when the time is over, or
 * when it was woken. Events that were not taken are kept. One syscall when nothing happens, one more
 * for each stream that was put to or that bytes have come for.
 *
 * Signals do not end it: their handlers may call sps_poller_wake(). Since 0.1.
 *
 * @param timeout_ms how long to wait; 0: not at all; -1: as long as it takes.
 * @param out_count how many streams and servers have events to be taken; 0 is no failure. May be NULL.
 * @return OK; ERR_INVALID_PARAMETER (timeout_ms below -1); ERR_OUT_OF_MEMORY when the OS has none for the
 *         wait (poll(2), kevent(2)), and FAILED when it refuses to wait. After either nothing is lost: what
 *         was put may have left, events that were found may be taken, and the wait may be repeated.
 */
SPS_API sps_error sps_poller_wait(sps_poller *poller, int32_t timeout_ms, size_t *out_count);

/**
 * Takes the next stream's or server's events, the oldest first. No syscall. Since 0.1.
 *
 * @param out_event its struct_size must be set; all zero but that unless OK.
 * @return OK; ERR_BUSY when none is left; ERR_INVALID_PARAMETER (a struct_size of 0).
 */
SPS_API sps_error sps_poller_next_event(sps_poller *poller, sps_event *out_event);

/**
 * Ends the wait that is under way, or the next one. From any thread, and from a signal's handler. The
 * poller must exist until it returns. One syscall. Since 0.1.
 */
SPS_API sps_error sps_poller_wake(sps_poller *poller);

SPS_END_DECLARATIONS

#endif
