// SPDX-License-Identifier: MIT
//
// A peer that the tests drive by hand: OpenSSL itself, over one end of a pipe or of a connection.
// It can do what the library never does, such as renegotiate, change keys, or end without
// close_notify.
#ifndef TLS_TEST_HAND_H
#define TLS_TEST_HAND_H

#include "support/links.h"

typedef struct hand {
    memory_pipe *pipe; // NULL: over other streams
    sps_stream *base;  // the hand's end
    sps_stream *below; // the library's end
    sps_stream *tls;   // the library's stream over it
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out;
} hand;

// A hand that is a server with the identity `game`, or a client that trusts `authority`. It is not
// connected yet, so a test can change its context.
hand make_hand(bool is_server);
hand make_hand_over(bool is_server, sps_stream *below, sps_stream *base); // borrows both
void drop_hand(hand *hand);

// Connects, and checks that both sides are connected.
void connect_hand(hand *hand, sps_tls_options *options);

// Begins the handshakes. The test goes on with drive_hand().
void begin_hand(hand *hand, sps_tls_options *options);

// Polls the library's stream, and moves bytes between the hand and the pipe.
void drive_hand(hand *hand);
void pump_hand(hand *hand);                      // only the hand's bytes
void send_from_hand(hand *hand, size_t at_most); // bytes that the hand holds

// Writes a text at the hand's side, or reads what has come there.
void hand_write(hand *hand, const void *data, size_t size);
size_t hand_read(hand *hand, void *buffer, size_t size);

#define DRIVE_HAND_UNTIL(hand, condition)                                                          \
    for (int turns = 0; !(condition); drive_hand(hand)) {                                          \
        ck_assert_msg(turns++ < 100000, "never came: %s", #condition);                             \
    }

#endif
