// SPDX-License-Identifier: MIT
//
// The rows of TLS, for the programs of the implementations. Each program is the server of the
// partner, which chooses TLS 1.3 and the cipher.
#ifndef TLS_HPP
#define TLS_HPP

#include "bench.hpp"

#ifdef WITH_TLS

#include <string>

#include <openssl/ssl.h>

/** NAME_tls.cpp of each program */
extern const TlsRows tls_rows;

/** The files of the certificate and its key that scripts/bench has made. */
std::string certificate_file();
std::string key_file();

/** The context of a server of a program that calls OpenSSL itself. */
SSL_CTX *make_server_context();

#else

constexpr TlsRows tls_rows = {};

#endif

#endif
