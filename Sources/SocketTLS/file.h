// SPDX-License-Identifier: MIT
//
// Whole files, for certificates and keys.
#ifndef SPSI_TLS_FILE_H
#define SPSI_TLS_FILE_H

#include "streampeersocket/error.h"

#include "text.h"

// Appends a file to a text. ERR_FILE_NOT_FOUND, ERR_FILE_CANT_OPEN, ERR_FILE_CANT_READ,
// ERR_OUT_OF_MEMORY.
sps_error spsi_tls_file_read(const char *path, spsi_tls_text *out);

// Replaces a file. is_secret: only the owner may read it, if it is new. ERR_FILE_CANT_OPEN,
// ERR_FILE_CANT_WRITE.
sps_error spsi_tls_file_write(const char *path, const spsi_tls_text *text, bool is_secret);

#endif
