// SPDX-License-Identifier: MIT
//
// An echo server on a poller, without an event loop: each example brings a loop of its own.
#ifndef ECHO_H
#define ECHO_H

#include <streampeersocket/streampeersocket.h>

SPS_BEGIN_DECLARATIONS

typedef struct echo {
    sps_poller *poller;
    sps_server *server;
    unsigned long turns;
} echo;

// Listens on a port of 127.0.0.1; 0: the OS chooses. Prints the port. False after a failure, which
// it prints.
bool echo_open(echo *echo, int32_t port);
void echo_close(echo *echo);

// The loop waits until this descriptor is readable, or for this many milliseconds (-1: no limit).
// The time changes with every turn.
int echo_descriptor(const echo *echo);
int echo_timeout_ms(const echo *echo);

// Handles all that has happened. False: SIGINT or SIGTERM has come, and the loop ends.
bool echo_turn(echo *echo);

SPS_END_DECLARATIONS

#endif
