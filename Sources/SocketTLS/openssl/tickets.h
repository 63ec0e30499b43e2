// SPDX-License-Identifier: MIT
//
// The sessions that a client's options can resume, by the name of the server.
#ifndef SPSI_TLS_TICKETS_H
#define SPSI_TLS_TICKETS_H

#include <openssl/ssl.h>

enum { SPSI_TLS_TICKETS = 64 };

typedef struct spsi_tls_ticket {
    char *name;
    SSL_SESSION *session;
} spsi_tls_ticket;

// A ring: a new one replaces the oldest.
typedef struct spsi_tls_tickets {
    CRYPTO_RWLOCK *lock; // NULL: nothing is kept
    unsigned next;
    spsi_tls_ticket kept[SPSI_TLS_TICKETS];
} spsi_tls_tickets;

// Keeps a session; takes the caller's reference. 0 if it does not: the caller keeps it then.
int spsi_tls_tickets_keep(spsi_tls_tickets *tickets, const char *name, SSL_SESSION *session);

// The latest session with a name, or NULL. The caller releases it. A ticket of TLS 1.3 is given out
// once (RFC 8446, C.4).
SSL_SESSION *spsi_tls_tickets_take(spsi_tls_tickets *tickets, const char *name);

// Drops every session with a name.
void spsi_tls_tickets_drop(spsi_tls_tickets *tickets, const char *name);

// Drops all, and frees the lock.
void spsi_tls_tickets_clear(spsi_tls_tickets *tickets);

#endif
