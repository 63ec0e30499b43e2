// SPDX-License-Identifier: MIT
//
// The inside of a stream: two queues, and the operations that fill and empty them. All gets and
// puts stand on the functions at the end of this file.
#ifndef SPSI_STREAM_H
#define SPSI_STREAM_H

#include <assert.h>

#include "streampeersocket/socket.h"
#include "streampeersocket/stream.h"

#include "base/byte_queue.h"
#include "base/memory.h"
#include "platform/platform.h"
#include "stream/watch.h"

typedef enum spsi_kind {
    SPSI_KIND_CUSTOM,
    SPSI_KIND_BUFFER,
    SPSI_KIND_FILTER, // the first whose peer is another program
    SPSI_KIND_TCP,
    SPSI_KIND_UDS,
    SPSI_FIRST_SOCKET_KIND = SPSI_KIND_TCP
} spsi_kind;

// The first block of a queue. It is small because most streams carry small messages.
enum { SPSI_FIRST_BLOCK_BYTES = 1024 };

// False for a negative number that became a size_t.
static inline bool spsi_is_length(size_t byte_count) {
    return byte_count <= PTRDIFF_MAX;
}

// Whether a text may have this length. Its prefix has 32 bits, as size_t has on some machines.
static inline bool spsi_is_text_length(size_t byte_count) {
    return byte_count <= UINT32_MAX && spsi_is_length(byte_count);
}

// Whether a get or put may wait.
typedef enum spsi_patience {
    SPSI_NEVER_WAIT,
    SPSI_WAIT,
    SPSI_WAIT_WHOLE, // a put of a value, which is useless in part
} spsi_patience;

// The purposes of check().
typedef enum spsi_purpose {
    SPSI_TO_READ,
    SPSI_TO_COUNT, // of available bytes
    SPSI_TO_WRITE,
    SPSI_TO_GATHER,
} spsi_purpose;

// The state of a stream that has one: a socket or a filter.
typedef struct spsi_state {
    sps_status status;
    sps_close_reason close_reason;
    int32_t os_error;
    const char *close_message;
} spsi_state;

// The second seam: the operations of a kind of stream. Counts are valid with every code. Each
// returns:
// - OK, and the count of moved bytes.
// - ERR_BUSY: the call would block.
// - ERR_TIMEOUT: the timeout is over; the stream is unchanged.
// - ERR_FILE_EOF: the stream has ended (read).
// - FAILED: the stream has failed for good, unless it outlives failures.
// - Another code: this call has failed; the stream is unchanged.
typedef struct spsi_stream_ops {
    // The operations are the caller's own. The stream continues after FAILED. The caller gets the
    // code even if bytes came with it.
    bool outlives_failures;

    // The stream is memory. The queues are windows onto it, and at most one is open. check() opens
    // the read window or, before a write, closes it. write opens the write window for the puts that
    // follow. read is NULL, because there is nothing else to read. No put ever waits.
    bool in_place;

    // OK if the purpose is possible, else FAILED. Called before everything that the queues alone
    // cannot answer.
    sps_error (*check)(sps_stream *stream, spsi_purpose purpose);

    // Reads at most `most` bytes (not 0). Waits for at least `least`; 0 never waits.
    sps_error (*read)(sps_stream *stream, uint8_t *buffer, size_t least, size_t most,
                      size_t *out_read);

    // Writes the slices in order. SPSI_NEVER_WAIT: as much as possible now; otherwise all of it.
    sps_error (*write)(sps_stream *stream, const spsi_slice *slices, size_t count,
                       spsi_patience patience, size_t *out_written);

    // The number of bytes that a read could bring now.
    sps_error (*available)(sps_stream *stream, size_t *out_bytes);

    // The stream has ended (ERR_FILE_EOF) or failed, and every byte was read. Returns `end`, or
    // ERR_BUSY if the stream stays open: bytes are pending, or a refused put may be repeated.
    sps_error (*ended)(sps_stream *stream, sps_error end);

    // The peer has broken the protocol. Sets the reason of the end that follows. NULL: no reason.
    void (*reject)(sps_stream *stream);

    // Closes and frees everything that this kind owns, but not the queues.
    void (*destroy)(sps_stream *stream);

    // The following are of sockets and filters only; NULL for other kinds.

    // sps_socket_poll().
    sps_error (*poll)(sps_stream *stream);

    // For a filter above whose get or put waits. Sends the pending bytes, and waits until more may
    // move: SPSI_READABLE, SPSI_WRITABLE, or either. stream->wait_until_us is the deadline. OK,
    // ERR_TIMEOUT, ERR_OUT_OF_MEMORY; ERR_FILE_EOF or FAILED if that can never come; ERR_BUSY if
    // nothing can be waited for.
    sps_error (*wait)(sps_stream *stream, unsigned interests);

    // Offers the pending bytes of the streams below. NULL if there are none below.
    sps_error (*flush_below)(sps_stream *stream);

    void (*get_state)(const sps_stream *stream, spsi_state *out_state);

    // The base is about to be destroyed. Of filters only.
    void (*lose_base)(sps_stream *stream);

    // The platform whose clock counts.
    const sps_platform *(*platform)(const sps_stream *stream);
} spsi_stream_ops;

struct sps_stream {
    // Cold fields.
    sps_allocator allocator;
    uint16_t object_bytes; // of the whole object; the stream is its first member
    uint8_t shift;         // of the object in its memory (spsi_allocate_aligned)
    uint8_t kind;
    uint32_t max_value_bytes;
    uint32_t io_timeout_ms; // limit for the waits of one call; 0: none
    uint32_t peak_bytes;    // recent peak of the read queue
    uint32_t read_moves;    // counts when the read queue's bytes may have moved
    uint32_t write_buffer_bytes;
    uint32_t low_mark_bytes;
    // One more than the offset of the lent memory in the write queue's block; 0: none. A put, a
    // flush or a move ends the loan.
    uint32_t lent_at;
    // The hot cache line begins behind in.block. A get or put of a typed value touches no other
    // line while the queues can answer (a test checks the offsets).
    spsi_byte_queue in;
    spsi_byte_queue
        out;         // owns a block only while batched bytes, or the rest of a value, are pending
    bool swap_bytes; // the stream's byte order is not the machine's
    bool big_endian;
    bool batching;
    bool known_empty;     // nothing can be read until the poller reports bytes
    bool has_new_bytes;   // bytes have come since the last report
    bool may_retry : 1;   // there is room for a refused put, and the caller may not know yet
    bool was_asked : 1;   // a get found too little, or used its share, since an operation began
    bool was_refused : 1; // the same of a put that found too little room
    uint8_t inline_count; // of spsi_stream_inline_bytes()
    uint8_t idle_polls;   // polls in a row without bytes
    // The next cache line: the other fields that moving bytes needs.
    const spsi_stream_ops *ops;
    spsi_watch *watch;         // while it is in a poller
    sps_error read_end;        // OK while bytes may come, else the end
    uint32_t read_chunk_bytes; // size of the next read; grows while reads fill it
    uint32_t read_buffer_bytes;
    uint32_t refused_bytes; // size of a refused put, until there is room; 0: none
    uint32_t wanted_bytes;  // size that a get missed, until it is there; 0: none
    uint32_t turn_bytes;    // bytes read without waiting since a get found nothing
    uint64_t wait_until_us; // deadline of the call that waits, or SPSI_NEVER; 0: not set yet
    struct spsi_scan *scan; // state of an incomplete long line; NULL: none
    sps_stream *above;      // the filter that reads and writes this stream; NULL: the caller does
};

// Allocates a zeroed object of object_bytes and prepares the stream that is its first member.
sps_error spsi_stream_create(const sps_stream_options *options, spsi_kind kind,
                             const spsi_stream_ops *ops, size_t object_bytes,
                             sps_stream **out_stream);

// SPSI_INLINE_BYTES of memory in the slack beside the object. The first bytes after an idle time
// lie there until they have a block. One side of the object always has enough room.
enum { SPSI_INLINE_BYTES = 32 };
static inline uint8_t *spsi_stream_inline_bytes(sps_stream *stream) {
    assert(stream->shift <= SPSI_SLACK_BYTES);
    uint8_t *object = (uint8_t *)stream;
    return stream->shift >= SPSI_INLINE_BYTES ? object - stream->shift
                                              : object + stream->object_bytes;
}

// Copies the fields that the caller knows and zeroes the others. ERR_INVALID_PARAMETER if
// struct_size is 0.
sps_error spsi_stream_options_read(const sps_stream_options *options,
                                   sps_stream_options *out_options);

// Sets the limit of read-ahead. 0: each call reads only what it needs.
void spsi_stream_set_read_buffer(sps_stream *stream, uint32_t bytes);

// Makes the next read small again.
void spsi_stream_reset_chunk(sps_stream *stream);

// Frees the queues and forgets the end. The stream is as new.
void spsi_stream_reset(sps_stream *stream);

// Reads until at least `need` bytes are buffered. Returns
//   OK
//   ERR_BUSY           fewer are there (only SPSI_NEVER_WAIT)
//   the end            fewer are there, and no more will come
//   FAILED             the stream is not connected
//   ERR_OUT_OF_MEMORY
sps_error spsi_stream_fill(sps_stream *stream, size_t need, spsi_patience patience);

// The same, with room for `want` bytes. For callers that do not know how many bytes they need.
sps_error spsi_stream_fill_on(sps_stream *stream, size_t need, size_t want, spsi_patience patience);

// For callers that read in small steps. The queue grows geometrically, to avoid repeated copies.
// Without memory for that it grows to `need` bytes only.
void spsi_stream_make_room(sps_stream *stream, size_t need);

// Begins a get or put. Its timeout starts at its first wait.
static inline void spsi_stream_begin(sps_stream *stream) {
    stream->wait_until_us = 0;
}

// spsi_stream_fill() inside a get. The stream closes if the get meets the end. With SPSI_NEVER_WAIT
// it closes only if nothing is left to read.
sps_error spsi_stream_need(sps_stream *stream, size_t need, spsi_patience patience);

// Nothing is left to read before the end: lets the stream's kind close. Returns as
// spsi_stream_ops.ended().
sps_error spsi_stream_finish(sps_stream *stream);

// The read of a poll. Reads once, up to the read buffer's size, and remembers the end. Gives back
// the memory of an idle stream. OK, even if nothing came; ERR_OUT_OF_MEMORY.
sps_error spsi_stream_read_ahead(sps_stream *stream);

// The room for a read of the poller: the rest of the chunk, or more if a get wants more.
size_t spsi_stream_room_for_wanted(const sps_stream *stream);
static inline size_t spsi_stream_room(const sps_stream *stream) {
    const size_t size = spsi_byte_queue_size(&stream->in);
    if (stream->wanted_bytes > size) {
        return spsi_stream_room_for_wanted(stream);
    }
    return size < stream->read_chunk_bytes ? stream->read_chunk_bytes - size : 0;
}

// The read of a poller. Reads once, at most `room` bytes, which is at most spsi_stream_room(). OK,
// even if nothing came; ERR_OUT_OF_MEMORY.
sps_error spsi_stream_read_ready(sps_stream *stream, size_t room);

// Accounts for a read that the caller has done. `count` bytes lie behind the queue's tail, where
// `room` bytes were reserved. `error` is the result, with the codes of spsi_stream_ops.
void spsi_stream_account_read(sps_stream *stream, sps_error error, size_t count, size_t room);

// Whether a refused put waits for the OS. Without batching, no pending bytes show that room comes.
static inline bool spsi_stream_asks_the_os(const sps_stream *stream) {
    return stream->refused_bytes != 0 && !stream->batching;
}

// Whether there is room now for a refused put.
bool spsi_stream_is_writable_again(const sps_stream *stream);

// The caller learns of that room. After an orderly end the stream stays open until the caller has
// had its turn.
void spsi_stream_offer_room(sps_stream *stream);

// No put is possible any more, so none is pending either.
void spsi_stream_forget_refusal(sps_stream *stream);

// Reserves `room` bytes behind a queue's tail. The block gets at most `most` bytes unless it needs
// more. In a poller the blocks are the poller's. False, and nothing changed, without memory.
bool spsi_stream_reserve(sps_stream *stream, spsi_byte_queue *queue, size_t room, size_t most);

// Drops a queue's bytes and gives its block back.
void spsi_stream_give_back(sps_stream *stream, spsi_byte_queue *queue);

// Exchanges the read queue's block for a smaller one if it is several times larger than its content
// and than `least`. Changes nothing without memory.
void spsi_stream_trim(sps_stream *stream, size_t least);

// Removes SPSI_READABLE from the interests of a wait if the end is known: nothing more will come.
// Returns the end if no other interest is left.
static inline sps_error spsi_stream_drop_ended(const sps_stream *stream, unsigned *interests) {
    if (!(*interests & SPSI_READABLE) || stream->read_end == SPS_OK) {
        return SPS_OK;
    }
    *interests &= ~(unsigned)SPSI_READABLE;
    return *interests != 0 ? SPS_OK : stream->read_end;
}

// Forgets how far lines.c has searched an incomplete line.
void spsi_stream_forget_scan(sps_stream *stream);

// Puts a value: writes the slices now, or batches them. Returns as sps_stream_put_u8().
sps_error spsi_stream_put(sps_stream *stream, const spsi_slice *slices, size_t count,
                          size_t *out_sent);

// Batches the slices without their first `skipped` bytes. The caller has reserved the room.
void spsi_stream_append(sps_stream *stream, const spsi_slice *slices, size_t count, size_t skipped);

// Keeps the rest of a value that was written in part, for the next call. Its block has the exact
// size, because spare room would batch the next puts. False without memory.
bool spsi_stream_keep_rest(sps_stream *stream, const spsi_slice *slices, size_t count,
                           size_t *out_written);

// Offers the pending bytes to the stream once. OK, ERR_BUSY, or FAILED; FAILED drops the bytes.
// Reads and closes nothing, so a get that waits may call it.
sps_error spsi_stream_flush(sps_stream *stream);

// A write has failed. Bytes that arrived before stay readable. Without any the stream closes.
// Returns FAILED.
sps_error spsi_stream_fail_put(sps_stream *stream);

#endif
