// SPDX-License-Identifier: MIT
//
// A connection whose other end is a process of its own, written by hand with blocking calls, and pinned
// to the second processor.
#ifndef PAIR_HPP
#define PAIR_HPP

#include <cstddef>

enum class Transport { tcp, uds };

/** What the other end does until it meets the end of the stream. */
enum class Partner {
    feeds,  ///< sends without end
    drains, ///< reads and drops
    echoes, ///< sends back each message of MESSAGE_BYTES
};

constexpr size_t PIECE_BYTES = 64 * 1024;
constexpr size_t MESSAGE_BYTES = 64;

/** Starts a partner; returns this side's socket, which is blocking. TCP has no delay. */
int start_partner(Transport p_transport, Partner p_partner);

/** Closes the socket, unless it is -1, and waits for the partner's end. */
void end_partner(int p_fd);

#endif
