// SPDX-License-Identifier: MIT
//
// The library as a user calls it from C, through the shared object.
#include <poll.h>

#include "core.hpp"
#include "tls.hpp"

Peer::Peer(Transport p_transport, int p_fd) : fd_(p_fd) {
    if (p_transport == Transport::tcp) {
        check(sps_tcp_create(nullptr, &stream_));
        check(sps_tcp_adopt_fd(stream_, p_fd));
    } else {
        check(sps_uds_create(nullptr, &stream_));
        check(sps_uds_adopt_fd(stream_, p_fd));
    }
}

Peer::~Peer() {
    sps_stream_destroy(stream_);
}

// The end of a frame. Batched writes never wait by themselves.
void Peer::wait_writable() {
    pollfd waited = {fd_, POLLOUT, 0};
    poll(&waited, 1, -1);
}

static void get_u32(const Work &p_work) {
    Peer peer(p_work.transport, FIRST_FD);
    Meter meter(p_work);
    do {
        for (size_t i = 0; i < VALUES; i++) {
            uint32_t value;
            if (sps_stream_get_u32(peer, &value) != SPS_OK) {
                check(SPS_FAILED);
            }
            keep(value);
        }
    } while (meter.add(VALUES));
}

static void put_u32(const Work &p_work) {
    Peer peer(p_work.transport, FIRST_FD);
    Meter meter(p_work);
    check(sps_stream_set_write_batching(peer, true));
    do {
        for (uint32_t i = 0; i < VALUES; i++) {
            sps_error error;
            while ((error = sps_stream_put_u32(peer, i)) == SPS_ERR_BUSY) {
                peer.wait_writable(); // the partner is slower
            }
            if (error != SPS_OK) {
                check(error);
            }
        }
    } while (meter.add(VALUES));
}

// One call waits, and the loop takes the other values in place. That is the fastest way.
static void span_u32(const Work &p_work) {
    Peer peer(p_work.transport, FIRST_FD);
    Meter meter(p_work);
    size_t count;
    do {
        uint32_t value;
        check(sps_stream_get_u32(peer, &value));
        keep(value);
        const uint8_t *bytes;
        check(sps_stream_peek(peer, 0, &bytes, &count));
        count = take_values(bytes, count);
        check(sps_stream_consume(peer, count * VALUE_BYTES));
    } while (meter.add(1 + count));
}

static void block_u32(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    Peer peer(p_work.transport, FIRST_FD);
    Meter meter(p_work);
    do {
        fill_piece(piece);
        check(sps_stream_put_data(peer, piece, sizeof piece, nullptr));
    } while (meter.add(VALUES));
}

static void ping_pong(const Work &p_work) {
    Peer peer(p_work.transport, FIRST_FD);
    Samples samples(p_work);
    uint8_t message[MESSAGE_BYTES] = {};
    do {
        samples.begin();
        check(sps_stream_put_data(peer, message, sizeof message, nullptr));
        check(sps_stream_get_data(peer, message, sizeof message, nullptr));
    } while (samples.end());
}

static void bulk_in(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    Peer peer(p_work.transport, FIRST_FD);
    Meter meter(p_work);
    do {
        check(sps_stream_get_data(peer, piece, sizeof piece, nullptr));
    } while (meter.add(1));
}

static void bulk_out(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    Peer peer(p_work.transport, FIRST_FD);
    Meter meter(p_work);
    do {
        check(sps_stream_put_data(peer, piece, sizeof piece, nullptr));
    } while (meter.add(1));
}

/* ---- For callgrind */

COUNTED void count_get(sps_stream *p_stream) {
    uint32_t value;
    for (size_t i = 0; i < VALUES; i++) {
        check(sps_stream_get_u32(p_stream, &value));
    }
}

COUNTED void count_try_get(sps_stream *p_stream) {
    uint32_t value;
    for (size_t i = 0; i < VALUES; i++) {
        check(sps_stream_try_get_u32(p_stream, &value));
    }
}

COUNTED void count_put(sps_stream *p_stream) {
    for (uint32_t i = 0; i < VALUES; i++) {
        check(sps_stream_put_u32(p_stream, i));
    }
    check(sps_stream_flush(p_stream));
}

template <void (*Count)(sps_stream *)> static void count_gets(const Work &p_work) {
    OwnPair pair;
    Peer peer(Transport::uds, pair.fds[0]);
    for (size_t done = 0; done < p_work.items; done += VALUES) {
        pair.feed_piece();
        Count(peer);
    }
}

static void count_puts(const Work &p_work) {
    OwnPair pair;
    Peer peer(Transport::uds, pair.fds[0]);
    check(sps_stream_set_write_batching(peer, true));
    for (size_t done = 0; done < p_work.items; done += VALUES) {
        count_put(peer);
        pair.drain_piece();
    }
}

int main(int argc, char **argv) {
    const Rows rows = {get_u32,
                       put_u32,
                       ping_pong,
                       bulk_in,
                       bulk_out,
                       core_frames,
                       count_gets<count_get>,
                       count_puts,
                       count_gets<count_try_get>,
                       core_why_no_frames,
                       span_u32,
                       block_u32,
                       core_variants,
                       core_served,
                       tls_rows};
    return run_row(argc, argv, rows);
}
