// SPDX-License-Identifier: MIT
//
// A filter for tests: an XOR cipher with a handshake and records. It reads ahead from its base, and
// holds what it has decoded. So bytes wait in it that neither its base nor its stream shows.
//
// Each side sends a hello with its key, and answers the other's hello with a finish. It is
// connected once the other's finish has come. A record has a length, a type and the encoded
// bytes. The end mark is a record too.
#ifndef CIPHERS_H
#define CIPHERS_H

#include "support/support.h"

enum { MOST_RECORD = 1000, HEADER_BYTES = 3, RECORD_BYTES = MOST_RECORD + HEADER_BYTES };

typedef struct cipher {
    sps_stream *stream, *base;
    uint64_t put_at, got_at; // positions in the key streams
    uint8_t own_key, other_key;
    bool has_hello, has_finish;    // of the other side
    bool ended, shut_down, failed; // by the other's end mark; by ours
    uint8_t raw[4 * RECORD_BYTES]; // from the base
    size_t raw_count;
    uint8_t plain[MOST_RECORD]; // the rest of a record
    size_t plain_from, plain_to;
    uint8_t out[2 * RECORD_BYTES]; // for the base
    size_t out_from, out_to;
    // A test sets these.
    int32_t handshake_ms; // 0: no limit
    size_t most_plain;    // of one get; 0: no limit
    sps_error next_poll;  // a code that the next poll returns
    sps_error next_get;   // and the next get
    bool fails_on;        // every further get, too
    sps_error next_put;   // and the next put
    // Counts of calls.
    int polls, gets, puts, closes, destroys;
    uint64_t deadline_us;
} cipher;

// Checks that each cipher was destroyed, and was closed as often as it was opened.
void expect_no_ciphers(void);

extern const sps_custom_operations cipher_operations;

// Makes a cipher that is not open. Its stream owns it. NULL, and the code, on failure.
cipher *try_cipher(const sps_stream_options *options, sps_error *out_error);
cipher *make_cipher(const sps_stream_options *options);
sps_error open_cipher(cipher *cipher, sps_stream *base);

// Makes a cipher, and opens it over a base.
cipher *make_cipher_over(sps_stream *base);

// Polls both until they are connected.
void shake_hands(sps_stream *one, sps_stream *other);

#endif
