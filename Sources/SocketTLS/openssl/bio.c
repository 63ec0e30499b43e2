// SPDX-License-Identifier: MIT
//
// A BIO straight onto the stream below. OpenSSL has buffers of its own for records, so bytes are
// copied once in each direction.
#include "openssl/openssl.h"

#include "shared.h"

static int read_bio(BIO *bio, char *buffer, int most) {
    spsi_tls_io *io = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (most <= 0) {
        return 0;
    }
    if (io->is_refused) {
        return -1; // a failure for good
    }
    const size_t count = spsi_tls_io_read(io, (uint8_t *)buffer, (size_t)most);
    if (count > 0) {
        return (int)count;
    }
    // An end looks like a wait to OpenSSL. The caller of the session knows better (io.read_end).
    BIO_set_retry_read(bio);
    return -1;
}

static int write_bio(BIO *bio, const char *data, int byte_count) {
    BIO_clear_retry_flags(bio);
    if (byte_count <= 0) {
        return 0;
    }
    const size_t count =
        spsi_tls_io_write(BIO_get_data(bio), (const uint8_t *)data, (size_t)byte_count);
    if (count > 0) {
        return (int)count;
    }
    BIO_set_retry_write(bio);
    return -1;
}

static long control_bio(BIO *bio, int command, long number, void *pointer) {
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static BIO_METHOD *make_method(void) {
    BIO_METHOD *made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sps_stream");
    if (made != NULL && BIO_meth_set_read(made, read_bio) && BIO_meth_set_write(made, write_bio) &&
        BIO_meth_set_ctrl(made, control_bio)) {
        return made;
    }
    BIO_meth_free(made);
    return NULL;
}

// The kind of all BIOs here, or NULL without memory.
static const BIO_METHOD *get_method(void) {
    static spsi_tls_shared method;
    if (spsi_tls_shared_get(&method) == NULL) {
        BIO_METHOD *made = make_method();
        if (made != NULL && !spsi_tls_shared_set(&method, made)) {
            BIO_meth_free(made);
        }
    }
    return spsi_tls_shared_get(&method);
}

BIO *spsi_tls_bio_create(spsi_tls_io *io) {
    const BIO_METHOD *method = get_method();
    if (method == NULL) {
        return NULL;
    }
    BIO *bio = BIO_new(method);
    if (bio != NULL) {
        BIO_set_data(bio, io);
        BIO_set_init(bio, 1);
    }
    return bio;
}
