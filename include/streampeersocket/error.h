/* SPDX-License-Identifier: MIT */
/**
 * @file error.h
 * The codes that every call returns. They have the values of Godot's \@GlobalScope.Error, are the
 * same on every operating system, and never change. The library does not return a code that is
 * marked "not returned". Such codes exist so that a program can pass on any Godot code. The library
 * for gzip returns four of them (gzip.h).
 */
#ifndef STREAMPEERSOCKET_ERROR_H
#define STREAMPEERSOCKET_ERROR_H

#include <stdint.h>

#include "export.h"

SPS_BEGIN_DECLARATIONS

/** One of the SPS_OK, SPS_FAILED and SPS_ERR_… codes below. */
typedef int32_t sps_error;

enum {
    /** The call succeeded. */
    SPS_OK = 0,
    /** The call failed. Every get and put on a stream that is not connected returns it. */
    SPS_FAILED = 1,
    /**
     * The call needs something that is missing: another kind of stream, a feature of the OS, or a
     * platform of this version. From a packet peer: no packet is there yet.
     */
    SPS_ERR_UNAVAILABLE = 2,
    /** The object is not set up for this call, for example a server that does not listen. */
    SPS_ERR_UNCONFIGURED = 3,
    /** The OS refused permission. From a Variant reader: its options do not allow an object. */
    SPS_ERR_UNAUTHORIZED = 4,
    /**
     * A value is outside its possible range: a buffer too small, a put larger than the write
     * buffer.
     */
    SPS_ERR_PARAMETER_RANGE_ERROR = 5,
    /**
     * No memory is available, or a size exceeds a limit, such as max_bytes of a Variant writer. The
     * object is intact, and the caller can repeat the call.
     */
    SPS_ERR_OUT_OF_MEMORY = 6,
    /** There is no such file (certificates.h). */
    SPS_ERR_FILE_NOT_FOUND = 7,
    SPS_ERR_FILE_BAD_DRIVE = 8,       /**< not returned */
    SPS_ERR_FILE_BAD_PATH = 9,        /**< not returned */
    SPS_ERR_FILE_NO_PERMISSION = 10,  /**< not returned */
    SPS_ERR_FILE_ALREADY_IN_USE = 11, /**< not returned */
    /** The OS does not open or create the file (certificates.h). */
    SPS_ERR_FILE_CANT_OPEN = 12,
    /** The OS does not take all bytes of the file (certificates.h). */
    SPS_ERR_FILE_CANT_WRITE = 13,
    /** The OS does not read the file, or it is too large (certificates.h). */
    SPS_ERR_FILE_CANT_READ = 14,
    SPS_ERR_FILE_UNRECOGNIZED = 15,         /**< not returned */
    SPS_ERR_FILE_CORRUPT = 16,              /**< not returned */
    SPS_ERR_FILE_MISSING_DEPENDENCIES = 17, /**< not returned */
    /** The stream ended before the call was complete, or a reader has no further item. */
    SPS_ERR_FILE_EOF = 18,
    SPS_ERR_CANT_OPEN = 19, /**< not returned */
    /** The OS could not create the socket. */
    SPS_ERR_CANT_CREATE = 20,
    /** The look-up of a host name failed for now. The name may exist. */
    SPS_ERR_QUERY_FAILED = 21,
    /** The object or the address is already in use. */
    SPS_ERR_ALREADY_IN_USE = 22,
    SPS_ERR_LOCKED = 23, /**< not returned */
    /** The timeout of a waiting get or put, a look-up or a graceful close is over. */
    SPS_ERR_TIMEOUT = 24,
    SPS_ERR_CANT_CONNECT = 25, /**< not returned */
    /** The host name does not exist, or has no address. */
    SPS_ERR_CANT_RESOLVE = 26,
    /** The connect failed: refused, unreachable or timed out. */
    SPS_ERR_CONNECTION_ERROR = 27,
    /** The OS has no free descriptor, or a queue of look-ups is full. */
    SPS_ERR_CANT_ACQUIRE_RESOURCE = 28,
    SPS_ERR_CANT_FORK = 29, /**< not returned */
    /**
     * The bytes do not have the format that the call reads. Nothing was consumed, unless the call
     * says otherwise: a packet that is too long closes the stream (packet.h).
     */
    SPS_ERR_INVALID_DATA = 30,
    /**
     * An argument is wrong. Nothing changed, unless the call says otherwise: a memory stream also
     * returns it if too few bytes are left, and moves to its end (buffer.h).
     */
    SPS_ERR_INVALID_PARAMETER = 31,
    /** The item exists already, for example a second value in a finished Variant writer. */
    SPS_ERR_ALREADY_EXISTS = 32,
    /** There is no such item, for example a stream that is not in the poller. */
    SPS_ERR_DOES_NOT_EXIST = 33,
    SPS_ERR_DATABASE_CANT_READ = 34,  /**< not returned */
    SPS_ERR_DATABASE_CANT_WRITE = 35, /**< not returned */
    SPS_ERR_COMPILATION_FAILED = 36,  /**< not returned */
    SPS_ERR_METHOD_NOT_FOUND = 37,    /**< not returned */
    SPS_ERR_LINK_FAILED = 38,         /**< not returned */
    SPS_ERR_SCRIPT_FAILED = 39,       /**< not returned */
    SPS_ERR_CYCLIC_LINK = 40,         /**< not returned */
    SPS_ERR_INVALID_DECLARATION = 41, /**< not returned */
    SPS_ERR_DUPLICATE_SYMBOL = 42,    /**< not returned */
    SPS_ERR_PARSE_ERROR = 43,         /**< not returned */
    /** The call can do nothing now without waiting. Call again later. */
    SPS_ERR_BUSY = 44,
    SPS_ERR_SKIP = 45,           /**< not returned */
    SPS_ERR_HELP = 46,           /**< not returned */
    SPS_ERR_BUG = 47,            /**< not returned */
    SPS_ERR_PRINTER_ON_FIRE = 48 /**< not returned */
};

/**
 * Returns Godot's name of a code, such as "ERR_FILE_EOF", or "UNKNOWN" for another number. The text
 * is static: never freed, never NULL. Since 0.1.
 */
SPS_API const char *sps_error_name(sps_error error);

/**
 * Returns a short English text for a code, such as "end of stream", fit for a log line. The text is
 * static: never freed, never NULL. Since 0.1.
 */
SPS_API const char *sps_error_message(sps_error error);

SPS_END_DECLARATIONS

#endif
