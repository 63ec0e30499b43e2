// SPDX-License-Identifier: MIT
//
// TLS between two peers of the extension, with certificates that the tests make.
#ifndef TEST_SECURE_H
#define TEST_SECURE_H

#include "support/identities.h"
#include "support/plain.h"

// SPSStreamPeerTLS.Status
enum { TLS_DISCONNECTED, TLS_HANDSHAKING, TLS_CONNECTED, TLS_ERROR, TLS_ERROR_HOSTNAME_MISMATCH };

// A test case with a Godot and the identities.
TCase *add_secure_case(Suite *suite, const char *name);

// Options of SPSTLSOptions. NULL: nothing is set.
host_object *trusting(const identity *authority);
host_object *being(const identity *own);
void set_identity(host_object *options, const identity *own);

// Both ends of a connection, and TLS over each of them.
typedef struct secure {
    ends ends;
    host_object *client, *server;
} secure;

// Begins both handshakes, and drops the options.
secure begin_secure(host_object *client_options, const char *name, host_object *server_options);

// Polls until no handshake is in progress.
void settle_secure(const secure *secure);

// Both, with the identity `game`. Fails unless both sides are connected.
secure open_secure(void);
void close_secure(secure *secure);

#endif
