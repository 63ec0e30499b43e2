// SPDX-License-Identifier: MIT
//
// TLS streams of the library as a user calls them from C: waiting calls on one connection, and a
// poller for many.
#include <memory>
#include <poll.h>

#include <streampeersocket/poller.h>

#include "core_tls.hpp"

namespace {

// A TLS stream over a connection that stands. Its handshake has only begun.
class TlsPeer {
  public:
    TlsPeer(const Work &p_work, int p_fd, sps_tls_options *p_options, sps_poller *p_poller)
        : base_(p_work.transport, p_fd) {
        check(sps_tls_create(nullptr, &tls_));
        if (p_poller != nullptr) {
            check(sps_poller_add(p_poller, tls_, nullptr));
        }
        check(sps_tls_accept_stream(tls_, base_, p_options));
    }
    ~TlsPeer() { sps_stream_destroy(tls_); }
    TlsPeer(const TlsPeer &) = delete;
    TlsPeer &operator=(const TlsPeer &) = delete;

    operator sps_stream *() const { return tls_; }

    void finish_handshake(int p_fd) {
        sps_tls_status status = SPS_TLS_STATUS_HANDSHAKING;
        while (status == SPS_TLS_STATUS_HANDSHAKING) {
            pollfd waited = {p_fd, POLLIN, 0};
            poll(&waited, 1, -1);
            check(sps_tls_poll(tls_));
            check(sps_tls_get_status(tls_, &status));
        }
    }

  private:
    Peer base_;
    sps_stream *tls_ = nullptr;
};

// One connection, after its handshake.
struct OnlyPeer : TlsPeer {
    explicit OnlyPeer(const Work &p_work)
        : TlsPeer(p_work, FIRST_FD, make_server_options(), nullptr) {
        finish_handshake(FIRST_FD);
    }
};

void ping_pong(const Work &p_work) {
    OnlyPeer peer(p_work);
    Samples samples(p_work);
    uint8_t message[MESSAGE_BYTES] = {};
    do {
        samples.begin();
        check(sps_stream_put_data(peer, message, sizeof message, nullptr));
        check(sps_stream_get_data(peer, message, sizeof message, nullptr));
    } while (samples.end());
}

void bulk_in(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    OnlyPeer peer(p_work);
    Meter meter(p_work);
    do {
        check(sps_stream_get_data(peer, piece, sizeof piece, nullptr));
    } while (meter.add(1));
}

void bulk_out(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    OnlyPeer peer(p_work);
    Meter meter(p_work);
    do {
        check(sps_stream_put_data(peer, piece, sizeof piece, nullptr));
    } while (meter.add(1));
}

void idle(const Work &p_work) {
    uint8_t message[MESSAGE_BYTES] = {};
    sps_tls_options *options = make_server_options();
    sps_poller *poller;
    check(sps_poller_create(nullptr, &poller));
    std::vector<std::unique_ptr<TlsPeer>> peers;
    for (size_t i = 0; i < p_work.peers; i++) {
        const int fd = FIRST_FD + static_cast<int>(i);
        peers.push_back(std::make_unique<TlsPeer>(p_work, fd, options, poller));
    }
    for (size_t done = 0; done < p_work.peers;) {
        check(sps_poller_wait(poller, -1, nullptr));
        sps_event event = {};
        event.struct_size = sizeof event;
        while (sps_poller_next_event(poller, &event) == SPS_OK) {
            if (event.kinds & SPS_EVENT_CONNECTED) {
                check(sps_stream_put_data(event.stream, message, sizeof message, nullptr));
            }
            if (event.kinds & SPS_EVENT_READABLE) {
                check(sps_stream_get_data(event.stream, message, sizeof message, nullptr));
                done++;
            }
        }
    }
    print_memory(p_work);
}

} // namespace

const TlsRows tls_rows = {ping_pong, bulk_in, bulk_out, idle};
