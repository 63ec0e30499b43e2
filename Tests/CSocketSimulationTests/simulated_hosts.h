// SPDX-License-Identifier: MIT
//
// What the tests of the simulation share: a network of two hosts, and a connection between them.
#ifndef SIMULATED_HOSTS_H
#define SIMULATED_HOSTS_H

#include "streampeersocket_testing/simulation.h"
#include "support/support.h"

extern sps_simulation *simulation;
extern sps_simulated_host *server_host, *client_host;

// Makes the network; and its end, at which nothing may be left open and nobody may have made a mistake.
void begin_hosts_with(const sps_simulation_options *options);
void begin_hosts(void);
void end_hosts(void);

sps_stream *stream_at(const sps_simulated_host *host);
sps_server *server_at(const sps_simulated_host *host, uint32_t backlog); // listens on port 4000

// Polls until the stream is no longer CONNECTING, a millisecond at a time.
sps_status connected_status(sps_stream *stream);

// A connection there must fail, for this reason; afterwards the stream is as it was.
void expect_no_connection(sps_stream *stream, const char *host, sps_close_reason reason);

typedef struct link_pair {
    sps_server *server;
    sps_stream *client, *peer;
} link_pair;

link_pair connect_hosts(void);
void close_hosts(link_pair *pair);

// A test case in a suite, whose tests have the network; and one whose tests have a connection, too.
TCase *add_hosts_case(Suite *suite, const char *name);
TCase *add_linked_case(Suite *suite, const char *name);
extern link_pair ends; // of that connection

uint64_t simulated_us(void);
void advance_ms(uint64_t time_ms);

#endif
