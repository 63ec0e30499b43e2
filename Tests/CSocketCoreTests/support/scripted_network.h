// SPDX-License-Identifier: MIT
//
// A platform for connecting by name: a clock that the test moves, and addresses that answer, refuse
// or stay silent as the test says.
#ifndef TEST_SCRIPTED_NETWORK_H
#define TEST_SCRIPTED_NETWORK_H

#include "platform/platform.h"
#include "support/support.h"

enum { SILENT = -1, MAX_HANDLES = 64 };

// What happens to an attempt to connect to an address.
typedef struct scripted_address {
    const char *text;
    int64_t after_ms; // since the attempt began, or SILENT
    spsi_code code;   // DONE: connected; else how the attempt fails
} scripted_address;

// The platform of a stream that connects by name. The test moves its clock.
typedef struct scripted_network {
    sps_platform platform;
    uint64_t now_us;
    const scripted_address *addresses;
    size_t count;
    bool resolved;
    spsi_code resolve_code;
    bool is_split;        // each set of families has a result of its own:
    spsi_code answers[4]; // AGAIN: none yet
    bool useful;          // what the last look-up was told at its end
    int lookups;          // open now
    int open;             // sockets open now
    size_t opened;
    struct {
        const scripted_address *target;
        uint64_t begin_us;
        spsi_address address;
    } sockets[MAX_HANDLES];
} scripted_network;

extern scripted_network network;

enum { LOCAL_PORT = 4711 }; // of every socket

sps_stream *connect_by_name(const scripted_address *addresses, size_t count);
#define CONNECT(addresses) connect_by_name(addresses, sizeof addresses / sizeof addresses[0])

// Moves the clock, then polls.
sps_error poll_after(sps_stream *stream, uint64_t ms);

sps_connect_attempt attempt(const sps_stream *stream, size_t index);
void expect_attempt(const sps_stream *stream, size_t index, const char *host,
                    sps_attempt_state state, uint64_t start_ms, uint64_t end_ms);
void expect_attempts(const sps_stream *stream, size_t count);

// Connecting has failed for this reason, and nothing of it is left open.
void expect_failed(const sps_stream *stream, sps_close_reason reason);

// Destroys the stream. Nothing of it is left open.
void end_stream(sps_stream *stream);

#endif
