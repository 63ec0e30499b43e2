// SPDX-License-Identifier: MIT
#include "socket/results.h"

sps_close_reason spsi_close_reason_of(spsi_result result) {
    switch (result.code) {
    case SPSI_REFUSED:
        return SPS_CLOSE_REFUSED;
    case SPSI_RESET:
        return SPS_CLOSE_RESET;
    case SPSI_UNREACHABLE:
        return SPS_CLOSE_UNREACHABLE;
    case SPSI_NO_ANSWER:
        return SPS_CLOSE_KEEPALIVE;
    case SPSI_TIMED_OUT:
        return SPS_CLOSE_NOT_ACKNOWLEDGED;
    case SPSI_NAME_UNKNOWN:
        return SPS_CLOSE_NAME_NOT_FOUND;
    case SPSI_NAME_UNANSWERED:
        return SPS_CLOSE_LOOKUP_FAILED;
    case SPSI_NO_HANDLES:
    case SPSI_NO_MEMORY:
        return SPS_CLOSE_NO_RESOURCES;
    default:
        return SPS_CLOSE_FAILED;
    }
}

sps_error spsi_error_of(spsi_result result) {
    switch (result.code) {
    case SPSI_DONE:
        return SPS_OK;
    case SPSI_ADDRESS_IN_USE:
        return SPS_ERR_ALREADY_IN_USE;
    case SPSI_ADDRESS_INVALID:
        return SPS_ERR_INVALID_PARAMETER;
    case SPSI_DENIED:
        return SPS_ERR_UNAUTHORIZED;
    case SPSI_NO_HANDLES:
        return SPS_ERR_CANT_ACQUIRE_RESOURCE;
    case SPSI_NO_MEMORY:
        return SPS_ERR_OUT_OF_MEMORY;
    case SPSI_UNSUPPORTED:
        return SPS_ERR_UNAVAILABLE;
    default:
        return SPS_ERR_CANT_CREATE;
    }
}

const char *sps_close_reason_name(sps_close_reason reason) {
    // Arrays in place of pointers, which would be relocations.
    static const char names[][24] = {
        "CLOSE_NONE",
        "CLOSE_LOCAL",
        "CLOSE_PEER_FINISHED",
        "CLOSE_RESET",
        "CLOSE_REFUSED",
        "CLOSE_UNREACHABLE",
        "CLOSE_CONNECT_TIMED_OUT",
        "CLOSE_NAME_NOT_FOUND",
        "CLOSE_NOT_ACKNOWLEDGED",
        "CLOSE_NO_RESOURCES",
        "CLOSE_FAILED",
        "CLOSE_KEEPALIVE",
        "CLOSE_IDLE",
        "CLOSE_PUT_TIMED_OUT",
        "CLOSE_GRACE_TIMED_OUT",
        "CLOSE_LIMIT",
        "CLOSE_LOOKUP_FAILED",
        "CLOSE_TRUNCATED",
        "CLOSE_PROTOCOL",
        "CLOSE_UNTRUSTED",
    };
    const size_t count = sizeof names / sizeof names[0];
    return reason >= 0 && (size_t)reason < count ? names[reason] : "UNKNOWN";
}
