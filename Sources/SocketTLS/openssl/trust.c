// SPDX-License-Identifier: MIT
//
// The certificates that the operating system trusts. OpenSSL knows where its own package keeps
// them. An OpenSSL that came with the program does not, so the usual places are looked at too.
#include "openssl/openssl.h"

#include <stdlib.h>

#ifndef _WIN32
#include <unistd.h>
#endif

static X509_STORE *system_store;

static bool is_file(const char *path) {
    FILE *file = path != NULL ? fopen(path, "rbe") : NULL;
    const bool is_there = file != NULL && fgetc(file) != EOF;
    if (file != NULL) {
        fclose(file);
    }
    return is_there;
}

// Linux: Debian, Fedora, SUSE, Alpine; the BSDs and macOS.
static const char *const files[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
    "/etc/openssl/certs/ca-certificates.crt",
};

static bool add_usual_file(X509_STORE *store) {
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (is_file(files[i]) && X509_STORE_load_file(store, files[i])) {
            return true;
        }
    }
    return false;
}

// A program with more rights than its caller does not listen to the caller's environment.
static const char *environment(const char *name) {
#ifdef __linux__
    return secure_getenv(name);
#elif defined(_WIN32)
    return getenv(name);
#else
    return issetugid() ? NULL : getenv(name);
#endif
}

// The environment replaces the places, as in every program with OpenSSL.
static bool add_requested(X509_STORE *store, bool *out_requested) {
    const char *file = environment(X509_get_default_cert_file_env());
    const char *folder = environment(X509_get_default_cert_dir_env());
    *out_requested = file != NULL || folder != NULL;
    bool is_added = false;
    if (file != NULL && is_file(file)) {
        is_added = X509_STORE_load_file(store, file) == 1;
    }
    if (folder != NULL && X509_STORE_load_path(store, folder)) {
        is_added = true;
    }
    return is_added;
}

static bool add_all(X509_STORE *store) {
    bool is_requested;
    const bool is_added = add_requested(store, &is_requested);
    if (is_requested) {
        return is_added;
    }
#ifdef _WIN32
    return X509_STORE_load_store(store, "org.openssl.winstore://") == 1; // since OpenSSL 3.2
#else
    const bool is_default = is_file(X509_get_default_cert_file()) &&
                            X509_STORE_load_file(store, X509_get_default_cert_file()) == 1;
    return is_default || add_usual_file(store);
#endif
}

static void load(void) {
    X509_STORE *store = X509_STORE_new();
    if (store != NULL && add_all(store)) {
        system_store = store;
    } else {
        X509_STORE_free(store);
    }
    ERR_clear_error();
}

X509_STORE *spsi_tls_system_store(void) {
    static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
    if (!CRYPTO_THREAD_run_once(&once, load) || system_store == NULL) {
        return NULL;
    }
    return X509_STORE_up_ref(system_store) ? system_store : NULL;
}
