// SPDX-License-Identifier: MIT
#include "file.h"

#include <errno.h>
#include <stdio.h>

#ifndef _WIN32
#include <fcntl.h>
#include <unistd.h>
#endif

// A list of all authorities has some 200 KiB.
static const size_t largest_file_bytes = (size_t)16 * 1024 * 1024;

static sps_error read_all(FILE *file, spsi_tls_text *out) {
    char piece[4096];
    sps_error error = SPS_OK;
    size_t count;
    while (error == SPS_OK && (count = fread(piece, 1, sizeof piece, file)) > 0) {
        if (out->size + count > largest_file_bytes) {
            error = SPS_ERR_FILE_CANT_READ;
        } else if (!spsi_tls_text_append(out, piece, count)) {
            error = SPS_ERR_OUT_OF_MEMORY;
        }
    }
    spsi_tls_wipe(piece, sizeof piece);
    return error == SPS_OK && ferror(file) ? SPS_ERR_FILE_CANT_READ : error;
}

sps_error spsi_tls_file_read(const char *path, spsi_tls_text *out) {
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return errno == ENOENT || errno == ENOTDIR ? SPS_ERR_FILE_NOT_FOUND
                                                   : SPS_ERR_FILE_CANT_OPEN;
    }
    setvbuf(file, NULL, _IONBF, 0); // no copy of a key stays in a buffer of libc
    const sps_error error = read_all(file, out);
    fclose(file);
    return error;
}

static FILE *create(const char *path, bool is_secret) {
#ifdef _WIN32
    (void)is_secret;
    return fopen(path, "wb");
#else
    const int mode = is_secret ? 0600 : 0666;
    const int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "wb") : NULL;
    if (file == NULL && descriptor >= 0) {
        close(descriptor);
    }
    return file;
#endif
}

sps_error spsi_tls_file_write(const char *path, const spsi_tls_text *text, bool is_secret) {
    FILE *file = create(path, is_secret);
    if (file == NULL) {
        return SPS_ERR_FILE_CANT_OPEN;
    }
    setvbuf(file, NULL, _IONBF, 0);
    const bool is_written = fwrite(text->data, 1, text->size, file) == text->size;
    const bool is_closed = fclose(file) == 0;
    return is_written && is_closed ? SPS_OK : SPS_ERR_FILE_CANT_WRITE;
}
