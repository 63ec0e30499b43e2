// SPDX-License-Identifier: MIT
//
// The inside of a stream: two queues, and the operations that fill and empty them. Everything
// that gets and puts stands on the functions at the end.
#ifndef SPSI_STREAM_H
#define SPSI_STREAM_H

#include <assert.h>

#include "streampeersocket/stream.h"

#include "base/byte_queue.h"
#include "base/memory.h"
#include "platform/platform.h"
#include "stream/watch.h"

typedef enum spsi_kind {
    SPSI_KIND_CUSTOM,
    SPSI_KIND_BUFFER,
    SPSI_KIND_TCP,
    SPSI_KIND_UDS,
    SPSI_FIRST_SOCKET_KIND = SPSI_KIND_TCP
} spsi_kind;

// The first block of a queue: small, since most streams carry small messages.
enum { SPSI_FIRST_BLOCK_BYTES = 1024 };

// Whether a count of bytes is one: a negative number that became a size_t is none.
static inline bool spsi_is_length(size_t byte_count) {
    return byte_count <= PTRDIFF_MAX;
}

// Whether a get or put may block until it has what it wants.
typedef enum spsi_patience {
    SPSI_NEVER_WAIT,
    SPSI_WAIT,
    SPSI_WAIT_WHOLE, // a put: a part of it alone is of no use
} spsi_patience;

// What check() is asked about.
typedef enum spsi_purpose {
    SPSI_TO_READ,
    SPSI_TO_COUNT, // what could be read
    SPSI_TO_WRITE,
    SPSI_TO_GATHER,
} spsi_purpose;

// The second seam: what a stream is. Each answers
//   OK           and how much was moved
//   ERR_BUSY     nothing more can be moved now
//   ERR_TIMEOUT  the time to wait is over; the stream is as it was
//   ERR_FILE_EOF the stream has ended (read)
//   FAILED       the stream has failed for good, unless it outlives failures
//   another code this call has failed; the stream is as it was
// Counts are valid with every answer.
typedef struct spsi_stream_ops {
    // The operations are the caller's own: the stream goes on after FAILED as after any other code,
    // and the caller gets the code also if bytes came with it.
    bool outlives_failures;

    // The stream is memory, and the queues are windows onto it, at most one of them open. check() opens the
    // one to all there is to read, or closes it to write; write opens the other to the room for the puts that
    // follow. So there is nothing else to read (read is NULL), and nothing that was put ever waits.
    bool in_place;

    // OK when bytes may be read, counted, written, or gathered to be written later; else FAILED.
    // Called before anything that the queues alone cannot answer.
    sps_error (*check)(sps_stream *stream, spsi_purpose purpose);

    // Reads at most `most` bytes (not 0). Waits until `least` are there; 0 never waits.
    sps_error (*read)(sps_stream *stream, uint8_t *buffer, size_t least, size_t most,
                      size_t *out_read);

    // Writes slices as if they were one piece. SPSI_NEVER_WAIT: what goes now; else all of it.
    sps_error (*write)(sps_stream *stream, const spsi_slice *slices, size_t count,
                       spsi_patience patience, size_t *out_written);

    // How many bytes a read would give now.
    sps_error (*available)(sps_stream *stream, size_t *out_bytes);

    // The stream has ended (ERR_FILE_EOF) or failed, and every byte was read. Answers `end`, or
    // ERR_BUSY if the stream stays open until what the caller puts has left.
    sps_error (*ended)(sps_stream *stream, sps_error end);

    // The peer broke the protocol: the stream ends next, and this is its reason. NULL: there is none.
    void (*reject)(sps_stream *stream);

    // Closes and frees what this kind owns, but not the queues.
    void (*destroy)(sps_stream *stream);
} spsi_stream_ops;

struct sps_stream {
    // What is seldom touched.
    sps_allocator allocator;
    uint32_t object_bytes; // of the whole object, of which this is the first member
    uint32_t max_value_bytes;
    uint32_t io_timeout_ms; // of one call's waiting; 0: none
    uint32_t peak_bytes;    // that the read queue has held lately
    uint32_t read_moves; // counts how often the read queue's bytes may have come to lie elsewhere
    uint32_t write_buffer_bytes;
    uint32_t low_mark_bytes;
    uint8_t shift; // of the object in its memory (spsi_allocate_aligned)
    uint8_t kind;
    // The hot cache line begins behind in.block: all that a get or put of a typed value touches while
    // the queues can answer (a test checks the offsets).
    spsi_byte_queue in;
    spsi_byte_queue out; // owns a block only while writes are batched, or the rest of a value waits
    bool swap_bytes;     // the stream's byte order is not the machine's
    bool big_endian;
    bool batching;
    bool known_empty;   // nothing can be read before the poller says so
    bool has_new_bytes; // bytes have come since the poller has reported some
    bool may_retry;     // there is room for a put that was refused, and the caller may not know yet
    uint8_t inline_count; // of spsi_stream_inline_bytes()
    uint8_t idle_polls;   // in a row that found nothing to read
    // The next line: what else moving bytes needs.
    const spsi_stream_ops *ops;
    spsi_watch *watch;         // while it is in a poller
    sps_error read_end;        // OK while bytes may come; else why none will
    uint32_t read_chunk_bytes; // what is read at once now; grows while reads fill it
    uint32_t read_buffer_bytes;
    uint32_t refused_bytes; // that a put had no room for, until it has; 0: none
    uint32_t wanted_bytes;  // that a get which never waits did not find, until it does; 0: none
    uint32_t turn_bytes;    // that gets which never wait have read since one found nothing
    uint64_t wait_until_us; // when the call that waits has waited enough; 0: it has not begun to
    struct spsi_scan *scan; // of a long line that is not whole; NULL: none
};

// Allocates an object of object_bytes, zeroed, whose first member is a stream, and prepares it.
sps_error spsi_stream_create(const sps_stream_options *options, spsi_kind kind,
                             const spsi_stream_ops *ops, size_t object_bytes,
                             sps_stream **out_stream);

// Room of SPSI_INLINE_BYTES in the slack of the object's memory: the first bytes after an idle time lie
// there until there is a block for them. Either side of the object has room enough.
enum { SPSI_INLINE_BYTES = 32 };
static inline uint8_t *spsi_stream_inline_bytes(sps_stream *stream) {
    assert(stream->shift <= SPSI_SLACK_BYTES);
    uint8_t *object = (uint8_t *)stream;
    return stream->shift >= SPSI_INLINE_BYTES ? object - stream->shift
                                              : object + stream->object_bytes;
}

// The first bytes of the options that the caller knows, the rest zero; ERR_INVALID_PARAMETER
// when struct_size is 0.
sps_error spsi_stream_options_read(const sps_stream_options *options,
                                   sps_stream_options *out_options);

// Changes how far the stream reads ahead; 0: no further than each call needs.
void spsi_stream_set_read_buffer(sps_stream *stream, uint32_t bytes);

// What is read at once is small again.
void spsi_stream_reset_chunk(sps_stream *stream);

// Frees the queues and forgets the end: the stream is as new.
void spsi_stream_reset(sps_stream *stream);

// Makes sure that at least `need` bytes are buffered.
// OK; ERR_BUSY (only SPSI_NEVER_WAIT); the end, once it is known and fewer are there; FAILED
// when the stream is not connected; ERR_OUT_OF_MEMORY.
sps_error spsi_stream_fill(sps_stream *stream, size_t need, spsi_patience patience);

// The same, with room for `want` bytes, which may be there already: for who does not know how many it needs.
sps_error spsi_stream_fill_on(sps_stream *stream, size_t need, size_t want, spsi_patience patience);

// For who reads on for each few bytes until `need` are buffered: the queue doubles, so that what is there is
// not moved each time. If it cannot, it grows by what is needed.
void spsi_stream_make_room(sps_stream *stream, size_t need);

// A get or put begins: its time to wait is all before it.
static inline void spsi_stream_begin(sps_stream *stream) {
    stream->wait_until_us = 0;
}

// spsi_stream_fill() for a get that has begun: when it meets the end, the stream closes; SPSI_NEVER_WAIT
// closes it only when nothing is left to read.
sps_error spsi_stream_need(sps_stream *stream, size_t need, spsi_patience patience);

// The end was met and nothing is left to read: tells the stream's kind, which closes. Returns the
// end, or ERR_BUSY as spsi_stream_ops.ended() does.
sps_error spsi_stream_finish(sps_stream *stream);

// Reads once what is there, up to the read buffer's size; remembers the end. OK, also when
// nothing came; ERR_OUT_OF_MEMORY. For the poll of a connected stream: it gives the memory of
// an idle one back.
sps_error spsi_stream_read_ahead(sps_stream *stream);

// How much room a read of the poller's has: to the end of the chunk, or for what a get wants that is
// larger.
size_t spsi_stream_room_for_wanted(const sps_stream *stream);
static inline size_t spsi_stream_room(const sps_stream *stream) {
    const size_t size = spsi_byte_queue_size(&stream->in);
    if (stream->wanted_bytes > size) {
        return spsi_stream_room_for_wanted(stream);
    }
    return size < stream->read_chunk_bytes ? stream->read_chunk_bytes - size : 0;
}

// For a poller that was told of bytes: reads once, `room` of them at most; no more than there is room.
// OK, also when nothing came; ERR_OUT_OF_MEMORY.
sps_error spsi_stream_read_ready(sps_stream *stream, size_t room);

// The same for who has read by itself: `count` bytes are behind the queue's tail, where room for `room`
// was reserved, and the read's answer was `error`, with the codes of spsi_stream_ops.
void spsi_stream_account_read(sps_stream *stream, sps_error error, size_t count, size_t room);

// Whether a put that was refused has room now.
bool spsi_stream_is_writable_again(const sps_stream *stream);

// The caller is told of that room: until it has had its turn, the stream is not done.
void spsi_stream_offer_room(sps_stream *stream);

// No put is possible any more, so none is refused either.
void spsi_stream_forget_refusal(sps_stream *stream);

// Makes sure that `room` bytes fit behind a queue's tail; its block has no more than `most` bytes
// unless it needs them. False, and nothing changed, when there is no memory. The blocks are the
// poller's while there is one.
bool spsi_stream_reserve(sps_stream *stream, spsi_byte_queue *queue, size_t room, size_t most);

// Drops what is in a queue, and gives its block back.
void spsi_stream_give_back(sps_stream *stream, spsi_byte_queue *queue);

// Gives the read queue a smaller block if its own is several times as large as what it holds, and
// as `least`. Without memory for it nothing changes.
void spsi_stream_trim(sps_stream *stream, size_t least);

// Forgets how far a line was looked through (lines.c).
void spsi_stream_forget_scan(sps_stream *stream);

// Puts a value: writes slices now, or gathers them. As sps_stream_put_u8() and its kin.
sps_error spsi_stream_put(sps_stream *stream, const spsi_slice *slices, size_t count,
                          size_t *out_sent);

// Gathers what follows the first `skipped` bytes of the slices; there is room for it.
void spsi_stream_append(sps_stream *stream, const spsi_slice *slices, size_t count, size_t skipped);

// Offers the write buffer to the stream once: OK, ERR_BUSY, or FAILED, and then the buffer is
// dropped. It reads nothing and closes nothing, so it may be called while a get waits.
sps_error spsi_stream_flush(sps_stream *stream);

// A write has failed: bytes that arrived before stay readable, and with none left the stream
// closes. Returns FAILED.
sps_error spsi_stream_fail_put(sps_stream *stream);

#endif
