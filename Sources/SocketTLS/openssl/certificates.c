// SPDX-License-Identifier: MIT
#include "openssl/openssl.h"

#include <limits.h>
#include <openssl/pem.h>
#include <string.h>
#include <time.h>

static spsi_tls_certificates *certificates_of(STACK_OF(X509) * stack) {
    return (spsi_tls_certificates *)stack;
}

// ---- Reading

static X509 *read_pem(BIO *bio) {
    return PEM_read_bio_X509(bio, NULL, NULL, "");
}

// Whether the reading of PEM stopped because nothing more is there.
static bool is_at_end(void) {
    const unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

static sps_error parse_pem(BIO *bio, STACK_OF(X509) * stack) {
    for (X509 *each; (each = read_pem(bio)) != NULL;) {
        if (!sk_X509_push(stack, each)) {
            X509_free(each);
            return SPS_ERR_OUT_OF_MEMORY;
        }
    }
    if (is_at_end() && sk_X509_num(stack) > 0) {
        return SPS_OK;
    }
    return spsi_tls_error_of_queue(SPS_ERR_INVALID_DATA);
}

static sps_error parse_der(const uint8_t *data, size_t byte_count, STACK_OF(X509) * stack) {
    const uint8_t *end = data + byte_count;
    while (data < end) {
        X509 *each = d2i_X509(NULL, &data, (long)(end - data));
        if (each == NULL) {
            return spsi_tls_error_of_queue(SPS_ERR_INVALID_DATA);
        }
        if (!sk_X509_push(stack, each)) {
            X509_free(each);
            return SPS_ERR_OUT_OF_MEMORY;
        }
    }
    return SPS_OK;
}

// DER begins with the tag of a sequence, and its length takes at least two bytes.
static bool is_der(const uint8_t *data, size_t byte_count) {
    return byte_count > 2 && data[0] == 0x30 && data[1] >= 0x80;
}

sps_error spsi_tls_openssl_certificates_parse(const uint8_t *data, size_t byte_count,
                                              spsi_tls_certificates **out) {
    *out = NULL;
    if (byte_count == 0 || byte_count > INT_MAX) {
        return SPS_ERR_INVALID_DATA;
    }
    ERR_clear_error();
    STACK_OF(X509) *stack = sk_X509_new_null();
    BIO *bio = BIO_new_mem_buf(data, (int)byte_count);
    sps_error error = SPS_ERR_OUT_OF_MEMORY;
    if (stack != NULL && bio != NULL) {
        error =
            is_der(data, byte_count) ? parse_der(data, byte_count, stack) : parse_pem(bio, stack);
    }
    BIO_free(bio);
    ERR_clear_error();
    if (error != SPS_OK) {
        sk_X509_pop_free(stack, X509_free);
        return error;
    }
    *out = certificates_of(stack);
    return SPS_OK;
}

// ---- Sharing

spsi_tls_certificates *
spsi_tls_openssl_certificates_share(const spsi_tls_certificates *certificates) {
    return certificates_of(X509_chain_up_ref(spsi_tls_stack(certificates)));
}

void spsi_tls_openssl_certificates_release(spsi_tls_certificates *certificates) {
    sk_X509_pop_free(spsi_tls_stack(certificates), X509_free);
}

size_t spsi_tls_openssl_certificates_count(const spsi_tls_certificates *certificates) {
    const int count = sk_X509_num(spsi_tls_stack(certificates));
    return count > 0 ? (size_t)count : 0;
}

// ---- Printing

static sps_error take_bio(BIO *bio, spsi_tls_text *out) {
    char *text;
    const long size = BIO_get_mem_data(bio, &text);
    return spsi_tls_text_append(out, text, (size_t)size) ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
}

sps_error spsi_tls_openssl_certificates_print(const spsi_tls_certificates *certificates,
                                              spsi_tls_text *out) {
    STACK_OF(X509) *stack = spsi_tls_stack(certificates);
    BIO *bio = BIO_new(BIO_s_mem());
    sps_error error = bio != NULL ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
    for (int i = 0; i < sk_X509_num(stack) && error == SPS_OK; i++) {
        if (!PEM_write_bio_X509(bio, sk_X509_value(stack, i))) {
            error = SPS_ERR_OUT_OF_MEMORY;
        }
    }
    if (error == SPS_OK) {
        error = take_bio(bio, out);
    }
    BIO_free(bio);
    ERR_clear_error();
    return error;
}

// Copies a text to the rest of a buffer. Returns the new length.
static size_t add(char *out, size_t size, size_t used, const char *text, size_t count) {
    for (size_t i = 0; i < count && used + 1 < size; i++) {
        const unsigned char byte = (unsigned char)text[i];
        out[used++] = (char)(byte < 0x20 || byte >= 0x7f ? '?' : byte);
    }
    out[used] = '\0';
    return used;
}

void spsi_tls_print_name(const X509_NAME *name, char *out, size_t size) {
    out[0] = '\0';
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio != NULL && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) {
        char *text;
        const long count = BIO_get_mem_data(bio, &text);
        add(out, size, 0, text, count > 0 ? (size_t)count : 0);
    }
    BIO_free(bio);
}

static size_t add_address(char *out, size_t size, size_t used, const ASN1_OCTET_STRING *address) {
    const unsigned char *b = ASN1_STRING_get0_data(address);
    char text[48] = "?";
    if (ASN1_STRING_length(address) == 4) {
        snprintf(text, sizeof text, "%d.%d.%d.%d", b[0], b[1], b[2], b[3]);
    } else if (ASN1_STRING_length(address) == 16) {
        size_t at = 0;
        for (int i = 0; i < 16; i += 2) {
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%x", i > 0 ? ":" : "",
                                   b[i] << 8 | b[i + 1]);
        }
    }
    return add(out, size, used, text, strlen(text));
}

void spsi_tls_names_of(const X509 *certificate, char *out, size_t size) {
    size_t used = 0;
    out[0] = '\0';
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS && name->type != GEN_IPADD) {
            continue;
        }
        if (used > 0) {
            used = add(out, size, used, ", ", 2);
        }
        if (name->type == GEN_IPADD) {
            used = add_address(out, size, used, name->d.iPAddress);
        } else {
            used = add(out, size, used, (const char *)ASN1_STRING_get0_data(name->d.dNSName),
                       (size_t)ASN1_STRING_length(name->d.dNSName));
        }
    }
    GENERAL_NAMES_free(names);
}

// ---- Describing

// Days from 1970-01-01, by the civil calendar.
static int64_t days_from_civil(int64_t year, int month, int day) {
    year -= month <= 2;
    const int64_t era = (year >= 0 ? year : year - 399) / 400;
    const int64_t of_era = year - era * 400;
    const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int64_t seconds_of(const ASN1_TIME *time) {
    struct tm tm;
    if (!ASN1_TIME_to_tm(time, &tm)) {
        return 0;
    }
    const int64_t days = days_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    return days * 86400 + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
}

static bool add_text(spsi_tls_text *out, const char *text, size_t *out_place) {
    *out_place = out->size;
    return spsi_tls_text_append(out, text, strlen(text) + 1);
}

static bool add_fingerprint(const X509 *certificate, spsi_tls_text *out, size_t *out_place) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    char text[2 * EVP_MAX_MD_SIZE + 1] = "";
    if (X509_digest(certificate, EVP_sha256(), digest, &size)) {
        for (unsigned i = 0; i < size; i++) {
            snprintf(text + (size_t)2 * i, 3, "%02x", digest[i]);
        }
    }
    return add_text(out, text, out_place);
}

sps_error spsi_tls_openssl_certificate_describe(const spsi_tls_certificates *certificates,
                                                size_t index, spsi_tls_text *out,
                                                spsi_tls_description *out_description) {
    if (index >= spsi_tls_openssl_certificates_count(certificates)) {
        return SPS_ERR_DOES_NOT_EXIST;
    }
    X509 *certificate = sk_X509_value(spsi_tls_stack(certificates), (int)index);
    char subject[1024], issuer[1024], names[4096];
    spsi_tls_print_name(X509_get_subject_name(certificate), subject, sizeof subject);
    spsi_tls_print_name(X509_get_issuer_name(certificate), issuer, sizeof issuer);
    spsi_tls_names_of(certificate, names, sizeof names);
    out_description->is_authority = X509_check_ca(certificate) > 0;
    out_description->valid_from_s = seconds_of(X509_get0_notBefore(certificate));
    out_description->valid_until_s = seconds_of(X509_get0_notAfter(certificate));
    const bool is_added = add_text(out, subject, &out_description->subject) &&
                          add_text(out, issuer, &out_description->issuer) &&
                          add_text(out, names, &out_description->names) &&
                          add_fingerprint(certificate, out, &out_description->fingerprint);
    ERR_clear_error();
    return is_added ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
}
