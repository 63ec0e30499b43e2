// SPDX-License-Identifier: MIT
//
// The side of a TLS stream that faces the stream below. A put reserves memory for its whole record
// first. So the session writes a record once, and the bytes that the stream below refuses are kept
// here. Answers to the peer have no such memory: OpenSSL offers the rest of them again.
//
// One call of an operation reads a bounded number of bytes, so that a flooding peer cannot keep a
// poll busy. At the bound, the session still reads what the stream below has buffered. Then it sees
// a stream without bytes. The next event of the stream below, or its next wait, brings the next
// call. Over a filter the bound is off.
#ifndef SPSI_TLS_IO_H
#define SPSI_TLS_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "streampeersocket/options.h"
#include "streampeersocket/stream.h"

typedef struct spsi_tls_io {
    sps_stream *base;
    sps_allocator allocator;
    uint8_t *pending; // begin to end wait for the stream below
    size_t begin, end, capacity;
    size_t budget;       // of bytes that this call of an operation may still fetch
    bool is_bounded;     // false over a filter: only that knows what it holds
    bool gathers;        // writes wait for the next flush, which sends them as one
    bool is_direct;      // small writes leave at once: no other one follows soon
    bool has_read;       // the stream below, in this call
    bool is_refused;     // the peer: the session must read no more
    sps_error read_end;  // OK while bytes may come
    sps_error write_end; // OK while bytes can leave; then writes are dropped
    sps_error trouble;   // in this call, and not final: ERR_OUT_OF_MEMORY, or another code of base
} spsi_tls_io;

// Resizes memory of the allocator's.
void *spsi_tls_reallocate(const sps_allocator *allocator, void *block, size_t old_bytes,
                          size_t new_bytes);

// Begins with another stream below.
void spsi_tls_io_open(spsi_tls_io *io, sps_stream *base);

// Forgets the stream below, and frees the memory.
void spsi_tls_io_close(spsi_tls_io *io);

// Begins a call of an operation.
void spsi_tls_io_begin(spsi_tls_io *io);

// Reads at most `most` bytes. 0: none are there now, or this call has had its share, or the stream
// below has ended (read_end).
size_t spsi_tls_io_read(spsi_tls_io *io, uint8_t *buffer, size_t most);

// Whether this call may read again. True if it has not read the stream below yet, which may take a
// syscall. After that, true if the stream below has bytes buffered, and this call has a share left.
bool spsi_tls_io_may_read_on(const spsi_tls_io *io);

// Takes bytes. Small ones leave at the next flush, so that a flight is one write. Fewer than all:
// the peer reads none of its answers, or there is no memory (trouble). Offer the rest again.
size_t spsi_tls_io_write(spsi_tls_io *io, const uint8_t *data, size_t byte_count);

// Keeps memory for a direct write of so many bytes, until the next flush that is not direct. So the
// write takes all of them. False: there is no memory (trouble).
bool spsi_tls_io_reserve(spsi_tls_io *io, size_t byte_count);

// Offers the pending bytes to the stream below. True if none are left here. The stream below may
// still have some of them pending.
bool spsi_tls_io_flush(spsi_tls_io *io);

// Whether the stream below takes so many bytes now, if need be into its write buffer. If not, it
// knows that a put was refused.
bool spsi_tls_io_has_room(spsi_tls_io *io, size_t byte_count);

// Whether the stream below would send a write at once, by a call of its own.
bool spsi_tls_io_sends_at_once(const spsi_tls_io *io);

static inline bool spsi_tls_io_has_pending(const spsi_tls_io *io) {
    return io->begin < io->end;
}

#endif
