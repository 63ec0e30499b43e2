// SPDX-License-Identifier: MIT
//
// The side of a TLS stream that faces the stream below. A session sees a stream that always takes
// its records whole: the rest of a record that the stream below refuses is kept here. So no write
// of a session must ever be repeated with the same bytes, as OpenSSL would demand.
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
    bool is_direct;      // small writes leave at once: no other one follows soon
    bool has_read;       // the stream below, since the caller has cleared it
    sps_error read_end;  // OK while bytes may come
    sps_error write_end; // OK while bytes can leave; then writes are dropped
    sps_error trouble;   // ERR_OUT_OF_MEMORY of a call since the caller has cleared it
} spsi_tls_io;

// Resizes memory of the allocator's.
void *spsi_tls_reallocate(const sps_allocator *allocator, void *block, size_t old_bytes,
                          size_t new_bytes);

// Begins with another stream below.
void spsi_tls_io_open(spsi_tls_io *io, sps_stream *base);

// Forgets the stream below, and frees the memory.
void spsi_tls_io_close(spsi_tls_io *io);

// Reads at most `most` bytes. 0: none are there now, or the stream below has ended (read_end).
size_t spsi_tls_io_read(spsi_tls_io *io, uint8_t *buffer, size_t most);

// Whether the stream below has bytes that a read returns without a syscall.
bool spsi_tls_io_is_buffered(const spsi_tls_io *io);

// Takes all bytes, or none. Small ones leave at the next flush, so that a flight is one write.
bool spsi_tls_io_write(spsi_tls_io *io, const uint8_t *data, size_t byte_count);

// Offers the pending bytes to the stream below. True if none are left here. The stream below may
// still have some of them pending.
bool spsi_tls_io_flush(spsi_tls_io *io);

// Whether the stream below takes so many bytes now, if need be into its write buffer. If not, it
// knows that a put was refused.
bool spsi_tls_io_has_room(spsi_tls_io *io, size_t byte_count);

static inline bool spsi_tls_io_has_pending(const spsi_tls_io *io) {
    return io->begin < io->end;
}

#endif
