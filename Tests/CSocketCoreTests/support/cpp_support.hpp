// SPDX-License-Identifier: MIT
//
// What the tests of the C++ headers share.
#ifndef CPP_SUPPORT_HPP
#define CPP_SUPPORT_HPP

#include <memory>
#include <string>

#include <streampeersocket.hpp>

#include "support/support.h"

// An allocator that has none.
inline void *no_memory(void *, void *, size_t, size_t) {
    return nullptr;
}

inline const uint8_t *bytes_of(const char *text) {
    return reinterpret_cast<const uint8_t *>(text);
}

// Two ends of a TCP connection, and the server between them.
struct Connection {
    sps::TCPServer server;
    sps::StreamPeerTCP client;
    std::unique_ptr<sps::StreamPeerTCP> peer;

    Connection() {
        OK(server.listen(0, "127.0.0.1"));
        OK(client.connect_to_host("127.0.0.1", server.get_local_port()));
        WAIT_UNTIL((peer = server.take_connection()) != nullptr);
        WAIT_UNTIL((client.poll(), client.get_status()) == sps::StreamPeerSocket::STATUS_CONNECTED);
    }
};

struct UnixConnection {
    const std::string path = nowhere(UDS).path;
    sps::UDSServer server;
    sps::StreamPeerUDS client;
    std::unique_ptr<sps::StreamPeerUDS> peer;

    UnixConnection() {
        OK(server.listen(path));
        OK(client.connect_to_host(path));
        WAIT_UNTIL((peer = server.take_connection()) != nullptr);
        WAIT_UNTIL((client.poll(), client.get_status()) == sps::StreamPeerSocket::STATUS_CONNECTED);
    }
};

// A text goes from one end to the other.
template <class Peer> void expect_text_arrives(Peer &from, sps::StreamPeer &to) {
    OK(from.put_utf8_string("hi"));
    ck_assert(to.get_utf8_string() == "hi");
}

inline void expect_text(const std::string &p_text, const char *p_expected) {
    ck_assert_str_eq(p_text.c_str(), p_expected);
}

#endif
