/* SPDX-License-Identifier: MIT */
/**
 * @file custom.h
 * A stream whose bytes come from the caller: a file, a cipher, a test. Typed values, strings,
 * limits and batching work as on a socket. The counterpart of Godot's StreamPeerExtension.
 *
 * A filter is a custom stream with a poll operation. It has a status, as a socket has, and it can
 * stand over another stream, its base. TLS over TCP is an example. A filter can be the base of
 * another filter.
 *
 *     sps_custom_operations operations = {.struct_size = sizeof operations, .poll = ..., ...};
 *     sps_custom_create(&operations, filter_state, NULL, &filter);   // status NONE
 *     sps_custom_open(filter, base);                                 // CONNECTING, or CONNECTED
 *     sps_poller_add(poller, filter, player);                        // or sps_socket_poll(filter)
 *
 * These rules hold for a filter.
 *
 * Status:
 *
 * - A new filter has the status NONE. sps_custom_open() makes it CONNECTING and calls its poll
 *   operation. poll returns ERR_BUSY while the filter connects, for example during a handshake.
 *   The first OK makes the stream CONNECTED. FAILED makes the status ERROR.
 * - The library calls the get and put operations only while the status is CONNECTED.
 * - ERR_FILE_EOF of a get or of poll is the end of the peer: the library gets no more. Puts still
 *   work until the stream closes. Before it closes, the library sends what was put, calls
 *   shutdown_write, and waits until the streams below have sent all of it.
 *   FAILED of a get or of poll is a failure for good: the library also puts no more. After FAILED
 *   of a put it still gets until nothing comes.
 * - Bytes that the library has read ahead stay readable. Then the status becomes NONE, or ERROR
 *   after a failure, as on a socket. sps_custom_set_failure() says why.
 * - sps_socket_poll(), sps_socket_get_status(), sps_socket_disconnect(),
 *   sps_socket_shutdown_write(), sps_socket_get_close_reason(), sps_socket_get_close_message() and
 *   sps_socket_set_io_timeout() and sps_socket_get_os_error() work on a filter. Other calls for
 *   sockets return ERR_UNAVAILABLE. sps_socket_poll() polls the base first.
 * - To close gracefully, shut down writing, and read until the end. Then disconnect the filter and
 *   close the base gracefully.
 *
 * Base:
 *
 * - The filter borrows its base. The base must be of the same thread. Only the filter reads and
 *   writes its base while the filter is open. A base carries one filter at a time.
 * - An operation moves bytes with the calls of stream.h that never wait, on the base:
 *   sps_stream_get_partial_data(), sps_stream_peek(), sps_stream_put_partial_data() and the like.
 *   It must handle a base that takes a part of the bytes, or none.
 * - A get or put that waits on a filter waits for the base. The library waits after the operation
 *   has moved nothing, and then calls the operation again. It waits for bytes if the base had too
 *   few for the operation, for room if the base refused a put, or for either. So an operation that
 *   moves nothing must have tried to read or write the base, or have called
 *   sps_custom_poll_after(). The library calls poll at that time. It also calls poll before it
 *   waits, if the filter may hold bytes. A base that is a memory stream or a custom stream without
 *   poll cannot be waited for: the call returns ERR_BUSY.
 * - The time of sps_socket_set_io_timeout() of the filter limits this wait, and so do those of the
 *   streams below: the shortest counts. Without one of the filter's own, a get that times out may
 *   have consumed a part (out_received).
 * - If the base ends while a call waits, the library calls the operation once more. If that moves
 *   nothing and does not meet the end, the filter fails.
 * - Below a filter, a base whose peer has finished stays open, as with
 *   sps_stream_options.half_open. Each get of the filter at the end returns ERR_FILE_EOF.
 * - A broken base closes inside a get of the filter, which returns FAILED. Later gets return FAILED
 *   too. sps_socket_get_close_reason() of the base says why. If the base can be put to no more, the
 *   library treats that as a failed put of the filter.
 * - If the caller disconnects the base, gets and puts on it return FAILED. The filter decides what
 *   that means. Usually it returns FAILED too.
 * - If the base is destroyed first, the filter fails with SPS_CLOSE_LOCAL. Its close operation is
 *   called while the base still exists, and then no operation except destroy. Bytes that were read
 *   ahead stay readable.
 * - If the filter is destroyed or disconnected first, the base stays open, and the caller may use
 *   it again. A filter that owns its base destroys it in its destroy operation.
 *
 * Poller (see poller.h):
 *
 * - sps_poller_add() takes a filter in any status. The poller also serves the streams below it,
 *   down to the socket, and reports events of the filter only. user_data is that of the filter.
 * - The poller calls poll after the base has had an event: connected, bytes, room after a refused
 *   put, the end. It calls poll at the time of sps_custom_poll_after(). Then it reads ahead from
 *   the filter, up to read_buffer_bytes, so bytes that the filter holds are reported too. The
 *   bytes that the filter puts leave in the same wait. If an operation returns a code other than
 *   OK, ERR_BUSY, ERR_FILE_EOF and FAILED, the poller calls again after 10 ms, and reports nothing.
 * - The poller takes the base with the filter. So a base that is in a poller itself is
 *   ERR_ALREADY_IN_USE, for sps_poller_add() and for sps_custom_open() of a filter in a poller.
 *   Remove the base first. While the filter is in a poller, sps_poller_add() of the base returns
 *   ERR_ALREADY_IN_USE, and sps_poller_remove() of the base ERR_DOES_NOT_EXIST.
 * - Over a memory stream, or a custom stream without poll, the answer is ERR_UNAVAILABLE: nothing
 *   tells the poller when bytes come. Outside of a poller every stream can be a base.
 * - A filter without a base can be in a poller. Only sps_custom_poll_after() and the caller's calls
 *   bring it a turn.
 */
#ifndef STREAMPEERSOCKET_CUSTOM_H
#define STREAMPEERSOCKET_CUSTOM_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "export.h"
#include "options.h"
#include "socket.h"
#include "stream.h"

SPS_BEGIN_DECLARATIONS

enum {
    /**
     * An operation returns it to act as if it were NULL. It is for bindings that set every
     * operation and find out only inside whether there is one. It never reaches a caller.
     */
    SPS_CUSTOM_NOT_IMPLEMENTED = -1
};

/**
 * The operations of a custom stream. The library calls them inside calls on the stream and on
 * filters above it, inside sps_poller_wait(), and when the base is destroyed. They must not call
 * the stream itself. Inside sps_poller_wait() they must not destroy streams, servers or the poller,
 * nor open or disconnect other streams of the poller. Each returns one of:
 *
 * - OK, with the count. A smaller count than byte_count is a short read or a short write. A waiting
 *   call then calls the operation again for the rest. 0 means that nothing can move now.
 * - ERR_BUSY: no more can move now. A partial call returns OK then, as after OK and 0. A waiting
 *   call returns ERR_BUSY.
 * - ERR_FILE_EOF (gets only): the stream has ended, and nothing more will ever come. No other code
 *   ends the stream. Later calls return FAILED after every byte is read.
 * - Any other code: it reaches the caller unchanged, and the stream continues. The next call asks
 *   the operation again.
 *
 * The count says what was moved, also with an error. Bytes that a get moved are not lost. Gets of
 * raw bytes return them with the error. After a get of a value they stay readable.
 *
 * If a put has moved a part of a typed value, string or Variant, it returns OK. The rest is pending
 * (see put_data). With options.read_buffer_bytes or batched writes, the bytes go first. A later
 * call returns the code if the operation still returns it.
 *
 * If both the operation that a call needs and its counterpart are missing, the call returns FAILED,
 * as in Godot.
 *
 * On a filter FAILED is final, and the codes above say less: see poll.
 */
typedef struct sps_custom_operations {
    /** sizeof(sps_custom_operations). */
    uint32_t struct_size;
    /** Reads the bytes that are there now, at most byte_count. Godot: _get_partial_data. */
    sps_error (*get_partial_data)(void *user_data, uint8_t *buffer, size_t byte_count,
                                  size_t *out_received);
    /**
     * Reads exactly byte_count bytes, and waits for them. Without it a get uses get_partial_data.
     * If that returns too few bytes, the get returns ERR_BUSY. A typed value or string then
     * consumes nothing. Godot: _get_data.
     */
    sps_error (*get_data)(void *user_data, uint8_t *buffer, size_t byte_count,
                          size_t *out_received);
    /** Writes the bytes that can move now, at most byte_count. Godot: _put_partial_data. */
    sps_error (*put_partial_data)(void *user_data, const uint8_t *data, size_t byte_count,
                                  size_t *out_sent);
    /**
     * Writes all bytes, and waits until that is done. Godot: _put_data.
     *
     * Without it a put calls put_partial_data until all is written. If nothing can move, the put
     * returns ERR_BUSY and has put nothing. There are two exceptions:
     *
     * - Raw bytes: a part may have been written. out_sent of sps_stream_put_data() counts it.
     * - A typed value, string or Variant of which a part was written: the put returns OK, also if
     *   an operation fails inside it. The rest is pending, like batched bytes
     *   (sps_stream_get_pending_write_bytes()).
     *
     * The rest leaves before the next put, at sps_stream_flush(), before a get waits, or at the end
     * of the stream. If there is no memory to keep it, the put and every later one return FAILED.
     */
    sps_error (*put_data)(void *user_data, const uint8_t *data, size_t byte_count,
                          size_t *out_sent);
    /**
     * Returns how many bytes a get would return now. Without it only buffered bytes count.
     * Godot: _get_available_bytes.
     */
    sps_error (*get_available_bytes)(void *user_data, size_t *out_bytes);
    /** sps_stream_destroy() calls it once. NULL is allowed. */
    void (*destroy)(void *user_data);
    /**
     * Advances the filter without waiting: its handshake, bytes that it holds for the base, the
     * end. With this operation the custom stream is a filter. NULL: it is none. Since 0.1.
     *
     * sps_custom_open(), sps_socket_poll() and a poller call it, while the status is CONNECTING or
     * CONNECTED. The library calls neither get_data nor put_data of a filter: it waits by itself. A
     * filter without get_partial_data returns ERR_UNAVAILABLE for a get, and likewise for a put.
     *
     * @return OK, or:
     *         - ERR_BUSY: the filter is not connected yet. Or it is, and holds bytes that the base
     *           has not taken. The stream does not close in order before a later poll returns OK.
     *         - ERR_FILE_EOF: nothing more will come from the peer, as after a get.
     *         - FAILED: the filter has failed for good. In CONNECTING the status becomes ERROR.
     *         - Any other code, such as ERR_OUT_OF_MEMORY: nothing changes. sps_socket_poll()
     *           returns it, and a poller calls again after 10 ms.
     */
    sps_error (*poll)(void *user_data);
    /**
     * Ends the writing side behind everything that was put. It puts the filter's end mark into the
     * base. The library calls it for sps_socket_shutdown_write(), and after the end of the peer.
     * NULL: sps_socket_shutdown_write() returns ERR_UNAVAILABLE. Since 0.1.
     *
     * @return OK, or:
     *         - ERR_BUSY: the base takes no more now. The library calls it again.
     *         - FAILED: the end mark cannot be sent. After the end of the peer the stream still
     *           closes in order, unless bytes that were put are lost. The library assumes that
     *           they are lost if poll has not returned OK since the last put, or if the filter has
     *           called sps_custom_set_failure().
     *         - Any other code, such as ERR_OUT_OF_MEMORY: the stream stays open, and the library
     *           calls it again, in a poller after 10 ms.
     */
    sps_error (*shutdown_write)(void *user_data);
    /**
     * The stream has closed, for any reason: the library calls it once after each
     * sps_custom_open(). The base, if it still exists, can still be put to: the filter may say
     * goodbye. NULL is allowed. Since 0.1.
     */
    void (*close)(void *user_data);
} sps_custom_operations;

/**
 * Creates a stream of the caller's own. It is connected from the start until it ends. Without
 * read_buffer_bytes in options it reads no further than a call needs. So the caller can still read
 * the source directly between calls. Since 0.1.
 *
 * With a poll operation it is a filter. A filter is not connected before sps_custom_open(), and
 * reads ahead as a socket does.
 *
 * @param operations copied.
 * @param user_data passed to each operation.
 * @param options NULL for defaults.
 * @param out_stream NULL on failure. Then the caller still owns user_data.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: operations is NULL. Or operations, the options or their
 *           allocator have a struct_size of 0.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_custom_create(const sps_custom_operations *operations, void *user_data,
                                    const sps_stream_options *options, sps_stream **out_stream);

/**
 * Returns the user_data of a custom stream, in any status. A library of streams finds its own state
 * with it. Since 0.1.
 *
 * @param destroy the operation that the stream was created with. It identifies the owner.
 * @param out_user_data NULL on failure.
 * @return OK, or:
 *         - ERR_UNAVAILABLE: it is not a custom stream, or its destroy operation is another one.
 */
SPS_API sps_error sps_custom_get_user_data(const sps_stream *stream,
                                           void (*destroy)(void *user_data), void **out_user_data);

/* ---- Filters. On any other stream these calls return ERR_UNAVAILABLE. */

/**
 * Opens a filter over a base. The status becomes CONNECTING, and the library calls poll once. So
 * the filter may be CONNECTED, or in ERROR, when this call returns OK. The stream is as new: what
 * was left from an earlier connection is dropped. The base may still be connecting. Since 0.1.
 *
 * @param base borrowed, until the filter is opened over another base, disconnected or destroyed.
 *        NULL: the filter needs no base.
 * @return OK, or an error, after which nothing changes:
 *         - ERR_ALREADY_IN_USE: the filter is open. Or the base carries another filter. Or the
 *           filter is in a poller, and the base is in a poller too.
 *         - ERR_INVALID_PARAMETER: the base is the filter, or stands over it. Or the filter is in a
 *           poller of another platform than the base.
 *         - ERR_UNAVAILABLE: the stream is no filter. Or the filter is in a poller, and the base is
 *           a memory stream or a custom stream without poll.
 *         - ERR_OUT_OF_MEMORY, or a code of sps_poller_add(): the filter is in a poller, and the
 *           poller cannot take the base.
 */
SPS_API sps_error sps_custom_open(sps_stream *filter, sps_stream *base);

/**
 * Returns the base, or NULL: none, disconnected, or the base was destroyed. It stays after the end
 * of the peer and after a failure. Since 0.1.
 */
SPS_API sps_error sps_custom_get_base(const sps_stream *filter, sps_stream **out_base);

/**
 * Records why the filter fails or ends. An operation calls it before it returns FAILED or
 * ERR_FILE_EOF. The first record of a connection stays. Without one the reason is
 * SPS_CLOSE_PEER_FINISHED after ERR_FILE_EOF. After FAILED it is the base's, or SPS_CLOSE_FAILED.
 * Since 0.1.
 *
 * @param reason an SPS_CLOSE_ value, or a value of the filter's own from 1,000 on.
 * @param message a sentence for people, or NULL. Borrowed: it must stay valid until the filter is
 *        opened again or destroyed.
 */
SPS_API sps_error sps_custom_set_failure(sps_stream *filter, sps_close_reason reason,
                                         const char *message);

/**
 * Asks a poller to call poll after this time even if the base has no event, once. A new call
 * replaces the last one. Without a poller it does nothing, because the caller polls. An operation
 * may call it. Since 0.1.
 *
 * @param delay_ms 0: in the next turn of the poller, behind other peers. -1: no longer.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: delay_ms is below -1.
 */
SPS_API sps_error sps_custom_poll_after(sps_stream *filter, int32_t delay_ms);

/**
 * Returns the time on the clock of the base's platform, for deadlines. In a simulated network it is
 * the simulated time. Since 0.1.
 *
 * @param out_us microseconds since an arbitrary begin. It never runs backwards.
 */
SPS_API sps_error sps_custom_get_time_us(const sps_stream *filter, uint64_t *out_us);

SPS_END_DECLARATIONS

#endif
