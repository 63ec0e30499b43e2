// SPDX-License-Identifier: MIT
#include "openssl/tickets.h"

#include <string.h>

static void forget(spsi_tls_ticket *ticket) {
    OPENSSL_free(ticket->name);
    SSL_SESSION_free(ticket->session);
    *ticket = (spsi_tls_ticket){0};
}

static int is_of(const spsi_tls_ticket *ticket, const char *name) {
    return ticket->name != NULL && strcmp(ticket->name, name) == 0;
}

int spsi_tls_tickets_keep(spsi_tls_tickets *tickets, const char *name, SSL_SESSION *session) {
    if (tickets->lock == NULL || !SSL_SESSION_is_resumable(session)) {
        return 0;
    }
    char *copy = OPENSSL_strdup(name);
    if (copy == NULL || !CRYPTO_THREAD_write_lock(tickets->lock)) {
        OPENSSL_free(copy);
        return 0;
    }
    spsi_tls_ticket *place = &tickets->kept[tickets->next % SPSI_TLS_TICKETS];
    tickets->next++;
    forget(place);
    *place = (spsi_tls_ticket){copy, session};
    CRYPTO_THREAD_unlock(tickets->lock);
    return 1;
}

SSL_SESSION *spsi_tls_tickets_take(spsi_tls_tickets *tickets, const char *name) {
    if (tickets->lock == NULL || !CRYPTO_THREAD_write_lock(tickets->lock)) {
        return NULL;
    }
    SSL_SESSION *found = NULL;
    for (unsigned i = 1; i <= SPSI_TLS_TICKETS && found == NULL; i++) {
        spsi_tls_ticket *ticket = &tickets->kept[(tickets->next - i) % SPSI_TLS_TICKETS];
        if (is_of(ticket, name) && SSL_SESSION_up_ref(ticket->session)) {
            found = ticket->session;
            if (SSL_SESSION_get_protocol_version(found) >= TLS1_3_VERSION) {
                forget(ticket);
            }
        }
    }
    CRYPTO_THREAD_unlock(tickets->lock);
    return found;
}

void spsi_tls_tickets_drop(spsi_tls_tickets *tickets, const char *name) {
    if (tickets->lock == NULL || !CRYPTO_THREAD_write_lock(tickets->lock)) {
        return;
    }
    for (unsigned i = 0; i < SPSI_TLS_TICKETS; i++) {
        if (is_of(&tickets->kept[i], name)) {
            forget(&tickets->kept[i]);
        }
    }
    CRYPTO_THREAD_unlock(tickets->lock);
}

void spsi_tls_tickets_clear(spsi_tls_tickets *tickets) {
    for (unsigned i = 0; i < SPSI_TLS_TICKETS; i++) {
        forget(&tickets->kept[i]);
    }
    CRYPTO_THREAD_lock_free(tickets->lock);
    tickets->lock = NULL;
}
