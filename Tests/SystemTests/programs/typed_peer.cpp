// SPDX-License-Identifier: MIT
//
// typed_peer PORT little|big: sends one value of each type to a server on 127.0.0.1. The server, a
// Godot 3 script, reads each one and puts it back. The program reads them back and compares. Prints
// "ok", or the differing value on stderr.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <streampeersocket.hpp>

#include "wait_until_connected.hpp"

namespace {

constexpr uint8_t RAW_BYTES[] = {0, 1, 2, 254, 255};
constexpr int RAW_COUNT = static_cast<int>(sizeof RAW_BYTES);

// Godot 3 has no half.
struct Values {
    int8_t i8 = -5;
    uint8_t u8 = 250;
    int16_t i16 = -1234;
    uint16_t u16 = 54321;
    int32_t i32 = -123456789;
    uint32_t u32 = 3456789012U;
    int64_t i64 = -1234567890123456789;
    uint64_t u64 = 1234567890123456789U;
    float f32 = 1.5F;
    double f64 = -2.25;
    std::string ascii = "plain text";
    std::string utf8 = "h\u00e9llo \u65e5\u672c\u8a9e";
    std::string raw{RAW_BYTES, RAW_BYTES + RAW_COUNT};
};

bool put_all(sps::StreamPeer &peer, const Values &v) {
    return peer.put_8(v.i8) == sps::OK && peer.put_u8(v.u8) == sps::OK &&
           peer.put_16(v.i16) == sps::OK && peer.put_u16(v.u16) == sps::OK &&
           peer.put_32(v.i32) == sps::OK && peer.put_u32(v.u32) == sps::OK &&
           peer.put_64(v.i64) == sps::OK && peer.put_u64(v.u64) == sps::OK &&
           peer.put_float(v.f32) == sps::OK && peer.put_double(v.f64) == sps::OK &&
           peer.put_string(v.ascii) == sps::OK && peer.put_utf8_string(v.utf8) == sps::OK &&
           peer.put_data(RAW_BYTES, RAW_COUNT) == sps::OK;
}

std::string get_raw(sps::StreamPeer &peer) {
    uint8_t bytes[RAW_COUNT] = {};
    peer.get_data(bytes, RAW_COUNT);
    return std::string(bytes, bytes + RAW_COUNT);
}

// Compares the value that was just read with the one that was sent.
template <class T>
bool same(const sps::StreamPeer &peer, const char *name, const T &got, const T &sent) {
    const sps::Error error = peer.get_last_error();
    if (error == sps::OK && !(got < sent) && !(sent < got)) {
        return true;
    }
    std::fprintf(stderr, "typed_peer: %s: %s\n", name,
                 error == sps::OK ? "another value came back" : sps::error_name(error));
    return false;
}

bool get_all(sps::StreamPeer &peer, const Values &v) {
    return same(peer, "8", peer.get_8(), v.i8) && same(peer, "u8", peer.get_u8(), v.u8) &&
           same(peer, "16", peer.get_16(), v.i16) && same(peer, "u16", peer.get_u16(), v.u16) &&
           same(peer, "32", peer.get_32(), v.i32) && same(peer, "u32", peer.get_u32(), v.u32) &&
           same(peer, "64", peer.get_64(), v.i64) && same(peer, "u64", peer.get_u64(), v.u64) &&
           same(peer, "float", peer.get_float(), v.f32) &&
           same(peer, "double", peer.get_double(), v.f64) &&
           same(peer, "string", peer.get_string(), v.ascii) &&
           same(peer, "utf8_string", peer.get_utf8_string(), v.utf8) &&
           same(peer, "data", get_raw(peer), v.raw);
}

int run(int port, bool big_endian) {
    sps::StreamPeerTCP peer;
    peer.set_big_endian(big_endian);
    const Values values;
    sps::Error error = peer.connect_to_host("127.0.0.1", port);
    if (error == sps::OK) {
        error = wait_until_connected(peer);
    }
    if (error == sps::OK && !put_all(peer, values)) {
        error = peer.get_last_error();
    }
    if (error != sps::OK) {
        std::fprintf(stderr, "typed_peer: cannot send: %s\n", sps::error_name(error));
        return EXIT_FAILURE;
    }
    if (!get_all(peer, values)) {
        return EXIT_FAILURE;
    }
    std::puts("ok");
    return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char **argv) {
    const std::string_view order = argc == 3 ? argv[2] : "";
    if (order != "little" && order != "big") {
        std::fprintf(stderr, "usage: typed_peer PORT little|big\n");
        return EXIT_FAILURE;
    }
    return run(std::atoi(argv[1]), order == "big");
}
