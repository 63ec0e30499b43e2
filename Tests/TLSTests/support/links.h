// SPDX-License-Identifier: MIT
//
// A TLS client and a TLS server, over streams that a test chooses.
#ifndef TLS_TEST_LINKS_H
#define TLS_TEST_LINKS_H

#include "support/identities.h"
#include "support/pipe.h"

// A loop test from 0 to BASES runs over each.
typedef enum base_kind {
    OVER_TCP,
    OVER_UDS,
    OVER_PIPE,
    OVER_BYTES, // a pipe that moves one byte a call
    BASES,
} base_kind;

typedef struct tls_link {
    base_kind kind;
    sps_stream *client, *server; // TLS
    sps_stream *client_base, *server_base;
    pair sockets;      // over sockets
    memory_pipe *pipe; // over a pipe
} tls_link;

// Streams that are not connected with TLS yet.
tls_link make_link(base_kind kind);
void drop_link(tls_link *link);

// Begins both handshakes.
void begin_link(tls_link *link, sps_tls_options *client, const char *name, sps_tls_options *server);

// Polls both sides until neither is HANDSHAKING.
void finish_handshakes(tls_link *link);

// Polls both sides once, and lets the bytes between them move.
void drive(tls_link *link);

// A link that is connected, with `authority` and `game`, and settings or NULL.
tls_link connect_link(base_kind kind, const sps_tls_settings *client,
                      const sps_tls_settings *server);

// The options of the usual client and server.
sps_tls_options *client_options(const sps_tls_settings *settings);
sps_tls_options *server_options(const sps_tls_settings *settings);

sps_tls_status tls_status(const sps_stream *tls);
sps_tls_info tls_info(const sps_stream *tls);

// Checks the failure of a stream, and that its message has each of the words (NULL: no more).
void expect_failure(const sps_stream *tls, sps_tls_failure failure, const char *first,
                    const char *second);

// Connects with these options, and expects the client to fail.
void expect_client_failure(sps_tls_options *client, const char *name, sps_tls_options *server,
                           sps_tls_failure failure, const char *first, const char *second);

// Puts a text at one side, and expects it at the other.
void expect_delivery(tls_link *link, sps_stream *from, sps_stream *to, const char *text);

// Repeats `drive` until the condition holds.
#define DRIVE_UNTIL(link, condition)                                                               \
    for (uint64_t deadline = now_ms() + 20000; !(condition); drive(link)) {                        \
        ck_assert_msg(now_ms() < deadline, "never came: %s", #condition);                          \
    }

#endif
