// SPDX-License-Identifier: MIT
//
// variant_peer serve|PORT little|big: exchanges values with another such program, in C++ or Swift.
// Each line on stdin is a value as Godot writes it, in hexadecimal digits. The client puts each
// value and gets it back. The server gets each value and puts it back. Both encode the value again,
// and compare it with the line. Prints "ok", or the difference on stderr.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <streampeersocket.hpp>

#include "wait_until_connected.hpp"

namespace {

using Bytes = std::vector<uint8_t>;

Bytes from_hex(const std::string &line) {
    Bytes bytes;
    for (size_t i = 0; i + 1 < line.size(); i += 2) {
        bytes.push_back(static_cast<uint8_t>(std::stoi(line.substr(i, 2), nullptr, 16)));
    }
    return bytes;
}

std::vector<Bytes> read_rows() {
    std::vector<Bytes> rows;
    for (std::string line; std::getline(std::cin, line);) {
        rows.push_back(from_hex(line));
    }
    return rows;
}

bool is_ok(sps::Error error, const char *what) {
    if (error != sps::OK) {
        std::fprintf(stderr, "variant_peer: %s: %s\n", what, sps::error_name(error));
    }
    return error == sps::OK;
}

// Waits for a value, which must have these bytes.
bool expect(sps::StreamPeer &peer, const Bytes &row, sps::Variant &value) {
    value = peer.get_var(true);
    if (!is_ok(peer.get_last_error(), "no value came")) {
        return false;
    }
    sps::EncodeOptions options;
    options.full_objects = true;
    Bytes bytes;
    const bool is_same = is_ok(value.encode(bytes, options), "encode") && bytes == row;
    if (!is_same) {
        std::fprintf(stderr, "variant_peer: another value came: %s\n", value.to_string().c_str());
    }
    return is_same;
}

bool serve(const std::vector<Bytes> &rows, bool big_endian) {
    sps::TCPServer server;
    if (!is_ok(server.listen(0, "127.0.0.1"), "listen")) {
        return false;
    }
    std::printf("listening on %d\n", server.get_local_port());
    std::fflush(stdout);
    std::unique_ptr<sps::StreamPeerTCP> peer;
    while ((peer = server.take_connection()) == nullptr) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    peer->set_big_endian(big_endian);
    for (const Bytes &row : rows) {
        sps::Variant value;
        if (!expect(*peer, row, value) || !is_ok(peer->put_var(value, true), "put")) {
            return false;
        }
    }
    return is_ok(peer->close_and_wait(), "close");
}

bool connect(const std::vector<Bytes> &rows, int port, bool big_endian) {
    sps::StreamPeerTCP peer;
    peer.set_big_endian(big_endian);
    if (!is_ok(peer.connect_to_host("127.0.0.1", port), "connect") ||
        !is_ok(wait_until_connected(peer), "connect")) {
        return false;
    }
    sps::DecodeOptions options;
    options.allow_objects = true;
    for (const Bytes &row : rows) {
        sps::Variant::Decoded decoded = sps::Variant::decode(row.data(), row.size(), options);
        if (!is_ok(decoded.error, "decode") || !is_ok(peer.put_var(decoded.value, true), "put") ||
            !expect(peer, row, decoded.value)) {
            return false;
        }
    }
    return true;
}

} // namespace

int main(int argc, char **argv) {
    const std::string order = argc == 3 ? argv[2] : "";
    if (order != "little" && order != "big") {
        std::fprintf(stderr, "usage: variant_peer serve|PORT little|big\n");
        return EXIT_FAILURE;
    }
    const std::vector<Bytes> rows = read_rows();
    const bool is_big = order == "big";
    const bool is_server = std::string(argv[1]) == "serve";
    if (!(is_server ? serve(rows, is_big) : connect(rows, std::atoi(argv[1]), is_big))) {
        return EXIT_FAILURE;
    }
    std::puts("ok");
    return EXIT_SUCCESS;
}
