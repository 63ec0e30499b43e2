/* SPDX-License-Identifier: MIT */
/**
 * @file certificates.hpp
 * Certificates and keys for TLS: sps::X509Certificate and sps::CryptoKey. They need the library
 * streampeersocket-tls, so streampeersocket.hpp does not include this header.
 */
#ifndef STREAMPEERSOCKET_CERTIFICATES_HPP
#define STREAMPEERSOCKET_CERTIFICATES_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <string>
#include <utility>

#include "certificates.h"
#include "owner.hpp"

namespace sps {

namespace detail {

struct DestroyTLS {
    void operator()(sps_x509_certificate *p_object) const {
        sps_x509_certificate_destroy(p_object);
    }
    void operator()(sps_crypto_key *p_object) const { sps_crypto_key_destroy(p_object); }
};

template <class Handle> using OwnerTLS = Owner<Handle, ErrorOfObject, DestroyTLS>;

} // namespace detail

/** A certificate, or several: a chain, or a list of trusted ones. Godot: X509Certificate. */
class X509Certificate : public detail::OwnerTLS<sps_x509_certificate> {
  public:
    /** sps_x509_certificate_create(). */
    X509Certificate() : Owner(sps_x509_certificate_create) {}

    /** Owns an object of the C functions. */
    explicit X509Certificate(sps_x509_certificate *p_owned) : Owner(p_owned) {}

    /** sps_x509_certificate_load(). */
    Error load(const std::string &p_path) {
        return remember(sps_x509_certificate_load(handle(), detail::c_text(p_path)));
    }

    /** sps_x509_certificate_load_from_string(). */
    Error load_from_string(const std::string &p_text) {
        return remember(
            sps_x509_certificate_load_from_string(handle(), p_text.data(), p_text.size()));
    }

    /** sps_x509_certificate_load_from_memory(). */
    Error load_from_memory(const void *p_data, size_t p_bytes) {
        return remember(sps_x509_certificate_load_from_memory(handle(), p_data, p_bytes));
    }

    /** sps_x509_certificate_save(). */
    Error save(const std::string &p_path) {
        return remember(sps_x509_certificate_save(handle(), detail::c_text(p_path)));
    }

    /** sps_x509_certificate_save_to_string(). Empty on failure. */
    std::string save_to_string() {
        const char *text = nullptr;
        size_t bytes = 0;
        const Error error = remember(sps_x509_certificate_save_to_string(handle(), &text, &bytes));
        return error == OK ? std::string(text, bytes) : std::string();
    }

    /** sps_x509_certificate_get_count(). */
    int get_count() const { return detail::to_int(ask(sps_x509_certificate_get_count)); }

    /** sps_x509_certificate_get_info(). Zeros on failure. */
    sps_x509_info get_info(int p_index = 0) {
        sps_x509_info info{};
        info.struct_size = sizeof info;
        const auto index = static_cast<size_t>(p_index); // a negative one exceeds every count
        return remember(sps_x509_certificate_get_info(handle(), index, &info)) == OK
                   ? info
                   : sps_x509_info{};
    }
};

/** A key: private with its public part, or public only. Godot: CryptoKey. */
class CryptoKey : public detail::OwnerTLS<sps_crypto_key> {
  public:
    /** sps_crypto_key_create(). */
    CryptoKey() : Owner(sps_crypto_key_create) {}

    /** Owns an object of the C functions. */
    explicit CryptoKey(sps_crypto_key *p_owned) : Owner(p_owned) {}

    /** sps_crypto_key_load(). */
    Error load(const std::string &p_path, bool p_public_only = false) {
        return remember(sps_crypto_key_load(handle(), detail::c_text(p_path), p_public_only));
    }

    /** sps_crypto_key_load_from_string(). */
    Error load_from_string(const std::string &p_text, bool p_public_only = false) {
        return remember(
            sps_crypto_key_load_from_string(handle(), p_text.data(), p_text.size(), p_public_only));
    }

    /** sps_crypto_key_load_from_memory(). */
    Error load_from_memory(const void *p_data, size_t p_bytes, bool p_public_only = false) {
        return remember(sps_crypto_key_load_from_memory(handle(), p_data, p_bytes, p_public_only));
    }

    /** sps_crypto_key_save(). */
    Error save(const std::string &p_path, bool p_public_only = false) {
        return remember(sps_crypto_key_save(handle(), detail::c_text(p_path), p_public_only));
    }

    /** sps_crypto_key_save_to_string(). Empty on failure. The caller's copy is not wiped. */
    std::string save_to_string(bool p_public_only = false) {
        const char *text = nullptr;
        size_t bytes = 0;
        const Error error =
            remember(sps_crypto_key_save_to_string(handle(), p_public_only, &text, &bytes));
        return error == OK ? std::string(text, bytes) : std::string();
    }

    /** sps_crypto_key_is_public_only(). */
    bool is_public_only() const { return ask(sps_crypto_key_is_public_only); }
};

} // namespace sps

#endif

#include "end.inc"

#endif
