// SPDX-License-Identifier: MIT
#ifndef _WIN32

#include "platform/posix/unix.h"

#include <errno.h>

static spsi_code code_of(int error) {
#if EAGAIN != EWOULDBLOCK
    if (error == EWOULDBLOCK) {
        return SPSI_AGAIN;
    }
#endif
    switch (error) {
    case EAGAIN:
        return SPSI_AGAIN;
    case ECONNREFUSED:
    case ENOENT: // connect(2) to a Unix path that is not there
        return SPSI_REFUSED;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
        return SPSI_RESET;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
        return SPSI_UNREACHABLE;
    case ETIMEDOUT:
        return SPSI_TIMED_OUT;
    case EADDRINUSE:
        return SPSI_ADDRESS_IN_USE;
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case EINVAL:
    case ENAMETOOLONG:
    case ENOTDIR:
        return SPSI_ADDRESS_INVALID;
    case EACCES:
    case EPERM:
    case EROFS:
        return SPSI_DENIED;
    case EMFILE:
    case ENFILE:
        return SPSI_NO_HANDLES;
    case ENOMEM:
    case ENOBUFS:
        return SPSI_NO_MEMORY;
    default:
        return SPSI_FAILED;
    }
}

spsi_result spsi_posix_failure(int error) {
    return (spsi_result){code_of(error), error};
}

#else
typedef int spsi_posix_errors_is_elsewhere; // ISO C wants a declaration in each file
#endif
