// SPDX-License-Identifier: MIT
//
// The certificates that the operating system trusts. OpenSSL knows where its own package keeps
// them. An OpenSSL that came with the program does not, so the usual places are looked at too.
#include "openssl/openssl.h"

#include <stdlib.h>

#include "shared.h"

#ifndef _WIN32
#include <unistd.h>
#endif

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

// The environment replaces the usual places, as in every program with OpenSSL. *out_unread is the
// file if it cannot be read. Then only the folder, if there is one, can add certificates.
static bool add_requested(X509_STORE *store, bool *out_requested, const char **out_unread) {
    const char *file = environment(X509_get_default_cert_file_env());
    const char *folder = environment(X509_get_default_cert_dir_env());
    *out_requested = file != NULL || folder != NULL;
    bool is_added = false;
    if (file != NULL) {
        is_added = is_file(file) && X509_STORE_load_file(store, file) == 1;
        *out_unread = is_added ? NULL : file;
    }
    if (folder != NULL && X509_STORE_load_path(store, folder)) {
        is_added = true;
    }
    return is_added;
}

static bool add_all(X509_STORE *store, const char **out_unread) {
    bool is_requested;
    const bool is_added = add_requested(store, &is_requested, out_unread);
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

static X509_STORE *load(const char **out_unread) {
    X509_STORE *store = X509_STORE_new();
    if (store != NULL && !add_all(store, out_unread)) {
        X509_STORE_free(store);
        store = NULL;
    }
    return store;
}

// Shares a store that is complete. Another thread may have been faster: both have the same.
static void share(spsi_tls_shared *place, X509_STORE *store) {
    if (X509_STORE_up_ref(store) && !spsi_tls_shared_set(place, store)) {
        X509_STORE_free(store);
    }
}

sps_error spsi_tls_system_store(X509_STORE **out_store, char **out_unread) {
    static spsi_tls_shared complete;
    *out_unread = NULL;
    *out_store = spsi_tls_shared_get(&complete);
    if (*out_store != NULL) {
        return X509_STORE_up_ref(*out_store) ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
    }
    const char *unread = NULL;
    ERR_clear_error();
    X509_STORE *store = load(&unread);
    const sps_error error = store != NULL ? SPS_OK : spsi_tls_error_of_queue(SPS_ERR_UNAVAILABLE);
    ERR_clear_error();
    if (store != NULL && unread == NULL) {
        share(&complete, store);
    } else if (store != NULL) {
        *out_unread = OPENSSL_strdup(unread);
    }
    *out_store = store;
    return error;
}
