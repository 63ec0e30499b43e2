// SPDX-License-Identifier: MIT
//
// Shared by the files of the fuzzer of TLS: the plan of an input, the peer, and the wire between.
#ifndef FUZZ_TLS_H
#define FUZZ_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <streampeersocket/tls.h>

enum {
    MOST_PLAIN_BYTES = 40000, // of one side of a connection
    RECORD_HEADER_BYTES = 5,
    MOST_RECORD_BYTES = RECORD_HEADER_BYTES + 17000,
};

// The settings of both sides.
typedef struct plan {
    bool is_server; // the library's side
    bool is_raw;    // no peer: the input's bytes go to the library
    bool is_1_2;
    bool has_client_certificate;
    bool has_protocol;
    bool has_wrong_name;
    bool resumes;   // a second connection follows, with the same options
    bool has_retry; // the handshake needs a HelloRetryRequest
} plan;

uint8_t pattern_at(size_t offset, bool is_of_library);
void fill_pattern(uint8_t *bytes, size_t size, size_t offset, bool is_of_library);

bool is_traced(void); // SPS_FUZZ_TRACE is set

// ---- The script: the part of the input that decides about the wire

typedef struct script {
    const uint8_t *bytes;
    size_t size, at;
} script;

uint8_t script_next(script *script); // 0 after its end

// ---- A direction of the wire: whole records, which the script changes (wire.c)

typedef struct lane {
    const char *name;
    script *script;
    void (*deliver)(void *context, const uint8_t *bytes, size_t size);
    void *context;
    bool is_1_2;       // known once its first ChangeCipherSpec comes
    bool rejects_more; // the receiver is connected: a record that it does not expect is an error
    // The plain bytes before the first change that a receiver must notice. SIZE_MAX: none.
    size_t intact_bytes;
    bool has_change; // of any kind, also one that a receiver may tolerate
    bool is_cut;
    bool has_cipher;  // a ChangeCipherSpec has passed
    unsigned passing; // records that pass before the script is asked again
    uint8_t record[MOST_RECORD_BYTES], held[MOST_RECORD_BYTES];
    size_t record_bytes, held_bytes;
} lane;

void lane_begin(lane *lane);

// Carries bytes of the sender. It had put `before` plain bytes before the call that made them, and
// `after` now.
void lane_carry(lane *lane, const uint8_t *bytes, size_t size, size_t before, size_t after);

// ---- The peer: OpenSSL itself (peer.c)

// OpenSSL's random numbers come from a generator of the fuzzer, one a side, so runs replay.
typedef enum side { LIBRARY, PEER, SIDES } side;
void restart_random(void);
void use_random(side side);

// The identity of both sides, made once.
extern sps_x509_certificate *own_certificate;
extern sps_crypto_key *own_key;
extern const int64_t valid_time_s;
void make_identity(void);

typedef struct peer {
    SSL *ssl;
    BIO *in, *out;
    lane *lane; // takes its bytes
    size_t sent, received;
    unsigned extras; // new keys or renegotiations that it began
    bool has_renegotiated, has_closed, has_ended, is_broken;
} peer;

SSL_CTX *peer_context(const plan *plan);
void peer_begin(peer *peer, SSL_CTX *context, const plan *plan, lane *lane);
void peer_end(peer *peer);
bool peer_is_connected(const peer *peer);
void peer_take(peer *peer, const uint8_t *bytes, size_t size); // from the wire
void peer_advance(peer *peer);                                 // the handshake
void peer_write(peer *peer, size_t size);
void peer_read(peer *peer, size_t most, size_t limit); // checks the bytes; the library put `limit`
void peer_add_extra(peer *peer, bool wants_answer);    // new keys (1.3), a renegotiation (1.2)
void peer_close(peer *peer);

#endif
