// SPDX-License-Identifier: MIT
//
// The other end of the connections: hand-written with blocking calls, and the same for every
// implementation.
#ifndef PARTNER_HPP
#define PARTNER_HPP

#include <cstdint>
#include <string>
#include <vector>

struct PartnerEnds {
    int control;
    std::vector<int> connections;
};

/**
 * Does its work until the program ends:
 *
 * - feeds: sends without end;
 * - drains: reads and drops;
 * - echoes: sends back each message;
 * - activates: for each byte on the control channel, sends a message to each of ACTIVE_PEERS
 *   connections, chosen at random from the seed. Then it sends a byte back.
 *
 * Returns false if there is no such work.
 */
bool run_partner(const std::string &p_work, const PartnerEnds &p_ends, uint32_t p_seed);

#endif
