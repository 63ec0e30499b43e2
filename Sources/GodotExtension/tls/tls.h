// SPDX-License-Identifier: MIT
//
// SPSTLSOptions and SPSStreamPeerTLS. They are a part of the extension if it is built with the
// library for TLS.
#ifndef SPS_GODOT_TLS_H
#define SPS_GODOT_TLS_H

#include <streampeersocket/tls.h>

#include "../peer/peer.h"

// The properties of options that are Variants: texts, and an array of texts.
enum {
    SPS_TRUSTED_CHAIN,
    SPS_COMMON_NAME_OVERRIDE,
    SPS_CERTIFICATE,
    SPS_KEY,
    SPS_REVOCATION_LISTS,
    SPS_KEY_LOG_PATH,
    SPS_PROTOCOLS,
    SPS_TLS_TEXTS
};

// The properties of options that are numbers.
enum {
    SPS_UNSAFE,
    SPS_CLIENT_CERTIFICATES,
    SPS_MIN_VERSION,
    SPS_MAX_VERSION,
    SPS_VERIFY_TIME_S,
    SPS_NO_RESUMPTION,
    SPS_OLD_CIPHERS,
    SPS_TLS_NUMBERS
};

struct spsi_godot_tls_options {
    struct spsi_godot_object head;
    godot_variant texts[SPS_TLS_TEXTS];
    int64_t numbers[SPS_TLS_NUMBERS];
    sps_tls_options *made[2]; // of a client and of a server, or NULL until they are needed
};

struct spsi_godot_tls_peer {
    struct spsi_godot_peer peer;
    godot_ref below; // the peer that carries it
};

extern struct spsi_godot_class spsi_godot_tls_options_class;
extern struct spsi_godot_class spsi_godot_tls_peer_class;

// Returns the library's options for a role. They are made once, and again after a change.
//
// `out_options`: they belong to `self`.
sps_error spsi_godot_tls_options_get(struct spsi_godot_tls_options *self, bool is_server,
                                     sps_tls_options **out_options);

// Makes the library's options for a role. The caller destroys them.
sps_error spsi_godot_tls_options_make(struct spsi_godot_tls_options *self, bool is_server,
                                      sps_tls_options **out_options);

// Methods of SPSStreamPeerTLS that report, and its constants.
#define SPS_TLS_REPORT_METHOD_COUNT 4
#define SPS_TLS_CONSTANT_COUNT 25
extern const struct spsi_godot_method spsi_godot_tls_report_methods[SPS_TLS_REPORT_METHOD_COUNT];
extern const struct spsi_godot_constant spsi_godot_tls_constants[SPS_TLS_CONSTANT_COUNT];

#endif
