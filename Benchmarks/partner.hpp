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
 * - echoes: sends back each message, on all connections;
 * - accepts: listens, and sends the port on the control channel; waits for the end of each
 *   connection, and closes it;
 * - connects: receives a port on the control channel. Connects to it, ends the connection in order,
 *   and begins again;
 * - activates: for each byte on the control channel, sends a message to each of ACTIVE_PEERS
 *   connections, chosen at random from the seed. Then it sends a byte back;
 * - tls_feeds, tls_drains, tls_echoes: the same as a client of TLS.
 *
 * Returns false if there is no such work.
 */
bool run_partner(const std::string &p_work, const PartnerEnds &p_ends, uint32_t p_seed);

/** The part of run_partner() that needs OpenSSL. */
bool run_tls_partner(const std::string &p_work, const PartnerEnds &p_ends);

#endif
