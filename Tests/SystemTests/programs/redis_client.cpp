// SPDX-License-Identifier: MIT
//
// redis_client tcp PORT | unix PATH: speaks RESP to a redis-server. It sends PING, SET of 1 MiB of
// all byte values, and GET of the same. Prints "ok", or the failure on stderr.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <streampeersocket.hpp>

#include "wait_until_connected.hpp"

namespace {

constexpr size_t VALUE_BYTES = 1024 * 1024;

int fail(const char *what, sps::Error error) {
    std::fprintf(stderr, "redis_client: %s: %s\n", what, sps::error_name(error));
    return EXIT_FAILURE;
}

// Every byte value, and the sequences that end a RESP line, from a fixed seed (xorshift32).
std::string pseudo_random_bytes() {
    std::string bytes("\r\n\0$-1\r\n", 8);
    uint32_t state = 2463534242U;
    while (bytes.size() < VALUE_BYTES) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        bytes.push_back(static_cast<char>(state >> 24));
    }
    return bytes;
}

// A RESP bulk string.
std::string as_bulk(std::string_view text) {
    std::string bulk = "$" + std::to_string(text.size()) + "\r\n";
    bulk += text;
    bulk += "\r\n";
    return bulk;
}

sps::Error put(sps::StreamPeer &peer, std::string_view bytes) {
    return peer.put_data(reinterpret_cast<const uint8_t *>(bytes.data()),
                         static_cast<int>(bytes.size()));
}

// Reads exactly the expected number of bytes.
sps::Error expect(sps::StreamPeer &peer, std::string_view expected) {
    std::vector<uint8_t> reply(expected.size());
    const sps::Error error = peer.get_data(reply.data(), static_cast<int>(reply.size()));
    if (error != sps::OK) {
        return error;
    }
    return std::memcmp(reply.data(), expected.data(), reply.size()) == 0 ? sps::OK
                                                                         : sps::ERR_INVALID_DATA;
}

sps::Error call(sps::StreamPeer &peer, const std::vector<std::string_view> &arguments,
                std::string_view expected) {
    std::string command = "*" + std::to_string(arguments.size()) + "\r\n";
    for (const auto argument : arguments) {
        command += as_bulk(argument);
    }
    const sps::Error error = put(peer, command);
    return error != sps::OK ? error : expect(peer, expected);
}

int talk(sps::StreamPeerSocket &peer, sps::Error connecting) {
    if (connecting != sps::OK) {
        return fail("connect_to_host", connecting);
    }
    sps::Error error = wait_until_connected(peer);
    if (error != sps::OK) {
        return fail("not connected", error);
    }
    error = call(peer, {"PING"}, "+PONG\r\n");
    if (error != sps::OK) {
        return fail("PING", error);
    }
    const std::string value = pseudo_random_bytes();
    error = call(peer, {"SET", "sps:blob", value}, "+OK\r\n");
    if (error != sps::OK) {
        return fail("SET", error);
    }
    error = call(peer, {"GET", "sps:blob"}, as_bulk(value));
    if (error != sps::OK) {
        return fail("GET", error);
    }
    if (peer.get_available_bytes() != 0) {
        return fail("bytes left over", sps::ERR_INVALID_DATA);
    }
    std::puts("ok");
    return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char **argv) {
    const std::string_view kind = argc == 3 ? argv[1] : "";
    if (kind == "tcp") {
        sps::StreamPeerTCP peer;
        return talk(peer, peer.connect_to_host("127.0.0.1", std::atoi(argv[2])));
    }
    if (kind == "unix") {
        sps::StreamPeerUDS peer;
        return talk(peer, peer.connect_to_host(argv[2]));
    }
    std::fprintf(stderr, "usage: redis_client tcp PORT | unix PATH\n");
    return EXIT_FAILURE;
}
