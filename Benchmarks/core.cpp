// SPDX-License-Identifier: MIT
//
// The library as a user calls it from C, through the shared object.
#include <poll.h>

#include <streampeersocket/streampeersocket.h>

#include "rows.hpp"

namespace {

// A stream on a connection with a partner.
class Peer {
  public:
    Peer(benchmark::State &p_state, Transport p_transport, Partner p_partner) : state_(p_state) {
        fd_ = start_partner(p_transport, p_partner);
        if (p_transport == Transport::tcp) {
            check(sps_tcp_create(nullptr, &stream_));
            check(sps_tcp_adopt_fd(stream_, fd_));
        } else {
            check(sps_uds_create(nullptr, &stream_));
            check(sps_uds_adopt_fd(stream_, fd_));
        }
    }

    ~Peer() {
        sps_stream_destroy(stream_);
        end_partner(-1);
    }

    void check(sps_error p_error) {
        if (p_error != SPS_OK) {
            state_.SkipWithError(sps_error_name(p_error));
        }
    }

    sps_stream *stream() const { return stream_; }

    // What a frame's end is to a loop: batched writes never wait by themselves.
    void wait_writable() {
        pollfd waited = {fd_, POLLOUT, 0};
        poll(&waited, 1, -1);
    }

  private:
    benchmark::State &state_;
    sps_stream *stream_ = nullptr;
    int fd_ = -1; // the stream's
};

} // namespace

static void get_u32(benchmark::State &p_state, Transport p_transport) {
    Peer peer(p_state, p_transport, Partner::feeds);
    sps_stream *stream = peer.stream();
    for (auto _ : p_state) {
        for (size_t i = 0; i < VALUES; i++) {
            uint32_t value;
            if (sps_stream_get_u32(stream, &value) != SPS_OK) {
                peer.check(SPS_FAILED);
                break;
            }
            benchmark::DoNotOptimize(value);
        }
    }
    p_state.SetItemsProcessed(p_state.iterations() * static_cast<int64_t>(VALUES));
}

static void put_u32(benchmark::State &p_state, Transport p_transport) {
    Peer peer(p_state, p_transport, Partner::drains);
    sps_stream *stream = peer.stream();
    peer.check(sps_stream_set_write_batching(stream, true));
    for (auto _ : p_state) {
        for (uint32_t i = 0; i < VALUES; i++) {
            sps_error error;
            while ((error = sps_stream_put_u32(stream, i)) == SPS_ERR_BUSY) {
                peer.wait_writable(); // the partner is slower
            }
            if (error != SPS_OK) {
                peer.check(error);
                break;
            }
        }
    }
    p_state.SetItemsProcessed(p_state.iterations() * static_cast<int64_t>(VALUES));
}

static void ping_pong(benchmark::State &p_state, Transport p_transport) {
    Peer peer(p_state, p_transport, Partner::echoes);
    sps_stream *stream = peer.stream();
    uint8_t message[MESSAGE_BYTES] = {};
    for (auto _ : p_state) {
        peer.check(sps_stream_put_data(stream, message, sizeof message, nullptr));
        peer.check(sps_stream_get_data(stream, message, sizeof message, nullptr));
    }
    p_state.SetItemsProcessed(p_state.iterations());
}

static void bulk_in(benchmark::State &p_state, Transport p_transport) {
    static uint8_t piece[PIECE_BYTES];
    Peer peer(p_state, p_transport, Partner::feeds);
    for (auto _ : p_state) {
        peer.check(sps_stream_get_data(peer.stream(), piece, sizeof piece, nullptr));
    }
    p_state.SetItemsProcessed(p_state.iterations());
}

static void bulk_out(benchmark::State &p_state, Transport p_transport) {
    static uint8_t piece[PIECE_BYTES];
    Peer peer(p_state, p_transport, Partner::drains);
    for (auto _ : p_state) {
        peer.check(sps_stream_put_data(peer.stream(), piece, sizeof piece, nullptr));
    }
    p_state.SetItemsProcessed(p_state.iterations());
}

const Implementation core = {"core", get_u32, put_u32, ping_pong, bulk_in, bulk_out};
