// SPDX-License-Identifier: MIT
#include "tls.hpp"

#include <cstdlib>

static std::string file(const char *p_name) {
    const char *folder = getenv("BENCH_TLS");
    check(folder != nullptr, "BENCH_TLS names no folder");
    return std::string(folder) + "/" + p_name;
}

std::string certificate_file() {
    return file("certificate.pem");
}

std::string key_file() {
    return file("key.pem");
}

SSL_CTX *make_server_context() {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    check(context != nullptr &&
              SSL_CTX_use_certificate_chain_file(context, certificate_file().c_str()) == 1 &&
              SSL_CTX_use_PrivateKey_file(context, key_file().c_str(), SSL_FILETYPE_PEM) == 1,
          "SSL_CTX");
    return context;
}
