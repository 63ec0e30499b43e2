// SPDX-License-Identifier: MIT
#ifndef CORE_TLS_HPP
#define CORE_TLS_HPP

#include <streampeersocket/tls.h>

#include "core.hpp"
#include "tls.hpp"

/** The options of a server of the library. */
inline sps_tls_options *make_server_options() {
    sps_x509_certificate *certificate;
    sps_crypto_key *key;
    sps_tls_options *options;
    check(sps_x509_certificate_create(&certificate));
    check(sps_x509_certificate_load(certificate, certificate_file().c_str()));
    check(sps_crypto_key_create(&key));
    check(sps_crypto_key_load(key, key_file().c_str(), false));
    check(sps_tls_options_create_server(key, certificate, nullptr, &options));
    sps_x509_certificate_destroy(certificate);
    sps_crypto_key_destroy(key);
    return options;
}

#endif
