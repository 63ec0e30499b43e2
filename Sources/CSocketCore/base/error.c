// SPDX-License-Identifier: MIT
#include "streampeersocket/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

// In the order of the codes: a name and a message each. One text, because each pointer of a table
// would be a relocation whenever the library is loaded.
static const char rows[] = "OK\0OK\0"
                           "FAILED\0failed\0"
                           "ERR_UNAVAILABLE\0unavailable\0"
                           "ERR_UNCONFIGURED\0unconfigured\0"
                           "ERR_UNAUTHORIZED\0unauthorized\0"
                           "ERR_PARAMETER_RANGE_ERROR\0parameter out of range\0"
                           "ERR_OUT_OF_MEMORY\0out of memory\0"
                           "ERR_FILE_NOT_FOUND\0file: not found\0"
                           "ERR_FILE_BAD_DRIVE\0file: bad drive\0"
                           "ERR_FILE_BAD_PATH\0file: bad path\0"
                           "ERR_FILE_NO_PERMISSION\0file: no permission\0"
                           "ERR_FILE_ALREADY_IN_USE\0file: already in use\0"
                           "ERR_FILE_CANT_OPEN\0file: cannot open\0"
                           "ERR_FILE_CANT_WRITE\0file: cannot write\0"
                           "ERR_FILE_CANT_READ\0file: cannot read\0"
                           "ERR_FILE_UNRECOGNIZED\0file: unrecognized\0"
                           "ERR_FILE_CORRUPT\0file: corrupt\0"
                           "ERR_FILE_MISSING_DEPENDENCIES\0file: missing dependencies\0"
                           "ERR_FILE_EOF\0end of stream\0"
                           "ERR_CANT_OPEN\0cannot open\0"
                           "ERR_CANT_CREATE\0cannot create\0"
                           "ERR_QUERY_FAILED\0query failed\0"
                           "ERR_ALREADY_IN_USE\0already in use\0"
                           "ERR_LOCKED\0locked\0"
                           "ERR_TIMEOUT\0timed out\0"
                           "ERR_CANT_CONNECT\0cannot connect\0"
                           "ERR_CANT_RESOLVE\0cannot resolve the host name\0"
                           "ERR_CONNECTION_ERROR\0connection error\0"
                           "ERR_CANT_ACQUIRE_RESOURCE\0cannot acquire resource\0"
                           "ERR_CANT_FORK\0cannot fork\0"
                           "ERR_INVALID_DATA\0invalid data\0"
                           "ERR_INVALID_PARAMETER\0invalid parameter\0"
                           "ERR_ALREADY_EXISTS\0already exists\0"
                           "ERR_DOES_NOT_EXIST\0does not exist\0"
                           "ERR_DATABASE_CANT_READ\0database: cannot read\0"
                           "ERR_DATABASE_CANT_WRITE\0database: cannot write\0"
                           "ERR_COMPILATION_FAILED\0compilation failed\0"
                           "ERR_METHOD_NOT_FOUND\0method not found\0"
                           "ERR_LINK_FAILED\0link failed\0"
                           "ERR_SCRIPT_FAILED\0script failed\0"
                           "ERR_CYCLIC_LINK\0cyclic link\0"
                           "ERR_INVALID_DECLARATION\0invalid declaration\0"
                           "ERR_DUPLICATE_SYMBOL\0duplicate symbol\0"
                           "ERR_PARSE_ERROR\0parse error\0"
                           "ERR_BUSY\0busy\0"
                           "ERR_SKIP\0skip\0"
                           "ERR_HELP\0help\0"
                           "ERR_BUG\0bug\0"
                           "ERR_PRINTER_ON_FIRE\0printer on fire\0";

// The text at an index: a code's name is at twice the code, and its message follows.
static const char *find(size_t index) {
    const char *text = rows;
    for (; index > 0; index--) {
        text += strlen(text) + 1;
    }
    return text;
}

static bool is_known(sps_error error) {
    return error >= 0 && error <= SPS_ERR_PRINTER_ON_FIRE;
}

const char *sps_error_name(sps_error error) {
    return is_known(error) ? find((size_t)error * 2) : "UNKNOWN";
}

const char *sps_error_message(sps_error error) {
    return is_known(error) ? find((size_t)error * 2 + 1) : "unknown error";
}
