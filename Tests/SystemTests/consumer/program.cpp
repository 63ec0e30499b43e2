// SPDX-License-Identifier: MIT
//
// A program of a user in C++: it connects to itself, and prints its standard and the version.
#include <cstdio>
#include <streampeersocket.hpp>

int main() {
    sps::TCPServer server;
    sps::StreamPeerTCP peer;
    const bool good = server.listen(0, "127.0.0.1") == sps::OK &&
                      peer.connect_to_host("127.0.0.1", server.get_local_port()) == sps::OK;
    std::printf("%ld %s\n", static_cast<long>(__cplusplus), sps_version_string());
    return good ? 0 : 1;
}
