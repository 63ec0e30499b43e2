// SPDX-License-Identifier: MIT
#ifndef WAIT_UNTIL_CONNECTED_HPP
#define WAIT_UNTIL_CONNECTED_HPP

#include <chrono>
#include <thread>

#include <streampeersocket.hpp>

// Polls until the connection is established, for at most 10 seconds.
inline sps::Error wait_until_connected(sps::StreamPeerSocket &peer) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline) {
        const sps::Error error = peer.poll();
        if (error != sps::OK) {
            return error;
        }
        if (peer.get_status() != sps::StreamPeerSocket::STATUS_CONNECTING) {
            const bool stands = peer.get_status() == sps::StreamPeerSocket::STATUS_CONNECTED;
            return stands ? sps::OK : sps::ERR_CONNECTION_ERROR;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return sps::ERR_TIMEOUT;
}

#endif
