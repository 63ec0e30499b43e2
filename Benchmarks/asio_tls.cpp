// SPDX-License-Identifier: MIT
//
// Asio's ssl::stream as its users write it. One connection uses blocking calls. Idle peers wait in
// an asynchronous read.
#include "tls.hpp"

#include <memory>

#include <asio.hpp>
#include <asio/ssl.hpp>

namespace {

using Socket = asio::generic::stream_protocol::socket;
using Stream = asio::ssl::stream<Socket>;

struct Server {
    Server() {
        context.use_certificate_chain_file(certificate_file());
        context.use_private_key_file(key_file(), asio::ssl::context::pem);
    }

    Stream accept(const Work &p_work, int p_fd) {
        const bool tcp = p_work.transport == Transport::tcp;
        const asio::generic::stream_protocol protocol(tcp ? AF_INET : AF_UNIX,
                                                      tcp ? IPPROTO_TCP : 0);
        Stream stream(Socket(io, protocol, p_fd), context);
        stream.handshake(asio::ssl::stream_base::server);
        return stream;
    }

    asio::io_context io{ASIO_CONCURRENCY_HINT_UNSAFE};
    asio::ssl::context context{asio::ssl::context::tls_server};
};

// One connection, for blocking calls.
struct Peer {
    explicit Peer(const Work &p_work) : stream(server.accept(p_work, FIRST_FD)) {}
    Server server;
    Stream stream;
};

void ping_pong(const Work &p_work) {
    uint8_t message[MESSAGE_BYTES] = {};
    Peer peer(p_work);
    Samples samples(p_work);
    do {
        samples.begin();
        asio::write(peer.stream, asio::buffer(message));
        asio::read(peer.stream, asio::buffer(message));
    } while (samples.end());
}

void bulk_in(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    Peer peer(p_work);
    Meter meter(p_work);
    do {
        asio::read(peer.stream, asio::buffer(piece));
    } while (meter.add(1));
}

void bulk_out(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    Peer peer(p_work);
    Meter meter(p_work);
    do {
        asio::write(peer.stream, asio::buffer(piece));
    } while (meter.add(1));
}

struct Member {
    Stream stream;
    uint8_t message[MESSAGE_BYTES] = {};
};

void idle(const Work &p_work) {
    Server server;
    std::vector<std::unique_ptr<Member>> members;
    for (size_t i = 0; i < p_work.peers; i++) {
        const int fd = FIRST_FD + static_cast<int>(i);
        members.push_back(std::unique_ptr<Member>(new Member{server.accept(p_work, fd)}));
    }
    for (const auto &member : members) {
        asio::write(member->stream, asio::buffer(member->message));
        asio::read(member->stream, asio::buffer(member->message));
        member->stream.async_read_some(asio::buffer(member->message),
                                       [](asio::error_code, size_t) {});
    }
    server.io.poll();
    print_memory(p_work);
}

} // namespace

const TlsRows tls_rows = {ping_pong, bulk_in, bulk_out, idle};
