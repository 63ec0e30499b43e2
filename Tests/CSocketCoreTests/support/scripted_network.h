// SPDX-License-Identifier: MIT
//
// A platform for connecting by name. The test moves its clock. It decides which addresses connect,
// refuse or stay silent.
#ifndef TEST_SCRIPTED_NETWORK_H
#define TEST_SCRIPTED_NETWORK_H

#include "platform/platform.h"
#include "support/support.h"

enum { SILENT = -1, MAX_HANDLES = 64 };

// The fate of an attempt to connect to an address.
typedef struct scripted_address {
    const char *text;
    int64_t after_ms; // since the attempt began, or SILENT
    spsi_code code;   // DONE: connected; otherwise the failure
} scripted_address;

// The platform of a stream that connects by name.
typedef struct scripted_network {
    sps_platform platform;
    uint64_t now_us;
    const scripted_address *addresses;
    size_t count;
    bool resolved;
    spsi_code resolve_code;
    bool is_split;        // each set of families has a result of its own:
    spsi_code answers[4]; // AGAIN: none yet
    bool useful;          // passed to the last look-up at its end
    int lookups;          // open look-ups
    int open;             // open sockets
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

// Checks that the connect has failed for this reason, and left nothing open.
void expect_failed(const sps_stream *stream, sps_close_reason reason);

// Destroys the stream, and checks that nothing is left open.
void end_stream(sps_stream *stream);

#endif
