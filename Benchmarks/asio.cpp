// SPDX-License-Identifier: MIT
//
// Asio as its users write it. One connection uses blocking calls, which are Asio's fastest. Many
// connections use asynchronous reads on an io_context without locks (ASIO_CONCURRENCY_HINT_UNSAFE),
// polled once a frame. Asio reuses the memory of a finished handler, so frames allocate nothing.
#include <memory>

#include <asio.hpp>

#include "tls.hpp"

namespace {

using Socket = asio::generic::stream_protocol::socket;

Socket open(asio::io_context &r_context, Transport p_transport, int p_fd) {
    const bool tcp = p_transport == Transport::tcp;
    const asio::generic::stream_protocol protocol(tcp ? AF_INET : AF_UNIX, tcp ? IPPROTO_TCP : 0);
    return Socket(r_context, protocol, p_fd);
}

// One connection, for blocking calls.
struct Peer {
    explicit Peer(const Work &p_work) : socket(open(context, p_work.transport, FIRST_FD)) {}
    asio::io_context context{ASIO_CONCURRENCY_HINT_UNSAFE};
    Socket socket;
};

void get_u32(const Work &p_work) {
    static Arrivals arrivals;
    Peer peer(p_work);
    Meter meter(p_work);
    size_t count;
    do {
        count = peer.socket.read_some(asio::buffer(arrivals.room(), arrivals.room_bytes()));
    } while (meter.add(arrivals.take(count)));
}

void put_u32(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    Peer peer(p_work);
    Meter meter(p_work);
    do {
        fill_piece(piece);
        asio::write(peer.socket, asio::buffer(piece));
    } while (meter.add(VALUES));
}

void ping_pong(const Work &p_work) {
    uint8_t message[MESSAGE_BYTES] = {};
    Peer peer(p_work);
    Samples samples(p_work);
    do {
        samples.begin();
        asio::write(peer.socket, asio::buffer(message));
        asio::read(peer.socket, asio::buffer(message));
    } while (samples.end());
}

void bulk_in(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    Peer peer(p_work);
    Meter meter(p_work);
    do {
        asio::read(peer.socket, asio::buffer(piece));
    } while (meter.add(1));
}

void bulk_out(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    Peer peer(p_work);
    Meter meter(p_work);
    do {
        asio::write(peer.socket, asio::buffer(piece));
    } while (meter.add(1));
}

/* ---- Frames */

// Each peer has a buffer. Asio reads before the handler runs, and another peer's read may come
// between. 1 KiB, so that 5,000 of them do not need 320 MB.
struct Member {
    Socket socket;
    uint8_t buffer[1024];
};

class Crowd {
  public:
    explicit Crowd(const Work &p_work) {
        for (size_t i = 0; i < p_work.peers; i++) {
            const int fd = FIRST_FD + static_cast<int>(i);
            members_.push_back(
                std::unique_ptr<Member>(new Member{open(context_, p_work.transport, fd), {}}));
            read(*members_.back());
        }
    }

    size_t frame() {
        bytes_ = 0;
        context_.poll();
        return bytes_;
    }

  private:
    void read(Member &r_member) {
        r_member.socket.async_read_some(
            asio::buffer(r_member.buffer),
            [this, &r_member](asio::error_code p_error, size_t p_count) {
                if (!p_error) {
                    bytes_ += p_count;
                    read(r_member);
                }
            });
    }

    asio::io_context context_{ASIO_CONCURRENCY_HINT_UNSAFE};
    std::vector<std::unique_ptr<Member>> members_;
    size_t bytes_ = 0;
};

void frames(const Work &p_work) {
    Crowd crowd(p_work);
    measure_frames(p_work, [&] { return crowd.frame(); });
}

} // namespace

int main(int argc, char **argv) {
    Rows rows = {get_u32, put_u32, ping_pong, bulk_in, bulk_out, frames, nullptr, nullptr, nullptr};
    rows.tls = tls_rows;
    return run_row(argc, argv, rows);
}
