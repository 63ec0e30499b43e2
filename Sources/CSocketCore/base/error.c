// SPDX-License-Identifier: MIT
#include "streampeersocket/error.h"

#include <stddef.h>

typedef struct error_row {
    sps_error code;
    const char *name;
    const char *message;
} error_row;

#define ROW(name, message)                                                                         \
    { SPS_##name, #name, message }

// In the order of the codes, so that a code is its own index.
static const error_row rows[] = {
    ROW(OK, "OK"),
    ROW(FAILED, "failed"),
    ROW(ERR_UNAVAILABLE, "unavailable"),
    ROW(ERR_UNCONFIGURED, "unconfigured"),
    ROW(ERR_UNAUTHORIZED, "unauthorized"),
    ROW(ERR_PARAMETER_RANGE_ERROR, "parameter out of range"),
    ROW(ERR_OUT_OF_MEMORY, "out of memory"),
    ROW(ERR_FILE_NOT_FOUND, "file: not found"),
    ROW(ERR_FILE_BAD_DRIVE, "file: bad drive"),
    ROW(ERR_FILE_BAD_PATH, "file: bad path"),
    ROW(ERR_FILE_NO_PERMISSION, "file: no permission"),
    ROW(ERR_FILE_ALREADY_IN_USE, "file: already in use"),
    ROW(ERR_FILE_CANT_OPEN, "file: cannot open"),
    ROW(ERR_FILE_CANT_WRITE, "file: cannot write"),
    ROW(ERR_FILE_CANT_READ, "file: cannot read"),
    ROW(ERR_FILE_UNRECOGNIZED, "file: unrecognized"),
    ROW(ERR_FILE_CORRUPT, "file: corrupt"),
    ROW(ERR_FILE_MISSING_DEPENDENCIES, "file: missing dependencies"),
    ROW(ERR_FILE_EOF, "end of stream"),
    ROW(ERR_CANT_OPEN, "cannot open"),
    ROW(ERR_CANT_CREATE, "cannot create"),
    ROW(ERR_QUERY_FAILED, "query failed"),
    ROW(ERR_ALREADY_IN_USE, "already in use"),
    ROW(ERR_LOCKED, "locked"),
    ROW(ERR_TIMEOUT, "timed out"),
    ROW(ERR_CANT_CONNECT, "cannot connect"),
    ROW(ERR_CANT_RESOLVE, "cannot resolve the host name"),
    ROW(ERR_CONNECTION_ERROR, "connection error"),
    ROW(ERR_CANT_ACQUIRE_RESOURCE, "cannot acquire resource"),
    ROW(ERR_CANT_FORK, "cannot fork"),
    ROW(ERR_INVALID_DATA, "invalid data"),
    ROW(ERR_INVALID_PARAMETER, "invalid parameter"),
    ROW(ERR_ALREADY_EXISTS, "already exists"),
    ROW(ERR_DOES_NOT_EXIST, "does not exist"),
    ROW(ERR_DATABASE_CANT_READ, "database: cannot read"),
    ROW(ERR_DATABASE_CANT_WRITE, "database: cannot write"),
    ROW(ERR_COMPILATION_FAILED, "compilation failed"),
    ROW(ERR_METHOD_NOT_FOUND, "method not found"),
    ROW(ERR_LINK_FAILED, "link failed"),
    ROW(ERR_SCRIPT_FAILED, "script failed"),
    ROW(ERR_CYCLIC_LINK, "cyclic link"),
    ROW(ERR_INVALID_DECLARATION, "invalid declaration"),
    ROW(ERR_DUPLICATE_SYMBOL, "duplicate symbol"),
    ROW(ERR_PARSE_ERROR, "parse error"),
    ROW(ERR_BUSY, "busy"),
    ROW(ERR_SKIP, "skip"),
    ROW(ERR_HELP, "help"),
    ROW(ERR_BUG, "bug"),
    ROW(ERR_PRINTER_ON_FIRE, "printer on fire"),
};

static const error_row unknown = {-1, "UNKNOWN", "unknown error"};

static const error_row *find(sps_error error) {
    const size_t count = sizeof rows / sizeof rows[0];
    if (error < 0 || (size_t)error >= count) {
        return &unknown;
    }
    return &rows[error];
}

const char *sps_error_name(sps_error error) {
    return find(error)->name;
}

const char *sps_error_message(sps_error error) {
    return find(error)->message;
}
